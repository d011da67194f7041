"""MNIST, Fashion-MNIST and CIFAR-10 as their authors publish them: from a folder, or downloaded into it."""

from __future__ import annotations

import gzip
import os
import struct
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ..creation import from_numpy
from ..utils.data import Dataset

DAMAGE = (OSError, EOFError, zlib.error, tarfile.TarError, struct.error)
LARGEST = 1 << 28  # bytes of an unpacked idx file; the training images take 47,040,000


class _Images(Dataset):
    """Images and their classes; a subclass says where its files are and reads them.

    Args: root: the folder; train: the training part or the test part; transform: a function of each image, such as
    those of `course.transforms`; target_transform: of each class number; download: fetch what is missing.
    Attributes: data: all images, uint8 (n, channels, height, width); targets: their classes, int64 (n,); classes: the
    names. Item i is (image float32 (channels, height, width) from 0 to 1, class number).
    Raises RuntimeError where a file is missing, damaged or something else.
    """

    classes: list[str]
    download: Callable[[], None]  # these two are each dataset's own
    _read: Callable[[], tuple[np.ndarray, np.ndarray]]

    def __init__(self, root, train: bool = True, transform: Callable | None = None,
                 target_transform: Callable | None = None, download: bool = False):
        self.root, self.train = Path(root).expanduser(), train
        self.transform, self.target_transform = transform, target_transform
        if download:
            self.download()
        images, labels = self._read()
        if len(images) != len(labels):
            raise RuntimeError(f"{self.root} holds {len(images)} images and {len(labels)} labels: they do not belong "
                               "together")
        if labels.size and labels.max() >= len(self.classes):
            raise RuntimeError(f"the labels in {self.root} go up to {labels.max()}; {type(self).__name__} has "
                               f"{len(self.classes)} classes")
        self.data, self.targets = from_numpy(images), from_numpy(labels.astype(np.int64))

    def __getitem__(self, index):
        image, target = from_numpy(self.data._array[index] / np.float32(255)), int(self.targets._array[index])
        return (self.transform(image) if self.transform else image,
                self.target_transform(target) if self.target_transform else target)

    def __len__(self):
        return len(self.targets)

    @property
    def class_to_idx(self) -> dict[str, int]:
        """The number of each class by its name."""
        return {name: i for i, name in enumerate(self.classes)}

    def _missing(self, what):
        return RuntimeError(f"Dataset not found: there is no {what} in {self.root}. "
                            "You can use download=True to download it")


class MNIST(_Images):
    """70,000 hand-written digits, 28 × 28 (LeCun, Cortes and Burges): 60,000 to train on, 10,000 to test.

    Read from root/MNIST/raw (where torchvision puts them) or root itself: the four idx files, packed by gzip or not.
    """

    __doc__ += "\n" + "\n".join(_Images.__doc__.splitlines()[1:])
    classes = ["0 - zero", "1 - one", "2 - two", "3 - three", "4 - four", "5 - five", "6 - six", "7 - seven",
               "8 - eight", "9 - nine"]
    mirrors = ["https://ossci-datasets.s3.amazonaws.com/mnist/", "http://yann.lecun.com/exdb/mnist/"]
    files = {
        "train-images-idx3-ubyte.gz": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
        "train-labels-idx1-ubyte.gz": "d53e105ee54ea40749a09fcbcd1e9432",
        "t10k-images-idx3-ubyte.gz": "9fb629c4189551a2d022fa330f9573f3",
        "t10k-labels-idx1-ubyte.gz": "ec29112dd5afa0611ce80d1b7f02629c",
    }

    def download(self) -> None:
        """Fetch the files that are not there."""
        for name, md5 in self.files.items():
            if self._found(name) is None:
                _download([mirror + name for mirror in self.mirrors], self._folders()[0] / name, md5)

    def _folders(self):
        return [self.root / type(self).__name__ / "raw", self.root]

    def _found(self, name):
        places = [folder / n for folder in self._folders() for n in (name, name.removesuffix(".gz"))]
        return next((place for place in places if place.is_file()), None)

    def _read(self):
        part = "train" if self.train else "t10k"
        arrays = []
        for name, shape in ((f"{part}-images-idx3-ubyte.gz", (28, 28)), (f"{part}-labels-idx1-ubyte.gz", ())):
            path = self._found(name)
            if path is None:
                raise self._missing(name)
            arrays.append(read_idx(path, shape))
        images, labels = arrays
        return images[:, None], labels


class FashionMNIST(MNIST):
    """70,000 pictures of clothes, 28 × 28 (Zalando Research, MIT licence): 60,000 to train on, 10,000 to test.

    Read from root/FashionMNIST/raw or root itself: the four idx files, packed by gzip or not.
    """

    __doc__ += "\n" + "\n".join(_Images.__doc__.splitlines()[1:])
    classes = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]
    mirrors = ["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"]
    files = {
        "train-images-idx3-ubyte.gz": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        "train-labels-idx1-ubyte.gz": "25c81989df183df01b3e8a0aad5dffbe",
        "t10k-images-idx3-ubyte.gz": "bef4ecab320f06d8554ea6380940ec79",
        "t10k-labels-idx1-ubyte.gz": "bb300cfdad3c16e7a12a480ee83cd310",
    }


class CIFAR10(_Images):
    """60,000 colour photographs, 32 × 32, of ten things (Krizhevsky, 2009): 50,000 to train on, 10,000 to test.

    Read from root/cifar-10-batches-bin or root itself: the *binary* version's .bin files. The "python version" is not
    read, since its files are pickles, which may run code.
    """

    __doc__ += "\n" + "\n".join(_Images.__doc__.splitlines()[1:])
    classes = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
    mirrors = ["https://www.cs.toronto.edu/~kriz/"]
    archive, md5 = "cifar-10-binary.tar.gz", "c32a1d4ab5d03f1284b67883e8d87530"
    folder = "cifar-10-batches-bin"
    parts = {True: [f"data_batch_{i}.bin" for i in range(1, 6)], False: ["test_batch.bin"]}

    def download(self) -> None:
        """Fetch and unpack the files if one is not there."""
        names = self.parts[True] + self.parts[False]
        if all(self._found(name) for name in names):
            return
        archive = self.root / self.archive
        _download([mirror + self.archive for mirror in self.mirrors], archive, self.md5)
        (self.root / self.folder).mkdir(exist_ok=True)
        try:
            with tarfile.open(archive) as tar:
                for name in names:
                    file = tar.extractfile(f"{self.folder}/{name}")
                    part = self.root / self.folder / f"{name}.part"
                    part.write_bytes(file.read())
                    os.replace(part, part.with_suffix(""))
        except (*DAMAGE, KeyError, AttributeError) as error:
            raise RuntimeError(f"{archive} is not the archive of CIFAR-10: {error}") from None

    def _found(self, name):
        return next((p for p in (self.root / self.folder / name, self.root / name) if p.is_file()), None)

    def _read(self):
        records = []
        for name in self.parts[self.train]:
            path = self._found(name)
            if path is None:
                raise self._missing(name)
            size = path.stat().st_size
            if size == 0 or size % 3073:
                raise RuntimeError(f"{path} is truncated or no file of CIFAR-10: it holds {size} bytes, which is no "
                                   "number of records of 3,073")
            records.append(np.fromfile(path, np.uint8).reshape(-1, 3073))
        records = np.concatenate(records)
        return records[:, 1:].reshape(-1, 3, 32, 32), records[:, 0]


def read_idx(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """The bytes of an idx file as an array (n, *shape), of which the header gives n; gzip is undone by the name.

    Raises RuntimeError for a file that is truncated, has something after its end, or is no idx file of this shape.
    """
    try:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
            magic, count, *sizes = struct.unpack(f">{2 + len(shape)}I", file.read(8 + 4 * len(shape)))
            if magic != 0x0801 + len(shape) or tuple(sizes) != shape:
                raise RuntimeError(f"{path} is no idx file of bytes of shape {('n', *shape)}")
            size = count * int(np.prod(shape, dtype=int))
            if size > LARGEST:
                raise RuntimeError(f"{path} promises {size:,} bytes, more than any file of this data set has; not read")
            content = file.read(size + 1)  # never more than the header promises, whatever is packed
    except DAMAGE as error:
        raise RuntimeError(f"{path} is truncated or no idx file: {error}") from None
    if len(content) != size:
        kind = "truncated: it holds fewer" if len(content) < size else "damaged: it holds more"
        raise RuntimeError(f"{path} is {kind} bytes than the {size} that its header promises")
    return np.frombuffer(content, np.uint8).reshape(count, *shape)


def _download(urls, path, md5):
    from .download import download  # only now: `import course` need not wait for ssl and http

    download(urls, path, md5)
