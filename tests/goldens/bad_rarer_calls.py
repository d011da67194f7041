"""Calls of rarer layers, and of what stands around a program, that must be refused, and a part of what is said."""

from .bad_layer_calls import F, ones


def bag(t, *numbers, **options):
    return t.nn.functional.embedding_bag(t.tensor(*numbers[:1]), ones(t, 4, 2), *map(t.tensor, numbers[1:]), **options)


def unpooled(t, at, *shape, **options):
    return t.nn.functional.max_unpool2d(ones(t, *shape), at, 2, **options)


def look(t, image, grid, **options):
    return F(t, "grid_sample", image, grid, align_corners=False, **options)


def compared(t, *pair, **options):
    return t.testing.assert_close(*pair, **options)


LAYERS = {
    "a leak from above to below": (
        lambda t: F(t, "rrelu", (2,), lower=0.5, upper=0.1, training=True), "less than or equal to the upper bound"),
    "shrinking outwards": (lambda t: F(t, "softshrink", (2,), lambd=-1.0), "greater or equal to 0"),
    "shrinking integers": (lambda t: t.nn.functional.hardshrink(t.tensor([1])), "floating point"),
    "shrinking a list": (lambda t: t.nn.functional.softshrink([1.0]), "must be a Tensor"),
    "shares of a row of channels": (lambda t: t.nn.Softmax2d()(ones(t, 2, 3)), "got 2D instead"),
    "dropping channels of a row": (lambda t: t.nn.Dropout1d()(ones(t, 3)), "Expected 2D or 3D input"),
    "dropping with a chance of 2": (lambda t: F(t, "alpha_dropout", (2,), p=2.0), "between 0 and 1"),
    "dropping the features of a row": (
        lambda t: F(t, "feature_alpha_dropout", (2,), training=True), "at least 2 dimensions"),
    "responses of rows": (lambda t: F(t, "local_response_norm", (2, 3), size=2), "3D or higher"),
    "channels that are not dealt out evenly": (lambda t: F(t, "channel_shuffle", (1, 3, 2, 2), groups=2), "divisible"),
    "channels of a row dealt out": (lambda t: F(t, "channel_shuffle", (1, 2), groups=2), "> 2 dims"),
    "channels dealt out to nobody": (lambda t: F(t, "channel_shuffle", (1, 2, 2), groups=0), "must be positive"),
    # bags
    "bags of integers": (lambda t: t.nn.functional.embedding_bag(t.tensor([[0]]), ones(t, 4)), "2D Tensor"),
    "bags of floats": (lambda t: bag(t, [[0.0]]), "Long or Int"),
    "bags beyond the table": (lambda t: bag(t, [[4]]), "rows 0 to 3"),
    "bags of a cube": (lambda t: bag(t, [[[0]]]), "1D or 2D"),
    "bags that begin nowhere": (lambda t: bag(t, [0, 1]), "where in a one-dimensional input each bag begins"),
    "bags that begin twice": (lambda t: bag(t, [[0, 1]], [0]), "offsets has to be None"),
    "bags in a square": (lambda t: bag(t, [0, 1], [[0]]), "1D Tensor"),
    "bags that begin late": (lambda t: bag(t, [0, 1], [1]), "offsets[0] has to be 0"),
    "bags that begin behind the end": (lambda t: bag(t, [0, 1], [0, 3]), "can not be greater"),
    "bags of another kind": (lambda t: bag(t, [[0]], mode="median"), "one of sum, mean or max"),
    "weights of other bags": (
        lambda t: bag(t, [[0, 1]], mode="sum", per_sample_weights=ones(t, 2)), "must have the same shape"),
    "weights of a mean": (
        lambda t: bag(t, [[0, 1]], per_sample_weights=ones(t, 1, 2)), "only supported for mode='sum'"),
    "weights of another type": (
        lambda t: bag(t, [[0, 1]], mode="sum", per_sample_weights=ones(t, 1, 2).double()), "of the type of weight"),
    "shares of the largest": (lambda t: bag(t, [[0]], mode="max", scale_grad_by_freq=True), "does not support scaling"),
    "bags with padding beyond": (lambda t: bag(t, [[0]], padding_idx=4), "padding_idx must be within"),
    "a layer of bags with padding beyond": (lambda t: t.nn.EmbeddingBag(3, 2, padding_idx=3), "must be within"),
    "a layer of bags from a row": (lambda t: t.nn.EmbeddingBag.from_pretrained(ones(t, 3)), "2-dimensional"),
    # pooling
    "a norm of windows that do not fit": (
        lambda t: F(t, "lp_pool2d", (1, 1, 2, 2), norm_type=2, kernel_size=3), "does not fit"),
    "unpooling at floats": (lambda t: unpooled(t, ones(t, 1, 1, 1, 1), 1, 1, 1, 1), "int64"),
    "unpooling at other places": (lambda t: unpooled(t, t.tensor([[0]]), 1, 1, 1, 1), "same as that of the input"),
    "unpooling beyond the image": (lambda t: unpooled(t, t.tensor([[[[9]]]]), 1, 1, 1, 1), "index 9 is out of bounds"),
    "unpooling a row to an image": (lambda t: unpooled(t, t.tensor([0]), 1), "3D or 4D"),
    "unpooling to a size out of reach": (
        lambda t: unpooled(t, t.tensor([[[[0]]]]), 1, 1, 1, 1, output_size=(5, 2)), "must be between 0 and 4"),
    "unpooling to a size of three": (
        lambda t: unpooled(t, t.tensor([[[[0]]]]), 1, 1, 1, 1, output_size=(1, 2, 2)), "2 or 4 elements"),
    # spatial transformers
    "a grid of three numbers": (lambda t: look(t, (1, 1, 2, 2), (1, 2, 2, 3)), "(images, H, W, 2)"),
    "a grid of other images": (lambda t: look(t, (1, 1, 2, 2), (2, 2, 2, 2)), "same batch size"),
    "a grid of another type": (
        lambda t: t.nn.functional.grid_sample(ones(t, 1, 1, 2, 2), ones(t, 1, 2, 2, 2).double(), align_corners=True),
        "floats of the same type"),
    "a grid of an image without pixels": (lambda t: look(t, (1, 1, 0, 2), (1, 2, 2, 2)), "non-empty"),
    "a grid in another mode": (lambda t: look(t, (1, 1, 2, 2), (1, 2, 2, 2), mode="cubic"), "expected mode"),
    "a grid with a mirror": (lambda t: look(t, (1, 1, 2, 2), (1, 2, 2, 2), padding_mode="mirror"), "padding_mode"),
    "turned by another matrix": (
        lambda t: F(t, "affine_grid", (1, 2, 2), size=(1, 1, 2, 2), align_corners=True), "Nx2x3"),
    "turned to nothing": (
        lambda t: F(t, "affine_grid", (1, 2, 3), size=(1, 1, 0, 2), align_corners=True), "positive output size"),
    "turned by integers": (
        lambda t: t.nn.functional.affine_grid(t.tensor([[[1, 0, 0], [0, 1, 0]]]), (1, 1, 2, 2), align_corners=True),
        "floating point type"),
    "turned as a row": (lambda t: F(t, "affine_grid", (1, 2, 3), size=(1, 2), align_corners=True), "turns images"),
    "turned one for two": (
        lambda t: F(t, "affine_grid", (1, 2, 3), size=(2, 1, 2, 2), align_corners=True), "one matrix for each"),
    "parts of a softmax that do not ascend": (
        lambda t: t.nn.AdaptiveLogSoftmaxWithLoss(4, 6, [3, 2]), "between 1 and n_classes-1"),
    "parts of a softmax for other rows": (
        lambda t: t.nn.AdaptiveLogSoftmaxWithLoss(4, 6, [3])(ones(t, 2, 4), t.tensor([1])), "same size in the batch"),
    "parts of a softmax without that class": (
        lambda t: t.nn.AdaptiveLogSoftmaxWithLoss(4, 6, [3])(ones(t, 1, 4), t.tensor([6])), "should be in [0, 5]"),
    # containers
    "a parameter under a number": (lambda t: t.nn.ParameterDict().__setitem__(3, ones(t, 1)), "not a string"),
    "a parameter under a method's name": (lambda t: t.nn.ParameterDict({"keys": ones(t, 1)}), "a method's name"),
    "parameters from a number": (lambda t: t.nn.ParameterDict(3), "iterable of key/value pairs"),
    "parameters from a triple": (lambda t: t.nn.ParameterDict([("a", 1, 2)]), "2 is required"),
    "parameters called": (lambda t: t.nn.ParameterDict({"a": ones(t, 1)})(ones(t, 1)), "should not be called"),
    "a parameter that is not there": (lambda t: t.nn.ParameterDict()["a"], "a"),
    "a type that is no type": (lambda t: ones(t, 1).type("LongTensr"), "invalid type"),
    "a buffer of a list": (lambda t: t.nn.Buffer([1.0]), "must be a Tensor"),
    "a buffer over an attribute": (lambda t: buffer_over(t, t.ones(1)), "already exists"),
    "a buffer over a module": (lambda t: buffer_over(t, t.nn.ReLU()), "as child module"),
}


def buffer_over(t, value):
    model = t.nn.Module()
    model.x = value
    model.x = t.nn.Buffer(ones(t, 1))


AROUND = {
    "streams chained with others": (
        lambda t: list(t.utils.data.ChainDataset([t.utils.data.TensorDataset(ones(t, 2))])), "only supports Iterable"),
    "data sets of unlike length stacked": (
        lambda t: t.utils.data.StackDataset([1, 2], [1]), "they have 2, 1 samples"),
    "data sets stacked in two ways": (lambda t: t.utils.data.StackDataset([1], a=[1]), "both types"),
    "no data sets stacked": (lambda t: t.utils.data.StackDataset(), "At least one dataset"),
    "not close": (lambda t: compared(t, ones(t, 2), ones(t, 2) + 1), "Mismatched elements: 2 / 2 (100.0%)"),
    "close to a list": (lambda t: compared(t, ones(t, 1), [1.0]), "No comparison pair"),
    "close with one tolerance": (lambda t: compared(t, ones(t, 1), ones(t, 1), rtol=0.1), "must be either specified"),
    "precision for a toaster": (lambda t: t.autocast("toaster"), "unsupported autocast device_type"),
    "precision for no name": (lambda t: t.autocast(3), "of type `str`"),
    "precision of integers": (lambda t: t.autocast("cpu", dtype=t.int64), "computes in float32"),
}

BAD_CALLS = {**LAYERS, **AROUND}
OWN_KIND = {
    "shrinking integers": "RuntimeError",  # of which PyTorch's NotImplementedError is one
    "bags beyond the table": "IndexError",  # as for embedding
    "unpooling a row to an image": "RuntimeError",  # as for pooling
    "a parameter that is not there": "KeyError",  # as for every dict
    "a buffer of a list": "TypeError",  # as for parameters
    "precision of integers": "TypeError",  # PyTorch warns
}
