"""Tensors in dicts, lists and tuples: the same for all of them, wherever they stand."""

from __future__ import annotations


def mapped(f, tree, *others):
    """The tree with f of each thing in it that is no dict, list or tuple (and of what stands there in the others)."""
    if isinstance(tree, dict):
        return type(tree)((k, mapped(f, part, *(other[k] for other in others))) for k, part in tree.items())
    if isinstance(tree, list | tuple):
        parts = [mapped(f, *part) for part in zip(tree, *others)]
        return getattr(tree, "_make", type(tree))(parts)
    return f(tree, *others)


def like(given, found):
    """The tensors found, in the structure of what was given."""
    left = iter(found)
    return mapped(lambda _: next(left), given)


def leaves(tree):
    """What stands in the tree, in order."""
    found: list = []
    mapped(found.append, tree)
    return found
