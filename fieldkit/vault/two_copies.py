"""What stands on the disk twice is read whole although each of its copies is damaged somewhere."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

_MOST_APART = 8  # bytes in which two copies may differ: 256 mixtures to look at


def whole_of(first: bytes, second: bytes, is_whole: Callable[[bytes], bool]) -> bytes | None:
    """Return the copy that is whole, else the mixture of both that is, else None.

    Two bad bytes at different places of two equally long copies leave four mixtures, and one of them was written.
    """
    if len(first) != len(second):
        return next((copy for copy in (first, second) if is_whole(copy)), None)
    apart = [place for place, (one, other) in enumerate(zip(first, second, strict=True)) if one != other]
    if len(apart) > _MOST_APART:
        return next((copy for copy in (first, second) if is_whole(copy)), None)
    for choice in product((first, second), repeat=len(apart)):
        mixture = bytearray(first)
        for place, copy in zip(apart, choice, strict=True):
            mixture[place] = copy[place]
        if is_whole(bytes(mixture)):
            return bytes(mixture)
    return None
