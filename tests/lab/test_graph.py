"""The drawn computation graph: every step and leaf is there, boxes do not overlap, lines go down."""

import itertools
from xml.etree import ElementTree

import pytest

import course
from course import nn
from course.lab import draw_graph, graph


def arranged(tensor, names=None):
    return graph._arranged(graph._boxes(tensor, graph._named(names)))


@pytest.fixture
def loss():
    course.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3))
    return nn.CrossEntropyLoss()(model(course.randn(5, 4)), course.tensor([0, 1, 2, 0, 1])), model


def test_the_picture_has_words(loss, capsys):
    draw_graph(*loss, caption="What `backward` walks through.")
    shown = capsys.readouterr().out
    assert "0.weight (8 × 4)" in shown and "cross_entropy" in shown and "What backward walks through." in shown


def test_it_is_an_image_with_every_box(loss):
    layers = arranged(*loss)
    drawing, width, height = graph._svg(layers)
    texts = [e.text for e in ElementTree.fromstring(drawing).iter("{http://www.w3.org/2000/svg}text")]
    assert {"2.bias", "tanh", "8 × 4", "cross_entropy"} <= set(texts)
    assert all(b.x - b.width / 2 > 0 and b.x + b.width / 2 < width for layer in layers for b in layer)


def test_a_number_and_its_gradient_are_shown():
    w = course.tensor(2.0, requires_grad=True)
    loss = w * w
    loss.backward()
    (leaf,), (result,) = arranged(loss, {"w": w})
    assert (leaf.title, leaf.detail) == ("w", "2, grad 4")
    assert (result.title, result.detail, result.inputs) == ("mul", "4", [leaf, leaf])


def test_boxes_of_a_layer_keep_their_distance_and_lines_go_one_layer_down():
    w = course.randn(3, 3, requires_grad=True)
    h = first = course.randn(1, 3) @ w
    for _ in range(5):
        h = (h @ w + first).tanh() * h.sin()
    layers = arranged(h.sum())
    for layer in layers:
        assert all(a.x + a.width / 2 <= b.x - b.width / 2 for a, b in itertools.pairwise(layer))
    assert all(source.layer == box.layer - 1 for layer in layers for box in layer for source in box.inputs)


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(TypeError, match="given float"):
        draw_graph(1.0)
    with pytest.raises(ValueError, match="no history"):
        draw_graph(course.ones(2))
    x = course.ones(1, requires_grad=True)
    for _ in range(200):
        x = x + 1
    with pytest.raises(ValueError, match="more than 150 steps"):
        draw_graph(x)
