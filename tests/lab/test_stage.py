import numpy as np

from course.lab import Bowl, Descent, Parabola, Rosenbrock, panels
from course.lab.stage import Stage


def frames_agree(scene, *moves):
    reused = Stage(scene)
    for values in moves:
        moved = reused.frame(**values)[0].copy()
        drawn = Stage(scene).frame(**values)[0]
        assert np.array_equal(moved, drawn), f"left-overs at {values}"
    return reused


def test_a_reused_picture_is_the_fresh_one_pixel_for_pixel(step):
    loop = dict(lr=0.1), dict(lr=0.9), dict(lr=0.01), dict(lr=0.399), dict(lr=1e9), dict(lr=0.1)
    for surface in (Bowl(), Parabola(), Rosenbrock()):
        stage = frames_agree(Descent(surface, {"yours": step, "library": step}), *loop)
        assert stage.redraws == 1  # all the rest was blitted


def test_changing_what_stands_still_draws_everything_anew():
    class Zoom:
        def draw(self, fig):
            (self.ax,) = panels(fig, 1)
            (self.line,) = self.ax.plot([0, 1], [0, 1], animated=True)

        def move(self, end):
            self.ax.set_xlim(0, end)
            return ""

    stage = frames_agree(Zoom(), dict(end=1.0), dict(end=5.0), dict(end=2.0))
    assert stage.redraws == 1 + 3


def test_two_stages_of_one_scene_do_not_share_artists(step):
    scene = Descent(Bowl(), step)
    first, second = Stage(scene), Stage(scene)
    before = first.frame(lr=0.1)[0].copy()
    second.frame(lr=0.4)
    assert np.array_equal(first.frame(lr=0.1)[0], before)
    assert not np.array_equal(first.frame(lr=0.4)[0], before)
