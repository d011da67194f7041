"""Derivatives against finite differences, and broadcasting undone, for every operation."""

import importlib
import pkgutil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import course
from course.autograd import Operation

from ..goldens.differentiated import inputs_of
from ..goldens.families import operations

OPERATIONS = operations()

EXCEPT = {  # name -> why finite differences say nothing about it
    "clone": "part of it is detached",
    "to_and_back": "float32 is too coarse for small differences",
    **{f"GaussianNLLLoss_eps_0.8_{how}_3x2": "the gradient passes a clamped variance, as in PyTorch"
       for how in ("mean", "sum", "none")},
}
EXCEPT |= dict.fromkeys(("batch_norm", "batch_norm_length", "batch_norm_images", "instance_norm",
                         "instance_norm_images"), "running statistics change unseen")
EXCEPT |= {"embedding_padding": "the row of the padding gets no gradient on purpose"}
EXCEPT |= {
    "embedding_by_frequency": "each row's gradient is divided by how often it was looked up",
    "embedding_all": "as the one above",
    "cosine_similarity_short": "below eps the gradient is that of the length itself, as in PyTorch",
}
CHECKED = [name for name in OPERATIONS if name not in EXCEPT]


def inputs(name):
    """The inputs of a golden case, moved a little: away from ties and kinks, where there is no derivative."""
    random = np.random.RandomState(0)
    return [course.tensor(x + 0.01 * random.uniform(0.5, 1.5, x.shape), requires_grad=True)
            for x in inputs_of(name, OPERATIONS[name][1:], "float64")]


def function(name):
    """The case as a function of its inputs alone, its outputs weighted and added up."""

    def value(*x):
        out = OPERATIONS[name][0](course, *x)
        return weighted(o for o in (out if isinstance(out, tuple) else (out,)) if o.is_floating_point())

    return value


def weighted(tensors):
    """All their elements, each with a weight of its own, added up: one number, which central differences do once."""
    return sum((x * course.arange(1.0, x.numel() + 1, dtype=x.dtype).sin().reshape(x.shape)).sum() for x in tensors)


@pytest.mark.parametrize("name", CHECKED)
def test_the_gradient_is_that_of_finite_differences(name):
    assert course.autograd.gradcheck(function(name), inputs(name))


@pytest.mark.parametrize("name", CHECKED)
def test_the_second_derivative_is_that_of_finite_differences(name):
    def slopes(*x):
        return [g * g for g in course.autograd.grad(function(name)(*x), x, create_graph=True)]

    x = inputs(name)
    if any(g.requires_grad for g in slopes(*x)):
        assert course.autograd.gradcheck(lambda *x: weighted(slopes(*x)), x)
    else:  # an operation that is linear around here: its slopes stay the same
        again = [v.detach() + 1e-4 for v in x]
        assert all(course.all(a == b) for a, b in zip(slopes(*x), slopes(*[v.requires_grad_() for v in again])))


def operations_behind(tensor) -> set:
    """Every operation of which a tensor was computed."""
    stack, seen = [tensor.grad_fn], set()
    while stack:
        node = stack.pop()
        if hasattr(node, "edges") and node not in seen:
            seen.add(node)
            stack += node.edges
    return {node.operation for node in seen}


def test_every_differentiable_operation_has_a_golden_case():
    modules = [importlib.import_module(f"course.ops.{m.name}") for m in pkgutil.iter_modules(course.ops.__path__)]
    differentiable = {o for m in modules for o in vars(m).values() if isinstance(o, Operation) and o.rules}
    used = set()
    for name in OPERATIONS:
        x = inputs(name)
        first = course.autograd.grad(function(name)(*x), x, create_graph=True)
        used |= operations_behind(function(name)(*x)) | set().union(*(operations_behind(g) for g in first if g.grad_fn))
    tested_elsewhere = {
        "_add_bias_and_relu": "test_modules.py", "_ctc_loss": "test_losses.py", "_walked": "test_modules.py"}
    fused = {o for o in differentiable if o.__name__ in tested_elsewhere}
    assert differentiable - used - fused == set()


@pytest.mark.parametrize("name", ["asin", "erf", "sin", "tanh", "sqrt", "log2", "lgamma", "digamma", "erfinv"])
def test_the_slope_at_a_number_is_as_exact_as_in_a_row(name):
    x = course.tensor(0.3, dtype=course.float64, requires_grad=True)
    row = course.tensor([0.3], dtype=course.float64, requires_grad=True)
    (slope,), (wanted,) = (course.autograd.grad(getattr(course, name)(v).sum(), v) for v in (x, row))
    assert slope.item() == pytest.approx(wanted.item(), rel=1e-14)


def test_gradcheck_finds_a_wrong_derivative():
    wrong = course.autograd.operation(x=lambda g, x: 3 * g * x)(lambda x: x * x)
    x = course.tensor([1.0, 2.0], dtype=course.float64, requires_grad=True)
    sentence = r"output 0 with respect to input 0: at element \(1,\) the gradient is 6, .* 4"
    with pytest.raises(RuntimeError, match=sentence):
        course.autograd.gradcheck(lambda x: wrong(x).sum(), x)
    assert not course.autograd.gradcheck(wrong, x, raise_exception=False)


# --- shapes, against NumPy ------------------------------------------------------------------------------------------

numbers = st.floats(-4, 4, width=32)
BINARY = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "maximum": np.maximum, "lt": np.less, "eq": np.equal}
UNARY = {"exp": np.exp, "tanh": np.tanh, "abs": np.abs, "neg": np.negative, "square": np.square, "sin": np.sin}
REDUCTIONS = {"sum": np.sum, "amax": np.max, "mean": np.mean, "any": np.any}


@st.composite
def broadcastable(draw):
    shapes = draw(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=4, min_side=0)).input_shapes
    return [draw(hnp.arrays(np.float64, shape, elements=numbers)) for shape in shapes]


@settings(max_examples=60, deadline=None)
@given(broadcastable(), st.sampled_from(sorted(BINARY)))
def test_two_operands_broadcast_as_in_numpy(arrays, name):
    a, b = (course.tensor(x) for x in arrays)
    np.testing.assert_array_equal(getattr(course, name)(a, b).numpy(), BINARY[name](*arrays))


@settings(max_examples=60, deadline=None)
@given(broadcastable())
def test_the_gradient_of_a_broadcast_operand_has_its_shape_and_sums_its_copies(arrays):
    a, b = (course.tensor(x, requires_grad=True) for x in arrays)
    (a * b).sum().backward()
    full = np.broadcast_shapes(*(x.shape for x in arrays))
    for x, other in ((a, arrays[1]), (b, arrays[0])):
        assert x.grad.shape == x.shape and x.grad.dtype == x.dtype
        copies = np.broadcast_to(other, full)
        extra = tuple(range(len(full) - x.ndim))
        repeated = tuple(i + len(extra) for i, n in enumerate(x.shape) if n == 1)
        wanted = copies.sum(extra).sum(tuple(i - len(extra) for i in repeated), keepdims=True)
        np.testing.assert_allclose(x.grad.numpy(), wanted, 1e-12, 1e-12)


@settings(max_examples=60, deadline=None)
@given(hnp.arrays(np.float64, hnp.array_shapes(min_dims=0, max_dims=4, max_side=4), elements=numbers),
       st.sampled_from(sorted(UNARY)), st.booleans())
def test_one_operand_keeps_its_shape_in_any_memory_order(x, name, transposed):
    t = course.tensor(x)
    got = getattr(t.T if transposed else t, name)()
    np.testing.assert_allclose(got.numpy(), UNARY[name](x.T if transposed else x), 1e-14)


@st.composite
def reduced(draw):
    x = draw(hnp.arrays(np.float64, hnp.array_shapes(max_dims=4, max_side=4), elements=numbers))
    axes = draw(st.lists(st.sampled_from(range(x.ndim)), min_size=1, unique=True))
    signed = [draw(st.sampled_from([a, a - x.ndim])) for a in axes]
    return x, draw(st.sampled_from([None, signed[0], tuple(signed)])), draw(st.booleans())


@settings(max_examples=80, deadline=None)
@given(reduced(), st.sampled_from(sorted(REDUCTIONS)))
def test_reductions_take_the_dimensions_of_numpys_axes(given_, name):
    x, dim, keepdim = given_
    got = getattr(course, name)(course.tensor(x), dim=dim, keepdim=keepdim).numpy()
    wanted = REDUCTIONS[name](x, axis=dim, keepdims=keepdim)
    assert got.shape == np.shape(wanted)
    np.testing.assert_allclose(got, wanted, 1e-13, 1e-13)


@st.composite
def indexed(draw):
    x = draw(hnp.arrays(np.float64, hnp.array_shapes(max_dims=3, max_side=4), elements=numbers))
    kind = draw(st.sampled_from(["basic", "mask", "integers"]))
    if kind == "mask":
        return x, draw(hnp.arrays(bool, x.shape))
    if kind == "integers":
        return x, draw(hnp.integer_array_indices(x.shape))
    return x, draw(hnp.basic_indices(x.shape, allow_newaxis=True).filter(goes_forwards))


def goes_forwards(index):
    """Whether PyTorch takes the index: it has no slices with negative steps."""
    return all(i.step is None or i.step > 0 for i in (index if isinstance(index, tuple) else (index,))
               if isinstance(i, slice))


@settings(max_examples=120, deadline=None)
@given(indexed())
def test_indexing_and_its_gradient_are_those_of_numpy(given_):
    x, index = given_
    t = course.tensor(x, requires_grad=True)
    out = t[index]
    np.testing.assert_array_equal(out.detach().numpy(), x[index])
    out.sum().backward()
    counts = np.zeros_like(x)
    np.add.at(counts, index, 1.0)
    np.testing.assert_array_equal(t.grad.numpy(), counts)


@settings(max_examples=60, deadline=None)
@given(hnp.arrays(np.float64, hnp.array_shapes(max_dims=4, max_side=4), elements=numbers), st.randoms())
def test_rearranging_loses_nothing(x, random):
    order = list(range(x.ndim))
    random.shuffle(order)
    t = course.tensor(x)
    moved = t.permute(*order)
    np.testing.assert_array_equal(moved.numpy(), x.transpose(order))
    np.testing.assert_array_equal(moved.reshape(-1).numpy(), x.transpose(order).reshape(-1))
    np.testing.assert_array_equal(moved.permute(*np.argsort(order).tolist()).numpy(), x)
    np.testing.assert_array_equal(course.cat([t, t], dim=-1).numpy(), np.concatenate([x, x], -1))
