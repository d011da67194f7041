"""Calls of losses that must be refused, and a part of the sentence that says why; see `bad_calls.py`."""


def ones(t, *shape):
    return t.ones(*shape)


BAD_CALLS = {
    "huber with a delta of 0": (lambda t: t.nn.HuberLoss(delta=0)(ones(t, 2), ones(t, 2)), "delta must be more than 0"),
    "huber with a delta of text": (
        lambda t: t.nn.HuberLoss(delta="1")(ones(t, 2), ones(t, 2)), "'delta' must be a number, given '1'"),
    "smooth l1 with a negative beta": (
        lambda t: t.nn.SmoothL1Loss(beta=-1.0)(ones(t, 2), ones(t, 2)), "beta must be 0 or more"),
    "mse weighted by another shape": (
        lambda t: t.nn.functional.mse_loss(ones(t, 2), ones(t, 2), weight=ones(t, 3)), "must have the same size"),
    "l1 weighted by a list": (
        lambda t: t.nn.functional.l1_loss(ones(t, 2), ones(t, 2), weight=[1.0, 2.0]), "'weight' must be a Tensor"),
    "bce of a logit": (lambda t: t.nn.BCELoss()(2 * ones(t, 2), ones(t, 2)), "should be between 0 and 1"),
    "bce of NaN": (lambda t: t.nn.BCELoss()(ones(t, 2) * float("nan"), ones(t, 2)), "should be between 0 and 1"),
    "bce of unlike shapes": (
        lambda t: t.nn.BCELoss()(ones(t, 2, 1), ones(t, 2)), "each prediction needs one true value"),
    "logits of unlike shapes": (
        lambda t: t.nn.BCEWithLogitsLoss()(ones(t, 2, 1), ones(t, 2)), "each prediction needs one true value"),
    "logits of a list": (lambda t: t.nn.BCEWithLogitsLoss()([1.0], ones(t, 1)), "argument 'input' must be a Tensor"),
    "a positive weight of a number": (
        lambda t: t.nn.BCEWithLogitsLoss(pos_weight=2.0)(ones(t, 1), ones(t, 1)), "'pos_weight' must be a Tensor"),
    "nll of a class too large": (
        lambda t: t.nn.NLLLoss()(ones(t, 2, 3), t.tensor([0, 3])), "Target 3 is out of bounds"),
    "nll of floats": (lambda t: t.nn.NLLLoss()(ones(t, 2, 3), ones(t, 2)), "expected scalar type Long"),
    "nll of too few classes": (lambda t: t.nn.NLLLoss()(ones(t, 2, 3), t.tensor([0])), "Expected target of shape (2,)"),
    "nll weighted by too few": (
        lambda t: t.nn.NLLLoss(weight=ones(t, 2))(ones(t, 2, 3), t.tensor([0, 1])), "all 3 classes or no classes"),
    "nll of a number": (lambda t: t.nn.NLLLoss()(t.tensor(1.0), t.tensor(0)), "given a scalar"),
    "kl with an unknown reduction": (lambda t: t.nn.functional.kl_div(ones(t, 2), ones(t, 2), reduction="batch"),
        "one of none, mean, sum, batchmean"),
    "a negative variance": (
        lambda t: t.nn.GaussianNLLLoss()(ones(t, 2), ones(t, 2), -ones(t, 2)), "var has negative entries"),
    "a negative variance of a number": (
        lambda t: t.nn.GaussianNLLLoss()(ones(t, 2), ones(t, 2), -1.0), "it has negative entries"),
    "variances of another shape": (
        lambda t: t.nn.GaussianNLLLoss()(ones(t, 4, 2), ones(t, 4, 2), ones(t, 3)), "incorrect size [3]"),
    "ranking of unlike dimensions": (lambda t: t.nn.MarginRankingLoss()(ones(t, 2), ones(t, 2, 1), ones(t, 2)),
        "same number of dimensions"),
    "multi margin with a p of 3": (
        lambda t: t.nn.MultiMarginLoss(p=3)(ones(t, 2, 3), t.tensor([0, 1])), "p must be 1 or 2"),
    "multi margin of a column": (
        lambda t: t.nn.MultiMarginLoss()(ones(t, 2, 3), t.tensor([[0], [1]])), "inconsistent target size [2, 1]"),
    "multi margin of a class too large": (
        lambda t: t.nn.MultiMarginLoss()(ones(t, 2, 3), t.tensor([0, 3])), "Target 3 is out of bounds"),
    "multi label margin of unlike shapes": (
        lambda t: t.nn.MultiLabelMarginLoss()(ones(t, 2, 3), t.tensor([[0, 1], [1, 0]])), "inconsistent target size"),
    "multi label margin of a class too large": (
        lambda t: t.nn.MultiLabelMarginLoss()(ones(t, 1, 2), t.tensor([[2, -1]])), "Target 2 is out of bounds"),
    "a triplet without a margin": (
        lambda t: t.nn.TripletMarginLoss(margin=0)(*[ones(t, 1, 2)] * 3), "margin must be more than 0"),
    "a triplet of unlike dimensions": (
        lambda t: t.nn.TripletMarginLoss()(ones(t, 1, 2), ones(t, 2), ones(t, 1, 2)), "same number of dimensions"),
    "cosines of too many targets": (
        lambda t: t.nn.CosineEmbeddingLoss()(ones(t, 2), ones(t, 2), ones(t, 2)), "a target ()"),
    "an option that a loss has not": (lambda t: t.nn.MSELoss(delta=1.0), "unexpected keyword argument 'delta'"),
    "a loss without its target": (lambda t: t.nn.L1Loss()(ones(t, 2)), "target"),
    "ctc of a blank too large": (lambda t: ctc(t, blank=3), "must be in label range 0 to 2"),
    "ctc of too long an input": (lambda t: ctc(t, times=(5,)), "from 0 to 4"),
    "ctc of too long a target": (lambda t: ctc(t, lengths=(2,)), "from 0 to 1"),
    "ctc of lengths that are floats": (lambda t: ctc(t, times=t.tensor([4.0])), "input_lengths must be integers"),
    "ctc of too many lengths": (lambda t: ctc(t, times=(4, 4)), "one length for each of the 1 rows"),
    "ctc of targets that are floats": (lambda t: ctc(t, targets=[[1.0]]), "targets are integers"),
}  # fmt: skip


def ctc(t, targets=((1,),), times=(4,), lengths=(1,), **options):
    return t.nn.CTCLoss(**options)(ones(t, 4, 1, 3), t.tensor(targets), times, lengths)


OWN_KIND = {
    "l1 weighted by a list": "TypeError",  # PyTorch looks for its size
    "logits of a list": "TypeError",
    "nll of a number": "RuntimeError",  # as for cross-entropy
    "ctc of targets that are floats": "RuntimeError",  # PyTorch takes them
}
