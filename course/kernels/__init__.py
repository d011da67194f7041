"""The formulas of the course and the loops that run them: arrays in, arrays out.

Each file holds one family and reads from top to bottom: the scalar formula as in a textbook, the loop that applies it
on the CPU, its twin for CUDA, and the `Kernel` that binds them. Nothing here knows what a `Tensor` is.
"""

import gc

import numba

gc.freeze()  # numba's many objects stay; if Python looked through them, what follows would take half as long again
