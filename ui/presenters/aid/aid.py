"""Bantuan: who needs which aid after the recording, and how far each proposal is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import partial

from fieldkit.domain.aid import WAYS, AidCase, AidRound, AidState, Program
from fieldkit.domain.people.accounts import Permission
from fieldkit.ports.messages import Messages
from fieldkit.services.aid.follow_aid import AidLine, AidOverview
from fieldkit.services.context.app_context import AppContext
from ui.presenters.actions import Action
from ui.presenters.aid.messages import TONES, due_tag, facts_of, history_of, program_words, state_tag, state_words
from ui.presenters.commands import Command, Operation, enter
from ui.presenters.figures import Cell, Number
from ui.presenters.lists import (
    ALL,
    Facts,
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
from ui.presenters.navigator import Navigator, Opens, opens
from ui.presenters.office_list import OfficeList
from ui.presenters.parts import Empty, Tag, Tone
from ui.presenters.printing import Printing
from ui.presenters.visits.columns import address, person

_LAST_ACTS = 2


class AidList(OfficeList):
    """Leads to the form of the next act: of one row, or of all rows that are as far as it."""

    _found: AidOverview  # the follow-up as a whole; read with the list

    def __init__(
        self, context: AppContext, navigator: Navigator, printing: Printing, messages: Messages, activity_id: str
    ) -> None:
        super().__init__(context, navigator, activity_id)
        self._printing, self._messages = printing, messages

    def screen(self) -> ListScreen[AidLine]:
        """Return the list: what is due first."""
        today = self._context.clock.today()
        due: Filter[AidLine] = Filter(
            "due", message("aid.is_due"), lambda e: bool(e.aid and e.aid.is_due(today)), Tone.CAUTION
        )
        not_noted: Filter[AidLine] = Filter(
            "not_noted", message("common.not_noted_yet"), lambda line: line.case is None
        )
        states: tuple[Filter[AidLine], ...] = Filter.each(AidState, "aid.state_", _state_of, TONES)
        return ListScreen(
            title=message("aid.title"),
            heads=(
                person(lambda line: line.target),
                address(lambda line: line.target, 190),
                Head(message("aid.program"), _program, 180, lambda line: line.aid.program if line.aid else ""),
                Head.tagged(message("common.state"), _state, 200, _how_far),
                Head.tagged(message("aid.follow_up"), self._due, 140, _follow_up),
            ),
            load=self._load,
            name=_name,
            find=finding(partial(self._context.visits.matching, self._of), lambda line: line.target.target_id),
            reads=frozenset({AidCase.KIND, AidRound.KIND, "targets"}),
            filters=((ALL, due, not_noted, *states),),
            empty=self._nothing,
            side=self._side,
            commands=self._commands,
            hint=message("sasaran.hint"),
        )

    def _load(self) -> Sequence[AidLine]:
        self._found = self._office.aid.overview(self._of)
        return self._found.lines

    def _due(self, line: AidLine) -> Tag | None:
        return due_tag(line.aid, self._context.clock.today()) if line.aid else None

    def _nothing(self, listed: Listed[AidLine]) -> Empty:
        return (
            Empty.of("aid.hidden") if self._found.is_hidden else nothing_yet("aid.nobody_yet", "aid.none_found")(listed)
        )

    def _side(self, listed: Listed[AidLine]) -> tuple[Panel, ...]:
        found, line = self._found, listed.current
        panels: list[Panel] = []
        if line is not None:
            panels.append(Facts(line.target.biodata.name, facts_of(line.case, self._named)))
            if line.aid is not None and (history := history_of(line.aid, self._context.clock.local, _LAST_ACTS)):
                panels.append(History(program_words(line.aid.program), history))
        panels.append(_round_hint(found.round, self._day_text))
        panels.append(Numbers(message("common.counts"), _numbers(found), message("aid.no_numbers")))
        return tuple(panels)

    def _named(self, programs: Iterable[Program]) -> str:
        return ", ".join(self._messages.text(f"aid.program_{each.value}") for each in programs)

    def _commands(self, listed: Listed[AidLine]) -> tuple[Command, ...]:
        line, leads, of = listed.current, self._opens, self._of
        not_yours = self._refusal(Permission.FOLLOW_UP_AID, "aid.not_yours")
        judged = self._refusal(Permission.EVALUATE_AID, "aid.not_judge")
        if not judged and all(state is AidState.DICATAT for state in self._found.counts):
            judged = message("aid.nothing_to_judge")
        empty: Message = "" if self._found.people else message("aid.no_numbers")
        none = not_yours or ("" if line else message("aid.choose_first"))
        is_over = line is not None and line.aid is not None and not WAYS[line.aid.state]
        left = none or (message("aid.nothing_left") if is_over else "")
        alike = _alike(listed)
        many, no_aid = message("aid.move_all", count=len(alike)), "" if alike else message("aid.no_aid")
        export = Operation(work=self._export, told=lambda where: message("impor.saved", where=where))
        note = opens(self._navigator, "aid_note", target_id=line.target.target_id if line else "")
        following = message(f"aid.after_{line.aid.state.value}") if line and line.aid else message("aid.note_person")
        return (
            Command("export", message("aid.export"), Action.NEW, refused=not_yours or empty, runs=export),
            Command("write_note", message("aid.write_note"), Action.PERSON_NOTES, refused=none, runs=note),
            leads("meet", message("aid.meet"), Action.GROUP, not_yours, "aid_meeting", activity_id=of),
            leads("judge", message("aid.judge"), Action.APPROVE, judged, "aid_result", activity_id=of),
            Command("move_all", many, Action.ISSUE, refused=left or no_aid, runs=self._move(alike)),
            enter(following, self._move((line,)) if line and line.aid else note, left),
        )

    def _move(self, lines: Sequence[AidLine]) -> Opens:
        """Write down one act for proposals that are as far."""
        return opens(self._navigator, "aid_step", activity_id=self._of, keys=",".join(map(_name, lines)))

    def _export(self) -> str:
        """Write all that is noted into a file for desa and Dinsos."""
        return self._printing.save(*self._office.aid.export(self._of, self._messages))


def _name(line: AidLine) -> str:
    """Return the name of a row; it comes back to the form as whose proposal for what."""
    return f"{line.target.target_id} {line.aid.program.value}" if line.aid else line.target.target_id


def _state_of(line: AidLine) -> AidState | None:
    return line.aid.state if line.aid is not None else None


def _how_far(line: AidLine) -> int:
    return list(AidState).index(line.aid.state) if line.aid else -1


def _alike(listed: Listed[AidLine]) -> Sequence[AidLine]:
    """Return every line in sight that is as far as the one under the cursor."""
    aid = listed.current.aid if listed.current else None
    return [line for line in listed.shown if aid and line.aid and line.aid.state is aid.state]


def _follow_up(line: AidLine) -> date:
    return (line.aid and line.aid.follow_up_on) or date.max  # those without a day last


def _program(line: AidLine) -> Cell:
    return Cell(program_words(line.aid.program)) if line.aid else Cell("–", is_muted=True)


def _state(line: AidLine) -> Tag:
    if line.aid is not None:
        return state_tag(line.aid)
    return Tag(message("aid.nothing_needed" if line.case else "common.not_noted_yet"), Tone.NEUTRAL)


def _numbers(found: AidOverview) -> tuple[Number, ...]:
    return Number.some(
        (found.not_noted, message("common.not_noted_yet"), Tone.NEUTRAL),
        (found.due, message("aid.is_due"), Tone.CAUTION),
        *((found.counts.get(state, 0), state_words(state), Tone.NEUTRAL) for state in AidState),
    )


def _round_hint(about: AidRound, day: Callable[[datetime], str]) -> Hint:
    """Return how far the follow-up is as a whole: judged, else coordinated, else neither."""
    if about.evaluations:
        return Hint(message("aid.judged", day=day(about.evaluations[-1].at)), tone=Tone.GOOD)
    if about.meetings:
        tone = Tone.GOOD if about.is_coordinated else Tone.CAUTION
        return Hint(message("aid.met", day=day(about.meetings[-1].at)), tone=tone)
    return Hint(message("aid.not_met"), tone=Tone.CAUTION)
