"""Jacobians, Hessians and functions of functions: against differences, and against each other."""

import functools

import numpy as np
import pytest

import course
from course import func
from course.autograd.functional import hessian, hvp, jacobian, jvp, vhp, vjp

from ..goldens.function_derivatives import FUNCTIONS, LOSSES, as_given, drawn, leaves


def inputs_of(name):
    _, *shapes = (FUNCTIONS | LOSSES)[name]
    return [course.tensor(a) for a in drawn(name, shapes, "float64")]


def tuple_of(value):
    return value if isinstance(value, tuple) else (value,)


def differences(f, x):
    """∂f/∂x by central differences: for each output and each x an array with their shapes."""
    outputs = tuple_of(f(*x))
    slopes = [[np.empty((*y.shape, *t.shape)) for t in x] for y in outputs]
    for j, t in enumerate(x):
        for at in np.ndindex(*t.shape):
            step = np.zeros(tuple(t.shape))
            step[at] = 1e-5
            above, below = (tuple_of(f(*x[:j], course.tensor(t.numpy() + d), *x[j + 1:])) for d in (step, -step))
            for i, (a, b) in enumerate(zip(above, below)):
                slopes[i][j][(..., *at)] = (a.detach().numpy() - b.detach().numpy()) / 2e-5
    return slopes


@pytest.mark.parametrize("name", [*FUNCTIONS, *LOSSES])
def test_a_jacobian_agrees_with_differences(name):
    f, x = (FUNCTIONS | LOSSES)[name][0], inputs_of(name)
    J = jacobian(lambda *x: f(course, *x), tuple(x))
    J = J if isinstance(J[0], tuple) else (J,)
    for row, by_differences in zip(J, differences(lambda *x: f(course, *x), x), strict=True):
        for block, wanted in zip(row, by_differences, strict=True):
            np.testing.assert_allclose(block.numpy(), wanted, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", LOSSES)
def test_a_hessian_agrees_with_differences_of_the_gradient(name):
    f, x = LOSSES[name][0], inputs_of(name)
    loss = lambda *x: f(course, *x).sum()
    gradient = lambda *x: vjp(loss, x)[1]
    H = hessian(loss, tuple(x))
    for row, by_differences in zip(H, differences(gradient, x), strict=True):
        for block, wanted in zip(row, by_differences, strict=True):
            np.testing.assert_allclose(block.numpy(), wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", [*FUNCTIONS, *LOSSES])
def test_what_is_on_the_tape_can_be_differentiated_again(name):
    f, x = (FUNCTIONS | LOSSES)[name][0], tuple(t.requires_grad_() for t in inputs_of(name))
    call, v = (lambda *x: f(course, *x)), tuple(course.ones_like(t) * (i + 2) for i, t in enumerate(x))

    def length(product, *x):
        return sum((t * t).sum() for t in tuple_of(product(call, x, v, create_graph=True)[1]))

    for product in [jvp] + [vhp, hvp] * (name in LOSSES):
        assert course.autograd.gradcheck(functools.partial(length, product), x)


def matrix(blocks, tall, wide):
    """Blocks of a Jacobian as one matrix."""
    return np.block([[block.numpy().reshape(m.numel(), n.numel()) for block, n in zip(row, wide)]
                     for row, m in zip(blocks, tall)])


def vector(tensors):
    return np.concatenate([t.detach().numpy().reshape(-1) for t in tensors])


@pytest.mark.parametrize("name", LOSSES)
def test_products_with_a_vector_are_those_with_the_whole_matrix(name):
    f, x = LOSSES[name][0], tuple(inputs_of(name))
    loss, v = (lambda *x: f(course, *x)), tuple(course.ones_like(t) * (i + 2) for i, t in enumerate(x))
    H = matrix(hessian(loss, x), x, x)
    np.testing.assert_allclose(H, H.T, atol=1e-12)
    np.testing.assert_allclose(vector(hvp(loss, x, v)[1]), H @ vector(v), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(vector(vhp(loss, x, v)[1]), vector(v) @ H, rtol=1e-9, atol=1e-12)
    value, slope = jvp(loss, x, v)
    gradient = vjp(loss, x, course.ones_like(value))[1]
    np.testing.assert_allclose(slope.sum().item(), vector(gradient) @ vector(v), rtol=1e-9)


@pytest.mark.parametrize("name", [*FUNCTIONS, *LOSSES])
def test_func_and_autograd_functional_agree(name):
    f, x = (FUNCTIONS | LOSSES)[name][0], inputs_of(name)
    call = lambda *x: f(course, *x)
    pairs = [(func.jacrev(call, tuple(range(len(x))))(*x), jacobian(call, tuple(x)))]
    if name in LOSSES and "brackets" not in name:
        pairs.append((func.hessian(call)(*x), hessian(lambda t: call(t, *x[1:]), x[0])))
        pairs.append((func.grad(call)(*x), vjp(call, as_given(x))[1] if len(x) == 1 else vjp(call, tuple(x))[1][0]))
    for one, other in pairs:
        one, other = leaves(one), leaves(other)
        assert one.keys() == other.keys()
        assert all(course.equal(one[place], other[place]) for place in one)


def test_a_training_step_as_functions_gives_the_gradients_of_backward():
    course.manual_seed(0)
    nn = course.nn
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 2))
    x, y = course.randn(5, 3), course.tensor([0, 1, 1, 0, 1])

    def loss(parameters):
        return course.nn.functional.cross_entropy(func.functional_call(model, parameters, x), y)

    slopes, value = func.grad_and_value(loss)({name: p.detach() for name, p in model.named_parameters()})
    assert all(p.grad is None for p in model.parameters())
    backward = course.nn.functional.cross_entropy(model(x), y)
    backward.backward()
    assert value.item() == backward.item()
    assert not value.requires_grad
    for name, p in model.named_parameters():
        np.testing.assert_allclose(slopes[name].numpy(), p.grad.numpy(), rtol=1e-5, atol=1e-7)
        assert not slopes[name].requires_grad


def test_a_module_is_as_before_when_its_call_fails():
    layer, given = course.nn.Linear(2, 1), course.zeros(1, 3)
    own = layer.weight
    with pytest.raises(RuntimeError, match="1x2 and 3x1"):
        func.functional_call(layer, {"weight": given}, course.ones(1, 2))
    assert layer.weight is own
    assert [name for name, _ in layer.named_parameters()] == ["weight", "bias"]


def test_a_compiled_step_notices_the_parameters_that_it_is_called_with():
    layer = course.nn.Linear(2, 1)
    step = course.compile(lambda weight, x: func.functional_call(layer, {"weight": weight}, x))
    for k in range(5):
        weight, x = course.full((1, 2), float(k)), course.ones(3, 2)
        assert course.equal(step(weight, x), x @ weight.T + layer.bias)


def test_functions_of_functions_keep_their_name_and_their_words():
    def valley(x):
        """Twice as steep each step."""
        return (x**2).sum()

    for make in (func.grad, func.grad_and_value, func.jacrev, func.hessian, func.vmap):
        made = make(valley)
        assert made.__name__ == "valley"
        assert made.__doc__ == "Twice as steep each step."


def test_named_results_stay_named_in_a_batch():
    found = func.vmap(lambda row: row.topk(2))(course.tensor([[1.0, 3.0, 2.0], [6.0, 5.0, 4.0]]))
    assert found.values.tolist() == [[3.0, 2.0], [6.0, 5.0]]
    assert found.indices.tolist() == [[1, 2], [0, 1]]
