"""The bundled data, the toys, and the larger sets: from a folder, by download, and what is refused."""

import functools
import gzip
import hashlib
import http.server
import io
import re
import struct
import tarfile
import threading

import numpy as np
import pytest

import course
from course import datasets, nn
from course.datasets.breast_cancer import MEASUREMENTS
from course.datasets.download import checksum, download

# --- bundled --------------------------------------------------------------------------------------------------------


def test_bundled_data_is_small():
    assert sum(file.stat().st_size for file in datasets.split.DATA.iterdir()) < 6e6


def test_fashion_mnist_has_as_many_of_each_class():
    train, test = datasets.fashion_mnist()
    for part, count in ((train, 500), (test, 100)):
        images, labels = part.tensors
        assert images.shape == (10 * count, 1, 28, 28) and images.dtype is course.float32
        assert (images.min().item(), images.max().item()) == (0.0, 1.0)
        assert np.bincount(labels.numpy()).tolist() == [count] * 10
    assert train.tensors[1][:5].tolist() == [9, 0, 0, 3, 0]  # as the original begins: ankle boot, T-shirt, T-shirt, …


def test_breast_cancer_is_scikit_learns_with_malignant_as_one():
    train, test = datasets.breast_cancer()
    x, y = (np.concatenate([a.numpy(), b.numpy()]) for a, b in zip(train.tensors, test.tensors))
    assert x.shape == (569, 30) and y.shape == (569, 1) and x.dtype == y.dtype == np.float32
    assert y.sum() == 212 and np.isfinite(x).all()
    sklearn = pytest.importorskip("sklearn.datasets").load_breast_cancer()
    held_out = np.arange(569) % 5 == 4
    np.testing.assert_array_equal(train.tensors[0].numpy(), sklearn.data[~held_out].astype(np.float32))
    np.testing.assert_array_equal(test.tensors[1].numpy()[:, 0], sklearn.target[held_out] == 0)
    names = [sorted(name.replace("error of", "error").split()) for name in MEASUREMENTS]
    assert names == [sorted(name.split()) for name in sklearn.feature_names]


def test_a_line_tells_most_tumours_apart():
    course.manual_seed(0)
    (x, y), (held_x, held_y) = (part.tensors for part in datasets.breast_cancer())
    mean, std = x.mean(0), x.std(0)
    w = course.zeros(30, 1, requires_grad=True)
    optimizer = course.optim.Adam([w], lr=0.05)
    for _ in range(100):
        optimizer.zero_grad()
        p = course.sigmoid((x - mean) / std @ w)
        (-(y * course.log(p + 1e-6) + (1 - y) * course.log(1 - p + 1e-6))).mean().backward()
        optimizer.step()
    with course.no_grad():
        right = (((held_x - mean) / std @ w > 0).float() == held_y).float().mean().item()
    assert right > 0.95


# --- toys -----------------------------------------------------------------------------------------------------------

TOYS = {"moons": (200, 2), "blobs": (200, 3), "spirals": (300, 3)}


@pytest.mark.parametrize("name", TOYS)
def test_a_toy_is_the_same_for_a_seed_and_leaves_other_random_numbers_alone(name):
    n, classes = TOYS[name]
    make = getattr(datasets, name)
    course.manual_seed(1)
    wanted = course.rand(1).item()
    course.manual_seed(1)
    (x, labels), (again, _), (other, _) = make().tensors, make(seed=0).tensors, make(seed=1).tensors
    assert course.rand(1).item() == wanted
    assert x.shape == (n, 2) and x.dtype is course.float32 and labels.dtype is course.int64
    assert x.tolist() == again.tolist() != other.tolist()
    assert np.bincount(labels.numpy()).tolist() == [-(-(n - k) // classes) for k in range(classes)]
    assert len(make(7)) == 7 and len(make(1)) == 1
    with pytest.raises(ValueError, match="n must be a positive integer, given 0"):
        make(0)


def test_moons_and_spirals_without_noise_lie_on_their_curves():
    x, labels = (t.numpy() for t in datasets.moons(noise=0.0).tensors)
    centre = np.where(labels[:, None] == 0, [0.0, 0.0], [1.0, 0.5])
    np.testing.assert_allclose(np.hypot(*(x - centre).T), 1, 1e-6)
    x, labels = (t.numpy() for t in datasets.spirals(noise=0.0).tensors)
    for k in range(3):
        np.testing.assert_allclose(np.hypot(*x[labels == k].T), np.linspace(0, 1, 100), atol=1e-6)


def test_sparse_features_are_as_rare_as_they_should_be():
    x, y = datasets.sparse_features(4000, 20, rarest=0.05, noise=0.0).tensors
    assert x.shape == (4000, 20) and y.shape == (4000, 1) and set(np.unique(x.numpy())) == {0.0, 1.0}
    share = x.numpy().mean(0)
    assert share[0] == 1.0 and share[-1] == pytest.approx(0.05, abs=0.02) and share[9] > share[-1]
    weights, *_ = np.linalg.lstsq(x.numpy(), y.numpy(), rcond=None)
    np.testing.assert_allclose(x.numpy() @ weights, y.numpy(), atol=1e-4)


# --- larger sets, as small made-up files in their formats ---------------------------------------------------


def idx(array):
    return struct.pack(f">{1 + array.ndim}I", 0x0800 + array.ndim, *array.shape) + array.tobytes()


def made_up(n, random, classes=10):
    return random.randint(0, 256, (n, 28, 28)).astype(np.uint8), random.randint(0, classes, n).astype(np.uint8)


PARTS = {part: made_up(n, np.random.RandomState(n)) for part, n in (("train", 12), ("t10k", 5))}
IDX_FILES = {
    f"{part}-{kind}-idx{array.ndim}-ubyte": idx(array)
    for part, arrays in PARTS.items() for kind, array in zip(("images", "labels"), arrays)
}
PACKED = {f"{name}.gz": gzip.compress(content, mtime=0) for name, content in IDX_FILES.items()}
RECORDS = {name: np.random.RandomState(i).randint(0, 10, (4, 3073)).astype(np.uint8)
           for i, name in enumerate(datasets.CIFAR10.parts[True] + datasets.CIFAR10.parts[False])}


def archive_of(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


CIFAR_ARCHIVE = archive_of({f"cifar-10-batches-bin/{name}": r.tobytes() for name, r in RECORDS.items()})


def put(folder, files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


@pytest.mark.parametrize("files", [IDX_FILES, PACKED], ids=["unpacked", "packed"])
@pytest.mark.parametrize("where", ["MNIST/raw", "."])
def test_idx_files_are_read_from_a_folder(tmp_path, files, where):
    put(tmp_path / where, files)
    for train, part in ((True, "train"), (False, "t10k")):
        images, labels = PARTS[part]
        data = datasets.MNIST(tmp_path, train=train)
        assert data.data.numpy()[:, 0].tolist() == images.tolist() and data.targets.tolist() == labels.tolist()
        image, label = data[3]
        assert (image.shape, image.dtype, label) == ((1, 28, 28), course.float32, labels[3])
        assert image.max().item() == images[3].max() / np.float32(255) and len(data) == len(labels)
    data = datasets.MNIST(tmp_path, transform=lambda x: x.sum(), target_transform=lambda k: k + 100)
    (sums, labels), = course.utils.data.DataLoader(data, batch_size=12)
    assert sums.shape == (12,) and labels.min().item() >= 100 and data.class_to_idx["3 - three"] == 3


def test_cifar_is_read_in_its_binary_form(tmp_path):
    put(tmp_path / "cifar-10-batches-bin", {name: r.tobytes() for name, r in RECORDS.items()})
    data, held_out = datasets.CIFAR10(tmp_path), datasets.CIFAR10(tmp_path, train=False)
    assert len(data) == 20 and len(held_out) == 4 and data[0][0].shape == (3, 32, 32)
    record = RECORDS["data_batch_2.bin"][1]
    assert data.targets[5].item() == record[0] and data.data[5].numpy().reshape(-1).tolist() == record[1:].tolist()


def refused(words, make):
    with pytest.raises(RuntimeError, match=words):
        make()


def test_files_that_are_missing_damaged_or_something_else_are_refused(tmp_path):
    mnist, name = functools.partial(datasets.MNIST, tmp_path), "train-images-idx3-ubyte"
    refused("Dataset not found: there is no train-images.*download=True", mnist)
    put(tmp_path, IDX_FILES)
    whole = IDX_FILES[name]
    for content, words in (
        (whole[:-1], "truncated: it holds fewer bytes than the 9408"), (whole + b"!", "it holds more"),
        (whole[:3], "truncated or no idx"), (b"", "truncated or no idx"), (b"<html>not found</html>", "no idx file"),
        (IDX_FILES["train-labels-idx1-ubyte"] * 5, "no idx file of bytes of shape"),
        (struct.pack(">4I", 0x803, 10**5, 28, 28) + b"x" * 100, "truncated"),
        (struct.pack(">4I", 0x803, 2**32 - 1, 28, 28) + b"x" * 100, "promises 3,367,254,359,280 bytes"),
        (idx(np.zeros((12, 32, 32), np.uint8)), "no idx file of bytes of shape"),
        (idx(np.zeros((3, 28, 28), np.uint8)), "3 images and 12 labels"),
    ):
        put(tmp_path, {name: content})
        refused(words, mnist)
    put(tmp_path, {name: whole, "train-labels-idx1-ubyte": idx(np.full(12, 77, np.uint8))})
    refused("labels .* go up to 77", mnist)


def test_damaged_gzip_is_refused(tmp_path):
    name = "train-images-idx3-ubyte.gz"
    for content in (PACKED[name][:-200], b"\x1f\x8b\x08" + b"\0" * 50, IDX_FILES[name[:-3]],
                    PACKED[name][:400] + b"\xff" * 40 + PACKED[name][440:]):
        put(tmp_path, {**PACKED, name: content})
        refused("truncated|no idx file|damaged", functools.partial(datasets.MNIST, tmp_path))


def test_damaged_cifar_is_refused(tmp_path):
    put(tmp_path, {name: r.tobytes() for name, r in RECORDS.items()})
    put(tmp_path, {"data_batch_3.bin": RECORDS["data_batch_3.bin"].tobytes()[:-1]})
    refused("data_batch_3.bin is truncated or no file of CIFAR-10", lambda: datasets.CIFAR10(tmp_path))
    put(tmp_path, {"data_batch_3.bin": b"\xff" * 3073})
    refused("go up to 255", lambda: datasets.CIFAR10(tmp_path))


# --- by download, from a server on this machine -------------------------------------------------------------


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves `server.files`; breaks off after `server.stop_after` bytes; continues unless told not to."""

    def do_GET(self):
        server = self.server
        server.asked.append((self.path, self.headers.get("Range")))
        content = server.files.get(self.path.strip("/"))
        if content is None:
            return self.send_error(404)
        start = 0
        if (found := re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")) and server.continues:
            start = int(found[1])
            if start >= len(content):
                return self.send_error(416)
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        self.wfile.write(content[start:][: server.stop_after])

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.files, server.asked, server.stop_after, server.continues = dict(PACKED), [], None, True
        server.files["cifar-10-binary.tar.gz"] = CIFAR_ARCHIVE
        server.url = f"http://127.0.0.1:{server.server_port}/"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def md5(content):
    return hashlib.md5(content).hexdigest()


def small_mnist(server):
    return type("MNIST", (datasets.MNIST,), {"mirrors": [server.url + "nowhere/", server.url],
                                             "files": {name: md5(content) for name, content in PACKED.items()}})


def test_mnist_is_downloaded_once(server, tmp_path):
    data = small_mnist(server)(tmp_path, download=True)
    assert len(data) == 12 and len(small_mnist(server)(tmp_path, train=False)) == 5
    assert sorted(p.name for p in (tmp_path / "MNIST/raw").iterdir()) == sorted(PACKED)
    asked = len(server.asked)
    assert asked == 8  # the first mirror does not have them
    small_mnist(server)(tmp_path, download=True)
    assert len(server.asked) == asked


def test_cifar_is_downloaded_and_unpacked(server, tmp_path):
    Small = type("CIFAR10", (datasets.CIFAR10,), {"mirrors": [server.url], "md5": md5(CIFAR_ARCHIVE)})
    assert len(Small(tmp_path, download=True)) == 20
    assert sorted(p.name for p in (tmp_path / "cifar-10-batches-bin").iterdir()) == sorted(RECORDS)
    bad = archive_of({"cifar-10-batches-bin/data_batch_1.bin": b""})
    server.files["cifar-10-binary.tar.gz"] = bad
    Small.md5 = md5(bad)
    refused("is not the archive of CIFAR-10", lambda: Small(tmp_path / "other", download=True))


def test_a_download_that_breaks_off_is_continued(server, tmp_path):
    name = "train-images-idx3-ubyte.gz"
    path, content = tmp_path / name, PACKED[name]
    server.stop_after = 1000
    with pytest.raises(RuntimeError, match="kept and continued by the next call"):
        download([server.url + name], path, md5(content))
    assert not path.exists() and (tmp_path / f"{name}.part").read_bytes() == content[:1000]
    server.stop_after = None
    download([server.url + name], path, md5(content))
    assert path.read_bytes() == content and not (tmp_path / f"{name}.part").exists()
    assert [asked for _, asked in server.asked] == [None, "bytes=1000-"]


def test_a_server_that_cannot_continue_sends_all_anew(server, tmp_path):
    name = "train-images-idx3-ubyte.gz"
    (tmp_path / f"{name}.part").write_bytes(b"something")
    server.continues = False
    download([server.url + name], tmp_path / name, md5(PACKED[name]))
    assert checksum(tmp_path / name) == md5(PACKED[name])


def test_a_part_that_is_whole_already_is_taken(server, tmp_path):
    name = "train-images-idx3-ubyte.gz"
    (tmp_path / f"{name}.part").write_bytes(PACKED[name])
    download([server.url + name], tmp_path / name, md5(PACKED[name]))
    assert (tmp_path / name).read_bytes() == PACKED[name]


def test_a_file_with_another_checksum_is_refused_and_the_old_one_stays(server, tmp_path):
    name = "train-images-idx3-ubyte.gz"
    (tmp_path / name).write_bytes(b"old")
    with pytest.raises(RuntimeError, match="another checksum"):
        download([server.url + name], tmp_path / name, "0" * 32)
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [(name, b"old")]


def test_nobody_there_says_so(tmp_path):
    with pytest.raises(RuntimeError, match="could not be downloaded"):
        download(["http://127.0.0.1:9/x"], tmp_path / "x", "0" * 32)


def test_a_small_network_learns_clothes():
    course.manual_seed(0)
    train, test = datasets.fashion_mnist()
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))
    optimizer = course.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(5):
        for images, labels in course.utils.data.DataLoader(train, batch_size=50, shuffle=True):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(images), labels).backward()
            optimizer.step()
    images, labels = test.tensors
    with course.no_grad():
        assert (model(images).argmax(1) == labels).float().mean().item() > 0.78
