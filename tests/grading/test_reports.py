"""What an instructor gets: a CSV for the gradebook, pages that need nothing from elsewhere."""

import csv
import io
import json
import re
import sys
from html.parser import HTMLParser

import pytest

from course.grading.grade import grade_class
from course.grading.limits import Limits
from course.grading.report import BadMapping, as_csv, read_ids, summary, write_reports
from course.grading.submissions import find_submissions

from .submissions import IMPORTS, LARGEST, LINE, MINIMISE, RIGHT, STEP, UNIT, write

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="grading needs POSIX limits")
UPHILL = STEP.replace("- lr", "+ lr")
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")
    write(folder / "in" / "ann" / f"{UNIT}.ipynb", *RIGHT)
    log(folder / "in" / "ann" / "progress.jsonl", ["not yet", "not yet", "passed", "passed"])
    write(folder / "in" / "bob" / f"{UNIT}.ipynb", IMPORTS, UPHILL, MINIMISE, LARGEST, LINE)
    log(folder / "in" / "bob" / "progress.jsonl", ["not yet"])
    shout = f"def gradient_descent_step(theta, gradient, lr):\n    raise ValueError({SCRIPT!r})"
    write(folder / "in" / f"=1+1{SCRIPT.replace('/', '')}" / "own.ipynb", IMPORTS, shout, f"raise OSError({SCRIPT!r})")
    submissions = find_submissions(folder / "in")
    results = grade_class(submissions, [UNIT], "s", folder / "kept", 2, Limits(cell_seconds=2.0), [folder])
    write_reports(folder, results, [UNIT], "s")
    return folder, results


def log(path, outcomes):
    told = [{"event": "checked", "exercise": "gradient_descent_step", "outcome": outcome} for outcome in outcomes]
    told.append({"event": "hint", "exercise": "gradient_descent_step"})
    path.write_text("\n".join([*map(json.dumps, told), "half a li", "[1]", '{"event": "checked", "exercise": []}']))


def test_the_summary_counts_attempts_until_the_first_success(graded):
    first = summary(graded[1])[0]
    assert first["attempts"] == 2  # the median of 3 and 1
    assert first["passed"] == 1 and first["diagnoses"] == {"raised ValueError": 1, "uphill": 1}
    assert summary(graded[1])[1]["attempts"] is None


def test_the_pages_fetch_nothing_and_run_nothing(graded):
    pages = [graded[0] / "class.html", *(graded[0] / "pages").iterdir()]
    assert len(pages) == 4
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "<script" not in text and not re.search(r"(src|href)=['\"]?(https?:)?//", text)
        assert "default-src 'none'" in text


def test_every_student_is_linked_from_the_class_page(graded):
    links = re.findall(r"href='(pages/[^']+)'", (graded[0] / "class.html").read_text(encoding="utf-8"))
    from urllib.parse import unquote

    assert sorted(unquote(link) for link in links) == sorted(f"pages/{path.name}" for path in
                                                             (graded[0] / "pages").iterdir())  # fmt: skip


def test_the_student_reads_what_check_would_have_said(graded):
    page = (graded[0] / "pages" / "bob.html").read_text(encoding="utf-8")
    assert "uphill" in page and "which sign takes you down?" in page and "5 of 6 points" in page
    assert "By your log: 1 attempt, 1 hint." in page
    (odd,) = [path for path in (graded[0] / "pages").iterdir() if path.name.startswith("=")]
    assert "Code cell 3: OSError: &lt;script&gt;" in odd.read_text(encoding="utf-8")


class Outline(HTMLParser):
    """Headings, header cells, and whether each element that was opened is closed."""

    def __init__(self, text):
        super().__init__()
        self.open, self.headings, self.language, self.scopes = [], [], None, []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.language = attributes.get("lang", self.language)
        self.headings += [tag] if tag in ("h1", "h2") else []
        self.scopes += [attributes.get("scope")] if tag == "th" else []
        self.open += [] if tag in ("meta", "br") else [tag]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_pages_are_well_formed_and_have_an_outline(graded):
    for page in (graded[0] / "class.html", *(graded[0] / "pages").iterdir()):
        outline = Outline(page.read_text(encoding="utf-8"))
        assert outline.open == [] and outline.language == "en" and outline.headings[0] == "h1"
        assert None not in outline.scopes


def test_ids_of_the_lms_go_into_the_csv(graded, tmp_path):
    (tmp_path / "ids.csv").write_text("Student,ID,mail\nann,0042,a@example.org\nbob,-7\n", encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(as_csv(graded[1], read_ids(tmp_path / "ids.csv")))))
    assert [(row["id"], row["points"]) for row in rows] == [("", "0"), ("0042", "6"), ("'-7", "5")]
    assert rows[0]["student"].startswith("'=1+1")  # text to a spreadsheet, not a formula


@pytest.mark.parametrize("text, sentence", [("ann\n", "expected a name and an id"), ("", "has no ids")])
def test_ids_that_cannot_be_used_are_told_in_a_sentence(tmp_path, text, sentence):
    (tmp_path / "ids.csv").write_text(text)
    with pytest.raises(BadMapping, match=sentence):
        read_ids(tmp_path / "ids.csv")
