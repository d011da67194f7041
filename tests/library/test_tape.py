"""The tape: what is recorded, what arrives in `.grad`, what is refused, what is freed."""

import gc
import threading
import weakref

import numpy as np
import pytest

import course
from course.autograd import grad
from course.ops import indexing


def leaf(*numbers, dtype=course.float64):
    return course.tensor(list(numbers), dtype=dtype, requires_grad=True)


# --- what arrives in .grad ----------------------------------------------------------------------------------------


def test_gradients_add_up_until_they_are_forgotten():
    x = leaf(1.0, 2.0)
    for times in (1, 2, 3):
        (x * x).sum().backward()
        assert x.grad.tolist() == [2.0 * times, 4.0 * times]
    x.grad.zero_()
    (x * x).sum().backward()
    assert x.grad.tolist() == [2.0, 4.0]
    x.grad = None
    (x * x).sum().backward()
    assert x.grad.tolist() == [2.0, 4.0]


def test_a_tensor_used_several_times_gets_all_its_gradients():
    x = leaf(3.0)
    y = x * x
    (y * x + y + x).sum().backward()
    assert x.grad.item() == 3 * 9 + 2 * 3 + 1


def test_a_number_picked_out_and_used_several_times_gets_all_its_gradients():
    x = leaf(1.0, 2.0)
    ((1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2).backward()  # Rosenbrock's valley
    assert x.grad.tolist() == [-400.0, 200.0]
    y = x[1]
    (g,) = grad(y * y * y + y, x)
    assert g.tolist() == [0.0, 13.0]


@pytest.fixture
def asked(monkeypatch):
    """The names that tensors and modules are asked for and lack: to say what was perhaps meant takes a millisecond."""
    names = []
    for kind in (course.Tensor, course.nn.Module):
        def note(self, name):
            names.append(name)
            raise AttributeError(name)

        monkeypatch.setattr(kind, "__getattr__", note)
    return names


def test_training_asks_nobody_for_what_is_not_there(asked):
    nn = course.nn
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Linear(3, 2))
    loss = course.nn.functional.cross_entropy(model(course.ones(2, 2)), course.tensor([0, 1]))
    first = grad(loss, model.parameters(), create_graph=True)
    sum((g * g).sum() for g in first).backward()
    assert [name for name in asked if not name.startswith("_")] == []


ALIASING = {
    "sum of two": lambda a, b: a + b,
    "difference": lambda a, b: a - b,
    "reshaped": lambda a, b: a.reshape(2, 1) + b.reshape(2, 1),
    "same one twice": lambda a, b: a + a + b,
    "clones": lambda a, b: a.clone() + b.clone(),
    "joined": lambda a, b: course.cat([a, b]),
    "stacked": lambda a, b: course.stack([a, b]),
    "broadcast": lambda a, b: (a + b).expand(3, 2),
    "converted": lambda a, b: a.to(course.float64) + b,
    "itself": lambda a, b: a + b.detach() * 0 + b,
    "seen otherwise": lambda a, b: a.exp().reshape(2, 1).reshape(2) + b.exp().view(1, 2).reshape(2),
    "after something": lambda a, b: (a.reshape(1, 2) + b.reshape(1, 2)).exp().reshape(2),
    "one twice, after something": lambda a, b: (a + a.reshape(2) + b.reshape(2)).exp(),
}


@pytest.mark.parametrize("how", ALIASING)
def test_no_two_gradients_share_memory_and_all_can_be_written(how):
    a, b = leaf(1.0, 2.0), leaf(3.0, 4.0)
    out = ALIASING[how](a, b)
    start = course.ones_like(out)
    out.backward(start)
    arrays = [a.grad.numpy(), b.grad.numpy(), start.numpy()]
    assert not any(np.shares_memory(p, q) for i, p in enumerate(arrays) for q in arrays[:i])
    before = b.grad.tolist()
    a.grad.mul_(100)
    start.mul_(100)
    assert b.grad.tolist() == before


@pytest.mark.parametrize("reduce", ["sum", "mean"])
def test_the_gradient_of_a_reduction_can_be_written(reduce):
    x = leaf(1.0, 2.0, 3.0)
    getattr(x, reduce)().backward()
    x.grad += 1
    assert x.grad.shape == x.shape


def test_a_gradient_changed_by_hand_changes_nothing_else():
    x = leaf(1.0, 2.0)
    y = (x * x).sum()
    y.backward(retain_graph=True)
    x.grad.fill_(-7)
    x.grad = None
    y.backward()
    assert x.grad.tolist() == [2.0, 4.0]


def test_a_gradient_that_others_hold_is_not_added_to():
    """On the way back gradients are added in place and handed on without a copy; whoever took one keeps his numbers."""
    x, seen = leaf(1.0, 2.0), []
    y = x * 3
    y.retain_grad()
    y.register_hook(seen.append)
    z = y.exp() * 0 + y.reshape(2, 1).reshape(2) + y
    g, = grad(z.sum(), [y], retain_graph=True)
    z.sum().backward(retain_graph=True)
    held = g.tolist(), y.grad.tolist(), seen[0].tolist(), x.grad.tolist()
    x.grad.fill_(7)
    assert held == ([2.0, 2.0], [4.0, 4.0], [2.0, 2.0], [6.0, 6.0])
    assert (g.tolist(), y.grad.tolist(), seen[0].tolist()) == held[:3]


def test_what_a_function_of_ones_own_keeps_of_its_gradients_stays_as_it_is():
    kept = {}

    class Twice(course.autograd.Function):
        @staticmethod
        def forward(ctx, a, b):
            return 2 * a + 3 * b

        @staticmethod
        def backward(ctx, g):
            kept["g"], kept["threes"] = g, 3 * g
            return g, kept["threes"]

    a, b = leaf(1.0, 2.0), leaf(3.0, 4.0)
    Twice.apply(a, b).exp().sum().backward()
    before = kept["g"].tolist(), kept["threes"].tolist()
    a.grad.fill_(-1)
    b.grad.fill_(-1)
    assert (kept["g"].tolist(), kept["threes"].tolist()) == before


def test_a_gradient_seen_in_another_shape_on_its_way_is_not_copied(monkeypatch):
    x = course.ones(4, 6, requires_grad=True)
    came, accumulate = [], course.autograd.way_back._accumulate
    monkeypatch.setattr(course.autograd.way_back, "_accumulate",
                        lambda leaf, gradient, unshared: (came.append(gradient), accumulate(leaf, gradient, unshared)))
    x.reshape(2, 12).flatten().exp().backward(course.ones(24))
    assert np.shares_memory(came[0], x.grad.numpy())


def test_a_gradient_has_its_tensors_shape_and_dtype():
    a, b = leaf(1.0, 2.0, dtype=course.float32), course.tensor(2.0, dtype=course.float64, requires_grad=True)
    (a * b.reshape(1) * course.tensor([[1], [2]])).sum().backward()
    assert (a.grad.dtype, a.grad.shape, a.grad.tolist()) == (course.float32, (2,), [6.0, 6.0])
    assert (b.grad.dtype, b.grad.shape, b.grad.item()) == (course.float64, (), 9.0)


def test_a_leaf_is_its_own_root():
    x = leaf(5.0)
    x.backward()
    x.backward(course.tensor([3.0], dtype=course.float64))
    assert x.grad.tolist() == [4.0]


def test_constants_and_results_keep_no_gradient():
    x, c = leaf(1.0), course.tensor([2.0], dtype=course.float64)
    y = x * c
    y.sum().backward()
    assert c.grad is None and y.grad is None
    assert not c.requires_grad and y.requires_grad and x.is_leaf and not y.is_leaf


def test_retain_grad_keeps_the_gradient_of_a_result():
    x = leaf(3.0)
    y = x * 2
    y.retain_grad()
    (y * y).sum().backward()
    assert (y.grad.item(), x.grad.item()) == (12.0, 24.0)


# --- hooks --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["leaf", "result"])
def test_a_hook_sees_the_gradient_replaces_it_and_can_be_removed(where):
    x = leaf(3.0)
    y = x * 2
    seen = []
    handle = (x if where == "leaf" else y).register_hook(lambda g: seen.append(g.item()) or g * 10)
    loss = (y * y).sum()
    loss.backward(retain_graph=True)
    assert seen == [24.0 if where == "leaf" else 12.0]
    assert x.grad.item() == 240.0
    handle.remove()
    handle.remove()
    x.grad = None
    loss.backward()
    assert x.grad.item() == 24.0 and len(seen) == 1


def test_a_hook_on_a_leaf_sees_the_whole_gradient_once():
    x, seen = leaf(3.0), []
    x.register_hook(lambda g: seen.append(g.item()))
    (x * x + x).sum().backward()
    assert seen == [7.0]


def test_hooks_run_in_order_and_also_for_autograd_grad():
    x = leaf(1.0)
    y = x * 1
    y.register_hook(lambda g: g + 1)
    y.register_hook(lambda g: g * 3)
    assert grad(y.sum(), x)[0].item() == 6.0


# --- autograd.grad ------------------------------------------------------------------------------------------------


def test_grad_returns_gradients_and_touches_none():
    x, y = leaf(2.0), leaf(3.0)
    z = x * y
    assert [g.item() for g in grad((z * z).sum(), [x, y, z])] == [2 * 6 * 3, 2 * 6 * 2, 12.0]
    assert x.grad is None and y.grad is None


def test_grad_of_an_unused_input_is_refused_or_none():
    x, unused = leaf(2.0), leaf(1.0)
    with pytest.raises(RuntimeError, match="not have been used"):
        grad((x * x).sum(), [x, unused])
    assert grad((x * x).sum(), [x, unused], allow_unused=True)[1] is None


def test_grad_takes_several_outputs_with_their_weights():
    x = leaf(2.0, 3.0)
    weights = course.tensor([10.0, 100.0], dtype=course.float64)
    assert grad([x * x, x.sum()], x, [weights, None])[0].tolist() == [41.0, 601.0]


def test_derivatives_of_any_order_can_be_taken():
    x = leaf(2.0)
    y = x**5
    for wanted in (80.0, 160.0, 240.0, 240.0, 120.0):
        (y,) = grad(y.sum(), x, create_graph=True)
        assert y.item() == wanted


def test_backward_with_create_graph_leaves_a_gradient_that_can_be_differentiated():
    x = leaf(3.0)
    (x**3).sum().backward(create_graph=True)
    assert x.grad.requires_grad
    assert grad(x.grad.sum(), x)[0].item() == 18.0


def test_a_recorded_gradient_is_a_copy_that_later_ones_are_added_to():
    x, y = leaf(1.0, 2.0), leaf(3.0, 4.0)
    (x + y).sum().backward(create_graph=True)
    x.grad.zero_()
    x.sum().backward()
    assert x.grad.tolist() == y.grad.tolist() == [1.0, 1.0]


def test_hooks_of_a_leaf_see_what_grad_returns():
    x = leaf(1.0, 2.0)
    x.register_hook(lambda g: g * 2)
    assert grad((x * x).sum(), x)[0].tolist() == [4.0, 8.0]


def test_backward_from_several_roots():
    x = leaf(1.0, 2.0)
    course.autograd.backward([x.sum(), x * x], [None, course.ones(2, dtype=course.float64)])
    assert x.grad.tolist() == [3.0, 5.0]
    course.autograd.backward(x.sum())
    assert x.grad.tolist() == [4.0, 6.0]


def test_zeros_stand_for_the_gradient_of_what_has_no_part():
    x, y = leaf(1.0), leaf(2.0, 3.0)
    assert grad(x.sum(), y, materialize_grads=True)[0].tolist() == [0.0, 0.0]
    assert grad(x.sum(), y, allow_unused=True) == (None,)
    with pytest.raises(ValueError, match="materialize_grads"):
        grad(x.sum(), y, allow_unused=False, materialize_grads=True)


def test_steps_that_know_no_numbers_may_be_gone_through_again():
    x = leaf(1.0, 2.0)
    y = (x + 1)[:1].view(1, 1).mean()
    y.backward()
    (-y).backward()
    assert x.grad.tolist() == [0.0, 0.0]


def test_a_leaf_that_is_a_view_of_something_is_not_changed_on_the_tape():
    x = course.arange(4.0).view(2, 2).requires_grad_()
    with pytest.raises(RuntimeError, match="leaf Variable"):
        x.reshape(-1).mul_(2)
    with pytest.raises(RuntimeError, match="leaf Variable"):
        x.mul_(2)


# --- what is refused ----------------------------------------------------------------------------------------------


def test_backward_twice_is_refused_unless_the_graph_is_retained():
    x = leaf(2.0)
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.item() == 8.0
    with pytest.raises(RuntimeError, match="second time"):
        y.backward()




CHANGES = {  # ways to change y, of which y * x remembered the numbers
    "in place": lambda y: y.add_(1),
    "an element": lambda y: y.__setitem__(0, 5.0),
    "through a view": lambda y: y[1:].mul_(2),
    "through a reshaped view": lambda y: y.reshape(1, 2).zero_(),
    "through a view of a view": lambda y: y.view(2, 1)[0].fill_(3),
    "through detach": lambda y: y.detach().add_(1),
    "through the transpose": lambda y: y.T.add_(1),
    "by a step of an optimiser": lambda y: step(y),
}


def step(y):
    y.grad = course.ones_like(y)
    course.optim.SGD([y], lr=0.1).step()


@pytest.mark.parametrize("how", CHANGES)
def test_a_change_of_what_the_tape_remembers_is_noticed(how):
    x, y = leaf(1.0, 2.0), leaf(3.0, 4.0)
    out = (x * y).sum()
    with course.no_grad():
        CHANGES[how](y)
    with pytest.raises(RuntimeError, match="modified by an inplace operation.*mul"):
        out.backward()


def test_a_change_of_the_whole_is_noticed_by_its_view():
    y = leaf(3.0, 4.0)
    out = (leaf(1.0) * y[0:1]).sum()
    with course.no_grad():
        y.mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        out.backward()


def test_a_change_of_a_remembered_result_is_noticed():
    y = leaf(1.0).exp()
    out = (y + 1).sum()
    with course.no_grad():
        y.add_(1)
    with pytest.raises(RuntimeError, match="exp.. remembered"):
        out.backward()


def test_a_change_that_no_rule_needs_is_allowed():
    x, y = leaf(1.0, 2.0), course.tensor([3.0, 4.0], dtype=course.float64)
    out = (x + y).sum()
    y.mul_(100)
    out.backward()
    assert x.grad.tolist() == [1.0, 1.0]


def test_changes_through_numpy_are_nobodys_business():
    x, y = leaf(1.0), course.tensor([3.0], dtype=course.float64)
    out = (x * y).sum()
    y.numpy()[0] = 5.0
    out.backward()
    assert x.grad.item() == 5.0


IN_PLACE = {
    "+=": lambda x: x.__iadd__(1), "-=": lambda x: x.__isub__(1), "*=": lambda x: x.__imul__(2),
    "/=": lambda x: x.__itruediv__(2), "zero_": lambda x: x.zero_(), "[0] =": lambda x: x.__setitem__(0, 9.0),
    "copy_": lambda x: x.copy_(course.zeros(2)), "uniform_": lambda x: x.uniform_(), "normal_": lambda x: x.normal_(),
}


@pytest.mark.parametrize("how", IN_PLACE)
def test_a_leaf_is_changed_in_place_only_under_no_grad(how):
    x = leaf(1.0, 2.0)
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad"):
        IN_PLACE[how](x)
    assert x.tolist() == [1.0, 2.0]
    with course.no_grad():
        IN_PLACE[how](x)
    assert x.tolist() != [1.0, 2.0]
    assert x.requires_grad and x.is_leaf


def test_a_result_changed_in_place_stays_on_the_tape():
    x = leaf(1.0, 2.0)
    y = x * 2
    y += x
    y[0] = 10 * x[1]
    y.sum().backward()
    assert y.tolist() == [20.0, 6.0]
    assert x.grad.tolist() == [0.0, 13.0]


def test_a_view_of_a_leaf_is_changed_in_place_only_under_no_grad():
    x = leaf(1.0, 2.0)
    with pytest.raises(RuntimeError, match="a view of a leaf Variable that requires grad"):
        x[0:1].add_(1)
    with course.no_grad():
        x[0:1].add_(1)
    assert x.tolist() == [2.0, 2.0]


def test_numbers_shown_more_than_once_are_not_changed_in_place():
    with pytest.raises(RuntimeError, match="refers to a single memory location"):
        course.zeros(2, 1).expand(2, 3).add_(1)


# --- switching it off and on --------------------------------------------------------------------------------------


def recorded() -> bool:
    return (leaf(1.0) * 2).requires_grad


def test_no_grad_and_enable_grad_nest_and_survive_exceptions():
    with course.no_grad():
        assert not recorded()
        with course.enable_grad():
            assert recorded()
            with pytest.raises(ZeroDivisionError), course.no_grad():
                assert not recorded()
                raise ZeroDivisionError
            assert recorded()
        assert not recorded()
    assert recorded() and course.is_grad_enabled()


@pytest.mark.parametrize("decorator", [course.no_grad, course.no_grad()])
def test_no_grad_decorates_with_and_without_brackets(decorator):
    @decorator
    def inside(depth=0):
        """Its docstring."""
        return recorded() or (depth < 2 and inside(depth + 1))

    assert not inside()
    assert inside.__doc__ == "Its docstring."
    assert recorded()


def test_set_grad_enabled_switches_from_here_on_or_only_inside():
    course.set_grad_enabled(False)
    assert not recorded()
    course.set_grad_enabled(True)
    with course.set_grad_enabled(False):
        assert not recorded()
    assert recorded()


def test_set_grad_enabled_decorates_without_switching_off_what_follows():
    @course.set_grad_enabled(False)
    def inside():
        return recorded()

    assert recorded()
    assert not inside()
    assert recorded()


def test_one_thread_does_not_switch_off_another():
    found = []
    with course.no_grad():
        thread = threading.Thread(target=lambda: found.append(recorded()))
        thread.start()
        thread.join()
    assert found == [True]


def test_what_was_computed_without_recording_cannot_be_sent_back():
    with course.no_grad():
        y = (leaf(1.0) * 2).sum()
    with pytest.raises(RuntimeError, match="does not require grad"):
        y.backward()


def test_detach_cuts_and_shares_memory():
    x = leaf(2.0)
    cut = x.detach()
    assert not cut.requires_grad and np.shares_memory(cut.numpy(), x.detach().numpy())
    (x * (x * x).detach()).sum().backward()
    assert x.grad.item() == 4.0
    y = x * 2
    y.detach_()
    assert y.is_leaf and not y.requires_grad


# --- size and memory ----------------------------------------------------------------------------------------------


def test_a_graph_may_be_ten_thousands_of_nodes_deep():
    x = leaf(1.0)
    y = x
    for _ in range(30_000):
        y = y + 1
    y.backward()
    assert x.grad.item() == 1.0
    del y  # frees the chain, which must not recurse either


def test_the_steps_of_a_sequence_share_one_array_of_gradients(monkeypatch):
    made, put = [], indexing._put.forward
    monkeypatch.setattr(indexing._put, "forward", lambda *args: made.append(1) or put(*args))
    x = course.arange(12.0).reshape(4, 3).requires_grad_()
    sequence = x * 1
    loss = sum((k * step).sum() for k, step in enumerate(sequence)) + sequence[1:, 0].sum() + sequence[x > 10].sum()
    loss.backward()
    assert x.grad.tolist() == [[0, 0, 0], [2, 1, 1], [3, 2, 2], [4, 3, 4]]
    assert len(made) == 1


def test_what_was_remembered_is_freed_by_backward():
    x = leaf(1.0, 2.0)
    y = x.exp()
    remembered = weakref.ref(y._array)
    loss = (y * y).sum()
    del y
    assert remembered() is not None
    loss.backward()
    assert remembered() is None and loss.grad_fn is not None


def test_a_graph_goes_away_with_its_loss_without_the_garbage_collector():
    gc.collect()
    gc.disable()
    try:
        model = course.nn.Sequential(course.nn.Linear(3, 4), course.nn.ReLU(), course.nn.Linear(4, 2))
        x = course.randn(5, 3)
        for going_back in (lambda loss: None, lambda loss: loss.backward(), lambda loss: loss.backward(None, True)):
            out = model(x)
            loss = course.nn.functional.cross_entropy(out, course.zeros(5, dtype=course.int64))
            going_back(loss)
            watched = [weakref.ref(out), weakref.ref(out._array), weakref.ref(loss)]
            del out, loss
            assert [w() for w in watched] == [None] * 3
    finally:
        gc.enable()


def test_nothing_is_remembered_where_no_gradient_is_asked_for():
    x = course.ones(3)
    assert (x * 2).grad_fn is None
    with course.no_grad():
        assert (leaf(1.0) * 2).grad_fn is None


def test_the_tape_can_be_read():
    x, c = leaf(1.0), course.tensor([2.0], dtype=course.float64)
    y = (x * c).sum()
    (mul, _), = y.grad_fn.next_functions
    assert (y.grad_fn.name(), mul.name()) == ("SumBackward0", "MulBackward0")
    (end, _), (none, _) = mul.next_functions
    assert end.variable is x and none is None
    assert (end.name(), repr(end), end.next_functions) == ("AccumulateGrad", "<AccumulateGrad>", ())
    assert len({end, mul.next_functions[0][0]}) == 1, "a walk over the tape comes to a leaf once"
    assert repr(mul) == "<MulBackward0>"
