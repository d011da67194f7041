"""Distances and similarities as modules, called with two tensors of vectors."""

from . import functional as F
from .applied import Applied


class CosineSimilarity(Applied, function=F.cosine_similarity):
    """`cosine_similarity`: x₁ · x₂ / (‖x₁‖ ‖x₂‖) along `dim`."""


class PairwiseDistance(Applied, function=F.pairwise_distance):
    """`pairwise_distance`: ‖x₁ − x₂ + ε‖_p along the last dimension."""
