"""What the lists in the field have in common: their activity, who somebody is, where they live, what SIAK said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from fieldkit.domain.planning.outreach import Activity, Target, TargetFilter, TargetLine, TargetVerdict
from fieldkit.services.visits.plan_visits import VisitList
from ui.presenters.figures import Cell
from ui.presenters.lists import Head, Listed, nothing_yet
from ui.presenters.messages import Message, message
from ui.presenters.office_list import OfficeList
from ui.presenters.parts import Empty, Tag, Tone

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

    def cell(entry: T) -> Cell:
        who = of(entry).biodata
        return Cell(who.name, who.nik.masked, is_strong=True)

    return Head(message("common.person"), cell, width, lambda entry: of(entry).name)


def house(place: Callable[[T], int], title: Message | None = None) -> Head[T]:
    """Return the column of the place in the order of the visits."""
    return Head(title or message("sasaran.house"), lambda entry: Cell(str(place(entry))), 84, place)


def address(of: Callable[[T], Target | TargetLine], width: int = 0) -> Head[T]:
    """Return the column of the street with RT, RW and village; in order by village, RW and RT."""

    def home(entry: T) -> tuple[str, str, str, str]:
        at = of(entry).address
        return (at.village, at.rw, at.rt, at.street)

    def cell(entry: T) -> Cell:
        village, rw, rt, street = home(entry)
        return Cell(street, message("sasaran.place", rt=rt, rw=rw, village=village))

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
