"""Rows, columns and grids, each said in one expression."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QHBoxLayout, QLabel, QLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.presenters.parts import Tone
from ui.runtime.theme import ThemeContext

if TYPE_CHECKING:
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


# Showing and hiding parts of a screen.

T = TypeVar("T")
W = TypeVar("W", bound=QWidget)


class LastShown:
    """What a part showed last: a state that changed elsewhere leaves it as it is, neither measured nor painted anew."""

    def __init__(self, theming: ThemeContext) -> None:
        self._theming = theming
        self._last: object = None

    def is_same(self, *shown: object) -> bool:
        """Return whether just this stands there, in the language in force; from now on it does."""
        told = (self._theming.catalog.language, *shown)
        is_same = told == self._last
        self._last = told
        return is_same


def present(widget: QWidget, is_there: bool) -> None:
    """Show or hide a part. One without a parent is only prepared: shown now, it would become a window of its own."""
    if is_there and widget.parentWidget() is None:
        widget.setAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide, False)
    else:
        widget.setVisible(is_there)


class Pool(Generic[W]):
    """Widgets of one kind, made when there is first something for them to show; the others take no place."""

    def __init__(self, add: Callable[[W], object], make: Callable[[], W]) -> None:
        self._add, self._make = add, make
        self.made: list[W] = []

    def show(self, things: Sequence[T], render: Callable[[W, T], object]) -> None:
        """Let each thing be shown by a widget of its own."""
        while len(self.made) < len(things):
            self.made.append(self._make())
            self._add(self.made[-1])
        for widget, thing in zip(self.made, things, strict=False):
            render(widget, thing)
        for at, widget in enumerate(self.made):
            present(widget, at < len(things))


# Lines of text by their role.


class Role(StrEnum):
    """The roles of text; the stylesheet gives each its size and weight."""

    PLAIN = "plain"
    LEAD = "lead"  # to be read out to somebody
    MUTED = "muted"
    FACT = "fact"  # beside something: never an instruction
    STRONG = "strong"
    SECTION = "section"
    TITLE = "title"
    NUMBER = "number"


def mark(widget: QWidget, name: str, value: str) -> None:
    """Set a property that the stylesheet asks for, and dress the widget anew when it changed."""
    if (widget.property(name) or "") == value:
        return
    widget.setProperty(name, value)
    if widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class Text(QLabel):
    """Plain text; `wraps` lets it grow downwards instead of sideways."""

    def __init__(self, role: Role = Role.PLAIN, text: str = "", *, wraps: bool = False) -> None:
        super().__init__(text)
        self.setProperty("role", role.value)
        self.setProperty("tone", Tone.NEUTRAL.value)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wraps)
        if wraps:
            self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    def show_text(self, text: str) -> None:
        """Show a text; an empty one takes no place."""
        if text != self.text():
            self.setText(text)
        present(self, bool(text))

    def set_tone(self, tone: Tone) -> None:
        """Colour the text by a tone; the word must say the same."""
        mark(self, "tone", tone.value)


class ElidedText(QLabel):
    """One line that gives way: what does not fit ends in "…" and is told in full on hovering."""

    def __init__(self, role: Role = Role.PLAIN) -> None:
        super().__init__()
        self.setProperty("role", role.value)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def minimumSizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        return QSize(24, super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 – Qt's name
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        self.setToolTip(self.text() if shown != self.text() else "")
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
