"""How a thread works at the moment: whether operations are recorded on the tape, and what else is switched there."""

import contextlib
import threading

from ..quiet import restore, silence


class _Mode(threading.local):
    recording = True  # tensors that require a gradient leave nodes on the tape
    in_rules = False  # derivative rules are running on arrays
    looking = False  # for NaN in gradients


current = _Mode()


def is_grad_enabled() -> bool:
    """Whether operations are recorded on the tape."""
    return current.recording


class set_grad_enabled(contextlib.ContextDecorator):
    """Record operations (True) or not (False) from here on; as a context manager or decorator, only inside."""

    def __init__(self, mode: bool):
        self.mode, self.before = bool(mode), current.recording
        current.recording = self.mode

    def __call__(self, function):
        current.recording = self.before
        return super().__call__(function)

    def _recreate_cm(self):  # a decorated function switches anew at each call
        return set_grad_enabled(self.mode)

    def __enter__(self):
        current.recording = self.mode

    def __exit__(self, *exception):
        current.recording = self.before


class set_detect_anomaly:
    """Stop backward at the operation whose derivative is NaN (True) or not, from here on; in a `with`, only inside.

    The RuntimeError names it. It costs a look at every gradient. Differs from PyTorch: the line that called the
    operation is not named.
    """

    def __init__(self, mode: bool, check_nan: bool = True):
        self.before, current.looking = current.looking, bool(mode and check_nan)

    def __enter__(self):
        pass

    def __exit__(self, *exception):
        current.looking = self.before


class detect_anomaly(set_detect_anomaly):
    """`with detect_anomaly():` stops backward at the operation whose derivative is NaN; see `set_detect_anomaly`."""

    def __init__(self, check_nan: bool = True):
        super().__init__(True, check_nan)


class _Recording(contextlib.ContextDecorator):
    """Switches recording inside a block or function: `with no_grad():`, `@no_grad()` or `@no_grad`."""

    recording: bool

    def __new__(cls, function=None):
        self = super().__new__(cls)
        self.before = []
        return self if function is None else self(function)

    def _recreate_cm(self):  # threads that call one decorated function must not share `before`
        return type(self)()

    def __enter__(self):
        self.before.append(current.recording)
        current.recording = self.recording

    def __exit__(self, *exception):
        current.recording = self.before.pop()


class no_grad(_Recording):
    """Inside, operations leave no trace on the tape: for validation, and for changing parameters by hand."""

    recording = False


class enable_grad(_Recording):
    """Inside, operations are recorded again, even within `no_grad`."""

    recording = True


class inference_mode(_Recording):
    """`no_grad` under the name for programs that only predict; `inference_mode(False)` is `enable_grad`.

    Differs from PyTorch: what was made inside is an ordinary tensor, which may be used on the tape later.
    """

    recording = False

    def __new__(cls, mode=True):
        return super().__new__(cls, mode if callable(mode) else None)

    def __init__(self, mode=True):
        self.recording = not mode

    def _recreate_cm(self):
        return inference_mode(not self.recording)


class on_arrays:
    """Inside, forward passes and rules are called on arrays, outside a backward pass too."""

    def __enter__(self):
        self.before, current.in_rules = current.in_rules, True
        self.silenced = silence()

    def __exit__(self, *exception):
        restore(self.silenced)
        current.in_rules = self.before
