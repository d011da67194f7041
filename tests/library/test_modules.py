"""Modules: what belongs to them, their state, their hooks, and the fused Linear + ReLU."""

import copy
from collections import OrderedDict

import numpy as np
import pytest

import course
from course import nn
from course.ops.linear import linear_relu


class Branches(nn.Module):
    """Two layers that share a weight, a free parameter and a buffer."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(course.ones(1))
        self.first = nn.Linear(3, 3)
        self.inner = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
        self.second = nn.Linear(3, 3, bias=False)
        self.second.weight = self.first.weight
        self.register_buffer("seen", course.zeros(1))
        self.register_buffer("scratch", course.zeros(2), persistent=False)

    def forward(self, x):
        return self.inner(self.second(self.first(x) * self.scale))


def names(pairs):
    return [name for name, _ in pairs]


def test_parameters_are_named_in_the_order_of_assignment_and_shared_ones_once():
    model = Branches()
    assert names(model.named_parameters()) == [
        "scale", "first.weight", "first.bias", "inner.0.weight", "inner.0.bias"]
    assert names(model.named_parameters(recurse=False)) == ["scale"]
    assert names(model.named_parameters("net")) == ["net." + name for name in names(model.named_parameters())]
    assert [id(p) for p in model.parameters()] == [id(p) for _, p in model.named_parameters()]
    assert names(model.named_buffers()) == ["seen", "scratch"]
    assert names(model.named_children()) == ["first", "inner", "second"]
    assert names(model.named_modules()) == ["", "first", "inner", "inner.0", "inner.1", "second"]
    assert all(isinstance(p, nn.Parameter) and p.requires_grad and p.is_leaf for p in model.parameters())


def test_a_shared_parameter_gets_the_gradients_of_all_its_uses():
    model = Branches()
    model(course.ones(1, 3)).sum().backward()
    assert model.first.weight.grad is model.second.weight.grad
    model.zero_grad()
    assert all(p.grad is None for p in model.parameters())
    model(course.ones(1, 3)).sum().backward()
    model.zero_grad(set_to_none=False)
    assert all((p.grad == 0).all() for p in model.parameters())


def test_an_attribute_may_be_replaced_removed_or_set_to_none():
    model = Branches()
    model.first = nn.Linear(3, 3)
    del model.scale
    model.inner = None
    assert names(model.named_parameters()) == ["first.weight", "first.bias", "second.weight"]
    with pytest.raises(AttributeError, match="'Branches' object has no attribute 'scale'"):
        _ = model.scale


# --- state --------------------------------------------------------------------------------------------------------


def test_state_goes_from_one_module_to_its_twin():
    model, twin = Branches(), Branches()
    state = model.state_dict()
    assert list(state) == ["scale", "seen", "first.weight", "first.bias", "inner.0.weight", "inner.0.bias",
                           "second.weight"]
    assert repr(twin.load_state_dict(state)) == "<All keys matched successfully>"
    x = course.randn(4, 3)
    assert course.all(model(x) == twin(x))
    assert not np.shares_memory(model.scale.detach().numpy(), twin.scale.detach().numpy())


def test_a_state_that_does_not_fit_is_refused_whole_and_every_fault_is_named():
    model = Branches()
    state = model.state_dict()
    before = {name: p.tolist() for name, p in state.items()}
    wrong = OrderedDict((name, course.zeros(9) if "inner" in name else p * 0 + 5) for name, p in state.items())
    del wrong["scale"]
    wrong["extra"] = course.zeros(1)
    with pytest.raises(RuntimeError) as refused:
        model.load_state_dict(wrong)
    for part in ("Error(s) in loading state_dict for Branches", "Missing key(s) in state_dict: 'scale'",
                 "Unexpected key(s) in state_dict: 'extra'", "size mismatch for inner.0.weight", "[2, 3]",
                 "size mismatch for inner.0.bias", "[9]"):
        assert part in str(refused.value)
    assert {name: p.tolist() for name, p in model.state_dict().items()} == before


def test_strict_false_takes_what_fits_and_says_what_did_not():
    model = nn.Linear(2, 1)
    result = model.load_state_dict({"bias": course.tensor([7.0]), "other": course.zeros(1)}, strict=False)
    assert result.missing_keys == ["weight"] and result.unexpected_keys == ["other"]
    assert model.bias.tolist() == [7.0]
    with pytest.raises(RuntimeError, match="size mismatch for bias"):
        model.load_state_dict({"bias": course.zeros(3)}, strict=False)


def test_a_state_in_another_dtype_is_converted():
    model = nn.Linear(2, 1)
    model.load_state_dict(nn.Linear(2, 1, dtype=course.float64).state_dict())
    assert model.weight.dtype is course.float32


def test_a_copy_of_a_module_is_independent():
    model = Branches()
    twin = copy.deepcopy(model)
    with course.no_grad():
        twin.first.weight.zero_()
    assert twin.second.weight is twin.first.weight
    assert not (model.first.weight == 0).any()
    twin(course.ones(1, 3)).sum().backward()
    assert model.scale.grad is None and twin.scale.grad is not None


# --- modes, types, functions on all ---------------------------------------------------------------------------------


def test_train_and_eval_reach_every_module():
    model = Branches()
    assert all(not m.training for m in model.eval().modules())
    assert all(m.training for m in model.train().modules())
    model.inner.train(False)
    assert model.training and not model.inner[0].training


def test_to_converts_floats_in_place_gradients_included():
    model = Branches()
    model.register_buffer("count", course.tensor([3]))
    model(course.ones(1, 3)).sum().backward()
    parameters = list(model.parameters())
    assert model.double() is model
    assert all(p is q for p, q in zip(parameters, model.parameters()))
    assert {p.dtype for p in model.parameters()} == {p.grad.dtype for p in model.parameters()} == {course.float64}
    assert model.seen.dtype is course.float64 and model.count.dtype is course.int64
    assert model(course.ones(1, 3, dtype=course.float64)).dtype is course.float64
    assert model.to(course.float32).scale.dtype is course.float32
    assert model.to("cpu", dtype=course.float64).scale.dtype is course.float64
    assert model.float().cpu().scale.dtype is course.float32


def test_apply_visits_children_before_parents():
    visited = []
    model = nn.Sequential(nn.Linear(1, 1), nn.Sequential(nn.ReLU()))
    assert model.apply(lambda m: visited.append(type(m).__name__)) is model
    assert visited == ["Linear", "ReLU", "Sequential", "Sequential"]


def test_requires_grad_freezes_and_thaws():
    model = nn.Linear(2, 1).requires_grad_(False)
    assert not model(course.ones(1, 2)).requires_grad
    assert model.requires_grad_()(course.ones(1, 2)).requires_grad


def test_hooks_see_and_change_what_goes_in_and_out():
    layer = nn.Linear(1, 1)
    with course.no_grad():
        layer.weight.fill_(2.0), layer.bias.fill_(0.0)
    calls = []
    before = layer.register_forward_pre_hook(lambda module, inputs: calls.append("before") or (inputs[0] + 1,))
    after = layer.register_forward_hook(lambda module, inputs, out: calls.append("after") or out * 10)
    assert layer(course.ones(1, 1)).item() == 40.0
    assert calls == ["before", "after"]
    before.remove(), after.remove()
    assert layer(course.ones(1, 1)).item() == 2.0


def test_a_module_may_be_called_with_keywords_and_return_anything():
    class Pair(nn.Module):
        def forward(self, x, *, scale=1):
            return x * scale, "note"

    out, note = Pair()(course.ones(1), scale=3)
    assert (out.item(), note) == (3.0, "note")


# --- Sequential -----------------------------------------------------------------------------------------------------


def test_sequential_is_indexed_sliced_extended_and_named():
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    assert len(model) == 3 and model[1] is list(model)[1] and model[-1].out_features == 1
    assert [type(m).__name__ for m in model[:2]] == ["Linear", "ReLU"]
    assert model.append(nn.Tanh()) is model and len(model) == 4
    named = nn.Sequential(OrderedDict(one=nn.Linear(2, 2), two=nn.ReLU()))
    assert names(named.named_parameters()) == ["one.weight", "one.bias"] and named.two is named[1]
    with pytest.raises(IndexError, match="index 9 is out of range: there are 4 modules"):
        model[9]


def unfused(layer, x):
    return layer(x).relu()


def results(forward, layer, x):
    """The output, and the gradients of input, weight and bias."""
    x = x.detach().requires_grad_()
    layer.zero_grad()
    out = forward(layer, x)
    (out * course.arange(out.numel(), dtype=out.dtype).reshape(out.shape).sin()).sum().backward()
    return [t.detach().numpy() for t in (out, x.grad, layer.weight.grad, layer.bias.grad)]


SHAPES = {"matrix": (5, 4), "one row": (4,), "images": (2, 3, 4), "nothing": (0, 4), "deep": (2, 1, 3, 4)}


@pytest.mark.parametrize("dtype, rtol", [(course.float32, 1e-5), (course.float64, 1e-13)])
@pytest.mark.parametrize("shape", SHAPES)
def test_linear_and_relu_fused_are_linear_and_relu(shape, dtype, rtol):
    course.manual_seed(0)
    layer, x = nn.Linear(4, 3, dtype=dtype), course.randn(*SHAPES[shape], dtype=dtype)
    fused = results(lambda layer, x: linear_relu(x, layer.weight, layer.bias), layer, x)
    for a, b in zip(fused, results(unfused, layer, x)):
        assert a.shape == b.shape and a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol, rtol)


def test_sequential_fuses_and_gives_the_same_numbers_as_its_parts():
    course.manual_seed(0)
    model, x = nn.Sequential(nn.Linear(4, 3), nn.ReLU()), course.randn(6, 4)
    assert model(x).grad_fn.operation.__name__ == "_add_bias_and_relu"
    np.testing.assert_allclose(model(x).detach().numpy(), model[1](model[0](x)).detach().numpy(), 1e-6, 1e-6)


@pytest.mark.parametrize("watch", ["layer", "activation", "subclass", "no bias"])
def test_sequential_does_not_fuse_what_somebody_watches_or_rewrote(watch):
    class Doubled(nn.Linear):
        def forward(self, input):
            return 2 * super().forward(input)

    seen = []
    layer = Doubled(4, 3) if watch == "subclass" else nn.Linear(4, 3, bias=watch != "no bias")
    model = nn.Sequential(layer, nn.ReLU())
    if watch == "layer":
        layer.register_forward_hook(lambda m, i, o: seen.append(o))
    elif watch == "activation":
        model[1].register_forward_pre_hook(lambda m, i: seen.append(i))
    x = course.randn(2, 4)
    np.testing.assert_allclose(model(x).detach().numpy(), layer(x).relu().detach().numpy(), 1e-6)
    assert bool(seen) == (watch in ("layer", "activation"))


def test_nan_and_infinity_pass_through_the_fused_layer():
    layer = nn.Linear(2, 2)
    x = course.tensor([[float("nan"), 0.0], [float("inf"), 1.0], [1.0, 2.0]])
    fused = results(lambda layer, x: linear_relu(x, layer.weight, layer.bias), layer, x)
    for a, b in zip(fused, results(unfused, layer, x)):
        np.testing.assert_allclose(a, b, 1e-5)
    assert np.isnan(fused[0][0]).all()


def test_the_fused_layer_can_be_differentiated_twice():
    def slopes(w, b):
        x = course.tensor([[1.0, -2.0], [0.5, 3.0]], dtype=course.float64)
        return course.autograd.grad((linear_relu(x, w, b) ** 3).sum(), [w, b], create_graph=True)

    w = course.tensor([[1.0, 0.2], [0.3, -0.5], [0.7, 0.9]], dtype=course.float64, requires_grad=True)
    b = course.tensor([0.1, 0.2, 0.3], dtype=course.float64, requires_grad=True)
    assert course.autograd.gradcheck(slopes, (w, b))


def test_a_transposed_input_and_weight_are_taken_as_they_are():
    layer = nn.Linear(4, 3)
    layer.weight = nn.Parameter(course.randn(4, 3).T)
    x = course.randn(4, 5).T
    np.testing.assert_allclose(nn.Sequential(layer, nn.ReLU())(x).detach().numpy(),
                               np.maximum(x.numpy() @ layer.weight.detach().numpy().T + layer.bias.detach().numpy(), 0),
                               1e-5, 1e-6)


@pytest.mark.parametrize("initialise", [nn.init.kaiming_uniform_, nn.init.xavier_uniform_, nn.init.ones_])
def test_initialisers_work_in_place_and_leave_no_trace(initialise):
    layer = nn.Linear(3, 2)
    before = layer.weight.tolist()
    assert initialise(layer.weight) is layer.weight
    assert layer.weight.is_leaf and layer.weight.requires_grad and layer.weight.tolist() != before


def test_a_state_is_taken_over_by_assign_without_a_copy():
    model, given = nn.Linear(2, 1), {"weight": course.ones(1, 2), "bias": nn.Parameter(course.zeros(1))}
    model.load_state_dict(given, assign=True)
    assert model.bias is given["bias"]
    assert np.shares_memory(model.weight.detach().numpy(), given["weight"].numpy())


def test_hooks_may_be_taken_away_and_do_not_change_numbers():
    course.manual_seed(0)
    layer, x = nn.Linear(3, 2), course.randn(4, 3).requires_grad_()

    def slopes():
        return [g.tolist() for g in course.autograd.grad((layer(x) ** 2).sum(), [x, layer.weight])]

    plain = slopes()
    handles = [layer.register_full_backward_hook(lambda m, gi, go: None),
               layer.register_full_backward_pre_hook(lambda m, go: None),
               layer.register_forward_hook(lambda m, i, o: None),
               layer.register_forward_pre_hook(lambda m, i: None)]
    assert slopes() == plain
    for handle in handles:
        handle.remove()
    assert not layer._is_watched() and slopes() == plain


def test_a_watched_module_can_be_differentiated_twice():
    layer = nn.Linear(2, 2, dtype=course.float64)
    layer.register_full_backward_hook(lambda m, gi, go: (gi[0] * 2,))
    x = course.tensor([[1.0, -2.0]], dtype=course.float64, requires_grad=True)
    (g,) = course.autograd.grad((layer(x) ** 3).sum(), x, create_graph=True)
    (gg,) = course.autograd.grad(g.sum(), x)
    assert g.requires_grad and (gg != 0).all()


# --- recurrent layers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_a_layer_is_its_cell_step_by_step(kind):
    course.manual_seed(0)
    layer = getattr(nn, kind)(3, 2, batch_first=True)
    cell = getattr(nn, f"{kind}Cell")(3, 2)
    cell.load_state_dict({name.removesuffix("_l0"): p for name, p in layer.state_dict().items()})
    x, state = course.randn(4, 5, 3), None
    out, end = layer(x)
    for k in range(5):
        state = cell(x[:, k], state)
        h = state[0] if kind == "LSTM" else state
        np.testing.assert_allclose(out[:, k].detach().numpy(), h.detach().numpy(), 1e-5, 1e-6)
    last = end[0] if kind == "LSTM" else end
    assert last.shape == (1, 4, 2) and course.allclose(last[0], h, atol=1e-6)


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_second_derivatives_go_through_all_layers_and_directions(kind):
    course.manual_seed(0)
    layer = getattr(nn, kind)(3, 2, num_layers=2, bidirectional=True, dtype=course.float64)
    x = course.randn(3, 2, 3, dtype=course.float64, requires_grad=True)

    def slope(x):
        (g,) = course.autograd.grad((layer(x)[0] ** 2).sum(), x, create_graph=True)
        return (g * g).sum()

    assert course.autograd.gradcheck(slope, x)


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
@pytest.mark.parametrize("special", [0.0, float("nan"), float("inf")])
def test_a_layer_may_be_given_nan_infinity_or_an_empty_batch(kind, special):
    course.manual_seed(0)
    layer, x = getattr(nn, kind)(3, 2), course.randn(4, 2, 3)
    usual = layer(x)[0]
    x[2, 0, 0] = special
    out = layer(x)[0]
    assert (out[:, 1] == usual[:, 1]).all() and (out[:2] == usual[:2]).all()
    assert course.isnan(out[2:, 0]).all() == (special != special)
    empty = course.zeros(4, 0, 3, requires_grad=True)
    layer(empty)[0].sum().backward()
    assert empty.grad.shape == (4, 0, 3) and (layer.weight_hh_l0.grad == 0).all()


def test_what_a_layer_shows_may_be_changed_in_place():
    layer = nn.LSTM(3, 2)
    out, _ = layer(course.randn(4, 1, 3))
    out.mul_(2)
    out.sum().backward()
    assert layer.weight_hh_l0.grad is not None


def test_states_of_another_dtype_are_refused():
    with pytest.raises(RuntimeError, match="not the same dtype"):
        nn.GRU(3, 2)(course.randn(4, 1, 3), course.zeros(1, 1, 2, dtype=course.float64))


def test_dropout_after_the_only_layer_is_warned_of():
    with pytest.warns(UserWarning, match="dropout=0.5 does nothing with num_layers=1"):
        nn.LSTM(3, 2, dropout=0.5)


def test_a_sequence_that_is_no_tensor_is_refused_in_words():
    with pytest.raises(TypeError, match="must be a Tensor, not list"):
        nn.LSTM(3, 2)([1.0])


def test_a_truncated_normal_replaces_whatever_the_memory_held():
    for held in (float("nan"), float("inf")):
        x = course.nn.init.trunc_normal_(course.full((40,), held), a=-1.0, b=0.5)
        assert bool(((x >= -1.0) & (x <= 0.5)).all())
