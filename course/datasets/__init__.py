"""Real data, bundled: it loads with no network."""

from .diabetes import diabetes
from .digits import digits
from .split import Split
