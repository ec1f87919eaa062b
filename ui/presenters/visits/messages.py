"""How visits are told: outcomes, times against the standard, what is special about a door."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from fieldkit.domain.nik import RECORD_FROM_YEARS, AgeGate, age_gate
from fieldkit.domain.planning.outreach import (
    Activity,
    ServiceCategory,
    Target,
    TargetFilter,
    TargetLine,
    TargetState,
    TargetVerdict,
)
from fieldkit.domain.targets.requests import TargetNotes
from fieldkit.domain.visits import RECORDED, Outcome, Visit
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.visits.plan_visits import VisitList
from fieldkit.services.visits.run_visits import DoorCall
from ui.presenters.amounts import day_text, moment_text
from ui.presenters.figures import FigureCell
from ui.presenters.lists import Head, Listed, OfficeList, nothing_yet
from ui.presenters.parts import Empty, Tag, Tone
from ui.presenters.presenter import Message, message

# What the lists in the field have in common: their activity, who somebody is, where they live, what SIAK said.

T = TypeVar("T")

VERDICT_TONES = {
    TargetVerdict.BELUM_DICEK: Tone.NEUTRAL,
    TargetVerdict.TERVERIFIKASI: Tone.GOOD,
    TargetVerdict.SUDAH_MEREKAM: Tone.CAUTION,
    TargetVerdict.NIK_BERMASALAH: Tone.BAD,
    TargetVerdict.MENINGGAL: Tone.CAUTION,
    TargetVerdict.PINDAH: Tone.CAUTION,
}


def person(of: Callable[[T], Target | TargetLine], width: int = 0) -> Head[T]:
    """Return the column of the name in full with the masked NIK; in order by name."""

    def cell(entry: T) -> FigureCell:
        who = of(entry).biodata
        return FigureCell(who.name, who.nik.masked, is_strong=True)

    return Head(message("common.person"), cell, width, lambda entry: of(entry).name)


def house(place: Callable[[T], int], title: Message | None = None) -> Head[T]:
    """Return the column of the place in the order of the visits."""
    return Head(title or message("sasaran.house"), lambda entry: FigureCell(str(place(entry))), 84, place)


def address(of: Callable[[T], Target | TargetLine], width: int = 0) -> Head[T]:
    """Return the column of the street with RT, RW and village; in order by village, RW and RT."""

    def home(entry: T) -> tuple[str, str, str, str]:
        at = of(entry).address
        return (at.village, at.rw, at.rt, at.street)

    def cell(entry: T) -> FigureCell:
        village, rw, rt, street = home(entry)
        return FigureCell(street, message("sasaran.place", rt=rt, rw=rw, village=village))

    return Head(message("common.address"), cell, width, home)


def verdict_words(verdict: TargetVerdict) -> Message:
    """Return what SIAK said of somebody."""
    return message(f"verdict_siak.{verdict.value}")


def verdict_tag(verdict: TargetVerdict) -> Tag:
    """Return what SIAK said of somebody, on its tone."""
    return Tag(verdict_words(verdict), VERDICT_TONES[verdict])


class FieldList(OfficeList):
    """Knows its activity once it was read."""

    _activity: Activity | None = None

    @property
    def _at(self) -> str:
        """Return the id of the activity, "" where there is none."""
        return self._activity.activity_id if self._activity else self._of

    @property
    def _no_day(self) -> Message:
        return "" if self._at else message("beranda.no_activity")

    def _found(self, most: int | None = 1) -> VisitList:
        """Read the activity anew, and as many of its targets, all for None. Blocks."""
        found = self._context.visits.list_of(TargetFilter(), self._of, most)
        self._activity = found.activity
        return found

    def _matching(self, text: str) -> frozenset[str]:
        """Return whom the store finds. Blocks."""
        return self._context.visits.matching(self._at, text) if self._at else frozenset()

    def _nothing(self, listed: Listed[Any]) -> Empty:
        key = "sasaran.empty" if self._activity else "beranda.no_activity"
        return nothing_yet(key)(listed)

    def _where(self, listed: Listed[Any]) -> Message:
        """Return for the status bar where the team is and how many people are on its list."""
        at, people = self._activity, len(listed.everything)
        return message("common.place_and_targets", place=at.place, targets=people) if at else ""


OPEN = (TargetState.PLANNED, TargetState.RECORDING)
DONE = (TargetState.RECORDED, TargetState.RECORDED_WITH_EXCEPTION)
SEALED = (Outcome.DIREKAM, Outcome.DIREKAM_DENGAN_PENGECUALIAN)

Local = Callable[[datetime], datetime]

STATE_TONES = {
    TargetState.PLANNED: Tone.NEUTRAL,
    TargetState.RECORDING: Tone.SOFT,
    TargetState.RECORDED: Tone.GOOD,
    TargetState.RECORDED_WITH_EXCEPTION: Tone.CAUTION,
    TargetState.POSTPONED: Tone.CAUTION,
    TargetState.CANCELLED: Tone.NEUTRAL,
}


def state_tag(target: Target | TargetLine) -> Tag:
    """Return how a target stands, and in which program it was recorded."""
    is_official = target.state in DONE and target.reason == Outcome.DIREKAM_RESMI
    words = message("field.outcome_direkam_resmi" if is_official else f"target.{target.state.value}")
    return Tag(words, STATE_TONES[target.state])


def outcome_tag(visit: Visit) -> Tag:
    """Return how a visit ended, or that it goes on."""
    if visit.outcome is None:
        return Tag(message("field.going_on"), Tone.SOFT, "clock")
    tone = Tone.CAUTION if visit.wants_revisit or visit.outcome in RECORDED else Tone.NEUTRAL
    words = message(f"field.outcome_{visit.outcome.value}")
    return Tag(words, Tone.GOOD if visit.outcome in (Outcome.DIREKAM, Outcome.DIREKAM_RESMI) else tone)


def minutes_tag(visit: Visit, now: datetime, standard: int) -> Tag:
    """Return how long a visit takes or took, against the standard."""
    minutes = visit.minutes(now)
    is_over = minutes > standard
    words = message("field.minutes_over" if is_over else "field.minutes", count=minutes, standard=standard)
    return Tag(words, Tone.CAUTION if is_over else Tone.SOFT if visit.is_open else Tone.GOOD, "clock")


def door_tags(call: DoorCall, now: datetime) -> tuple[Tag, ...]:
    """Return what is special about a door; what is private stays on its card."""
    tags: list[Tag] = []
    if call.visit is not None and call.visit.is_open:
        tags.append(Tag(message("field.since", count=call.visit.minutes(now)), Tone.SOFT, "clock"))
    if call.is_to_visit_again and call.visit is not None and call.visit.revisit_on is not None:
        tags.append(Tag(message("field.again_on", day=day_text(call.visit.revisit_on)), Tone.CAUTION, "repeat"))
    if call.target.is_walk_in:
        tags.append(Tag(message("field.walk_in"), Tone.SOFT, "person"))
    if call.needs_escort:
        tags.append(Tag(message("field.escort"), Tone.CAUTION, "shield"))
    return tuple(tags)


def last_words(visit: Visit, local: Local) -> tuple[Message, ...]:
    """Return when somebody was there last, how it ended and what was agreed; nothing private."""
    told: list[Message] = [message("field.visited_at", at=moment_text(local(visit.started_at)))]
    if visit.outcome is not None:
        told.append(message(f"field.outcome_{visit.outcome.value}"))
    if visit.revisit_on is not None:
        told.append(message("field.again_on", day=day_text(visit.revisit_on)))
    return tuple(told)


def remarks_of(visit: Visit) -> str:
    """Return what was typed about a visit, without what is private."""
    return " · ".join(filter(None, (visit.revisit_note, visit.note, visit.companion)))


def too_young(target: Target | TargetLine, context: AppContext) -> Message:
    """Return why nobody may record somebody yet, "" for those of age."""
    gate = _gate(target, context)
    return "" if gate.may_record else message("sasaran.too_young_long", age=gate.age, years=RECORD_FROM_YEARS)


def warning_tags(target: Target | TargetLine, context: AppContext) -> tuple[Tag, ...]:
    """Return in short what `warnings_of` says."""
    gate, tags = _gate(target, context), list[Tag]()
    if not gate.may_record:
        tags.append(Tag(message("sasaran.too_young", age=gate.age), Tone.BAD))
    elif gate.card_from is not None:
        tags.append(Tag(message("sasaran.card_from", day=day_text(gate.card_from)), Tone.CAUTION))
    if target.verdict is not TargetVerdict.NIK_BERMASALAH and context.visits.findings(target):
        tags.append(Tag(message("sasaran.check_nik"), Tone.CAUTION))
    if target.verdict is not TargetVerdict.BELUM_DICEK:
        tags.append(verdict_tag(target.verdict))
    return tuple(tags)


def warnings_of(target: Target | TargetLine, context: AppContext) -> tuple[Message, ...]:
    """Return what stands against recording somebody, or against the card: age, NIK, what SIAK said."""
    gate, told = _gate(target, context), list[Message]()
    if not gate.may_record:
        told.append(too_young(target, context))
    elif gate.card_from is not None:
        told.append(message("sasaran.card_from_long", day=day_text(gate.card_from)))
    told += [message(finding.code) for finding in context.visits.findings(target)]
    if target.verdict not in (TargetVerdict.BELUM_DICEK, TargetVerdict.TERVERIFIKASI):
        told.append(message(f"sasaran.verdict_{target.verdict.value}"))
    return tuple(told)


def told_before(target: Target | TargetLine, notes: TargetNotes | None, context: AppContext) -> tuple[Message, ...]:
    """Return what the team should know before it knocks: warnings, why it was put off, then safety, way and contact."""
    told = list(warnings_of(target, context))
    if target.state is TargetState.POSTPONED and target.reason:
        told.append(message(f"end_reason.{target.reason}"))
    if notes is not None:
        noted = {"safety": notes.safety, "access": notes.access, "contact": notes.contact}
        told += [message(f"catatan.told_{name}", words=text) for name, text in noted.items() if text]
        told += [message(f"catatan.legal_{notes.legal}")] if notes.legal else []
    return tuple(told)


def _gate(target: Target | TargetLine, context: AppContext) -> AgeGate:
    who = target.biodata
    return age_gate(who.birth_date, who.marital_status, context.clock.today())


def category_tag(category: ServiceCategory) -> Tag:
    """Return why the team comes to a person; on screens only, never printed."""
    return Tag(message(f"category.{category.value}"), Tone.NEUTRAL, CATEGORY_ICONS[category])


CATEGORY_ICONS = {
    ServiceCategory.LANSIA: "cane",
    ServiceCategory.DISABILITAS: "wheelchair",
    ServiceCategory.ODGJ: "heart",
    ServiceCategory.SAKIT: "plus",
    ServiceCategory.PEMULA: "star",
    ServiceCategory.UMUM: "person",
}
