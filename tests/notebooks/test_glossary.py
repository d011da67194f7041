"""Every term of the glossary is explained where it says, and every Chinese term of the lessons is in the glossary."""

import re
from pathlib import Path

import nbformat
import pytest

from course.lab.glossary import find_terms, glossary, glossary_table

LESSONS = Path(__file__).parents[2] / "lessons"
CHINESE = re.compile(r"[\u4e00-\u9fff]+")


def words(notebook):
    cells = nbformat.read(LESSONS / f"{notebook}.ipynb", 4).cells
    return "\n".join(c.source for c in cells if c.cell_type == "markdown")


@pytest.mark.parametrize("lesson", sorted({term.lesson for term in glossary()}))
def test_the_lesson_holds_its_terms(lesson):
    text = words(lesson)
    for term in glossary():
        if term.lesson == lesson:
            assert (term.word or term.english).lower() in text.lower(), term.english
            assert term.chinese in text, term.chinese


@pytest.mark.parametrize("path", sorted(LESSONS.glob("[01]*.ipynb")) + sorted(LESSONS.glob("2[0-6]*.ipynb")),
                         ids=lambda path: path.stem)
def test_every_chinese_term_of_a_lesson_is_in_the_glossary(path):
    known = {word for term in glossary() for word in CHINESE.findall(f"{term.chinese} {term.meaning}")}
    unknown = set(CHINESE.findall(words(path.stem))) - known
    assert not unknown, f"add to lessons/glossary.toml: {', '.join(sorted(unknown))}"


def test_a_term_is_there_once_and_they_are_sorted():
    pairs = [(term.english, term.chinese) for term in glossary()]
    assert len(set(pairs)) == len(pairs)
    assert [english.lower() for english, _ in pairs] == sorted(english.lower() for english, _ in pairs)
    assert all(term.meaning for term in glossary())


def test_terms_are_found_by_any_of_their_words(capsys):
    assert [term.english for term in find_terms("动量")] == ["momentum"]
    assert {term.english for term in find_terms("adamw")} == {"weight decay"}
    assert len(find_terms()) == len(glossary())
    glossary_table("no such word")
    assert "No term contains" in capsys.readouterr().out
