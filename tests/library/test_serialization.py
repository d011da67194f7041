"""Save and load: what goes in comes out, the old file survives, and a hostile file does nothing."""

import io
import json
import os
import zipfile
from collections import OrderedDict

import numpy as np
import pytest

import course
from course import serialization
from course.serialization import LoadError

DTYPES = ("float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool")


def round_trip(obj):
    file = io.BytesIO()
    course.save(obj, file)
    file.seek(0)
    return course.load(file)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 3), (2, 3)])
def test_tensors_come_back_as_they_were(dtype, shape):
    t = course.tensor(np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype))
    back = round_trip(t)
    assert back.dtype is t.dtype and back.shape == t.shape and back.tolist() == t.tolist()


def test_containers_and_numbers_come_back_with_their_kinds():
    given = {"a": [1, 2.5, None, True, "text"], 7: (float("inf"), -0.0), "o": OrderedDict(x=course.ones(1)),
             "n": np.arange(3), "big": 10**30, ("k", 1): {}}
    back = round_trip(given)
    assert list(back) == list(given) and back["a"] == given["a"] and [type(x) for x in back["a"]] == [
        type(x) for x in given["a"]]
    assert str(back[7]) == "(inf, -0.0)" and isinstance(back["o"], OrderedDict) and back["o"]["x"].tolist() == [1.0]
    assert isinstance(back["n"], np.ndarray) and back["big"] == 10**30 and np.isnan(round_trip(float("nan")))


def test_parameters_and_leaves_keep_what_they_are():
    model = course.nn.Linear(2, 1)
    back = round_trip({"p": model.weight, "leaf": course.ones(1, requires_grad=True), "result": model.weight * 2})
    assert isinstance(back["p"], course.nn.Parameter) and back["p"].requires_grad
    assert back["leaf"].requires_grad and not back["result"].requires_grad


def test_map_location_says_where(tmp_path):
    course.save(course.ones(2), tmp_path / "x")
    assert course.load(tmp_path / "x", map_location="cpu").device == course.device("cpu")
    with pytest.raises(RuntimeError):
        course.load(tmp_path / "x", map_location="nowhere")


def test_what_cannot_be_saved_is_refused_and_the_old_file_stays(tmp_path):
    path = tmp_path / "model"
    course.save([1], path)
    for wrong in (course.nn.Linear(1, 1), {"f": print}, object(), {1, 2}):
        with pytest.raises(TypeError, match="save its state_dict"):
            course.save(wrong, path)
    assert course.load(path) == [1] and os.listdir(tmp_path) == ["model"]


def test_the_old_file_survives_a_write_that_fails(tmp_path, monkeypatch):
    path = tmp_path / "model"
    course.save([1], path)

    def full(file):
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        course.save([2], path)
    assert course.load(path) == [1] and os.listdir(tmp_path) == ["model"]


def test_equal_contents_make_equal_files(tmp_path):
    for name in "ab":
        course.save({"x": course.ones(3)}, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_file_cut_anywhere_is_refused(tmp_path):
    path = tmp_path / "model"
    course.save({"x": course.ones(3), "y": [1, "a"]}, path)
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(LoadError):
            course.load(path)


def test_a_missing_file_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError):
        course.load(tmp_path / "nothing")


def archive(entries, method=zipfile.ZIP_STORED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as z:
        for name, content in entries.items():
            z.writestr(name, content)
    file.seek(0)
    return file


def structure(obj):
    return json.dumps({"format": serialization.FORMAT, "object": obj})


def npy(array, **options):
    file = io.BytesIO()
    np.lib.format.write_array(file, array, **options)
    return file.getvalue()


def header(text):
    return b"\x93NUMPY\x01\x00v\x00" + text.encode().ljust(0x75) + b"\n"


def promising(shape, descr="<f4"):
    return header(f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}")


ONE = {"structure.json": structure({"tensor": 0})}
HOSTILE = {
    "nested without end": {"structure.json": structure(0)[:-2] + '{"list":[' * 5000 + "]}" * 5000 + "}"},
    "an array of a huge header": {**ONE, "0.npy": b"\x93NUMPY\x02\x00" + (10**6).to_bytes(4, "little") + b" " * 10**6},
    "an array that promises too much": {**ONE, "0.npy": promising((10**11,))},
    "an array of negative size": {**ONE, "0.npy": promising((-1,))},
    "an array of objects": {**ONE, "0.npy": npy(np.array([1, None], object), allow_pickle=True)},
    "an array of records": {**ONE, "0.npy": npy(np.zeros(2, "i4,f4"))},
    "an array with a tail": {**ONE, "0.npy": npy(np.zeros(2)) + b"xx"},
    "an array that is none": {**ONE, "0.npy": b"cos\nsystem\n(S'true'\ntR."},
    "an array with half a header": {**ONE, "0.npy": header("{'descr': '<f4', 'shape': (3, ")},
    "an array with an indented header": {**ONE, "0.npy": header("a\n  b\n c")},
    "complex numbers": {**ONE, "0.npy": npy(np.zeros(2, complex))},
    "one array many times": {"structure.json": structure({"list": [{"tensor": 0}] * 99}), "0.npy": npy(np.ones(9))},
    "no such array": ONE,
    "an array by a path": {"structure.json": structure({"tensor": "../0"})},
    "an unknown kind": {"structure.json": structure({"function": "os.system"})},
    "another format": {"structure.json": '{"format": "course-99", "object": {"value": 1}}'},
    "no format": {"structure.json": "{}"},
    "a list": {"structure.json": "[]"},
    "no JSON": {"structure.json": b"\xff\xfe\xff"},
    "a key that cannot be one": {"structure.json": structure({"dict": [[{"list": []}, {"value": 1}]]})},
    "no number": {"structure.json": structure({"float": "zz"})},
    "a number without end": {"structure.json": f'{{"format":"course-1","object":{{"value":{"9" * 10000}}}}}'},
    "another zip": {"readme.txt": "hello"},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_and_foreign_files_are_refused(name):
    with pytest.raises(LoadError):
        course.load(archive(HOSTILE[name]))


def test_bombs_are_not_unpacked():
    for entries in ({"structure.json": " " * 10**6}, {**ONE, "0.npy": npy(np.zeros(10**6))}):
        with pytest.raises(LoadError, match="could unpack to any size"):
            course.load(archive(entries, zipfile.ZIP_DEFLATED))


def test_pickles_are_foreign_files():
    with pytest.raises(LoadError):
        course.load(io.BytesIO(b"cos\nsystem\n(S'touch hacked'\ntR."))
