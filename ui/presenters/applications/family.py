"""Data KK: the family as the form F-1.02 has it, member by member, and what is odd about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fieldkit.domain.applications import Application, ApplicationState
from fieldkit.domain.families import Family, FamilyMember
from ui.presenters.actions import Action
from ui.presenters.amounts import day_text
from ui.presenters.applications.application_list import ApplicationList
from ui.presenters.commands import Command, Operation, Weight, enter
from ui.presenters.figures import Cell
from ui.presenters.lists import Facts, Head, Hint, Listed, ListScreen, Panel
from ui.presenters.messages import Message, message
from ui.presenters.parts import Empty, Tag, Tone

_RELATION = "hubungan_keluarga"


@dataclass(frozen=True, slots=True)
class Row:
    """A member, its place in the family, and what is odd about it."""

    place: int
    member: FamilyMember
    doubts: tuple[str, ...]


class FamilyEntry(ApplicationList):
    """Enter submits when the family is complete; until then it adds the next member."""

    _family: Family | None = None  # read with the list

    def screen(self) -> ListScreen[Row]:
        """Return the list of the members, in the order of the form."""
        words = self._context.tables.wording
        return ListScreen(
            title=message("family.title"),
            heads=(
                Head.named(message("family.member"), lambda row: row.member.name, _below),
                Head(message("family.relation"), lambda row: Cell(words(_RELATION, row.member.relation)), 220),
                Head(message("family.born"), lambda row: Cell(day_text(row.member.birth_date)), 140),
                Head.tagged(message("family.look"), _doubt, 200),
            ),
            load=self._load,
            name=lambda row: str(row.place),
            text=lambda row: row.member.name,
            reads=frozenset({Application.KIND}),
            empty=lambda _listed: Empty.of("family.none", self._add(Action.ACCEPT)),
            side=self._side,
            commands=self._commands,
            hint=message("family.search"),
            where=self._where,
        )

    def _load(self) -> Sequence[Row]:
        self._read()
        family = self._family = self._office.families.family(self._id)
        odd = self._office.families.doubts(family)
        return [
            Row(place, member, tuple(finding.code for name, finding in odd if name == member.name))
            for place, member in enumerate(family.members)
        ]

    def _commands(self, listed: Listed[Row]) -> tuple[Command, ...]:
        row, closed, opens = listed.current, self._closed(), self._opens
        none: Message = closed or ("" if row else message("family.choose"))
        at, place = {"application_id": self._id}, str(row.place) if row else "0"
        home = opens("open_home", message("family.home"), Action.CALENDAR, closed, "family_home", **at)
        change = opens("change", message("family.change"), Action.REPAIR, none, "family_member", place=place, **at)
        if row is None or self._family is None:
            return (home, self._add(Action.ACCEPT))
        families, family = self._office.families, self._family
        away = Operation(
            work=lambda: families.keep(self._id, family.without(row.place)),
            undo=lambda _kept: Operation(work=lambda: families.keep(self._id, family)),
            told=lambda _kept: message("family.removed", name=row.member.name),
        )
        remove = Command("remove", message("family.remove"), Action.REMOVE, Weight.DANGER, none, away)
        enters, back = self._office.applications.enter, self._navigator.back
        send = Operation(work=lambda: enters(self._id), done=lambda _kept: back())
        return (home, remove, change, self._add(Action.NEW), enter(message("family.submit"), send, closed))

    def _add(self, act: Action) -> Command:
        name, members = "accept" if act is Action.ACCEPT else "begin_new", self._family.members if self._family else ()
        at = {"application_id": self._id, "place": str(len(members))}
        return self._opens(name, message("family.add"), act, self._closed(), "family_member", **at)

    def _closed(self) -> Message:
        view = self._view
        if view is None or view.application.next_state is not ApplicationState.DIINPUT:
            return message("family.not_now")
        return self._others(view)

    def _side(self, listed: Listed[Row]) -> tuple[Panel, ...]:
        family = self._family
        if family is None:
            return ()
        home = family.address
        known: Mapping[str, Message] = {
            "biodata.field.no_kk": family.no_kk.masked if family.no_kk else message("family.new_number"),
            "biodata.field.street": f"{home.street} RT {home.rt or '-'} RW {home.rw or '-'}",
            "biodata.field.village": home.village,
            "biodata.field.district": home.district or message("family.empty"),
        }
        told = Facts.known(message("family.home"), known)
        row = listed.current
        if row is None or not row.doubts:
            return (told,)
        odd = tuple(map(message, row.doubts))
        return (told, Hint(message("family.look_at", name=row.member.name), odd, Tone.CAUTION))


def _below(row: Row) -> Message:
    return row.member.nik.masked if row.member.nik else message("family.no_number")


def _doubt(row: Row) -> Tag:
    return Tag(message("impor.is_doubtful"), Tone.CAUTION) if row.doubts else Tag(message("impor.is_good"), Tone.GOOD)
