"""Sasaran: whom the team visits today, in the order of the houses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from fieldkit.domain.ages import AgeGate, age_gate
from fieldkit.domain.drafts import DraftName
from fieldkit.domain.errors import Problem
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.planning.outreach import (
    Activity,
    ServiceCategory,
    Target,
    TargetCounts,
    TargetFilter,
    TargetState,
    TargetVerdict,
)
from fieldkit.domain.targets.notes import TargetNotes
from fieldkit.services.context.desk import Desk
from ui.presenters.acts import Act
from ui.presenters.amounts import day_text
from ui.presenters.commands import Command, Weight
from ui.presenters.drafted import Drafting, Left
from ui.presenters.figures import NO_ROWS, Cell, Column, Row, Rows
from ui.presenters.navigator import Navigator
from ui.presenters.parts import NOTHING, Bar, Empty, Stage, Tag, Tone, ViewState
from ui.presenters.presenter import Presenter
from ui.presenters.recording.card_check import CardCheck, CardShown
from ui.presenters.recording.opening import show_recording
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.visits.words import CATEGORY_ICONS, category_tag, warnings_of
from ui.presenters.ways_out import BACK, unread
from ui.presenters.words import Words, phrase

T = TypeVar("T")

COLUMNS = (
    Column(phrase("sasaran.house"), 72),
    Column(phrase("sasaran.person")),
    Column(phrase("sasaran.address")),
    Column(phrase("sasaran.category"), 148),
    Column(phrase("sasaran.state"), 180),
    Column(phrase("sasaran.warnings"), 330),
)
SHOWN = 200

_CHOSEN = "chosen"
_OPEN = (TargetState.PLANNED, TargetState.RECORDING)
_TAGS = {
    TargetState.PLANNED: Tone.NEUTRAL,
    TargetState.RECORDING: Tone.SOFT,
    TargetState.RECORDED: Tone.GOOD,
    TargetState.RECORDED_WITH_EXCEPTION: Tone.CAUTION,
    TargetState.POSTPONED: Tone.CAUTION,
    TargetState.CANCELLED: Tone.NEUTRAL,
}
_VERDICTS = {
    TargetVerdict.TERVERIFIKASI: Tone.GOOD,
    TargetVerdict.SUDAH_MEREKAM: Tone.CAUTION,
    TargetVerdict.NIK_BERMASALAH: Tone.BAD,
    TargetVerdict.MENINGGAL: Tone.CAUTION,
    TargetVerdict.PINDAH: Tone.CAUTION,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetsState(ViewState):
    """The list as searched, and what is to know about the row under the cursor."""

    rows: Rows = NO_ROWS
    tags: tuple[Tag, ...] = ()
    nothing: Empty = NOTHING
    cursor: int = 0  # the row to begin at: the next house
    about: Words = ""
    warnings: tuple[Words, ...] = ()
    card: CardShown | None = None  # what the card on the reader told about the row under the cursor


@dataclass(frozen=True, slots=True)
class _Found:
    activity: Activity | None
    targets: tuple[Target, ...]
    counts: TargetCounts


class TargetsPresenter(Presenter[TargetsState]):
    """Finds a person and opens the recording. Without an activity it shows that of the day."""

    def __init__(self, desk: Desk, tasks: Tasks, navigator: Navigator, activity_id: str = "") -> None:
        super().__init__(TargetsState(stage=Stage.LOADING, bar=Bar(BACK)))
        self._desk, self._tasks, self._navigator = desk, tasks, navigator
        self._activity_id, self._text = activity_id, ""
        self._one_state: TargetState | None = None
        self._one_category: ServiceCategory | None = None
        self._counts = TargetCounts({})
        self._notes: TargetNotes | None = None
        self._targets: dict[str, Target] = {}
        self._selected = ""
        self._choice = Drafting(desk, tasks, DraftName("targets", {"activity_id": activity_id}))
        self._is_fresh = True
        self._card = CardCheck(desk.cards, tasks, self._show_card, self._card_unread)

    def start(self) -> None:
        """Read list and counts anew; at first the one who was opened last stays chosen."""
        wanted = self._wanted
        if self._is_fresh:
            self._is_fresh = False
            self._tasks.run(STORE, self._choice.read, self._choose_again, self._failed)
        self._tasks.run(STORE, lambda: self._find(wanted, None), self._found, self._failed)

    refresh = start

    def _choose_again(self, left: Left | None) -> None:
        self._selected = left.fields.get(_CHOSEN, "") if left is not None else ""

    def search(self, text: str) -> None:
        """Show the targets that match what was typed so far."""
        self._text = text
        self._look()

    def next_state(self) -> None:
        """Show all, then only those of one state after the other that somebody has."""
        self._one_state = _after(self._one_state, [each for each in TargetState if self._counts.matching([each])])
        self._look()

    def next_category(self) -> None:
        """Show all, then only those of one service category after the other that somebody has."""
        states = self._wanted.states
        had = [each for each in ServiceCategory if self._counts.matching(states, [each])]
        self._one_category = _after(self._one_category, had)
        self._look()

    def write_notes(self) -> None:
        """Go where access, contact and private notes of the row under the cursor are written."""
        target = self._targets.get(self._selected)
        if target is not None and not self._no_notes:
            self._navigator.push("target_notes", activity_id=target.activity_id, target_id=target.target_id)

    @property
    def _wanted(self) -> TargetFilter:
        states = (self._one_state,) if self._one_state else ()
        return TargetFilter(self._text, states, (self._one_category,) if self._one_category else ())

    def _look(self) -> None:
        wanted, counts = self._wanted, self._counts
        self._tasks.run(STORE, lambda: self._find(wanted, counts), self._found, self._failed)

    def _find(self, wanted: TargetFilter, counts: TargetCounts | None) -> _Found:
        """Read the list; counting a long one takes longer than finding in it, so it is not done while typing."""
        visits = self._desk.visits
        found = visits.list_of(wanted, self._activity_id, SHOWN)
        if found.activity is None:
            return _Found(None, (), TargetCounts({}))
        return _Found(found.activity, found.targets, counts or visits.counts(found.activity.activity_id))

    def _found(self, found: _Found) -> None:
        self._targets = {target.target_id: target for target in found.targets}
        if found.activity is None:
            empty = Empty(phrase("beranda.no_activity"), phrase("beranda.no_activity_hint"))
            self._become(replace(self.state, stage=Stage.EMPTY, empty=empty, bar=Bar(BACK)))
            return
        self._counts = found.counts
        total, wanted = found.counts.matching(), self._wanted
        matching = found.counts.matching(wanted.states, wanted.categories)
        waiting = next((at for at, target in enumerate(found.targets) if target.state in _OPEN), 0)
        chosen = self._targets.get(self._selected)
        if chosen is not None and chosen.state in _OPEN:
            waiting = found.targets.index(chosen)
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                where=phrase("beranda.where", place=found.activity.place, targets=total),
                rows=Rows(len(found.targets), matching, lambda at: self._row(found.targets[at])),
                tags=self._tags(),
                nothing=self._nothing(total),
                cursor=waiting,
            )
        )
        here = found.targets[waiting].target_id if found.targets else ""
        self.select(self._selected if self._selected in self._targets else here)

    def _tags(self) -> tuple[Tag, ...]:
        shown: list[Tag] = []
        waiting = self._counts.matching(_OPEN)
        if waiting and self._one_state is None:
            shown.append(Tag(phrase("sasaran.waiting", count=waiting)))
        if self._one_state:
            count = self._counts.matching([self._one_state])
            shown.append(Tag(phrase(f"sasaran.only_{self._one_state.value}", count=count), _TAGS[self._one_state]))
        if self._one_category:
            count = self._counts.matching(self._wanted.states, [self._one_category])
            words = phrase(f"sasaran.only_{self._one_category.value}", count=count)
            shown.append(Tag(words, Tone.NEUTRAL, CATEGORY_ICONS[self._one_category]))
        return tuple(shown)

    def _nothing(self, total: int) -> Empty:
        if not total:
            return Empty(phrase("sasaran.empty"), phrase("sasaran.empty_hint"))
        if self._text:
            return Empty(phrase("sasaran.not_found", text=self._text), phrase("sasaran.not_found_hint"))
        return Empty(phrase("sasaran.nobody_such"), phrase("sasaran.nobody_such_hint"))

    def select(self, target_id: str) -> None:
        """Tell what is to know about a row."""
        if target_id != self._selected:
            self._become(replace(self.state, problem=None, retry=None))
            self._card.forget()
        self._selected, self._notes = target_id, None
        self._tell()
        if target_id in self._targets:
            notes = self._desk.office.verification.notes
            self._tasks.run(STORE, lambda: notes(target_id), lambda found: self._noted(target_id, found), self._failed)

    def _noted(self, target_id: str, notes: TargetNotes | None) -> None:
        if target_id == self._selected and notes is not None:
            self._notes = notes
            self._tell()

    def _tell(self) -> None:
        target = self._targets.get(self._selected)
        told = (*self._warnings(target), *_told(self._notes)) if target else ()
        about = target.biodata.name if target and told else ""
        self._become(replace(self.state, about=about, warnings=told, bar=self._bar()))

    def accept(self) -> None:
        """Open the recording of the row under the cursor."""
        if self._selected in self._targets and not self._may_not_record:
            self.open(self._selected)

    def open(self, target_id: str) -> None:
        """Open the recording of a target."""
        self._choice.note({_CHOSEN: target_id})
        self._choice.settle()
        self._selected = target_id
        gate = self._gate(self._targets[target_id])
        if not gate.may_record:
            self._become(replace(self.state, problem=Problem("session.too_young", {"age": gate.age}), retry=None))
            return
        self._become(replace(self.state, problem=None, retry=None))
        self._tasks.run(
            STORE,
            lambda: self._desk.recording.open(target_id),
            lambda session: show_recording(self._navigator, session),
            self._refused,
        )

    def check_card(self) -> None:
        """Read the card that the person under the cursor brings along."""
        if self._selected in self._targets:
            self._become(replace(self.state, problem=None, retry=None))
            self._card.begin(self._selected)

    def stop(self) -> None:
        """Let go of the card reader."""
        self._card.forget()

    def show_queue(self) -> None:
        """Go to the queue, where the earlier record is."""
        self._navigator.push("queue")

    def back(self) -> None:
        """Put the card away, or go back to Beranda."""
        if self.state.card is not None:
            self._card.forget()
        else:
            self._navigator.back()

    def _show_card(self, card: CardShown | None) -> None:
        self._become(replace(self.state, card=card))

    def _card_unread(self, problem: Problem) -> None:
        again = Command("check_card", phrase("act.card"), Act.CARD)
        self._become(replace(self.state, problem=problem, retry=again))

    def _refused(self, problem: Problem) -> None:
        was_recorded = problem.code == "session.recorded_before"
        retry = Command("show_queue", phrase("sasaran.show_queue")) if was_recorded else None
        self._become(replace(self.state, problem=problem, retry=retry))

    def _failed(self, problem: Problem) -> None:
        self._become(unread(self.state, problem))

    def _gate(self, target: Target) -> AgeGate:
        who = target.biodata
        return age_gate(who.birth_date, who.marital_status, self._desk.clock.today())

    @property
    def _may_not_record(self) -> Words:
        return "" if self._desk.user.may(Permission.RECORD) else phrase("sasaran.not_yours")

    @property
    def _no_notes(self) -> Words:
        return "" if self._desk.user.may(Permission.VERIFY_TARGETS) else phrase("sasaran.not_yours")

    def _bar(self) -> Bar:
        refused: Words = "" if self._targets else phrase("sasaran.choose_first")
        return Bar(
            BACK,
            (
                Command("next_state", phrase("sasaran.next_state"), Act.FILTER, Weight.PLAIN),
                Command("next_category", phrase("sasaran.next_category"), Act.GROUP, Weight.PLAIN),
                Command("write_notes", phrase("sasaran.notes"), Act.PERSON_NOTES, refused=refused or self._no_notes),
                Command("check_card", phrase("act.card"), Act.CARD, refused=refused),
                Command(
                    "accept",
                    phrase("sasaran.record"),
                    Act.ACCEPT,
                    Weight.PRIMARY,
                    refused or self._may_not_record,
                ),
            ),
        )

    def _row(self, target: Target) -> Row:
        who, address = target.biodata, target.biodata.address
        place = phrase("sasaran.place", rt=address.rt, rw=address.rw, village=address.village)
        return Row(
            target.target_id,
            (
                Cell(str(target.house)),
                Cell(who.name, who.nik.masked, is_strong=True),
                Cell(address.street, place),
                Cell(tags=(category_tag(target.category),)),
                Cell(tags=(Tag(phrase(f"target.{target.state.value}"), _TAGS[target.state]),)),
                Cell(tags=self._warning_tags(target)),
            ),
        )

    def _warning_tags(self, target: Target) -> tuple[Tag, ...]:
        gate, tags = self._gate(target), []
        if not gate.may_record:
            tags.append(Tag(phrase("sasaran.too_young", age=gate.age), Tone.BAD))
        elif gate.card_from is not None:
            tags.append(Tag(phrase("sasaran.card_from", day=day_text(gate.card_from)), Tone.CAUTION))
        if target.verdict is not TargetVerdict.NIK_BERMASALAH and self._desk.visits.findings(target):
            tags.append(Tag(phrase("sasaran.check_nik"), Tone.CAUTION))
        if target.verdict in _VERDICTS:
            tags.append(Tag(phrase(f"verdict_siak.{target.verdict.value}"), _VERDICTS[target.verdict]))
        return tuple(tags)

    def _warnings(self, target: Target) -> tuple[Words, ...]:
        told = warnings_of(target, self._desk)
        if target.state is TargetState.POSTPONED and target.reason:
            return (*told, phrase(f"end_reason.{target.reason}"))
        return told


def _told(notes: TargetNotes | None) -> tuple[Words, ...]:
    """Return what the team should know before it knocks, safety first."""
    if notes is None:
        return ()
    words = {"safety": notes.safety, "access": notes.access, "contact": notes.contact}
    told: list[Words] = [phrase(f"catatan.told_{name}", words=text) for name, text in words.items() if text]
    if notes.legal is not None:
        told.append(phrase(f"catatan.legal_{notes.legal.value}"))
    return tuple(told)


def _after(now: T | None, choices: Sequence[T]) -> T | None:
    """Return the next of the choices; after the last, and for one that is gone, none of them."""
    if now is None:
        return choices[0] if choices else None
    at = choices.index(now) + 1 if now in choices else len(choices)
    return choices[at] if at < len(choices) else None
