"""Views changed in place on the tape: what they show changes with them, and gradients find their way through."""

from .differentiated import differentiated, normal
from .families import Cases

case = CASES = Cases()


def rows_filled(t, x, y):
    out = t.zeros(3, 2, dtype=x.dtype)
    for i in range(3):
        out[i] += x[i] * y
    out[:, 0] *= 2
    out[0, 1] -= out[1, 1]
    return out**2


def transposed_convolution(t, x, k):
    """A kernel added to overlapping windows, as in textbooks."""
    out = t.zeros(4, 4, dtype=x.dtype)
    for i in range(3):
        for j in range(3):
            out[i : i + 2, j : j + 2] += x[i, j] * k
    return out.tanh()


def views_of_views(t, x):
    h = (x * 2).view(2, 2, 3)
    h[0] *= 3
    h[0][1] += x[0]
    h[1, 0, 2] = 0
    h.transpose(0, 2)[1:].mul_(x[0, 0])
    h.unsqueeze(0).diagonal(0, 1, 2).add_(1)
    return h**2


def brothers(t, x):
    """Two views that overlap, and one that was there before."""
    y = x * 1
    before, first, second = y[:2], y[:3], y[2:]
    first *= 2
    second *= first[1] + 3
    return before**2, y**2, first * 2, second.prod()


def activations_over_views(t, x):
    f = t.nn.functional
    flat = f.leaky_relu((x * 1).view(-1), 0.2, inplace=True)
    square = x * 1
    f.elu(square.t(), inplace=True)
    return flat**2, square**2


def boxes(t, x):
    """Some columns through one function, the others through another."""
    q = x.clone()
    q[..., 0:2] = t.sigmoid(q[..., 0:2])
    q[..., 2:] = t.exp(q[..., 2:]) * 2
    q[:, 0] += t.arange(2, dtype=x.dtype)
    return q**2


def written_to_before_used(t, x):
    y = x * 1
    tail = y[1:]
    y[0] = 5
    return tail**2, y * 3


def taken_before_there_were_gradients(t, x):
    """A view of what needs no gradient yet follows too."""
    y = t.zeros(2, 3, dtype=x.dtype)
    row, column = y[0], y[:, 1]
    y[:, 1:] = x[:, 1:] * 2
    return row**2, y**2, column * 2


def changed_after_a_product_with_constants(t, x):
    """A product with a number or a constant does not need its other factor."""
    place, speed = x * 1, t.ones_like(x)
    for _ in range(2):
        speed = speed + 0.1 * (place * -2.0) * t.ones_like(x)
        place += 0.1 * speed
    place.add_(place, alpha=2)
    return place**2


def single_elements(t, x):
    """x[i] of a vector and x[i, j] of a matrix are views too."""
    y = x * 1
    y[0, 1].mul_(3)
    row = y[1]
    row[0].add_(x[0, 0])
    row[-1].mul_(2)
    whole = y.sum()
    whole[()].add_(x[0, 1])
    return y**2, whole


def copies(t, x):
    """What repeats is a copy, though it be once; what is expanded to its own shape is a view."""
    y = x * 1
    once, same = y.repeat(1, 1), y.expand_as(x)
    y[0] = 5
    same[1].mul_(2)
    twice = x[0].repeat(2, 1)
    twice[0] *= 3
    each = x[0, :1].repeat_interleave(2)
    each[1] = 0
    return once, y**2, same, twice, each


def started_from_nothing(t, x):
    return t.cat([t.tensor([]), x, x * 2, t.tensor([])], 0), t.cat([t.tensor([]), t.tensor([[1, 2]])], 1)


def through_integers(t, x):
    """Integers and bools stand off the tape."""
    kept = [x.long(), x.int(), x.bool(), x.round().to(t.int64)]
    marks = t.zeros(2, 3, dtype=t.bool)
    marks.copy_(x)
    return x * sum(k.to(x.dtype) for k in kept), t.tensor([k.requires_grad for k in [*kept, marks]])


OPERATIONS = {  # name -> (function(torch, *inputs), *inputs)
    "rows_filled": (rows_filled, normal(3, 2), normal(2)),
    "transposed_convolution": (transposed_convolution, normal(3, 3), normal(2, 2)),
    "views_of_views": (views_of_views, normal(4, 3)),
    "brothers": (brothers, normal(4)),
    "activations_over_views": (activations_over_views, normal(2, 3)),
    "boxes": (boxes, normal(2, 4)),
    "written_to_before_used": (written_to_before_used, normal(3)),
    "taken_before_there_were_gradients": (taken_before_there_were_gradients, normal(2, 3)),
    "changed_after_a_product_with_constants": (changed_after_a_product_with_constants, normal(2, 3)),
    "single_elements": (single_elements, normal(2, 3)),
    "copies": (copies, normal(2, 3)),
    "started_from_nothing": (started_from_nothing, normal(2, 3)),
    "through_integers": (through_integers, normal(2, 3)),
}

CASES.update(differentiated(OPERATIONS))


@case
def dropout_behind_a_recurrent_layer(torch):
    """Batch first is a view: time lies first in memory, and in that order the numbers of dropout are drawn."""
    found = {}
    for kind in ("LSTM", "GRU", "RNN"):
        torch.manual_seed(0)
        layer = getattr(torch.nn, kind)(3, 4, 2, batch_first=True, dropout=0.5)
        out = layer(torch.randn(2, 5, 3))[0]
        found[kind] = torch.nn.functional.dropout(out, 0.5)
        found[f"{kind} lies"] = list(out.stride())
    return found


@case
def memory_of_views(torch):
    x = torch.tensor([[4.0, 1.0], [5.0, 3.0], [2.0, 1.0]])
    part, turned = x[1:, 1], x.t()
    storage = x.storage()
    storage[0] = 7.0
    at = part.data_ptr() - x.data_ptr()
    return {"numbers": [str(n) for n in storage.tolist()], "len": str(len(storage)), "x": x, "one": storage[2],
            "offsets": [str(y.storage_offset()) for y in (x, part, turned[1], x.clone()[2])], "at": str(at),
            "shared": [str(y.storage().data_ptr() == x.untyped_storage().data_ptr())
                       for y in (part, turned, x.clone())],
            "bytes": [str(n) for n in (x.nbytes, part.nbytes, part.untyped_storage().nbytes(), x.itemsize,
                                       len(part.untyped_storage()), x.element_size())]}
