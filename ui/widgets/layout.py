"""Rows, columns and grids, each said in one expression."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from PySide6.QtWidgets import QBoxLayout, QGridLayout, QHBoxLayout, QLayout, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from PySide6.QtCore import Qt

    Thing: TypeAlias = QWidget | QLayout | int | None
    Part: TypeAlias = Thing | tuple[Thing, int] | tuple[QWidget, int, Qt.AlignmentFlag]
    Margins: TypeAlias = int | tuple[int, int, int, int]

L = TypeVar("L", bound=QBoxLayout)

SPRING = None
"""The part of a row or column that takes what room is left."""


def column(*parts: Part, on: QWidget | None = None, gap: int | None = None, margins: Margins = 0) -> QVBoxLayout:
    """Return parts below each other, as `laid` lays them."""
    return laid(QVBoxLayout() if on is None else QVBoxLayout(on), parts, gap, margins)


def row(*parts: Part, on: QWidget | None = None, gap: int | None = None, margins: Margins = 0) -> QHBoxLayout:
    """Return parts side by side, as `laid` lays them."""
    return laid(QHBoxLayout() if on is None else QHBoxLayout(on), parts, gap, margins)


def laid(box: L, parts: Iterable[Part], gap: int | None = None, margins: Margins = 0) -> L:
    """Put parts into a layout: widgets and layouts, a number for so many px of room, `SPRING` for the rest.

    A part in a tuple has its stretch behind it, and a widget its place within its room. `gap` px stand between parts,
    as many as Qt likes without it; `margins` px around them: left, top, right and bottom, or one for all.
    """
    box.setContentsMargins(*((margins,) * 4 if isinstance(margins, int) else margins))
    if gap is not None:
        box.setSpacing(gap)
    return fill(box, *parts)


def grid(on: QWidget | None = None, *, gap: int | tuple[int, int], wide: Iterable[int] = ()) -> QGridLayout:
    """Return an empty grid without margins; `gap` px across and down or one for both, columns `wide` share the room."""
    made = QGridLayout() if on is None else QGridLayout(on)
    across, down = (gap, gap) if isinstance(gap, int) else gap
    made.setContentsMargins(0, 0, 0, 0)
    made.setHorizontalSpacing(across)
    made.setVerticalSpacing(down)
    for at in wide:
        made.setColumnStretch(at, 1)
    return made


def fill(box: L, *parts: Part) -> L:
    """Put parts into a layout behind what it has, as `laid` does, and leave gaps and margins as they are."""
    for part in parts:
        thing, stretch, *place = part if isinstance(part, tuple) else (part, 0)
        if isinstance(thing, QWidget):
            box.addWidget(thing, stretch, *place)
        elif isinstance(thing, QLayout):
            box.addLayout(thing, stretch)
        elif thing is SPRING:
            box.addStretch(1)
        else:
            box.addSpacing(thing)
    return box
