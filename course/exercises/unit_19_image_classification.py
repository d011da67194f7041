"""Unit 19: image classification. A size to predict, a convolution, a pooling, a filter's gradient, a layer to mend."""

import numpy as np
from hypothesis import strategies as st

from course.exercises.specification import exercise


def _arrays(*shape, low=-4, high=6, unit=1.0):
    """Float64 arrays of small whole numbers times `unit`."""
    size = int(np.prod(shape))
    numbers = st.lists(st.integers(low, high), min_size=size, max_size=size)
    return numbers.map(lambda numbers: unit * np.array(numbers, float).reshape(shape))


# --- how large is what comes out --------------------------------------------------------------------------------------


@exercise(
    examples=[(28, 3, 1, 0), (28, 3, 1, 1), (12, 5, 3, 0), (32, 2, 2, 0), (7, 3, 2, 1), (5, 5, 1, 0), (10, 4, 3, 2),
              (6, 1, 2, 1), (10, 3, 2, 0)],
    cases=st.tuples(st.integers(7, 64), st.integers(1, 7), st.integers(1, 4), st.integers(0, 3)),
    hints=[
        "Draw a row of 12 pixels and a window of 5. Where can its left edge stand, if it moves by 3?",
        "The padding stands on both sides. How far can the window travel? How many strides fit? Plus the first place.",
        "(n + 2 * padding - kernel) // stride + …",
    ],
)
def output_size(n, kernel, stride, padding):
    """How many places a window has on a row of pixels.

    n: int, pixels in the row
    kernel: int, the window's width
    stride: int, how far it moves
    padding: int, zeros on each side of the row
    returns: int
    """
    return (n + 2 * padding - kernel) // stride + 1


@output_size.misconception("first place missing", "A window as wide as the row has one place. How many do you count?")
def _(n, kernel, stride, padding):
    return (n + 2 * padding - kernel) // stride


@output_size.misconception("padding on one side", "The margin of zeros stands left *and* right. How often do you add it?")
def _(n, kernel, stride, padding):
    return (n + padding - kernel) // stride + 1


@output_size.misconception("no padding", "Your answer does not depend on the padding. How wide is the row with it?")
def _(n, kernel, stride, padding):
    return (n - kernel) // stride + 1


@output_size.misconception(
    "rounded up", "A window that would reach over the end does not count. Do you round the number of strides up or down?"
)
def _(n, kernel, stride, padding):
    return -(-(n + 2 * padding - kernel) // stride) + 1


@output_size.misconception("no stride", "You let the window move by one pixel. How far does it move in one stride?")
def _(n, kernel, stride, padding):
    return n + 2 * padding - kernel + 1


@output_size.misconception(
    "not rounded", "Your answer can be 4.33 places. Which division of whole numbers drops the rest?"
)
def _(n, kernel, stride, padding):
    return (n + 2 * padding - kernel) / stride + 1


@output_size.misconception(
    "the window takes no room", "With stride 1 and no padding you count n + 1 places, whatever the kernel. Can the "
    "window's left edge stand on the last pixel?"
)
def _(n, kernel, stride, padding):
    return (n + 2 * padding) // stride + 1


@output_size.misconception(
    "one added before dividing", "You add the first place before you divide by the stride. Is it not a place of its own?"
)
def _(n, kernel, stride, padding):
    return (n + 2 * padding - kernel + 1) // stride


# --- a convolution ----------------------------------------------------------------------------------------------------


@st.composite
def _convolutions(draw):
    k = draw(st.integers(1, 3))
    height, width = draw(st.integers(k, 4)), draw(st.integers(k, 4))
    image, kernel = draw(_arrays(height, width)), draw(_arrays(k, k))
    return image, kernel, draw(st.integers(1, 2)), draw(st.integers(0, 2))


_RAMP = np.arange(1.0, 17.0).reshape(4, 4) ** 2
_CORNER = np.array([[1.0, 2.0], [3.0, 5.0]])
_SIDE = np.array([[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 1.0, -1.0]])


@exercise(
    points=2,
    examples=[
        (np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 10.0], [100.0, 1000.0]]), 1, 0),
        (_RAMP, _CORNER, 1, 0),
        (_RAMP, _SIDE, 1, 0),
        (_RAMP, _SIDE, 1, 1),
        (_RAMP, _CORNER, 2, 0),
        (_RAMP[:3], _SIDE, 2, 1),
        (_RAMP[:, :3], _CORNER, 2, 1),
        (_RAMP, _CORNER, 1, 2),
    ],
    cases=_convolutions(),
    hints=[
        "First put the margin on: np.pad(image, padding) makes a larger array. From then on there is no padding.",
        "For each row i and column j of the result: which part of the padded image lies under the kernel? It begins at "
        "row stride·i.",
        "part = x[stride * i : stride * i + k, stride * j : stride * j + k]; out[i, j] = np.sum(part * kernel)",
    ],
)
def convolve(image, kernel, stride, padding):
    """The convolution of deep learning: one channel, one filter.

    image: array of shape (height, width)
    kernel: array of shape (k, k)
    stride: int, how far the window moves, down and to the right
    padding: int, rows and columns of zeros around the image
    returns: array of shape ((height + 2·padding − k) // stride + 1, (width + 2·padding − k) // stride + 1)
    """
    x = np.pad(image, padding)
    k = len(kernel)
    out = np.zeros(((x.shape[0] - k) // stride + 1, (x.shape[1] - k) // stride + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = np.sum(x[stride * i : stride * i + k, stride * j : stride * j + k] * kernel)
    return out


def _convolve(image, kernel, stride, padding, combine=np.sum):
    """The convolution with another way to make one number of the products."""
    x, k = np.pad(image, padding), len(kernel)
    rows, columns = ((side - k) // stride + 1 for side in x.shape)
    return np.array([[combine(x[stride * i : stride * i + k, stride * j : stride * j + k] * kernel)
                      for j in range(columns)] for i in range(rows)])


@convolve.misconception(
    "flipped kernel", "That is the mathematicians' convolution: the kernel is turned by 180° first. Deep learning lays it "
    "on as it is."
)
def _(image, kernel, stride, padding):
    return _convolve(image, kernel[::-1, ::-1], stride, padding)


@convolve.misconception("transposed kernel", "Rows and columns of the kernel have changed places. Is a its row or its "
                        "column?")
def _(image, kernel, stride, padding):
    return _convolve(image, kernel.T, stride, padding)


@convolve.misconception("mean instead of sum", "You average the k·k products. The formula has a sum and no division.")
def _(image, kernel, stride, padding):
    return _convolve(image, kernel, stride, padding, np.mean)


@convolve.misconception(
    "no padding", "Your result is that of the image without its margin. Where does `padding` come in?"
)
def _(image, kernel, stride, padding):
    return _convolve(image, kernel, stride, 0)


@convolve.misconception(
    "margin on one side", "You put zeros above and to the left only. A margin goes around: what does np.pad(image, 1) do?"
)
def _(image, kernel, stride, padding):
    return _convolve(np.pad(image, ((padding, 0), (padding, 0))), kernel, stride, 0)


@convolve.misconception(
    "edge repeated", "Your margin repeats the pixels of the edge. The padding is made of zeros."
)
def _(image, kernel, stride, padding):
    return _convolve(np.pad(image, padding, mode="edge"), kernel, stride, 0)


@convolve.misconception("no stride", "You visit every place. With stride 2 the window skips every other one.")
def _(image, kernel, stride, padding):
    return _convolve(image, kernel, 1, padding)


@convolve.misconception(
    "stride only counted", "Your result has the right shape, but the window moves by one pixel from entry to entry. At "
    "which row of the image does entry i begin?"
)
def _(image, kernel, stride, padding):
    every = _convolve(image, kernel, 1, padding)
    size = _convolve(image, kernel, stride, padding).shape
    return every[: size[0], : size[1]]


@convolve.misconception(
    "a matrix product", "You multiply patch and kernel as matrices. Each pixel meets the weight that lies on top of it: "
    "`*`, not `@`."
)
def _(image, kernel, stride, padding):
    x, k = np.pad(image, padding), len(kernel)
    rows, columns = ((side - k) // stride + 1 for side in x.shape)
    return np.array([[np.sum(x[stride * i : stride * i + k, stride * j : stride * j + k] @ kernel)
                      for j in range(columns)] for i in range(rows)])


# --- pooling ----------------------------------------------------------------------------------------------------------


@st.composite
def _pictures(draw):
    size = draw(st.integers(2, 3))
    return draw(_arrays(draw(st.integers(size, 6)), draw(st.integers(size, 6)), low=-9, high=9)), size


_MIXED = np.array([[1.0, 2.0, 0.0, -5.0], [0.0, -7.0, 3.0, 1.0], [-1.0, -4.0, 2.0, 0.0], [-2.0, -3.0, 0.0, 8.0]])


@exercise(
    examples=[
        (_MIXED, 2),
        (np.arange(15.0).reshape(3, 5), 2),
        (-np.arange(1.0, 10.0).reshape(3, 3), 3),
        (np.arange(30.0).reshape(5, 6) % 7 - 9, 2),
        (-np.arange(36.0).reshape(6, 6), 3),
    ],
    cases=_pictures(),
    hints=[
        "Each entry of the result looks at one block of size × size pixels; blocks do not overlap.",
        "Block (i, j) begins at row size·i, column size·j. How many whole blocks fit?",
        "out[i, j] = x[size * i : size * i + size, size * j : size * j + size].max()",
    ],
)
def max_pool(x, size):
    """Max pooling: the largest number of each block, with a stride as large as the block.

    x: array of shape (height, width)
    size: int, the side of a block; rows and columns that fill no whole block are left out
    returns: array of shape (height // size, width // size)
    """
    height, width = x.shape[0] // size, x.shape[1] // size
    blocks = x[: height * size, : width * size].reshape(height, size, width, size)
    return blocks.max(axis=(1, 3))


def _pool(x, size, combine):
    return np.array([[combine(x[i : i + size, j : j + size]) for j in range(0, x.shape[1] - size + 1, size)]
                     for i in range(0, x.shape[0] - size + 1, size)])


@max_pool.misconception("average pooling", "You average each block. Which of its numbers does *max* pooling keep?")
def _(x, size):
    return _pool(x, size, np.mean)


@max_pool.misconception("smallest", "You keep the smallest number of each block.")
def _(x, size):
    return _pool(x, size, np.min)


@max_pool.misconception(
    "largest size, sign lost", "You compare absolute values. −7 is smaller than 2: which one is the largest?"
)
def _(x, size):
    return _pool(x, size, lambda block: np.abs(block).max())


@max_pool.misconception("stride 1", "Your blocks overlap. The next block begins where the last one ended.")
def _(x, size):
    return np.array([[x[i : i + size, j : j + size].max() for j in range(x.shape[1] - size + 1)]
                     for i in range(x.shape[0] - size + 1)])


@max_pool.misconception(
    "only every second pixel", "You take the top left pixel of each block without looking at the others."
)
def _(x, size):
    return _pool(x, size, lambda block: block[0, 0])


@max_pool.misconception(
    "ragged blocks kept", "Your last row or column comes from a block that is not whole. The docstring leaves those out."
)
def _(x, size):
    return np.array([[x[i : i + size, j : j + size].max() for j in range(0, x.shape[1], size)]
                     for i in range(0, x.shape[0], size)])


@max_pool.misconception(
    "never below zero", "A block of negative numbers gives you 0. Did your running maximum start at 0?"
)
def _(x, size):
    return _pool(x, size, lambda block: max(0.0, block.max()))


@max_pool.misconception("first of each row", "You take the maximum over the block's rows only, of its first column.")
def _(x, size):
    return _pool(x, size, lambda block: block[:, 0].max())


# --- the gradient by which a filter learns ----------------------------------------------------------------------------


@st.composite
def _slopes(draw):
    k = draw(st.integers(1, 3))
    height, width = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    return draw(_arrays(height + k - 1, width + k - 1)), draw(_arrays(height, width))


@exercise(
    points=2,
    examples=[
        (np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([[2.0]])),
        (_RAMP[:2, :3], np.array([[1.0, 10.0]])),
        (_RAMP[:3, :3], np.array([[1.0, 2.0], [0.0, 3.0]])),
        (_RAMP, np.array([[1.0, 2.0], [0.0, -3.0]])),
        (_RAMP, np.arange(9.0).reshape(3, 3)),
        (_RAMP[:2], np.array([[1.0, -2.0, 4.0]])),
        (_RAMP[:3, :4], np.array([[1.0, -2.0, 0.0], [5.0, 1.0, 2.0]])),
    ],
    cases=_slopes(),
    hints=[
        "z[i, j] = Σ w[a, b]·x[i + a, j + b]. What is the derivative of one z[i, j] by one weight w[a, b]?",
        "The weight w[a, b] is used at every place (i, j), so the chain rule adds up over all places: Σ g[i, j]·…",
        "grad[a, b] = np.sum(g * x[a : a + rows of g, b : b + columns of g]). Do you recognise a convolution?",
    ],
)
def filter_gradient(x, g):
    """The gradient of a loss J by the filter's weights, for z[i, j] = Σ_ab w[a, b]·x[i + a, j + b].

    x: array of shape (height, width), what the filter saw
    g: array of shape (height − k + 1, width − k + 1), ∂J/∂z
    returns: array of shape (k, k), ∂J/∂w
    """
    rows, columns = g.shape
    k = x.shape[0] - rows + 1
    grad = np.zeros((k, k))
    for a in range(k):
        for b in range(k):
            grad[a, b] = np.sum(g * x[a : a + rows, b : b + columns])
    return grad


def _filter_gradient(x, g, combine=np.sum):
    rows, columns = g.shape
    k = x.shape[0] - rows + 1
    return np.array([[combine(g * x[a : a + rows, b : b + columns]) for b in range(k)] for a in range(k)])


@filter_gradient.misconception(
    "mean over the places", "You average over the places where the weight was used. The chain rule adds: each place "
    "contributes in full."
)
def _(x, g):
    return _filter_gradient(x, g, np.mean)


@filter_gradient.misconception(
    "flipped", "Your numbers are right and stand in the wrong corners: turned by 180°. Which weight met x[a, b] first?"
)
def _(x, g):
    return _filter_gradient(x, g)[::-1, ::-1].copy()


@filter_gradient.misconception("transposed", "Rows and columns of your gradient have changed places. Does a count down, "
                               "or to the right?")
def _(x, g):
    return _filter_gradient(x, g).T.copy()


@filter_gradient.misconception(
    "g turned around", "You slide g turned by 180°. That is right for the gradient by x; by w it stays as it is."
)
def _(x, g):
    return _filter_gradient(x, g[::-1, ::-1])


@filter_gradient.misconception(
    "g left out", "You add up what each weight saw. How much does each of those places matter to the loss?"
)
def _(x, g):
    return _filter_gradient(x, np.ones_like(g))


@filter_gradient.misconception(
    "only the first place", "You use the weight's first place alone, z[0, 0]. At how many places is it used?"
)
def _(x, g):
    k = x.shape[0] - g.shape[0] + 1
    return g[0, 0] * x[:k, :k]


@filter_gradient.misconception(
    "downhill already", "Your signs are all turned round. The minus of the update belongs to the optimiser."
)
def _(x, g):
    return -_filter_gradient(x, g)


# --- a layer to mend --------------------------------------------------------------------------------------------------


@st.composite
def _layers(draw):
    channels, out, k = (draw(st.integers(1, 2)) for _ in range(3))
    height, width = draw(st.integers(k, 3)), draw(st.integers(k, 3))
    return draw(_arrays(channels, height, width)), draw(_arrays(out, channels, k, k)), draw(_arrays(out))


def _tensor(*shape):
    return (np.arange(np.prod(shape)) ** 2 % 11.0 - 4).reshape(shape)


@exercise(
    points=2,
    examples=[
        (_tensor(1, 2, 2), np.array([[[[2.0]]]]), np.array([0.5])),
        (_tensor(1, 3, 3), _tensor(1, 1, 2, 2), np.array([-1.0])),
        (_tensor(2, 2, 2), np.array([[[[1.0]], [[10.0]]]]), np.array([0.0])),
        (_tensor(2, 3, 3), _tensor(3, 2, 2, 2), np.array([1.0, -2.0, 30.0])),
        (_tensor(3, 3, 4), _tensor(2, 3, 2, 2), np.array([3.0, -1.0])),
        (_tensor(2, 3, 2), _tensor(2, 2, 1, 1), np.array([4.0, 7.0])),
    ],
    cases=_layers(),
    hints=[
        "Print the shapes. How many feature maps must come out, and how many numbers does one filter multiply?",
        "For one place: w[o] has shape (channels, k, k), and so has x[:, i : i + k, j : j + k]. All of the products are "
        "added, then the bias, once.",
        "z[o, i, j] = np.sum(w[o] * x[:, i : i + k, j : j + k]) + b[o], then the ReLU: np.maximum(z, 0)",
    ],
)
def conv_layer(x, w, b):
    """A convolution layer and its ReLU: stride 1, no padding.

    x: array of shape (channels, height, width)
    w: array of shape (out, channels, k, k), the filters
    b: array of shape (out,)
    returns: array of shape (out, height − k + 1, width − k + 1)
    """
    out, _, k, _ = w.shape
    z = np.zeros((out, x.shape[1] - k + 1, x.shape[2] - k + 1))
    for o in range(out):
        for i in range(z.shape[1]):
            for j in range(z.shape[2]):
                z[o, i, j] = np.sum(w[o] * x[:, i : i + k, j : j + k]) + b[o]
    return np.maximum(z, 0)


def _before_relu(x, w, b):
    k = w.shape[2]
    return np.array([[[np.sum(filter * x[:, i : i + k, j : j + k]) + bias for j in range(x.shape[2] - k + 1)]
                      for i in range(x.shape[1] - k + 1)] for filter, bias in zip(w, b)])


@conv_layer.misconception(
    "still the broken layer", "This gives what the broken layer gave. Take one pixel, one channel, one filter of 1 × 1 and "
    "a negative bias: what shape should come out, and which number?"
)
def _(x, w, b):
    return (np.maximum(_before_relu(x[-1:], w[:, -1:], 0 * b), 0) + b[:, None, None])[:, :-1, :-1]


@conv_layer.misconception(
    "the last channel wins, and the bias comes after the ReLU",
    "The shape is right now, and two faults are left: each channel overwrites the sum, and the bias comes after the ReLU.",
)
def _(x, w, b):
    return np.maximum(_before_relu(x[-1:], w[:, -1:], 0 * b), 0) + b[:, None, None]


@conv_layer.misconception(
    "one row and one column short",
    "The numbers are right, and the last row and the last column are missing. A window as large as the image has one "
    "place: does your formula for the size say so?",
)
def _(x, w, b):
    return np.maximum(_before_relu(x, w, b), 0)[:, :-1, :-1]


@conv_layer.misconception("no ReLU", "Negative numbers come out. What does the ReLU do with them?")
def _(x, w, b):
    return _before_relu(x, w, b)


@conv_layer.misconception("no bias", "Your answer does not depend on b. Each filter adds its own number.")
def _(x, w, b):
    return np.maximum(_before_relu(x, w, 0 * b), 0)


@conv_layer.misconception(
    "bias after the ReLU", "You add the bias to what the ReLU left. It belongs before: it decides what is cut off."
)
def _(x, w, b):
    return np.maximum(_before_relu(x, w, 0 * b), 0) + b[:, None, None]


@conv_layer.misconception(
    "bias for every product", "Your bias is added to each product before the sum, so it counts channels·k·k times."
)
def _(x, w, b):
    return np.maximum(_before_relu(x, w, b * w[0].size), 0)


@conv_layer.misconception(
    "bias for every channel", "Your bias is added once for each input channel. A filter has one bias for its whole sum."
)
def _(x, w, b):
    return np.maximum(_before_relu(x, w, b * w.shape[1]), 0)


@conv_layer.misconception(
    "first channel only", "You look at channel 0 alone. A filter has weights for every channel and adds all of it up."
)
def _(x, w, b):
    return np.maximum(_before_relu(x[:1], w[:, :1], b), 0)


@conv_layer.misconception(
    "the last channel wins", "You overwrite the sum with each channel instead of adding to it: only the last one is left."
)
def _(x, w, b):
    return np.maximum(_before_relu(x[-1:], w[:, -1:], b), 0)


@conv_layer.misconception(
    "ReLU on each channel", "You cut off each channel's part before they are added. The ReLU comes last, after the whole "
    "sum."
)
def _(x, w, b):
    parts = [np.maximum(_before_relu(x[c : c + 1], w[:, c : c + 1], 0 * b), 0) for c in range(len(x))]
    return np.maximum(np.sum(parts, axis=0) + b[:, None, None], 0)


@conv_layer.misconception(
    "one filter for all", "All your feature maps are made by the first filter. Which index of w counts the filters?"
)
def _(x, w, b):
    return np.maximum(_before_relu(x, np.broadcast_to(w[:1], w.shape), b), 0)
