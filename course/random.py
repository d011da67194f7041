"""Random numbers: PyTorch's own CPU stream, so that one seed gives the same numbers in both.

The source is the Mersenne Twister (Matsumoto and Nishimura, 1998). What is drawn from its 32-bit numbers, and in which
order, follows PyTorch: a float32 takes 24 bits of one number, a float64 takes 53 bits of two, normal numbers come from
the Box-Muller transform, a permutation from the Fisher-Yates shuffle.
"""

from __future__ import annotations

import contextlib
import math
import secrets

import numpy as np

from .device import device as Device
from .device import like, placed, run
from .kernels import philox
from .kernels.shuffle import fisher_yates
from .random_counts import binomial, poisson
from .tracing import not_replayed, tracing

_DEFAULT_SEED = 67280421310721  # PyTorch's, for programs that never call manual_seed


class Generator:
    """A stream of random numbers. `Generator().manual_seed(0)` starts it; equal seeds give equal streams.

    `Generator("cuda")` draws on the GPU, where the numbers of a seed are others than on the CPU, as in PyTorch.
    """

    def __new__(cls, device="cpu"):
        return super().__new__(cls if Device(device).type == "cpu" else CudaGenerator)

    def __init__(self, device="cpu"):
        self.device = Device(device)
        self.manual_seed(_DEFAULT_SEED)

    def manual_seed(self, seed: int) -> Generator:
        """Start the stream anew. Raises TypeError for a seed that is not an integer."""
        if isinstance(seed, bool) or not isinstance(seed, int | np.integer):
            raise TypeError(f"manual_seed(): a seed is an integer, given {seed!r}")
        not_replayed("manual_seed")
        self._seed = int(seed)
        self._start()
        return self

    def _start(self):
        self._twister = np.random.MT19937()
        self._twister._legacy_seeding(self._seed & 0xFFFFFFFF)
        self._next_normal: float | None = None

    def initial_seed(self) -> int:
        """The seed that the stream was started with."""
        return self._seed

    def seed(self) -> int:
        """Start the stream from a seed that the operating system provides; returns it."""
        self.manual_seed(secrets.randbits(48))
        return self._seed

    def get_state(self) -> dict:
        """Where the stream stands; `set_state` returns to it."""
        return {"seed": self._seed, "twister": self._twister.state, "next_normal": self._next_normal}

    def set_state(self, state: dict) -> Generator:
        """Continue from a state that `get_state` gave."""
        not_replayed("set_state")
        self._seed, self._next_normal = state["seed"], state["next_normal"]
        self._twister.state = state["twister"]
        return self

    # --- what is drawn ------------------------------------------------------------------------------------------

    def bits32(self, count: int) -> np.ndarray:
        """`count` random 32-bit numbers, as uint64."""
        return self._raw(count) if tracing.trace is None else tracing.trace.drawn(self, self._raw, count)

    def _raw(self, count):
        return self._twister.random_raw(count)

    def bits64(self, count: int) -> np.ndarray:
        """`count` random 64-bit numbers: each is two 32-bit numbers, the first one on top."""
        pairs = self.bits32(2 * count).reshape(count, 2)
        return (pairs[:, 0] << np.uint64(32)) | pairs[:, 1]

    def uniform(self, shape, dtype, low=0.0, high=1.0) -> np.ndarray:
        """Numbers spread evenly over [low, high)."""
        kind = np.dtype(dtype).type

        def draw(count):
            bits, digits = (self.bits64(count), 53) if kind is np.float64 else (self.bits32(count), 24)
            whole = bits & np.uint64(2**digits - 1)
            if (low, high) == (0.0, 1.0):
                return whole.astype(kind) * kind(2.0**-digits)
            step = np.float64(kind(high) - kind(low)) * 2.0**-digits
            spread = whole * step + np.float64(kind(low))  # in float64 and rounded once, as PyTorch does it
            return spread.astype(kind, copy=False)

        return _part_by_part(draw, math.prod(shape)).reshape(shape)

    def normal(self, shape, dtype, mean=0.0, std=1.0) -> np.ndarray:
        """Normally distributed numbers, by Box and Muller: √(−2 ln u₁) · cos 2πu₂ and √(−2 ln u₁) · sin 2πu₂."""
        kind, count = np.dtype(dtype).type, math.prod(shape)
        if count < 16:
            values = np.array([self._one_normal() for _ in range(count)], np.float64)
            return (values * std + mean).astype(dtype).reshape(shape)

        def draw(count):
            return _box_muller(self.uniform((count,), dtype)) * kind(std) + kind(mean)

        beyond = count % 16
        values = _part_by_part(draw, count - beyond)
        if beyond:  # they are drawn, but then the last 16 are drawn afresh
            self.uniform((beyond,), dtype)
            values = np.concatenate([values[: count - 16], draw(16)])
        return values.reshape(shape)

    def _one_normal(self) -> float:
        if self._next_normal is not None:
            value, self._next_normal = self._next_normal, None
            return value
        u1, u2 = self.uniform((2,), np.float64)
        radius, angle = math.sqrt(-2 * math.log1p(-u2)), 2 * math.pi * u1
        self._next_normal = radius * math.sin(angle)
        return radius * math.cos(angle)

    def bernoulli(self, shape, dtype, p, value) -> np.ndarray:
        """`value` with probability p, else 0."""
        return (self.uniform(shape, np.float64) < p).astype(dtype) * np.dtype(dtype).type(value)

    def exponential(self, shape, dtype) -> np.ndarray:
        """Waiting times with mean 1: −log(1 − u)."""
        return -np.log1p(-self.uniform(shape, np.float64)).astype(dtype)

    def poisson(self, rates) -> np.ndarray:
        """How often an event happens whose mean number of times is the rate."""
        return self._counts(poisson, rates)

    def binomial(self, tries, p) -> np.ndarray:
        """How many of the tries succeed, each with probability p."""
        return self._counts(binomial, tries, p)

    def _counts(self, draw, *parameters):
        """One after the other: how many numbers of the stream a count takes is not known before."""
        not_replayed("counts drawn at random")
        counts = [draw(*numbers, self._unit) for numbers in zip(*(x.ravel().tolist() for x in parameters))]
        return np.array(counts, parameters[-1].dtype).reshape(parameters[-1].shape)

    def _unit(self) -> float:
        """One number as `uniform` draws float64."""
        high, low = self._twister.random_raw(), self._twister.random_raw()
        return ((high << 32 | low) & (2**53 - 1)) * 2.0**-53

    def integers(self, shape, low: int, high: int) -> np.ndarray:
        """Integers low, …, high − 1, as int64."""
        span, count = high - low, math.prod(shape)
        draw = self.bits64 if span >= 2**28 else self.bits32
        return (draw(count) % np.uint64(span)).astype(np.int64).reshape(shape) + low

    def permutation(self, n: int) -> np.ndarray:
        """0, …, n − 1 in random order, as int64."""
        order = np.arange(n)
        run(fisher_yates, n, order, self.bits32(max(n - 1, 0)))
        return order

    def seed_for_another(self) -> int:
        """A number to seed another generator with: what PyTorch's `torch.empty((), dtype=int64).random_()` draws."""
        return int(self.bits64(1)[0] & np.uint64(2**63 - 1))


class CudaGenerator(Generator):
    """A stream on the GPU: number i after `counter` others is worked out from the seed and its place alone."""

    def _start(self):
        self._counter = 0

    def get_state(self) -> dict:
        return {"seed": self._seed, "counter": self._counter}

    def set_state(self, state: dict) -> Generator:
        self._seed, self._counter = state["seed"], state["counter"]
        return self

    def _draw(self, kernel, shape, dtype, *numbers):
        out = np.empty(shape, dtype, like=like(self.device))
        kind = out.dtype.type
        if out.dtype.kind == "f":  # the worth of the last bit, which float32 does not have
            numbers = (2.0**-53 if kind is np.float64 else 0, *numbers)
        seed, counter = np.uint64(self._seed & 0xFFFFFFFFFFFFFFFF), np.uint64(self._counter)
        run(kernel, out.size, out.ravel(), seed, counter, tuple([kind(number) for number in numbers]))
        self._counter += out.size
        return out

    def uniform(self, shape, dtype, low=0.0, high=1.0):
        return self._draw(philox.draw_uniform, shape, dtype, low, high)

    def normal(self, shape, dtype, mean=0.0, std=1.0):
        return self._draw(philox.draw_normal, shape, dtype, mean, std)

    def bernoulli(self, shape, dtype, p, value):
        drawn = self._draw(philox.draw_bernoulli, shape, _float(dtype), p, value)
        return drawn.astype(dtype, copy=False)

    def exponential(self, shape, dtype):
        return self._draw(philox.draw_exponential, shape, dtype, 1.0)

    def integers(self, shape, low, high):
        return self._draw(philox.draw_integer, shape, np.int64, low, high - low)

    def permutation(self, n):
        return np.argsort(self.integers((n,), 0, 2**63 - 1), kind="stable")

    def seed_for_another(self) -> int:
        raise RuntimeError("Expected a 'cpu' device type for generator but found 'cuda'")


def _float(dtype):
    """The type in which chances are compared: that of floats, float32 for whole numbers."""
    return dtype if np.dtype(dtype).kind == "f" else np.float32


default_generator = Generator()
_streams = {"cpu": default_generator, "cuda": Generator("cuda")}


def stream(device, generator: Generator | None = None) -> Generator:
    """Where random numbers on a device (None: the default one) come from: `generator`, or the stream of the device.

    Raises RuntimeError for a generator of another device.
    """
    kind = placed(device).type
    if generator is None:
        return _streams[kind]
    if generator.device.type != kind:
        raise RuntimeError(f"Expected a '{kind}' device type for generator but found '{generator.device.type}'; make "
                           f"one with course.Generator({kind!r})")
    return generator


def manual_seed(seed: int) -> Generator:
    """Start the random streams of all devices anew. On the CPU the numbers that follow are PyTorch's for the same seed.

    Differs from PyTorch: on CUDA they are others than PyTorch's.
    """
    for own in _streams.values():
        own.manual_seed(seed)
    return default_generator


def initial_seed() -> int:
    """The seed that the random stream was started with."""
    return default_generator.initial_seed()


def seed() -> int:
    """Start the random streams of all devices from a seed that the operating system provides; returns it."""
    chosen = default_generator.seed()
    manual_seed(chosen)
    return chosen


def get_rng_state() -> dict:
    """Where the random stream of the CPU stands; `set_rng_state` returns to it. Differs from PyTorch: a dictionary."""
    return default_generator.get_state()


def set_rng_state(new_state: dict) -> None:
    """Continue the random stream of the CPU from a state that `get_rng_state` gave. Raises TypeError for others."""
    if not isinstance(new_state, dict) or new_state.keys() != get_rng_state().keys():
        raise TypeError(f"set_rng_state(): expected what get_rng_state() gave, given {type(new_state).__name__}")
    default_generator.set_state(new_state)


@contextlib.contextmanager
def fork_rng(devices=None, enabled=True):
    """`with fork_rng():` numbers drawn inside do not change those drawn afterwards; with enabled=False they do."""
    before = {own: own.get_state() for own in _streams.values()} if enabled else {}
    try:
        yield
    finally:
        for own, state in before.items():
            own.set_state(state)


_AT_ONCE = 2**16  # numbers, over which NumPy goes several times before they leave the processor's cache


def _part_by_part(draw, count):
    """`count` numbers, drawn by `draw(how_many)`."""
    if count <= _AT_ONCE:
        return draw(count)
    first = draw(_AT_ONCE)
    out = np.empty(count, first.dtype, like=first)
    out[:_AT_ONCE] = first
    for start in range(_AT_ONCE, count, _AT_ONCE):
        out[start : start + _AT_ONCE] = draw(min(_AT_ONCE, count - start))
    return out


def _box_muller(unit):
    """Blocks of 16 uniform numbers to blocks of 16 normal ones: element j is paired with element j + 8."""
    blocks, kind = unit.reshape(-1, 2, 8), unit.dtype.type
    u1, u2 = blocks[:, 0], blocks[:, 1]
    radius = np.sqrt(kind(-2) * np.log(kind(1) - u1))
    angle = kind(2 * math.pi) * u2
    normal = np.empty_like(blocks)
    np.multiply(radius, np.cos(angle), out=normal[:, 0])
    np.multiply(radius, np.sin(angle), out=normal[:, 1])
    return normal.reshape(-1)
