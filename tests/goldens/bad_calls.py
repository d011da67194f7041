"""Calls that must be refused, and a part of the sentence that says why.

PyTorch's kind of exception for each is a golden (case `errors`); where PyTorch lets a call pass that the course
refuses, or refuses it with another kind, `OWN_KIND` says which kind the course raises.
"""

from . import (
    bad_derivative_calls,
    bad_distribution_calls,
    bad_function_calls,
    bad_layer_calls,
    bad_loss_calls,
    bad_module_calls,
    bad_old_calls,
    bad_optimizer_calls,
    bad_parametrizations,
    bad_rarer_calls,
    bad_tensor_calls,
)

NAN = float("nan")


def f32(t, *shape):
    return t.zeros(*shape)


def leaf(t, *shape):
    return t.ones(*shape, requires_grad=True)


def loss(t, *args, **options):
    return t.nn.functional.cross_entropy(*args, **options)


def sgd(t, **options):
    return t.optim.SGD([leaf(t, 2)], **options)


def loader(t, *args, **options):
    return t.utils.data.DataLoader(list(range(4)), *args, **options)


def rows(t):
    return t.tensor([0, 1, 2])


BAD_CALLS = {  # what is wrong -> (call(torch), a part of the course's sentence)
    # shapes
    "a row of five into a layer of one": (lambda t: t.nn.Linear(1, 1)(f32(t, 1, 5)), "(1x5 and 1x1)"),
    "a number into a layer": (lambda t: t.nn.Linear(3, 2)(t.tensor(1.0)), "takes 3 numbers a row"),
    "images not flattened": (lambda t: t.nn.Linear(64, 10)(f32(t, 5, 1, 8, 8)), "Reshape the input to (samples, 64)"),
    "a bias of another length": (lambda t: t.nn.functional.linear(f32(t, 2, 3), f32(t, 4, 3), f32(t, 1)),
        "its bias (out,)"),
    "a bias of another type": (
        lambda t: t.nn.functional.linear(f32(t, 2, 3), f32(t, 4, 3), t.zeros(4, dtype=t.float64)),
        "course.float64 (bias)"),
    "into Sequential": (lambda t: t.nn.Sequential(t.nn.Linear(3, 2), t.nn.ReLU())(f32(t, 2, 4)), "(2x4 and 3x2)"),
    "matrices that do not fit": (lambda t: f32(t, 2, 3) @ f32(t, 2, 3), "cannot be multiplied (2x3 and 2x3)"),
    "vectors that do not fit": (lambda t: f32(t, 3) @ f32(t, 4), "(3 and 4)"),
    "batches that do not fit": (lambda t: f32(t, 2, 2, 3) @ f32(t, 4, 3, 2), "do not fit together"),
    "product of numbers": (lambda t: t.tensor(1.0) @ t.tensor(2.0), "at least 1D"),
    "sum of unlike shapes": (
        lambda t: f32(t, 2, 3) + f32(t, 4), "(2, 3) and (4,) do not fit together: The size of tensor a (3) must match "
        "the size of tensor b (4) at non-singleton dimension 1"),
    "a probability that is a word": (lambda t: t.nn.Dropout("much"), "a number from 0 to 1"),
    "where with unlike shapes": (lambda t: t.where(f32(t, 2) > 0, f32(t, 3), f32(t, 2)), "do not fit together"),
    "mse of unlike shapes": (lambda t: t.nn.MSELoss()(f32(t, 3), f32(t, 4)), "(3,) and (4,)"),
    "reshape to another size": (lambda t: f32(t, 6).reshape(4), "shape '[4]' is invalid for input of size 6"),
    "view to another size": (lambda t: f32(t, 6).view(5, -1), "shape '[5, -1]' is invalid for input of size 6"),
    "reshape with two unknowns": (lambda t: f32(t, 6).reshape(-1, -1), "shape '[-1, -1]' is invalid"),
    "reshape to a fraction": (lambda t: f32(t, 6).reshape(1.5), "made of integers"),
    "flatten backwards": (lambda t: f32(t, 2, 3).flatten(1, 0), "start_dim 1 comes after end_dim 0"),
    "permute too few": (lambda t: f32(t, 2, 3).permute(0), "must name each of the 2 dimensions"),
    "permute one twice": (lambda t: f32(t, 2, 3).permute(0, 0), "once"),
    "transpose of three dimensions": (lambda t: f32(t, 2, 3, 4).t(), "<= 2 dimensions"),
    "expand what is not 1": (lambda t: f32(t, 2, 3).expand(4, 3), "only dimensions of size 1 grow"),
    "cat of unlike rows": (lambda t: t.cat([f32(t, 2, 3), f32(t, 2, 4)]), "do not fit together"),
    "cat of nothing": (lambda t: t.cat([]), "non-empty list"),
    "stack of nothing": (lambda t: t.stack([]), "non-empty"),
    "stack of unlike shapes": (lambda t: t.stack([f32(t, 2), f32(t, 3)]), "equal size, but got [[2], [3]]"),
    "in place to a larger shape": (lambda t: f32(t, 2).add_(f32(t, 3, 2)), "doesn't match the broadcast shape [3, 2]"),
    "a negative size": (lambda t: t.zeros(2, -1), "negative dimension"),
    "a size of text": (lambda t: t.zeros("2"), "made of integers"),
    # dimensions and positions
    "sum over a dimension that is not there": (lambda t: f32(t, 2, 3).sum(2), "dim 2 of a tensor with 2 dimensions"),
    "softmax over it": (lambda t: f32(t, 2).softmax(1), "it must lie in [-1, 0]"),
    "sum over one twice": (lambda t: f32(t, 2, 3).sum((0, 0)), "twice"),
    "argmax over it": (lambda t: f32(t, 2, 3).argmax(5), "dim 5 of a tensor with 2 dimensions"),
    "max over it": (lambda t: f32(t, 2, 3).max(-3), "dim -3 of a tensor with 2 dimensions"),
    "squeeze it": (lambda t: f32(t, 2).squeeze(3), "dim 3 of a tensor with 1 dimensions"),
    "unsqueeze it": (lambda t: f32(t, 2).unsqueeze(3), "dim 3"),
    "cat along it": (lambda t: t.cat([f32(t, 2), f32(t, 2)], 1), "dim 1 of a tensor with 1 dimensions"),
    "size of it": (lambda t: f32(t, 2).size(4), "dim 4 of a tensor with 1 dimensions"),
    "dim that is text": (lambda t: f32(t, 2).sum("rows"), "must be an integer"),
    "largest of nothing": (lambda t: f32(t, 0).max(), "has no elements"),
    "largest along nothing": (lambda t: f32(t, 2, 0).amax(1), "has no elements"),
    "position of the largest of nothing": (lambda t: f32(t, 0).argmax(), "has no elements"),
    "an index too large": (lambda t: f32(t, 3)[3], "the tensor's shape is [3]"),
    "too many indices": (lambda t: f32(t, 3)[0, 0], "the tensor's shape is [3]"),
    "a list of indices too large": (lambda t: f32(t, 3)[[0, 7]], "the tensor's shape is [3]"),
    "an index of floats": (lambda t: f32(t, 3)[t.tensor([0.0])], "must be integers or bools"),
    "an index of text": (lambda t: f32(t, 3)["a"], "the tensor's shape is [3]"),
    "a mask of another length": (lambda t: f32(t, 3)[t.tensor([True, False])], "the tensor's shape is [3]"),
    "assigning too many": (lambda t: f32(t, 3).__setitem__(slice(0, 2), f32(t, 3)), "the tensor's shape is [3]"),
    "assigning beyond": (lambda t: f32(t, 3).__setitem__(5, 1.0), "the tensor's shape is [3]"),
    # types
    "product of int and float": (lambda t: t.ones(2, 2, dtype=t.int64) @ f32(t, 2, 2), "same dtype"),
    "ints into a layer": (lambda t: t.nn.Linear(2, 2)(t.ones(1, 2, dtype=t.int64)), "convert the input with .to("),
    "doubles into a layer": (lambda t: t.nn.Linear(2, 2)(t.ones(1, 2, dtype=t.float64)),
        "course.float64 and course.float32"),
    "mean of ints": (lambda t: t.arange(3).mean(), "Convert it first with .float()"),
    "variance of ints": (lambda t: t.arange(3).var(), "must be floating point"),
    "softmax of ints": (lambda t: t.arange(3).softmax(0), "floating"),
    "gradient of ints": (lambda t: t.tensor([1, 2], requires_grad=True), "write the numbers with a point (1.0)"),
    "gradient asked of ints": (lambda t: t.tensor([1]).requires_grad_(), "floating point dtype can require gradients"),
    "a parameter of ints": (lambda t: t.nn.Parameter(t.tensor([1])), "floating point dtype can require gradients"),
    "float into int in place": (lambda t: t.tensor([1]).add_(0.5),
        "can't be cast to the desired output type course.int64"),
    "int divided in place": (lambda t: t.tensor([1]).div_(2), "can't be cast"),
    "random ints in place": (lambda t: t.tensor([1, 2]).normal_(), "need a floating-point tensor"),
    "negation of bools": (lambda t: -t.tensor([True]), "bool"),
    "difference of bools": (lambda t: t.tensor([True]) - t.tensor([True]), "bool"),
    "int to a negative power": (lambda t: t.tensor([2]) ** -1, "negative integer power"),
    "a dtype that is not there": (lambda t: t.zeros(2, dtype="complex"), "not a tensor type"),
    "a tensor of text": (lambda t: t.tensor(["a"]), "made of numbers"),
    "a tensor of None": (lambda t: t.tensor(None), "made of numbers"),
    "a ragged tensor": (lambda t: t.tensor([[1.0, 2.0], [3.0]]), "differ in length"),
    "adding text": (lambda t: f32(t, 2) + "a", "str"),
    "adding None": (lambda t: f32(t, 2) + None, "NoneType"),
    "adding a list": (lambda t: f32(t, 2) + [1, 2], "list"),
    "exp of a number": (lambda t: t.exp(1.0), "must be a Tensor, not float"),
    "relu of a list": (lambda t: t.relu([1.0]), "must be a Tensor, not list"),
    "layer of a list": (lambda t: t.nn.Linear(1, 1)([1.0]), "must be a Tensor, not list"),
    "product with a list": (lambda t: t.matmul([1.0], f32(t, 1)), "must be a Tensor, not list"),
    "loss of numbers": (lambda t: t.nn.MSELoss()(1.0, 2.0), "must be a Tensor, not float"),
    "cross-entropy of a list": (lambda t: loss(t, [[1.0]], t.tensor([0])), "must be a Tensor, not list"),
    "cross-entropy with a list of classes": (lambda t: loss(t, f32(t, 1, 2), [0]), "must be a Tensor, not list"),
    "numbers from a list of them": (lambda t: t.from_numpy([1.0]), "expected np.ndarray (got list)"),
    "range without a way": (lambda t: t.arange(0, 5, -1), "no way in steps of -1"),
    "range in steps of nothing": (lambda t: t.arange(0, 5, 0), "in steps of 0"),
    "random range upside down": (lambda t: t.randint(5, 2, (3,)), "from=5 >= to=2"),
    "a seed of text": (lambda t: t.manual_seed("lucky"), "a seed is an integer"),
    "a default type of ints": (lambda t: t.set_default_dtype(t.int64), "expected course.float32 or course.float64"),
    # single numbers
    "several as a float": (lambda t: float(f32(t, 2)), "only one element tensors can be converted to Python scalars"),
    "item of several": (lambda t: f32(t, 2).item(), "reduce it first (mean, sum, max)"),
    "truth of several": (lambda t: bool(f32(t, 2)), "use .any() or .all()"),
    "length of a number": (lambda t: len(t.tensor(1.0)), "0-d tensor"),
    "going through a number": (lambda t: list(t.tensor(1.0)), "0-d tensor"),
    "a float as an index": (lambda t: [1, 2][t.tensor(1.0)], "only integer tensors"),
    # devices
    "a device that is not there": (lambda t: f32(t, 2).to("gpu"), "no device 'gpu'"),
    "a tensor made on it": (lambda t: t.zeros(2, device="tpu"), "no device 'tpu'"),
    "cuda without a GPU": (lambda t: f32(t, 2).cuda(), "course doctor"),
    "a module without a GPU": (lambda t: t.nn.Linear(1, 1).to("cuda"), "NUMBA_ENABLE_CUDASIM=1"),
    # the tape
    "backward of many": (lambda t: (leaf(t, 2) * 2).backward(), "only for scalar outputs"),
    "backward of a constant": (lambda t: f32(t, 1).sum().backward(), "does not require grad"),
    "backward with another shape": (lambda t: (leaf(t, 2) * 2).backward(f32(t, 3)), "Mismatch in shape"),
    "backward with a number": (lambda t: (leaf(t, 2) * 2).sum().backward(1.0), "must be a Tensor"),
    "numpy of a leaf": (lambda t: leaf(t, 2).numpy(), "Use tensor.detach().numpy() instead"),
    "a result without gradient": (lambda t: (leaf(t, 2) * 2).requires_grad_(False), "use .detach()"),
    "a hook on a constant": (lambda t: f32(t, 2).register_hook(print), "doesn't require gradient"),
    "a gradient that is no tensor": (lambda t: setattr(leaf(t, 2), "grad", 1.0), "must be a Tensor or None"),
    "a gradient of another shape": (lambda t: setattr(leaf(t, 2), "grad", f32(t, 3)), "different size: [3]"),
    "grad of a constant": (lambda t: t.autograd.grad(leaf(t, 1).sum(), f32(t, 1)), "does not require grad"),
    # losses
    "a class too large": (lambda t: loss(t, f32(t, 3, 2), rows(t)), "Target 2 is out of bounds"),
    "a class below 0": (lambda t: loss(t, f32(t, 3, 3), rows(t) - 1), "Target -1 is out of bounds"),
    "a class too large for weights": (lambda t: loss(t, f32(t, 3, 2), rows(t), t.ones(2), label_smoothing=0.1),
        "Target 2"),
    "too few classes": (lambda t: loss(t, f32(t, 4, 3), rows(t)), "Expected target of shape (4,)"),
    "classes in a column": (lambda t: loss(t, f32(t, 3, 3), rows(t).reshape(3, 1)), "given (3, 1)"),
    "float classes": (lambda t: loss(t, f32(t, 3, 3), rows(t).float()), "class probabilities"),
    "int32 classes": (lambda t: loss(t, f32(t, 3, 3), rows(t).int()), "expected scalar type Long"),
    "probabilities of another shape": (lambda t: loss(t, f32(t, 2, 3), f32(t, 2, 4)),
        "logits' shape [2, 3], given [2, 4]"),
    "integer logits": (lambda t: loss(t, t.zeros(3, 3, dtype=t.int64), rows(t)), "convert with .float()"),
    "one logit": (lambda t: loss(t, t.tensor(1.0), t.tensor(0)), "given a scalar"),
    "weights for other classes": (lambda t: loss(t, f32(t, 3, 3), rows(t), t.ones(2)), "all 3 classes"),
    "too much smoothing": (lambda t: loss(t, f32(t, 3, 3), rows(t), label_smoothing=1.5),
        "between 0.0 and 1.0. Got: 1.5"),
    "smoothing below 0": (lambda t: loss(t, f32(t, 3, 3), rows(t), label_smoothing=-0.1), "between 0.0 and 1.0"),
    "an ignored class among probabilities": (
        lambda t: loss(t, f32(t, 2, 3), f32(t, 2, 3), ignore_index=1), "ignore_index is not supported"),
    "an ignored class of text": (lambda t: loss(t, f32(t, 3, 3), rows(t), ignore_index="2"),
        "must be an integer, given '2'"),
    "weights that are no tensor": (lambda t: loss(t, f32(t, 3, 3), rows(t), [1.0] * 3), "'weight' must be a Tensor"),
    "an unknown reduction": (lambda t: loss(t, f32(t, 3, 3), rows(t), reduction="avg"), "one of none, mean, sum"),
    "mse with an unknown reduction": (lambda t: t.nn.MSELoss(reduction="avg")(f32(t, 1), f32(t, 1)),
        "'avg' is not a valid"),
    "classes as floats in a column": (lambda t: loss(t, f32(t, 3, 3), f32(t, 3, 1)), "class numbers are integers"),
    # modules
    "a layer of a fraction": (lambda t: t.nn.Linear(2.5, 1), "in_features must be an integer, given 2.5"),
    "a layer of text": (lambda t: t.nn.Linear("2", 1), "in_features must be an integer, given '2'"),
    "a layer of less than nothing": (lambda t: t.nn.Linear(2, -1), "out_features must not be negative"),
    "a layer without its size": (lambda t: t.nn.Linear(2), "out_features"),
    "a layer with an unknown option": (lambda t: t.nn.Linear(2, 1, biass=True), "biass"),
    "a class in Sequential": (lambda t: t.nn.Sequential(t.nn.Linear(1, 1), t.nn.ReLU), "write it with brackets"),
    "a list in Sequential": (lambda t: t.nn.Sequential([t.nn.ReLU()]), "made of modules; number 0 is list"),
    "no super().__init__()": (lambda t: forgetful(t)(), "super().__init__()"),
    "a module without forward": (lambda t: t.nn.Module()(f32(t, 1)), 'missing the required "forward" function'),
    "a tensor for a parameter": (lambda t: setattr(t.nn.Linear(1, 1), "weight", f32(t, 1, 1)),
        "nn.Parameter or None expected"),
    "an attribute that is not there": (lambda t: t.nn.Linear(1, 1).weights, "has no attribute 'weights'"),
    "a parameter that is no tensor": (lambda t: t.nn.Parameter([1.0]), "must be a Tensor, given list"),
    "a buffer that is no tensor": (lambda t: t.nn.Module().register_buffer("b", 1.0), "Tensor or None expected"),
    "a state that lacks a key": (lambda t: t.nn.Linear(1, 1).load_state_dict({}),
        "Missing key(s) in state_dict: 'weight', 'bias'"),
    "a state that is no dict": (lambda t: t.nn.Linear(1, 1).load_state_dict([1]), "must be a dict"),
    "a state of another shape": (lambda t: t.nn.Linear(1, 1).load_state_dict(t.nn.Linear(2, 1).state_dict()), "[1, 2]"),
    "a mode that is no bool": (lambda t: t.nn.Linear(1, 1).train("yes"), "expected to be boolean"),
    "a module to ints": (lambda t: t.nn.Linear(1, 1).to(t.int64), "only accepts floating point"),
    "an unknown gain": (lambda t: t.nn.init.calculate_gain("swishy"), "Unsupported nonlinearity swishy"),
    "an unknown fan": (lambda t: t.nn.init.kaiming_uniform_(f32(t, 2, 2), mode="fan"), "fan_in, fan_out"),
    "a fan of a vector": (lambda t: t.nn.init.xavier_uniform_(f32(t, 2)), "at least 2 dimensions"),
    # optimisers
    "a learning rate below 0": (lambda t: sgd(t, lr=-0.1), "Invalid learning rate: -0.1; it must not be negative"),
    "a learning rate that is no number": (lambda t: sgd(t, lr=NAN), "Invalid learning rate: nan"),
    "a learning rate of text": (lambda t: sgd(t, lr="0.1"), "lr"),
    "momentum below 0": (lambda t: sgd(t, lr=0.1, momentum=-1), "Invalid momentum value: -1"),
    "decay below 0": (lambda t: sgd(t, lr=0.1, weight_decay=-1), "Invalid weight_decay value: -1"),
    "nesterov without momentum": (lambda t: sgd(t, lr=0.1, nesterov=True), "requires a momentum and zero dampening"),
    "nesterov with dampening": (lambda t: sgd(t, lr=0.1, momentum=0.9, dampening=0.1, nesterov=True), "zero dampening"),
    "an unknown option": (lambda t: sgd(t, learning_rate=0.1), "learning_rate"),
    "a bad option of a group": (lambda t: t.optim.SGD([{"params": [leaf(t, 1)], "lr": -1.0}], lr=0.1),
        "Invalid learning rate: -1.0"),
    "a group without parameters": (lambda t: t.optim.SGD([{"lr": 0.1}], lr=0.1), "params"),
    "no parameters": (lambda t: t.optim.SGD([], lr=0.1), "empty parameter list; pass model.parameters()"),
    "a single tensor": (lambda t: t.optim.SGD(leaf(t, 1), lr=0.1), "write [tensor]"),
    "a number to optimise": (lambda t: t.optim.SGD([1.0], lr=0.1), "one of the params is float"),
    "a result to optimise": (lambda t: t.optim.SGD([leaf(t, 1) * 2], lr=0.1), "non-leaf"),
    "a parameter in two groups": (
        lambda t: (lambda p: t.optim.SGD([{"params": p}, {"params": p}], lr=0.1))([leaf(t, 1)]),
        "more than one parameter group"),
    "a state of other groups": (lambda t: sgd(t, lr=0.1).load_state_dict({"state": {}, "param_groups": []}), "groups"),
    "a state of unlike shape": (lambda t: stepped_with_state(t, [0.0, 0.0, 0.0]),
        "Was the state of another model loaded?"),
    "a gradient of another type": (lambda t: setattr(leaf(t, 2), "grad", t.zeros(2, dtype=t.float64)),
        "assigned grad is course.float64"),
    # data
    "rows of unlike number": (lambda t: t.utils.data.TensorDataset(f32(t, 2), f32(t, 3)), "they have 2, 3 rows"),
    "rows of a list": (lambda t: t.utils.data.TensorDataset([1, 2]), "made of tensors, given list"),
    "a batch of none": (lambda t: loader(t, batch_size=0), "batch_size=0"),
    "a batch of less than none": (lambda t: loader(t, batch_size=-2), "batch_size=-2"),
    "a batch of a fraction": (lambda t: loader(t, batch_size=1.5), "batch_size=1.5"),
    "a generator that is a number": (lambda t: list(loader(t, generator=3)), "must be a course.Generator, given 3"),
    "a shuffled sampler": (lambda t: loader(t, sampler=[0, 1], shuffle=True), "mutually exclusive with shuffle"),
    "two batch sizes": (lambda t: loader(t, 2, batch_sampler=[[0]]), "batch_sampler option is mutually exclusive"),
    "an unknown option of the loader": (lambda t: loader(t, shufle=True), "shufle"),
    "shuffling nothing": (lambda t: t.utils.data.DataLoader([], shuffle=True), "num_samples=0"),
    "parts that do not add up": (lambda t: t.utils.data.random_split([1, 2, 3], [1, 1]), "does not equal"),
    "samples that cannot be joined": (lambda t: next(iter(t.utils.data.DataLoader([object()] * 2, 2))), "found object"),
    "samples of unlike shapes": (lambda t: next(iter(t.utils.data.DataLoader([f32(t, 2), f32(t, 3)], 2))),
        "equal size"),
    "samples of unlike length": (lambda t: next(iter(t.utils.data.DataLoader([(1, 2), (1,)], 2))), "equal size"),
    "a dataset without items": (lambda t: t.utils.data.Dataset()[0], ""),
    # functions of tensors
    "an integer divided by 0": (lambda t: t.tensor([1]) // 0, "ZeroDivisionError"),
    "the rest of a division by 0": (lambda t: t.tensor([1]) % t.tensor([0]), "ZeroDivisionError"),
    "rounding upwards": (lambda t: t.div(f32(t, 1), 2, rounding_mode="up"), "but found 'up'"),
    "clamp without an edge": (lambda t: f32(t, 2).clamp(), "at least one of 'min' or 'max'"),
    "bits of floats": (lambda t: f32(t, 2) & f32(t, 2), "compare first"),
    "not of floats": (lambda t: ~f32(t, 2), "work on bools and integers"),
    "a slice backwards": (lambda t: f32(t, 3)[::-1], "flip() reverses"),
    "a view of what does not lie in a row": (lambda t: f32(t, 2, 3).T.view(-1), "Use .reshape(...) instead"),
    "repeat too few dimensions": (lambda t: f32(t, 2, 2).repeat(2), "for each of the 2 dimensions"),
    "split into nothing": (lambda t: f32(t, 3).split(0), "greater than 0"),
    "split into what does not add up": (lambda t: f32(t, 3).split([1, 1]), "sum exactly to 3"),
    "chunk into nothing": (lambda t: f32(t, 3).chunk(0), "greater than 0, got: 0"),
    "the triangle of a vector": (lambda t: t.tril(f32(t, 3)), "at least 2 dimensions"),
    "the diagonal of a vector": (lambda t: f32(t, 3).diagonal(), "out of range"),
    "flip what is not there": (lambda t: t.flip(f32(t, 3), [1]), "dim 1 of a tensor with 1 dimensions"),
    "roll what is not there": (lambda t: t.roll(f32(t, 2, 2), 1, 2), "dim 2 of a tensor with 2 dimensions"),
    "roll by too many": (lambda t: t.roll(f32(t, 2, 2), (1, 1), 0), "must align"),
    "movedim to fewer places": (lambda t: t.movedim(f32(t, 2, 2), (0, 1), (0,)), "2 dimensions have no room"),
    "matrices of vectors": (lambda t: t.mm(f32(t, 2), f32(t, 2)), "2D and 2D tensors expected"),
    "dot of matrices": (lambda t: t.dot(f32(t, 2, 2), f32(t, 2)), "1D and 1D tensors expected"),
    "dot of unlike vectors": (lambda t: t.dot(f32(t, 2), f32(t, 3)), "(2 and 3)"),
    "a matrix and a longer vector": (lambda t: t.mv(f32(t, 2, 2), f32(t, 3)), "(2x2 and 3)"),
    "unlike batches of matrices": (lambda t: t.bmm(f32(t, 2, 2, 2), f32(t, 3, 2, 2)), "batches of 2 and 3"),
    "outer product of matrices": (lambda t: t.outer(f32(t, 2, 2), f32(t, 2)), "1D tensors expected"),
    "gather beyond": (lambda t: f32(t, 3).gather(0, t.tensor([5])),
        "index 5 is out of bounds for dimension 0 with size 3"),
    "gather from behind": (lambda t: f32(t, 3).gather(0, t.tensor([-1])), "index -1 is out of bounds"),
    "gather by floats": (lambda t: f32(t, 3).gather(0, f32(t, 1)), "Expected dtype int64 for index"),
    "gather by a matrix": (lambda t: f32(t, 3).gather(0, t.tensor([[0]])), "same number of dimensions"),
    "gather more than there is": (lambda t: f32(t, 2, 2).gather(0, t.tensor([[0, 0, 0]])), "nowhere be larger"),
    "scatter beyond": (lambda t: f32(t, 3).scatter_add(0, t.tensor([7]), f32(t, 1)), "index 7 is out of bounds"),
    "scatter another type": (lambda t: f32(t, 3).scatter(0, t.tensor([0]), t.ones(1, dtype=t.float64)),
        "Expected src to be"),
    "scatter too little": (lambda t: f32(t, 3).scatter_add(0, t.tensor([0, 1]), f32(t, 1)),
        "nowhere be larger than src"),
    "select beyond": (lambda t: f32(t, 3).index_select(0, t.tensor([9])), "index 9 is out of bounds"),
    "select by a matrix": (lambda t: f32(t, 3).index_select(0, t.tensor([[0]])), "supposed to be a vector"),
    "select by floats": (lambda t: f32(t, 3).index_select(0, f32(t, 1)), "Expected dtype int64"),
    "fill by a mask of ints": (lambda t: f32(t, 2).masked_fill(t.tensor([0, 1]), 0.0), "expected a mask of bools"),
    "fill by a longer mask": (lambda t: f32(t, 2).masked_fill(f32(t, 3) > 0, 0.0),
        "does not fit a tensor of shape [2]"),
    "select by a mask of ints": (lambda t: f32(t, 2).masked_select(t.tensor([0, 1])), "expected a mask of bools"),
    "more than there are": (lambda t: f32(t, 3).topk(4), "k = 4 of 3 elements"),
    "sort what is not there": (lambda t: f32(t, 3).sort(1), "dim 1"),
    "median along nothing": (lambda t: f32(t, 2, 0).median(1), "has no elements"),
    "product over two dimensions": (lambda t: f32(t, 2, 2).prod((0, 1)), "one integer"),
    "cumsum without a dimension": (lambda t: f32(t, 3).cumsum(None), "must be an integer"),
    "length of ints": (lambda t: t.tensor([3, 4]).norm(), "must be floating point"),
    "a norm of text": (lambda t: f32(t, 2).norm("length"), "Order length not supported"),
    "close to another type": (lambda t: t.allclose(f32(t, 2), t.zeros(2, dtype=t.float64)), "did not match"),
    "close to another shape": (lambda t: t.isclose(f32(t, 2), f32(t, 3)), "(2,) and (3,) do not fit together"),
    "equal to a list": (lambda t: t.equal(f32(t, 2), [0.0, 0.0]), "must be a Tensor, not list"),
    # random draws
    "a chance above 1": (lambda t: t.bernoulli(t.tensor([1.5])), "between 0 and 1"),
    "a chance in ints": (lambda t: t.bernoulli(t.tensor([1])), "convert with .float()"),
    "one chance above 1": (lambda t: f32(t, 2).bernoulli_(1.5), "p=1.5"),
    "chances that are all 0": (lambda t: t.multinomial(f32(t, 2), 1), "sum of probabilities <= 0"),
    "chances below 0": (lambda t: t.multinomial(t.tensor([1.0, -1.0]), 1), "element < 0"),
    "more samples than classes": (lambda t: t.multinomial(t.ones(2), 3), "3 of 2 classes"),
    "no samples": (lambda t: t.multinomial(t.ones(2), 0), "given 0"),
    "chances in a cube": (lambda t: t.multinomial(t.ones(2, 2, 2), 1), "(classes,) or (rows, classes)"),
    "a standard deviation below 0": (lambda t: t.normal(0.0, -1.0, (2,)), "std >= 0.0"),
    "normal numbers without a count": (lambda t: t.normal(0.0, 1.0), "how many to draw"),
    "an old tensor of text": (lambda t: t.Tensor("a"), "data must be a sequence"),
    "an old tensor of a fraction": (lambda t: t.Tensor(2.5), "data must be a sequence"),
    # the tape
    "retain what has no gradient": (lambda t: f32(t, 2).retain_grad(), "can't retain_grad"),
    "a function without backward": (lambda t: own_function(t).apply(leaf(t, 2)).sum().backward(), "backward"),
    "a function with too few gradients": (
        lambda t: own_function(t, lambda ctx, g: (g,)).apply(leaf(t, 2), 3).sum().backward(), "(expected 2, got 1)"),
    "a function that gives numbers": (
        lambda t: own_function(t, lambda ctx, g: 1.0).apply(leaf(t, 2)).sum().backward(),
        "a gradient is a Tensor or None"),
    "a function whose gradient does not fit": (
        lambda t: own_function(t, lambda ctx, g: t.ones(3)).apply(leaf(t, 2)).sum().backward(), "shape"),
    "a function that saves a number": (
        lambda t: own_function(t, forward=lambda ctx, x: ctx.save_for_backward(1.0)).apply(leaf(t, 2)),
        "can only save tensors"),
    "a function's saved tensor changed": (lambda t: changed_after_saving(t), "modified by an inplace operation"),
    "a function's way back twice": (lambda t: twice(saving(t).apply(leaf(t, 2)).sum()), "second time"),
    # arguments
    "too few arguments": (lambda t: t.mul(f32(t, 1)), "(input, other)"),
    "too many arguments": (lambda t: t.exp(f32(t, 1), 2, 3), "(input)"),
    "an unknown keyword": (lambda t: f32(t, 2).sum(axes=0), "axes"),
    "an unknown keyword of clamp": (lambda t: f32(t, 2).clamp(low=0), "low"),
    **bad_loss_calls.BAD_CALLS,
    **bad_module_calls.BAD_CALLS,
    **bad_old_calls.BAD_CALLS,
    **bad_optimizer_calls.BAD_CALLS,
    **bad_layer_calls.BAD_CALLS,
    **bad_rarer_calls.BAD_CALLS,
    **bad_tensor_calls.BAD_CALLS,
    **bad_derivative_calls.BAD_CALLS,
    **bad_function_calls.BAD_CALLS,
    **bad_distribution_calls.BAD_CALLS,
    **bad_parametrizations.BAD_CALLS,
}


OWN_KIND = {  # what is wrong -> the course's kind of exception, where it is not PyTorch's
    **dict.fromkeys(("split of a list", "dropout2d of a list in place"), "TypeError"),  # PyTorch: AttributeError
    "largest of nothing": "IndexError",  # as PyTorch for amax
    "an index of text": "IndexError",
    "softmax of ints": "RuntimeError",  # of which PyTorch's NotImplementedError is one
    "integer logits": "RuntimeError",
    "random ints in place": "RuntimeError",
    "bits of floats": "TypeError",  # as PyTorch for ~
    "a chance in ints": "RuntimeError",  # of which PyTorch's NotImplementedError is one
    "a tensor of text": "TypeError",
    "a tensor of None": "TypeError",
    "loss of numbers": "TypeError",
    "a seed of text": "TypeError",
    "cuda without a GPU": "RuntimeError",
    "a module without a GPU": "RuntimeError",
    "classes in a column": "ValueError",  # as PyTorch for any other shape that does not fit
    "smoothing below 0": "RuntimeError",  # PyTorch checks in the module only
    "a layer of less than nothing": "ValueError",
    "a parameter that is no tensor": "TypeError",
    "a learning rate that is no number": "ValueError",  # PyTorch trains with NaN
    "a bad option of a group": "ValueError",  # PyTorch climbs
    "rows of unlike number": "ValueError",
    "rows of a list": "TypeError",
    "a bias of another length": "RuntimeError",  # PyTorch would repeat it
    **bad_loss_calls.OWN_KIND,
    **bad_module_calls.OWN_KIND,
    **bad_old_calls.OWN_KIND,
    **bad_optimizer_calls.OWN_KIND,
    **bad_layer_calls.OWN_KIND,
    **bad_rarer_calls.OWN_KIND,
    **bad_tensor_calls.OWN_KIND,
    **bad_derivative_calls.OWN_KIND,
    **bad_parametrizations.OWN_KIND,
    **bad_function_calls.OWN_KIND,
    **bad_distribution_calls.OWN_KIND,
}


def forgetful(t):
    class Forgetful(t.nn.Module):
        def __init__(self):
            self.layer = t.nn.Linear(1, 1)

    return Forgetful


def stepped_with_state(t, numbers):
    """A step of an optimiser into which the momentum of another parameter was loaded."""
    p = leaf(t, 2)
    p.grad = f32(t, 2)
    optimizer = t.optim.SGD([p], lr=0.1, momentum=0.9)
    state = optimizer.state_dict()
    optimizer.load_state_dict({**state, "state": {0: {"momentum_buffer": t.tensor(numbers)}}})
    optimizer.step()


def own_function(t, back=None, forward=lambda ctx, x, *numbers: x * 1):
    members = {"forward": staticmethod(forward)} | ({"backward": staticmethod(back)} if back else {})
    return type("Own", (t.autograd.Function,), members)


def saving(t):
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * 2

    return own_function(t, lambda ctx, g: g * ctx.saved_tensors[0], forward)


def changed_after_saving(t):
    x = leaf(t, 2) * 1
    y = saving(t).apply(x)
    x.add_(1)
    y.sum().backward()


def twice(loss):
    loss.backward()
    loss.backward()


def kind_of_error(call, t) -> str:
    """The name of the exception's class, or "" where there is none."""
    try:
        call(t)
    except Exception as error:
        return type(error).__name__
    return ""


def errors(t) -> dict:
    """What each bad call raises, for the goldens."""
    return {what: kind_of_error(call, t) for what, (call, _) in BAD_CALLS.items()}


CASES = {"errors": errors}
