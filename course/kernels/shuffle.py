"""The Fisher-Yates shuffle: each place in turn swaps with a random place at or behind it."""

from .kernel import Kernel


def fisher_yates_cpu(order, random):
    """Shuffles `order` (n,) in place with n − 1 random integers. Each swap needs the one before: a job for one core."""
    n = order.size
    for i in range(n - 1):
        j = i + random[i] % (n - i)
        order[i], order[j] = order[j], order[i]


fisher_yates = Kernel(fisher_yates_cpu)
