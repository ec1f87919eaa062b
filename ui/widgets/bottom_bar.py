"""The bottom bar: always in the same place, back at the left, the primary at the right."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLayout, QMenu, QWidget

from ui.presenters.actions import Action
from ui.presenters.commands import Command, Weight
from ui.presenters.messages import Message, message
from ui.presenters.parts import Bar
from ui.runtime.theme_context import ThemeContext
from ui.widgets.button import ActionButton
from ui.widgets.layout import row
from ui.widgets.presence import LastShown, present
from ui.widgets.text import ElidedText, Role

_WIDE = 224
_ANY = 16_777_215  # what Qt calls no limit
_MOST_LOST = 3  # a note of which less than a third is lost may still be read
_RANK = (Weight.PLAIN, Weight.DANGER, Weight.SECOND, Weight.PRIMARY)


class BottomBar(QWidget):
    """Shows a `Bar`. Buttons live on between renders, so the keyboard stays where it was.

    Those for which there is no room, the weakest first, fold into a menu; their keys hold as before.
    """

    commanded = Signal(object)
    refused = Signal(str)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._bar = Bar()
        self._unfolded: set[int] = set()
        self._last = LastShown(theming)
        self._buttons: list[ActionButton] = []
        self.setProperty("role", "bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(theming.tokens.size["bar"])
        space = theming.tokens.space
        self._menu = QMenu(self)
        self._back, self._more = self._new_button(), self._new_button()
        self._more.commanded.disconnect()
        self._more.commanded.connect(self._unfold)
        self._note = ElidedText(Role.MUTED)
        sides = (space["lg"], 2, space["lg"], 0)
        self._row = row(self._back, (self._note, 1), self._more, on=self, gap=space["md"], margins=sides)
        self._row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)

    def render_bar(self, bar: Bar) -> None:
        """Show a bar."""
        self._bar = bar
        self._back.offer(bar.back)
        self._note.setText(self._theming.say(bar.note))
        while len(self._buttons) < len(bar.actions):
            self._buttons.append(self._new_button())
            self._row.addWidget(self._buttons[-1])
        for button, action in zip(self._buttons, bar.actions, strict=False):
            button.render_action(action)
        looks = tuple((action.words, action.act, action.weight) for action in bar.actions)
        if self._last.is_same(looks, bar.back and (bar.back.words, bar.back.act), bar.note):
            return
        for button, action in zip(self._buttons, bar.actions, strict=False):
            wide = action.weight is Weight.PRIMARY
            button.setMinimumWidth(max(button.sizeHint().width(), _WIDE if wide else 0))
        self._fold()

    def perform(self, act: Action) -> bool:
        """Do what the bar has for an act; `False` when it has nothing."""
        actions = (self._bar.back, *self._bar.actions)
        action = next((a for a in actions if a is not None and a.act is act), None)
        if action is None:
            return False
        self._press(action)
        return True

    def keys(self) -> dict[Action, Message]:
        """Return what each key of the bar does."""
        commands = (*self._bar.actions, *((self._bar.back,) if self._bar.back is not None else ()))
        return {command.act: command.words for command in commands if command.act is not None}

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, D102 – Qt's name
        super().resizeEvent(event)
        self._fold()

    def minimumSizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        return QSize(0, super().minimumSizeHint().height())  # what has no room folds: the bar keeps no window wide

    def _fold(self) -> None:
        """Show as many buttons as there is room for."""
        actions = self._bar.actions
        shown = set(range(len(actions)))
        for at in sorted(shown, key=lambda at: _RANK.index(actions[at].weight)):
            if self._width_of(shown, has_more=len(shown) < len(actions)) <= self.width() or len(shown) == 1:
                break
            shown.remove(at)
            words = message("ui.bar.more", count=len(actions) - len(shown))  # before it is measured
            self._more.render_action(Command("more", words, weight=Weight.PLAIN))
        self._unfolded = shown
        present(self._more, bool(self._folded))
        for at, button in enumerate(self._buttons):
            present(button, at in shown)
        note, room = self._note, self.width() - self._width_of(shown, has_more=bool(self._folded))
        wanted = note.fontMetrics().horizontalAdvance(note.text())
        is_read = room + note.minimumSizeHint().width() >= wanted - wanted // _MOST_LOST
        note.setMaximumWidth(_ANY if is_read else 0)  # less than that is only a scrap; its place stays

    @property
    def _folded(self) -> tuple[Command, ...]:
        return tuple(action for at, action in enumerate(self._bar.actions) if at not in self._unfolded)

    def _width_of(self, shown: set[int], *, has_more: bool) -> int:
        back = [self._back.sizeHint().width()] if self._bar.back is not None else []
        more = [self._more.sizeHint().width()] if has_more else []
        buttons = [
            *back,
            *more,
            self._note.minimumSizeHint().width(),
            *(self._buttons[at].minimumWidth() for at in shown),
        ]
        margins = self._row.contentsMargins()
        return sum(buttons) + self._row.spacing() * (len(buttons) - 1) + margins.left() + margins.right()

    def _unfold(self) -> None:
        """Open the menu above its button; arrows walk in it, Enter takes, Esc closes."""
        menu = self._menu
        menu.clear()
        for command in self._folded:
            cap = self._theming.say(command.act.cap) if command.act is not None else ""
            entry = menu.addAction("\t".join(filter(None, (self._theming.say(command.words), cap))))
            entry.triggered.connect(lambda _checked=False, command=command: self._press(command))
        menu.popup(self._more.mapToGlobal(self._more.rect().topLeft() - QPoint(0, menu.sizeHint().height())))

    def _press(self, action: Command) -> None:
        if action.refused:
            self.refused.emit(self._theming.say(action.refused))
        else:
            self.commanded.emit(action)

    def _new_button(self) -> ActionButton:
        button = ActionButton(self._theming)
        button.commanded.connect(self.commanded)
        button.refused.connect(self.refused)
        present(button, False)
        button.setAttribute(Qt.WidgetAttribute.WA_LayoutUsesWidgetRect)
        return button
