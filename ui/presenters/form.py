"""A form: fields that somebody fills, kept together or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import partial
from itertools import count
from typing import Any

from fieldkit.domain.errors import Problem
from fieldkit.domain.people.accounts import Permission
from fieldkit.services.context.app_context import AppContext
from ui.presenters.commands import Operation, enter
from ui.presenters.drafted import DraftedPresenter, Drafting, Left
from ui.presenters.form_places import PLACES
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.parts import Bar, Choice, Stage, ViewState
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.ways_out import leave

SAVE = message("formulir.save")
SEPARATOR = " "  # between the chosen names of one field; names are ids without blanks


class Pick(Enum):
    """How a field is chosen from."""

    GRID = "grid"  # the choices stand side by side
    TYPED = "typed"  # by a part of its words or its code, one of many
    OPEN = "open"  # as TYPED, but what is not among the choices may be typed


@dataclass(frozen=True, slots=True)
class FormField:
    """One field. With `choices` it is chosen from, else typed; `text` holds the names of what is chosen."""

    name: str
    label: Message
    text: str = ""
    hint: Message = ""
    choices: tuple[Choice, ...] = ()
    is_many: bool = False  # several of the choices may be chosen
    problem: Message = ""  # what is wrong with it
    is_secret: bool = False  # typed unseen
    pick: Pick = Pick.GRID
    is_file: bool = False  # typed as a path, dropped, or chosen from a disk; with `is_many` several, between semicolons

    @property
    def chosen(self) -> tuple[str, ...]:
        """Return the names that are chosen."""
        return tuple(self.text.split(SEPARATOR)) if self.text else ()


@dataclass(frozen=True, slots=True)
class Wrong:
    """The field that was found wrong. Each one takes the keyboard once."""

    name: str
    serial: int = field(default_factory=count(1).__next__, repr=False)


@dataclass(frozen=True, slots=True)
class Form:
    """What a form asks and what becomes of it. `load` and `keep` run on the executor of the store."""

    title: Message
    load: Callable[[], tuple[FormField, ...]]
    keep: Callable[[Mapping[str, str]], object]
    hint: Message = ""
    save: Message = SAVE
    go_on: Callable[[Navigator, Any], None] = lambda navigator, _kept: navigator.back()  # where what was kept leads
    adapt: Callable[[tuple[FormField, ...]], tuple[FormField, ...]] = lambda fields: fields  # one field follows another


def closed_form(context: AppContext, title: Message, permission: Permission, why: Message) -> Form:
    """Return a form for who may not fill it: it asks nothing and tells nothing but why."""
    return Form(title, lambda: (), lambda _values: context.office.units.demand(permission), why)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormState(ViewState):
    """The fields as filled so far."""

    title: Message = ""
    hint: Message = ""
    fields: tuple[FormField, ...] = ()
    wrong: Wrong | None = None


class FormPresenter(DraftedPresenter[FormState]):
    """Takes what is typed and keeps it on Enter; until then it is a draft that Esc leaves where it is."""

    def __init__(self, form: Form, tasks: Tasks, navigator: Navigator, drafting: Drafting) -> None:
        state = FormState(stage=Stage.LOADING, title=form.title, hint=form.hint, bar=Bar(leave(self.back)))
        super().__init__(state, tasks, drafting)
        self._form, self._navigator = form, navigator
        self._begun: tuple[FormField, ...] = ()

    def start(self) -> None:
        """Load the fields and what was left on them; what was typed stays when the screen comes back."""
        if not self.state.fields:
            self._tasks.run(STORE, lambda: (self._form.load(), self._drafting.read()), self._loaded, self._failed)

    def typed(self) -> Mapping[str, str]:
        """Return the fields that stand otherwise than they were loaded."""
        begun = {field.name: field.text for field in self._begun}
        return {field.name: field.text for field in self.state.fields if field.text != begun.get(field.name, "")}

    def fill(self, fields: Mapping[str, str]) -> None:
        """Show the form as it was loaded, but for these fields."""
        filled = tuple(_filled(field, fields) for field in self._begun)
        shown = tuple(_filled(field, fields) for field in self._form.adapt(filled))  # a field may come with another
        self._become(replace(self.state, fields=shown, problem=None, wrong=None))

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
        """Keep the form and go where that leads; what is wrong stands at its field, or above where none is alone."""
        if self.state.stage is Stage.CONTENT:
            values = {field.name: field.text for field in self.state.fields}
            follow = partial(self._form.go_on, self._navigator)
            self._keep_typed(Operation(work=lambda: self._form.keep(values), done=follow))

    def back(self) -> None:
        """Leave; what was typed waits for the next time."""
        self._navigator.back()

    def _loaded(self, found: tuple[tuple[FormField, ...], Left | None]) -> None:
        self._begun, left = found
        bar = Bar(leave(self.back), (enter(self._form.save, self.accept),))
        self._become(replace(self.state, stage=Stage.CONTENT, fields=self._begun, bar=bar))
        self._restore(left)

    def _change(self, name: str, change: Callable[[FormField], FormField]) -> None:
        fields = tuple(
            change(replace(field, problem="")) if field.name == name else field for field in self.state.fields
        )
        self._become(replace(self.state, fields=self._form.adapt(fields), problem=None, wrong=None))
        self._edited()

    def _stopped(self, problem: Problem) -> None:
        super()._stopped(problem)
        name = problem.field_name or PLACES.get(problem.code, "")
        told = {field.name: problem if field.name == name else "" for field in self.state.fields}
        fields = tuple(replace(field, problem=told[field.name]) for field in self.state.fields)
        if name in told:
            self._become(replace(self.state, fields=fields, problem=None, wrong=Wrong(name)))
        else:
            self._become(replace(self.state, fields=fields))

    def _failed(self, problem: Problem) -> None:
        self._become(replace(self.state, stage=Stage.ERROR, problem=problem))


def _filled(field: FormField, fields: Mapping[str, str]) -> FormField:
    """Return the field with what was left on it; what can no longer be chosen is passed over."""
    text = fields.get(field.name)
    if text is None:
        return field
    names = {choice.name for choice in field.choices if field.pick is not Pick.OPEN}
    if names and field.is_many:
        text = SEPARATOR.join(one for one in text.split(SEPARATOR) if one in names)
    elif names and text not in names:
        return field
    return replace(field, text=text)
