"""Activation functions, fused with the bias that they follow: one pass over the layer's output instead of three."""

from .kernel import Kernel, cuda

# --- formulas ---------------------------------------------------------------------------------------------------


def relu(x):
    """max(0, x); NaN stays NaN."""
    zero = type(x)(0)
    return zero if x < zero else x


def relu_gradient(g, y):
    """∂J/∂x = ∂J/∂y where y = max(0, x) is positive, else 0."""
    zero = type(g)(0)
    return zero if y <= zero else g


# --- on the CPU -------------------------------------------------------------------------------------------------


def bias_cpu(z, b):
    """z ← formula(z + b), in place. Shapes: z (rows, columns), b (columns,)."""
    rows, columns = z.shape
    for i in range(rows):
        for j in range(columns):
            z[i, j] = formula(z[i, j] + b[j])


def bias_gradient_cpu(g, y, dz, db):
    """∂J/∂z = formula(g, y) and ∂J/∂b, its sum over the rows."""
    rows, columns = y.shape
    db[:] = 0
    for i in range(rows):
        for j in range(columns):
            d = formula(g[i, j], y[i, j])
            dz[i, j] = d
            db[j] += d


# --- on CUDA ----------------------------------------------------------------------------------------------------


def bias_cuda(z, b):
    """One thread owns one element of z."""
    k = cuda.grid(1)
    if k < z.size:
        i, j = k // z.shape[1], k % z.shape[1]
        z[i, j] = formula(z[i, j] + b[j])


def bias_gradient_cuda(g, y, dz, db):
    """One thread owns one column: it alone writes that column of dz and its entry of db."""
    j = cuda.grid(1)
    if j < y.shape[1]:
        total = type(db[j])(0)
        for i in range(y.shape[0]):
            d = formula(g[i, j], y[i, j])
            dz[i, j] = d
            total += d
        db[j] = total


# --- kernels ----------------------------------------------------------------------------------------------------

formula = None  # each kernel puts its own formula here

bias_relu = Kernel(bias_cpu, bias_cuda, formula=relu)
bias_relu_gradient = Kernel(bias_gradient_cpu, bias_gradient_cuda, formula=relu_gradient)
