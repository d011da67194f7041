"""Random numbers on CUDA: drawn where they are wanted, from a stream of its own that seeds start anew."""

import math

import pytest

import course
from course.device_memory import transfers

pytestmark = [pytest.mark.cuda, pytest.mark.gpu]

DRAWS = {  # name -> (what is drawn on the GPU, mean, standard deviation)
    "rand": (lambda n: course.rand(n, device="cuda"), 1 / 2, math.sqrt(1 / 12)),
    "rand64": (lambda n: course.rand(n, dtype=course.float64, device="cuda"), 1 / 2, math.sqrt(1 / 12)),
    "randn": (lambda n: course.randn(n, device="cuda"), 0, 1),
    "randint": (lambda n: course.randint(-3, 4, (n,), device="cuda").float(), 0, 2),
    "normal": (lambda n: course.normal(2.0, 3.0, (n,), device="cuda"), 2, 3),
    "uniform_": (lambda n: course.empty(n, device="cuda").uniform_(-1, 1), 0, math.sqrt(1 / 3)),
    "normal_": (lambda n: course.empty(n, device="cuda").normal_(1, 2), 1, 2),
    "bernoulli": (lambda n: course.bernoulli(course.full((n,), 0.2, device="cuda")), 0.2, 0.4),
    "bernoulli_": (lambda n: course.empty(n, dtype=course.int64, device="cuda").bernoulli_(0.2).float(), 0.2, 0.4),
    "dropout": (lambda n: course.nn.functional.dropout(course.ones(n, device="cuda"), 0.2), 1, 0.5),
    "multinomial": (lambda n: course.multinomial(course.tensor([1.0, 2, 1], device="cuda"), n, True).float(),
                    1, math.sqrt(1 / 2)),
}  # fmt: skip


@pytest.mark.parametrize("name", DRAWS)
def test_draws_have_their_mean_and_spread_and_one_seed_gives_them_again(name, cuda):
    draw, mean, std = DRAWS[name]
    course.manual_seed(3)
    before, n = (transfers.to_device, transfers.to_host), 100 if name == "multinomial" else 400
    drawn = draw(n)
    if name not in ("multinomial", "bernoulli"):  # which look whether their chances are chances
        assert (transfers.to_device, transfers.to_host) == before
    assert drawn.is_cuda
    assert abs(drawn.mean().item() - mean) < 4 * std / math.sqrt(n)
    assert drawn.std().item() == pytest.approx(std, rel=0.15)
    assert not course.equal(draw(n), drawn)
    course.manual_seed(3)
    assert course.equal(draw(n), drawn)


def test_a_random_order_has_every_number_once(cuda):
    order = course.randperm(20, device="cuda")
    assert order.is_cuda and sorted(order.tolist()) == list(range(20)) != order.tolist()
    several = course.multinomial(course.ones(3, 5, device="cuda"), 5)
    assert course.sort(several).values.tolist() == [list(range(5))] * 3


def test_the_cpus_numbers_do_not_depend_on_what_the_gpu_draws(cuda):
    course.manual_seed(1)
    wanted = course.rand(3)
    course.manual_seed(1)
    on_gpu = course.rand(3, device="cuda")
    assert course.rand(3).equal(wanted) and not on_gpu.cpu().equal(wanted)
    course.cuda.manual_seed(1)
    assert course.rand(3, device="cuda").equal(on_gpu)


def test_a_generator_draws_on_its_own_device(cuda):
    own = course.Generator(device="cuda").manual_seed(5)
    assert isinstance(own, course.Generator) and own.device == course.device("cuda") and own.initial_seed() == 5
    state = own.get_state()
    drawn = course.randn(4, generator=own, device="cuda")
    assert course.randn(4, generator=own.set_state(state), device="cuda").equal(drawn)
    with pytest.raises(RuntimeError, match="Expected a 'cpu' device type for generator but found 'cuda'"):
        course.randn(4, generator=own)
    with pytest.raises(RuntimeError, match="Expected a 'cuda' device type for generator but found 'cpu'"):
        course.zeros(4, device="cuda").normal_(generator=course.Generator())


def test_new_tensors_are_made_on_the_default_device(cuda):
    with cuda:
        assert course.get_default_device() == cuda
        made = [course.zeros(2), course.tensor([1.0]), course.arange(3), course.rand(2), course.eye(2),
                course.linspace(0, 1, 3), course.nn.Linear(2, 1).weight]
        assert all(x.is_cuda for x in made) and not course.zeros(2, device="cpu").is_cuda
        with course.device("cpu"):
            assert not course.ones(1).is_cuda
    assert not course.zeros(2).is_cuda
    try:
        course.set_default_device("cuda")
        assert course.ones(1).is_cuda
    finally:
        course.set_default_device(None)
    assert course.get_default_device() == course.device("cpu")
