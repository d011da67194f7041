"""Jacobians, Hessians, functions of functions and averages of weights that must be refused."""


def f(t):
    return t.autograd.functional


def ones(t, *shape):
    return t.ones(*shape)


def square(x):
    return x**2


def total(x):
    return (x**2).sum()


def first(x, y):
    return (x**2).sum()


def constant(t):
    return lambda x: t.ones(2)


def plane(x):
    return 2 * x.sum()


def pair(t):
    return ones(t, 2), ones(t, 3)


def linear(t):
    return t.nn.Linear(2, 1)


def call(t, *args, **options):
    return t.func.functional_call(linear(t), *args, **options)


def sgd(t):
    return t.optim.SGD([t.ones(2, requires_grad=True)], lr=0.1)


def swa(t):
    return t.optim.swa_utils


BAD_CALLS = {
    # autograd.functional
    "the Jacobian at a list": (lambda t: f(t).jacobian(square, [1.0]),
        "must be a Tensor or a tuple of Tensors, given list"),
    "the Jacobian at a tuple with a number": (lambda t: f(t).jacobian(first, (ones(t, 2), 1.0)),
        "given float at index 1"),
    "the Jacobian of a function of numbers": (lambda t: f(t).jacobian(lambda x: 1.0, ones(t, 2)),
        "outputs of the function"),
    "the Jacobian of a list": (lambda t: f(t).jacobian(lambda x: [x], ones(t, 2)), "given list"),
    "the Jacobian at ints": (lambda t: f(t).jacobian(square, t.tensor([1, 2])), "floating point"),
    "the Jacobian sideways": (lambda t: f(t).jacobian(square, ones(t, 2), strategy="sideways"), "given 'sideways'"),
    "a vector of another shape": (lambda t: f(t).vjp(square, ones(t, 2), ones(t, 3)), "should be [2] but got [3]"),
    "two vectors for one output": (lambda t: f(t).vjp(square, ones(t, 2), pair(t)),
        "should be [2] but got [2] and [3]"),
    "a vector that is a number": (lambda t: f(t).vjp(square, ones(t, 2), 1.0), "v must be a Tensor"),
    "no vector for two numbers": (lambda t: f(t).vjp(square, ones(t, 2)), "give a v of shape [2]"),
    "no direction for two numbers": (lambda t: f(t).jvp(square, ones(t, 2)), "give a v of shape [2]"),
    "a direction of another shape": (lambda t: f(t).jvp(first, pair(t), (ones(t, 2), ones(t, 2))),
        "should be [2] and [3] but got [2] and [2]"),
    "the Hessian of two numbers": (lambda t: f(t).hessian(square, ones(t, 2)), "it returned a tensor of shape [2]"),
    "the Hessian of a pair": (lambda t: f(t).hessian(lambda x: (x.sum(), x), ones(t, 2)), "it returned tuple"),
    "the Hessian sideways": (lambda t: f(t).hessian(total, ones(t, 2), outer_jacobian_strategy="sideways"),
        "given 'sideways'"),
    "vhp of two numbers": (lambda t: f(t).vhp(square, ones(t, 2), ones(t, 2)), "should contain a single element"),
    "hvp of two numbers": (lambda t: f(t).hvp(square, ones(t, 2), ones(t, 2)), "should contain a single element"),
    "hvp without a direction": (lambda t: f(t).hvp(total, ones(t, 2)), "give a v of shape [2]"),
    "strict vjp of a constant": (lambda t: f(t).vjp(constant(t), ones(t, 2), ones(t, 2), strict=True), "is a constant"),
    "strict vjp of one of two": (lambda t: f(t).vjp(first, pair(t), strict=True), "independent of input 1"),
    "strict jvp of one of two": (lambda t: f(t).jvp(first, pair(t), pair(t), strict=True), "independent of input 1"),
    "strict Jacobian of one of two": (lambda t: f(t).jacobian(first, pair(t), strict=True), "independent of input 1"),
    "strict Jacobian of a plane": (lambda t: f(t).jacobian(plane, ones(t, 2), create_graph=True, strict=True),
        "the derivative is a constant"),
    "strict Hessian of a plane": (lambda t: f(t).hessian(plane, ones(t, 2), strict=True),
        "the derivative is a constant"),
    "strict Hessian of one of two": (lambda t: f(t).hessian(first, pair(t), strict=True), "independent of input 1"),
    "strict vhp of a plane": (lambda t: f(t).vhp(plane, ones(t, 2), ones(t, 2), strict=True), "strict mode"),
    "strict hvp of a plane": (lambda t: f(t).hvp(plane, ones(t, 2), ones(t, 2), strict=True), "strict mode"),
    # func
    "grad of two numbers": (lambda t: t.func.grad(square)(ones(t, 2)), "ask jacrev"),
    "grad of a float": (lambda t: t.func.grad(lambda x: 1.0)(ones(t, 2)), "to return a Tensor, got float"),
    "grad by a float": (lambda t: t.func.grad(square)(1.0), "must be Tensor, got float"),
    "grad by ints": (lambda t: t.func.grad(total)(t.tensor([1, 2])), "floating point"),
    "grad by an argument that is not there": (lambda t: t.func.grad(total, 1)(ones(t, 2)), "only 1 positional inputs"),
    "grad by an argument's name": (lambda t: t.func.grad(total, "x")(ones(t, 2)), "argnums must be int"),
    "grad by nothing": (lambda t: t.func.grad(total, ())(ones(t, 2)), "non-empty"),
    "grad by one argument twice": (lambda t: t.func.grad(first, (0, 0))(*pair(t)), "unique"),
    "grad with nothing beside": (lambda t: t.func.grad(total, has_aux=True)(ones(t, 2)),
        "should be a tuple: (output, aux)"),
    "jacrev of a float": (lambda t: t.func.jacrev(lambda x: 1.0)(ones(t, 2)), "only tensors"),
    "jacrev of ints": (lambda t: t.func.jacrev(lambda x: x.long())(ones(t, 2)), "course.int64"),
    "jacrev in chunks of nothing": (lambda t: t.func.jacrev(square, chunk_size=0), "greater than 0"),
    "vjp with a v of another shape": (lambda t: t.func.vjp(square, ones(t, 2))[1](ones(t, 3)), "[2]; given [3]"),
    "vjp with two for one": (lambda t: t.func.vjp(square, ones(t, 2))[1](pair(t)), "[2]; given ([2], [3])"),
    "vjp with one for two": (lambda t: t.func.vjp(lambda x: (x, x), ones(t, 2))[1](ones(t, 2)),
        "([2], [2]); given [2]"),
    "vjp of a float": (lambda t: t.func.vjp(lambda x: 1.0, ones(t, 2)), "only tensors"),
    "vjp at a float": (lambda t: t.func.vjp(square, 1.0), "must be Tensor, got float"),
    "jvp at a tensor": (lambda t: t.func.jvp(square, ones(t, 2), ones(t, 2)), "write (x,) for one argument"),
    "jvp in a direction too many": (lambda t: t.func.jvp(square, (ones(t, 2),), pair(t)), "([2],); given ([2], [3])"),
    "jvp at a float": (lambda t: t.func.jvp(square, (1.0,), (1.0,)), "given ('float',)"),
    "strict jvp of a constant": (lambda t: t.func.jvp(constant(t), (ones(t, 2),), (ones(t, 2),), strict=True),
        "independent of output 0"),
    "jacfwd of a float": (lambda t: t.func.jacfwd(lambda x: 1.0)(ones(t, 2)), "only tensors"),
    "a module's parameters in a set": (lambda t: call(t, {1}, ones(t, 2)), "to be a dict"),
    "a module's parameters in lists": (lambda t: call(t, [[1]], ones(t, 2)), "to be dictionaries"),
    "a parameter in two dicts": (lambda t: call(t, ({"bias": ones(t, 1)}, {"bias": ones(t, 1)}), ones(t, 2)),
        "['bias']"),
    "a parameter that is missing": (lambda t: call(t, {"bias": ones(t, 1)}, ones(t, 2), strict=True),
        "Missing key 'weight'"),
    "a parameter under another name": (lambda t: call(t, {"wieght": ones(t, 1, 2)}, ones(t, 2)),
        "did you mean weight?"),
    "a parameter of a part that is not there": (lambda t: call(t, {"0.weight": ones(t, 1, 2)}, ones(t, 2)),
        "'0.weight'"),
    "a parameter that is a number": (lambda t: call(t, {"bias": 1.0}, ones(t, 2)), "must be a Tensor, not float"),
    "the state of no models": (lambda t: t.func.stack_module_state([]), "at least one model"),
    "the state of unlike models": (lambda t: t.func.stack_module_state([linear(t), t.nn.ReLU()]), "given Linear, ReLU"),
    "the state in unlike modes": (lambda t: t.func.stack_module_state([linear(t), linear(t).eval()]), "training/eval"),
    "the state of models of which one is frozen": (
        lambda t: t.func.stack_module_state([linear(t), linear(t).requires_grad_(False)]), "the same .requires_grad"),
    "vmap of unlike sizes": (lambda t: t.vmap(first)(*pair(t)), "sizes [2, 3]"),
    "vmap of a number": (lambda t: t.vmap(square)(1.0), "give None for what all samples share"),
    "vmap of nothing": (lambda t: t.vmap(square)(), "at least one tensor"),
    "vmap of what all share": (lambda t: t.vmap(square, in_dims=None)(ones(t, 2)), "at least one tensor"),
    "vmap along a dimension that is not there": (lambda t: t.vmap(square, in_dims=1)(ones(t, 2)), "of shape [2]"),
    "vmap with too many dimensions": (lambda t: t.vmap(square, in_dims=(0, 0))(ones(t, 2)), "not compatible"),
    "vmap that returns numbers": (lambda t: t.vmap(lambda x: 1.0)(ones(t, 2)),
        "must only return Tensors, got type float"),
    "vmap with other randomness": (lambda t: t.vmap(square, randomness="none")(ones(t, 2)), "given 'none'"),
    "vmap in chunks of nothing": (lambda t: t.vmap(square, chunk_size=0)(ones(t, 2)), "greater than 0"),
    # swa_utils
    "a decay above 1": (lambda t: swa(t).get_ema_avg_fn(1.5), "Invalid decay value 1.5"),
    "a decay below 0": (lambda t: swa(t).get_ema_multi_avg_fn(-0.1), "Invalid decay value -0.1"),
    "two averages at once": (lambda t: swa(t).AveragedModel(linear(t), avg_fn=max, multi_avg_fn=max), "Only one of"),
    "the average of another model": (lambda t: swa(t).AveragedModel(linear(t)).update_parameters(t.nn.Linear(3, 1)),
        "shape"),
    "SWALR by another way": (lambda t: swa(t).SWALR(sgd(t), 0.1, anneal_strategy="steps"), "instead got steps"),
    "SWALR in less than no time": (lambda t: swa(t).SWALR(sgd(t), 0.1, anneal_epochs=-1), "got -1"),
    "SWALR in half an epoch": (lambda t: swa(t).SWALR(sgd(t), 0.1, anneal_epochs=0.5), "got 0.5"),
    "SWALR with a rate too many": (lambda t: swa(t).SWALR(sgd(t), [0.1, 0.2]), "swa_lr"),
    "SWALR of no optimiser": (lambda t: swa(t).SWALR(linear(t), 0.1), "param_groups"),
}  # fmt: skip
OWN_KIND = {
    "a parameter under another name": "RuntimeError",  # PyTorch lets it pass and computes with its own weight
    "a parameter of a part that is not there": "RuntimeError",  # as for any other name
}
