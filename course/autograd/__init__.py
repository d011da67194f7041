"""Derivatives: the tape, operations with a derivative of your own, and Jacobians and Hessians of whole functions.

`functional` is built of operations, so it stands above them and is imported with `course.func`.
"""

from ..unknown import names_of
from .custom_function import Function
from .gradcheck import gradcheck
from .modes import (
    detect_anomaly,
    enable_grad,
    inference_mode,
    is_grad_enabled,
    no_grad,
    on_arrays,
    set_detect_anomaly,
    set_grad_enabled,
)  # fmt: skip
from .overwriting import in_place, is_recorded, overwrite, shown_anew, takes_out
from .tape import (
    AccumulateGrad,
    Node,
    Operation,
    Taped,
    changed_through,
    check_tensors,
    elementwise,
    numpys_names,
    of_tensor,
    operation,
    origin,
)  # fmt: skip
from .variable import Variable
from .way_back import backward, first_gradient, grad, gradients_of, send_back

__getattr__ = names_of(__name__)
