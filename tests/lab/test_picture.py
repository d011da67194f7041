import base64
import io
import itertools
import re

import numpy as np
import pytest
from PIL import Image

from course.lab import figure, subplots


def test_a_figure_has_alt_caption_and_a_crisp_picture(displayed):
    fig, ax = subplots()
    ax.plot([1, 2])
    figure(fig, alt='A "rising" line', caption="It *rises* & rises.")
    (bundle,) = displayed
    html = bundle["text/html"]
    assert 'alt="A &quot;rising&quot; line"' in html
    assert "<figcaption" in html and "<em>rises</em> &amp; rises." in html and "--jp-content-font-color1" in html
    assert bundle["text/plain"] == '[figure] A "rising" line\nIt rises & rises.'
    image = Image.open(io.BytesIO(base64.b64decode(re.search(r"base64,([^\"]+)", html)[1])))
    shown = int(re.search(r'width="(\d+)"', html)[1])
    assert image.format == "PNG" and image.width == 1.5 * shown


def test_twelve_figures_fit_into_a_small_lesson(displayed):
    fig, axes = subplots(1, 2)
    for ax, power in itertools.product(axes, (0.5, 1, 2, 3)):
        ax.plot(np.linspace(0, 1, 50) ** power, "o-", label=f"power {power}")
        ax.legend()
    figure(fig, alt="Four powers, twice.")
    assert len(displayed[0]["text/html"]) < 1_000_000 / 12


def test_the_same_figure_gives_the_same_bytes(displayed):
    for _ in range(2):
        fig, ax = subplots()
        ax.plot([3, 1, 2])
        figure(fig, alt="a line")
    assert displayed[0] == displayed[1]


def test_outside_jupyter_the_words_are_printed(capsys):
    fig, _ = subplots()
    figure(fig, alt="An empty frame.", caption="Nothing yet.")
    assert capsys.readouterr().out == "[figure] An empty frame.\nNothing yet.\n"


@pytest.mark.parametrize("alt", ["", "  ", None])
def test_alt_is_required(alt):
    with pytest.raises(ValueError, match="needs alt"):
        figure(subplots()[0], alt=alt)


def test_a_mistaken_argument_is_named():
    fig, ax = subplots()
    with pytest.raises(TypeError, match="given Axes"):
        figure(ax, alt="axes")


def test_a_pyplot_figure_is_shown_once(displayed):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots()
    dpi = fig.dpi
    figure(fig, alt="empty axes")
    assert not plt.get_fignums() and fig.dpi == dpi and len(displayed) == 1
