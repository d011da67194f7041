"""L-BFGS: Newton's method with a curvature guessed from the last few steps."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from ..autograd import enable_grad, no_grad
from ..creation import zeros_like
from ..ops.shapes import cat
from ..tensor import Tensor
from .optimizer import Optimizer


class LBFGS(Optimizer):
    r"""Limited-memory BFGS: several steps along d = −H g a call, with H ≈ the inverse of the second derivatives.

    .. math::
        s_k = \theta_{k+1} - \theta_k, \quad y_k = g_{k+1} - g_k, \quad \rho_k = \frac{1}{y_k^\top s_k}, \qquad
        H_{k+1} = (I - \rho_k s_k y_k^\top)\, H_k\, (I - \rho_k y_k s_k^\top) + \rho_k s_k s_k^\top

    H is never formed: `direction` applies the last pairs (s, y) to g. For smooth functions and whole data sets; a
    function that differs from call to call (mini-batches, dropout) misleads it.

    Args: lr η: the step, or the first try of the line search; max_iter: steps a call of `step`; max_eval: calls of the
    closure, 5/4 max_iter where it is None; tolerance_grad: stop when max |g| is no larger; tolerance_change: stop when
    the function or the parameters change less; history_size: how many pairs are kept; line_search_fn:
    "strong_wolfe" or None. Parameters come in a single group.
    Raises ValueError for options out of range and for a second group, RuntimeError for another line search.

    Sources: Nocedal and Wright, Numerical Optimization (2006), algorithms 7.4, 7.5, 3.5 and 3.6; Liu and Nocedal
    (1989); the stopping rules and safeguards are those of Schmidt's minFunc.
    """

    def __init__(self, params, lr: float = 1, max_iter: int = 20, max_eval: int | None = None,
                 tolerance_grad: float = 1e-7, tolerance_change: float = 1e-9, history_size: int = 100,
                 line_search_fn: str | None = None):
        super().__init__(params, {
            "lr": lr, "max_iter": max_iter, "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad, "tolerance_change": tolerance_change, "history_size": history_size,
            "line_search_fn": line_search_fn,
        })  # fmt: skip

    def add_param_group(self, group):
        """The one group that there is. Raises ValueError for a second one: H belongs to all parameters together."""
        if self.param_groups:
            raise ValueError("LBFGS doesn't support per-parameter options (parameter groups): give it one list")
        self.check({**self.defaults, **group})
        super().add_param_group(group)

    def check(self, group):
        super().check(group)
        if group["history_size"] < 1:
            raise ValueError(f"history_size must be at least 1, given {group['history_size']}")
        if group["line_search_fn"] not in (None, "strong_wolfe"):
            raise RuntimeError(f"only 'strong_wolfe' is supported as line_search_fn, given {group['line_search_fn']!r}")

    @no_grad()
    def step(self, closure: Callable[[], Tensor]):  # type: ignore[override]  # PyTorch, too, demands it here
        """Minimise for `max_iter` steps or until a tolerance is met; returns the loss from before.

        `closure` zeroes the gradients, computes the loss, calls `backward` and returns the loss: it is called often.
        """
        group = self.param_groups[0]
        params, lr, tolerance = group["params"], group["lr"], group["tolerance_change"]
        state = self.state[params[0]]  # PyTorch keeps it there too
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)
        last_evaluation = state["func_evals"] + group["max_eval"]
        closure = enable_grad()(closure)

        def evaluate():
            state["func_evals"] += 1
            return float(closure()), self._gradient()

        first_loss = closure()
        state["func_evals"] += 1
        loss, g = float(first_loss), self._gradient()
        for i in range(group["max_iter"]):
            if _largest(g) <= group["tolerance_grad"] or (i and state["func_evals"] >= last_evaluation):
                break
            state["n_iter"] += 1
            d = _next_direction(state, g, group["history_size"])
            t = lr * min(1.0, 1.0 / g.abs().sum().item()) if state["n_iter"] == 1 else lr
            state.update(d=d, t=t, prev_flat_grad=g, prev_loss=loss)
            slope = g.dot(d).item()
            if slope > -tolerance:
                break
            if group["line_search_fn"]:
                left = last_evaluation - state["func_evals"]
                state["t"], loss, g, _ = self._searched(evaluate, Point(0.0, loss, g, slope), t, d, left)
            else:
                self._move(t, d)
                if i + 1 < group["max_iter"]:  # whoever calls step() again evaluates there
                    loss, g = evaluate()
            if _largest(state["t"] * d) <= tolerance or abs(loss - state["prev_loss"]) < tolerance:
                break
        self.steps_taken += 1
        return first_loss

    def _searched(self, evaluate, start: Point, t: float, d: Tensor, most: int) -> Point:
        """The point that the line search finds along d; θ goes there."""
        params = self.param_groups[0]["params"]
        here = [p.clone() for p in params]

        def at(t):
            self._move(t, d)
            loss, g = evaluate()
            for p, before in zip(params, here):
                p.copy_(before)
            return Point(t, loss, g, g.dot(d).item())

        found = strong_wolfe(at, start, t, _largest(d), most)
        self._move(found.t, d)
        return found

    def _gradient(self) -> Tensor:
        """All gradients in one row."""
        return cat([(zeros_like(p) if p.grad is None else p.grad).reshape(-1) for p in self.param_groups[0]["params"]])

    def _move(self, t: float, d: Tensor) -> None:
        """θ ← θ + t d."""
        params = self.param_groups[0]["params"]
        for p, part in zip(params, d.split([p.numel() for p in params])):
            p.add_(part.reshape(p.shape), alpha=t)


def _largest(x: Tensor) -> float:
    return x.abs().max().item()


def _next_direction(state: dict, g: Tensor, history_size: int) -> Tensor:
    """Remember the last step and what it did to the gradient, then go on along −H g."""
    if state["n_iter"] == 1:
        state.update(old_dirs=[], old_stps=[], ro=[], H_diag=1)
    else:
        y, s = g - state["prev_flat_grad"], state["t"] * state["d"]
        ys = y.dot(s).item()
        if ys > 1e-10:  # a curvature that is not positive would spoil H
            state["H_diag"] = ys / y.dot(y).item()
            for name, new in ("old_dirs", y), ("old_stps", s), ("ro", 1 / ys):
                state[name] = [*state[name], new][-history_size:]
    return direction(g, list(zip(state["old_stps"], state["old_dirs"], state["ro"])), state["H_diag"])


def direction(g: Tensor, pairs: list[tuple], scale: float) -> Tensor:
    """−H g by the two-loop recursion, from the pairs (s, y, ρ) of the last steps and H₀ = scale · I."""
    q, alphas = -g, []
    for s, y, rho in reversed(pairs):
        alphas.append(rho * s.dot(q))
        q = q - alphas[-1] * y
    r = scale * q
    for (s, y, rho), alpha in zip(pairs, reversed(alphas)):
        beta = rho * y.dot(r)
        r = r + (alpha - beta) * s
    return r


class Point(NamedTuple):
    """What is known of J at θ + t d: its value, its gradient, and the slope ∂J/∂t = gᵀd."""

    t: float
    loss: float
    gradient: Tensor
    slope: float


def strong_wolfe(at: Callable[[float], Point], start: Point, t: float, longest: float, most: int,
                 c1: float = 1e-4, c2: float = 0.9) -> Point:
    """A point along d that is low enough and flat enough: J(t) ≤ J(0) + c₁ t J′(0) and |J′(t)| ≤ c₂ |J′(0)|.

    First t grows until a minimum must lie between the last two points, then that bracket shrinks around one. After
    `most` tries, or when the bracket moves no number by 10⁻⁹ (max |d| is `longest`), the lowest point of it is taken.
    """
    too_high = lambda x: x.loss > start.loss + c1 * x.t * start.slope
    flat = lambda x: abs(x.slope) <= -c2 * start.slope

    before, new = start, at(t)
    tries = 0
    while tries < most:
        if too_high(new) or (tries > 1 and new.loss >= before.loss):
            break
        if flat(new):
            return new
        if new.slope >= 0:
            break
        t = cubic_minimum(before, new, new.t + 0.01 * (new.t - before.t), 10 * new.t)
        before, new = new, at(t)
        tries += 1
    else:
        before = start

    bracket = [before, new]
    stuck = False  # the last try, too, was close to an end of the bracket
    while True:
        low = 0 if bracket[0].loss <= bracket[1].loss else 1
        lowest, other = bracket[low], bracket[1 - low]
        left, right = sorted((lowest.t, other.t))
        if tries >= most or (right - left) * longest < 1e-9:
            return lowest
        t = cubic_minimum(lowest, other, left, right)
        margin = 0.1 * (right - left)
        close = min(right - t, t - left) < margin
        if close and (stuck or t >= right or t <= left):
            t = right - margin if right - t < t - left else left + margin
            close = False
        stuck = close
        new = at(t)
        tries += 1
        if too_high(new) or new.loss >= lowest.loss:
            bracket[1 - low] = new
            continue
        if flat(new):
            return new
        if new.slope * (other.t - lowest.t) >= 0:
            bracket[1 - low] = lowest
        bracket[low] = new


def cubic_minimum(a: Point, b: Point, left: float, right: float) -> float:
    """Where the cubic through both points, with their slopes, is lowest, within [left, right]; else the middle."""
    if a.t > b.t:
        a, b = b, a
    d1 = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.t - b.t)
    if d1 * d1 < a.slope * b.slope:
        return (left + right) / 2
    d2 = math.sqrt(d1 * d1 - a.slope * b.slope)
    t = b.t - (b.t - a.t) * (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2)
    return min(max(t, left), right)
