"""Parametrizations that must be refused, and a part of the sentence that says why."""

import pickle


def module(t, forward, **members):
    """A parametrization of one's own."""
    return type("Own", (t.nn.Module,), {"forward": lambda self, x: forward(x), **members})()


def registered(t, forward, name="weight", layer=None, **members):
    layer = layer or t.nn.Linear(2, 3)
    return t.nn.utils.parametrize.register_parametrization(layer, name, module(t, forward, **members))


def back(function):
    return {"right_inverse": lambda self, x: function(x)}


def removed(t, layer, **options):
    return t.nn.utils.parametrize.remove_parametrizations(layer, "weight", **options)


def norms(t):
    return t.nn.utils.parametrizations


def same(x):
    return x * 1


BAD_CALLS = {
    "a parametrization of what is not there": (lambda t: registered(t, same, "wieght"), "with name 'wieght'"),
    "a parametrization of a number": (lambda t: registered(t, same, "in_features"), "with name 'in_features'"),
    "a parametrization that gives a number": (lambda t: registered(t, lambda x: 1.0),
        "must return a tensor. Got float"),
    "a parametrization to another shape": (lambda t: registered(t, lambda x: x.T), "[3, 2] became"),
    "a parametrization to another type": (lambda t: registered(t, lambda x: x.double()), "became course.float64"),
    "a second one to another shape": (lambda t: registered(t, lambda x: x.T, layer=registered(t, same)),
        "[3, 2] became"),
    "a second one that gives a number": (lambda t: registered(t, lambda x: 1.0, layer=registered(t, same)),
        "Got float"),
    "a second one back to another type": (
        lambda t: registered(t, same, layer=registered(t, same), **back(lambda x: x.double())),
        "right_inverse may not"),
    "a way back to a number": (lambda t: registered(t, same, **back(lambda x: 1.0)), "Got float"),
    "a way back to numbers": (lambda t: registered(t, same, **back(lambda x: [1.0])), "Got list"),
    "a way back to another type": (lambda t: registered(t, same, **back(lambda x: x.double())),
        "may not change the dtype"),
    "a weight without a way back": (lambda t: setattr(registered(t, same), "weight", t.ones(3, 2)),
        "does not implement right_inverse"),
    "removing what is not there": (lambda t: removed(t, t.nn.Linear(2, 3)),
        "does not have a parametrization on weight"),
    "leaving two originals": (lambda t: removed(t, norms(t).weight_norm(t.nn.Linear(2, 3)), leave_parametrized=False),
        "a sequence of tensors"),
    "a parametrized module in a file": (lambda t: pickle.dumps(registered(t, same)),
        "only supported through state_dict()"),
    "weight norm of what is not there": (lambda t: norms(t).weight_norm(t.nn.Linear(2, 3), "w"), "with name 'w'"),
    "spectral norm of what is not there": (lambda t: norms(t).spectral_norm(t.nn.Linear(2, 3), "w"), "with name 'w'"),
    "spectral norm along what is not there": (lambda t: norms(t).spectral_norm(t.nn.Linear(2, 3), dim=2), "[-2, 1]"),
    "spectral norm without iterations": (
        lambda t: norms(t).spectral_norm(t.nn.Linear(2, 3), n_power_iterations=0), "to be positive"),
    "two weight norms by a hook": (lambda t: t.nn.utils.weight_norm(t.nn.utils.weight_norm(t.nn.Linear(2, 3))), "two"),
    "two spectral norms by a hook": (lambda t: t.nn.utils.spectral_norm(t.nn.utils.spectral_norm(t.nn.Linear(2, 3))),
        "Cannot register two spectral_norm hooks on the same parameter weight"),
    "spectral norm by a hook of what is not there": (lambda t: t.nn.utils.spectral_norm(t.nn.Linear(2, 3), "w"),
        "Linear has no parameter 'w'"),
    "weight norm by a hook of what is not there": (lambda t: t.nn.utils.weight_norm(t.nn.Linear(2, 3), "w"),
        "Linear has no parameter 'w'"),
    "spectral norm by a hook without iterations": (
        lambda t: t.nn.utils.spectral_norm(t.nn.Linear(2, 3), n_power_iterations=0), "to be positive"),
    "removing a weight norm that is not there": (lambda t: t.nn.utils.remove_weight_norm(t.nn.Linear(2, 3)),
        "weight_norm of 'weight' not found"),
    "removing a spectral norm that is not there": (lambda t: t.nn.utils.remove_spectral_norm(t.nn.Linear(2, 3)),
        "spectral_norm of 'weight' not found"),
}  # fmt: skip
OWN_KIND = {
    "weight norm by a hook of what is not there": "KeyError",  # as PyTorch for spectral_norm
}
