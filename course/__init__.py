"""A small PyTorch whose kernels are numba: `import course as torch` runs course-size programs."""

__version__ = "0.1.0"
