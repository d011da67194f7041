import itertools

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from course.lab import style


def luminance(colour):
    """Relative luminance as WCAG 2 defines it."""
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one, other):
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


# Machado, Oliveira and Fernandes 2009, severity 1.0
DEFICIENCIES = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
}


@pytest.mark.parametrize("colour", [style.INK, style.GREY])
def test_text_stands_out_from_white(colour):
    assert contrast(colour, "white") >= 7


@pytest.mark.parametrize("colour", style.PALETTE[:3])
def test_first_lines_stand_out_from_white(colour):
    assert contrast(colour, "white") >= 3


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_first_lines_differ_for_colour_blind_readers(deficiency):
    seen = [np.array(DEFICIENCIES[deficiency]) @ to_rgb(colour) for colour in style.PALETTE[:3]]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 0.2


def test_lines_differ_by_more_than_colour():
    assert len({str(look["linestyle"]) for look in style.LOOKS_OF_LINES}) == len(style.LOOKS_OF_LINES)


def test_importing_the_lab_sets_the_look():
    assert matplotlib.rcParams["axes.prop_cycle"].by_key()["color"] == list(style.PALETTE)


def test_panels_stack_in_a_tall_figure():
    wide, tall = style.new_figure(9, 3), style.new_figure(3, 6)
    assert [ax.get_subplotspec().get_geometry()[:2] for ax in style.panels(wide, 2)] == [(1, 2), (1, 2)]
    assert [ax.get_subplotspec().get_geometry()[:2] for ax in style.panels(tall, 2)] == [(2, 1), (2, 1)]
