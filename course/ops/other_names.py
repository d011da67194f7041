"""Second names that PyTorch has for one function: NumPy's, and older ones of its own."""

# ruff: noqa: F401

from .calculus import trapezoid as trapz
from .elementwise import abs as absolute
from .elementwise import acos as arccos
from .elementwise import asin as arcsin
from .elementwise import atan as arctan
from .elementwise import atan2 as arctan2
from .elementwise import clamp as clip
from .elementwise import div as divide
from .elementwise import div as true_divide
from .elementwise import ge as greater_equal
from .elementwise import gt as greater
from .elementwise import le as less_equal
from .elementwise import lt as less
from .elementwise import mul as multiply
from .elementwise import ne as not_equal
from .elementwise import neg as negative
from .elementwise import sign as sgn
from .elementwise import sub as subtract
from .elementwise import trunc as fix
from .indexing import nonzero as argwhere
from .joining import vstack as row_stack
from .linear import outer as ger
from .shapes import cat as concat
from .shapes import cat as concatenate
from .shapes import expand as broadcast_to
from .shapes import movedim as moveaxis
from .shapes import transpose as swapdims
from .special import acosh as arccosh
from .special import asinh as arcsinh
from .special import atanh as arctanh
