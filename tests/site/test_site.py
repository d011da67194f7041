"""The website: built without a network, every link followed, read in a browser from the disk."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import build_site  # noqa: E402

# The build in a process that can reach nothing, so that nothing that it needs hides on a network.
OFFLINE = """
import runpy, socket, sys
def refused(*args, **kwargs):
    raise OSError("the site is built without a network")
socket.getaddrinfo = socket.socket.connect = refused
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.fixture(scope="module")
def site():
    built = subprocess.run([sys.executable, "-c", OFFLINE, "tools/build_site.py"], cwd=ROOT, text=True,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert built.returncode == 0, built.stdout[-5000:]
    return build_site.SITE


def ids(path):
    return build_site.Page(path).ids


@pytest.mark.site
def test_every_lesson_and_every_public_name_is_there(site):
    import make_parity

    for lesson in build_site.lessons():
        assert (site / "lessons" / f"{lesson.stem}.html").is_file()
    theirs = json.loads(make_parity.NAMES.read_text(encoding="utf-8"))
    for path in make_parity.SECTIONS.values():
        module = "course" + f".{path}" * bool(path)
        names = {f"{module}.{name}" for name in make_parity.course_names(path, theirs[path])}
        assert names and names <= ids(site / "api" / f"{module}.html")


@pytest.mark.site
def test_a_picture_keeps_its_words_and_says_that_its_slider_lives_in_jupyterlab(site):
    page = (site / "lessons" / "03_gradient_descent.html").read_text(encoding="utf-8")
    assert "<figcaption" in page and 'alt="3 pictures side by side' in page
    assert "In JupyterLab you move the slider (learning rate $α$) yourself" in page
    assert "application/vnd.jupyter" not in page


PAGES = ["index.html", "lessons/03_gradient_descent.html", "lessons/15_cross_entropy.html", "api/course.optim.html",
         "docs/parity.html", "source/course/kernels/update_rules.py.html"]


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api", reason="pip install 'course[browser]'")
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not path:
        pytest.skip("apt install chromium")
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"] * (os.getuid() == 0))
        yield running
        running.close()


@pytest.fixture(params=[(1280, "light"), (390, "dark")], ids=["desktop-light", "phone-dark"])
def tab(browser, request):
    """An offline tab, which must ask for nothing and complain of nothing."""
    width, colours = request.param
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=colours, offline=True)
    page, seen = context.new_page(), []
    page.on("console", lambda message: seen.append(message.text))
    page.on("pageerror", lambda error: seen.append(str(error)))
    page.on("request", lambda asked: asked.url.startswith(("file:", "data:", "blob:")) or seen.append(asked.url))
    yield page
    context.close()
    assert seen == []


@pytest.mark.site
@pytest.mark.parametrize("name", PAGES)
def test_a_page_opened_from_the_disk_is_whole(site, tab, name):
    tab.goto((site / name).as_uri())
    tab.wait_for_function("!window.MathJax || MathJax.startup.promise && MathJax.startup.promise.then(() => true)")
    assert tab.evaluate("document.documentElement.scrollWidth") <= tab.viewport_size["width"], "it scrolls sideways"
    assert tab.locator("mjx-merror, [data-mjx-error]").count() == 0
    if "lessons/" in name or "optim" in name:
        assert tab.locator("mjx-container svg").count() >= 8
        assert tab.locator("article .math:not(:has(mjx-container))").count() == 0
    assert tab.evaluate("[...document.images].filter(i => !i.alt || !i.complete || !i.naturalWidth).length") == 0


@pytest.mark.site
@pytest.mark.parametrize("name", ["index.html", "lessons/03_gradient_descent.html", "api/course.optim.html"])
def test_axe_finds_nothing_serious(site, tab, name):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install 'course[browser]'")
    tab.goto((site / name).as_uri())
    tab.wait_for_function("!window.MathJax || MathJax.startup.promise && MathJax.startup.promise.then(() => true)")
    found = axe.Axe().run(tab, options={"preload": False, "resultTypes": ["violations"]}).response["violations"]
    assert not [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in ("serious", "critical")]


@pytest.mark.site
def test_search_finds_a_lesson_and_a_name_by_keyboard_alone(site, tab):
    tab.goto((site / "index.html").as_uri())
    tab.keyboard.press("/")
    if tab.viewport_size["width"] > 1000:
        tab.keyboard.type("AdamW")
        tab.keyboard.press("Enter")
    else:  # the field is behind the menu
        tab.goto((site / "search.html").as_uri() + "?q=AdamW")
    tab.wait_for_selector("#search-results li a")
    found = tab.locator("#search-results li a").all_inner_texts()
    assert "course.optim.AdamW" in found and any("Adam’s family" in title for title in found)


def test_the_link_checker_finds_what_is_wrong(tmp_path):
    (tmp_path / "a.html").write_text(
        '<h1 id="here">A</h1><a href="#here">.</a><a href="b.html#there">.</a><a href="https://elsewhere.org">.</a>'
        '<a href="gone.html">.</a><a href="b.html#nowhere">.</a><script src="https://cdn.org/x.js"></script>',
        encoding="utf-8")
    (tmp_path / "b.html").write_text('<p id="there"><img src="data:image/png;base64,AAAA">', encoding="utf-8")
    (tmp_path / "c.css").write_text("@import url('//fonts.org/f.css');", encoding="utf-8")
    assert build_site.faults(tmp_path) == [
        "a.html links to gone.html, which does not exist",
        "a.html links to b.html#nowhere, a place that its page does not have",
        "a.html loads https://cdn.org/x.js",
        "c.css loads //fonts.org/f.css",
    ]


@pytest.mark.parametrize(("doc", "markdown"), [
    ("a_b * c, |x| and `a_b`.", "a\\_b \\* c, \\|x\\| and `a_b`."),
    ("from *logits*.\nArgs: x: a number.", "from *logits*.\n\n**Args:** x: a number."),
    ("One.\n\n.. math::\n    v &\\leftarrow g \\\\\n    u &= v\n\nTwo.",
     "One.\n\n$$\n\\begin{aligned}\nv &\\leftarrow g \\\\\nu &= v\n\\end{aligned}\n$$\n\nTwo."),
    (">>> 1 + 1\n2", "```pycon\n>>> 1 + 1\n2\n```"),
    ("So:\n\n    class A:\n        pass\n\n    A()", "So:\n\n```python\nclass A:\n    pass\n\nA()\n```"),
    ("See `course/optim/adam.py`.", "See [`course/optim/adam.py`](../source/course/optim/adam.py.md)."),
])  # fmt: skip
def test_a_docstring_becomes_markdown(doc, markdown):
    assert build_site.as_markdown(doc, Path("api/course.md"), build_site.Gathered()) == markdown
