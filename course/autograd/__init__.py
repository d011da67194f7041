"""Derivatives: the tape, operations with a derivative of your own, and Jacobians and Hessians of whole functions.

`functional` is built of operations, so it stands above them and is imported with `course.func`.
"""

from ..unknown import names_of
from .custom_function import Function
from .overwriting import in_place, is_recorded, overwrite, shown_anew, takes_out
from .tape import (
    Node,
    Operation,
    Taped,
    backward,
    changed_through,
    check_tensors,
    detect_anomaly,
    elementwise,
    enable_grad,
    first_gradient,
    grad,
    gradcheck,
    gradients_of,
    inference_mode,
    is_grad_enabled,
    no_grad,
    numpys_names,
    on_arrays,
    operation,
    origin,
    send_back,
    set_detect_anomaly,
    set_grad_enabled,
)  # fmt: skip
from .variable import Variable

__getattr__ = names_of(__name__)
