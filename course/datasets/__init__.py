"""Real data, bundled: it loads with no network. Toy data of a known shape. Larger sets, from a folder or downloaded."""

from .breast_cancer import breast_cancer
from .diabetes import diabetes
from .digits import digits
from .fashion_mnist import fashion_mnist
from .full import CIFAR10, MNIST, FashionMNIST
from .split import Split
from .toys import blobs, moons, sparse_features, spirals
