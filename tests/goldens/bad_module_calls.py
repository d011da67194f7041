"""Calls of modules, initialisers and helpers that must be refused, and a part of the sentence that says why."""


def ones(t, *shape):
    return t.ones(*shape)


def module(t):
    """A module with a parameter, a buffer and a child."""
    m = t.nn.Module()
    m.weight = t.nn.Parameter(ones(t, 2))
    m.register_buffer("seen", ones(t, 2))
    m.child = t.nn.Linear(2, 1)
    return m


def before_init(t, change):
    class Forgetful(t.nn.Module):
        def __init__(self):
            change(self)

    return Forgetful()


def pair(t):
    return t.nn.Sequential(t.nn.ReLU(), t.nn.Tanh())


def hooked(t, hook):
    """A backward through a module whose backward hook returns what `hook` gives."""
    layer = t.nn.Linear(2, 1)
    layer.register_full_backward_hook(lambda m, gi, go: hook)
    layer(ones(t, 1, 2).requires_grad_()).sum().backward()


def hooked_before(t, changed):
    layer = t.nn.Linear(2, 1)
    layer.register_forward_pre_hook(lambda m, inputs, kwargs: changed, with_kwargs=True)
    layer(ones(t, 1, 2))


MODULES = {
    "a buffer over a parameter": (lambda t: setattr(module(t), "weight", ones(t, 2)), "as parameter 'weight'"),
    "a module over a parameter": (lambda t: setattr(module(t), "weight", t.nn.ReLU()), "as parameter 'weight'"),
    "a number over a buffer": (lambda t: setattr(module(t), "seen", 3), "cannot assign 'int' as buffer 'seen'"),
    "a tensor over a module": (lambda t: setattr(module(t), "child", ones(t, 1)), "as child module 'child'"),
    "an attribute that is not there": (lambda t: module(t).weigth, "no attribute 'weigth'"),
    "deleting what is not there": (lambda t: delattr(module(t), "weigth"), "weigth"),
    "a parameter before init": (
        lambda t: before_init(t, lambda m: setattr(m, "w", t.nn.Parameter(ones(t, 1)))), "super().__init__()"),
    "a parameter registered before init": (
        lambda t: before_init(t, lambda m: m.register_parameter("w", None)), "super().__init__()"),
    "a buffer before init": (
        lambda t: before_init(t, lambda m: m.register_buffer("b", ones(t, 1))), "super().__init__()"),
    "a buffer that is a list": (lambda t: module(t).register_buffer("b", [1.0]), "as buffer 'b'"),
    "a buffer with a number for a name": (lambda t: module(t).register_buffer(3, ones(t, 1)), "should be a string"),
    "a buffer with a dot": (lambda t: module(t).register_buffer("a.b", ones(t, 1)), "must not contain a dot"),
    "a buffer without a name": (lambda t: module(t).register_buffer("", ones(t, 1)), "must not be empty"),
    "a buffer named as a method": (lambda t: module(t).register_buffer("forward", ones(t, 1)), "already exists"),
    "a buffer named as a parameter": (lambda t: module(t).register_buffer("weight", ones(t, 1)), "already exists"),
    "a parameter that is a plain tensor": (
        lambda t: module(t).register_parameter("w", ones(t, 1)), "nn.Parameter or None expected"),
    "a parameter named as a buffer": (
        lambda t: module(t).register_parameter("seen", t.nn.Parameter(ones(t, 1))), "already exists"),
    "a parameter with a dot": (lambda t: module(t).register_parameter("a.b", None), "must not contain a dot"),
    "a child that is a function": (lambda t: module(t).add_module("f", abs), "as module 'f'"),
    "a child with a dot": (lambda t: module(t).add_module("a.b", t.nn.ReLU()), "must not contain a dot"),
    "a child named as a parameter": (lambda t: module(t).register_module("weight", t.nn.ReLU()), "already exists"),
    "a parameter that is not below": (lambda t: module(t).get_parameter("child.wait"), "no attribute 'wait'"),
    "a parameter that is a module": (lambda t: module(t).get_parameter("child"), "is not a parameter"),
    "a module that is not below": (lambda t: module(t).get_submodule("child.inner"), "no attribute 'inner'"),
    "a module that is a parameter": (lambda t: module(t).get_submodule("weight"), "is not a module"),
    "a buffer that is a parameter": (lambda t: module(t).get_buffer("weight"), "is not a buffer"),
    "a state of lists": (
        lambda t: t.nn.Linear(1, 1).load_state_dict({"weight": [[1.0]], "bias": [0.0]}), "received list"),
    "a state that is a list": (lambda t: t.nn.Linear(1, 1).load_state_dict([1.0]), "must be a dict"),
    "a state of other names": (lambda t: t.nn.Linear(1, 1).load_state_dict({}), "Missing key(s)"),
    "a module of ints": (lambda t: t.nn.Linear(1, 1).to(t.int64), "only accepts floating point"),
    "training by a number": (lambda t: t.nn.Linear(1, 1).train(1), "expected to be boolean"),
    "a module without forward": (lambda t: module(t)(ones(t, 1)), 'missing the required "forward"'),
    "a backward hook with too many gradients": (lambda t: hooked(t, (ones(t, 1, 2),) * 2), "invalid number"),
    "a pre-hook without keywords": (lambda t: hooked_before(t, ones(t, 1, 2)), "(new_args, new_kwargs)"),
    # containers
    "a list of functions": (lambda t: t.nn.ModuleList([abs]), "as module '0'"),
    "a list that is a module": (lambda t: t.nn.ModuleList(t.nn.ReLU()), "should be called with an iterable"),
    "calling a list": (lambda t: t.nn.ModuleList([])(ones(t, 1)), "forward"),
    "a list beyond its end": (lambda t: t.nn.ModuleList([t.nn.ReLU()])[1], "index 1 is out of range"),
    "a list by name": (lambda t: t.nn.ModuleList([t.nn.ReLU()])["0"], "cannot be interpreted as an integer"),
    "a list's place for a tensor": (
        lambda t: t.nn.ModuleList([t.nn.ReLU()]).__setitem__(0, ones(t, 1)), "as child module '0'"),
    "a sequence by a fraction": (lambda t: pair(t)[0.5], "cannot be interpreted as an integer"),
    "a sequence and a list": (lambda t: pair(t) + [t.nn.ReLU()], "objects of Sequential class"),
    "a sequence a fraction of times": (lambda t: pair(t) * 1.5, "unsupported operand"),
    "a sequence no times": (lambda t: pair(t) * 0, "Non-positive"),
    "a tensor into a sequence": (lambda t: pair(t).insert(0, ones(t, 1)), "should be of type Module"),
    "beyond a sequence": (lambda t: pair(t).insert(5, t.nn.ReLU()), "Index out of range: 5"),
    "a dict of functions": (lambda t: t.nn.ModuleDict({"a": abs}), "as module 'a'"),
    "a dict's key that is not there": (lambda t: t.nn.ModuleDict({})["a"], "a"),
    "a dict's key that is a method": (lambda t: t.nn.ModuleDict({"keys": t.nn.ReLU()}), "already exists"),
    "a dict's key that is a number": (lambda t: t.nn.ModuleDict({1: t.nn.ReLU()}), "should be a string"),
    "a dict of a number": (lambda t: t.nn.ModuleDict(3), "iterable of key/value pairs"),
    "a dict of single things": (lambda t: t.nn.ModuleDict([t.nn.ReLU()]), "#0 should be Iterable"),
    "a dict of triples": (lambda t: t.nn.ModuleDict([("a", t.nn.ReLU(), 1)]), "has length 3"),
    "a parameter list of a tensor": (lambda t: t.nn.ParameterList(ones(t, 2)), "should be called with an iterable"),
    "a parameter list beyond its end": (lambda t: t.nn.ParameterList([ones(t, 2)])[-2], "index -2 is out of range"),
    "calling a parameter list": (lambda t: t.nn.ParameterList([])(), "should not be called"),
}

INITIALIZERS = {
    "the gain of a cosine": (lambda t: t.nn.init.calculate_gain("cosine"), "Unsupported nonlinearity cosine"),
    "the gain of a slope of text": (lambda t: t.nn.init.calculate_gain("leaky_relu", "0.1"), "not a valid number"),
    "the gain of a slope of True": (lambda t: t.nn.init.calculate_gain("leaky_relu", True), "not a valid number"),
    "xavier for a bias": (lambda t: t.nn.init.xavier_normal_(ones(t, 3)), "at least 2 dimensions"),
    "kaiming for a bias": (lambda t: t.nn.init.kaiming_normal_(ones(t, 3)), "at least 2 dimensions"),
    "kaiming by another fan": (lambda t: t.nn.init.kaiming_normal_(ones(t, 3, 3), mode="fan"), "Mode fan"),
    "kaiming before a cosine": (
        lambda t: t.nn.init.kaiming_uniform_(ones(t, 3, 3), nonlinearity="cosine"), "Unsupported nonlinearity"),
    "the identity of a cube": (lambda t: t.nn.init.eye_(ones(t, 2, 2, 2)), "Only tensors with 2 dimensions"),
    "dirac for a matrix": (lambda t: t.nn.init.dirac_(ones(t, 2, 2)), "Only tensors with 3 or 4 or 5"),
    "dirac in groups that do not come out": (
        lambda t: t.nn.init.dirac_(ones(t, 3, 1, 1), groups=2), "divisible by groups"),
    "an orthogonal row": (lambda t: t.nn.init.orthogonal_(ones(t, 3)), "2 or more dimensions"),
    "a sparse cube": (lambda t: t.nn.init.sparse_(ones(t, 2, 2, 2), 0.1), "Only tensors with 2 dimensions"),
    "a standard deviation below 0 in init": (lambda t: t.nn.init.normal_(ones(t, 2), std=-1.0), "std >= 0.0"),
    "uniform from high to low": (lambda t: t.nn.init.uniform_(ones(t, 2), 1.0, 0.0), "[1.0, 0.0)"),
}


def with_gradient(t, *numbers):
    p = t.nn.Parameter(t.zeros(len(numbers)))
    p.grad = t.tensor(numbers)
    return p


HELPERS = {
    "clipping NaN": (
        lambda t: t.nn.utils.clip_grad_norm_(with_gradient(t, 1.0, float("nan")), 1.0, error_if_nonfinite=True),
        "is non-finite"),
    "clipping infinity": (
        lambda t: t.nn.utils.clip_grad_norm_([with_gradient(t, float("inf"))], 1.0, error_if_nonfinite=True),
        "is non-finite"),
    "clipping to a text": (lambda t: t.nn.utils.clip_grad_norm_([with_gradient(t, 1.0)], "one"), "'one'"),
    "a norm of order text": (lambda t: t.nn.utils.get_total_norm([ones(t, 2)], "two"), "'two'"),
    "clipping values to None": (lambda t: t.nn.utils.clip_grad_value_([with_gradient(t, 1.0)], None), "NoneType"),
    "clipping a number": (lambda t: t.nn.utils.clip_grad_norm_(1.0, 1.0), "not iterable"),
    "a row of no parameters": (lambda t: t.nn.utils.parameters_to_vector([]), "non-empty list"),
    "parameters from a list": (lambda t: t.nn.utils.vector_to_parameters([1.0], [ones(t, 1)]), "expected a Tensor"),
    "parameters from too short a row": (
        lambda t: t.nn.utils.vector_to_parameters(ones(t, 3), [ones(t, 2, 2)]), "invalid for input of size 3"),
}



def pad(t, *args, shape=(2, 3), **options):
    return t.nn.functional.pad(ones(t, *shape), *args, **options)


def looked_up(t, *args, **options):
    return t.nn.functional.embedding(t.tensor([0, 1]), ones(t, 2, 3), *args, **options)


VECTORS = {
    "a margin of three numbers": (lambda t: pad(t, (1, 1, 1)), "divisible by 2"),
    "margins of too many dimensions": (lambda t: pad(t, (1, 1) * 3), "padding length 6 and input of dimension 2"),
    "a margin of one number": (lambda t: pad(t, 1), "must be a tuple of ints"),
    "a margin of a fraction": (lambda t: pad(t, (0.5, 1)), "must be a tuple of ints"),
    "a margin that cuts too much": (lambda t: pad(t, (-2, -2)), "negative output size"),
    "a margin of an unknown mode": (lambda t: pad(t, (1, 1), mode="mirror"), "Unrecognised padding mode"),
    "a mirrored margin with a value": (lambda t: pad(t, (1, 1), mode="reflect", value=1.0), "value argument"),
    "a mirrored margin too wide": (lambda t: pad(t, (3, 0), mode="reflect"), "less than the size"),
    "a margin more than once around": (lambda t: pad(t, (4, 0), mode="circular"), "once around"),
    "a mirrored margin of a row": (lambda t: pad(t, (1, 0), mode="reflect", shape=(3,)), "2 or 3 dimensions"),
    "a repeated margin of a matrix": (lambda t: pad(t, (1, 0) * 2, mode="replicate"), "3 or 4 dimensions"),
    "a margin of a list": (lambda t: t.nn.functional.pad([1.0], (1, 1)), "must be a Tensor, not list"),
    "a convolution with an unknown margin": (
        lambda t: t.nn.Conv2d(1, 1, 3, padding_mode="mirror"), "padding_mode must be one of"),
    "the direction of ints": (
        lambda t: t.nn.functional.normalize(t.tensor([[1, 2]])), "must be floating point"),
    "the direction along nothing": (lambda t: t.nn.functional.normalize(ones(t, 3)), "dim 1"),
    "the angle of ints": (
        lambda t: t.nn.functional.cosine_similarity(t.tensor([[1]]), t.tensor([[1]])), "floating point"),
    "the angle of unlike vectors": (
        lambda t: t.nn.functional.cosine_similarity(ones(t, 1, 3), ones(t, 1, 4)), "do not fit together"),
    "the angle along nothing": (lambda t: t.nn.CosineSimilarity(dim=2)(ones(t, 2, 2), ones(t, 2, 2)), "dim 2"),
    "the distance of unlike vectors": (lambda t: t.nn.PairwiseDistance()(ones(t, 1, 3), ones(t, 1, 4)), "(1, 3)"),
    "the distance to a list": (lambda t: t.nn.functional.pairwise_distance(ones(t, 2), [1.0, 1.0]), "must be a Tensor"),
    "a triplet with a margin of 0": (
        lambda t: t.nn.TripletMarginWithDistanceLoss(margin=0.0), "margin must be more than 0"),
    "a triplet by place": (lambda t: t.nn.TripletMarginWithDistanceLoss(None), "positional"),
    "a triplet of unlike kinds": (lambda t: t.nn.TripletMarginWithDistanceLoss()(
        ones(t, 1, 2), ones(t, 2), ones(t, 1, 2)), "same number of dimensions"),
    "sparse gradients": (lambda t: looked_up(t, sparse=True), "no sparse gradients"),
    "a layer of sparse gradients": (lambda t: t.nn.Embedding(2, 3, sparse=True), "no sparse gradients"),
    "a table of another shape": (lambda t: t.nn.Embedding(2, 3, _weight=ones(t, 3, 3)), "does not match"),
    "a table of one row": (lambda t: t.nn.Embedding.from_pretrained(ones(t, 3)), "2-dimensional"),
    "padding beyond the table": (lambda t: t.nn.Embedding(2, 3, padding_idx=2), "within num_embeddings"),
    "padding beyond the given table": (lambda t: looked_up(t, 2), "within num_embeddings"),
}


def walked(t, *shape, hx=None, kind="LSTM", **options):
    return getattr(t.nn, kind)(3, 2, **options)(ones(t, *shape), hx)


RECURRENT = {
    "a cell of nothing": (lambda t: t.nn.LSTMCell(3, -2), "must not be negative"),
    "a cell with a third dimension": (lambda t: t.nn.RNNCell(3, 2)(ones(t, 1, 1, 3)), "1D or 2D, got 3D"),
    "a cell with another input": (lambda t: t.nn.GRUCell(3, 2)(ones(t, 1, 4)), "got 4, expected 3"),
    "a cell with a state of three dimensions": (
        lambda t: t.nn.RNNCell(3, 2)(ones(t, 1, 3), ones(t, 1, 1, 2)), "the states (h) must have 2"),
    "a cell with a state of another size": (
        lambda t: t.nn.RNNCell(3, 2)(ones(t, 4, 3), ones(t, 4, 3)), "Expected hidden size (4, 2) for h"),
    "a cell with a state of another batch": (
        lambda t: t.nn.GRUCell(3, 2)(ones(t, 4, 3), ones(t, 3, 2)), "Expected hidden size (4, 2) for h"),
    "a cell with another nonlinearity": (
        lambda t: t.nn.RNNCell(3, 2, nonlinearity="sin")(ones(t, 1, 3)), "Unknown nonlinearity: sin"),
    "a cell of a list": (lambda t: t.nn.RNNCell(3, 2)([1.0, 2.0, 3.0]), "must be a Tensor"),
    "a network of nothing": (lambda t: t.nn.LSTM(0, 2), "input_size must be greater than zero"),
    "a network of a fraction": (lambda t: t.nn.LSTM(3, 2.0), "hidden_size should be of type int"),
    "a network of no layers": (lambda t: t.nn.GRU(3, 2, num_layers=0), "num_layers must be greater"),
    "a network with much dropout": (lambda t: t.nn.LSTM(3, 2, num_layers=2, dropout=2), "range [0, 1]"),
    "a network with dropout True": (lambda t: t.nn.LSTM(3, 2, num_layers=2, dropout=True), "range [0, 1]"),
    "a network with a bias of 1": (lambda t: t.nn.LSTM(3, 2, bias=1), "bias should be of type bool"),
    "a network with a batch of 1": (lambda t: t.nn.LSTM(3, 2, batch_first=1), "batch_first should be of type bool"),
    "a network with another nonlinearity": (lambda t: t.nn.RNN(3, 2, nonlinearity="sin"), "Unknown nonlinearity 'sin'"),
    "a row into a network": (lambda t: walked(t, 3), "2D or 3D, got 1D"),
    "rows too long into a network": (lambda t: walked(t, 4, 1, 5), "Expected 3, got 5"),
    "no time in a network": (lambda t: walked(t, 0, 1, 3), "sequence length to be larger than 0"),
    "doubles into a network": (
        lambda t: t.nn.LSTM(3, 2)(t.ones(4, 1, 3, dtype=t.float64)), "does not match weight dtype"),
    "a network with a flat state": (
        lambda t: walked(t, 4, 1, 3, hx=(ones(t, 1, 2), ones(t, 1, 2))), "the states (h, c) must have 3"),
    "a network with a deep state": (
        lambda t: walked(t, 4, 3, hx=ones(t, 1, 1, 2), kind="GRU"), "the states (h) must have 2"),
    "a network with a state of another batch": (
        lambda t: walked(t, 4, 1, 3, hx=(ones(t, 1, 2, 2), ones(t, 1, 2, 2))), "Expected hidden size (1, 1, 2) for h"),
    "a network with another cell state": (
        lambda t: walked(t, 4, 1, 3, hx=(ones(t, 1, 1, 2), ones(t, 2, 1, 2))), "for c, got [2, 1, 2]"),
}

BAD_CALLS = {**MODULES, **INITIALIZERS, **HELPERS, **VECTORS, **RECURRENT}
OWN_KIND = {
    "sparse gradients": "NotImplementedError",  # PyTorch has them
    "a layer of sparse gradients": "NotImplementedError",
    "a cell of nothing": "ValueError",  # as for layers
    "a cell of a list": "TypeError",  # PyTorch looks for its dim
}
