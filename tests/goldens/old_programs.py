"""What programs from before PyTorch 1.0 write, and those that were taught from them."""

import warnings

import numpy as np

from .families import Cases

case = CASES = Cases()


@case
def constructors_take_what_they_are_given(torch):
    doubles, singles, whole = np.array([1.5, 2.0]), np.array([1.5, 2.0], np.float32), np.array([[1, 2]])
    shared, copied = torch.Tensor(singles, device="cpu"), torch.Tensor(doubles)
    with torch.no_grad():
        shared[0], copied[0] = 7.0, 8.0
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    (torch.Tensor(x) * 3).sum().backward()
    return {
        "arrays": [shared, copied, torch.Tensor(whole), torch.FloatTensor(doubles), torch.LongTensor(singles)],
        "memory": [singles, doubles], "ranges": [torch.Tensor(range(3)), torch.LongTensor(range(2))],
        "tensors": [torch.Tensor(torch.tensor([1, 2])), torch.LongTensor(torch.tensor([3])), x.grad],
        "lists": [torch.Tensor([torch.tensor(1.0), torch.tensor([2.0])]), torch.Tensor([np.float64(2)]),
                  torch.tensor([torch.tensor([1]), torch.tensor(2)])],
        "shapes": [list(t.shape) for t in (torch.Tensor(2, 3), torch.Tensor(torch.Size([2])), torch.Tensor(np.int64(2)),
                                           torch.Tensor(), torch.DoubleTensor(1, 2), x.new(3, 1), x.new(x.size()))],
        "new": [x.new([1]), x.new(doubles), x.long().new([1.5]), x.new_tensor([1, 2]),
                x.new_tensor([1], dtype=torch.int64)],
        "small": [torch.CharTensor([1, -2]), torch.ShortTensor([300])],
    }  # fmt: skip


@case
def old_types_have_instances(torch):
    x = torch.zeros(1)
    parameter = torch.nn.Parameter(x)
    here, elsewhere = (torch.cuda, torch) if x.is_cuda else (torch, torch.cuda)
    return {"floats": [str(isinstance(y, here.FloatTensor)) for y in (x, x.long(), parameter, x.double(), 1)],
            "longs": [str(isinstance(y, here.LongTensor)) for y in (x, x.long())],
            "elsewhere": str(isinstance(x, elsewhere.FloatTensor)), "converted": x.type(here.LongTensor),
            "types": [str(torch.FloatTensor.dtype), str(torch.cuda.LongTensor.dtype)]}


@case
def default_types(torch):
    try:
        torch.set_default_tensor_type(torch.DoubleTensor)
        made = [torch.Tensor([1, 2]), torch.ones(2), torch.FloatTensor([1])]
    finally:
        torch.set_default_tensor_type("torch.FloatTensor")
    return {"made": made, "after": torch.ones(1)}


@case
def losses_reduced_in_the_old_way(torch):
    F, nn = torch.nn.functional, torch.nn
    x, y, k = torch.tensor([[0.2, 0.9], [0.6, 0.1]]), torch.tensor([[0.0, 1.0], [1.0, 1.0]]), torch.tensor([1, 0])
    given = [{}, {"size_average": False}, {"size_average": True}, {"reduce": False},
             {"size_average": False, "reduce": True}, {"size_average": False, "reduction": "mean"}]
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        found = {
            "mse": [F.mse_loss(x, y, **g) for g in given], "cross entropy": [F.cross_entropy(x, k, **g) for g in given],
            "functions": [f(x, y, size_average=False) for f in (F.l1_loss, F.smooth_l1_loss, F.binary_cross_entropy,
                          F.binary_cross_entropy_with_logits, F.kl_div, F.poisson_nll_loss, F.hinge_embedding_loss)],
            "likelihood": F.nll_loss(x, k, size_average=False),
            "modules": [nn.MSELoss(size_average=False)(x, y), nn.CrossEntropyLoss(reduce=False)(x, k),
                        nn.BCELoss(size_average=True)(x, y)],
        }  # fmt: skip
    return found | {"told": [str(w.message) for w in told]}


@case
def steps_of_old_optimizers(torch):
    """The factor stood before the tensor."""
    p, g = torch.tensor([1.0, 2.0]), torch.tensor([10.0, 20.0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mean = torch.zeros(2).mul_(0.9).add_(1 - 0.9, g)
        square = torch.zeros(2).mul_(0.99).addcmul_(1 - 0.99, g, g)
        return {"mean": mean, "square": square, "step": p.clone().addcdiv_(-0.1, mean, square.sqrt() + 1e-8),
                "functions": [torch.add(p, 2, g), torch.sub(p, 2, g), torch.addcmul(p, 2, g, g),
                              torch.addcdiv(p, 2, g, p), p.clone().sub_(0.5, g)],
                "new": [torch.add(p, g, alpha=2.5), p.sub(g, alpha=1), torch.addcdiv(p, g, p, value=-1)]}


@case
def shapes_changed_in_place(torch):
    x, turned = torch.arange(6.0).reshape(2, 3), torch.arange(6.0).reshape(2, 3).t()
    same = x.resize_(3, 2)
    y = torch.arange(4.0)
    less, row = y.resize_(2, 1).clone(), x[1]
    x.unsqueeze_(0)
    return {"x": x, "view": row + 1, "same": str(same is x), "turned": turned.resize_(6), "less": less,
            "back": y.resize_((4,)), "grown": torch.ones(2).resize_(2, 2)[:1], "like": torch.ones(6).resize_as_(x),
            "shape": list(torch.ones(2).resize_(5, 3).shape), "part": torch.arange(6.0)[2:].resize_(2, 2)}
