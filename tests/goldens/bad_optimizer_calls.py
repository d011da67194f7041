"""Optimisers that must be refused, and a part of the sentence that says why."""


def make(name, *shape, **options):
    return lambda t: getattr(t.optim, name)([t.ones(*(shape or (2,)), requires_grad=True)], **options)


def minimised(t, **options):
    """Two steps, since some options are looked at only there."""
    x = t.ones(2, requires_grad=True)
    optimizer = t.optim.LBFGS([x], **options)

    def closure():
        optimizer.zero_grad()
        loss = (x**4).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    optimizer.step(closure)


def stepped(t, **options):
    p = t.ones(2, 2, requires_grad=True)
    p.grad = t.ones(2, 2)
    t.optim.Muon([p], **options).step()


def taken(t, name, **options):
    """One step."""
    p = t.ones(2, requires_grad=True)
    p.grad = t.ones(2)
    getattr(t.optim, name)([p], **options).step()


def groups(t):
    return [{"params": [t.ones(1, requires_grad=True)]}, {"params": [t.ones(1, requires_grad=True)]}]


BAD_CALLS = {
    "Rprop with a rate below 0": (make("Rprop", lr=-1.0), "Invalid learning rate: -1.0"),
    "Rprop that never slows": (make("Rprop", etas=(1.0, 1.2)), "1.0, 1.2; the first must lie in (0, 1)"),
    "Rprop that never hurries": (make("Rprop", etas=(0.5, 1.0)), "the second above 1"),
    "ASGD with a rate below 0": (make("ASGD", lr=-1.0), "Invalid learning rate: -1.0"),
    "Rprop with a word for a step": (lambda t: taken(t, "Rprop", step_sizes=("s", 50)), "step_sizes must be a number"),
    "ASGD with a word for λ": (lambda t: taken(t, "ASGD", lambd="small"), "lambd must be a number, given 'small'"),
    "ASGD with a word for t0": (lambda t: taken(t, "ASGD", t0="soon"), "t0 must be a number, given 'soon'"),
    "ASGD with a decay below 0": (make("ASGD", weight_decay=-1.0), "Invalid weight_decay value: -1.0"),
    "Adafactor with a rate below 0": (make("Adafactor", lr=-1.0), "Invalid learning rate: -1.0"),
    "Adafactor that forgets ever faster": (make("Adafactor", beta2_decay=0.1), "Invalid beta2_decay value: 0.1"),
    "Adafactor with a first epsilon below 0": (make("Adafactor", eps=(-1.0, 0.1)), "Invalid epsilon value: -1.0"),
    "Adafactor with a second epsilon below 0": (make("Adafactor", eps=(None, -1.0)), "Invalid epsilon value: -1.0"),
    "Adafactor with one epsilon": (make("Adafactor", eps=1e-3), "epsilon"),
    "Adafactor that clips below 1": (make("Adafactor", d=0.5), "threshold d: 0.5; it must be at least 1"),
    "Adafactor with a decay below 0": (make("Adafactor", weight_decay=-1.0), "Invalid weight_decay value"),
    "Muon of a vector": (make("Muon"), "found a parameter with size: [2]; give biases and the like"),
    "Muon with a rate below 0": (make("Muon", 2, 2, lr=-1.0), "Invalid learning rate"),
    "Muon with momentum below 0": (make("Muon", 2, 2, momentum=-1.0), "Invalid momentum value"),
    "Muon with a decay below 0": (make("Muon", 2, 2, weight_decay=-1.0), "Invalid weight_decay value"),
    "Muon with a rate of its own": (make("Muon", 2, 2, adjust_lr_fn="mine"), "'original' and 'match_rms_adamw'"),
    "Muon with two coefficients": (lambda t: stepped(t, ns_coefficients=(1.0, 2.0)), "exactly 3 values"),
    "Muon with many steps": (lambda t: stepped(t, ns_steps=100), "less than 100, given 100"),
    "LBFGS with a rate below 0": (make("LBFGS", lr=-1.0), "Invalid learning rate"),
    "LBFGS in groups": (lambda t: t.optim.LBFGS(groups(t)), "give it one list"),
    "LBFGS without a closure": (lambda t: make("LBFGS")(t).step(), "closure"),
    "LBFGS with another line search": (lambda t: minimised(t, line_search_fn="armijo"), "given 'armijo'"),
    "LBFGS without a memory": (lambda t: minimised(t, history_size=0), "history_size must be at least 1"),
}  # fmt: skip
OWN_KIND = {
    "LBFGS without a memory": "ValueError",  # PyTorch stumbles over its empty list
}
