"""Social aid: proposals on their way, their forms, and how all of it is said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import partial

from fieldkit.domain.aid import WAYS, Aid, AidAct, AidCase, AidNote, AidRound, AidState, Dtsen, Program
from fieldkit.domain.people import Permission
from fieldkit.domain.typed import chosen, optional, read_day, read_whole
from fieldkit.ports.messages import Messages
from fieldkit.services.aid import AidKey, AidLine, AidOverview, AidStep
from fieldkit.services.context.app_context import AppContext
from ui.presenters.amounts import day_text, moment_text
from ui.presenters.figures import FigureCell, Number, Step, StepMark
from ui.presenters.form import SEPARATOR, Form, FormField, Labels
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
    OfficeList,
    Panel,
    finding,
    nothing_yet,
)
from ui.presenters.parts import Choice, Empty, Tag, Tone
from ui.presenters.presenter import (
    Action,
    CatalogMessage,
    Command,
    Message,
    Navigator,
    Opens,
    Operation,
    enter,
    message,
    opens,
)
from ui.presenters.printing import Printing
from ui.presenters.readers import Values, answer, evidence, moment
from ui.presenters.visits.messages import address, person

# How social aid is said: programmes, states, what a proposal has come through.
TONES = {
    AidState.DICATAT: Tone.NEUTRAL,
    AidState.DIUSULKAN: Tone.SOFT,
    AidState.DIVERIFIKASI: Tone.SOFT,
    AidState.DITETAPKAN: Tone.GOOD,
    AidState.DITOLAK: Tone.BAD,
    AidState.DISALURKAN: Tone.GOOD,
}
_MARKS = {AidState.DITOLAK: StepMark.MISSING, AidState.DICATAT: StepMark.PENDING}


def state_words(state: AidState) -> CatalogMessage:
    """Return a state as a word."""
    return message(f"aid.state_{state.value}")


def program_words(program: Program) -> CatalogMessage:
    """Return the name of a programme."""
    return message(f"aid.program_{program.value}")


def state_tag(aid: Aid) -> Tag:
    """Return how far a proposal is."""
    return Tag(state_words(aid.state), TONES[aid.state])


def due_tag(aid: Aid, today: date) -> Tag | None:
    """Return when somebody should ask about a proposal, None when nobody needs to."""
    if aid.follow_up_on is None:
        return None
    day = day_text(aid.follow_up_on)
    return Tag(day, Tone.CAUTION, "clock") if aid.is_due(today) else Tag(day, Tone.NEUTRAL, "clock")


def facts_of(case: AidCase | None, programs: Callable[[Iterable[Program]], str]) -> tuple[tuple[Message, Message], ...]:
    """Return what is noted about a person; `programs` names several in the language of the screen."""
    if case is None:
        return ()
    dtsen = message(f"aid.dtsen_{case.dtsen.value}")
    if case.decile is not None:
        dtsen = message(f"aid.dtsen_{case.dtsen.value}_decile", decile=case.decile)
    told: dict[str, Message] = {
        "dtsen": dtsen,
        "has": programs(case.received) if case.received else "",
        "note": case.note,
    }
    return tuple((message(f"aid.{name}"), said) for name, said in told.items() if said)


def history_of(aid: Aid, local: Callable[[datetime], datetime], most: int) -> tuple[Step, ...]:
    """Return the last acts of a proposal, each with its day, who did it and what shows it."""
    return tuple(_step(act, local) for act in aid.acts[1:][-most:])


def _step(act: AidAct, local: Callable[[datetime], datetime]) -> Step:
    told = (day_text(local(act.at).date()), act.who, act.reason or act.paper)
    return Step(
        act.state.value,
        state_words(act.state),
        _MARKS.get(act.state, StepMark.DONE),
        " · ".join(part for part in told if part),
    )


# Bantuan: who needs which aid after the recording, and how far each proposal is.

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


def _program(line: AidLine) -> FigureCell:
    return FigureCell(program_words(line.aid.program)) if line.aid else FigureCell("–", is_muted=True)


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


# The forms of social aid: the note of a person, an outsider's act, the coordination, the judgement of the result.

_field = Labels("aid.")
_PROGRAMS = tuple(Choice(each.value, program_words(each)) for each in Program)
_WIDE: Mapping[str, int] = {
    **dict.fromkeys(("dtsen", "file"), 3),
    **dict.fromkeys(("received", "wanted", "note", "state", "reason", "agreed", "result", "follow_up"), 4),
    **dict.fromkeys(("who", "dinsos", "desa"), 2),
}
_FOLLOWS = Permission.FOLLOW_UP_AID, message("aid.not_yours")


def note_form(context: AppContext, target_id: str) -> Form:
    """Return what is noted about a person so far, to be noted anew."""
    aid = context.office.aid

    def load() -> tuple[FormField, ...]:
        line = aid.one(target_id)
        case = line.case or AidCase(target_id, line.target.activity_id)
        wanted = SEPARATOR.join(each.program.value for each in case.aids)
        return (
            FormField(
                "dtsen",
                message("aid.dtsen_of", name=line.target.biodata.name),
                case.dtsen.value if line.case else "",  # nothing is noted by an Enter on a form that nobody filled
                choices=Choice.each(Dtsen, "aid.dtsen_"),
            ),
            _field("decile", str(case.decile or ""), "aid.decile_hint"),
            _field("received", SEPARATOR.join(case.received), "", _PROGRAMS, is_many=True),
            _field("wanted", wanted, "", _PROGRAMS, is_many=True),
            _field("note", case.note, "aid.note_hint"),
        )

    def keep(values: Values) -> object:
        told = AidNote(
            answer(values, "dtsen", chosen(Dtsen)),
            answer(values, "decile", optional(read_whole)),
            _programs(values["received"]),
            _programs(values["wanted"]),
            values["note"],
        )
        return aid.note(target_id, told)

    return _form("note", load, keep, "aid.note_form_hint").for_whom(context, *_FOLLOWS)


def step_form(context: AppContext, activity_id: str, names: str) -> Form:
    """Return what an outsider did with the proposals that these rows name."""
    keys = [_key(name) for name in names.split(",")]
    aid = context.office.aid

    def load() -> tuple[FormField, ...]:
        line = aid.one(keys[0].target_id)
        assert line.case is not None  # only noted people have proposals
        ways = WAYS[line.case.aid(keys[0].program).state]
        choices = tuple(Choice(each.value, state_words(each)) for each in ways)
        fields = [
            FormField("state", _whose(line.target.biodata.name, keys), choices[0].name, choices=choices),
            _field("who", hint=f"aid.who_{ways[0].value}"),
            _field("at", moment_text(context.clock.local(context.clock.now()))),
            _field("paper", hint=f"aid.paper_{ways[0].value}"),
            _field("paper_on", hint="aid.day_hint"),
            _field("file", hint="aid.file_hint", is_paper=True),
        ]
        if AidState.DITOLAK in ways:
            fields.append(_field("reason", hint="aid.reason_hint"))
        if ways[0] is not AidState.DISALURKAN:
            fields.append(_field("follow_up_on", hint="aid.day_hint"))
        return tuple(fields)

    def keep(values: Values) -> object:
        step = AidStep(
            AidState(values["state"]),
            values["who"],
            moment(values, "at", context.clock),
            values["paper"],
            answer(values, "paper_on", optional(read_day)),
            evidence(values, "file", context.pictures),
            values.get("reason", ""),
            answer(values, "follow_up_on", optional(read_day)) if "follow_up_on" in values else None,
        )
        return aid.move(activity_id, keys, step)

    return _form("step", load, keep).for_whom(context, *_FOLLOWS)


def meeting_form(context: AppContext, activity_id: str) -> Form:
    """Return the coordination with Dinsos and desa, as last noted."""
    aid = context.office.aid

    def load() -> tuple[FormField, ...]:
        met = aid.round(activity_id).meetings
        now = moment_text(context.clock.local(context.clock.now()))
        last = met[-1] if met else None
        return (
            _field("dinsos", last.dinsos if last else "", "aid.office_hint"),
            _field("desa", last.desa if last else "", "aid.office_hint"),
            _field("at", now),
            _field("agreed", hint="aid.agreed_hint"),
            _field("file", hint="aid.file_maybe", is_paper=True),
        )

    def keep(values: Values) -> object:
        files = evidence(values, "file", context.pictures)
        at = moment(values, "at", context.clock)
        return aid.meet(activity_id, values["dinsos"], values["desa"], values["agreed"], at, files)

    return _form("meeting", load, keep).for_whom(context, *_FOLLOWS)


def result_form(context: AppContext, activity_id: str) -> Form:
    """Return the judgement of what the proposals brought."""
    aid = context.office.aid

    def load() -> tuple[FormField, ...]:
        judged = aid.round(activity_id).evaluations
        last = judged[-1] if judged else None
        return (
            _field("result", last.result if last else "", "aid.result_hint"),
            FormField("follow_up", message("aid.next"), last.follow_up if last else "", message("aid.next_hint")),
        )

    def keep(values: Values) -> object:
        return aid.evaluate(activity_id, values["result"], values["follow_up"])

    form = _form("result", load, keep, "aid.result_form_hint")
    return form.for_whom(context, Permission.EVALUATE_AID, message("aid.not_judge"))


def _form(
    name: str, load: Callable[[], tuple[FormField, ...]], keep: Callable[[Values], object], hint: str = ""
) -> Form:
    return Form(message(f"aid.{name}_title"), load, keep, message(hint or f"aid.{name}_hint"), wide=_WIDE)


def _whose(name: str, keys: list[AidKey]) -> Message:
    if len(keys) == 1:
        return message("aid.whose", name=name)
    return message("aid.whose_all", count=len(keys))


def _key(name: str) -> AidKey:
    target_id, program = name.split()
    return AidKey(target_id, Program(program))


def _programs(text: str) -> tuple[Program, ...]:
    return tuple(each for each in Program if each.value in text.split())
