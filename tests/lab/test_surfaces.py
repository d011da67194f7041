import numpy as np
import pytest

from course.lab import Bowl, NoisyValley, Parabola, Rosenbrock, Saddle

SURFACES = [Parabola(3.0), Bowl(7.0), Rosenbrock(), Saddle(), NoisyValley(noise=0.0)]


@pytest.mark.parametrize("surface", SURFACES, ids=lambda surface: surface.name)
def test_gradients_agree_with_finite_differences(surface):
    rng = np.random.default_rng(0)
    for _ in range(5):
        theta = rng.uniform(-1, 1) if surface.dimensions == 1 else rng.uniform(-1, 1, 2)
        h = 1e-6
        for direction in (1.0,) if surface.dimensions == 1 else np.eye(2):
            slope = (surface(theta + h * direction) - surface(theta - h * direction)) / (2 * h)
            assert np.sum(surface.gradient(theta) * direction) == pytest.approx(slope, abs=1e-6)


@pytest.mark.parametrize("surface", SURFACES, ids=lambda surface: surface.name)
def test_a_grid_gives_what_single_points_give(surface):
    grid = np.random.default_rng(1).uniform(-1, 1, () + ((2,) if surface.dimensions == 2 else ()) + (4, 3))
    singles = [[surface(grid[..., i, j]) for j in range(3)] for i in range(4)]
    assert np.array_equal(surface(grid), singles)


@pytest.mark.parametrize("surface", [surface for surface in SURFACES if surface.minimum is not None and surface.L],
                         ids=lambda surface: surface.name)
def test_two_over_L_is_the_edge_of_stability(surface):
    def distance(lr):
        theta = np.asarray(surface.start, dtype=float)
        for _ in range(300):
            theta = theta - lr * surface.gradient(theta)
        return np.linalg.norm(theta)

    assert distance(1.98 / surface.L) < 0.1 < 10 < distance(2.02 / surface.L)


def test_noise_is_repeatable():
    valley = NoisyValley(noise=1.0, seed=3)
    first = valley.fresh().gradient(np.zeros(2))
    assert np.array_equal(first, valley.fresh().gradient(np.zeros(2))) and first.any()


@pytest.mark.parametrize("make", [lambda: Bowl(0), lambda: Parabola(-1), lambda: NoisyValley(noise=-1)])
def test_impossible_shapes_are_refused(make):
    with pytest.raises(ValueError, match="was given"):
        make()
