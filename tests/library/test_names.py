"""A name that is not there: the error says which one was perhaps meant, and costs nothing where nobody sees it."""

import importlib
import json
import pickle
from pathlib import Path

import pytest

import course


@pytest.mark.parametrize("ask, sentence", [
    (lambda: course.eimsum, "course has no eimsum; did you mean einsum? docs/parity.md lists what there is"),
    (lambda: course.hypergeometric_stuff, "course has no hypergeometric_stuff; docs/parity.md lists what there is"),
    (lambda: course.float16, "course has no float16: it computes in float32 and float64, within autocast too"),
    (lambda: course.nn.parallel.DistributedDataParallel, "course.distributed.DistributedOptimizer shares"),
    (lambda: course.nn.Linaer, "course.nn has no Linaer; did you mean Linear?"),
    (lambda: course.nn.functional.soft_max, "did you mean softmax?"),
    (lambda: course.optim.SDG, "did you mean SGD?"),
    (lambda: course.linalg.dett, "did you mean det?"),
    (lambda: course.ones(2).summ, "'Tensor' object has no attribute 'summ'; did you mean sum?"),
    (lambda: course.nn.Parameter(course.ones(2)).requires_gradient, "did you mean requires_grad?"),
    (lambda: course.nn.Linear(1, 1).wieght, "'Linear' object has no attribute 'wieght'; did you mean weight?"),
    (lambda: course._anything, "no attribute '_anything'"),
])  # fmt: skip
def test_an_unknown_name_is_told_with_the_one_that_was_meant(ask, sentence):
    with pytest.raises(AttributeError) as refused:
        ask()
    assert sentence in str(refused.value)


def test_every_function_that_has_a_twin_in_place_has_it_here_too():
    names = Path(course.__file__).parents[1] / "docs" / "pytorch-2.13-names.json"
    twins = {name for name in json.loads(names.read_text())["Tensor"] if name.endswith("_") and name[0] != "_"}
    ours = set(dir(course.Tensor))
    copies = {"as_strided_"}  # a view in PyTorch
    assert {name for name in twins - copies if name[:-1] in ours} <= ours
    assert {name for name in vars(course.in_place.InPlace) if name.endswith("_") and name[0] != "_"} <= twins


def test_a_part_that_is_not_imported_is_no_unknown_name():
    with pytest.raises(AttributeError, match="write import course.doctor"):
        course.__getattr__("doctor")
    assert importlib.import_module("course.doctor").__name__ == "course.doctor"
    assert not hasattr(course, "__wrapped__")


@pytest.mark.parametrize("arguments, sentence", [
    ({"profile": "tiny"}, "there is no profile 'tiny'"),
])  # fmt: skip
def test_a_way_to_print_that_is_not_there_is_refused(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        course.set_printoptions(**arguments)


def test_switches_of_the_cuda_namespace():
    assert course.cuda.manual_seed(1) is course.cuda.manual_seed_all(1) is None
    if not course.cuda.is_available():
        for ask in (lambda: course.cuda.set_device(0), course.cuda.Event):
            with pytest.raises(RuntimeError, match="course doctor"):
                ask()
        with pytest.raises(TypeError, match="not available"):
            course.cuda.FloatTensor([1])


def test_compile_decorates():
    @course.compile
    def double(x):
        return 2 * x

    @course.compile(fullgraph=True)
    def triple(x):
        return 3 * x

    assert double(1) + triple(1) == 5


def test_asking_whether_there_is_a_name_looks_for_no_other(monkeypatch):
    """matplotlib asks every tensor for several names, programs ask the library; each search took 5 ms."""
    monkeypatch.setattr("difflib.get_close_matches", None)
    assert not hasattr(course.ones(2), "to_pandas") and not hasattr(course.nn.Linear(1, 1), "to_pandas")
    assert not hasattr(course, "float8") and not hasattr(course.nn, "LinearReLU")


def test_the_error_of_an_unknown_name_travels_between_processes():
    with pytest.raises(AttributeError) as caught:
        _ = course.ones(2).summ
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
