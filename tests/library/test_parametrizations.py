"""Weights that are computed from others, in training, in copies and in functions of parameters."""

import copy

import numpy as np
import pytest

import course
from course import nn
from course.nn.utils.parametrizations import spectral_norm, weight_norm
from course.nn.utils.parametrize import register_parametrization, remove_parametrizations


def test_weight_norm_changes_the_slopes_and_not_the_weight():
    course.manual_seed(0)
    layer = nn.Linear(3, 2)
    before = layer.weight.detach().clone()
    weight_norm(layer)
    np.testing.assert_allclose(layer.weight.detach().numpy(), before.numpy(), rtol=1e-6)
    layer(course.randn(4, 3)).square().sum().backward()
    g, v = layer.parametrizations.weight.original0, layer.parametrizations.weight.original1
    np.testing.assert_allclose((v.grad * v).sum(1).detach().numpy(), 0, atol=1e-5)  # only along the sphere
    assert g.grad.shape == (2, 1)


def test_a_layer_with_spectral_norm_lengthens_no_vector():
    course.manual_seed(0)
    layer = spectral_norm(nn.Linear(5, 4, bias=False).double(), n_power_iterations=50)
    lengths = course.linalg.svdvals(layer.weight.detach())
    np.testing.assert_allclose(lengths[0].item(), 1, rtol=1e-6)
    layer.eval()
    assert course.equal(layer.weight, layer.weight)  # nothing moves any more


@pytest.mark.parametrize("norm", [weight_norm, spectral_norm])
def test_a_compiled_step_trains_what_the_plain_one_does(norm):
    def trained(compiled):
        course.manual_seed(0)
        model = nn.Sequential(norm(nn.Linear(3, 4)), nn.ReLU(), nn.Linear(4, 1))
        optimizer = course.optim.SGD(model.parameters(), lr=0.05)
        x, y = course.randn(6, 3), course.randn(6, 1)

        def step():
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(model(x), y)
            loss.backward()
            optimizer.step()
            return loss.item() if not compiled else loss

        step = course.compile(step) if compiled else step
        return [float(step()) for _ in range(5)]

    assert trained(True) == trained(False)


def test_a_parametrized_module_is_a_function_of_its_originals():
    course.manual_seed(0)
    layer, x = weight_norm(nn.Linear(3, 2)), course.randn(4, 3)
    originals = {name: p.detach() for name, p in layer.named_parameters()}
    loss = lambda given: course.func.functional_call(layer, given, x).square().sum()
    slopes = course.func.grad(loss)(originals)
    layer(x).square().sum().backward()
    assert list(slopes) == ["bias", "parametrizations.weight.original0", "parametrizations.weight.original1"]
    for name, p in layer.named_parameters():
        np.testing.assert_allclose(slopes[name].numpy(), p.grad.numpy(), rtol=1e-5, atol=1e-6)


def test_the_optimiser_goes_on_with_the_same_tensor_after_removal():
    layer = nn.Linear(2, 2)
    own = layer.weight

    class Halved(nn.Module):
        def forward(self, x):
            return x / 2

    register_parametrization(layer, "weight", Halved())
    assert layer.parametrizations.weight.original is own
    remove_parametrizations(layer, "weight")
    assert layer.weight is own
    assert type(layer) is nn.Linear


@pytest.mark.parametrize("norm", [nn.utils.weight_norm, nn.utils.spectral_norm])
def test_a_norm_by_a_hook_goes_with_copies_of_its_module(norm):
    course.manual_seed(0)
    layer = norm(nn.Linear(3, 2))
    twin = copy.deepcopy(layer)
    twin.load_state_dict(layer.state_dict())
    x = course.randn(4, 3)
    assert course.equal(twin(x), layer(x))
    with course.no_grad():
        next(twin.parameters()).add_(1)
    assert not course.equal(twin(x), layer(x))
