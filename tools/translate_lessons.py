#!/usr/bin/env python3
"""Generate the lessons in another language: lessons/zh/ from the English notebooks and translations/zh/.

    python tools/translate_lessons.py            # write every notebook whose translation is complete
    python tools/translate_lessons.py --todo     # list what is missing or was translated from an older English text
    python tools/translate_lessons.py --draft 03 # print lesson 03's untranslated cells, ready to be written over

A translation is a Markdown file with the name of its lesson. Each cell begins with a line that names the cell and the
English text it was translated from (a hash), so that a test finds the cells whose English has changed since:

    <!-- pencil 1f0c2a9b -->
    ## 手算一遍

Code, outputs and cell ids are those of the English notebook. A notebook here is never edited: it is generated.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LESSONS, TRANSLATIONS = ROOT / "lessons", ROOT / "translations"
LANGUAGE = "zh"
HEADER = re.compile(r"^<!-- ([\w-]+) ([0-9a-f]{8}) -->$", re.MULTILINE)
OTHER_LANGUAGE = "[English](../{name}.ipynb)"


def lessons() -> list[Path]:
    return sorted(LESSONS.glob("*.ipynb"))


def stamp(english: str) -> str:
    """The hash that a translation carries of the English text it was made from."""
    return hashlib.sha256(english.encode()).hexdigest()[:8]


def prose(notebook: dict) -> dict[str, str]:
    """The Markdown cells of a notebook: id -> text."""
    return {cell["id"]: "".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown"}


def translation(lesson: Path) -> dict[str, tuple[str, str]]:
    """The translated cells of a lesson: id -> (stamp of the English text, translated text)."""
    path = TRANSLATIONS / LANGUAGE / f"{lesson.stem}.md"
    if not path.is_file():
        return {}
    _, *parts = HEADER.split(path.read_text(encoding="utf-8"))
    return {key: (mark, text.strip("\n")) for key, mark, text in zip(parts[::3], parts[1::3], parts[2::3])}


def faults(lesson: Path) -> list[str]:
    """What keeps a lesson's translation from being complete and true to the English text, as sentences."""
    english, translated = prose(json.loads(lesson.read_text(encoding="utf-8"))), translation(lesson)
    found = [f"{lesson.stem}: there is no cell {key!r} in the lesson" for key in translated.keys() - english.keys()]
    for key, text in english.items():
        where = f"{lesson.stem}, cell {key!r}"
        if key not in translated:
            found.append(f"{where} is not translated")
            continue
        mark, told = translated[key]
        if mark != stamp(text):
            found.append(f"{where}: the English text has changed since; its stamp is now {stamp(text)}")
        for kind, pattern in KEPT.items():
            before, after = Counter(pattern.findall(text)), Counter(pattern.findall(told))
            if before != after:
                lost, added = sorted(before - after), sorted(after - before)
                found.append(f"{where}: {kind} differ, missing {lost}, added {added}")
    return found


# What a translation must leave as it is, and how often it stands there.
KEPT = {
    "formulas": re.compile(r"\$\$.+?\$\$|\$[^$\n]+\$", re.DOTALL),
    "pieces of code": re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL),
    "links": re.compile(r"\]\(([^)\s#]+)"),
    "headings": re.compile(r"^#+(?= )", re.MULTILINE),
}


def translated_notebook(lesson: Path) -> str:
    """The lesson with its prose translated, as the text of a notebook file."""
    notebook, texts = json.loads(lesson.read_text(encoding="utf-8")), translation(lesson)
    for number, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] != "markdown":
            for output in cell["outputs"]:
                if table := output.get("data", {}).get("text/markdown"):
                    output["data"]["text/markdown"] = [one_folder_down(line) for line in table]
            continue
        text = one_folder_down(texts[cell["id"]][1])
        if number == 0:
            text += "\n\n" + OTHER_LANGUAGE.format(name=lesson.stem)
        cell["source"] = text.splitlines(keepends=True)
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def one_folder_down(text: str) -> str:
    """Links that leave the folder of lessons, seen from the folder of a translation inside it."""
    return re.sub(r"\]\((?=\.\./)", "](../", text)


def draft(lesson: Path) -> str:
    """The cells that are yet to be translated, each under its header, in English."""
    english, translated = prose(json.loads(lesson.read_text(encoding="utf-8"))), translation(lesson)
    return "\n".join(f"<!-- {key} {stamp(text)} -->\n{text}\n" for key, text in english.items()
                     if translated.get(key, ("",))[0] != stamp(text))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--todo", action="store_true", help="list what is missing or out of date")
    parser.add_argument("--draft", metavar="NN", help="print the untranslated cells of one lesson")
    options = parser.parse_args()
    if options.draft:
        (lesson,) = LESSONS.glob(f"{options.draft}*.ipynb")
        print(draft(lesson), end="")
        return 0
    status = 0
    for lesson in lessons():
        if problems := faults(lesson):
            print(*problems, sep="\n")
            status = 1
        elif not options.todo:
            path = LESSONS / LANGUAGE / lesson.name
            path.parent.mkdir(exist_ok=True)
            text = translated_notebook(lesson)
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                path.write_text(text, encoding="utf-8")
                print(f"{path.relative_to(ROOT)} written")
    return status


if __name__ == "__main__":
    sys.exit(main())
