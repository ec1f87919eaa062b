"""The bottom bar: always in the same place, back at the left, the primary at the right."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.presenters.acts import Act
from ui.presenters.commands import Command, Weight
from ui.presenters.parts import Bar
from ui.runtime.look import Look
from ui.widgets.button import ActionButton
from ui.widgets.presence import present
from ui.widgets.text import ElidedText, Role


class BottomBar(QWidget):
    """Shows a `Bar`. Buttons live on between renders, so the keyboard stays where it was."""

    commanded = Signal(object)
    refused = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._bar = Bar()
        self._buttons: list[ActionButton] = []
        self.setProperty("role", "bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(look.tokens.size["bar"])
        space = look.tokens.space
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(space["lg"], 2, space["lg"], 0)
        self._row.setSpacing(space["md"])
        self._back = self._new_button()
        self._note = ElidedText(Role.MUTED)
        self._row.addWidget(self._back)
        self._row.addWidget(self._note, 1)

    def render_bar(self, bar: Bar) -> None:
        """Show a bar."""
        self._bar = bar
        present(self._back, bar.back is not None)
        if bar.back is not None:
            self._back.render_action(bar.back)
        self._note.setText(self._look.say(bar.note))
        while len(self._buttons) < len(bar.actions):
            self._buttons.append(self._new_button())
            self._row.addWidget(self._buttons[-1])
        for button, action in zip(self._buttons, bar.actions, strict=False):
            button.render_action(action)
            wide = action.weight is Weight.PRIMARY
            button.setMinimumWidth(max(button.sizeHint().width(), 224 if wide else 0))
        for index, button in enumerate(self._buttons):
            present(button, index < len(bar.actions))

    def perform(self, act: Act) -> bool:
        """Do what the bar has for an act; `False` when it has nothing."""
        actions = (self._bar.back, *self._bar.actions)
        action = next((a for a in actions if a is not None and a.act is act), None)
        if action is None:
            return False
        self._press(action)
        return True

    def _press(self, action: Command) -> None:
        if action.refused:
            self.refused.emit(self._look.say(action.refused))
        else:
            self.commanded.emit(action)

    def _new_button(self) -> ActionButton:
        button = ActionButton(self._look)
        button.commanded.connect(self.commanded)
        button.refused.connect(self.refused)
        present(button, False)
        button.setAttribute(Qt.WidgetAttribute.WA_LayoutUsesWidgetRect)
        return button
