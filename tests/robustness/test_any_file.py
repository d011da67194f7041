"""Files that are damaged or hostile in any way: read or refused, without running anything and in bounded memory.

Valid files are changed: their bytes, and what lies packed in them, so that checksums hold and the readers behind them
are reached. A process of its own reads them, in which little memory is left and an audit hook watches.
"""

import gzip
import io
import os
import resource
import struct
import sys
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import course
from course import datasets

from ..library.test_data_sets import IDX_FILES, RECORDS, put
from .processes import said_by

pytestmark = pytest.mark.skipif(not hasattr(os, "fork") or not os.path.exists("/proc/self/statm"),
                                reason="this system has no fork or does not tell its memory")
MEMORY = 1 << 29  # bytes that a reader may take
FORBIDDEN = ("exec", "import", "marshal.", "pickle.", "os.", "subprocess.", "socket.", "ctypes.", "shutil.", "code.")
OPTIONS = settings(max_examples=250, deadline=None, database=None, derandomize=True,
                   suppress_health_check=list(HealthCheck))


def saved(format: str) -> bytes:
    file = io.BytesIO()
    state = {"weight": course.ones(3, 4, requires_grad=True), "n": [1, 2.5, None, ("a", True)], 7: course.arange(5)}
    course.save(state, file, format=format)
    return file.getvalue()


def entries_of(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def archive_of(entries: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name, content in entries.items():
            made.writestr(name, content)
    return file.getvalue()


def changed(whole: bytes):
    """`whole` with up to six stretches replaced, cut out or put in, and perhaps its end cut off."""
    stretch = st.tuples(st.integers(0, len(whole)), st.integers(0, 9), st.binary(max_size=9))

    def apply(stretches, end):
        content = whole
        for place, length, new in stretches:
            content = content[:place] + new + content[place + length :]
        return content[:end]

    return st.builds(apply, st.lists(stretch, max_size=6), st.just(None) | st.integers(0, len(whole)))


def changed_inside(archive: bytes):
    """The archive with one of its entries changed, whole again around it."""
    entries = entries_of(archive)
    return st.sampled_from(sorted(entries)).flatmap(
        lambda name: changed(entries[name]).map(lambda content: archive_of({**entries, name: content})))


def writes(event, about) -> bool:
    return event == "open" and bool(about[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


def faults(read, path, files, *examples: bytes) -> list[str]:
    """What is wrong with `read()` where `path` holds the examples, then each of `files`."""
    def work(say):
        reading, seen = False, []

        def hook(event, about):
            if reading and (event.startswith(FORBIDDEN) or writes(event, about)):
                seen.append((event, about))

        def look(content):
            nonlocal reading
            path.write_bytes(content)
            reading = True
            try:
                read()
            except RuntimeError as error:  # LoadError is one
                assert not isinstance(error.__context__, MemoryError), "it took more memory than it may"
            finally:
                reading = False
            assert not seen, seen

        read()  # what reading needs is imported before anyone watches
        sys.addaudithook(hook)
        with open("/proc/self/statm") as pages:
            limit = int(pages.read().split()[0]) * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        for example in examples:
            look(example)
        OPTIONS(given(files)(look))()

    return said_by(work)


@pytest.mark.parametrize("format", ["course", "pth"])
def test_load(tmp_path, format):
    path, whole = tmp_path / "model", saved(format)
    path.write_bytes(whole)
    assert faults(lambda: course.load(path), path, changed(whole) | changed_inside(whole)) == []


@pytest.mark.parametrize("name", ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"])
@pytest.mark.parametrize("ending", ["", ".gz"])
def test_idx(tmp_path, name, ending):
    pack = (lambda content: gzip.compress(content, 1, mtime=0)) if ending else bytes
    put(tmp_path, {other + ending: pack(content) for other, content in IDX_FILES.items()})
    files = changed(IDX_FILES[name]).map(pack) | changed(pack(IDX_FILES[name]))
    assert faults(lambda: datasets.MNIST(tmp_path), tmp_path / (name + ending), files) == []


def test_idx_bombs(tmp_path):
    put(tmp_path, IDX_FILES)
    zeros = gzip.compress(bytes(1 << 20)) * 1024
    bombs = [gzip.compress(struct.pack(">4I", 0x803, count, 28, 28)) + zeros for count in (10, 300_000, 2**32 - 1)]
    path = tmp_path / "train-images-idx3-ubyte.gz"
    path.write_bytes(gzip.compress(IDX_FILES[path.stem]))
    assert faults(lambda: datasets.MNIST(tmp_path), path, st.just(b""), *bombs) == []


def test_cifar(tmp_path):
    put(tmp_path, {name: records.tobytes() for name, records in RECORDS.items()})
    path = tmp_path / "data_batch_3.bin"
    assert faults(lambda: datasets.CIFAR10(tmp_path), path, changed(path.read_bytes())) == []


def test_the_watch_sees(tmp_path):
    """What would be wrong is found: code that runs, a file that is written, memory without end."""
    path = tmp_path / "file"
    harms = {
        "exec": lambda: exec(""), "import": lambda: __import__("this"), "os.system": lambda: os.system("true"),
        "open": lambda: os.open(tmp_path / "other", os.O_WRONLY | os.O_CREAT),
        "MemoryError": lambda: bytes(1 << 31),
    }
    for words, harm in harms.items():
        path.write_bytes(b"")
        found = faults(lambda: path.read_bytes() and harm(), path, st.just(b""), b"harmful")  # noqa: B023
        assert words in " ".join(found), words
