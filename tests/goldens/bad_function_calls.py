"""Calls of statistics, decompositions, and of what joins, cuts and scatters, that must be refused; see `bad_calls`."""


def f32(t, *shape):
    return t.zeros(*shape)


def row(t, *numbers):
    return t.tensor(list(numbers))


BAD_CALLS = {  # what is wrong -> (call(torch), a part of the course's sentence)
    # statistics
    "a quantile above 1": (lambda t: t.quantile(f32(t, 3), 1.5), "in the range [0, 1] but got 1.5"),
    "quantiles below 0": (lambda t: f32(t, 3).quantile(row(t, 0.5, -1.0)), "but got tensor([ 0.5000, -1.0000])"),
    "a quantile of ints": (lambda t: t.quantile(row(t, 1, 2), 0.5), "either float or double dtype, given course.int64"),
    "a quantile of nothing": (lambda t: t.quantile(f32(t, 0), 0.5), "must be non-empty"),
    "a quantile by a word": (lambda t: t.quantile(f32(t, 3), "half"), "a number or a Tensor, given 'half'"),
    "a quantile by a matrix": (lambda t: t.quantile(f32(t, 3), f32(t, 1, 1)), "a number or a row"),
    "a quantile in between": (lambda t: t.quantile(f32(t, 3), 0.5, interpolation="between"), "one of linear"),
    "a quantile of another type": (lambda t: t.quantile(f32(t, 3).double(), row(t, 0.5)), "same dtype as the input"),
    "a quantile along what is not there": (lambda t: t.nanquantile(f32(t, 3), 0.5, dim=2), "dim 2"),
    "a mean beside NaNs of ints": (lambda t: t.nanmean(row(t, 1, 2)), "floating point dtype"),
    "the covariance of a cube": (lambda t: t.cov(f32(t, 2, 2, 2)), "two or fewer dimensions"),
    "covariance with too few weights": (lambda t: t.cov(f32(t, 2, 3), fweights=row(t, 1)), "of the 3 observations"),
    "covariance with float counts": (lambda t: t.cov(f32(t, 3), fweights=f32(t, 3)), "to have integral dtype"),
    "covariance with int weights": (lambda t: t.cov(f32(t, 2), aweights=row(t, 1, 2)), "floating point dtype"),
    "covariance with negative weights": (lambda t: t.cov(f32(t, 2), aweights=row(t, 1.0, -1.0)), "cannot be negative"),
    "the covariance of bools": (lambda t: t.cov(row(t, True, False)), "bool dtype is not supported"),
    "the area under bools": (lambda t: t.trapezoid(row(t, True, False)), "bool is not supported"),
    "the difference of a number": (lambda t: t.diff(t.tensor(1.0)), "at least one-dimensional"),
    "less than no difference": (lambda t: t.diff(f32(t, 3), n=-1), "n = -1"),
    "a difference behind a matrix": (lambda t: t.diff(f32(t, 3), prepend=f32(t, 1, 1)), "same dimension as input"),
    "slopes of one point": (lambda t: t.gradient(f32(t, 1)), "at least edge_order+1"),
    "slopes of third order": (lambda t: t.gradient(f32(t, 5), edge_order=3), "edge_order=1 and edge_order=2, given 3"),
    "slopes with too many spacings": (lambda t: t.gradient(f32(t, 5), spacing=[1.0, 2.0]), "1 dimensions, given 2"),
    "slopes at too few places": (lambda t: t.gradient(f32(t, 5), spacing=(f32(t, 4),)), "each of the 5 points"),
    "an area over too few places": (lambda t: t.trapezoid(f32(t, 3), f32(t, 2)), "must be one `x` value"),
    "an area under a list": (lambda t: t.trapezoid([1.0, 2.0]), "must be a Tensor"),
    "the smallest but not there": (lambda t: t.kthvalue(f32(t, 3), 4), "k = 4 of 3 elements"),
    "the smallest of nothing": (lambda t: t.kthvalue(f32(t, 0), 1), "has no elements"),
    "the 0th smallest": (lambda t: f32(t, 3).kthvalue(0), "out of range"),
    "the mode of nothing": (lambda t: t.mode(f32(t, 0)), "has no elements"),
    "records along what is not there": (lambda t: t.cummax(f32(t, 3), 1), "dim 1"),
    "records without a dimension": (lambda t: t.cummin(f32(t, 3)), "dim"),
    "logcumsumexp of a list": (lambda t: t.logcumsumexp([1.0], 0), "must be a Tensor"),
    "bins in a matrix": (lambda t: t.bucketize(f32(t, 2), f32(t, 2, 2)), "1 dimension, given [2, 2]"),
    "membership of numbers": (lambda t: t.isin(1, 2), "must be a Tensor, not int"),
    "shorten a vector": (lambda t: t.renorm(f32(t, 3), 2, 0, 1.0), "at least 2 dimensions"),
    "shorten to less than nothing": (lambda t: t.renorm(f32(t, 3, 2), 2, 0, -1.0), "maxnorm = -1.0"),
    "the distance to a list": (lambda t: t.dist(f32(t, 2), [1.0, 2.0]), "must be a Tensor"),
    # joined and cut
    "vstack of a tensor": (lambda t: t.vstack(f32(t, 2, 2)), "a tuple or list of Tensors, not Tensor"),
    "vstack of nothing": (lambda t: t.vstack([]), "non-empty list"),
    "hstack of unlike rows": (lambda t: t.hstack([f32(t, 2, 3), f32(t, 3, 3)]), "do not fit together"),
    "column_stack of lists": (lambda t: t.column_stack([[1.0], [2.0]]), "must be a Tensor"),
    "blocks of three dimensions": (lambda t: t.block_diag(f32(t, 1, 1, 1)), "2 or fewer dimensions"),
    "a diagonal of numbers": (lambda t: t.diag_embed(f32(t, 2), 0, 1, 1), "two different dimensions"),
    "split into no pieces": (lambda t: t.tensor_split(f32(t, 3), 0), "larger than 0, got 0"),
    "split a number": (lambda t: t.tensor_split(t.tensor(1.0), 2), "at least a 1-dimensional"),
    "hsplit unevenly": (lambda t: t.hsplit(f32(t, 2, 3), 2), "3 is not divisible by the split_size 2"),
    "hsplit a number": (lambda t: t.hsplit(t.tensor(1.0), 1), "at least 1 dimension,"),
    "vsplit a vector": (lambda t: t.vsplit(f32(t, 4), 2), "at least 2 dimensions"),
    "dsplit a matrix": (lambda t: f32(t, 4, 4).dsplit(2), "at least 3 dimensions"),
    "broadcast what does not fit": (lambda t: t.broadcast_tensors(f32(t, 2), f32(t, 3)), "single shape, given (2,)"),
    "broadcast shapes that do not fit": (lambda t: t.broadcast_shapes((2, 3), (4,)), "(2, 3) and (4,)"),
    "all pairs of matrices": (lambda t: t.cartesian_prod(f32(t, 2), f32(t, 2, 2)), "Expect a 1D vector"),
    "pairs of a matrix": (lambda t: t.combinations(f32(t, 2, 2)), "Expect a 1D vector"),
    "less than none of three": (lambda t: t.combinations(f32(t, 3), -1), "r = -1"),
    "a triangle of negative size": (lambda t: t.tril_indices(-1, 2), "negative dimension"),
    # put in place
    "take by floats": (lambda t: t.take(f32(t, 3), f32(t, 1)), "Expected a long tensor"),
    "take by bools": (lambda t: t.take(f32(t, 1), row(t, True)), "Expected a long tensor"),
    "take from beyond": (lambda t: t.take(f32(t, 3), row(t, 3)), "out of bounds"),
    "copy to beyond": (lambda t: f32(t, 3).index_copy(0, row(t, 3), f32(t, 1)), "index 3 is out of bounds"),
    "copy too many": (lambda t: f32(t, 3).index_copy(0, row(t, 0), f32(t, 2)), "of shape [1], given [2]"),
    "copy another type": (lambda t: f32(t, 3).index_copy(0, row(t, 0), row(t, 1)), "the same dtype"),
    "scatter by a mask from too few": (
        lambda t: f32(t, 3).masked_scatter(row(t, True, True, True), f32(t, 2)), "holds, 3; given"),
    "scatter by a mask of floats": (lambda t: f32(t, 3).masked_scatter(f32(t, 3), f32(t, 3)), "a mask of bools"),
    "scatter the median": (
        lambda t: f32(t, 3).scatter_reduce(0, row(t, 0), f32(t, 1), "median"), "one of sum, prod, mean, amax, amin"),
    "reduce beyond": (lambda t: f32(t, 3).scatter_reduce(0, row(t, 5), f32(t, 1), "sum"), "index 5 is out of bounds"),
    "reduce another type": (lambda t: f32(t, 3).scatter_reduce(0, row(t, 0), row(t, 1), "sum"), "Expected src to be"),
    "the inner product of unlike rows": (lambda t: t.inner(f32(t, 2, 3), f32(t, 2)), "last dimension must match"),
    "vdot of matrices": (lambda t: t.vdot(f32(t, 2, 2), f32(t, 2, 2)), "1D and 1D tensors expected"),
    "addmv of a matrix": (lambda t: t.addmv(f32(t, 2), f32(t, 2, 2), f32(t, 2, 2)), "2D and 1D tensors expected"),
    # numbers
    "what is left of division by 0": (lambda t: t.fmod(row(t, 1), 0), "ZeroDivisionError"),
    "a step of two types": (lambda t: t.heaviside(f32(t, 2), row(t, 1, 2)), "tensors with different dtypes"),
    "clip without bounds": (lambda t: t.clip(f32(t, 2)), "at least one of 'min' or 'max'"),
    "is it nonzero, all of it": (lambda t: t.is_nonzero(f32(t, 2)), "ambiguous"),
    "the number of a list": (lambda t: t.numel([1.0]), "must be a Tensor"),
    "floats or not, of a number": (lambda t: t.is_floating_point(1.0), "must be a Tensor"),
    "a random state that is a number": (lambda t: t.set_rng_state(5), "what get_rng_state() gave, given int"),
    "an alias of a list": (lambda t: t.asarray([1.0, 2.0], copy=False), "can't alias"),
    "a precision in between": (lambda t: t.set_float32_matmul_precision("low"), "given 'low'"),
    # decompositions
    "Cholesky of what is not square": (lambda t: t.linalg.cholesky(f32(t, 2, 3)), "2 by 3"),
    "a triangular system for a vector": (
        lambda t: t.linalg.solve_triangular(t.eye(2), f32(t, 2), upper=True), "B must have at least 2 dimensions"),
    "a triangular system of other size": (
        lambda t: t.linalg.solve_triangular(t.eye(2), f32(t, 3, 1), upper=True), "2 equations"),
    "QR of a vector": (lambda t: t.linalg.qr(f32(t, 3)), "at least 2 dimensions"),
    "QR somehow": (lambda t: t.linalg.qr(t.eye(2), "all"), "unrecognized mode 'all'"),
    "the slope of all of QR": (
        lambda t: t.linalg.qr(t.ones(3, 1, requires_grad=True), "complete")[1].sum().backward(), "not differentiable"),
    "the size of a crooked determinant": (lambda t: t.slogdet(f32(t, 2, 3)), "square matrices"),
    "the pseudoinverse of a vector": (lambda t: t.linalg.pinv(f32(t, 2)), "at least 2 dimensions"),
    "the pseudoinverse of ints": (lambda t: t.pinverse(t.ones(2, 2, dtype=t.int64)), ".float()"),
    "least squares of unlike rows": (lambda t: t.linalg.lstsq(f32(t, 3, 2), f32(t, 2, 1)), "as many rows"),
    "least squares by magic": (lambda t: t.linalg.lstsq(f32(t, 3, 2), f32(t, 3, 1), driver="magic"), "given 'magic'"),
    "least squares of two types": (lambda t: t.linalg.lstsq(f32(t, 3, 2), f32(t, 3, 1).double()), "one type"),
    "half a matrix power": (lambda t: t.linalg.matrix_power(t.eye(2), 0.5), "n must be an integer"),
    "the power of a crooked matrix": (lambda t: t.matrix_power(f32(t, 2, 3), 2), "2 by 3"),
    "one factor alone": (lambda t: t.linalg.multi_dot([t.eye(2)]), "at least 2 tensors but got 1"),
    "factors that do not fit": (lambda t: t.linalg.multi_dot([t.eye(2), f32(t, 3, 2), f32(t, 2)]),
        "cannot be multiplied"),
    "a cube among factors": (lambda t: t.linalg.multi_dot([t.eye(2), f32(t, 2, 2, 2)]), "given [[2, 2], [2, 2, 2]]"),
    "the condition of a word": (lambda t: t.linalg.cond(t.eye(2), "big"), "order 'big' not supported"),
}

OWN_KIND: dict = {  # what is wrong -> the course's kind of exception, where it is not PyTorch's
    "a precision in between": "RuntimeError",  # of which PyTorch only warns
}
