"""Matrix products and the linear layer."""

import math

import numpy as np

from ..autograd import Taped, check_tensors, operation
from ..device import run
from ..kernels import activations
from ..matrix_product import product
from . import linear_algebra
from .elementwise import where


@operation(
    input=lambda g, input, other: _left_gradient(g, input, other),
    other=lambda g, input, other: _right_gradient(g, input, other),
)
def _matmul(input, other):
    if len(other.shape) == 2 < len(input.shape):  # one product, not one a batch
        return product(_rows(input), other).reshape(*input.shape[:-1], other.shape[-1])
    return product(input, other)


def _left_gradient(g, a, b):
    """∂J/∂a of c = a b: g bᵀ (vectors stand for a row a and a column b)."""
    if len(b.shape) == 1:
        return g.reshape((*g.shape, 1)) * b
    if len(a.shape) == 1:
        return product(g.reshape((*g.shape[:-1], 1, g.shape[-1])), b.mT).reshape((*b.shape[:-2], a.shape[0]))
    if len(b.shape) == 2 < len(a.shape):
        return product(_rows(g), b.mT).reshape(a.shape)
    return product(g, b.mT)


def _right_gradient(g, a, b):
    """∂J/∂b of c = a b: aᵀ g."""
    if len(a.shape) == 1:
        if len(b.shape) == 1:
            return g * a
        return a.reshape((a.shape[0], 1)) * g.reshape((*g.shape[:-1], 1, g.shape[-1]))
    if len(b.shape) == 1:
        return product(a.mT, g.reshape((*g.shape, 1))).reshape((*a.shape[:-2], b.shape[0]))
    if len(b.shape) == 2 < len(a.shape):
        return product(_rows(a).mT, _rows(g))
    return product(a.mT, g)


def matmul(input, other):
    """The matrix product; leading dimensions are batches and broadcast, vectors are rows or columns as needed.

    Shapes: (…, n, k) · (…, k, m) → (…, n, m). Raises RuntimeError where the inner sizes differ.
    """
    check_tensors("matmul", input=input, other=other)
    a, b = input._array.shape, other._array.shape
    if len(a) == 0 or len(b) == 0:
        raise RuntimeError(f"both arguments to matmul need to be at least 1D, but they are {len(a)}D and {len(b)}D")
    if a[-1] != (b[-2] if len(b) > 1 else b[0]):
        raise RuntimeError(_misfit(a, b))
    if input._array.dtype != other._array.dtype:
        raise RuntimeError(
            f"expected m1 and m2 to have the same dtype, but got: {input.dtype} != {other.dtype}; "
            "convert one of them with .to(dtype)"
        )
    return _matmul(input, other)


def mm(input, mat2):
    """The product of two matrices: (n, k) · (k, m) → (n, m)."""
    return _product("mm", input, mat2, 2, 2)


def bmm(input, mat2):
    """The products of two batches of as many matrices: (b, n, k) · (b, k, m) → (b, n, m)."""
    check_tensors("bmm", input=input, mat2=mat2)
    if input.ndim == mat2.ndim == 3 and input.shape[0] != mat2.shape[0]:
        raise RuntimeError(f"bmm(): batches of {input.shape[0]} and {mat2.shape[0]} matrices; matmul() can repeat one")
    return _product("bmm", input, mat2, 3, 3)


def mv(input, vec):
    """A matrix times a vector: (n, k) · (k,) → (n,)."""
    return _product("mv", input, vec, 2, 1)


def dot(input, other):
    """Σ input · other of two vectors."""
    return _product("dot", input, other, 1, 1)


def _product(name, input, other, *dims):
    check_tensors(name, input=input, other=other)
    if (input.ndim, other.ndim) != dims:
        raise RuntimeError(
            f"{name}(): {dims[0]}D and {dims[1]}D tensors expected, but got {input.ndim}D and {other.ndim}D tensors; "
            "matmul() takes other dimensions"
        )
    return matmul(input, other)


def outer(input, vec2):
    """Every element of one vector times every element of the other: (n,), (m,) → (n, m)."""
    check_tensors("outer", input=input, vec2=vec2)
    if input.ndim != 1 or vec2.ndim != 1:
        raise RuntimeError(f"outer(): 1D tensors expected, but got {input.ndim}D and {vec2.ndim}D tensors")
    return input.unsqueeze(1) * vec2


def cross(input, other, dim=None):
    """`linalg.cross` along `dim`, by default the first dimension of size 3."""
    check_tensors("cross", input=input, other=other)
    if dim is None:
        dim = next((d for d, n in enumerate(input.shape) if n == 3), None)
        if dim is None:
            raise RuntimeError(f"cross(): no dimension of size 3 in input, whose shape is {list(input.shape)}")
    return linear_algebra.cross(input, other, dim=dim)


def addmm(input, mat1, mat2, *, beta=1, alpha=1):
    """β · input + α · mat1 mat2."""
    return _plus(input, mm(mat1, mat2), beta, alpha)


def baddbmm(input, batch1, batch2, *, beta=1, alpha=1):
    """β · input + α · batch1 batch2, of batches of matrices."""
    return _plus(input, bmm(batch1, batch2), beta, alpha)


def addmv(input, mat, vec, *, beta=1, alpha=1):
    """β · input + α · mat vec."""
    return _plus(input, mv(mat, vec), beta, alpha)


def addr(input, vec1, vec2, *, beta=1, alpha=1):
    """β · input + α · vec1 vec2ᵀ."""
    return _plus(input, outer(vec1, vec2), beta, alpha)


def _plus(input, product, beta, alpha):
    return (input if beta == 1 else beta * input) + (product if alpha == 1 else alpha * product)


def _misfit(a, b):
    return (
        f"mat1 and mat2 shapes cannot be multiplied ({'x'.join(map(str, a))} and {'x'.join(map(str, b))}): the last "
        f"size of the first, {a[-1]}, must equal the {'first' if len(b) == 1 else 'second to last'} size of the second"
    )


def _rows(x):
    """All leading dimensions joined: (…, n) → (rows, n)."""
    return x if len(x.shape) == 2 else x.reshape((math.prod(x.shape[:-1]), x.shape[-1]))


@operation(
    input=lambda g, weight: product(g, weight),
    weight=lambda g, input: product(_rows(g).mT, _rows(input)),
    bias=lambda g: _rows(g).sum(0),
)
def _linear(input, weight, bias=None):
    out = product(_rows(input), weight.T)  # one product, not one a batch
    if bias is not None:
        out += bias
    return out if len(input.shape) == 2 else out.reshape(*input.shape[:-1], weight.shape[0])


def linear(input, weight, bias=None):
    """The linear layer y = x Wᵀ + b.

    Shapes: input (…, in), weight (out, in), bias (out,) or None, result (…, out). Raises RuntimeError where the input
    does not have `in` numbers a row, or another dtype than the weight.
    """
    check_linear(input, weight, bias)
    return _linear(input, weight, bias)


def linear_relu(input, weight, bias):
    """max(0, x Wᵀ + b): the linear layer and the activation behind it, with bias and ReLU in one pass."""
    check_linear(input, weight, bias)
    return _add_bias_and_relu(_linear(input, weight), bias)


@operation(z_and_bias=lambda g, out: _bias_relu_gradient(g, out))
def _add_bias_and_relu(z, bias):
    """relu(z + b), written over z: for a z that nobody else holds."""
    run(activations.bias_relu, z.size, _rows(z), bias)
    return z


def _bias_relu_gradient(g, out):
    if isinstance(g, Taped):
        masked = where(out <= 0, 0.0, g)
        return masked, masked  # the tape sums the second one over the rows
    g, dz = np.ascontiguousarray(g, like=g), np.empty_like(out)
    db = np.empty_like(out, shape=out.shape[-1:])
    run(activations.bias_relu_gradient, db.size, _rows(g), _rows(out), _rows(dz), db)
    return dz, db


def bilinear(input1, input2, weight, bias=None):
    """y_k = x₁ᵀ W_k x₂ + b_k: a linear layer of every product of a number of x₁ and a number of x₂.

    Shapes: input1 (…, in1), input2 (…, in2), weight (out, in1, in2), bias (out,) or None, result (…, out).
    Raises RuntimeError for shapes that do not fit.
    """
    check_tensors("bilinear", input1=input1, input2=input2, weight=weight)
    if weight.ndim != 3 or (input1.shape[-1:], input2.shape[-1:]) != (weight.shape[1:2], weight.shape[2:]):
        raise RuntimeError(f"bilinear(): a weight (out, in1, in2) takes rows of in1 and of in2 numbers, given weight "
                           f"{list(weight.shape)}, input1 {list(input1.shape)} and input2 {list(input2.shape)}")
    if input1.shape[:-1] != input2.shape[:-1] or (bias is not None and bias.shape != weight.shape[:1]):
        raise RuntimeError(f"bilinear(): inputs must agree but for their last sizes, and a bias is (out,); given "
                           f"{list(input1.shape)}, {list(input2.shape)} and "
                           f"{None if bias is None else list(bias.shape)}")
    out, in1, in2 = weight.shape
    forms = _rows(input1) @ weight.permute(1, 0, 2).reshape(in1, out * in2)  # x₁ᵀ W_k for every k
    y = (forms.reshape(-1, out, in2) @ _rows(input2).reshape(-1, in2, 1)).reshape(*input1.shape[:-1], out)
    return y if bias is None else y + bias


def check_linear(input, weight, bias):
    """Raises RuntimeError where x Wᵀ + b does not work out, TypeError for what is no tensor."""
    check_tensors("linear", input=input, weight=weight)
    if not (bias is None or isinstance(bias, Taped)):
        check_tensors("linear", bias=bias)
    x, w = input._array, weight._array
    if w.ndim != 2 or (bias is not None and bias._array.shape != w.shape[:1]):
        raise RuntimeError(
            f"linear(): a weight has shape (out, in) and its bias (out,), given {tuple(w.shape)} and "
            f"{None if bias is None else tuple(bias.shape)}"
        )
    if x.ndim == 0 or x.shape[-1] != w.shape[1]:
        raise RuntimeError(
            f"mat1 and mat2 shapes cannot be multiplied ({'x'.join(map(str, x.shape))} and {w.shape[1]}x{w.shape[0]}): "
            f"the layer takes {w.shape[1]} number{'s' * (w.shape[1] != 1)} a row and this input of shape "
            f"{tuple(x.shape)} has {x.shape[-1] if x.ndim else 'none'}. Reshape the input to (samples, {w.shape[1]})"
        )
    if x.dtype != w.dtype or (bias is not None and bias._array.dtype != w.dtype):
        others = f"{weight.dtype}" if bias is None else f"{weight.dtype} (weight) and {bias.dtype} (bias)"
        raise RuntimeError(
            f"mat1 and mat2 must have the same dtype, but got {input.dtype} and {others}; "
            f"convert the input with .to({weight.dtype!r}) or the layer with .to({input.dtype!r})"
        )
