"""PyTorch's own files: what it wrote is read, what is written has its structure, and a hostile file does nothing."""

import io
import os
import pickle
import pickletools
import struct
import zipfile
from collections import Counter, OrderedDict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import course
from course import pth
from course.serialization import LoadError

from ..goldens import pth_files
from ..goldens.families import FOLDER


def same(found, wanted):
    """Raises AssertionError where two structures differ in kind or in numbers."""
    if isinstance(wanted, course.Tensor):
        assert (type(found), found.dtype, found.requires_grad) == (type(wanted), wanted.dtype, wanted.requires_grad)
        assert found.shape == wanted.shape
        np.testing.assert_allclose(found.detach().numpy(), wanted.detach().numpy(), 1e-5, 1e-6)
    elif isinstance(wanted, dict):
        assert type(found) is (dict if isinstance(wanted, Counter) else type(wanted)) and list(found) == list(wanted)
        for key in wanted:
            same(found[key], wanted[key])
    elif isinstance(wanted, list | tuple):
        assert type(found) is type(wanted) and len(found) == len(wanted)
        for pair in zip(found, wanted):
            same(*pair)
    else:
        assert type(found) is type(wanted) and found == wanted


# --- files of PyTorch's -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["state_dict", "kinds", "views"])
def test_what_pytorch_saved_is_what_the_course_makes(name):
    same(course.load(FOLDER / f"{name}.pth"), pth_files.READ[name](course))
    with open(FOLDER / f"{name}.pth", "rb") as file:
        same(course.load(file, weights_only=True), pth_files.READ[name](course))


def test_a_training_of_pytorchs_goes_on():
    saved = course.load(FOLDER / "checkpoint.pth")
    model, optimizer, schedule, train = pth_files.trained(course, steps=0)
    model.load_state_dict(saved["model"])
    optimizer.load_state_dict(saved["optimizer"])
    schedule.load_state_dict(saved["schedule"])
    unbroken = pth_files.trained(course)[3]
    np.testing.assert_allclose(train(3), unbroken(3), 1e-4)
    rest = {key: saved[key] for key in ("epoch", "best", "history", "note", "done", "seed")}
    same(rest, {"epoch": 3, "best": 0.25, "history": [1.5, 0.5, 0.25], "note": "größer", "done": False, "seed": None})
    assert schedule.get_last_lr() == [0.0025]


def test_an_optimizer_with_numbers_in_its_state_goes_on():
    saved = course.load(FOLDER / "averaged.pth")
    p = saved["p"].clone().requires_grad_()
    optimizer = course.optim.ASGD([p], lr=0.1)
    optimizer.load_state_dict(saved["optimizer"])
    wanted = pth_files.averaged(course)["optimizer"]["state"][0]
    assert optimizer.state[p]["step"] == 2 and optimizer.state[p]["eta"] == pytest.approx(wanted["eta"])
    same(optimizer.state[p]["ax"], wanted["ax"])


def test_tensors_that_shared_memory_share_it_again():
    found = course.load(FOLDER / "views.pth")
    found["base"][0, 1] = 99.0
    assert found["transposed"][1, 0] == found["column"][0] == 99.0 and not found["transposed"].is_contiguous()


REASONS = {"expanded": "expanded tensor.*clone", "half": "HalfStorage.*float", "old_format": "old format.*torch.save",
           "module": "torch.nn.modules.linear.Linear.*state_dict"}


@pytest.mark.parametrize("name", REASONS)
def test_what_is_not_read_says_how_to_save_it(name):
    with pytest.raises(LoadError, match=f"(?i){REASONS[name]}"):
        course.load(FOLDER / f"{name}.pth")
    with open(FOLDER / f"{name}.pth", "rb") as file, pytest.raises(LoadError, match=f"(?i){REASONS[name]}"):
        course.load(file)


def test_the_files_are_small():
    assert sum(path.stat().st_size for path in FOLDER.glob("*.pth")) < 100_000


# --- writing ----------------------------------------------------------------------------------------------------------


def written(obj) -> io.BytesIO:
    file = io.BytesIO()
    course.save(obj, file, format="pth")
    file.seek(0)
    return file


@pytest.mark.parametrize("name", ["state_dict", "checkpoint", "averaged"])
def test_what_is_written_comes_back(name):
    made = pth_files.READ[name](course)
    same(course.load(written(made)), made)


def test_kinds_and_views_come_back():
    made = pth_files.kinds(course)
    made = {key: value for key, value in made.items() if key not in ("size", "type", "device")}
    same(course.load(written(made)), made)
    same(course.load(written(pth_files.views(course))), pth_files.views(course))
    assert course.load(written((float("inf"), -0.0, np.float32(0.5), np.int64(3)))) == (float("inf"), -0.0, 0.5, 3)


INSTRUCTIONS = {  # those of PyTorch's safe reader, torch/_weights_only_unpickler.py
    "GLOBAL", "NEWOBJ", "REDUCE", "BUILD", "APPEND", "APPENDS", "SETITEM", "SETITEMS", "MARK", "TUPLE", "TUPLE1",
    "TUPLE2", "TUPLE3", "NONE", "NEWFALSE", "NEWTRUE", "EMPTY_TUPLE", "EMPTY_LIST", "EMPTY_DICT", "EMPTY_SET", "BININT",
    "BININT1", "BININT2", "BINFLOAT", "BINUNICODE", "SHORT_BINSTRING", "BINPERSID", "BINGET", "LONG_BINGET", "BINPUT",
    "LONG_BINPUT", "LONG1", "PROTO", "STOP",
}  # fmt: skip
GLOBALS = {"collections OrderedDict", "torch._utils _rebuild_tensor_v2", "torch._utils _rebuild_parameter",
           *map("torch {}Storage".format, ("Float", "Double", "Char", "Short", "Int", "Long", "Byte", "Bool"))}


@pytest.mark.parametrize("name", ["state_dict", "checkpoint", "averaged", "views"])
def test_a_written_file_has_the_structure_that_pytorch_reads(name):
    with zipfile.ZipFile(written(pth_files.READ[name](course))) as archive:
        names = archive.namelist()
        assert {n.partition("/")[0] for n in names} == {"archive"} and archive.read("archive/version") == b"3\n"
        assert all(info.compress_type == zipfile.ZIP_STORED for info in archive.infolist())
        instructions = list(pickletools.genops(archive.read("archive/data.pkl")))
        assert {opcode.name for opcode, _, _ in instructions} <= INSTRUCTIONS
        assert {argument for opcode, argument, _ in instructions if opcode.name == "GLOBAL"} <= GLOBALS
        assert instructions[0][1] == 2
        pickletools.dis(archive.read("archive/data.pkl"), out=io.StringIO())  # checks the stack, too
        assert sum(n.startswith("archive/data/") for n in names) == sum(o.name == "BINPERSID" for o, *_ in instructions)


def test_pythons_own_unpickler_reads_it_as_pytorch_does():
    """With the real meaning of every instruction, and names put in place of PyTorch's functions."""
    class Reader(pickle.Unpickler):
        def find_class(self, module, name):
            return OrderedDict if name == "OrderedDict" else lambda *given: (name, *given)

        def persistent_load(self, given):
            return given[2], given[4]

    with zipfile.ZipFile(written({"p": course.nn.Parameter(course.zeros(2, 3)), "n": [1, -1]})) as archive:
        found = Reader(io.BytesIO(archive.read("archive/data.pkl"))).load()
    tensor = ("_rebuild_tensor_v2", ("0", 6), 0, (2, 3), (3, 1), False, OrderedDict())
    assert found == {"p": ("_rebuild_parameter", tensor, True, OrderedDict()), "n": [1, -1]}


def test_what_pytorch_would_refuse_is_not_written(tmp_path):
    for wrong in (course.nn.Linear(1, 1), {"f": print}, np.ones(2), {1, 2}, [2**3000]):
        with pytest.raises(TypeError, match="state_dict"):
            course.save(wrong, tmp_path / "x.pth", format="pth")
    assert not os.listdir(tmp_path)
    with pytest.raises(ValueError, match="'course' and 'pth', given 'h5'"):
        course.save([], tmp_path / "x", format="h5")


def test_equal_contents_make_equal_files_and_a_path_will_do(tmp_path):
    for name in ("a", "b"):
        course.save({"x": course.ones(3)}, tmp_path / name, format="pth")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert course.load(tmp_path / "a")["x"].tolist() == [1, 1, 1]


# --- hostile files ----------------------------------------------------------------------------------------------------


def file_of(pickled: bytes, entries=None, method=zipfile.ZIP_STORED) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("x/data.pkl", pickled)
        for name, content in (entries or {}).items():
            archive.writestr(f"x/{name}", content)
    file.seek(0)
    return file


def protocol_2(body: bytes) -> bytes:
    return b"\x80\x02" + body + b"."


def push(obj) -> bytes:
    return pickle.dumps(obj, 2)[2:-1]


def name(text: str) -> bytes:
    return b"c" + text.replace(" ", "\n").encode() + b"\n"


def series(*parts: bytes) -> bytes:
    return b"(" + b"".join(parts) + b"t"


def storage(count=4, key="0", kind="FloatStorage", word="storage") -> bytes:
    return series(push(word), name(f"torch {kind}"), push(key), push("cpu"), push(count)) + b"Q"


def tensor(offset=0, size=(4,), stride=(1,), of=None, requires_grad=False, *more) -> bytes:
    hooks = name("collections OrderedDict") + b")R"
    return name("torch._utils _rebuild_tensor_v2") + series(
        storage() if of is None else of, push(offset), push(size), push(stride), push(requires_grad), hooks, *more
    ) + b"R"  # fmt: skip


FOUR = {"data/0": np.arange(4, dtype="<f4").tobytes()}


def chained(levels):
    """Tuples in which each holds the one before twice: little to write, 2 ** levels long to walk."""
    return b")" + b"q\0h\0\x86" * levels


HOSTILE = {  # what is wrong -> (pickle, entries, a part of the reason)
    "a command": (b"cos\nsystem\n(S'touch hacked'\ntR.", {}, "os.system"),
    "a command by protocol 2": (protocol_2(name("posix system") + push(("touch hacked",)) + b"R"), {}, "posix.system"),
    "eval": (protocol_2(name("builtins eval") + push(("1",)) + b"R"), {}, "builtins.eval"),
    "a function of PyTorch's": (protocol_2(name("torch load") + push(("x",)) + b"R"), {}, "torch.load"),
    "a storage of the course's": (protocol_2(name("course.pth _Storages")), {}, "course.pth._Storages"),
    "a name in two parts": (protocol_2(push("os") + push("system") + b"\x93"), {}, "STACK_GLOBAL"),
    "an old instance": (b"(ios\nsystem\n.", {}, "INST"),
    "an object": (protocol_2(name("collections OrderedDict") + b")\x81"), {}, "NEWOBJ"),
    "an extension": (protocol_2(b"\x82\x01"), {}, "EXT1"),
    "a function as a value": (protocol_2(name("collections OrderedDict")), {}, "before it is finished"),
    "a function in a list": (protocol_2(b"]" + name("torch FloatStorage") + b"a"), {}, "does not belong"),
    "a storage in a list": (protocol_2(b"]" + storage() + b"a"), FOUR, "does not belong"),
    "a storage in a tuple": (protocol_2(storage() + b"\x85"), FOUR, "before it is finished"),
    "a call of a number": (protocol_2(push(1) + b")R"), {}, "no function"),
    "a call of a tensor": (protocol_2(tensor() + b")R"), FOUR, "no function"),
    "a call of a storage": (protocol_2(storage() + b")R"), FOUR, "no function"),
    "a call with a list": (protocol_2(name("torch Size") + b"]R"), {}, "no tuple of arguments"),
    "a call with too few": (protocol_2(name("torch._utils _rebuild_tensor_v2") + b")R"), {}, "missing"),
    "a size of texts": (protocol_2(name("torch Size") + push((("a",),)) + b"R"), {}, "natural numbers"),
    "a size of a thousand dimensions": (protocol_2(name("torch Size") + push(((1,) * 1000,)) + b"R"), {}, "natural"),
    "a device of tuples": (protocol_2(name("torch device") + chained(60) + b"\x85R"), {}, "no name"),
    "a device that is none": (protocol_2(name("torch device") + push(("toaster",)) + b"R"), {}, "toaster"),
    "a counter of nothing": (protocol_2(name("collections Counter") + push((3,)) + b"R"), {}, "counts nothing"),
    # tensors
    "a negative offset": (protocol_2(tensor(offset=-1)), FOUR, "natural numbers"),
    "an offset too far": (protocol_2(tensor(offset=1)), FOUR, "does not fit"),
    "a negative stride": (protocol_2(tensor(3, stride=(-1,))), FOUR, "natural numbers"),
    "a stride too far": (protocol_2(tensor(size=(2,), stride=(4,))), FOUR, "does not fit"),
    "an enormous stride": (protocol_2(tensor(size=(2,), stride=(2**62,))), FOUR, "does not fit"),
    "a negative size": (protocol_2(tensor(size=(-4,))), FOUR, "natural numbers"),
    "a size that is true": (protocol_2(tensor(size=(True,))), FOUR, "natural numbers"),
    "a size of a fraction": (protocol_2(tensor(size=(2.0,))), FOUR, "natural numbers"),
    "an enormous size of stride 0": (protocol_2(tensor(size=(2**40,), stride=(0,))), FOUR, "does not fit"),
    "an enormous size beside none": (protocol_2(tensor(size=(0, 2**62), stride=(1, 1))), FOUR, "damaged"),
    "fewer strides than sizes": (protocol_2(tensor(size=(2, 2))), FOUR, "does not fit"),
    "sizes in a list": (protocol_2(tensor(size=[4])), FOUR, "natural numbers"),
    "hooks": (protocol_2(name("torch._utils _rebuild_tensor_v2") + series(
        storage(), push(0), push((4,)), push((1,)), push(False), push({"a": 1})) + b"R"), FOUR, "hooks or flags"),
    "conjugated": (protocol_2(tensor(0, (4,), (1,), None, False, push({"conj": True}))), FOUR, "hooks or flags"),
    "a gradient wanted by text": (protocol_2(tensor(requires_grad="yes")), FOUR, "hooks or flags"),
    "a parameter of a number": (protocol_2(
        name("torch._utils _rebuild_parameter") + series(push(1), push(True), push({})) + b"R"), {}, "no tensor"),
    "a tensor of no storage": (protocol_2(tensor(of=push(1))), FOUR, "no storage"),
    # storages
    "more numbers than the file has": (protocol_2(tensor(of=storage(5))), FOUR, "should be 5 numbers of 4 bytes"),
    "fewer numbers than the file has": (protocol_2(tensor(of=storage(3))), FOUR, "but takes 16 bytes"),
    "less than no numbers": (protocol_2(tensor(of=storage(-4))), FOUR, "not in it"),
    "numbers of another type": (protocol_2(tensor(of=storage(kind="DoubleStorage"))), FOUR, "4 numbers of 8 bytes"),
    "numbers of two types": (protocol_2(b"](" + tensor() + tensor(of=storage(kind="IntStorage")) + b"e"), FOUR,
                             "two types"),
    "numbers that are not there": (protocol_2(tensor(of=storage(key="1"))), FOUR, "not in it"),
    "numbers elsewhere": (protocol_2(tensor(of=storage(key="../data.pkl"))), FOUR, "not in it"),
    "numbers by a number": (protocol_2(tensor(of=storage(key=0))), FOUR, "not in it"),
    "a module by reference": (protocol_2(tensor(of=storage(word="module"))), FOUR, "no storage of numbers"),
    "a reference by text": (protocol_2(push("0") + b"Q"), FOUR, "no tuple"),
    "a type of numbers by text": (protocol_2(push(("storage", "Float", "0", "cpu", 4)) + b"Q"), FOUR, "not in it"),
    "half numbers": (protocol_2(tensor(of=storage(kind="BFloat16Storage"))), FOUR, "BFloat16Storage"),
    "no truth": (protocol_2(tensor(of=storage(16, kind="BoolStorage"))), {"data/0": b"\x02" * 16}, "true or false"),
    "an order of bytes": (protocol_2(tensor()), FOUR | {"byteorder": b"middle" * 99}, "order"),
    # the machine
    "nothing": (b"", {}, "damaged"),
    "no end": (b"\x80\x02]", {}, "damaged"),
    "only the end": (b".", {}, "more than it"),
    "a text that goes on": (b"\x80\x02X\xff\xff\xff\x7fabc", {}, "damaged"),
    "an unknown instruction": (b"\x80\x02\xff.", {}, "damaged"),
    "more than there is": (protocol_2(b"\x86"), {}, "more than it"),
    "no list": (protocol_2(push(1) * 2 + b"a"), {}, "does not belong"),
    "no series": (protocol_2(b"]e"), {}, "not begun"),
    "over a mark": (protocol_2(b"](a"), {}, "more than it"),
    "two results": (protocol_2(b"]]"), {}, "before it is finished"),
    "an open mark": (protocol_2(b"(]"), {}, "before it is finished"),
    "a key without a value": (protocol_2(b"}(" + push("a") + b"u"), {}, "damaged"),
    "a key that cannot be one": (protocol_2(b"}]" + push(1) + b"s"), {}, "keys"),
    "a key to walk for ever": (protocol_2(b"}" + chained(60) + push(1) + b"s"), {}, "keys"),
    "nothing remembered": (protocol_2(b"h\x00"), {}, "not made yet"),
    "a list in itself": (protocol_2(b"]q\x00h\x00a"), {}, "holds itself"),
    "a list in itself by a detour": (protocol_2(b"](]q\x00]q\x01eh\x00h\x01a"), {}, "does not belong"),
    "a dict that is filled later": (protocol_2(b"}q\x00\x85h\x00" + push(1) + push(2) + b"s"), {}, "does not belong"),
    "lists in lists": (protocol_2(b"]" * 5000 + b"a" * 4999), {}, "nested more than 100 deep"),
    "tuples in tuples": (protocol_2(b")" + b"\x85" * 5000), {}, "nested more than 100 deep"),
    "lists in remembered lists": (protocol_2(b"]]q\0a" + b"]q\1h\0aa]q\0h\1aa" * 60), {}, "nested more than 100"),
    "a state for a list": (protocol_2(b"]}b"), {}, "no state_dict has"),
    "a name by number": (protocol_2(name("torch._utils _rebuild_tensor_v2" + "x" * 10**6)), {}, "x" * 20),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_pickle_is_refused_with_its_reason(what, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pickled, entries, reason = HOSTILE[what]
    with pytest.raises(LoadError) as refused:
        course.load(file_of(pickled, entries))
    assert reason in str(refused.value) and len(str(refused.value)) < 600
    assert not os.listdir(tmp_path)


def test_the_benign_twin_of_the_hostile_files_is_read():
    same(course.load(file_of(protocol_2(tensor(1, (2, 1), (2, 9))), FOUR)), course.tensor([[1.0], [3.0]]))
    big = {"data/0": np.arange(4, dtype=">f4").tobytes(), "byteorder": b"big"}
    same(course.load(file_of(protocol_2(tensor()), big)), course.arange(4.0))


def test_bombs_are_not_unpacked():
    with pytest.raises(LoadError, match="could unpack to any size"):
        course.load(file_of(protocol_2(tensor()), {"data/0": b"\0" * 10**7}, zipfile.ZIP_DEFLATED))
    with pytest.raises(LoadError, match="which no state_dict does"):
        course.load(file_of(b"\x80\x02" + b"]" * (pth.LARGEST_PICKLE + 1)))


def test_entries_that_share_their_bytes_are_refused():
    file = file_of(protocol_2(push(1)), {f"data/{i}": b"\1" * 1000 for i in range(3)})
    content = bytearray(file.getvalue())
    places = [i for i in range(len(content)) if content[i : i + 4] == b"PK\1\2"][1:]
    for place in places:  # all headers of the directory point at one place of the file
        content[place + 42 : place + 46] = content[places[0] + 42 : places[0] + 46]
        content[place + 20 : place + 28] = struct.pack("<II", 2000, 2000)
    with pytest.raises(LoadError, match="larger than the file"):
        course.load(io.BytesIO(content))


def test_another_zip_and_two_pickles_are_foreign():
    for entries in ({}, {"b/data.pkl": b"", "a/data.pkl": b""}):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for entry, content in entries.items():
                archive.writestr(entry, content)
        with pytest.raises(LoadError, match="not one that"):
            course.load(file)


def test_a_file_cut_anywhere_is_refused():
    whole = (FOLDER / "state_dict.pth").read_bytes()
    for length in range(0, len(whole), 101):
        with pytest.raises(LoadError):
            course.load(io.BytesIO(whole[:length]))


def loads_or_refuses(content: bytes):
    try:
        course.load(io.BytesIO(content))
    except LoadError as error:
        assert len(str(error)) < 2000


WHOLE = (FOLDER / "kinds.pth").read_bytes()
PICKLED = zipfile.ZipFile(io.BytesIO(WHOLE)).read("kinds/data.pkl")
STORED = {f"data/{i}": bytes(8) for i in range(4)}


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.binary(max_size=3)), min_size=1, max_size=8))
def test_any_change_of_a_file_is_read_or_refused(changes):
    content = bytearray(WHOLE)
    for place, new in changes:
        content[place : place + len(new)] = new
    loads_or_refuses(bytes(content))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(PICKLED) - 1), st.integers(0, 9), st.binary(max_size=3)), max_size=8))
def test_any_change_of_a_pickle_is_read_or_refused(changes):
    content = bytearray(PICKLED)
    for place, left_out, new in changes:
        content[place : place + left_out] = new
    loads_or_refuses(file_of(bytes(content), STORED).getvalue())


PIECES = [tensor(), storage(), tensor(size=(2, 2), stride=(2, 1)), name("torch Size"), name("torch device"),
          name("collections OrderedDict"), name("collections Counter"), name("torch._utils _rebuild_parameter"),
          push(1), push("cpu"),
          *(bytes([x]) for x in b"()]}\x85\x86\x87tauseb0RQ\x88\x89N"), b"q\0", b"q\1", b"h\0", b"h\1", b")R"]


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30))
def test_any_program_for_the_machine_is_run_or_refused(pieces):
    loads_or_refuses(file_of(protocol_2(b"".join(pieces)), STORED | FOUR).getvalue())
