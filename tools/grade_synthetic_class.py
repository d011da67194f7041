"""Makes a class, right, mistaken, broken and hostile, and grades it three times: serial, in parallel, and again.

    python tools/grade_synthetic_class.py [STUDENTS] [--keep FOLDER]

Fails where two runs differ in a byte, or where a student's points are not those that the notebook was made for.
"""

from __future__ import annotations

import argparse
import inspect
import json
import os
import random
import sys
import tempfile
import textwrap
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from course.exercises import registry  # noqa: E402
from course.exercises.solutions import solution_source  # noqa: E402
from course.exercises.specification import Exercise, Misconception  # noqa: E402
from course.grading.child import isolation  # noqa: E402
from course.grading.grade import grade_class  # noqa: E402
from course.grading.limits import Limits  # noqa: E402
from course.grading.report import write_reports  # noqa: E402
from course.grading.submissions import find_submissions  # noqa: E402
from tests.grading.submissions import ATTACKS, HARMLESS, IMPORTS, in_step, write  # noqa: E402

UNITS = ["03_gradient_descent", "08_adam"]
KINDS = ["right"] * 4 + ["mistaken"] * 3 + ["broken"] + ["hostile"] * 2
LIMITS = Limits(cell_seconds=1.0, wall_seconds=60.0, grace=2.0)


def make_class(folder: Path, students: int) -> dict[str, dict[str, str]]:
    """Writes the notebooks; for each student the exercises that are lost, with the diagnosis where one is certain."""
    chance = random.Random(1)
    lost = {}
    for number in range(students):
        kind = KINDS[number % len(KINDS)]
        student = f"{kind}-{number:03}"
        notebooks = {unit: _right(unit) for unit in UNITS}
        lost[student] = _MAKERS[kind](notebooks, chance)
        for unit, cells in notebooks.items():
            write(folder / student / f"{unit}.ipynb", *cells.values(), unit=unit)
    return lost


def _right(unit: str) -> dict[str, str]:
    functions = {exercise.name: solution_source(unit, exercise.name) for exercise in registry.exercises(unit)}
    return {"imports": IMPORTS, **{name: f"{source}\n\ncheck({name})" for name, source in functions.items()}}


def _mistaken(notebooks: dict, chance: random.Random) -> dict[str, str]:
    unit = chance.choice(UNITS)
    mistakes = [(exercise, mistake) for exercise in registry.exercises(unit) for mistake in exercise.misconceptions]
    exercise, mistake = chance.choice([pair for pair in mistakes if _stands_alone(pair[1])])
    notebooks[unit][exercise.name] = _source(exercise, mistake)
    return {exercise.name: mistake.name}


def _broken(notebooks: dict, chance: random.Random) -> dict[str, str]:
    unit = chance.choice(UNITS)
    cells = notebooks[unit]
    name = chance.choice(registry.exercises(unit)).name
    match chance.choice(["deleted", "renamed", "reordered", "duplicated", "syntax error", "two broken cells"]):
        case "deleted":
            del cells[name]
        case "renamed":
            cells[name] = cells[name].replace(name, f"my_{name}")
        case "reordered":
            notebooks[unit] = dict(reversed(cells.items()))
            return {}
        case "duplicated":
            cells["again"] = f"def {name}():\n    raise NotImplementedError"
            return {}
        case "syntax error":
            cells[name] += "\n)"
        case _:
            cells["import"], cells["more"] = "import a_module_that_is_not_there", "1 / 0"
            return {}
    return {name: "not defined"}


def _hostile(notebooks: dict, chance: random.Random) -> dict[str, str]:
    cells = notebooks[UNITS[0]]
    if chance.random() < 0.5:
        cells["harm"] = HARMLESS[chance.choice(sorted(HARMLESS))]
        return {}
    cells["gradient_descent_step"] = in_step(ATTACKS[chance.choice(sorted(ATTACKS))])
    return {"gradient_descent_step": ""}


_MAKERS = {"right": lambda *_: {}, "mistaken": _mistaken, "broken": _broken, "hostile": _hostile}


def _source(exercise: Exercise, mistake: Misconception) -> str:
    """The misconception as a student would have written it."""
    lines = textwrap.dedent(inspect.getsource(mistake.function)).splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("def "))
    head = lines[start].replace(f"def {mistake.function.__name__}(", f"def {exercise.name}(", 1)
    return "\n".join([head, *lines[start + 1 :]])


def _stands_alone(mistake: Misconception) -> bool:
    """Whether it can be copied: a plain function that uses NumPy and nothing else of its file."""
    code = mistake.function.__code__
    inner = [constant for constant in code.co_consts if inspect.iscode(constant)]
    names = {name for one in (code, *inner) for name in one.co_names} & set(mistake.function.__globals__)
    return code.co_name != "<lambda>" and names <= {"np"} and not code.co_freevars


def surprises(results: list[dict], lost: dict[str, dict[str, str]]) -> list[str]:
    """Points and diagnoses that are not those that the notebooks were made for."""
    found = []
    for result in results:
        expected = lost[result["student"]]
        for exercise in result["exercises"]:
            name, outcome, diagnosis = (exercise[key] for key in ("exercise", "outcome", "diagnosis"))
            if (outcome == "passed") == (name in expected) or expected.get(name, "") not in ("", diagnosis):
                found.append(f"{result['student']}, {name}: {outcome} {diagnosis}; expected {expected.get(name)!r}")
    return found


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("students", type=int, nargs="?", default=200)
    parser.add_argument("--keep", type=Path, help="keep the notebooks and the grades here")
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        lost = make_class(folder / "class", arguments.students)
        print(isolation(LIMITS))
        written = {}
        for name, jobs in (("serial", 1), ("parallel", os.cpu_count() or 2), ("again", os.cpu_count() or 2)):
            started = time.monotonic()
            out = folder / name
            submissions = find_submissions(folder / "class")
            results = grade_class(submissions, UNITS, "seed", out / "students", jobs, LIMITS, [folder])
            write_reports(out, results, UNITS, "seed")
            took = time.monotonic() - started
            each = took / len(results)
            print(f"{name}: {len(results)} students in {took:.0f} s, {each:.2f} s each, {jobs} at a time")
            files = [*out.glob("grades.*"), *out.glob("*.html"), *out.glob("pages/*")]
            written[name] = {path.relative_to(out): path.read_bytes() for path in files}
    told = Counter(line["outcome"] for result in results for line in result["exercises"])
    print("verdicts:", json.dumps(told), "files compared:", len(written["serial"]))
    problems = surprises(results, lost)
    problems += [f"{name} is not what serial gave" for name in written if written[name] != written["serial"]]
    print(*problems or ["The three runs gave the same bytes, and every student the points expected."], sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
