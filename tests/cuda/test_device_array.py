"""NumPy's functions do the same with arrays on the GPU as with its own."""

import numpy as np
import pytest

import course
from course.device_memory import transfers

from .running import devices

pytestmark = pytest.mark.cuda
random = np.random.default_rng(8)

ARRAYS = {
    "x": random.standard_normal((3, 4)).astype(np.float32),
    "y": random.standard_normal((3, 4)).astype(np.float32),
    "row": random.standard_normal(4).astype(np.float32),
    "double": random.standard_normal((3, 1)),
    "i": random.integers(-4, 5, (3, 4)),
    "short": random.integers(1, 9, (3, 4)).astype(np.int32),
    "b": random.random((3, 4)) < 0.5,
    "cube": random.standard_normal((2, 3, 4)).astype(np.float32),
    "many": random.standard_normal((2, 1, 3, 2, 1, 2)).astype(np.float32),
    "scalar": np.array(1.5, np.float32),
    "at": np.array([2, 0, -1]),
    "nothing": np.empty((0, 4), np.float32),
    "nan": np.array([[1, np.nan, 3, np.inf], [2, 2, -np.inf, 2], [np.nan, 0, np.nan, 5]], np.float32),
}

SAME = """
x + y
x * 2
2.5 - x
x / row
x + double
x + i
i // 3
i % short
i / short
i ** 2
x ** 2
x % 0.5
-x
abs(i)
~b
b & (x > 0)
b | False
(i & 6) ^ short
x > y
i <= 2
nan == nan
nan != nan
np.exp(x)
np.log(np.abs(x))
np.sqrt(x * x)
np.tanh(x) + np.sin(x) - np.cos(x) * np.tan(x)
np.log1p(np.square(x)) - np.expm1(x)
np.arctan2(x, y)
np.floor(x) + np.ceil(y)
np.trunc(2 * x)
np.round(x * 4)
np.round(x, 1)
np.sign(nan)
np.maximum(nan, row)
np.minimum(x, 0)
np.clip(x, -0.5, row)
np.isnan(nan) | np.isinf(nan)
np.isfinite(nan)
np.isclose(nan, nan + 1e-9, equal_nan=True)
np.where(b, x, y)
np.where(x > 0, x, 0.0)
np.where(b, 1.0, row)
np.logical_and(i, x)
np.logical_not(i)
scalar * x
x + np.float32(1)
x[1]
x[1, 2]
x[:, 1:3]
x[::-1, ::2]
x[..., None, 1]
x[-1, ...]
cube[1, :, ::3] * row[:3, None]
x.T
x.T @ y
cube @ x.T
cube.mT @ x
row @ x.T
x @ row
row @ row
cube.swapaxes(0, 2)
np.transpose(cube, (2, 0, 1)) + x[:, 0].reshape(1, 1, 3)[..., :1]
np.moveaxis(cube, 0, -1)
np.flip(cube, (0, 2)).copy()
np.broadcast_to(row, (2, 3, 4))
np.broadcast_to(row, (2, 3, 4)).reshape(6, 4)
np.diagonal(x)
x.reshape(2, -1)
x.T.reshape(2, 6)
x.T.ravel()
x.squeeze()
double.squeeze(1)
scalar.reshape(1)
many + many.transpose(0, 1, 3, 2, 4, 5)[:, :, :1, :1]
many.transpose(5, 3, 2, 0, 1, 4) * 2
x.astype(np.int64)
i.astype(bool)
nan.astype(bool)
x.sum()
x.sum(0)
x.sum(1, keepdims=True)
x.sum((0, 1), keepdims=True)
x.T.sum(0)
b.sum()
short.sum(0)
many.sum((0, 3))
many.transpose(5, 3, 2, 0, 1, 4).max((1, 3))
np.broadcast_to(row, (3, 4)).sum(0)
np.prod(i, axis=1)
np.mean(cube, axis=(0, 2))
np.max(nan, axis=1)
np.min(nan)
np.max(i, axis=0)
np.max(x, axis=1, initial=5)
np.argmax(nan, axis=1)
np.argmin(nan, axis=0)
np.argmax(i)
np.argmax(nan, axis=1, keepdims=True)
np.any(b, axis=0)
np.all(b)
np.any(nan)
np.count_nonzero(i, axis=1)
nothing.sum(0)
nothing + 1
nothing.max(1)
np.all(nothing)
nothing.T @ nothing
np.concatenate([x, row[None], x[:1]])
np.concatenate([x, i], 1)
np.stack([x, y], -1)
np.tril(x, -1) + np.triu(x, 1)
np.roll(x, (1, -2), (0, 1))
np.roll(cube, 3)
np.pad(x, ((1, 0), (0, 2)))
np.zeros_like(x, np.int32)
np.full_like(x, 7, shape=(2, 2))
np.ones_like(b)
np.arange(2, 11, 3, like=x)
np.arange(4, dtype=np.float32, like=x)
np.eye(2, 3, dtype=np.float32, like=x)
np.array([[1, 2]], like=x)
np.zeros((2, 0), like=x)
np.ascontiguousarray(x.T, like=x)
x[at]
x[at, at]
x[:, at]
x[at, 1:3]
x[[0, -1]]
x[[]]
x[at[:, None], at]
x.T[at]
x[::2, ::-1][0, at]
cube[:, at]
cube[at[:2] // 2, :, at[:2]]
cube[None, ..., at]
many[:, :, at, :, 0, at // 2]
x[b]
x[b & False]
x[x[:, 0] > 0]
cube[:, b]
np.nonzero(b)[1]
np.argwhere(i > 0)
np.take_along_axis(x, i % 3, 0)
np.take(x, at, 1)
np.cumsum(x, 1)
np.cumsum(x, 0)
np.cumsum(b)
np.argsort(i, axis=1, kind="stable")
np.argsort(nan, axis=0, kind="stable")
np.sort(x, 0)
""".strip().splitlines()


@pytest.mark.parametrize("expression", SAME)
def test_it_is_what_numpy_gives(expression, cuda):
    moved = {name: devices.move(a, cuda) for name, a in ARRAYS.items() if name in expression}
    with np.errstate(all="ignore"):
        wanted = np.asarray(eval(expression, {"np": np, **ARRAYS}))
        given = eval(expression, {"np": np, **moved})
    assert devices.device_of(given).type == "cuda"
    assert (given.shape, given.dtype) == (wanted.shape, wanted.dtype)
    np.testing.assert_allclose(given.to_host(), wanted, rtol=2e-6, atol=1e-6)


CHANGES = """
a += 1
a *= row
a[1] = 5
a[:, ::2] = row[:2]
a[...] = row
a.T[1:3] += 2
a[0] = i[0]
a.fill(3)
a.reshape(-1)[2:5] = 0
np.add(a, row, out=a)
a[at] = row
a[:, at] = 7
a[a > 0] = 0
a[b] *= 2
a.T[at, 1] = -1
np.add.at(a, at % 2, row)
np.add.at(a, (at, at), 1)
np.add.at(a[:, ::2], (at % 2,), 2.5)
a -= a[:1]
a[1:] = a[:-1]
a += a.reshape(4, 3)[:3, :1]
""".strip().splitlines()


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_in_place_reaches_the_array_and_its_views(change, cuda):
    own = {name: ARRAYS[name].copy() for name in ("row", "i", "at", "b")} | {"np": np, "a": ARRAYS["x"].copy()}
    moved = {name: devices.move(a, cuda) if isinstance(a, np.ndarray) else a for name, a in own.items()}
    before, view = moved["a"], moved["a"][1:]
    exec(change, own)
    exec(change, moved)
    assert moved["a"] is before and view.base is before
    np.testing.assert_array_equal(before.to_host(), own["a"])
    np.testing.assert_array_equal(view.to_host(), own["a"][1:])


@pytest.mark.parametrize("count", [4095, 4096, 4097, 9000])
def test_a_long_row_is_reduced_by_several_blocks(count, cuda):
    x = random.standard_normal((2, count)).astype(np.float32)
    moved = devices.move(x, cuda)
    np.testing.assert_allclose(moved.sum(1).to_host(), x.sum(1), rtol=1e-5)
    np.testing.assert_array_equal(moved.max(1).to_host(), x.max(1))


@pytest.mark.parametrize("expression, error", [
    ("x + row[:3]", ValueError), ("x[5]", IndexError), ("x[0, 0, 0]", IndexError), ("x.reshape(5)", ValueError),
    ("x @ x", ValueError), ("np.max(nothing, axis=0)", ValueError), ("np.concatenate([x, row])", ValueError),
    ("x.sum(2)", np.exceptions.AxisError), ("x.__setitem__(0, np.zeros_like(row, shape=3))", ValueError),
])
def test_what_numpy_refuses_is_refused(expression, error, cuda):
    moved = {name: devices.move(a, cuda) for name, a in ARRAYS.items()}
    for arrays in (ARRAYS, moved):
        with pytest.raises(error):
            eval(expression, {"np": np, **arrays})


def test_nothing_is_fetched_unasked(cuda):
    x = devices.move(ARRAYS["x"], cuda)
    with pytest.raises(TypeError, match="can't convert cuda:0 device type tensor to numpy"):
        np.asarray(x)
    with pytest.raises(TypeError, match="can't convert"):
        np.zeros((3, 4))[...] = x
    with pytest.raises(NotImplementedError, match=r"np\.fft\.fft has no CUDA form"):
        np.fft.fft(x)
    with pytest.raises(NotImplementedError, match=r"np\.gcd has no CUDA form in the course yet"):
        np.gcd(x, x)


@pytest.mark.parametrize("mix", [
    lambda a, b: a + b, lambda a, b: b - a, lambda a, b: a @ b.T, lambda a, b: course.where(a > 0, a, b),
    lambda a, b: course.cat([a, b]), lambda a, b: course.nn.functional.mse_loss(a, b),
    lambda a, b: course.nn.functional.linear(a, b), lambda a, b: course.nn.functional.softplus(a) * b,
])  # fmt: skip
@pytest.mark.parametrize("first", ["cpu", "cuda"])
def test_tensors_on_two_devices_do_not_mix(first, mix, cuda):
    a, b = course.ones(3, 4), course.ones(3, 4)
    a, b = (a.cuda(), b) if first == "cuda" else (a, b.cuda())
    with pytest.raises(RuntimeError, match="Expected all tensors to be on the same device, but found at least two dev"):
        mix(a, b)


def test_a_single_number_on_the_cpu_goes_with_tensors_on_the_gpu(cuda):
    x = course.ones(3, device="cuda")
    assert (x * course.tensor(2.0)).tolist() == [2, 2, 2]
    assert (course.tensor(2.0) - x).tolist() == [1, 1, 1]


def test_numbers_travel_only_where_it_is_written(cuda):
    before = transfers.to_device, transfers.to_host
    x = course.zeros(3, 4, device="cuda")
    y = (x + 1).exp().reshape(4, 3).T.sum(0)
    assert (transfers.to_device, transfers.to_host) == before
    y.tolist(), y[0].item(), y.cpu(), x.cpu().cuda()
    assert (transfers.to_device, transfers.to_host) == (before[0] + 1, before[1] + 4)


def test_a_kernel_that_cannot_run_is_named(cuda):
    from course.kernels.softmax import softmax_rows

    x = devices.move(ARRAYS["x"], cuda)
    with pytest.raises(RuntimeError, match=r"the CUDA kernel softmax\(float32\[3, 4\], float32\[2\]\) could not run"):
        devices.run(softmax_rows, 3, x, devices.move(np.ones(2, np.float32), cuda))


def test_an_index_outside_is_told_when_numbers_are_next_fetched(cuda):
    x, at = devices.move(ARRAYS["x"], cuda), devices.move(np.array([0, 3]), cuda)
    picked = x[at]
    with pytest.raises(IndexError, match="index 3 is out of bounds for dimension 0 with size 3"):
        picked.to_host()
    assert x[at[:1]].to_host().shape == (1, 4)
    course.cuda.synchronize()


def test_a_class_that_does_not_exist_is_told_when_the_loss_is_fetched(cuda):
    loss = course.nn.functional.cross_entropy(course.zeros(2, 3, device="cuda"), course.tensor([1, 3], device="cuda"))
    with pytest.raises(IndexError, match="Target 3 is out of bounds"):
        loss.item()


def test_matrices_at_uneven_distances_are_held_while_they_are_multiplied(cuda):
    x = np.arange(24.0).reshape(2, 3, 4)[:, ::2].transpose(0, 2, 1)[:, None]
    y = np.broadcast_to(np.arange(12.0).reshape(3, 1, 2, 2), (3, 2, 2, 2)).swapaxes(0, 1)
    moved = devices.move(np.arange(24.0).reshape(2, 3, 4), cuda)[:, ::2].transpose(0, 2, 1)[:, None]
    other = np.broadcast_to(devices.move(np.arange(12.0).reshape(3, 1, 2, 2), cuda), (3, 2, 2, 2)).swapaxes(0, 1)
    np.testing.assert_array_equal((moved @ other).to_host(), x @ y)
