"""course.compile: a replay gives what the step itself gives, bit for bit, or the step runs as before and says why."""

import copy
import gc
import logging
import tracemalloc

import numpy as np
import pytest

import course as torch
from course import nn
from course.nn import functional as F

lr_scheduler = torch.optim.lr_scheduler
drawn = np.random.default_rng(7)


def batches(count, *shape, dtype="float32"):
    return [torch.tensor(drawn.standard_normal(shape).astype(dtype)) for _ in range(count)]


ROWS, ROWS64 = batches(8, 16, 12), batches(8, 16, 12, dtype="float64")
IMAGES, NUMBERS = batches(8, 8, 3, 12, 12), batches(8, 16, 4)
CLASSES = [torch.tensor(drawn.integers(0, 4, 16)) for _ in range(8)]
OF_IMAGES = [y[:8] for y in CLASSES]


def mlp(*between, dtype=None):
    return lambda: nn.Sequential(nn.Linear(12, 8, dtype=dtype), *[make() for make in between],
                                 nn.Linear(8, 4, dtype=dtype))


def cnn():
    return nn.Sequential(nn.Conv2d(3, 6, 3, padding=1), nn.BatchNorm2d(6), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Conv2d(6, 4, 3), nn.ReLU(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(16, 4))


class Recurrent(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.walk, self.out = kind(4, 5, batch_first=True), nn.Linear(5, 4)

    def forward(self, x):
        return self.out(self.walk(x.reshape(16, 3, 4))[0][:, -1])


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.q, self.k, self.v, self.out = nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(12, 4)

    def forward(self, x):
        x = x.reshape(16, 3, 4)
        weights = (self.q(x) @ self.k(x).transpose(1, 2) / 2).softmax(-1)
        return self.out((weights @ self.v(x)).flatten(1))


class Words(nn.Module):
    def __init__(self):
        super().__init__()
        self.table, self.out = nn.Embedding(4, 6), nn.Linear(6, 4)

    def forward(self, words):
        return self.out(self.table(words))


def sgd(params):
    return torch.optim.SGD(params, lr=0.1)


def momentum(params):
    return torch.optim.SGD(params, lr=0.1, momentum=0.9, weight_decay=0.01, nesterov=True)


class Trainer:
    """A model, its optimiser and one training step, always with the same numbers at the start."""

    def __init__(self, model, optimizer=momentum, loss=F.cross_entropy, schedule=None, clip=None):
        torch.manual_seed(1)
        self.model = model()
        self.optimizer = optimizer(self.model.parameters())
        self.schedule = schedule and schedule(self.optimizer)
        self.loss, self.clip = loss, clip

    def step(self, x, y):
        self.optimizer.zero_grad()
        loss = self.loss(self.model(x), y)
        loss.backward()
        if self.clip:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.clip)
        self.optimizer.step()
        if self.schedule:
            self.schedule.step()
        return loss

    def state(self):
        """Everything that a step may change."""
        found = {**self.model.state_dict(), **{f"{n}.grad": p.grad for n, p in self.model.named_parameters()}}
        found = {name: None if t is None else t.numpy().copy() for name, t in found.items()}
        for i, state in self.optimizer.state_dict()["state"].items():
            found |= {f"{i}.{k}": v.numpy().copy() if isinstance(v, torch.Tensor) else v for k, v in state.items()}
        found["lr"] = [group["lr"] for group in self.optimizer.param_groups]
        found["random stream"] = torch.random.default_generator.get_state()["twister"]["state"]["pos"]
        return found


def assert_same(a, b):
    assert a.keys() == b.keys()
    for name in a:
        if isinstance(a[name], np.ndarray):
            assert a[name].dtype == b[name].dtype and a[name].tobytes() == b[name].tobytes(), name
        else:
            assert a[name] == b[name], name


def run(trainer, step, data):
    losses = []
    for batch in data:
        losses.append(step(*batch))
    return [None if loss is None else loss.detach().numpy() for loss in losses], trainer.state()


def assert_compiled_agrees(make, data, replayed=True):
    """The same training with and without `compile`. Returns the compiled step."""
    data, plain = list(data), make()
    losses, state = run(plain, plain.step, data)
    trainer = make()
    step = torch.compile(trainer.step)
    found, compiled_state = run(trainer, step, data)
    assert [x.tobytes() for x in found] == [x.tobytes() for x in losses]
    assert_same(compiled_state, state)
    assert (step.reason is None) == replayed, step.reason
    return step


# --- the same numbers ---------------------------------------------------------------------------------------------

MODELS = {
    "mlp": (mlp(nn.ReLU), ROWS, CLASSES), "batch-norm": (mlp(lambda: nn.BatchNorm1d(8), nn.ReLU), ROWS, CLASSES),
    "dropout": (mlp(nn.ReLU, lambda: nn.Dropout(0.3)), ROWS, CLASSES),
    "layer-norm": (mlp(lambda: nn.LayerNorm(8), nn.GELU), ROWS, CLASSES),
    "float64": (mlp(nn.Tanh, dtype=torch.float64), ROWS64, CLASSES), "cnn": (cnn, IMAGES, OF_IMAGES),
    "rnn": (lambda: Recurrent(nn.RNN), ROWS, CLASSES), "gru": (lambda: Recurrent(nn.GRU), ROWS, CLASSES),
    "lstm": (lambda: Recurrent(nn.LSTM), ROWS, CLASSES), "attention": (Attention, ROWS, CLASSES),
    "embedding": (Words, CLASSES, CLASSES[1:] + CLASSES[:1]),
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_a_model_trains_as_before(name):
    model, xs, ys = MODELS[name]
    assert_compiled_agrees(lambda: Trainer(model), zip(xs, ys))


OPTIMIZERS = {
    "sgd": sgd, "momentum": momentum, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW,
    "amsgrad": lambda p: torch.optim.Adam(p, amsgrad=True), "nadam": torch.optim.NAdam, "radam": torch.optim.RAdam,
    "rmsprop": torch.optim.RMSprop, "adagrad": torch.optim.Adagrad, "adadelta": torch.optim.Adadelta,
    "adamax": torch.optim.Adamax,
}  # fmt: skip


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_updates_as_before(name):
    assert_compiled_agrees(lambda: Trainer(mlp(nn.ReLU), OPTIMIZERS[name]), zip(ROWS, CLASSES))


SCHEDULES = {
    "cosine": lambda o: lr_scheduler.CosineAnnealingLR(o, 5), "step": lambda o: lr_scheduler.StepLR(o, 2),
    "one-cycle": lambda o: lr_scheduler.OneCycleLR(o, 0.5, total_steps=9),
    "sequential": lambda o: lr_scheduler.SequentialLR(
        o, [lr_scheduler.LinearLR(o, total_iters=2), lr_scheduler.ExponentialLR(o, 0.9)], milestones=[2]),
}  # fmt: skip


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_in_the_step_goes_on(name):
    assert_compiled_agrees(lambda: Trainer(mlp(nn.ReLU), schedule=SCHEDULES[name]), zip(ROWS, CLASSES))


LOSSES = {
    "mse": F.mse_loss, "l1": F.l1_loss, "huber": F.huber_loss, "smooth-l1": F.smooth_l1_loss,
    "bce": F.binary_cross_entropy_with_logits, "poisson": F.poisson_nll_loss, "soft-margin": F.soft_margin_loss,
    "operations": lambda x, y: torch.cat([
        x.exp().sum(1), (x * y).abs().mean(1), torch.stack([x[:, 0], x[:, 1]]).amax(0),
        torch.where(x > 0, x, y).std(1), x.max(1).values, (x / (1 + y * y))[:, [0, 2]].flatten(), x.cumsum(1)[:, -1],
    ]).sum(),
    "softmax": lambda x, y: ((x.softmax(1) - y) ** 2).mean(),
}  # fmt: skip
LOSSES_OF_CLASSES = {
    "cross-entropy": F.cross_entropy, "smoothing": lambda x, y: F.cross_entropy(x, y, label_smoothing=0.1),
    "ignored": lambda x, y: F.cross_entropy(x, y, ignore_index=2), "margin": F.multi_margin_loss,
    "nll": lambda x, y: F.nll_loss(F.log_softmax(x, 1), y),
}  # fmt: skip


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_of_numbers_is_minimised_as_before(name):
    assert_compiled_agrees(lambda: Trainer(mlp(nn.ReLU), sgd, LOSSES[name]), zip(ROWS, NUMBERS))


@pytest.mark.parametrize("name", LOSSES_OF_CLASSES)
def test_a_loss_of_classes_is_minimised_as_before(name):
    assert_compiled_agrees(lambda: Trainer(mlp(nn.ReLU), sgd, LOSSES_OF_CLASSES[name]), zip(ROWS, CLASSES))


def test_gradients_are_clipped_as_before():
    assert_compiled_agrees(lambda: Trainer(mlp(nn.ReLU), clip=0.1), zip(ROWS, CLASSES))


def test_a_smaller_last_batch_has_a_recording_of_its_own():
    epoch = [*zip(ROWS[:3], CLASSES), (ROWS[3][:5], CLASSES[3][:5])]
    step = assert_compiled_agrees(lambda: Trainer(mlp(nn.ReLU)), epoch * 3)
    assert len(step.recordings) == 2


def test_a_rate_that_is_changed_by_hand_counts():
    def losses(compiled):
        trainer = Trainer(mlp(nn.ReLU))
        step = torch.compile(trainer.step) if compiled else trainer.step
        found = []
        for i, batch in enumerate(zip(ROWS, CLASSES)):
            trainer.optimizer.param_groups[0]["lr"] = 0.1 / (1 + i)
            found.append(step(*batch).item())
        return found

    assert losses(True) == losses(False)


@pytest.mark.parametrize("to_none", [True, False])
@pytest.mark.parametrize("when", ["before", "inside", "every second"])
def test_gradients_add_up_as_before(when, to_none):
    def train(compiled):
        trainer = Trainer(mlp(nn.ReLU))

        def step(x, y):
            if when == "inside":
                trainer.optimizer.zero_grad(set_to_none=to_none)
            loss = trainer.loss(trainer.model(x), y)
            (loss / 2).backward()
            (0.5 * trainer.model(x).mean()).backward()
            return loss

        forward_and_back = torch.compile(step) if compiled else step
        for i, batch in enumerate([*zip(ROWS, CLASSES)] * 2):
            if when == "before" or (when == "every second" and i % 2 == 0):
                trainer.optimizer.zero_grad(set_to_none=to_none)
            forward_and_back(*batch)
            if when != "every second" or i % 2:
                trainer.optimizer.step()
        assert not compiled or (forward_and_back.reason is None and any(r.checked for r in forward_and_back.recordings))
        return trainer.state()

    assert_same(train(True), train(False))


def test_train_and_eval_have_recordings_of_their_own():
    torch.manual_seed(0)
    model = mlp(lambda: nn.BatchNorm1d(8), lambda: nn.Dropout(0.5))()
    predict = torch.compile(model)
    twin = copy.deepcopy(model)
    for i, x in enumerate(ROWS * 2):
        model.train(i % 2 == 0), twin.train(i % 2 == 0)
        state = torch.random.default_generator.get_state()
        with torch.no_grad():
            expected = twin(x)
            torch.random.default_generator.set_state(state)
            assert predict(x).numpy().tobytes() == expected.numpy().tobytes()
    assert len(predict.recordings) == 2 and all(r.checked for r in predict.recordings)


def test_a_compiled_module_is_still_the_module():
    model = mlp(nn.ReLU)()
    compiled = torch.compile(model)
    assert list(compiled.parameters()) == list(model.parameters()) and compiled.eval() is model
    assert compiled(ROWS[0]).requires_grad and "outside" in compiled.reason


def test_results_have_the_structure_of_the_function_and_memory_of_their_own():
    @torch.compile
    def function(pair, *, scale):
        a, b = pair
        return {"sum": (a + b) * scale, "both": [a * b, pair[0]]}, "text", None

    found = [function((a, b), scale=2.0) for a, b in zip(NUMBERS, NUMBERS[1:])]
    for (tensors, text, nothing), a, b in zip(found, NUMBERS, NUMBERS[1:]):
        assert (text, nothing) == ("text", None) and tensors["both"][1] is a
        assert tensors["sum"].equal((a + b) * 2) and tensors["both"][0].equal(a * b)


@pytest.mark.parametrize("decompose", [
    lambda A: torch.linalg.svd(A).S, lambda A: torch.linalg.eigh(A @ A.mT).eigenvalues, lambda A: torch.linalg.qr(A).R,
    lambda A: torch.linalg.pinv(A), lambda A: torch.slogdet(A).logabsdet, lambda A: torch.linalg.cholesky(A @ A.mT),
], ids=["svd", "eigh", "qr", "pinv", "slogdet", "cholesky"])  # fmt: skip
def test_a_matrix_is_taken_apart_anew(decompose):
    compiled = torch.compile(decompose)
    for k in range(3):
        A = torch.tensor([[3.0, 1.0], [k, 2.0]])
        assert torch.equal(compiled(A), decompose(A))


def test_a_method_is_compiled_for_each_object():
    class Scaled(nn.Module):
        def __init__(self, scale):
            super().__init__()
            self.weight = nn.Parameter(torch.tensor(scale))

        @torch.compile
        def forward(self, x):
            return (self.weight * x).detach()

    for model in (Scaled(2.0), Scaled(3.0)):
        for x in NUMBERS[:4]:
            assert model(x).equal(x * float(model.weight.item()))
        assert model.forward.reason is None and model.forward.recordings[0].checked


# --- what changes between the calls ---------------------------------------------------------------------------------


def changed_between(change):
    def train(compiled):
        trainer = Trainer(mlp(nn.ReLU))
        start = copy.deepcopy(trainer.model.state_dict()), copy.deepcopy(trainer.optimizer.state_dict())
        step = torch.compile(trainer.step) if compiled else trainer.step
        for i, batch in enumerate(zip(ROWS, CLASSES)):
            if i == 4:
                change(trainer, start)
            step(*batch)
        return trainer.state(), step

    (state, step), (expected, _) = train(True), train(False)
    assert_same(state, expected)
    return step


def give_other_memory(trainer, start):
    trainer.model[0].weight.data = torch.ones(8, 12)


def give_another_layer(trainer, start):
    trainer.model[0].weight = nn.Parameter(torch.ones(8, 12))


def load(trainer, start):
    trainer.model.load_state_dict(start[0])
    trainer.optimizer.load_state_dict(start[1])


def assign(trainer, start):
    trainer.model.load_state_dict(start[0], assign=True)


def freeze(trainer, start):
    trainer.model[0].requires_grad_(False)


def write(trainer, start):
    with torch.no_grad():
        trainer.model[0].weight.mul_(0.5)
    trainer.model.zero_grad()


def another_loss(trainer, start):
    trainer.loss = F.multi_margin_loss


@pytest.mark.parametrize("change", [give_other_memory, give_another_layer, load, assign, freeze, write, another_loss])
def test_a_change_between_the_calls_is_noticed(change):
    assert changed_between(change).reason is None


def test_a_name_that_means_something_else_is_noticed():
    factor = 1.0

    def scaled(x):
        return x * factor

    compiled = torch.compile(scaled)
    for factor in (1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 1.0):
        assert compiled(NUMBERS[0]).equal(NUMBERS[0] * factor)
    assert len(compiled.recordings) == 2


def test_a_change_of_a_parameter_by_a_replay_is_noticed_by_the_tape():
    trainer = Trainer(mlp(nn.ReLU))
    step = torch.compile(trainer.step)
    for batch in zip(ROWS[:3], CLASSES):
        step(*batch)
    loss = trainer.model(ROWS[0]).sum()
    step(ROWS[0], CLASSES[0])
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


# --- what cannot be replayed ------------------------------------------------------------------------------------------


def item(x):
    return x * x.sum().item()


def branch(x):
    return x if x.sum() > 0 else -x


def show(x):
    print(f"{x.sum()}")
    return x * 2


def as_numpy(x):
    return torch.from_numpy(x.numpy() * 2)


def as_list(x):
    return torch.tensor((x * 2).tolist())


def pick(x):
    return x[x > 0]


def in_place(x):
    return x.mul_(2)


def keep(x):
    kept.append(x * 2)
    return x * 3


def hooked(x):
    w = torch.ones(4, requires_grad=True)
    y = x * w
    y.register_hook(lambda g: g * 2)
    y.sum().backward()
    return w.grad


def create_graph(x):
    w = torch.ones(4, requires_grad=True)
    (g,) = torch.autograd.grad((x * w * w).sum(), w, create_graph=True)
    return g.detach()


def seeded(x):
    torch.manual_seed(3)
    return x + torch.rand(4)


def outside(x):
    return x * torch.ones(4, requires_grad=True)


kept: list = []
LOOKS = "looks at its numbers"
REASONS = {item: LOOKS, branch: LOOKS, show: LOOKS, as_numpy: LOOKS, as_list: LOOKS,
           pick: "bools", in_place: "argument is changed", keep: "kept outside", hooked: "hook",
           create_graph: "create_graph", seeded: "manual_seed", outside: "differentiated outside"}  # fmt: skip


@pytest.mark.parametrize("function", REASONS, ids=lambda f: f.__name__)
def test_what_cannot_be_replayed_runs_as_before_and_says_why(function, capsys):
    compiled = torch.compile(function)
    for x in NUMBERS:
        ours, theirs = x.clone(), x.clone()
        assert compiled(ours).detach().equal(function(theirs).detach())
        assert ours.equal(theirs)
    assert REASONS[function] in compiled.reason
    assert not any(r.checked for r in compiled.recordings)
    assert all(type(tensor._array) is np.ndarray for tensor in kept)


def test_the_reason_names_the_line():
    compiled = torch.compile(item)
    compiled(NUMBERS[0])
    assert "x.sum().item()" in compiled.reason and "test_compile.py, line" in compiled.reason
    assert "item" in repr(compiled)


def test_hooks_of_modules_are_called():
    model, seen = mlp(nn.ReLU)(), []
    predict = torch.compile(model)
    with torch.no_grad():
        for x in ROWS[:3]:
            predict(x)
        model[0].register_forward_hook(lambda *_: seen.append(1))
        for x in ROWS[:3]:
            predict(x)
    assert len(seen) == 3 and "hook" in predict.reason


def test_a_counter_in_a_module_is_noticed():
    class Counting(nn.Module):
        calls = 0

        def forward(self, x):
            self.calls += 1
            return x * self.calls

    model = Counting()
    predict = torch.compile(model)
    assert [predict(torch.ones(1)).item() for _ in range(4)] == [1, 2, 3, 4]
    assert "attribute of a module" in predict.reason


def test_a_counter_elsewhere_is_noticed_by_the_second_call():
    counter = {"calls": 0}

    @torch.compile
    def counted(x):
        counter["calls"] += 1
        return x * counter["calls"]

    assert [counted(torch.ones(1)).item() for _ in range(4)] == [1, 2, 3, 4]
    assert "more than tensors" in counted.reason


def test_shapes_beyond_the_eighth_are_not_recorded():
    @torch.compile
    def double(x):
        return x * 2

    for n in range(1, 12):
        assert double(torch.ones(n)).equal(torch.full((n,), 2.0))
    assert len(double.recordings) == 8 and "8 combinations" in double.reason


def test_fullgraph_raises_instead():
    with pytest.raises(RuntimeError, match="fullgraph=True.*item"):
        torch.compile(item, fullgraph=True)(NUMBERS[0])


def test_pytorchs_arguments_are_taken():
    @torch.compile(mode="max-autotune", dynamic=False, backend="inductor")
    def double(x):
        return x * 2

    assert isinstance(double, type(torch.compile(item))) and torch.compile(item, disable=True) is item
    with pytest.raises(TypeError, match="a function or a module is compiled, given int"):
        torch.compile(3)


def test_the_note_is_logged_once(caplog):
    caplog.set_level(logging.INFO, "course.compile")
    compiled = torch.compile(branch)
    for x in NUMBERS:
        compiled(x)
    assert len(caplog.records) == 1 and "branch runs as if it were not compiled" in caplog.text


# --- errors -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("good_calls", [0, 1, 2, 4])
def test_an_error_leaves_all_as_the_step_would(good_calls):
    wrong = CLASSES[0].clone()
    wrong[3] = 9

    def train(step, trainer):
        for batch in zip(ROWS[:good_calls], CLASSES):
            step(*batch)
        with pytest.raises(IndexError, match="Target 9 is out of bounds"):
            step(ROWS[0], wrong)
        after = trainer.state()
        for batch in zip(ROWS[4:], CLASSES):
            step(*batch)
        return after, trainer.state()

    plain, compiled = Trainer(mlp(nn.ReLU)), Trainer(mlp(nn.ReLU))
    step = torch.compile(compiled.step)
    expected = train(plain.step, plain)
    for found, wanted in zip(train(step, compiled), expected):
        assert_same(found, wanted)
    assert any(r.checked for r in step.recordings)
    assert all(type(p._array) is np.ndarray for p in compiled.model.parameters())


LAYOUTS = {"columns": lambda x: x[:, 1:3], "every other row": lambda x: x[::2], "turned": lambda x: x.T,
           "turned round": lambda x: x.flip(0), "one row for all": lambda x: x[:1].expand(16, 12)}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_arguments_lie_in_memory_as_they_were_given(layout):
    """A BLAS may add up numbers that lie apart in another order: then no bit would be the same."""
    seen = []

    def step(x):
        seen.append(x._array.strides)
        return x.mT @ x

    compiled = torch.compile(step)
    given = [LAYOUTS[layout](x) for x in ROWS]
    found = [compiled(x) for x in given]
    assert compiled.reason is None and compiled.recordings[0].checked
    assert set(seen) == {given[0]._array.strides}
    assert [f.numpy().tobytes() for f in found] == [step(x).numpy().tobytes() for x in given]


def test_what_is_kept_by_garbage_alone_is_not_kept():
    """As by an exception that was caught while a kernel was compiled, which knows the frames of the step."""
    def step(x):
        h = x * 2
        try:
            raise ValueError
        except ValueError as error:
            caught = error
        return h.sum() if caught else h

    compiled = torch.compile(step)
    gc.disable()
    try:
        for _ in range(3):
            assert compiled(torch.ones(3)).item() == 6
    finally:
        gc.enable()
    assert compiled.reason is None


# --- how much is done ---------------------------------------------------------------------------------------------


def linear():
    columns = [(x[:, :1].contiguous(), x[:, 1:2].contiguous()) for x in ROWS]
    return Trainer(lambda: nn.Linear(1, 1), sgd, F.mse_loss), columns


def small_mlp():
    return Trainer(mlp(nn.ReLU), torch.optim.Adam), [*zip(ROWS, CLASSES)]


# zero_grad (one call a parameter); forward; backward; one call for each gradient that becomes `.grad`; optimizer.step
CALLS = {linear: 2 + 5 + 3 + 2 + 1, small_mlp: 26}


@pytest.mark.parametrize("make", CALLS, ids=lambda f: f.__name__)
def test_a_replay_is_a_short_list_without_new_memory(make):
    trainer, data = make()
    step = torch.compile(trainer.step)
    for batch in data:
        step(*batch)
    (recording,) = step.recordings
    assert (len(recording.calls), recording.copying) == (CALLS[make], 0), recording.reason
    assert f"{CALLS[make]} calls" in repr(step)

    gc.collect()  # what other tests left must not be cleared away, at some cost, in between
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    recording.replay(list(data[0]))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak - before < 8192  # the result, and what Python needs for calls


def test_gradients_lie_in_the_same_memory_at_each_replay():
    trainer, data = small_mlp()
    step = torch.compile(trainer.step)
    places = []
    for batch in data[2:]:
        step(*batch)
        places.append([p.grad._array.ctypes.data for p in trainer.model.parameters()])
    assert places[2:] == places[2:3] * len(places[2:])
