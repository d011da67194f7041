import numpy as np
import pytest

from course.lab import Bowl, Curves, Descent, NoisyValley, Parabola, Saddle
from course.lab.stage import Stage


def caption(scene, **values):
    return Stage(scene).frame(**values)[1]


def test_convergence_divergence_and_the_edge_are_told_apart(step):
    scene = Descent(Parabola(), step)
    assert caption(scene, lr=1.0) == "After 1 step the loss is below a millionth of its start."
    assert caption(scene, lr=0.01).startswith("After 40 steps the loss is 0.503, and it began at 1.12.")
    assert "diverges" in caption(scene, lr=2.1)
    assert "diverges" not in caption(scene, lr=2.0)


def test_divergence_beyond_all_numbers_is_drawn_and_told(step):
    stage = Stage(Descent(Bowl(), step, steps=400))
    _, words = stage.frame(lr=1e3)
    trail = stage.scene._trails[0]
    assert "it diverges (step 1 leaves the picture)" in words.lower()
    assert len(trail.exit.get_xdata()) == 1 and len(trail.climb.get_xdata()) == 1


def test_a_path_that_comes_back_keeps_its_way_out(step):
    """Overshooting is no divergence: the arrow appears only where a path stays away."""
    wild = Descent(Bowl(1.0), lambda theta, gradient: -theta * (2.5 if abs(theta[0]) < 2 else 0.1))
    stage = Stage(wild)
    stage.frame()
    trail = stage.scene._trails[0]
    assert len(trail.path.get_xdata()) >= 2


def test_paths_that_coincide_are_called_the_same(step):
    same = Descent(Bowl(), {"yours": step, "library": lambda theta, gradient, lr: theta - lr * gradient})
    assert "**yours** and **library**, the same path, bit for bit" in caption(same, lr=0.1)
    close = Descent(Bowl(), {"yours": step, "library": lambda theta, gradient, lr: theta - lr * gradient * (1 + 1e-9)})
    assert "the same path to within" in caption(close, lr=0.1)
    other = Descent(Bowl(), {"yours": step, "library": lambda theta, gradient, lr: theta - lr * gradient / 2})
    assert "same path" not in caption(other, lr=0.1)


def test_a_remark_is_added(step):
    scene = Descent(Bowl(), step, remark=lambda lr: f"α·L is {lr * 5:g}.")
    assert caption(scene, lr=0.1).endswith("α·L is 0.5.")


@pytest.mark.parametrize("surface", [Saddle(), NoisyValley()])
def test_other_surfaces_are_drawn(surface, step):
    assert "40 steps" in caption(Descent(surface, {"a": step, "b": step, "c": step}), lr=0.1)


@pytest.mark.parametrize("make, message", [
    (lambda step: Descent(lambda theta: theta, step), "walks on a surface"),
    (lambda step: Descent(Bowl(), step, steps=0), "above 0"),
    (lambda step: Descent(Bowl(), {}), "1 to 5 methods"),
    (lambda step: Descent(Bowl(), step, start=1.0), "2 number"),
])
def test_mistakes_are_sentences(make, message, step):
    with pytest.raises((TypeError, ValueError), match=message):
        make(step)


def test_curves_follow_their_function():
    x = np.linspace(0, 1, 5)
    scene = Curves(lambda rate: {"decay": (x, x * rate), "flat": (x, x * 0)}, "time in s", "y", x=(0, 1), y=(0, 10),
                   names=("decay", "flat"), caption=lambda rate: f"rate {rate}")
    stage = Stage(scene)
    assert stage.frame(rate=2)[1] == "rate 2"
    assert stage.scene._lines["decay"].get_ydata() == pytest.approx(x * 2)
    assert len(stage.scene._arrows["decay"].get_xdata()) == 0
    stage.frame(rate=np.inf)
    assert len(stage.scene._arrows["decay"].get_xdata()) == 1
    assert stage.redraws == 1


def test_curves_name_an_unknown_curve():
    stage = Stage(Curves(lambda: {"other": ([0], [0])}, "x", "y", x=(0, 1), y=(0, 1)))
    with pytest.raises(ValueError, match="other"):
        stage.frame()
