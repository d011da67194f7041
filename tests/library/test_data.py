"""Datasets and loaders beyond their order (that is a golden), the bundled digits, and tensors beside NumPy."""

from collections import namedtuple

import numpy as np
import pytest

import course
from course.utils.data import (
    ConcatDataset,
    DataLoader,
    Dataset,
    IterableDataset,
    Subset,
    TensorDataset,
    WeightedRandomSampler,
    random_split,
)


class Squares(Dataset):
    def __len__(self):
        return 5

    def __getitem__(self, index):
        if not 0 <= index < 5:
            raise IndexError(index)
        return course.tensor([float(index)]), index**2


def test_a_dataset_of_ones_own_is_batched():
    batches = list(DataLoader(Squares(), batch_size=2))
    assert [x.shape for x, _ in batches] == [(2, 1), (2, 1), (1, 1)]
    assert [y.tolist() for _, y in batches] == [[0, 1], [4, 9], [16]]


def test_batches_of_rows_are_the_same_taken_at_once_or_one_by_one():
    rows = TensorDataset(course.randn(7, 2, 3), course.arange(7))
    together = list(DataLoader(rows, batch_size=3))
    singly = list(DataLoader(Subset(rows, range(7)), batch_size=3))
    for a, b in zip(together, singly, strict=True):
        assert [t.tolist() for t in a] == [t.tolist() for t in b]
        assert [t.dtype for t in a] == [t.dtype for t in b]


def test_a_subclass_that_changes_its_rows_is_asked_for_each():
    class Doubled(TensorDataset):
        def __getitem__(self, index):
            return tuple(2 * t for t in super().__getitem__(index))

        def batch(self, size):
            """A method that is no business of the loader's."""

    (batch,) = DataLoader(Doubled(course.arange(3)), batch_size=3)
    assert batch[0].tolist() == [0, 2, 4]


def test_rows_that_require_a_gradient_keep_it():
    x = course.ones(4, 2, requires_grad=True)
    for (batch,) in DataLoader(TensorDataset(x), batch_size=2):
        batch.sum().backward()
    assert (x.grad == 1).all()


def test_a_dataset_may_fetch_many_samples_at_once():
    class Many(Squares):
        def __getitems__(self, indices):
            return [10 * i for i in indices]

    assert [b.tolist() for b in DataLoader(Many(), batch_size=3)] == [[0, 10, 20], [30, 40]]


def test_datasets_follow_one_another():
    both = Squares() + TensorDataset(course.arange(3))
    assert isinstance(both, ConcatDataset) and len(both) == 8 and both.cumulative_sizes == [5, 8]
    assert (both[4][1], both[5][0].item(), both[-1][0].item(), both[-8][1]) == (16, 0, 2, 0)
    assert len(list(both)) == 8
    with pytest.raises(ValueError, match="further than the dataset's length"):
        both[-9]
    with pytest.raises(AssertionError, match="empty iterable"):
        ConcatDataset([])
    with pytest.raises(AssertionError, match="a stream has no n-th sample"):
        ConcatDataset([IterableDataset()])


def test_single_samples_become_tensors_where_they_are_arrays():
    samples = [(np.ones(2), "a", {"n": np.int64(3)}, 4)]
    (array, text, names, number), = DataLoader(samples, batch_size=None)
    assert array.dtype is course.float64 and (text, number) == ("a", 4) and names["n"].item() == 3


def test_module_paths_are_pytorchs():
    from course.utils.data import dataloader, dataset, sampler

    assert dataloader.DataLoader is DataLoader and dataset.TensorDataset is TensorDataset
    assert sampler.RandomSampler is course.utils.data.RandomSampler


def test_weighted_indices_are_pytorchs():
    course.manual_seed(0)
    assert list(WeightedRandomSampler([0.1, 0.9, 0.4, 0.7, 3.0, 0.6], 8)) == [5, 4, 4, 5, 4, 4, 2, 3]
    assert list(WeightedRandomSampler([0.9, 0.4, 0.05, 0.2, 0.3, 0.1], 5, replacement=False)) == [1, 0, 3, 4, 5]
    sampler = WeightedRandomSampler([1.0, 0, 2.0], 4, generator=course.Generator().manual_seed(5))
    assert list(DataLoader([10, 20, 30], batch_size=None, sampler=sampler)) == [30, 10, 30, 10] and len(sampler) == 4
    for weights, count, replacement in (([1.0], 0, True), ([[1.0]], 1, True), ([1.0], 1, 1)):
        with pytest.raises(ValueError):
            WeightedRandomSampler(weights, count, replacement)


def test_parts_by_fractions_are_checked():
    with pytest.raises(ValueError, match="Fraction at index 0 is not between 0 and 1"):
        random_split(list(range(4)), [1.5, -0.5])
    assert [len(part) for part in random_split(list(range(3)), [0.1] * 10)] == [1, 1, 1] + [0] * 7


def test_a_batch_is_a_copy():
    rows = TensorDataset(course.zeros(4, 2))
    for (x,) in DataLoader(rows, batch_size=2):
        x.fill_(1.0)
    assert (rows.tensors[0] == 0).all()


def test_a_loader_may_be_gone_through_twice_at_once():
    loader = DataLoader(list(range(4)), batch_size=2)
    assert [(a.tolist(), b.tolist()) for a, b in zip(loader, loader)] == [([0, 1], [0, 1]), ([2, 3], [2, 3])]


def test_every_sample_comes_once_an_epoch_in_an_order_that_changes():
    course.manual_seed(0)
    loader = DataLoader(list(range(50)), batch_size=7, shuffle=True)
    epochs = [[i for batch in loader for i in batch.tolist()] for _ in range(2)]
    assert sorted(epochs[0]) == sorted(epochs[1]) == list(range(50))
    assert epochs[0] != epochs[1]


@pytest.mark.parametrize("n, size, drop_last, batches",
                         [(10, 3, False, 4), (10, 3, True, 3), (9, 3, True, 3), (0, 3, False, 0)])
def test_the_length_is_the_number_of_batches(n, size, drop_last, batches):
    loader = DataLoader(list(range(n)), batch_size=size, drop_last=drop_last)
    assert len(loader) == len(list(loader)) == batches


def test_named_tuples_dicts_and_a_collate_function_of_ones_own_are_kept():
    Sample = namedtuple("Sample", "x y")
    (batch,) = DataLoader([Sample(1.0, 2), Sample(3.0, 4)], batch_size=2)
    assert isinstance(batch, Sample) and batch.x.tolist() == [1.0, 3.0] and batch.y.tolist() == [2, 4]
    (batch,) = DataLoader([{"a": np.ones(2)}, {"a": np.zeros(2)}], batch_size=2)
    assert batch["a"].dtype is course.float64 and batch["a"].shape == (2, 2)
    assert list(DataLoader([1, 2, 3], batch_size=2, collate_fn=sum)) == [3, 3]


def test_parts_of_a_dataset_share_nothing_and_miss_nothing():
    parts = random_split(list(range(20)), [0.7, 0.3], generator=course.Generator().manual_seed(0))
    assert [len(p) for p in parts] == [14, 6]
    assert sorted([*parts[0], *parts[1]]) == list(range(20))


def test_the_digits_are_all_there_and_a_fifth_is_held_out():
    train, test = course.datasets.digits()
    (images, labels), (held_images, held_labels) = train.tensors, test.tensors
    assert (images.shape, held_images.shape) == ((1438, 1, 8, 8), (359, 1, 8, 8))
    assert images.dtype is course.float32 and labels.dtype is course.int64
    assert (images.min().item(), images.max().item()) == (0.0, 1.0)
    assert sorted(set(labels.tolist())) == sorted(set(held_labels.tolist())) == list(range(10))
    assert min(np.bincount(held_labels.numpy())) >= 20


def test_the_digits_are_those_of_scikit_learn():
    sklearn = pytest.importorskip("sklearn.datasets")
    images, labels = sklearn.load_digits(return_X_y=True)
    train, test = course.datasets.digits()
    held_out = np.arange(len(labels)) % 5 == 4
    for part, chosen in ((train, ~held_out), (test, held_out)):
        np.testing.assert_array_equal(part.tensors[0].reshape(-1, 64).numpy() * 16, images[chosen])
        np.testing.assert_array_equal(part.tensors[1].numpy(), labels[chosen])


def test_a_network_learns_the_digits():
    course.manual_seed(0)
    train, test = course.datasets.digits()
    nn = course.nn
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    optimizer = course.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _ in range(15):
        for images, labels in DataLoader(train, batch_size=32, shuffle=True):
            optimizer.zero_grad()
            nn.CrossEntropyLoss()(model(images), labels).backward()
            optimizer.step()
    images, labels = test.tensors
    with course.no_grad():
        right = (model(images).argmax(1) == labels).float().mean().item()
    assert right >= 0.96


# --- beside NumPy ---------------------------------------------------------------------------------------------------


def test_memory_is_shared_where_pytorch_shares_it_and_copied_where_it_copies():
    array = np.zeros(3, np.float32)
    shares = {"from_numpy": course.from_numpy(array), "as_tensor": course.as_tensor(array),
              "a view": course.from_numpy(array).reshape(3, 1), "detach": course.from_numpy(array).detach(),
              "numpy": course.from_numpy(array), "to the same": course.from_numpy(array).to(course.float32)}
    copies = {"tensor": course.tensor(array), "clone": course.from_numpy(array).clone(),
              "converted": course.as_tensor(array, dtype=course.float64), "picked": course.from_numpy(array)[[0, 1, 2]]}
    array += 7
    assert {name for name, t in shares.items() if (t == 7).all()} == set(shares)
    assert {name for name, t in copies.items() if (t == 0).all()} == set(copies)


def test_numpy_and_python_take_a_tensor_for_what_it_is():
    t = course.tensor([1.0, 2.0, 3.0])
    assert np.asarray(t).dtype == np.float32 and np.sum(np.asarray(t)) == 6.0
    assert isinstance(np.ones(3) * t, course.Tensor)
    assert [float(x) for x in t] == [1.0, 2.0, 3.0] and len(t) == 3
    assert [10, 20, 30][course.tensor(1)] == 20 and list(range(5))[course.tensor(1) : course.tensor(3)] == [1, 2]
    assert bool(course.tensor(0.0)) is False and int(course.tensor(3.9)) == 3
    assert course.tensor(5).item() == 5 and isinstance(course.tensor(5).item(), int)
    assert 3.0 in t.tolist() and t.size() == (3,) and t.numel() == 3
