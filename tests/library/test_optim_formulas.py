"""Optimisers against plain Python loops of their formulas, and training that is interrupted, saved and resumed."""

import inspect
import io
import math
import warnings

import numpy as np
import pytest

import course
from course import nn, optim
from course.optim import documents, lr_scheduler
from course.optim.lbfgs import direction
from course.optim.muon import orthogonal

from ..goldens import minimization
from ..goldens.optimizers import OPTIONS
from ..goldens.schedulers import SCHEDULES, optimizer_of, rates

# --- the documents' variants ------------------------------------------------------------------------------------------
# Each loop is the document's text, one number at a time: state, gradient g and step t to the change of θ.


def momentum_average(state, g, t, eta=0.01, beta=0.9):
    state["v"] = beta * state.get("v", 0) + (1 - beta) * g
    return -eta * state["v"]


def adagrad(state, g, t, alpha=0.01):
    state["v"] = state.get("v", 0) + g**2
    return -alpha * g / math.sqrt(state["v"])


def rmsprop(state, g, t, eta=0.01, alpha=0.99, beta=0.9):
    g = g / math.sqrt(1 + alpha * t)
    state["v"] = beta * state.get("v", 0) + (1 - beta) * g**2
    return -eta * g / math.sqrt(state["v"])


def adam(state, g, t, eta=0.01, beta1=0.9, beta2=0.999):
    state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * g
    state["v"] = beta2 * state.get("v", 0) + (1 - beta2) * g**2
    return -eta * (state["m"] / (1 - beta1**t)) / math.sqrt(state["v"] / (1 - beta2**t))


VARIANTS = {
    "momentum": (documents.Momentum, {}, momentum_average, {}),
    "momentum with options": (documents.Momentum, {"lr": 0.1, "beta": 0.5}, momentum_average, {"eta": 0.1, "beta": .5}),
    "adagrad": (documents.Adagrad, {}, adagrad, {}),
    "adagrad with options": (documents.Adagrad, {"lr": 0.3}, adagrad, {"alpha": 0.3}),
    "rmsprop": (documents.RMSprop, {}, rmsprop, {}),
    "rmsprop with options": (documents.RMSprop, {"lr": 0.1, "alpha": 0.1, "beta": 0.99}, rmsprop,
                             {"eta": 0.1, "alpha": 0.1, "beta": 0.99}),
    "adam": (documents.Adam, {}, adam, {}),
    "adam with options": (documents.Adam, {"lr": 0.1, "betas": (0.5, 0.9)}, adam,
                          {"eta": 0.1, "beta1": 0.5, "beta2": 0.9}),
}


@pytest.mark.parametrize("dtype, tolerance", [("float64", 1e-12), ("float32", 1e-5)])
@pytest.mark.parametrize("variant", VARIANTS)
def test_the_documents_variants_are_their_formulas(variant, dtype, tolerance):
    make, options, change, symbols = VARIANTS[variant]
    gradients = np.random.RandomState(0).standard_normal((30, 4)).astype(dtype)
    p = course.zeros(4, dtype=dtype, requires_grad=True)
    optimizer = make([p], **options)
    theta, states = [0.0] * 4, [{} for _ in range(4)]
    for t, g in enumerate(gradients, 1):
        p.grad = course.tensor(g)
        optimizer.step()
        theta = [x + change(state, float(gx), t, **symbols) for x, state, gx in zip(theta, states, g)]
        np.testing.assert_allclose(p.tolist(), theta, tolerance, tolerance)


def path(optimizer_class, steps, gradient=1.0, **options):
    """The steps that a constant gradient makes."""
    p = course.zeros(1, dtype=course.float64, requires_grad=True)
    optimizer = optimizer_class([p], **options)
    found = [0.0]
    for _ in range(steps):
        p.grad = course.tensor([gradient], dtype=course.float64)
        optimizer.step()
        found.append(p.item())
    return -np.diff(found)


def test_what_document_001_calls_rmsprop_hardly_decays():
    step = path(documents.RMSprop, 1000, lr=0.01, alpha=0.99, beta=0.9)[-1]
    assert step == pytest.approx(0.00995, abs=1e-5)
    assert 0.01 / math.sqrt(1 + 0.99 * 1000) == pytest.approx(0.00032, abs=1e-5)  # what a true decay would have left


def test_momentum_as_an_average_is_pytorchs_at_a_rate_one_minus_beta_as_large():
    average, classic = path(documents.Momentum, 50, lr=1.0, beta=0.9), path(optim.SGD, 50, lr=0.1, momentum=0.9)
    np.testing.assert_allclose(average, classic, 1e-9)


def test_without_epsilon_no_gradient_at_all_gives_nan_and_with_it_stays():
    for without, standard in ((documents.Adam, optim.Adam), (documents.Adagrad, optim.Adagrad)):
        assert np.isnan(path(without, 1, gradient=0.0)).all()
        assert (path(standard, 1, gradient=0.0) == 0).all()


def test_the_first_steps_of_the_adaptive_methods_are_as_long_as_the_rate_whatever_the_gradient():
    for gradient in (1e-3, 1.0, 1e4):
        assert path(optim.Adam, 1, gradient, lr=0.5)[0] == pytest.approx(0.5, rel=1e-4)
        assert path(optim.Adagrad, 1, gradient, lr=0.5)[0] == pytest.approx(0.5, rel=1e-4)
        assert path(optim.RMSprop, 1, gradient, lr=0.05)[0] == pytest.approx(0.5, rel=1e-2)  # 1 / √(1 − α) = 10 times


# --- closures, state, resuming ----------------------------------------------------------------------------------------

EVERY = [(name, options) for name, several in OPTIONS.items() for options in several]
DOCUMENTS = [(variant, {}) for variant in ("Momentum", "Adagrad", "RMSprop", "Adam")]


def problem():
    course.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
    x, y = course.randn(16, 3), course.randn(16, 1)

    def train(optimizer, schedule=None, steps=6):
        for _ in range(steps):
            optimizer.zero_grad()
            nn.functional.mse_loss(model(x), y).backward()
            optimizer.step()
            if schedule:
                schedule.step()
        return [p.tolist() for p in model.parameters()]

    return model, train


def through_a_file(state):
    file = io.BytesIO()
    course.save(state, file)
    file.seek(0)
    return course.load(file)


def resumes_bit_for_bit(make_optimizer, make_schedule=None):
    """A training of twelve steps against one that stops after six, is saved, and goes on in new objects."""
    def everything():
        model, train = problem()
        optimizer = make_optimizer(model.parameters())
        return model, train, optimizer, make_schedule(optimizer) if make_schedule else None

    model, train, optimizer, schedule = everything()
    train(optimizer, schedule)
    saved = through_a_file({"model": model.state_dict(), "optimizer": optimizer.state_dict(),
                            "schedule": schedule.state_dict() if schedule else None})
    wanted = train(optimizer, schedule)

    model, train, optimizer, schedule = everything()
    model.load_state_dict(saved["model"])
    optimizer.load_state_dict(saved["optimizer"])
    if schedule:
        schedule.load_state_dict(saved["schedule"])
    return train(optimizer, schedule) == wanted


@pytest.mark.parametrize("module, name, options",
                         [(optim, *o) for o in EVERY] + [(documents, *o) for o in DOCUMENTS], ids=str)
def test_every_optimizer_saved_and_loaded_goes_on_bit_for_bit(module, name, options):
    assert resumes_bit_for_bit(lambda params: getattr(module, name)(params, **{"lr": 0.02, **options}))


@pytest.mark.parametrize("options", minimization.OPTIONS["LBFGS"] + minimization.OPTIONS["Muon"], ids=str)
def test_what_a_closure_and_matrices_need_goes_on_bit_for_bit_too(options):
    name = "LBFGS" if options in minimization.OPTIONS["LBFGS"] else "Muon"

    def start():
        model, loss = minimization.network(course)
        params = [p for p in model.parameters() if p.ndim == 2 or name == "LBFGS"]
        return model, loss, getattr(optim, name)(params, **{"lr": 0.1, **options})

    model, loss, optimizer = start()
    minimization.minimised(course, optimizer, loss, 2)
    saved = through_a_file([model.state_dict(), optimizer.state_dict()])
    wanted = minimization.minimised(course, optimizer, loss, 3)
    model, loss, optimizer = start()
    model.load_state_dict(saved[0])
    optimizer.load_state_dict(saved[1])
    assert minimization.minimised(course, optimizer, loss, 3) == wanted


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_schedule_saved_and_loaded_goes_on_with_the_same_rates(name):
    def start():
        optimizer = optimizer_of(course)
        return optimizer, SCHEDULES[name](lr_scheduler, optimizer)

    def go_on(optimizer, schedule, steps):
        found = []
        for _ in range(steps):
            optimizer.step()
            schedule.step()
            found.append(rates(schedule, optimizer))
        return found

    optimizer, schedule = start()
    go_on(optimizer, schedule, 5)
    saved = through_a_file([optimizer.state_dict(), schedule.state_dict()])
    wanted = go_on(optimizer, schedule, 9)
    optimizer, schedule = start()
    optimizer.load_state_dict(saved[0])
    schedule.load_state_dict(saved[1])
    assert go_on(optimizer, schedule, 9) == wanted


def test_a_plateau_saved_and_loaded_remembers_its_patience():
    def start():
        optimizer = optimizer_of(course)
        return optimizer, lr_scheduler.ReduceLROnPlateau(optimizer, patience=2, cooldown=1)

    def measure(optimizer, schedule, values):
        found = []
        for value in values:
            schedule.step(course.tensor(value))
            found.append(optimizer.param_groups[0]["lr"])
        return found

    optimizer, schedule = start()
    measure(optimizer, schedule, [1.0, 1.0, 1.0])
    saved = through_a_file([optimizer.state_dict(), schedule.state_dict()])
    wanted = measure(optimizer, schedule, [1.0] * 6)
    optimizer, schedule = start()
    optimizer.load_state_dict(saved[0])
    schedule.load_state_dict(saved[1])
    assert measure(optimizer, schedule, [1.0] * 6) == wanted and wanted[0] == pytest.approx(0.01)


def test_a_momentum_with_a_cycling_rate_resumes_bit_for_bit():
    assert resumes_bit_for_bit(lambda params: optim.SGD(params, lr=0.02, momentum=0.9),
                               lambda o: lr_scheduler.OneCycleLR(o, 0.1, total_steps=20))
    assert resumes_bit_for_bit(lambda params: optim.Adam(params, lr=0.02),
                               lambda o: lr_scheduler.CyclicLR(o, 0.01, 0.1, 3))


@pytest.mark.parametrize("name", OPTIONS)
def test_a_step_with_a_closure_is_the_same_step(name):
    def run(closed):
        model, _ = problem()
        optimizer = getattr(optim, name)(model.parameters(), lr=0.05)
        x = course.ones(2, 3)

        def loss():
            optimizer.zero_grad()
            out = (model(x) ** 2).sum()
            out.backward()
            return out

        losses = []
        for _ in range(4):
            if closed:
                losses.append(optimizer.step(loss).item())
            else:
                losses.append(loss().item())
                assert optimizer.step() is None
        return losses, [p.tolist() for p in model.parameters()]

    assert run(True) == run(False)


@pytest.mark.parametrize("name", OPTIONS)
def test_a_new_group_begins_with_the_defaults_and_its_own_first_step(name):
    p, q = (course.ones(1, requires_grad=True) for _ in range(2))
    optimizer = getattr(optim, name)([p], lr=0.1)
    p.grad = course.ones(1)
    optimizer.step()
    first = p.item()
    optimizer.add_param_group({"params": [q]})
    q.grad = course.ones(1)
    optimizer.step()
    assert q.item() == first


@pytest.mark.parametrize("name", OPTIONS)
def test_all_options_stand_in_the_groups_and_can_be_changed_there(name):
    p = course.ones(1, requires_grad=True)
    optimizer = getattr(optim, name)([p])
    taken = set(inspect.signature(getattr(optim, name)).parameters) - {"params", "foreach", "fused", "capturable"}
    assert taken <= set(optimizer.param_groups[0])
    optimizer.param_groups[0]["lr"] = 0.0
    p.grad = course.ones(1)
    optimizer.step()
    assert p.item() == pytest.approx(1.0, abs=2e-6)  # Rprop's shortest step is 1e-6


# --- what the numbers of minimisations do not show --------------------------------------------------------------------


def test_a_line_search_ends_where_the_function_is_lower_and_flatter():
    x = course.tensor([-1.2, 1.0], dtype=course.float64, requires_grad=True)
    optimizer = optim.LBFGS([x], line_search_fn="strong_wolfe", max_iter=100, tolerance_change=0)
    minimization.minimised(course, optimizer, lambda: minimization.rosenbrock(x), 1)
    np.testing.assert_allclose(x.tolist(), [1.0, 1.0], 1e-6)
    assert optimizer.state[x]["n_iter"] < 40


def test_two_loops_are_the_inverse_that_bfgs_would_form():
    random = np.random.RandomState(0)
    n, pairs, h = 4, [], 0.7 * np.eye(4)
    for _ in range(3):
        s, y = random.standard_normal((2, n))
        y = y if s @ y > 0 else -y
        rho = 1 / (s @ y)
        left = np.eye(n) - rho * np.outer(s, y)
        h = left @ h @ left.T + rho * np.outer(s, s)
        pairs.append((course.tensor(s), course.tensor(y), rho))
    g = random.standard_normal(n)
    np.testing.assert_allclose(direction(course.tensor(g), pairs, 0.7).tolist(), -h @ g, 1e-9)


def test_a_loaded_memory_is_the_new_optimizers_own():
    x, y = (course.ones(2, requires_grad=True) for _ in range(2))
    first, second = optim.LBFGS([x]), optim.LBFGS([y])
    minimization.minimised(course, first, lambda: minimization.quadratic(x), 1)
    second.load_state_dict(first.state_dict())
    second.state[y]["old_dirs"][0].zero_()
    assert first.state[x]["old_dirs"][0].any()


def test_averaged_sgd_ends_closer_than_its_last_step():
    course.manual_seed(0)
    p = course.ones(1000, requires_grad=True)
    optimizer = optim.ASGD([p], lr=0.3, lambd=0, t0=50)
    for _ in range(400):
        p.grad = p.detach() + course.randn(1000)  # of ½ Σ p², measured with noise
        optimizer.step()
    assert (optimizer.state[p]["ax"] ** 2).mean() < (p.detach() ** 2).mean() / 5


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 4)], ids=str)
def test_muons_step_is_nearly_orthogonal_whatever_the_gradient(shape):
    m = course.tensor(np.random.RandomState(0).standard_normal(shape))
    o = orthogonal(m, (3.4445, -4.7750, 2.0315), 5, 1e-7)
    u, _, v = np.linalg.svd(m.numpy(), full_matrices=False)
    s = np.linalg.svd(o.numpy(), compute_uv=False)
    assert s.min() > 0.6 and s.max() < 1.3
    along = u.T @ o.numpy() @ v.T
    np.testing.assert_allclose(along, np.diag(np.diag(along)), atol=1e-9)  # the same directions
    # with coefficients that converge, U Vᵀ itself
    np.testing.assert_allclose(orthogonal(m, (15 / 8, -10 / 8, 3 / 8), 40, 1e-7).numpy(), u @ v, atol=1e-9)


def test_muon_is_pytorchs_but_for_its_rounding():
    p = course.tensor([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]], requires_grad=True)
    optimizer = optim.Muon([p], lr=0.1)
    for k in range(5):
        p.grad = course.tensor([[1.0, k, -2.0], [0.5 * k, 1.0, 3.0]])
        optimizer.step()
    in_bfloat16 = [[0.2652, -1.2080, 2.1468], [1.2817, 0.0600, -1.0756]]
    np.testing.assert_allclose(p.tolist(), in_bfloat16, atol=0.005)


def test_adafactor_keeps_a_row_and_a_column():
    p = course.ones(300, 200, requires_grad=True)
    p.grad = course.ones(300, 200)
    optimizer = optim.Adafactor([p])
    optimizer.step()
    assert sum(s.numel() for s in optimizer.state[p].values() if isinstance(s, course.Tensor)) == 500


def test_state_that_pytorch_kept_in_tensors_of_one_number_goes_on():
    p, q = (course.ones(2, requires_grad=True) for _ in range(2))
    first, second = optim.ASGD([p], lr=0.1), optim.ASGD([q], lr=0.1)
    p.grad = q.grad = course.ones(2)
    first.step()
    saved = first.state_dict()
    saved["state"][0] |= {key: course.tensor(float(saved["state"][0][key])) for key in ("step", "eta", "mu")}
    with course.no_grad():
        q.copy_(p)
    second.load_state_dict(saved)
    first.step()
    second.step()
    assert q.tolist() == pytest.approx(p.tolist(), abs=1e-7) and second.state[q]["step"] == 2


# --- schedules beyond their numbers -----------------------------------------------------------------------------------


def test_a_constant_factor_of_zero_comes_back():
    optimizer = optimizer_of(course)
    schedule = lr_scheduler.ConstantLR(optimizer, 0.0, 2)
    seen = [schedule.get_last_lr()]
    for _ in range(3):
        optimizer.step()
        schedule.step()
        seen.append(schedule.get_last_lr())
    assert seen == [[0.0, 0.0], [0.0, 0.0], [0.1, 0.5], [0.1, 0.5]]


def test_a_schedule_that_is_stepped_before_its_optimizer_warns_once():
    schedule = lr_scheduler.StepLR(optimizer_of(course), 2)
    with pytest.warns(UserWarning, match="Call optimizer.step.. first"):
        schedule.step()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        schedule.step()


def refused(kind, words, make):
    with pytest.raises(kind, match=words):
        make(optimizer_of(course))


def test_schedules_refuse_what_makes_no_sense():
    s = lr_scheduler
    with pytest.raises(TypeError, match="is not an Optimizer"):
        s.StepLR(course.ones(1), 3)
    refused(ValueError, "between 0 and 1", lambda o: s.ConstantLR(o, 1.5))
    refused(ValueError, "greater than 0", lambda o: s.LinearLR(o, 0.0))
    refused(ValueError, "between 0 and 1", lambda o: s.LinearLR(o, 0.5, 2.0))
    refused(ValueError, "positive integer T_0", lambda o: s.CosineAnnealingWarmRestarts(o, 0))
    refused(ValueError, "T_mult >= 1", lambda o: s.CosineAnnealingWarmRestarts(o, 1, 0))
    refused(ValueError, "total_steps OR", lambda o: s.OneCycleLR(o, 1.0))
    refused(ValueError, "positive integer total_steps", lambda o: s.OneCycleLR(o, 1.0, total_steps=0))
    refused(ValueError, "pct_start", lambda o: s.OneCycleLR(o, 1.0, 10, pct_start=2.0))
    refused(ValueError, "'cos' or 'linear'", lambda o: s.OneCycleLR(o, 1.0, 10, anneal_strategy="exp"))
    refused(ValueError, "mode 'square' is invalid", lambda o: s.CyclicLR(o, 0.1, 1.0, mode="square"))
    refused(ValueError, "expected 2 values for max_lr", lambda o: s.OneCycleLR(o, [1.0], 10))
    refused(ValueError, "Factor should be < 1.0", lambda o: s.ReduceLROnPlateau(o, factor=1.0))
    refused(ValueError, "mode least is unknown", lambda o: s.ReduceLROnPlateau(o, "least"))
    refused(ValueError, "one more than", lambda o: s.SequentialLR(o, [s.ConstantLR(o)], [3]))
    refused(ValueError, "at least one scheduler", lambda o: s.ChainedScheduler([]))
    refused(ValueError, "same optimizer",
            lambda o: s.ChainedScheduler([s.ConstantLR(o), s.ConstantLR(optimizer_of(course))]))
    refused(KeyError, "initial_lr", lambda o: s.StepLR(o, 3, last_epoch=4))
    with pytest.raises(ValueError, match="cycle_momentum=False"):
        s.CyclicLR(optim.Adagrad([course.ones(1, requires_grad=True)]), 0.1, 1.0)


def test_one_cycle_ends():
    optimizer = optimizer_of(course)
    schedule = lr_scheduler.OneCycleLR(optimizer, 1.0, total_steps=2)
    optimizer.step()
    schedule.step()
    schedule.step()
    with pytest.raises(ValueError, match="total number of steps|total steps is 2"):
        schedule.step()


def test_loading_a_state_that_is_none_says_so():
    optimizer = optim.Adam([course.ones(1, requires_grad=True)])
    with pytest.raises(KeyError, match="no state_dict of an optimiser: param_groups and state"):
        optimizer.load_state_dict({"0.weight": course.ones(1)})
    with pytest.raises(ValueError, match=r"groups of \[2\] parameters, this optimizer has \[1\]"):
        optimizer.load_state_dict(optim.Adam([course.ones(1, requires_grad=True) for _ in range(2)]).state_dict())
