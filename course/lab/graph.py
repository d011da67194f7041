"""The computation graph behind a tensor, drawn: from the leaves at the top down to the result."""

from __future__ import annotations

import html
import itertools
import math
from dataclasses import dataclass, field

from ..autograd import Node
from ..nn import Module
from ..tensor import Tensor
from .picture import framed, show
from .style import BLUE, GREY, INK, VERMILION
from .text import inline_html, number, plain

LARGEST = 150  # steps; more than that is no picture
ROW, GAP, BOX, LETTER = 74, 26, 40, 7.2  # pixels: layer to layer, between boxes, a box's height, a letter's width


@dataclass(eq=False)
class _Box:
    """A leaf or step of the graph, or a bend in a line that passes a layer."""

    title: str = ""
    detail: str = ""
    kind: str = "bend"  # or "leaf", "step", "result"
    inputs: list[_Box] = field(default_factory=list)
    layer: int = 0
    x: float = 0.0

    @property
    def width(self) -> float:
        return 8 if self.kind == "bend" else max(52, LETTER * max(len(self.title), len(self.detail)) + 20)


def draw_graph(tensor: Tensor, names=None, caption: str = "", alt: str = "") -> None:
    """Show how a tensor was computed: a box for each leaf and each step, arrows the way the numbers went.

    The gradient goes the same way backwards. A leaf of one number shows it, and its `.grad` once there is one.

    Args:
        tensor: the result, `loss` say. It must be on the tape.
        names: what to call the tensors: a dict such as `{"w": w}`, or the module whose parameters they are.
        caption: the figure's one message. alt: words for people who do not see it; by default the steps in order.
    Raises: TypeError for what is no tensor; ValueError for one that is not on the tape or has too long a history.
    """
    if not isinstance(tensor, Tensor):
        raise TypeError(f"draw_graph() draws the history of a Tensor, and was given {type(tensor).__name__}")
    if tensor.grad_fn is None:
        raise ValueError("draw_graph(): this tensor has no history: nothing it was computed from was made with "
                         "requires_grad=True, or it was computed inside no_grad()")
    boxes = _boxes(tensor, _named(names))
    drawing, width, height = _svg(_arranged(boxes))
    alt = alt or _in_words(boxes)
    markup = framed("image/svg+xml", drawing.encode(), width, height, alt, inline_html(caption))
    show(markup, f"[graph] {plain(alt)}\n{plain(caption)}".strip())


def _named(names) -> dict:
    """Tape entry (a node, or a leaf itself) -> its name."""
    given = dict(names.named_parameters()) if isinstance(names, Module) else dict(names or {})
    return {t.grad_fn or t: name for name, t in given.items()}


# --- what is drawn ------------------------------------------------------------------------------------------------


def _boxes(tensor, names) -> list[_Box]:
    """The boxes behind a tensor, every one after those it was computed from."""
    root, boxes, stack = tensor.grad_fn, {}, [tensor.grad_fn]
    while stack:
        entry = stack[-1]
        edges = [e for e in entry.edges if e is not None] if isinstance(entry, Node) else []
        if waiting := [e for e in edges if e not in boxes]:
            stack += waiting
            continue
        stack.pop()
        if entry not in boxes:
            boxes[entry] = _box(entry, [boxes[e] for e in edges], names.get(entry), tensor if entry is root else None)
            if len(boxes) > LARGEST:
                raise ValueError(f"draw_graph(): more than {LARGEST} steps and leaves lie behind this tensor, too many "
                                 "for a picture; draw a single layer or a single step of a loop")
    return list(boxes.values())


def _box(entry, inputs, name, result) -> _Box:
    if isinstance(entry, Node):
        step = entry.operation.__name__.strip("_")
        title = f"{name} = {step}" if name else step
        value = number(result.item()) if result is not None and result.numel() == 1 else _size(entry.shape)
        return _Box(title, value, "step" if result is None else "result", inputs)
    single = entry.numel() == 1
    title = name or "leaf"
    detail = number(entry.item()) if single else _size(entry.shape)
    if single and entry.grad is not None:
        detail += f", grad {number(entry.grad.item())}"
    return _Box(title, detail, "leaf")


def _size(shape) -> str:
    return " × ".join(map(str, shape)) if len(shape) else "a number"


def _in_words(boxes) -> str:
    leaves = [f"{b.title} ({b.detail})" for b in boxes if b.kind == "leaf"]
    steps = [b.title for b in boxes if b.kind != "leaf"]
    return f"Computation graph from {', '.join(leaves)} down to {boxes[-1].detail}. Steps in order: {', '.join(steps)}."


# --- where it is drawn: layers by longest path, order by the mean of the neighbours ---------------------------------


def _arranged(boxes) -> list[list[_Box]]:
    """The boxes by layer, every line cut by bends that lead it from one layer to the next, and their places set."""
    for box in boxes:
        box.layer = 1 + max((b.layer for b in box.inputs), default=-1)
    for leaf in boxes:  # a leaf stands right above the first step that takes it
        if not leaf.inputs:
            leaf.layer = min(b.layer for b in boxes if leaf in b.inputs) - 1
    layers = [[] for _ in range(boxes[-1].layer + 1)]
    for box in boxes:
        layers[box.layer].append(box)
        box.inputs = [_bent(source, box.layer, layers) for source in box.inputs]
    outputs = {}
    for box in itertools.chain(*layers):
        for source in box.inputs:
            outputs.setdefault(source, []).append(box)
    for _ in range(12):
        for layer in layers[1:]:
            layer.sort(key=lambda b: _mean([layers[b.layer - 1].index(s) for s in b.inputs]))
        for layer in layers[-2::-1]:
            layer.sort(key=lambda b: _mean([layers[b.layer + 1].index(s) for s in outputs.get(b, [])]))
    for layer in layers:
        for left, right in itertools.pairwise(layer):
            right.x = left.x + (left.width + right.width) / 2 + GAP
    for _ in range(30):  # each box moves under and over its neighbours as far as the others leave room
        for layer in (*layers, *layers[::-1]):
            _settle(layer, [_mean([n.x for n in b.inputs + outputs.get(b, [])], b.x) for b in layer])
    return layers


def _bent(source, layer, layers) -> _Box:
    """`source`, or the last of the bends that lead from it to the layer before `layer`."""
    while source.layer < layer - 1:
        source = _Box(inputs=[source], layer=source.layer + 1)
        layers[source.layer].append(source)
    return source


def _mean(values, otherwise=0.0) -> float:
    return sum(values) / len(values) if values else otherwise


def _settle(layer, wishes) -> None:
    """Move the boxes of a layer to where they wish to be; those that would overlap share the middle of their wishes."""
    groups = []  # [boxes, their offsets from the first one, the place of the first one]
    for box, wish in zip(layer, wishes):
        groups.append(([box], [0.0], wish))
        while len(groups) > 1:
            (a, a_at, a_x), (b, b_at, b_x) = groups[-2:]
            needed = a_at[-1] + (a[-1].width + b[0].width) / 2 + GAP
            if a_x + needed <= b_x:
                break
            x = (a_x * len(a) + (b_x - needed) * len(b)) / (len(a) + len(b))
            groups[-2:] = [(a + b, a_at + [needed + d for d in b_at], x)]
    for boxes, places, x in groups:
        for box, place in zip(boxes, places):
            box.x = x + place


# --- drawing ------------------------------------------------------------------------------------------------------

LOOKS = {"leaf": (BLUE, "#e8f2f9", 3), "step": (GREY, "#ffffff", 16), "result": (VERMILION, "#fbeee6", 16)}


def _svg(layers) -> tuple[str, int, int]:
    """The drawing and its size."""
    everything = [box for layer in layers for box in layer]
    left = min(b.x - b.width / 2 for b in everything) - 12
    width = math.ceil(max(b.x + b.width / 2 for b in everything) + 12 - left)
    height = ROW * (len(layers) - 1) + BOX + 24
    for box in everything:
        box.x -= left
    for box in everything:
        box.inputs.sort(key=lambda source: source.x)  # so that arrows into one box do not cross
    lines = [_arrow(source, box, k) for box in everything for k, source in enumerate(box.inputs)]
    boxes = [_drawn(box) for box in everything if box.kind != "bend"]
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'font-family="DejaVu Sans, Verdana, sans-serif" font-size="12" text-anchor="middle">'
            f'<defs><marker id="tip" markerWidth="9" markerHeight="8" refX="8" refY="4" orient="auto">'
            f'<path d="M0,0 L9,4 L0,8 z" fill="{GREY}"/></marker></defs>'
            + "".join(lines + boxes) + "</svg>"), width, height


def _top(box) -> float:
    return 12 + ROW * box.layer


def _arrow(source, box, k) -> str:
    """The line into a box from its k-th input from the left; at a bend it goes straight through."""
    x0, y0 = source.x, _top(source) + (BOX / 2 if source.kind == "bend" else BOX)
    spread = 0 if box.kind == "bend" else min(14, (box.width - 16) / len(box.inputs))
    x1, y1 = box.x + spread * (k - (len(box.inputs) - 1) / 2), _top(box) + (BOX / 2 if box.kind == "bend" else 0)
    half = (y1 - y0) / 2
    tip = "" if box.kind == "bend" else ' marker-end="url(#tip)"'
    return (f'<path d="M{x0:.1f},{y0:.1f} C{x0:.1f},{y0 + half:.1f} {x1:.1f},{y1 - half:.1f} {x1:.1f},{y1:.1f}" '
            f'fill="none" stroke="{GREY}" stroke-width="1.3"{tip}/>')


def _drawn(box) -> str:
    edge, fill, corner = LOOKS[box.kind]
    y = _top(box)
    return (f'<rect x="{box.x - box.width / 2:.1f}" y="{y}" width="{box.width:.1f}" height="{BOX}" rx="{corner}" '
            f'fill="{fill}" stroke="{edge}" stroke-width="1.5"/>'
            f'<text x="{box.x:.1f}" y="{y + 17}" fill="{INK}" font-weight="bold">{html.escape(box.title)}</text>'
            f'<text x="{box.x:.1f}" y="{y + 32}" fill="{GREY}" font-size="11">{html.escape(box.detail)}</text>')
