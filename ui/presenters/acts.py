"""The forms of acts: what a method of a service takes is what its form asks, and what is typed goes to that method."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import partial
from inspect import Parameter, signature
from typing import Any, Generic, TypeAlias, TypeVar, get_type_hints

from fieldkit.domain.people import Permission
from fieldkit.domain.typed import optional, read_day, read_whole
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.sop.run_sop import EvidenceFile
from fieldkit.services.unit_of_work import Act, Writes
from ui.presenters.form import Form, FormField, Labels
from ui.presenters.parts import Choice
from ui.presenters.presenter import Action, Command, Message, Navigator, message, opening
from ui.presenters.readers import Values, answer, evidence, moment

S = TypeVar("S", bound=Writes)
T = TypeVar("T")
About: TypeAlias = Mapping[str, str]  # what a screen is opened with: parameters that are given and not asked


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """How values of one type are asked and read. `read` is given all that stands in the form, and the field's name."""

    read: Callable[[AppContext, Values, str], T]
    ask: Callable[[AppContext, FormField], FormField] = lambda _context, field: field


def one_of(kind: type[StrEnum], key: str) -> Kind[StrEnum]:
    """Return how one of an enumeration is chosen; its words are the phrases `key` + value."""
    choices = Choice.each(kind, key)
    return Kind(
        lambda _context, values, name: kind(values[name]),
        lambda _context, field: replace(field, text=field.text or choices[0].name, choices=choices),
    )


_PAPERS: Kind[Sequence[EvidenceFile]] = Kind(
    lambda context, values, name: evidence(values, name, context.pictures),
    lambda _context, field: replace(field, is_paper=True),
)
_KINDS: Mapping[Any, Kind[Any]] = {
    str: Kind(lambda _context, values, name: values[name]),
    int: Kind(lambda _context, values, name: answer(values, name, read_whole)),
    int | None: Kind(lambda _context, values, name: answer(values, name, optional(read_whole))),
    date | None: Kind(lambda _context, values, name: answer(values, name, optional(read_day))),
    datetime | None: Kind(lambda context, values, name: moment(values, name, context.clock)),
    Sequence[EvidenceFile]: _PAPERS,
    tuple[EvidenceFile, ...]: _PAPERS,
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """One thing that an act takes: its name, its type, and whether it may stay empty."""

    name: str
    kind: Any
    is_optional: bool


@dataclass(frozen=True, slots=True)
class ActForms(Generic[S]):
    """The forms of the acts of a service.

    An act is opened as the screen `room`.name. Its words are the phrases `words` + name, and `words` + name_about below
    the title; `labels` names the fields, those in `hints` say below what they take. A parameter that the screen is
    opened with is given; all others are asked in their order, the fields of a dataclass one by one. What has a default
    may stay empty. `shape` changes a form where it has more to show. An act that takes what no kind asks has no form.
    """

    room: str
    words: str
    service: type[S]
    of: Callable[[AppContext], S]
    labels: Labels
    refusals: Mapping[Permission, Message]  # what is told to who may not
    kinds: Mapping[Any, Kind[Any]] = dataclasses.field(default_factory=dict)
    hints: frozenset[str] = frozenset()
    shape: Callable[[AppContext, About, Form], Form] = lambda _context, _about, form: form
    wide: Mapping[str, int] | None = None

    def opens(
        self,
        context: AppContext,
        navigator: Navigator,
        act: Act[S, ..., Any],
        icon: Action | None,
        refused: Message = "",
        **about: str,
    ) -> Command:
        """Return the command that opens the form of an act. Raise `TypeError` of one that has none."""
        if not self._has_form(act):
            raise TypeError(f"{act.name} takes what no form asks")
        refused = self.refusal(context, act) or refused
        words = message(f"{self.words}{act.name}")
        return opening(navigator, act.name, words, icon, refused, self.screen(act), **about)

    def refusal(self, context: AppContext, act: Act[S, ..., Any]) -> Message:
        """Return why the signed-in user may not, "" for who may."""
        return "" if context.user.may(act.permission) else self.refusals[act.permission]

    def screen(self, act: Act[S, ..., Any]) -> str:
        """Return the name of the screen of an act."""
        return f"{self.room}.{act.name}"

    @property
    def screens(self) -> Mapping[str, Callable[[AppContext, About], Form]]:
        """Return what builds the form of each act that the service has, by the name of its screen."""
        acts = (each for each in vars(self.service).values() if isinstance(each, Act))
        return {self.screen(act): partial(self.form, act) for act in acts if self._has_form(act)}

    def form(self, act: Act[S, ..., Any], context: AppContext, about: About) -> Form:
        """Return the form of an act; `about` is what it is not asked."""
        asked = [each for each in asked_by(act) if each.name not in about]

        def load() -> tuple[FormField, ...]:
            return tuple(self._kind(each).ask(context, self._field(each.name)) for each in asked)

        def keep(values: Values) -> object:
            method = act.__get__(self.of(context), self.service)
            return method(**dict(self._read(act, context, {**values, **about})))

        title, told = message(f"{self.words}{act.name}"), message(f"{self.words}{act.name}_about")
        form = self.shape(context, about, Form(title, load, keep, told, wide=self.wide))
        return form.for_whom(context, act.permission, self.refusals[act.permission])

    def _has_form(self, act: Act[S, ..., Any]) -> bool:
        return all(each.kind in self.kinds or each.kind in _KINDS for each in asked_by(act))

    def _field(self, name: str) -> FormField:
        return self.labels(name, hint=name if name in self.hints else "")

    def _kind(self, asked: _Asked) -> Kind[Any]:
        return self.kinds.get(asked.kind) or _KINDS[asked.kind]

    def _read(self, act: Act[S, ..., Any], context: AppContext, values: Values) -> Iterator[tuple[str, Any]]:
        for name, kind, is_optional in _parameters(act):
            parts = _fields_of(kind)
            read = {each.name: each for each in parts or (_Asked(name, kind, is_optional),)}
            told = {
                each.name: self._kind(each).read(context, values, each.name)
                for each in read.values()
                if not each.is_optional or values.get(each.name, "").strip()
            }
            if parts:
                yield name, kind(**told)
            else:
                yield from told.items()


def asked_by(act: Act[Any, ..., Any]) -> list[_Asked]:
    """Return what an act takes, the fields of a dataclass one by one."""
    taken = ((_fields_of(kind), _Asked(name, kind, is_optional)) for name, kind, is_optional in _parameters(act))
    return [each for parts, whole in taken for each in (parts or (whole,))]


def _parameters(act: Act[Any, ..., Any]) -> list[tuple[str, Any, bool]]:
    hints = get_type_hints(act.does, include_extras=True)
    taken = list(signature(act.does).parameters.values())[2:]  # but the service and the unit of work
    return [(each.name, hints[each.name], each.default is not Parameter.empty) for each in taken]


def _fields_of(kind: Any) -> tuple[_Asked, ...]:
    if not dataclasses.is_dataclass(kind):
        return ()
    hints = get_type_hints(kind, include_extras=True)
    return tuple(
        _Asked(each.name, hints[each.name], each.default is not MISSING or each.default_factory is not MISSING)
        for each in dataclasses.fields(kind)
    )
