"""Calls of tensor functions and linear algebra that must be refused; see `bad_calls`."""


def f32(t, *shape):
    return t.zeros(*shape)


def row(t, *numbers):
    return t.tensor(list(numbers))


BAD_CALLS = {  # what is wrong -> (call(torch), a part of the course's sentence)
    # contractions
    "einsum of unlike sizes": (lambda t: t.einsum("ij,jk", f32(t, 2, 3), f32(t, 4, 2)),
        "subscript j has size 4 for operand 1 which does not broadcast with previously seen size 3"),
    "einsum of too few": (lambda t: t.einsum("ij,jk", f32(t, 2, 3)), "speaks of 2 operands and 1 were given"),
    "einsum of too many": (lambda t: t.einsum("ij", f32(t, 2, 3), f32(t, 2, 3)), "speaks of 1 operands and 2"),
    "einsum with a dollar": (lambda t: t.einsum("i$", f32(t, 2, 2)), "invalid subscript '$'"),
    "einsum with two points": (lambda t: t.einsum("i..", f32(t, 2, 2)), "invalid subscript '.'"),
    "einsum to a new letter": (lambda t: t.einsum("ij->k", f32(t, 2, 2)), "names letters of the operands"),
    "einsum to a letter twice": (lambda t: t.einsum("ij->ii", f32(t, 2, 2)), "each once"),
    "einsum of too many letters": (lambda t: t.einsum("ijk", f32(t, 2, 3)), "the 2 dimensions of operand 0"),
    "einsum of too few letters": (lambda t: t.einsum("i", f32(t, 2, 3)), "whose shape is [2, 3]"),
    "einsum of a crooked diagonal": (lambda t: t.einsum("ii", f32(t, 1, 3)), "sizes don't match, 1 != 3"),
    "einsum of two types": (lambda t: t.einsum("i,i", f32(t, 2), row(t, 1, 2)), "expected tensors of one type"),
    "einsum of a list": (lambda t: t.einsum("i", [[1.0]]), "must be a Tensor, not list"),
    "einsum with a letter for a number": (lambda t: t.einsum(f32(t, 2), ["i"]), "numbers from 0 to 51"),
    "tensordot of unlike sizes": (lambda t: t.tensordot(f32(t, 2, 3), f32(t, 4, 2), dims=1),
        "first has size 3 in dim 1 and second has size 4 in dim 0"),
    "tensordot over less than none": (lambda t: t.tensordot(f32(t, 2), f32(t, 2), dims=-1), "given -1"),
    "tensordot over too many": (lambda t: t.tensordot(f32(t, 2), f32(t, 2), dims=2), "smaller number of dimensions, 1"),
    "tensordot over unlike lists": (lambda t: t.tensordot(f32(t, 2), f32(t, 2), dims=([0], [])), "same length"),
    "kron of a list": (lambda t: t.kron(f32(t, 2), [1.0]), "must be a Tensor"),
    "cross without a three": (lambda t: t.cross(f32(t, 2), f32(t, 2)), "no dimension of size 3"),
    "linalg.cross of twos": (lambda t: t.linalg.cross(f32(t, 2), f32(t, 2)), "must have length 3"),
    "linalg.cross of unlike dimensions": (lambda t: t.linalg.cross(f32(t, 2, 3), f32(t, 3)), "given 2 and 1"),
    "baddbmm of matrices": (lambda t: t.baddbmm(f32(t, 1), f32(t, 2, 2), f32(t, 2, 2)), "3D and 3D tensors expected"),
    # linear algebra
    "the inverse of what is not square": (lambda t: t.linalg.inv(f32(t, 2, 3)), "they are 2 by 3 matrices"),
    "the inverse of a vector": (lambda t: t.linalg.inv(f32(t, 2)), "at least 2 dimensions"),
    "the inverse of ints": (lambda t: t.inverse(t.ones(2, 2, dtype=t.int64)), "convert it with .float()"),
    "the determinant of a list": (lambda t: t.linalg.det([[1.0]]), "must be a Tensor, not list"),
    "the determinant of what is not square": (lambda t: t.det(f32(t, 3, 2)), "3 by 2"),
    "solve for too many": (lambda t: t.linalg.solve(t.eye(2), f32(t, 3)), "2 equations need as many numbers"),
    "solve for another type": (lambda t: t.linalg.solve(t.eye(2), t.zeros(2, dtype=t.float64)), "the same dtype"),
    "solve for a number": (lambda t: t.linalg.solve(t.eye(2), t.tensor(1.0)), "incompatible shapes"),
    "solve for a vector from the right": (lambda t: t.linalg.solve(t.eye(2), f32(t, 2), left=False), "given vectors"),
    "an unknown triangle": (lambda t: t.linalg.eigh(t.eye(2), UPLO="X"), "'L' or 'U', but got 'X'"),
    "the SVD of a vector": (lambda t: t.linalg.svd(f32(t, 2)), "at least 2 dimensions"),
    "a vector norm in words": (lambda t: t.linalg.vector_norm(f32(t, 2), "fro"), "must be a number, given 'fro'"),
    "the length of ints by linalg": (lambda t: t.linalg.vector_norm(row(t, 3, 4)), "floating point"),
    "an unknown matrix norm": (lambda t: t.linalg.matrix_norm(f32(t, 2, 2), 3), "order 3 not supported"),
    "the matrix norm of a vector": (lambda t: t.linalg.matrix_norm(f32(t, 2)), "a matrix has two dimensions"),
    "the norm of what": (lambda t: t.linalg.norm(f32(t, 2, 2, 2), 2), "1D or 2D"),
    "the nuclear norm of a vector": (lambda t: t.linalg.norm(f32(t, 2), "nuc"), "is a norm of matrices"),
    # distances
    "distances of unlike rows": (lambda t: t.cdist(f32(t, 2, 3), f32(t, 4, 2)), "rows of the same length"),
    "distances of a vector": (lambda t: t.cdist(f32(t, 3), f32(t, 4, 3)), "rows of the same length"),
    "distances of ints": (lambda t: t.cdist(t.ones(1, 2, dtype=t.int64), t.ones(1, 2, dtype=t.int64)), ".float()"),
    "distances to a power below 0": (lambda t: t.cdist(f32(t, 1, 2), f32(t, 1, 2), -1.0), "given -1.0"),
    "distances somehow": (lambda t: t.cdist(f32(t, 1, 2), f32(t, 1, 2), compute_mode="fast"), "valid value"),
    # counts
    "unique of a list": (lambda t: t.unique([1, 2]), "must be a Tensor"),
    "unique along what is not there": (lambda t: t.unique(f32(t, 2), dim=3), "dim 3"),
    "bincount of less than 0": (lambda t: t.bincount(row(t, 1, -1)), "numbers below 0"),
    "bincount of floats": (lambda t: t.bincount(f32(t, 2)), "a vector of integers from 0 on, given course.float32"),
    "bincount of a matrix": (lambda t: t.bincount(t.tensor([[1]])), "of shape [1, 1]"),
    "bincount to less than nothing": (lambda t: t.bincount(row(t, 1), minlength=-1), "minlength should be >= 0"),
    "bincount with too many weights": (lambda t: t.bincount(row(t, 1), f32(t, 2)), "same length as input"),
    "histc of ints": (lambda t: t.histc(row(t, 1, 2)), "count integers with bincount()"),
    "histc without bins": (lambda t: t.histc(f32(t, 2), 0), "bins must be > 0"),
    "histc upside down": (lambda t: t.histc(f32(t, 2), 3, 2, 1), "min not above its max"),
    "histc of what is not finite": (lambda t: t.histc(t.tensor([1.0, float("nan")])), "finite"),
    "a histogram of ints": (lambda t: t.histogram(row(t, 1, 2), 2), "expected floats"),
    "a histogram without bins": (lambda t: t.histogram(f32(t, 2), 0), "bins must be > 0"),
    "a histogram upside down": (lambda t: t.histogram(f32(t, 2), 2, range=(2.0, 1.0)), "min not above its max"),
    "a histogram with too few weights": (lambda t: t.histogram(f32(t, 2), 2, weight=f32(t, 1)), "as many weights"),
    "a histogram with a matrix of edges": (lambda t: t.histogram(f32(t, 2), f32(t, 2, 2)), "one ascending row"),
    "a histogram with edges and range": (lambda t: t.histogram(f32(t, 2), f32(t, 2), range=(0.0, 1.0)), "have theirs"),
    "places in other rows": (lambda t: t.searchsorted(f32(t, 2, 3), f32(t, 3)), "all dimensions but the last"),
    "a number's place in many rows": (lambda t: t.searchsorted(f32(t, 2, 3), 1.0), "all dimensions but the last"),
    "places in the middle": (lambda t: t.searchsorted(f32(t, 3), 1.0, side="middle"), "'left' or 'right'"),
    "places left and right": (lambda t: t.searchsorted(f32(t, 3), 1.0, side="left", right=True), "contradict"),
    "places by a short sorter": (lambda t: t.searchsorted(f32(t, 3), 1.0, sorter=row(t, 0)), "the same size"),
    # arrangements
    "narrow too far": (lambda t: t.narrow(f32(t, 4), 0, 3, 2), "must not exceed dimension size (4)"),
    "narrow to less than nothing": (lambda t: f32(t, 4).narrow(0, 1, -1), "length (-1)"),
    "narrow from beyond": (lambda t: f32(t, 4).narrow(0, 5, 0), "start must lie in [-4, 4]"),
    "select what is not there": (lambda t: t.select(f32(t, 3, 4), 1, 4), "index 4 out of range"),
    "select from a number": (lambda t: t.tensor(1.0).select(0, 0), "0-dim tensor"),
    "unflatten to what does not fit": (lambda t: t.unflatten(f32(t, 4), 0, (3, -1)), "size of dim 0, 4"),
    "Unflatten behind the last dimension": (lambda t: t.nn.Unflatten(2, (2, 3))(f32(t, 2, 6)), "dim 2 of a tensor"),
    "data from a list": (lambda t: setattr(f32(t, 2), "data", [1.0]), "has to be a tensor, but got list"),
    "ints for data that is learned": (
        lambda t: setattr(t.nn.Parameter(f32(t, 2)), "data", row(t, 1, 2)), "floating point, given"),
    "Unflatten to what does not fit": (lambda t: t.nn.Unflatten(1, (2, 2))(f32(t, 2, 6)), "size of dim 1, 6"),
    "unflatten to nothing": (lambda t: f32(t, 4).unflatten(0, ()), "multiply up"),
    "repeat each too often": (lambda t: f32(t, 2).repeat_interleave(row(t, 1, 2, 3)), "3 repeats and 2 elements"),
    "repeat each less than never": (lambda t: t.repeat_interleave(f32(t, 2), -1), "non-negative integers"),
    "repeat each to another size": (lambda t: f32(t, 2).repeat_interleave(2, output_size=5), "expected 4 but got 5"),
    "repeat each by floats": (lambda t: f32(t, 2).repeat_interleave(f32(t, 2)), "non-negative integers"),
    "tile less than never": (lambda t: t.tile(f32(t, 2), (-1,)), "fit together"),
    "a grid of matrices": (lambda t: t.meshgrid(f32(t, 2, 2), indexing="ij"), "rows of numbers"),
    "a grid of two types": (lambda t: t.meshgrid(f32(t, 2), row(t, 1), indexing="ij"), "of the same dtype"),
    "a grid of nothing": (lambda t: t.meshgrid(indexing="ij"), "one or more rows"),
    "a grid in another order": (lambda t: t.meshgrid(f32(t, 2), indexing="yx"), "given 'yx'"),
    "the trace of a vector": (lambda t: t.trace(f32(t, 3)), "expected a matrix"),
    "diag of a cube": (lambda t: t.diag(f32(t, 2, 2, 2)), "1D or 2D"),
    "left for right of a vector": (lambda t: t.fliplr(f32(t, 2)), ">= 2-d"),
    "upside down of a number": (lambda t: t.flipud(t.tensor(1.0)), ">= 1-d"),
    "turn a vector": (lambda t: t.rot90(f32(t, 2), 1, (0, 1)), "two dimensions of [2]"),
    "turn in one dimension": (lambda t: t.rot90(f32(t, 2, 2), 1, (0,)), "two dimensions"),
    "turn in one dimension twice": (lambda t: t.rot90(f32(t, 2, 2), 1, (0, 0)), "twice"),
    "turn a little": (lambda t: t.rot90(f32(t, 2, 2), 0.5, (0, 1)), "k must be an integer"),
    # elements
    "take along with other dimensions": (lambda t: t.take_along_dim(f32(t, 2, 3), row(t, 1), 1), "got 2 and 1"),
    "take along by floats": (lambda t: t.take_along_dim(f32(t, 3), f32(t, 1)), "Expected dtype int64"),
    "take along what does not broadcast": (
        lambda t: t.take_along_dim(f32(t, 2, 3), t.zeros(3, 1, dtype=t.int64), 1), "must broadcast"),
    "take along beyond": (lambda t: t.take_along_dim(f32(t, 3), row(t, 5)), "index 5 is out of bounds"),
    "scatter the smaller one": (lambda t: f32(t, 3).scatter(0, row(t, 0), 1.0, reduce="min"), "add or multiply"),
    "the slope of a scattered product": (
        lambda t: t.ones(3, requires_grad=True).scatter(0, row(t, 0), 2.0, reduce="multiply").sum().backward(),
        "detach() its inputs"),
    "add at an index beyond": (lambda t: f32(t, 3).index_add(0, row(t, 5), f32(t, 1)), "index 5 is out of bounds"),
    "add at floats": (lambda t: f32(t, 3).index_add(0, f32(t, 1), f32(t, 1)), "Expected dtype int64"),
    "add at a matrix": (lambda t: f32(t, 3).index_add(0, t.tensor([[0]]), f32(t, 1)), "supposed to be a vector"),
    "add too many": (lambda t: f32(t, 3).index_add(0, row(t, 0), f32(t, 2)), "of shape [1]"),
    "add another type": (lambda t: f32(t, 3).index_add(0, row(t, 0), row(t, 1)), "must be course.float32"),
    "fill beyond": (lambda t: f32(t, 3).index_fill(0, row(t, 5), 1.0), "index 5 is out of bounds"),
    "fill with a vector": (lambda t: f32(t, 3).index_fill(0, row(t, 0), f32(t, 2)), "0-dimensional value"),
    "var_mean of ints": (lambda t: t.var_mean(row(t, 1, 2)), "must be floating point"),
    "cumprod without a dimension": (lambda t: f32(t, 3).cumprod(None), "must be an integer"),
}

OWN_KIND = {  # what is wrong -> the course's kind of exception, where it is not PyTorch's
    "baddbmm of matrices": "RuntimeError",  # as bmm
    "bincount of floats": "RuntimeError",  # of which PyTorch's NotImplementedError is one
    "histc of ints": "RuntimeError",
    "a histogram of ints": "RuntimeError",
    "repeat each by floats": "RuntimeError",
}

# a list where a tensor belongs: name -> what stands behind it
OF_A_LIST = {
    "reshape": ((4,),), "flatten": (), "ravel": (), "unflatten": (0, (1, 2)), "permute": ((1, 0),), "transpose": (0, 1),
    "swapaxes": (0, 1), "t": (), "movedim": (0, 1), "squeeze": (), "unsqueeze": (0,), "broadcast_to": ((2, 2),),
    "tile": ((2,),), "repeat_interleave": (2,), "flip": ((0,),), "fliplr": (), "flipud": (), "rot90": (), "roll": (1,),
    "tril": (), "triu": (), "diagonal": (), "diag": (), "trace": (), "split": (1,), "chunk": (2,), "narrow": (0, 0, 1),
    "select": (0, 0), "unbind": (), "cat": (), "stack": (), "nonzero": (), "where": (), "bmm": ([[1.0]],),
    "cholesky_solve": ([[1.0]],), "zeros_like": (), "randn_like": (), "full_like": (1.0,), "randint_like": (2,),
}  # fmt: skip
BAD_CALLS |= {
    f"{name} of a list": (lambda t, name=name, rest=rest: getattr(t, name)([[1.0, 2.0], [3.0, 4.0]], *rest),
                          "must be a Tensor, not list; make one with course.tensor(...)")
    for name, rest in OF_A_LIST.items()
} | {
    f"{name} of a list in place": (lambda t, name=name: getattr(t.nn.functional, name)([1.0], inplace=True),
                                   "must be a Tensor, not list")
    for name in ("relu", "hardswish", "hardsigmoid", "celu", "dropout2d")
} | {
    "linear with a list for a bias": (lambda t: t.nn.functional.linear(f32(t, 2, 3), f32(t, 1, 3), [1.0]),
        "argument 'bias' must be a Tensor, not list"),
    "cat of a number": (lambda t: t.cat(3), "must be a list or tuple of Tensors, not int"),
    "stack of a number": (lambda t: t.stack(3.0), "must be a list or tuple of Tensors, not float"),
    "full of a list": (lambda t: t.full((2,), [1.0]), "expected tensors and numbers, given list"),
    "arange to a word": (lambda t: t.arange("3"), "expected tensors and numbers, given str"),
}
