"""A thief's plain search through a folder: names and numbers as text, and any run of bytes of a picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fieldkit.domain.recording.biodata import Biodata

RUN_BYTES = 24
# Every run of 24 bytes holds a whole word of 8 at a multiple of 16 (8 + 15 ≤ 24), so those words suffice to look for.
_WORD, _STEP = 8, 16
_TABLE_BITS = 24
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # odd, from the golden ratio: spreads words over the table


@dataclass(frozen=True)
class Secrets:
    """What must not be found: texts by what they are, and pictures of which no run may be found."""

    texts: Mapping[str, str]
    pictures: Sequence[bytes]

    def found_in(self, folder: Path) -> list[str]:
        """Name each finding in each file below the folder, file names included."""
        found = []
        for path in sorted(folder.rglob("*")):
            content = path.read_bytes() if path.is_file() else b""
            place = path.relative_to(folder)
            found += [f"{what} in {place}" for what in self._texts_in(content + b"\n" + str(place).encode())]
            if self._words.has_run_in(content):
                found.append(f"a piece of a picture in {place}")
        return found

    @cached_property
    def _words(self) -> _Words:
        return _Words(self.pictures)

    def _texts_in(self, content: bytes) -> Iterator[str]:
        lowered = content.lower()
        for what, text in self.texts.items():
            for coding in ("utf-8", "utf-16-le", "utf-16-be"):
                if text.lower().encode(coding) in lowered:
                    yield f"{what} ({coding})"


def texts_of(people: Sequence[Biodata]) -> dict[str, str]:
    """Return what names a person, by number."""
    found = {}
    for number, who in enumerate(people):
        found |= {
            f"NIK {number}": who.nik.digits,
            f"KK {number}": who.no_kk.digits,
            f"name {number}": who.name,
            f"address {number}": who.address.street,
        }
    return found


class _Words:
    """The words of all pictures, ready to be looked up; what stands around one there is read once it was found."""

    def __init__(self, pictures: Sequence[bytes]) -> None:
        self._pictures = pictures
        words = [np.frombuffer(picture, "<u8", len(picture) // _WORD)[:: _STEP // _WORD] for picture in pictures]
        whole = np.concatenate(words)
        order = np.argsort(whole, kind="stable")
        self._known = whole[order]
        picture_of = np.repeat(np.arange(len(pictures)), [len(each) for each in words])
        starts = np.concatenate([np.arange(len(each)) * _STEP for each in words])
        self._places = np.column_stack((picture_of, starts))[order]
        # Whether any word has these bits: one look into a table throws nearly everything out.
        self._has_bits = np.zeros(1 << _TABLE_BITS, dtype=bool)
        self._has_bits[_bits(self._known)] = True
        self._around = cache(self._look_around)

    def _look_around(self, word: bytes) -> set[tuple[bytes, bytes]]:
        """Return what stands around a word: plain ground repeats itself, and what is alike is asked about once."""
        value = np.frombuffer(word, "<u8")[0]
        first, last = (np.searchsorted(self._known, value, side) for side in ("left", "right"))
        return {_around(self._pictures[picture], int(start)) for picture, start in self._places[first:last]}

    def has_run_in(self, content: bytes) -> bool:
        found = {(content[start : start + _WORD], *_around(content, start)) for start in self._hits(content)}
        return any(
            _WORD + _alike(before[::-1], left[::-1]) + _alike(after, right) >= RUN_BYTES
            for word, before, after in found
            for left, right in self._around(word)
        )

    def _hits(self, content: bytes) -> Iterator[int]:
        for shift in range(_WORD):
            words = np.frombuffer(content, "<u8", max(0, len(content) - shift) // _WORD, min(shift, len(content)))
            maybe = np.flatnonzero(self._has_bits[_bits(words)])
            nearest = np.searchsorted(self._known, words[maybe]) % len(self._known)
            for index in maybe[self._known[nearest] == words[maybe]]:
                yield shift + int(index) * _WORD


def _bits(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return words * _SPREAD >> np.uint64(64 - _TABLE_BITS)


def _around(content: bytes, start: int) -> tuple[bytes, bytes]:
    """Return as much before and behind a word as a run that holds it may have."""
    most, end = RUN_BYTES - _WORD, start + _WORD
    return content[max(0, start - most) : start], content[end : end + most]


def _alike(one: bytes, other: bytes) -> int:
    """Return how many bytes both begin with alike."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
