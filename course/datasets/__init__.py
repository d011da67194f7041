"""Real data, bundled: it loads with no network."""

from .digits import digits
