"""Losses of one prediction x and one true value y: the loss, its slope ∂/∂x and its curvature ∂²/∂x²."""

from .pointwise import even_slope, map_2, slope_2, summed

# --- formulas ---------------------------------------------------------------------------------------------------


def squared_error(x, y):
    """(x − y)²."""
    return (x - y) * (x - y)


def squared_error_slope(x, y):
    """2 (x − y)."""
    return type(x)(2) * (x - y)


def squared_error_curvature(x, y):
    """2."""
    return type(x)(2)


# --- kernels ----------------------------------------------------------------------------------------------------


def loss_kernels(value, slope, curvature):
    """What a loss needs: its values, their sums, and g times its slope and curvature, for each element or for all."""
    return {
        "values": map_2(value), "sums": summed(value), "slopes": slope_2(slope), "even_slopes": even_slope(slope),
        "curvatures": slope_2(curvature),
    }  # fmt: skip


mse = loss_kernels(squared_error, squared_error_slope, squared_error_curvature)
