"""A form: fields that somebody fills, kept together or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from fieldkit.domain.errors import Problem
from ui.presenters.acts import Act
from ui.presenters.navigator import Navigator
from ui.presenters.parts import Action, Bar, Choice, Stage, ViewState, Weight
from ui.presenters.presenter import Presenter
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.ways_out import BACK
from ui.presenters.words import Words, phrase

SAVE = phrase("formulir.save")
SEPARATOR = " "  # between the chosen names of one field; names are ids without blanks


@dataclass(frozen=True, slots=True)
class FormField:
    """One field. With `choices` it is chosen from, else typed; `text` holds the names of what is chosen."""

    name: str
    label: Words
    text: str = ""
    hint: Words = ""
    choices: tuple[Choice, ...] = ()
    is_many: bool = False  # several of the choices may be chosen

    @property
    def chosen(self) -> tuple[str, ...]:
        """Return the names that are chosen."""
        return tuple(self.text.split(SEPARATOR)) if self.text else ()


@dataclass(frozen=True, slots=True)
class Form:
    """What a form asks and what becomes of it. `load` and `keep` run on the lane of the store."""

    title: Words
    load: Callable[[], tuple[FormField, ...]]
    keep: Callable[[Mapping[str, str]], object]
    hint: Words = ""
    save: Words = SAVE
    go_on: Callable[[Navigator, Any], None] = lambda navigator, _kept: navigator.back()  # where what was kept leads
    adapt: Callable[[tuple[FormField, ...]], tuple[FormField, ...]] = lambda fields: fields  # one field follows another


@dataclass(frozen=True, slots=True, kw_only=True)
class FormState(ViewState):
    """The fields as filled so far."""

    title: Words = ""
    hint: Words = ""
    fields: tuple[FormField, ...] = ()


class FormPresenter(Presenter[FormState]):
    """Takes what is typed and keeps it on Enter; Esc leaves everything as it was."""

    def __init__(self, form: Form, tasks: Tasks, navigator: Navigator) -> None:
        super().__init__(FormState(stage=Stage.LOADING, title=form.title, hint=form.hint, bar=Bar(BACK)))
        self._form, self._tasks, self._navigator = form, tasks, navigator
        self._is_keeping = False

    def start(self) -> None:
        """Load the fields; what was typed stays when the screen comes back."""
        if not self.state.fields:
            self._tasks.run(STORE, self._form.load, self._loaded, self._failed)

    def type(self, name: str, text: str) -> None:
        """Take a keystroke."""
        self._change(name, lambda field: replace(field, text=text))

    def choose(self, name: str, choice: str) -> None:
        """Choose one, or one more, or one less."""

        def chosen(field: FormField) -> FormField:
            if not field.is_many:
                return replace(field, text=choice)
            had = field.chosen
            left = tuple(one for one in had if one != choice) if choice in had else (*had, choice)
            return replace(field, text=SEPARATOR.join(left))

        self._change(name, chosen)

    def accept(self) -> None:
        """Keep the form and go back; what is wrong stands above it."""
        if self._is_keeping or self.state.stage is not Stage.CONTENT:
            return
        self._is_keeping = True
        values = {field.name: field.text for field in self.state.fields}
        self._tasks.run(STORE, lambda: self._form.keep(values), self._kept, self._refused)

    def back(self) -> None:
        """Leave everything as it was."""
        self._navigator.back()

    def _loaded(self, fields: tuple[FormField, ...]) -> None:
        bar = Bar(BACK, (Action("accept", self._form.save, Act.ACCEPT, Weight.PRIMARY),))
        self._become(replace(self.state, stage=Stage.CONTENT, fields=fields, bar=bar))

    def _change(self, name: str, change: Callable[[FormField], FormField]) -> None:
        fields = tuple(change(field) if field.name == name else field for field in self.state.fields)
        self._become(replace(self.state, fields=self._form.adapt(fields), problem=None))

    def _kept(self, kept: object) -> None:
        self._form.go_on(self._navigator, kept)

    def _refused(self, problem: Problem) -> None:
        self._is_keeping = False
        self._become(replace(self.state, problem=problem))

    def _failed(self, problem: Problem) -> None:
        self._become(replace(self.state, stage=Stage.ERROR, problem=problem))
