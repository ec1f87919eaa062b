"""Orang per NIK: what SIAK says of everybody on our lists, typed for many at once; numbers and sheets to take there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from fieldkit.domain.delivery import WorkPart, known_code, part_of, task_after
from fieldkit.domain.people import Permission
from fieldkit.domain.status_lists import CopiedNiks, SeenStatuses
from fieldkit.ports.messages import Messages
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.nik_lists import PORTION, NikLine, TypedForMany
from ui.presenters.amounts import moment_text
from ui.presenters.figures import FigureCell, Number, tagged
from ui.presenters.form import SEPARATOR, Form, FormField
from ui.presenters.lists import (
    ALL,
    Filter,
    Head,
    Hint,
    History,
    Listed,
    ListScreen,
    Numbers,
    OfficeList,
    Panel,
    finding,
    nothing_yet,
)
from ui.presenters.parts import Tag, Tone
from ui.presenters.presenter import Action, Command, Message, Navigator, Operation, message
from ui.presenters.printing import Printing
from ui.presenters.readers import moment
from ui.presenters.statuses.statuses import code_tag, history_of

_MOST_SAID = 4


@dataclass(frozen=True, slots=True)
class _Way:
    """A sheet that is written: its command, key and work."""

    name: str
    action: Action
    write: Callable[[], tuple[str, bytes]]


def status_form(context: AppContext, target_ids: str) -> Form:
    """Return the form of one status for many people; the ids stand beside each other."""
    chosen = target_ids.split(SEPARATOR)

    def load() -> tuple[FormField, ...]:
        hints = {"code": {}, "at": {"now": moment_text(context.clock.local(context.clock.now()))}, "reason": {}}
        return tuple(
            FormField(name, message(f"status.{name}"), hint=message(f"status.{name}_hint", **said))
            for name, said in hints.items()
        )

    def keep(values: Mapping[str, str]) -> TypedForMany:
        at = moment(values, "at", context.clock)
        return context.office.nik_lists.type_status(chosen, values["code"], at, values["reason"])

    title, hint = message("per_nik.form", count=len(chosen)), message("per_nik.form_hint")
    form = Form(title, load, keep, hint, message("status.keep"))
    return form.for_whom(context, Permission.TYPE_STATUS, message("status.not_yours"))


class PeopleByNik(OfficeList):
    """Lists everybody with a NIK on the lists of an activity, or of all; ticked people get one status together."""

    def __init__(
        self, context: AppContext, navigator: Navigator, printing: Printing, messages: Messages, activity_id: str = ""
    ) -> None:
        super().__init__(context, navigator, activity_id)
        self._printing, self._messages, self._lists = printing, messages, context.office.nik_lists

    def screen(self) -> ListScreen[NikLine]:
        """Return the list."""
        parts: tuple[Filter[NikLine], ...] = Filter.each(WorkPart, "status.part_", _part)
        return ListScreen(
            title=message("per_nik.title"),
            heads=(
                Head.named(message("common.person"), lambda each: each.target.name, lambda each: each.nik, 230),
                Head(message("status.says"), _says, 250, lambda each: each.central.code if each.central else ""),
                Head(message("status.source"), self._source, 0),
                Head(message("per_nik.copied"), self._copied_at, 170),
            ),
            load=lambda: self._lists.people(self._of),
            name=lambda each: each.target.target_id,
            find=finding(self._find, lambda each: each.target.target_id),
            reads=frozenset({"record", "targets", SeenStatuses.KIND, CopiedNiks.KIND}),
            filters=((ALL, *parts),),
            ticks=lambda _each: True,
            empty=nothing_yet("per_nik.empty"),
            side=self._side,
            commands=self._commands,
            hint=message("per_nik.hint"),
        )

    def _find(self, text: str) -> frozenset[str]:
        words = text.casefold().split()
        return frozenset(
            each.target.target_id
            for each in self._lists.people(self._of)
            if all(word in f"{each.target.name} {each.nik}".casefold() for word in words)
        )

    def _source(self, each: NikLine) -> FigureCell:
        said = each.central
        if said is None:
            return FigureCell("–", is_muted=True)
        where: Message = message("per_nik.at_record") if each.record_id else message("per_nik.no_record")
        told = " · ".join(filter(None, (self._moment_text(said.observed_at), said.reason)))
        return FigureCell(said.source, told or where)

    def _copied_at(self, each: NikLine) -> FigureCell:
        return FigureCell(self._moment_text(each.copied_at)) if each.copied_at else FigureCell("–", is_muted=True)

    def _side(self, listed: Listed[NikLine]) -> tuple[Panel, ...]:
        everything, each = listed.everything, listed.current
        unknown = sum(line.central is None for line in everything)
        copied = sum(line.copied_at is not None for line in everything)
        numbers = Numbers(
            message("per_nik.numbers"),
            (
                Number(str(len(everything)), message("per_nik.people")),
                Number(str(unknown), message("central.none"), Tone.CAUTION if unknown else Tone.NEUTRAL),
                Number(str(sum(line.is_trouble for line in everything)), message("status.part_trouble"), Tone.BAD),
                Number(str(copied), message("per_nik.copied")),
            ),
        )
        if each is None:
            return (numbers,)
        history = history_of(each.statuses, self._context.clock, _MOST_SAID)
        where = message("per_nik.at_record") if each.record_id else message("per_nik.no_record")
        said = History(each.target.name, history) if history else Hint(each.target.name, message("central.none"))
        return (said, Hint(message("per_nik.where"), where), numbers)

    def _commands(self, listed: Listed[NikLine]) -> tuple[Command, ...]:
        chosen = tuple(each.target.target_id for each in listed.chosen)
        none: Message = "" if chosen else message("status.none")
        yours = self._refusal(Permission.TYPE_STATUS, "status.not_yours")
        takes = self._refusal(Permission.VERIFY_TARGETS, "per_nik.not_yours")
        ids = SEPARATOR.join(chosen)
        words = message("per_nik.type", count=max(1, len(chosen)))
        ways = (
            _Way("xlsx", Action.NEW, lambda: self._lists.xlsx(self._of, self._messages)),
            _Way("csv", Action.GROUP, lambda: self._lists.csv(self._of)),
            _Way("troubles", Action.REMOVE, lambda: self._lists.troubles(self._of, self._messages)),
        )
        return (
            self._copy(listed, takes or none),
            *(self._sheet(way, takes) for way in ways),
            self._opens("accept", words, Action.ACCEPT, yours or none, "nik_status", target_ids=ids),
        )

    def _copy(self, listed: Listed[NikLine], refused: Message) -> Command:
        """Return what copies the ticked numbers, else the next portion that nobody copied yet."""
        waiting = [each for each in listed.everything if each.copied_at is None] or listed.everything
        portion: Sequence[NikLine] = listed.ticked or waiting[:PORTION]
        ids = [each.target.target_id for each in portion]
        copy = Operation(
            work=partial(self._lists.copied, ids),
            told=lambda _: message("per_nik.were_copied", count=len(ids)),
            copies="\n".join(each.nik for each in portion),
        )
        return Command("copy", message("per_nik.copy", count=len(ids)), Action.SEND_AGAIN, refused=refused, runs=copy)

    def _sheet(self, way: _Way, refused: Message) -> Command:
        save, words = self._printing.save, message(f"per_nik.{way.name}")
        write = Operation(work=lambda: save(*way.write()), told=lambda where: message("impor.saved", where=where))
        return Command(f"export_{way.name}", words, way.action, refused=refused, runs=write)


def _part(each: NikLine) -> WorkPart:
    """Return the part of the work; who was never heard of is no trouble."""
    return part_of(task_after(each.central.code)) if each.central else WorkPart.WAITS


def _says(each: NikLine) -> FigureCell:
    said = each.central
    if said is not None and known_code(said.code) is None:
        return FigureCell(said.code, message("status.unknown"))
    return tagged(code_tag(said)) if said else tagged(Tag(message("central.none")))
