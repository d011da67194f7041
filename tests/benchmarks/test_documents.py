"""From a run to the documents: each side is asked, what is kept is read back, what is written says what was kept."""

import json
import sys
import xml.etree.ElementTree

import pytest

from benchmarks import __main__ as benchmarks
from benchmarks import documents, limits, measure
from benchmarks.work import WORK

SIZES = [2**16, 2**18]
NO_PYTORCH = "false"  # the command: a Python that does not even start


@pytest.fixture(scope="module")
def found():
    """A small run without PyTorch: two rows at one and at two threads, and a new process."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(benchmarks, "machine_limits", lambda threads: limits.machine_limits(threads, SIZES))
        names = ["MSE, 1e6", "Linear(1, 1), batch 32, MSE, SGD"]
        patched.setattr(benchmarks, "WORK", {name: WORK[name] for name in names})
        patched.setattr(benchmarks, "STARTS", {"peak memory of MLP training": (1.5, "bytes", True)})
        return benchmarks.measured(benchmarks.arguments(["--rounds", "2", "--threads", "1,2", "--torch", NO_PYTORCH]))


@pytest.fixture
def beside_pytorch(found):
    """The same with PyTorch's numbers: half as fast as the course in one row, twice as fast in the next."""
    found = json.loads(json.dumps(found))
    for i, row in enumerate(found["rows"]):
        factor = (2, 0.5)[i % 2]
        row["torch"] = {"median": row["course"]["median"] * factor, "quartiles": row["course"]["quartiles"]}
        row["ratio_to_torch"] = factor
    return found


def test_a_run_without_pytorch_asks_the_course_and_numpy(found):
    assert [row["threads"] for row in found["rows"]] == [1, 1, 2, 2, 1]
    assert set(found["versions"]) == {"course", "numpy", "numba"}
    for row in found["rows"]:
        low, high = row["course"]["quartiles"]
        assert 0 < low <= row["course"]["median"] <= high
        assert row["ratio_to_numpy"] > 0 and "torch" not in row
    assert found["rows"][0]["limit"]["of"] == "bandwidth" and found["rows"][0]["limit"]["share"] > 0
    assert found["rows"][1]["limit"] is None, "tiny work is bounded by neither"
    assert all("nan" not in documents.line(row) for row in found["rows"])


@pytest.mark.parametrize("value, unit, text", [
    (3.7e-6, "s", "3.70 µs"), (0.00099951, "s", "1.00 ms"), (0.503, "s", "503 ms"), (4.77, "s", "4.77 s"),
    (181_743_616, "bytes", "182 MB")])
def test_amounts_have_three_digits(value, unit, text):
    assert documents.amount(value, unit) == text


def test_a_share_of_the_limit():
    work = WORK["Adam, 1e4 parameters"]
    machine = {"flops_per_second": 1e9, "bytes_per_second": {"65536": 9e9, "262144": 28e9, "1048576": 1e9}}
    assert limits.share_of_limit(work, 20e-6, machine) == {"of": "bandwidth", "share": pytest.approx(0.5)}
    assert limits.share_of_limit(WORK["MLP 784-128-10, batch 64, SGD"], 1, machine)["of"] == "matrix product"
    assert limits.share_of_limit(WORK["CTC 50×16×20"], 1, machine) is None


def test_a_side_that_cannot_do_the_work_says_so():
    with measure.open_sides(sys.executable, "cpu", 1) as sides:
        assert sides["course"].ask("no such work") is None
        assert sides["course"].ask("softmax cross-entropy 64×10") == "ready"


def test_what_is_kept_is_read_back(found, tmp_path, monkeypatch):
    monkeypatch.setattr(documents, "RESULTS", tmp_path / "results")
    path = documents.keep(found)
    assert path.suffix == ".json" and path.name.isascii()
    older = found | {"date": "2020-01-01", "machine": found["machine"] | {"cpu": "another"}}
    documents.keep(older)
    assert documents.kept() == [found, older]


def test_documents_without_pytorch(found):
    assert "| MSE, 1e6 |" in documents.page([found]) and "NumPy's time" in documents.alternative(found)


def test_the_page_marks_what_misses_its_target(beside_pytorch):
    table = documents.page([beside_pytorch])
    assert "| **0.500** |" in table and "| 2.00 |" in table
    assert documents.alternative(beside_pytorch) in table


def test_the_readmes_part_is_replaced_and_nothing_else(beside_pytorch):
    before = documents.README.read_text(encoding="utf-8")
    filled = documents.readme(before, [beside_pytorch])
    assert "(docs/speed.svg)" in filled and documents.alternative(beside_pytorch) in filled
    assert documents.readme(filled, []) == documents.readme(before, [])


def test_the_chart_shows_every_row_and_which_are_slower(beside_pytorch, tmp_path):
    path = tmp_path / "chart.svg"
    documents.draw(beside_pytorch, path)
    assert path.stat().st_size < 100_000
    texts = [text.text for text in xml.etree.ElementTree.parse(path).iter("{http://www.w3.org/2000/svg}text")]
    rows, _ = documents.charted(beside_pytorch)
    assert {row["work"] for row in rows} <= set(texts) and {"2.0", "0.50"} <= set(texts)
    assert "<pattern" in path.read_text(encoding="utf-8"), "slower ones differ by more than their colour"


def test_the_documents_are_in_step_with_what_was_kept():
    results = documents.kept()
    readme = documents.README.read_text(encoding="utf-8")
    assert documents.readme(readme, results) == readme, "run python -m benchmarks --draw"
    assert documents.PAGE.exists() == documents.CHART.exists() == bool(results)
    if results:
        assert documents.PAGE.read_text(encoding="utf-8") == documents.page(results), "run python -m benchmarks --draw"
        chart = documents.CHART.read_text(encoding="utf-8")
        assert all(f">{row['work']}<" in chart for row in documents.charted(results[0])[0])


def test_without_a_gpu_a_sentence_says_so(monkeypatch, capsys):
    monkeypatch.delenv("NUMBA_ENABLE_CUDASIM", raising=False)
    from course.device import cuda_is_available

    if cuda_is_available():
        pytest.skip("there is a GPU here")
    benchmarks.main(["--device", "cuda"])
    assert capsys.readouterr().out.startswith("There is no CUDA device here, so nothing was timed")


def test_an_interpreter_that_is_not_there_is_named(capsys):
    with pytest.raises(SystemExit):
        benchmarks.main(["--torch", "no/such/python"])
    assert "there is no interpreter no/such/python" in capsys.readouterr().err


def test_a_share_of_the_table_is_not_kept(capsys):
    with pytest.raises(SystemExit):
        benchmarks.main(["--save", "--only", "Adam"])
    assert "--save keeps whole tables" in capsys.readouterr().err
