"""Calls of old programs, in place and with `out=`, that must be refused, and what is said; see `bad_calls`."""


def ones(t, *shape, **options):
    return t.ones(*shape, **options)


BAD_CALLS = {
    # made
    "an old tensor with a type": (lambda t: t.Tensor([1.0], dtype=t.float64), "unexpected keyword argument 'dtype'"),
    "an old tensor of a flag": (lambda t: t.Tensor(True), "a shape is made of integers"),
    "an old shape with a fraction": (lambda t: t.Tensor(2, 2.5), "a shape is made of integers"),
    "an old shape below 0": (lambda t: t.LongTensor(-1), "negative dimension"),
    "an old tensor of None": (lambda t: t.FloatTensor(None), "data must be a sequence or sizes (got NoneType)"),
    "a default type of integers": (lambda t: t.set_default_tensor_type(t.LongTensor), "expected course.float32"),
    "a default type in wrong words": (lambda t: t.set_default_tensor_type("Floats"), "such as course.FloatTensor"),
    "random integers up to nothing": (lambda t: t.randint(), "say below which number"),
    # in place
    "a leaf transposed in place": (lambda t: ones(t, 2, 2, requires_grad=True).t_(), "a leaf Variable"),
    "a cube transposed in place": (lambda t: ones(t, 2, 2, 2).t_(), "<= 2 dimensions, but self is 3D"),
    "a dimension in place beyond": (lambda t: ones(t, 2).unsqueeze_(3), "must lie in [-2, 1]"),
    "the sine of ints in place": (lambda t: t.tensor([1]).sin_(), "can't be cast to the desired output type"),
    "what was expanded in place": (lambda t: ones(t, 1).expand(3).sin_(), "made by expand()"),
    "the diagonal of a row": (lambda t: ones(t, 3).fill_diagonal_(1), "given [3]"),
    "the diagonal of a box": (lambda t: ones(t, 2, 2, 3).fill_diagonal_(1), "of equal length"),
    "random integers from above": (lambda t: ones(t, 2).random_(3, 1), "from=3 >= to=1"),
    "waiting at a rate below 0": (lambda t: ones(t, 2).exponential_(-1.0), "lambda > 0.0"),
    "the size of a leaf": (lambda t: ones(t, 2, requires_grad=True).resize_(1, 2), "cannot resize variables"),
    "put with another type": (
        lambda t: ones(t, 2).index_put((t.tensor([0]),), t.tensor([1])), "source and destination dtypes match"),
    "put from a list": (lambda t: ones(t, 2).index_put((t.tensor([0]),), [1.0]), "must be a Tensor, not list"),
    "put beyond the end": (lambda t: ones(t, 2).index_put((t.tensor([5]),), ones(t, 1)), "out of bounds"),
    "scatter of nothing": (lambda t: ones(t, 2, 2).scatter(0, t.tensor([[0]])), "nothing to put there"),
    # written into another tensor
    "out into a list": (lambda t: t.add(ones(t, 2), ones(t, 2), out=[1.0]), "'out' must be a Tensor, not list"),
    "out of the tape": (
        lambda t: t.exp(ones(t, 2, requires_grad=True), out=t.zeros(2)), "don't support automatic differentiation"),
    "out into integers": (lambda t: t.mul(ones(t, 1), 2.0, out=t.tensor([1])), "can't be cast"),
    "out into another shape": (lambda t: t.add(ones(t, 2), 1, out=t.zeros(3)), "shape [3] doesn't match"),
    # functions
    "strides beyond memory": (lambda t: ones(t, 4).as_strided((3,), (2,)), "out of bounds for 4 numbers"),
    "strides for other sizes": (lambda t: ones(t, 4).as_strided((3,), (2, 1)), "for each dimension"),
    "strides backwards": (lambda t: ones(t, 4).as_strided((2,), (-1,)), "0 or more"),
    "strides of what is turned": (lambda t: ones(t, 2, 3).t().as_strided((2,), (1,)), "call contiguous() first"),
    "powers of a matrix's rows": (lambda t: t.vander(ones(t, 2, 2)), "one-dimensional"),
    "a place beyond the shape": (lambda t: t.unravel_index(t.tensor(9), (2, 3)), "beyond a tensor of shape [2, 3]"),
    "a place that is no integer": (lambda t: t.unravel_index(t.tensor(1.0), (2, 3)), "to be integers"),
    "distances within a vector": (lambda t: t.pdist(ones(t, 3)), "2D tensors"),
    "plus of bools": (lambda t: t.positive(t.tensor([True])), "bool tensor"),
    "the larger of a list": (lambda t: t.fmax(ones(t, 2), [1.0]), "'other' must be a Tensor"),
    "floats shifted": (lambda t: ones(t, 2) << 1, "only integers have bits"),
    "an old SVD of a list": (lambda t: t.svd([1.0]), "must be a Tensor, not list"),
    "an old QR of a vector": (lambda t: t.qr(ones(t, 3)), "at least 2 dimensions"),
}  # fmt: skip

OWN_KIND = {
    "a default type in wrong words": "ValueError",  # as for x.type(...); PyTorch looks for a module of that name
    "out into another shape": "RuntimeError",  # PyTorch warns and makes it fit
    "strides of what is turned": "RuntimeError",
    "a place beyond the shape": "ValueError",
    "floats shifted": "TypeError",  # as for the other operators of bits
}
