"""Bantuan: who needs which aid after the recording, and how far each proposal is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from fieldkit.domain.aid import WAYS, AidRound, AidState, Program
from fieldkit.domain.errors import Problem
from fieldkit.domain.people.accounts import Permission
from fieldkit.ports.messages import Messages
from fieldkit.services.aid.follow_aid import AidLine, AidOverview, AidWish
from fieldkit.services.context.desk import Desk
from ui.presenters.acts import Act
from ui.presenters.aid.words import due_tag, facts_of, history_of, program_words, state_tag, state_words
from ui.presenters.amounts import day_text
from ui.presenters.commands import Command, Weight
from ui.presenters.figures import NO_ROWS, Cell, Column, Number, Row, Rows, Step
from ui.presenters.navigator import Navigator
from ui.presenters.parts import NOTHING, Bar, Empty, Stage, Tag, Toast, Tone, ViewState
from ui.presenters.presenter import Presenter
from ui.presenters.printing import Printing
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.ways_out import BACK, unread
from ui.presenters.words import Words, phrase

COLUMNS = (
    Column(phrase("aid.person")),
    Column(phrase("aid.address"), 160),
    Column(phrase("aid.program"), 180),
    Column(phrase("aid.state"), 200),
    Column(phrase("aid.follow_up"), 140),
)
_LAST_ACTS = 2
_EVERYTHING = AidWish()
_FILTERS: tuple[tuple[str, AidWish], ...] = (
    ("aid.all", _EVERYTHING),
    ("aid.is_due", AidWish(due=True)),
    ("aid.not_noted", AidWish(not_noted=True)),
    *((f"aid.state_{state.value}", AidWish(states=(state,))) for state in AidState),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AidListState(ViewState):
    """The list as filtered and searched, the numbers, and the row under the cursor."""

    rows: Rows = NO_ROWS
    tags: tuple[Tag, ...] = ()
    nothing: Empty = NOTHING
    numbers: tuple[Number, ...] = ()
    about: Words = ""
    facts: tuple[tuple[Words, Words], ...] = ()
    history: tuple[Step, ...] = ()
    export: Command | None = None  # stands below the numbers
    write_note: Command | None = None  # stands beside the person


class AidPresenter(Presenter[AidListState]):
    """Leads to the form of the next act: of one row, or of all rows that are as far as it."""

    def __init__(
        self, desk: Desk, tasks: Tasks, navigator: Navigator, printing: Printing, messages: Messages, activity_id: str
    ) -> None:
        super().__init__(AidListState(stage=Stage.LOADING, bar=Bar(BACK)))
        self._desk, self._tasks, self._navigator, self._printing = desk, tasks, navigator, printing
        self._messages, self._activity_id = messages, activity_id
        self._text, self._filter, self._selected, self._told = "", 0, "", 0
        self._found: AidOverview | None = None

    def start(self) -> None:
        """Read the list anew."""
        wish = replace(_FILTERS[self._filter][1], text=self._text)
        read = partial(self._desk.office.aid.overview, self._activity_id, wish)
        self._tasks.run(STORE, read, self._read, self._failed)

    refresh = start

    def search(self, text: str) -> None:
        """Show those whose name, NIK or address begins with what was typed."""
        self._text = text
        self.start()

    def next_filter(self) -> None:
        """Show the next: everybody, what is due, those without a note, each state."""
        self._filter = (self._filter + 1) % len(_FILTERS)
        self.start()

    def select(self, name: str) -> None:
        """Tell about a row."""
        if name != self._selected:
            self._selected = name
            self._show_line()

    # --- acts

    def accept(self) -> None:
        """Go on with the row under the cursor: note the person, or write down what came of the proposal."""
        line = self._line()
        if line is None or not self._may:
            return
        if line.aid is None:
            self.write_note()
        elif WAYS[line.aid.state]:
            self._move((line,))

    def move_all(self) -> None:
        """Write down one act for every proposal in sight that is as far as this one."""
        lines = self._alike()
        if self._may and lines and WAYS[lines[0].aid.state if lines[0].aid else AidState.DISALURKAN]:
            self._move(lines)

    def write_note(self) -> None:
        """Go where a person is noted."""
        line = self._line()
        if line is not None and self._may:
            self._navigator.push("aid_note", target_id=line.target.target_id)

    def meet(self) -> None:
        """Go where the coordination with Dinsos and desa is noted."""
        if self._may:
            self._navigator.push("aid_meeting", activity_id=self._activity_id)

    def judge(self) -> None:
        """Go where the result of the proposals is judged."""
        if self._may_judge and self._is_proposed:
            self._navigator.push("aid_result", activity_id=self._activity_id)

    def export(self) -> None:
        """Write all that is noted into a file for desa and Dinsos."""

        def save() -> str:
            return self._printing.save(*self._desk.office.aid.export(self._activity_id, self._messages))

        self._tasks.run(STORE, save, lambda where: self._tell(phrase("impor.saved", where=where)), self._refused)

    def back(self) -> None:
        """Leave."""
        self._navigator.back()

    # --- parts

    @property
    def _may(self) -> bool:
        return self._desk.user.may(Permission.FOLLOW_UP_AID)

    @property
    def _may_judge(self) -> bool:
        return self._desk.user.may(Permission.EVALUATE_AID)

    @property
    def _is_proposed(self) -> bool:
        counts = self._found.counts if self._found else {}
        return any(state is not AidState.DICATAT for state in counts)

    @property
    def _not_yours(self) -> Words:
        return "" if self._may else phrase("aid.not_yours")

    def _move(self, lines: Iterable[AidLine]) -> None:
        keys = ",".join(_name(line) for line in lines)
        self._navigator.push("aid_step", activity_id=self._activity_id, keys=keys)

    def _line(self) -> AidLine | None:
        lines = self._found.lines if self._found else ()
        return next((line for line in lines if _name(line) == self._selected), None)

    def _alike(self) -> tuple[AidLine, ...]:
        """Return every line in sight that is as far as the one under the cursor."""
        line = self._line()
        if line is None or line.aid is None or self._found is None:
            return ()
        state = line.aid.state
        return tuple(each for each in self._found.lines if each.aid is not None and each.aid.state is state)

    def _read(self, found: AidOverview) -> None:
        self._found = found
        if self._line() is None:
            self._selected = _name(found.lines[0]) if found.lines else ""
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                rows=Rows(len(found.lines), found.total, lambda at: self._row(found.lines[at])),
                tags=self._tags(found),
                nothing=self._nothing(found),
                numbers=_numbers(found),
                problem=None,
                retry=None,
            )
        )
        self._show_line()

    def _show_line(self) -> None:
        """Tell about the row under the cursor; the rows themselves stay, laid anew they would move it."""
        line = self._line()
        self._become(
            replace(
                self.state,
                about=line.target.biodata.name if line else "",
                facts=facts_of(line.case, self._named) if line else (),
                history=history_of(line.aid, self._desk.clock.local, _LAST_ACTS) if line else (),
                export=self._export_action(),
                write_note=Command("write_note", phrase("aid.write_note"), Act.PERSON_NOTES, refused=self._not_yours),
                bar=self._bar(line),
            )
        )

    def _export_action(self) -> Command:
        is_empty = self._found is None or not self._found.people
        refused = self._not_yours or (phrase("aid.nothing_to_export") if is_empty else "")
        return Command("export", phrase("aid.export"), Act.NEW, refused=refused)

    def _row(self, line: AidLine) -> Row:
        who, home = line.target.biodata, line.target.biodata.address
        aid = line.aid
        due = due_tag(aid, self._desk.clock.today()) if aid else None
        unsaid = phrase("aid.nothing_needed") if line.case else phrase("aid.not_noted")
        return Row(
            _name(line),
            (
                Cell(who.name, who.nik.masked, is_strong=True),
                Cell(f"RT {home.rt} RW {home.rw}", home.village),
                Cell(program_words(aid.program)) if aid else Cell("–", is_muted=True),
                Cell(tags=(state_tag(aid) if aid else Tag(unsaid, Tone.NEUTRAL),)),
                Cell(tags=(due,) if due else ()),
            ),
        )

    def _named(self, programs: Iterable[Program]) -> str:
        return ", ".join(self._messages.text(f"aid.program_{each.value}") for each in programs)

    def _tags(self, found: AidOverview) -> tuple[Tag, ...]:
        shown = Tag(phrase(_FILTERS[self._filter][0]), Tone.SOFT)
        return (shown, _round_tag(found.round, lambda at: day_text(self._desk.clock.local(at).date())))

    def _nothing(self, found: AidOverview) -> Empty:
        if found.is_hidden:
            return Empty(phrase("aid.hidden"), phrase("aid.hidden_hint"))
        if self._text or self._filter:
            return Empty(phrase("aid.none_found"), phrase("aid.none_found_hint"))
        return Empty(phrase("aid.nobody_yet"), phrase("aid.nobody_yet_hint"))

    def _bar(self, line: AidLine | None) -> Bar:
        not_yours = self._not_yours
        judged: Words = "" if self._may_judge else phrase("aid.not_judge")
        if not judged and not self._is_proposed:
            judged = phrase("aid.nothing_to_judge")
        none: Words = not_yours or ("" if line else phrase("aid.choose_first"))
        alike = len(self._alike())
        is_over = line is not None and line.aid is not None and not WAYS[line.aid.state]
        many: Words = none or phrase("aid.nothing_left") if is_over else none or ("" if alike else phrase("aid.no_aid"))
        return Bar(
            BACK,
            (
                Command("next_filter", phrase("aid.filter"), Act.FILTER, Weight.PLAIN),
                Command("meet", phrase("aid.meet"), Act.GROUP, refused=not_yours),
                Command("judge", phrase("aid.judge"), Act.APPROVE, refused=judged),
                Command("move_all", phrase("aid.move_all", count=alike), Act.ISSUE, refused=many),
                Command(
                    "accept",
                    _next_words(line),
                    Act.ACCEPT,
                    Weight.PRIMARY,
                    none or (phrase("aid.nothing_left") if is_over else ""),
                ),
            ),
        )

    def _tell(self, words: Words) -> None:
        self._told += 1
        self._become(replace(self.state, toast=Toast(words, Tone.GOOD, serial=self._told), problem=None))

    def _refused(self, problem: Problem) -> None:
        self._become(replace(self.state, problem=problem))

    def _failed(self, problem: Problem) -> None:
        self._become(unread(self.state, problem))


def _name(line: AidLine) -> str:
    """Return the name of a row; it comes back to the form as whose proposal for what."""
    return f"{line.target.target_id} {line.aid.program.value}" if line.aid else line.target.target_id


def _next_words(line: AidLine | None) -> Words:
    if line is None or line.aid is None:
        return phrase("aid.note_person")
    return phrase(f"aid.after_{line.aid.state.value}")


def _numbers(found: AidOverview) -> tuple[Number, ...]:
    numbers = [Number(str(found.not_noted), phrase("aid.not_noted"), Tone.NEUTRAL)] if found.not_noted else []
    if found.due:
        numbers.append(Number(str(found.due), phrase("aid.is_due"), Tone.CAUTION))
    return (
        *numbers,
        *(Number(str(found.counts[state]), state_words(state)) for state in AidState if found.counts.get(state)),
    )


def _round_tag(about: AidRound, day: Callable[[datetime], str]) -> Tag:
    """Return how far the follow-up is as a whole: judged, else coordinated, else neither."""
    if about.evaluations:
        return Tag(phrase("aid.judged", day=day(about.evaluations[-1].at)), Tone.GOOD)
    if about.meetings:
        tone = Tone.GOOD if about.is_coordinated else Tone.CAUTION
        return Tag(phrase("aid.met", day=day(about.meetings[-1].at)), tone)
    return Tag(phrase("aid.not_met"), Tone.CAUTION)
