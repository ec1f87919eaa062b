"""The biodata form on one page, and beside it what its numbers mean."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from fieldkit.domain.recording.biodata import CODED_FIELDS, CodeTables
from ui.presenters.parts import Choice, Tone
from ui.presenters.presenter import Message, message
from ui.presenters.recording.biodata_form import BiodataForm
from ui.runtime.theme import ThemeContext
from ui.widgets.cards import Icon
from ui.widgets.form_fields import Picker
from ui.widgets.layout import SPRING, Role, Text, column, grid, mark, present, row
from ui.widgets.quality_panel import Advice, QualityRows

_CODE_WIDTH = 72
_CODES_SHOWN = 13
_COLUMNS = 12
# Field and how many of the twelve columns it takes; a row is full at twelve.
_LAYOUT: tuple[tuple[tuple[str, int], ...], ...] = (
    (("nik", 6), ("no_kk", 6)),
    (("name", 6), ("mother_name", 6)),
    (("birth_place", 4), ("birth_date", 4), ("sex", 4)),
    (("citizenship", 4), ("marital_status", 4), ("blood_type", 4)),
    (("religion", 4), ("family_relation", 4), ("education", 4)),
    (("occupation", 6), ("street", 6)),
    (("rt", 2), ("rw", 2), ("village", 3), ("district", 3), ("region", 2)),
)
_WORDED = (*CODED_FIELDS, "sex", "citizenship")
_LENGTHS = {"nik": 20, "no_kk": 20, "birth_date": 10, "sex": 1, "citizenship": 3, "rt": 3, "rw": 3, "region": 8}


class FormField(QWidget):
    """A label over its field; a code has its meaning beside it, and is found by a part of that as well."""

    edited = Signal(str)

    def __init__(self, theming: ThemeContext, name: str, choices: tuple[Choice, ...] = ()) -> None:
        super().__init__()
        self._theming, self.name = theming, name
        self._value = ""
        self._is_worded = name in _WORDED
        self.edit = QLineEdit()
        self.edit.setMaxLength(_LENGTHS.get(name, 80))
        self.edit.textEdited.connect(self._type)
        self._picker = Picker(theming, self.edit, name)
        self._picker.offer(choices)
        self._picker.picked.connect(self._take)
        self._picker.closed.connect(self._show_code)
        self._icon, self._label = Icon(theming, "warning", "bad", 18), Text(Role.STRONG)
        self._label.setBuddy(self.edit)
        self._wording = Text(wraps=True)
        head, gap = row(self._icon, (self._label, 1), gap=6), theming.tokens.space["sm"]
        line = row(self.edit, (self._wording, 1), gap=gap) if self._is_worded else row((self.edit, 1), gap=gap)
        column(head, line, on=self, gap=2)
        if self._is_worded:
            self.edit.setFixedWidth(_CODE_WIDTH)

    def show_field(self, form: BiodataForm) -> None:
        """Show what the form holds for this field."""
        say = self._theming.say
        text, is_wrong = form.values[self.name], form.wrong_field == self.name
        self._label.setText(say(message(f"biodata.field.{self.name}")))
        self._label.set_tone(Tone.BAD if is_wrong else Tone.NEUTRAL)
        present(self._icon, is_wrong)
        self._value = text
        if self.edit.text() != text and not self._picker.is_open:
            self.edit.setText(text)
        self.edit.setAccessibleName(self._label.text())
        if self.name == "birth_date":
            self.edit.setPlaceholderText(say(message("biodata.birth_date_hint")))
        mark(self.edit, "tone", Tone.BAD.value if is_wrong else "")
        if self._is_worded:
            wording = form.wordings.get(self.name, "")
            is_unknown = bool(text) and not say(wording)
            self._wording.setText(say(message("biodata.unknown")) if is_unknown else say(wording))
            self._wording.set_tone(Tone.BAD if is_unknown else Tone.NEUTRAL)

    def _type(self, text: str) -> None:
        """Tell a code as it is typed; letters look for it by its words."""
        if self.name not in CODED_FIELDS or text.strip().isdecimal() or not text.strip():
            self.edited.emit(text)
            self._picker.close()
        else:
            self.edit.setFixedWidth(self.width())
            self._wording.hide()
            self._picker.suggest(text)

    def _take(self, code: str) -> None:
        self.edited.emit(code)

    def _show_code(self) -> None:
        self._wording.show()
        self.edit.setFixedWidth(_CODE_WIDTH)
        if not self.edit.text().strip().isdecimal():
            self.edit.setText(self._value)


class BiodataPanel(QWidget):
    """All fields at 1366 × 768. Tab and the arrows walk, Enter belongs to the screen."""

    edited = Signal(str, str)
    walked = Signal()

    def __init__(self, theming: ThemeContext, tables: CodeTables) -> None:
        super().__init__()
        self._tables = tables
        self._grid = grid(self, gap=(theming.tokens.space["md"], 6), wide=range(_COLUMNS))
        self.fields: dict[str, FormField] = {}
        for line, names in enumerate(_LAYOUT):
            at = 0
            for name, span in names:
                self._add(theming, name, (line, at, span))
                at += span
        self._grid.setRowStretch(len(_LAYOUT), 1)
        self._wrong = ""

    def show_form(self, form: BiodataForm) -> None:
        """Show values, wordings and the wrong field, which takes the keyboard when it is newly found."""
        for field in self.fields.values():
            field.show_field(form)
        if form.wrong_field and form.wrong_field != self._wrong:
            self.fields[form.wrong_field].edit.setFocus(Qt.FocusReason.OtherFocusReason)
            self.fields[form.wrong_field].edit.selectAll()
        self._wrong = form.wrong_field

    def begin(self) -> None:
        """Give the first field the keyboard."""
        self.fields["nik"].edit.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def current(self) -> str:
        """Return the field that has the keyboard, "" when none has."""
        holder = self.window().focusWidget()
        return next((name for name, field in self.fields.items() if field.edit is holder), "")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802, D102 – Qt's name
        if event.type() is QEvent.Type.FocusIn:
            self.walked.emit()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 – Qt's name
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        names = list(self.fields)
        if step is None or not self.current:
            event.ignore()
            return
        place = max(0, min(len(names) - 1, names.index(self.current) + step))
        edit = self.fields[names[place]].edit
        edit.setFocus(Qt.FocusReason.TabFocusReason)
        edit.selectAll()

    def _add(self, theming: ThemeContext, name: str, place: tuple[int, int, int]) -> None:
        codes = self._tables.tables[CODED_FIELDS[name]] if name in CODED_FIELDS else {}
        choices = tuple(Choice(str(code), wording, str(code)) for code, wording in codes.items())
        field = FormField(theming, name, choices)
        field.edited.connect(lambda text: self.edited.emit(name, text))
        field.edit.installEventFilter(self)
        line, at, span = place
        self._grid.addWidget(field, line, at, 1, span)
        self.fields[name] = field


class BiodataSide(QWidget):
    """What is wrong, what to look at again, and the codes of the field that has the keyboard."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._problem, self._warning = Advice(theming), Advice(theming)
        self._head, self._codes, self._keys = Text(Role.SECTION), QualityRows(theming), Text(Role.MUTED, wraps=True)
        self._list, self._more = Text(wraps=True), Text(Role.MUTED, wraps=True)
        parts = (self._problem, self._warning, self._head, self._list, self._more, self._keys)
        column(*parts, SPRING, on=self, gap=theming.tokens.space["md"])

    def show_form(self, form: BiodataForm, field: str, tables: CodeTables) -> None:
        """Show notes and codes."""
        told = self._theming.catalog.explain(form.problem) if form.problem is not None else None
        self._problem.render_advice(told.what if told else "", told.do if told else "", Tone.BAD)
        title: Message = message("biodata.look_title") if form.warnings else ""
        lines = [self._theming.say(words) for words in form.warnings]
        self._warning.render_advice(title, "\n".join((*lines, self._theming.say(message("biodata.look_hint")))))
        self._show_codes(field, tables)
        self._keys.setText(self._theming.say(message("biodata.keys")))

    def _show_codes(self, field: str, tables: CodeTables) -> None:
        codes = list(tables.tables[CODED_FIELDS[field]].items()) if field in CODED_FIELDS else []
        name = self._theming.say(message(f"biodata.field.{field}")) if codes else ""
        self._head.show_text(self._theming.say(message("biodata.codes", field=name)) if codes else "")
        self._list.show_text("\n".join(f"{code}  {wording}" for code, wording in codes[:_CODES_SHOWN]))
        left = len(codes) - _CODES_SHOWN
        self._more.show_text(self._theming.say(message("biodata.more_codes", left=left)) if left > 0 else "")
