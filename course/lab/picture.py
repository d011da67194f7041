"""Pictures with words. Every figure of the course goes through here: JupyterLab gives no `alt` to a plain PNG."""

from __future__ import annotations

import base64
import html
import io
import sys

import numpy as np
from IPython import get_ipython
from IPython.display import display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from .style import CSS_PIXELS_PER_INCH, SCALE
from .text import inline_html, plain

CAPTION_STYLE = "color:var(--jp-content-font-color1, inherit);max-width:46em;margin-top:.4em;line-height:1.5"


def figure(fig: Figure, alt: str, caption: str = "") -> None:
    """Show a matplotlib figure with its alternative text and a caption that teaches.

    Args:
        fig: the figure; one made by pyplot is closed, so that it is not shown a second time.
        alt: what the picture shows, for people who do not see it. Must not be empty.
        caption: the figure's one message; may hold `$maths$`, `` `code` `` and `*emphasis*`.
    Outside Jupyter the words are printed.
    Raises: ValueError when `alt` is empty; TypeError when `fig` is no figure.
    """
    if not isinstance(fig, Figure):
        raise TypeError(f"figure() shows a matplotlib Figure, and was given {type(fig).__name__}. "
                        "Pass the figure itself: with fig, ax = subplots(), that is fig.")
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError("figure() needs alt: one or two sentences that say what the picture shows, "
                         "for people who cannot see it.")
    show(figure_html(png(pixels(fig)), alt, inline_html(caption)), f"[figure] {plain(alt)}\n{plain(caption)}".strip())
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close(fig)


def show(markup: str, words: str, **mimes) -> None:
    """Display `markup` (HTML) in a notebook, `words` in a terminal. `mimes`: further representations."""
    if get_ipython() is None:
        print(words)
    else:
        display({"text/html": markup, "text/plain": words, **mimes}, raw=True)


def figure_html(image: bytes, alt: str, caption: str = "") -> str:
    """`<figure>` with the PNG inside and its caption (already HTML) below."""
    width, height = (round(side / SCALE) for side in Image.open(io.BytesIO(image)).size)
    return framed("image/png", image, width, height, alt, caption)


def framed(mime: str, image: bytes, width: int, height: int, alt: str, caption: str = "") -> str:
    """`<figure>` with an image of any type inside, shown `width` x `height` CSS pixels large, and its caption below."""
    return (f'<figure style="margin:0"><img alt="{html.escape(plain(alt))}" width="{width}" height="{height}" '
            f'style="max-width:100%;height:auto;background:white;border-radius:6px" '
            f'src="data:{mime};base64,{base64.b64encode(image).decode()}">'
            + (f'<figcaption style="{CAPTION_STYLE}">{caption}</figcaption>' if caption else "") + "</figure>")


def pixels(fig: Figure) -> np.ndarray:
    """The drawn figure, (height, width, 4) bytes, at the course's resolution; its own dpi is left as it was."""
    canvas = fig.canvas if isinstance(fig.canvas, FigureCanvasAgg) else FigureCanvasAgg(fig)
    dpi = fig.dpi
    fig.dpi = CSS_PIXELS_PER_INCH * SCALE
    try:
        canvas.draw()
        return np.array(canvas.buffer_rgba())
    finally:
        fig.dpi = dpi


def png(image: np.ndarray) -> bytes:
    """`image`, RGBA bytes, as a small PNG for keeping: 256 colours, chosen so that equal pictures give equal bytes."""
    file = io.BytesIO()
    palette = Image.fromarray(image).convert("RGB").quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    palette.save(file, "PNG", optimize=True)
    return file.getvalue()


def jpeg(image: np.ndarray) -> bytes:
    """`image`, RGBA bytes, as a JPEG for a live picture: 2 ms where a PNG takes 17, so a slider answers sooner."""
    file = io.BytesIO()
    height, width, _ = image.shape
    opaque = Image.frombuffer("RGBX", (width, height), image, "raw", "RGBX", 0, 1)  # the encoder takes it as it lies
    opaque.save(file, "JPEG", quality=90, subsampling=0)
    return file.getvalue()
