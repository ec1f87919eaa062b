"""Status pusat: what the data center said about each record, in plain words, and what the office must do about it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from fieldkit.domain.cards.card import CardCase
from fieldkit.domain.cards.facts import CardFacts
from fieldkit.domain.delivery.central_status import known_code
from fieldkit.domain.delivery.sealed import QueueEntry
from fieldkit.domain.delivery.status_work import TO_PRINT, OfficeTask, WorkPart, part_of
from fieldkit.domain.people.accounts import Permission
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.statuses.follow_statuses import WorkGroup, WorkLine
from fieldkit.services.statuses.tell_residents import News
from ui.presenters.actions import Action
from ui.presenters.amounts import day_text
from ui.presenters.commands import Command, Operation
from ui.presenters.figures import Cell, Number, tagged
from ui.presenters.letters.letters import paper_of
from ui.presenters.lists import (
    ALL,
    Filter,
    Head,
    Hint,
    History,
    Listed,
    ListScreen,
    Numbers,
    Panel,
    finding,
    nothing_yet,
)
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.office_list import OfficeList
from ui.presenters.parts import Tag, Tone
from ui.presenters.printing import Paper, Printing, brought_out, print_or_keep
from ui.presenters.statuses.central_messages import TRIAL, code_tag, code_tone, code_words, history_of, task_words

_MOST_GROUPS, _MOST_SAID = 6, 3  # what stands beside the list fits the smallest laptop
_TONES = {
    OfficeTask.PRINT: Tone.GOOD,
    OfficeTask.RESEND: Tone.BAD,
    OfficeTask.WAIT_FOR_AGE: Tone.SOFT,
    OfficeTask.ASK_MEANING: Tone.CAUTION,
}
_PART_TONES = {WorkPart.PRINT: Tone.GOOD, WorkPart.TROUBLE: Tone.BAD}


class StatusEntry(NamedTuple):
    """A record in the group of those with the same code and task."""

    group: WorkGroup
    line: WorkLine


class Read(NamedTuple):
    """What was read about the row under the cursor."""

    entry: QueueEntry
    news: News


class Statuses(OfficeList):
    """Lists what is to be done by code, the urgent first; nothing that the center said is changed here."""

    def __init__(self, context: AppContext, navigator: Navigator, printing: Printing, activity_id: str = "") -> None:
        super().__init__(context, navigator, activity_id)
        self._printing = printing

    def screen(self) -> ListScreen[StatusEntry]:
        """Return the list."""
        parts: tuple[Filter[StatusEntry], ...] = Filter.each(
            WorkPart, "status.part_", lambda e: part_of(e.group.task), _PART_TONES
        )
        return ListScreen(
            title=message("common.central_status"),
            heads=(
                Head.named(message("common.person"), lambda e: e.line.masked_name, lambda e: e.line.masked_nik, 172),
                Head(message("status.says"), _says, 244, lambda e: e.group.code),
                Head(message("common.remedy"), self._todo, 0, lambda e: e.line.days),
                Head.tagged(message("status.source"), _source, 140),
            ),
            load=self._load,
            name=lambda entry: entry.line.record_id,
            find=finding(self._office.statuses.find, lambda e: e.line.record_id),
            about=self._about,
            reads=frozenset({"record", "setting", CardCase.KIND, CardFacts.KIND}),
            filters=((ALL, *parts),),
            empty=nothing_yet("kirim.empty"),
            side=self._side,
            commands=self._commands,
        )

    def _load(self) -> Sequence[StatusEntry]:
        groups = self._office.statuses.worklist(self._of)
        return [StatusEntry(group, line) for group in groups for line in group.lines]

    def _about(self, entry: StatusEntry) -> Read:
        record_id = entry.line.record_id
        return Read(self._office.statuses.get(record_id), self._office.news.news(record_id))

    def _todo(self, entry: StatusEntry) -> Cell:
        central, days = entry.line.said, entry.line.days
        since: Message = message("status.silent", days=days)
        if central is not None:
            at = self._moment_text(central.observed_at)
            since = message("status.since", at=at, days=days) if days else at
        return Cell(_to_do(entry), since)

    def _side(self, listed: Listed[StatusEntry]) -> tuple[Panel, ...]:
        numbers = Numbers(message("status.groups"), _numbers(listed.everything))
        entry = listed.current
        if entry is None:
            return (numbers,)
        line, read = entry.line, listed.about
        news = read.news if isinstance(read, Read) else None
        told = (message("status.news", said=news.said, then=news.then),) if news else ()
        hint = Hint(_to_do(entry), told)
        if line.is_doubtful:
            hint = Hint(message("status.doubt_tag"), (message("status.doubtful"), *told), Tone.CAUTION)
        # The last thing said is known already; what was said before comes when it is read.
        said = read.entry.statuses if isinstance(read, Read) else tuple(filter(None, (line.said,)))
        history = history_of(said, self._context.clock, _MOST_SAID)
        name = f"{line.masked_name} · {line.masked_nik}"
        return (hint, *((History(name, history),) if history else ()), numbers)

    def _commands(self, listed: Listed[StatusEntry]) -> tuple[Command, ...]:
        at, opens, of = listed.current.line.record_id if listed.current else "", self._opens, self._of
        none: Message = "" if at else message("status.none")
        refused = self._refusal(Permission.TYPE_STATUS, "status.not_yours") or none
        clocks, prints = message("tenggat.title"), message("cetak.title")
        text = listed.about.news.text if isinstance(listed.about, Read) else ""
        no_news: Message = "" if text else message("status.none")
        tell = brought_out(partial(self._slip, at), lambda paper: print_or_keep(self._printing, *paper))
        copy = Operation(work=lambda: None, told=lambda _: message("status.news_copied"), copies=text)
        return (
            Command("copy_news", message("common.copy_message"), Action.SEND_AGAIN, refused=no_news, runs=copy),
            Command("print_news", message("status.tell"), Action.ISSUE, refused=refused, runs=tell),
            opens("show_clocks", clocks, Action.CALENDAR, "", "clocks", activity_id=of, record_id=at),
            opens("show_prints", prints, Action.GROUP, "", "prints", activity_id=of),
            opens("accept", message("status.type"), Action.ACCEPT, refused, "status_note", record_id=at),
        )

    def _slip(self, record_id: str) -> Paper:
        return paper_of(self._context, self._office.news.slip(record_id))


def _says(entry: StatusEntry) -> Cell:
    line, central = entry.line, entry.line.said
    if central is not None and known_code(central.code) is None:  # verbatim, however long; a tag would be cut
        return Cell(central.code, message("status.unknown"))
    tag = code_tag(central)
    return tagged(tag._replace(tone=Tone.CAUTION) if line.is_doubtful else tag)


def _source(entry: StatusEntry) -> Tag | None:
    central = entry.line.said
    return Tag(central.source, Tone.CAUTION if central.source == TRIAL else Tone.NEUTRAL) if central else None


def _to_do(entry: StatusEntry) -> Message:
    if entry.group.task is OfficeTask.WAIT_FOR_AGE and entry.line.card_from is not None:
        return message("status.birthday", day=day_text(entry.line.card_from))
    return message("status.doubt_todo") if entry.line.is_doubtful else task_words(entry.group.task)


def _group_words(group: WorkGroup) -> Message:
    if group.task is OfficeTask.WAIT_FOR_AGE:
        return message("central.waits_17")
    if group.task is OfficeTask.RESEND:
        return message("status.stuck")
    if known_code(group.code) in TO_PRINT and group.task in (OfficeTask.HAND_OVER, OfficeTask.CLOSE):
        return message(f"status.printed_{group.task.value}")  # we printed; the center does not know yet
    return code_words(group.code) if group.code else message("central.none")


def _numbers(entries: Sequence[StatusEntry]) -> tuple[Number, ...]:
    """Count the records of each group, the urgent first; what does not fit is counted together."""
    groups = list({(entry.group.task, entry.group.code): entry.group for entry in entries}.values())
    tone = [_TONES.get(group.task, code_tone(group.code) if group.code else Tone.NEUTRAL) for group in groups]
    numbers = [Number(str(len(group.lines)), _group_words(group), tone[at]) for at, group in enumerate(groups)]
    if len(numbers) <= _MOST_GROUPS:
        return tuple(numbers)
    rest = sum(len(group.lines) for group in groups[_MOST_GROUPS - 1 :])
    return (*numbers[: _MOST_GROUPS - 1], Number(str(rest), message("status.others")))
