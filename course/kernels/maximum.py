"""The larger of two numbers, in a form in which a CPU finds the largest of 16 at a time."""

from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload


def maximum(a, b):
    """max(a, b); NaN if either is NaN. Python and CUDA use this line as it stands."""
    return a if a > b or a != a else b


@intrinsic
def _llvm_maximum(typing_context, a, b):
    def generate(context, builder, signature, arguments):
        kind = arguments[0].type
        function = ir.FunctionType(kind, [kind, kind])
        return builder.call(builder.module.declare_intrinsic("llvm.maximum", [kind], function), arguments)

    return a(a, b), generate


@overload(maximum)
def _maximum_on_cpu(a, b):
    if isinstance(a, types.Float) and a == b:  # a comparison and a branch would keep the loop from being vectorised
        return lambda a, b: _llvm_maximum(a, b)
    return lambda a, b: a if a > b or a != a else b


maximum.overloaded_on_cpu = True  # type: ignore[attr-defined]
