"""What the nodes of the tape are called: by PyTorch's names, which every printed result shows (`AddmmBackward0`).

A node is called after its operation, unless that stands here: where the course has one operation PyTorch may have
several, such as those for a product of two matrices and of a matrix and a vector; it numbers those that share a name.
"""

from __future__ import annotations


def name_of(node) -> str:
    """PyTorch's name of a node, such as MulBackward0."""
    called = node.operation.called
    known = NAMES.get(called)
    if callable(known):
        known = known(node)
    base, number = known or ("".join(part.title() for part in called.split("_")), 0)
    return f"{base}Backward{number}"


def _of_product(node):
    """Of two vectors, a matrix and a vector, two matrices, or batches of matrices."""
    return ("Dot", "Mv", "Mm", "Bmm")[min(len(node.shape), 3)], 0


def _of_layer(node):
    """x Wᵀ + b: of rows a product with something added, of batches of rows that product seen in another shape."""
    return "View" if len(node.shape) != 2 else "Addmm" if node.edges[-1] is not None else "Mm", 0


def _of_reduction(node):
    """The whole of a tensor is reduced by the form 0, dimensions of it by the form 1."""
    return "".join(part.title() for part in node.operation.called.split("_")), int(len(node.shape) > 0)


def _of_dimensions(node):
    """Two dimensions that change places, or all of them turned about."""
    moved = node.saved and [i for i, d in enumerate(node.saved[0]) if i != d]
    return "Transpose" if moved and len(moved) == 2 < len(node.shape) else "Permute", 0


def _of_item(node):
    """The last thing that an index does: pick a place, or a slice, or (with lists and arrays) many places."""
    if node.saved is None:
        return "Index", 0
    index = next((value for name, value in zip(node.operation.saved_names, node.saved) if name == "index"), ())
    parts = index if isinstance(index, tuple) else (index,)
    if any(isinstance(part, list | bool) or getattr(part, "ndim", 0) for part in parts):
        return "Index", 0
    does = [part for part in parts if part is not Ellipsis and part != slice(None)]
    if not does or isinstance(does[-1], slice):
        return "Slice", 0
    return ("Unsqueeze", 0) if does[-1] is None else ("Select", 0)


NAMES: dict = {
    "linear": _of_layer,
    "matmul": _of_product,
    "sum": _of_reduction,
    "mean": _of_reduction,
    "prod": _of_reduction,
    "max": ("Max", 1),
    "min": ("Min", 1),
    "permute": _of_dimensions,
    "getitem": _of_item,
    "add_bias_and_relu": ("Relu", 0),
    "broadcast_to": ("Expand", 0),
    "clamp": ("Clamp", 1),
    "convert": ("ToCopy", 0),
    "contract": ("View", 0),
    "copied": ("Copy", 0),
    "cross_entropy": ("NllLoss", 0),
    "det": ("LinalgDet", 0),
    "framed": ("ConstantPadNd", 0),
    "inv": ("LinalgInvEx", 0),
    "layer_norm": ("NativeLayerNorm", 0),
    "max_pool": ("MaxPool2DWithIndices", 0),
    "norm": ("LinalgVectorNorm", 0),
    "normalize": ("NativeBatchNorm", 0),
    "reshape": ("View", 0),
    "square": ("Pow", 0),
    "take_along": ("Gather", 0),
}
