"""What all families have in common: shapes, checks, and what follows from what each must say for itself."""

from __future__ import annotations

import copy

from ..autograd import no_grad
from ..tensor import Size, Tensor
from ..tracing import look
from .constraints import Constraint


class Distribution:
    """A random variable, or a batch of them: what the families have in common.

    A sample has the shape sample_shape + batch_shape + event_shape: how many draws are asked for, how many sets of
    parameters there are, and how many numbers make one draw. `log_prob` gives one number for each draw.

    Args: batch_shape, event_shape: those shapes; validate_args: whether parameters and values are checked (by default
    they are, but not under `python -O`).

    A family of one's own names its parameters in `arg_constraints`, what values it has in `support`, and defines
    `rsample` (or `sample`) and `log_prob`.
    """

    arg_constraints: dict[str, Constraint] = {}
    support: Constraint | None = None
    has_rsample = False
    _validate_args = __debug__

    @staticmethod
    def set_default_validate_args(value: bool) -> None:
        """Whether distributions check their parameters and values where they are not told."""
        Distribution._validate_args = value

    def __init__(self, batch_shape=(), event_shape=(), validate_args: bool | None = None):
        self._batch_shape, self._event_shape = Size(batch_shape), Size(event_shape)
        if validate_args is not None:
            self._validate_args = validate_args
        if self._validate_args:
            for name, constraint in self._constrained():
                _require(constraint, getattr(self, name), f"{type(self).__name__}(): Expected parameter {name} to be")

    def _constrained(self):
        """Name and constraint of the parameters that were given; others are worked out from them."""
        return [(name, constraint) for name, constraint in self.arg_constraints.items() if name in vars(self)]

    def __repr__(self):
        given = {name: getattr(self, name) for name, _ in self._constrained()}
        said = [f"{name}: {x if x.numel() == 1 else x.size()}" for name, x in given.items()]
        return f"{type(self).__name__}({', '.join(said)})"

    @property
    def batch_shape(self) -> Size:
        """The shape of the parameters: as many random variables, each drawn by itself."""
        return self._batch_shape

    @property
    def event_shape(self) -> Size:
        """The shape of one draw: () for a number."""
        return self._event_shape

    def expand(self, batch_shape, _instance=None):
        """The same distribution with its parameters repeated, without copying, to another `batch_shape`."""
        new = copy.copy(self) if _instance is None else _instance
        for name, _ in self._constrained():
            own = getattr(self, name)
            setattr(new, name, own.expand(*batch_shape, *own.shape[len(self._batch_shape):]))
        new._batch_shape = Size(batch_shape)
        return new

    # --- drawing ------------------------------------------------------------------------------------------------------

    def sample(self, sample_shape=()) -> Tensor:
        """Draws, without a way back to the parameters. Shape: sample_shape + batch_shape + event_shape."""
        with no_grad():
            return self.rsample(sample_shape)

    def rsample(self, sample_shape=()) -> Tensor:
        """Draws as a function of the parameters and of random numbers, so that gradients reach the parameters."""
        raise self._lacks("rsample", "; draw with sample() and let the gradient flow through log_prob()")

    def _extended_shape(self, sample_shape=()) -> Size:
        """The shape of so many draws."""
        if not isinstance(sample_shape, tuple | list):
            raise TypeError(f"a sample_shape is a tuple of integers, given {sample_shape!r}; write ({sample_shape!r},)")
        return Size((*sample_shape, *self._batch_shape, *self._event_shape))

    # --- what a family says of itself ---------------------------------------------------------------------------------

    def log_prob(self, value) -> Tensor:
        """The logarithm of the probability, or of its density, at `value`."""
        raise self._lacks("log_prob")

    def cdf(self, value) -> Tensor:
        """The probability of a draw that is not above `value`."""
        raise self._lacks("cdf")

    def icdf(self, value) -> Tensor:
        """Where `cdf` has this value: the quantile."""
        raise self._lacks("icdf")

    def entropy(self) -> Tensor:
        """−E[log p]: how uncertain a draw is, in nats."""
        raise self._lacks("entropy")

    def perplexity(self) -> Tensor:
        """e^entropy: among how many equally likely values the choice would be as uncertain."""
        return self.entropy().exp()

    @property
    def mean(self):
        """E[x]."""
        raise self._lacks("mean")

    @property
    def mode(self):
        """The most probable value."""
        raise self._lacks("mode")

    @property
    def variance(self):
        """E[(x − mean)²]."""
        raise self._lacks("variance")

    @property
    def stddev(self):
        """√variance."""
        return self.variance.sqrt()

    def _lacks(self, what, instead=""):
        return NotImplementedError(f"{type(self).__name__} has no {what}{instead}")

    # --- checks -------------------------------------------------------------------------------------------------------

    def _validate_sample(self, value) -> None:
        """Raises ValueError for what is no value of this distribution."""
        if not isinstance(value, Tensor):
            raise ValueError(f"{type(self).__name__}: the value must be a Tensor, given {type(value).__name__}; make "
                             "one with course.tensor(...)")
        shape, own = tuple(value.shape), self._batch_shape + self._event_shape
        events = len(self._event_shape)
        if shape[len(shape) - events:] != self._event_shape:
            raise ValueError(f"{type(self).__name__}: the right-most size of value must match event_shape: "
                             f"{list(shape)} vs {list(self._event_shape)}")
        if any(n != m and 1 not in (n, m) for n, m in zip(reversed(shape), reversed(own))):
            raise ValueError(f"{type(self).__name__}: a value of shape {list(shape)} is not broadcastable with "
                             f"batch_shape + event_shape = {list(own)}")
        if self.support is not None:
            _require(self.support, value, f"{type(self).__name__}: Expected value to be within the support:")

    def _checked(self, value):
        """The value, which is looked at if values are to be."""
        if self._validate_args:
            self._validate_sample(value)
        return value


@no_grad()
def _require(constraint, x, expected):
    """Raises ValueError where x does not meet the constraint; a compiled step looks again each time."""
    look(_refuse, constraint.check(x)._array, x._array, expected, constraint)


def _refuse(valid, values, expected, constraint):
    if not valid.all():
        advice = f"; {constraint.advice}" if constraint.advice else ""
        raise ValueError(f"{expected} {constraint!r}, but found invalid values: {Tensor._of(values)}{advice}")
