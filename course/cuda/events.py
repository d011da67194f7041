"""Moments in the work of the GPU, between which time is measured: it goes on while the program runs ahead of it."""

from __future__ import annotations

import time

from numba import config

from ..device import cuda_is_available, no_cuda


class Event:
    """A moment: `start.record()`, the work, `end.record()`, `end.synchronize()`, `start.elapsed_time(end)`.

    Raises RuntimeError where there is no CUDA device, and for a time between events without enable_timing=True.
    """

    def __init__(self, enable_timing: bool = False, blocking: bool = False, interprocess: bool = False):
        if not cuda_is_available():
            raise no_cuda("so there are no events in its work")
        self.enable_timing = enable_timing
        self._event = _SimulatedEvent() if config.ENABLE_CUDASIM else _event(enable_timing)  # type: ignore[attr-defined]
        self._recorded = False

    def record(self, stream=None) -> None:
        """Let the moment be when the GPU has done all that it was asked for until now."""
        self._event.record()
        self._recorded = True

    def synchronize(self) -> None:
        """Wait for the moment."""
        self._event.synchronize()

    def query(self) -> bool:
        """Whether the moment has come."""
        return self._event.query()

    def elapsed_time(self, end_event: Event) -> float:
        """The milliseconds from this moment to the other."""
        if not (self.enable_timing and end_event.enable_timing):
            raise RuntimeError("Both events must be created with argument 'enable_timing=True'.")
        if not (self._recorded and end_event._recorded):
            raise RuntimeError("Both events must be recorded before calculating elapsed time.")
        return self._event.elapsed_time(end_event._event)


def _event(timing):
    from numba import cuda

    return cuda.event(timing=timing)


class _SimulatedEvent:
    """In the simulator all work is done at once."""

    def record(self):
        self.moment = time.perf_counter()

    def synchronize(self):
        pass

    def query(self):
        return True

    def elapsed_time(self, end):
        return 1000 * (end.moment - self.moment)
