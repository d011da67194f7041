"""Build the website into _site/: lessons, exercises, API reference, parity table and handbooks. No network is needed.

    pip install -e '.[site]'
    python tools/build_site.py          # then open _site/index.html

The pages lie as in the repository, so that one link works in both. They are gathered in build/site/pages and turned
into HTML by Sphinx, where a warning (a link to nowhere, say) is an error; then every link of the HTML is followed.
Sphinx and MyST-NB come from pip. mystmd, which Jupyter Book 2 stands on, needs node and fetches its template from the
network at build time.
"""

from __future__ import annotations

import ast
import enum
import importlib
import importlib.resources
import inspect
import json
import os
import re
import shutil
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parents[1]
CONFIG = ROOT / "docs" / "site"
WORK = ROOT / "build" / "site"
PAGES = WORK / "pages"
SITE = ROOT / "_site"
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

# Pages of prose: in the repository -> on the site, when elsewhere.
PROSE = {"README.md": "index.md", "CONTRIBUTING.md": "CONTRIBUTING.md"}
LANGUAGES = {".py": "python", ".toml": "toml", ".yml": "yaml", ".json": "json", ".sh": "bash"}


class Gathered:
    """The pages so far, and the source files that they show or lead to."""

    def __init__(self):
        self.pages: dict[Path, str] = {}
        self.sources: set[Path] = set()

    def write(self, where: str | Path, text: str) -> None:
        self.pages[Path(where)] = text

    def store(self) -> None:
        """The pages as files. One that did not change is not touched, so that Sphinx need not read it again."""
        old = {path.relative_to(PAGES) for path in PAGES.rglob("*") if path.suffix in (".md", ".ipynb")}
        if old and old != set(self.pages):  # a page came or went: links to it, in pages that did not change, change too
            shutil.rmtree(WORK)
        for where, text in self.pages.items():
            path = PAGES / where
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
        shutil.copytree(ROOT / "docs", PAGES / "docs", ignore=shutil.ignore_patterns("site", "*.md", "*.json"),
                        dirs_exist_ok=True)


# ---- Pages as they are: prose and notebooks ------------------------------------------------------------------------

NOT_LIVE = {  # for each folder of lessons
    "lessons": """\
:::{note}
You read the lesson as it is stored. Its sliders, predictions and quizzes live in JupyterLab, where you change the code
too: [install the course](../index.md), then `course lab`.
:::""",
    "zh": """\
:::{note}
这里是课程的静态页面。
滑块、预测和测验要在 JupyterLab 里才能动手，代码也在那里改：先[安装课程](../../index.md)，再运行 `course lab`。
:::""",
}
STILL = ('<p class="in-jupyterlab">The pictures are stills. In JupyterLab you move {sliders} yourself, '
         "and the picture answers.</p>")


def gather_prose(site: Gathered) -> None:
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]:
        where = path.relative_to(ROOT)
        text = relinked(path.read_text(encoding="utf-8"), where, site)
        text = names_linked(text) if path.name == "parity.md" else text
        site.write(PROSE.get(str(where), where), text + contents_of_the_site() * (path.name == "README.md"))


def names_linked(table: str) -> str:
    """The parity table with each name led to its entry in the API reference."""
    module, lines = "course", []
    for line in table.split("\n"):
        module = found[1] if (found := re.match(r"`(course[\w.]*)`: ", line)) else module
        lines.append(re.sub(r"^\| `(\w+)` \|", rf"| {{py:obj}}`\1 <{module}.\1>` |", line))
    return "\n".join(lines)


def gather_notebooks(site: Gathered) -> None:
    for path in [*lessons(), *lessons("zh"), *exercises()]:
        where = path.relative_to(ROOT)
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            if cell["cell_type"] == "markdown":
                cell["source"] = relinked("".join(cell["source"]), where, site)
            else:
                fold(cell)
                say_what_is_live(cell)
                lead_to_pages(cell)
        if path.parent.name in NOT_LIVE:
            notebook["cells"][0]["source"] += "\n\n" + NOT_LIVE[path.parent.name]
        notebook["metadata"].pop("widgets", None)
        site.write(where, json.dumps(notebook))


def fold(cell: dict) -> None:
    """What JupyterLab shows folded, a question's answer, the site folds too."""
    if cell["metadata"].get("jupyter", {}).get("source_hidden"):
        cell["metadata"].setdefault("tags", []).append("hide-input")


def say_what_is_live(cell: dict) -> None:
    """Below the stills of a picture with sliders: which sliders it has in JupyterLab."""
    source = "".join(cell["source"])
    outputs = [o for o in cell["outputs"] if "text/html" in o.get("data", {})]
    if "explore(" not in source or not outputs:
        return
    explores = [node for node in ast.walk(ast.parse(source))
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "explore"]
    controls = [given.value for call in explores for given in call.keywords if isinstance(given.value, ast.Call)]
    labels = [option.value.value for control in controls for option in control.keywords
              if option.arg == "label" and isinstance(option.value, ast.Constant)]
    sliders = f"the slider{'s' * (len(labels) > 1)} ({'; '.join(labels)})" if labels else "it"
    markup = outputs[-1]["data"]
    markup["text/html"] = "".join(markup["text/html"]) + STILL.format(sliders=sliders)


def lead_to_pages(cell: dict) -> None:
    """Sphinx does not read outputs that are HTML: their links to notebooks are led to the notebooks' pages here."""
    for output in cell["outputs"]:
        if "text/html" in output.get("data", {}):
            markup = "".join(output["data"]["text/html"])
            output["data"]["text/html"] = re.sub(r'(href="[^":]+)\.ipynb\b', r"\1.html", markup)


def lessons(language: str = "") -> list[Path]:
    return sorted((ROOT / "lessons" / language).glob("*.ipynb"))


def exercises() -> list[Path]:
    return sorted((ROOT / "exercises").glob("*/*.ipynb"))


def relinked(text: str, where: Path, site: Gathered) -> str:
    """The Markdown of the page `where`, with links to files that are no pages led to a page that shows the file."""
    def lead(match):
        label, target, anchor = match.groups()
        path = Path(os.path.normpath(where.parent / target))
        anchor = anchor or ""
        if str(path) in PROSE:
            return f"{label}({relative(PROSE[str(path)], where)}{anchor})"
        if path.suffix in (".ipynb", ".png") or path.parts[0] == "docs" or not (ROOT / path).is_file():
            return match[0]  # a page, a picture, or nothing: then Sphinx complains
        site.sources.add(path)
        return f"{label}({relative(source_page(path), where)}{anchor})"

    return re.sub(r"(\])\((?!\w+:|#)([^)#\s]+)(#[^)\s]*)?\)", lead, text)


def jupyters_anchor(heading: str) -> str:
    """What JupyterLab makes of a heading: "The formula" is at #The-formula."""
    return re.sub(r"\s+", "-", heading.strip())


def relative(page: str | Path, where: Path) -> str:
    return os.path.relpath(page, where.parent).replace(os.sep, "/")


# ---- Source files, with a number and an anchor for each line -------------------------------------------------------

UNLISTED = "---\norphan: true\nnosearch: true\n---\n\n"


def source_page(path: str | Path) -> Path:
    return Path("source") / f"{Path(path).as_posix()}.md"


def show_sources(site: Gathered) -> None:
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import TextLexer, get_lexer_by_name

    for path in sorted(site.sources):
        if path.suffix == ".md":
            text = (ROOT / path).read_text(encoding="utf-8")
            site.write(source_page(path), UNLISTED + text)
            continue
        lexer = get_lexer_by_name(LANGUAGES[path.suffix]) if path.suffix in LANGUAGES else TextLexer()
        formatter = HtmlFormatter(cssclass="highlight source", linenos="inline", lineanchors="L")
        text = highlight((ROOT / path).read_text(encoding="utf-8"), lexer, formatter)
        fence = "```````"
        site.write(source_page(path), f"{UNLISTED}# {path.as_posix()}\n\n{fence}{{raw}} html\n{text}\n{fence}\n")


# ---- API reference, from the docstrings ----------------------------------------------------------------------------

ABOUT_THE_API = """\
# API reference

Made from the docstrings. What PyTorch has too has PyTorch's name, arguments and results;
[the course beside PyTorch](../docs/parity.md) lists every name and every difference. Each entry leads to its source.
"""
ABOUT_THE_FORMULAS = """\
# The formulas

Every formula is written once, as on paper, in one of these files. numba compiles that text for the CPU and for CUDA.
"""
PLAIN_SECTIONS = {  # what only the course has: title -> the module whose __all__ it is
    "In a notebook: pictures, sliders, questions": "course.lab",
    "In a notebook: exercises": "course.exercises",
}
HAVE_A_PAGE = {"course.Tensor"}  # classes whose methods are a section of their own
PARTS = ("Args", "Shapes", "Shape", "Returns", "Raises", "Source", "Sources", "Differs from PyTorch", "Parameters")


def write_api(site: Gathered) -> list[Path]:
    import make_parity

    theirs = json.loads(make_parity.NAMES.read_text(encoding="utf-8"))
    pages = []
    for title, path in make_parity.SECTIONS.items():
        names = make_parity.course_names(path, theirs[path])
        pages.append(api_page(title, "course" + f".{path}" * bool(path), names, site))
    for title, module in PLAIN_SECTIONS.items():
        where = importlib.import_module(module)
        pages.append(api_page(title, module, {name: getattr(where, name) for name in sorted(where.__all__)}, site))
    pages.append(formulas_page(site))
    rows = "\n".join(page.stem for page in pages)
    site.write("api/index.md", f"{ABOUT_THE_API}\n```{{toctree}}\n:maxdepth: 1\n\n{rows}\n```\n")
    return pages


def api_page(title: str, module: str, names: dict, site: Gathered) -> Path:
    page = Path("api") / f"{module}.md"
    of_class = inspect.isclass(importable(module))
    entries = []
    for name, value in names.items():
        kind = kind_of(value) if not of_class else "property" if not callable(value) else "method"
        entries.append(entry(kind, f"{module}.{name}", value, page, site))
    site.write(page, f"# {title}\n\n`{module}`\n\n" + "\n".join(entries))
    return page


def importable(dotted: str):
    """The module or class of that name."""
    module, _, name = dotted.rpartition(".")
    try:
        return importlib.import_module(dotted)
    except ModuleNotFoundError:
        return getattr(importlib.import_module(module), name)


def kind_of(value) -> str:
    return "exception" if inspect.isclass(value) and issubclass(value, Exception) else \
        "class" if inspect.isclass(value) else "function" if callable(value) else "data"


def entry(kind: str, name: str, value, page: Path, site: Gathered, depth: int = 0) -> str:
    """One name as a directive of Sphinx's Python domain: its signature, its docstring, and its methods."""
    fence = "`" * (8 - depth)
    text = as_markdown(inspect.getdoc(value) or "", page, site)
    source = where_defined(value, page, site)
    inside = [entry("method", f"{name}.{method}", function, page, site, depth + 1)
              for method, function in methods(value)] if kind == "class" and name not in HAVE_A_PAGE else []
    signature = "" if kind in ("property", "data", "exception") else signature_of(value, kind == "method")
    return "\n".join([f"{fence}{{py:{kind}}} {name}{signature}", "", text, "", source, "", *inside, fence, ""])


def methods(cls) -> list:
    """What `cls` itself adds to what every module, optimiser or dataset has: public, with a docstring."""
    if issubclass(cls, enum.Enum):
        return []
    return [(name, getattr(cls, name)) for name, value in vars(cls).items()
            if not name.startswith("_") and value.__doc__
            and getattr(getattr(cls, name), "__qualname__", "").startswith(f"{cls.__qualname__}.")]


def signature_of(value, is_method: bool) -> str:
    try:
        signature = inspect.signature(value)
    except (TypeError, ValueError):
        return "()"
    parameters = [p.replace(annotation=p.empty) for p in signature.parameters.values()]
    if is_method and parameters and parameters[0].name in ("self", "cls"):
        parameters = parameters[1:]
    text = str(inspect.Signature(parameters))
    return re.sub(r"<[^<>]*?(\w+)'?>", r"\1", text)  # a default that is a function or class: by its name


def where_defined(value, page: Path, site: Gathered) -> str:
    """A link to the line of the source where it begins."""
    value = inspect.unwrap(value) if callable(value) else getattr(value, "fget", value)
    try:
        path = Path(inspect.getsourcefile(value)).resolve().relative_to(ROOT)
        line = inspect.getsourcelines(value)[1]
    except (TypeError, OSError, ValueError):
        return ""
    site.sources.add(path)
    target = relative(source_page(path), page).removesuffix(".md")
    return f'<a class="source-link" href="{target}.html#L-{max(line, 1)}">{path.as_posix()}, line {max(line, 1)}</a>'


def as_markdown(doc: str, page: Path, site: Gathered) -> str:
    """A docstring as Markdown: `.. math::` and examples as blocks, each part ("Args:") as a paragraph of its own."""
    blocks = []
    for block in re.split(r"\n\s*\n", doc):
        if block.startswith(".. math::"):
            maths = inspect.cleandoc("\n" + block.partition("\n")[2])
            blocks.append(f"$$\n\\begin{{aligned}}\n{maths}\n\\end{{aligned}}\n$$")
        elif block.startswith(">>>"):
            blocks.append(f"```pycon\n{block}\n```")
        elif re.match(r" {2,}\S", block):
            blocks.append(f"```python\n{inspect.cleandoc(chr(10) + block)}\n```")
        else:
            parts = re.split(rf"\n(?=(?:{'|'.join(PARTS)})\b)", block)
            blocks += [prose(" ".join(part.split()), page, site) for part in parts]
    return re.sub(r"\n```\n\n```python\n", "\n\n", "\n\n".join(blocks))  # an example with an empty line inside


def prose(text: str, page: Path, site: Gathered) -> str:
    """A paragraph: what Markdown would misread is escaped, `code` kept, names of source files become links."""
    def mark(match):
        code, plain = match.groups()
        if plain is not None:
            return re.sub(r"([\\_<>\[\]#|$]|(?<!\w)\*(?!\w)|\*\*|(?<=\w)\*(?=\w))", r"\\\1", plain)
        path = Path(code.strip("`"))
        if path.suffix in LANGUAGES and (ROOT / path).is_file():
            site.sources.add(path)
            return f"[{code}]({relative(source_page(path), page)})"
        return code

    text = re.sub(r"(`[^`]+`)|([^`]+|`)", mark, text)
    return re.sub(rf"^({'|'.join(PARTS)})\b(:?)", r"**\1\2**", text)


def formulas_page(site: Gathered) -> Path:
    """Every file of course/kernels with the first line of its docstring: where the formulas stand."""
    page = Path("api/formulas.md")
    rows = []
    for path in sorted((ROOT / "course" / "kernels").glob("*.py")):
        doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        if path.name != "__init__.py":
            where = path.relative_to(ROOT)
            site.sources.add(where)
            first = prose(" ".join(doc.partition("\n\n")[0].split()), page, site)
            rows.append(f"- [{path.name}]({relative(source_page(where), page)}): {first}")
    site.write(page, ABOUT_THE_FORMULAS + "\n" + "\n".join(rows))
    return page


# ---- The table of contents -----------------------------------------------------------------------------------------

ABOUT_THE_EXERCISES = """\
# Exercises

This is what you are asked to write. In JupyterLab, `check(your_function)` shows the smallest case in which it errs and
the misconception that would explain it.
"""


TABLES = {"docs/parity", "docs/speed", "docs/survey"}


def contents_of_the_site() -> str:
    def tree(caption, *entries):
        return f"\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n" + "\n".join(entries) + "\n```\n"

    def numbered(path):
        title = re.search(r"# (.+)", "".join(json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"]))[1]
        return f"{path.stem[:2]} {title} <{path.relative_to(ROOT).with_suffix('').as_posix()}>"

    documents = {f"docs/{path.stem}" for path in (ROOT / "docs").glob("*.md")}
    tables, handbooks = sorted(documents & TABLES), sorted(documents - TABLES)
    return (tree("Learn", *map(numbered, lessons()), "exercises/index")
            + tree("Look up", "api/index", *tables) + tree("Teach", *handbooks)
            + tree("Build on it", "CONTRIBUTING") + tree("中文", *map(numbered, lessons("zh"))))


def exercises_index(site: Gathered) -> None:
    rows = "\n".join(path.relative_to(ROOT / "exercises").with_suffix("").as_posix() for path in exercises())
    site.write("exercises/index.md", f"{ABOUT_THE_EXERCISES}\n```{{toctree}}\n:maxdepth: 1\n\n{rows}\n```\n")


# ---- Building and checking -----------------------------------------------------------------------------------------

def bundle_mathjax(static: Path) -> None:
    """MathJax with its fonts is one file of a package that pip installs; the rest of that package is left out."""
    package = importlib.resources.files("sphinx-mathjax-offline")
    (static / "mathjax.js").write_bytes((package / "static" / "mathjax" / "tex-svg-full.js").read_bytes())


def build() -> None:
    from sphinx.cmd.build import main as sphinx

    site = Gathered()
    gather_prose(site)
    gather_notebooks(site)
    exercises_index(site)
    write_api(site)
    show_sources(site)
    site.store()
    html = WORK / "html"
    if sphinx(["-q", "-W", "--keep-going", "-j", "2", "-c", str(CONFIG), "-d", str(WORK / "doctrees"),
               str(PAGES), str(html)]):  # fmt: skip
        raise SystemExit("Sphinx found the faults above; _site is left as it was.")
    bundle_mathjax(html / "_static")
    shutil.rmtree(SITE, ignore_errors=True)
    shutil.copytree(html, SITE, ignore=shutil.ignore_patterns(".buildinfo*", "_sources"))


class Page(HTMLParser):
    """What one HTML page offers (ids) and asks for (links; files that the browser loads by itself)."""

    def __init__(self, path: Path):
        super().__init__()
        self.ids, self.links, self.loads = set(), [], []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        at = dict(attributes)
        self.ids |= {at[key] for key in ("id", "name") if at.get(key)}
        if tag == "a" and "href" in at:
            self.links.append(at["href"])
        elif tag == "link" and at.get("rel") in ("stylesheet", "icon", "preload", "preconnect", "dns-prefetch"):
            self.loads.append(at["href"])
        elif tag in ("script", "img", "iframe", "source", "video", "audio", "object", "embed"):
            self.loads += [at[key] for key in ("src", "data", "srcset") if at.get(key)]


def faults(site: Path = SITE) -> list[str]:
    """Every link that leads nowhere, and everything that a page or style sheet would fetch from elsewhere."""
    pages = {path: Page(path) for path in site.rglob("*.html")}
    found = []
    for path, page in pages.items():
        name = path.relative_to(site)
        for target in page.links + page.loads:
            url = urlsplit(target)
            if url.scheme or url.netloc:
                if target in page.loads and url.scheme != "data":
                    found.append(f"{name} loads {target}")
                continue
            file = (path.parent / unquote(url.path)).resolve() if url.path else path
            file = file / "index.html" if file.is_dir() else file
            if not file.is_file():
                found.append(f"{name} links to {target}, which does not exist")
            elif file in pages and url.fragment and unquote(url.fragment) not in pages[file].ids:
                found.append(f"{name} links to {target}, a place that its page does not have")
    for style in site.rglob("*.css"):
        text = style.read_text(encoding="utf-8")
        for target in re.findall(r"""(?:@import\s+|url\()["']*((?:https?:)?//[^"')\s]+)""", text):
            found.append(f"{style.relative_to(site)} loads {target}")
    return found


if __name__ == "__main__":
    build()
    if wrong := faults():
        raise SystemExit("\n".join(wrong))
    print(f"{SITE / 'index.html'}: {len(list(SITE.rglob('*.html')))} pages, every link leads somewhere")
