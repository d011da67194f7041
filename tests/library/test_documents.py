"""Programs as students find them in print, run after nothing but a changed import, on real images too.

Their numbers beside PyTorch's are among the goldens (tests/goldens/programs.py).
"""

import sys
import types

import numpy as np
import pytest

import course

from ..goldens import programs


def images_of_28_by_28():
    """The bundled digits, every pixel drawn as 3 by 3, with a margin of 2: as the document's network takes them."""
    images, labels = course.datasets.digits().train.tensors
    large = np.pad(images.numpy().repeat(3, 2).repeat(3, 3), ((0, 0), (0, 0), (2, 2), (2, 2)))
    return course.utils.data.TensorDataset(course.tensor(large), labels)


@pytest.fixture(scope="module")
def of_document():
    """The variables of a document's program, by the name of its file."""
    return lambda name: programs.run(programs.FOLDER / f"{name}.py", course)


def test_five_samples_in_a_row_are_refused_and_both_shapes_are_named(of_document):
    refused = of_document("document_004_linear_regression")["refused"]
    assert "mat1 and mat2 shapes cannot be multiplied (1x5 and 1x1)" in refused


def test_the_first_network_of_document_003_learns_from_images_of_28_by_28(of_document):
    net = of_document("document_003_three_optimizers")["Net"]()
    course.manual_seed(0)
    loader = course.utils.data.DataLoader(images_of_28_by_28(), batch_size=32, shuffle=True)
    criterion = course.nn.CrossEntropyLoss()
    optimizer = course.optim.SGD(net.parameters(), lr=0.01)
    epochs = []
    for _ in range(10):
        losses = []
        for inputs, labels in loader:
            optimizer.zero_grad()
            loss = criterion(net(inputs), labels)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        epochs.append(np.mean(losses))
    assert all(later < earlier for earlier, later in zip(epochs, epochs[1:]))
    assert epochs[-1] < epochs[0] / 3


def test_nan_in_the_data_is_no_error_and_is_seen_in_the_loss(of_document):
    x = course.tensor([[1.0], [2.0], [float("nan")]])
    losses = of_document("document_004_linear_regression")["train"](x, zeroed=True)
    assert np.isnan(losses.numpy()).all()


def test_modules_are_found_where_pytorch_has_them():
    for name in ("nn", "nn.functional", "nn.init", "nn.utils", "optim", "utils.data", "autograd", "cuda"):
        module = course
        for part in name.split("."):
            module = getattr(module, part)
        assert isinstance(module, types.ModuleType) and sys.modules[f"course.{name}"] is module


@pytest.mark.skipif(course.cuda.is_available(), reason="there is a GPU, or its simulator")
def test_without_a_gpu_cuda_says_how_to_go_on():
    assert course.cuda.device_count() == 0
    for ask in (course.cuda.synchronize, course.cuda.get_device_name, course.cuda.current_device):
        with pytest.raises(RuntimeError, match="course doctor.*simulator"):
            ask()
