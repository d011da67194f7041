"""Optimisers beyond their numbers (those are goldens): groups, state, odd parameters, determinism."""

import numpy as np
import pytest

import course
from course import nn
from course.optim import SGD


def trained(parameter, steps=3, **options):
    """The parameter after some steps on J = Σ p⁴."""
    optimizer = SGD([parameter], lr=0.01, **options)
    for _ in range(steps):
        optimizer.zero_grad()
        (parameter**4).sum().backward()
        optimizer.step()
    return parameter.tolist()


@pytest.mark.parametrize("options", [{}, {"momentum": 0.9}, {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1}],
                         ids=str)
def test_a_parameter_that_is_no_contiguous_array_is_updated_all_the_same(options):
    numbers = np.arange(1.0, 7.0).reshape(2, 3) / 4
    wanted = trained(course.tensor(numbers, requires_grad=True), **options)
    transposed = course.tensor(numbers.T.copy()).T.requires_grad_()
    strided = course.tensor(np.repeat(numbers, 2, 1))[:, ::2].requires_grad_()
    assert not transposed.is_contiguous() and not strided.is_contiguous()
    assert trained(transposed, **options) == trained(strided, **options) == wanted


def test_a_gradient_of_another_layout_is_taken():
    p = course.zeros(2, 3, requires_grad=True)
    p.grad = course.arange(6.0).reshape(3, 2).T
    SGD([p], lr=1.0).step()
    assert p.tolist() == [[-0.0, -2.0, -4.0], [-1.0, -3.0, -5.0]]


@pytest.mark.parametrize("shape", [(), (0,), (1,), (2, 0, 3)])
def test_scalars_and_empty_parameters_are_parameters_too(shape):
    p = course.ones(shape, requires_grad=True)
    p.grad = course.ones(shape)
    SGD([p], lr=0.5, momentum=0.9).step()
    assert p.shape == shape and (p == 0.5).all()


def test_a_parameter_without_a_gradient_stays_and_gets_no_state():
    p = course.ones(2, requires_grad=True)
    optimizer = SGD([p], lr=1.0, momentum=0.9, weight_decay=1.0)
    optimizer.step()
    assert p.tolist() == [1.0, 1.0] and not optimizer.state_dict()["state"]


def test_a_step_leaves_the_gradient_as_it_was_and_the_tape_alone():
    p = course.ones(2, requires_grad=True)
    p.grad = course.tensor([1.0, 2.0])
    SGD([p], lr=0.1, momentum=0.9, weight_decay=0.5, maximize=True).step()
    assert p.grad.tolist() == [1.0, 2.0]
    assert p.is_leaf and p.requires_grad


def test_nan_in_a_gradient_is_seen_in_the_parameter_and_stays_in_the_momentum():
    p = course.ones(2, requires_grad=True)
    optimizer = SGD([p], lr=0.1, momentum=0.9)
    p.grad = course.tensor([float("nan"), 1.0])
    optimizer.step()
    p.grad = course.zeros(2)
    optimizer.step()
    assert np.isnan(p.tolist()[0]) and np.isfinite(p.tolist()[1])
    assert np.isnan(optimizer.state[p]["momentum_buffer"].tolist()[0])


def test_a_fading_momentum_never_becomes_denormal():
    p = course.ones(3, requires_grad=True)
    optimizer = SGD([p], lr=0.0, momentum=0.5)
    p.grad = course.ones(3)
    optimizer.step()
    p.grad = course.zeros(3)
    for _ in range(300):
        optimizer.step()
    assert (optimizer.state[p]["momentum_buffer"] == 0).all()


def test_groups_have_options_of_their_own_and_may_join_later():
    a, b, c = (course.ones(1, requires_grad=True) for _ in range(3))
    optimizer = SGD([{"params": [a]}, {"params": [b], "lr": 0.5}], lr=0.1)
    optimizer.add_param_group({"params": c, "weight_decay": 1.0, "lr": 1.0})
    for p in (a, b, c):
        p.grad = course.ones(1)
    optimizer.step()
    assert [p.item() for p in (a, b, c)] == pytest.approx([0.9, 0.5, -1.0])
    optimizer.param_groups[0]["lr"] = 0.0  # what a schedule does
    optimizer.step()
    assert a.item() == pytest.approx(0.9)


def test_named_parameters_are_taken_too():
    model = nn.Linear(2, 1)
    assert SGD(model.named_parameters(), lr=0.1).param_groups[0]["params"] == list(model.parameters())


def test_zero_grad_forgets_or_zeroes():
    p = course.ones(1, requires_grad=True)
    optimizer = SGD([p], lr=0.1)
    p.sum().backward()
    optimizer.zero_grad(set_to_none=False)
    assert p.grad.item() == 0.0
    optimizer.zero_grad()
    assert p.grad is None


def test_a_closure_computes_with_gradients_although_the_step_does_not():
    p = course.ones(1, requires_grad=True)
    optimizer = SGD([p], lr=0.1)

    def closure():
        loss = (p * 3).sum()
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == 3.0
    assert p.item() == pytest.approx(0.7)


def test_loaded_state_belongs_to_the_new_parameters_alone():
    p, q = course.ones(1, requires_grad=True), course.ones(1, requires_grad=True)
    first, second = SGD([p], lr=0.1, momentum=0.9), SGD([q], lr=7.0)
    p.grad = course.ones(1)
    first.step()
    second.load_state_dict(first.state_dict())
    assert second.param_groups[0]["lr"] == 0.1 and second.param_groups[0]["params"] == [q]
    second.state[q]["momentum_buffer"].zero_()
    assert first.state[p]["momentum_buffer"].item() == 1.0


def test_an_optimizer_prints_its_groups():
    text = repr(SGD([course.ones(1, requires_grad=True)], lr=0.1, momentum=0.9))
    assert text.startswith("SGD (\nParameter Group 0\n") and "    lr: 0.1\n" in text and "    momentum: 0.9\n" in text


def test_the_same_seed_gives_the_same_numbers_to_the_last_bit():
    def program():
        course.manual_seed(1)
        model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3))
        optimizer = SGD(model.parameters(), lr=0.1, momentum=0.9)
        data = course.utils.data.TensorDataset(course.randn(64, 8), course.randint(3, (64,)))
        losses = []
        for _ in range(2):
            for x, y in course.utils.data.DataLoader(data, batch_size=16, shuffle=True):
                optimizer.zero_grad()
                loss = nn.functional.cross_entropy(model(x), y)
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
        return losses, [p.tolist() for p in model.parameters()]

    assert program() == program()


def test_gradients_are_clipped_to_a_common_length():
    p, q = course.zeros(2, requires_grad=True), course.zeros(1, requires_grad=True)
    p.grad, q.grad = course.tensor([3.0, 4.0]), course.tensor([12.0])
    assert nn.utils.clip_grad_norm_([p, q, course.zeros(1, requires_grad=True)], 1.3).item() == 13.0
    np.testing.assert_allclose([*p.grad.tolist(), *q.grad.tolist()], [0.3, 0.4, 1.2], 1e-5)


def test_an_option_that_the_optimiser_does_not_know_is_kept_with_a_warning():
    """Optimisers of one's own, such as SAM, hand their groups with options of theirs to a base optimiser."""
    weight = course.ones(1, requires_grad=True)
    with pytest.warns(UserWarning, match="SGD has no option rho, and does not read it"):
        optimizer = course.optim.SGD([{"params": [weight], "rho": 0.05}], lr=0.1)
    assert optimizer.param_groups[0]["rho"] == 0.05


@pytest.mark.parametrize("yes", [1, "yes", [0], np.True_], ids=str)
def test_a_flag_counts_by_its_truth(yes):  # numba knows nothing of some of these types
    def climbed(flag):
        p = course.ones(3, requires_grad=True)
        p.grad = course.tensor([1.0, 2.0, 3.0])
        course.optim.AdamW([p], lr=0.1, maximize=flag).step()
        return p.tolist()

    assert climbed(yes) == climbed(True) != climbed(None) == climbed(False)
