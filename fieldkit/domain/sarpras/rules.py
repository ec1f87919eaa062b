"""What stands against leaving or coming back, what differs between both, and what was used up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from fieldkit.domain.errors import Problem
from fieldkit.domain.sarpras.checklist import Checklist, ItemLine, LaptopReading, Unsent
from fieldkit.domain.sarpras.inventory import Condition

LEAST_FREE_BYTES = 2 * 1024**3  # some 500 sealed records
LEAST_BATTERY_PERCENT = 50
MOST_SKEW_S = 120.0  # the data center refuses requests that are further off
_GB = 1024**3


class Gravity(IntEnum):
    """How much a concern weighs."""

    WARNS = 1
    BLOCKS = 2  # a team lead may go on with a reason
    STOPS = 3  # nobody may


@dataclass(frozen=True, slots=True)
class Concern:
    """Something to look at; `item_id` names the line, "" for the list as a whole."""

    problem: Problem
    gravity: Gravity
    item_id: str = ""


def concerns_out(checklist: Checklist) -> tuple[Concern, ...]:
    """Return what stands against taking this list out, the gravest first."""
    found = [
        *_unanswered(checklist),
        *(concern for line in checklist.lines for concern in _of_line(line)),
        *_of_laptop(checklist.laptop),
        *_of_counts(checklist),
        *_unsigned(checklist, "sarpras.no_izin"),
    ]
    return tuple(sorted(found, key=lambda concern: -concern.gravity))


def concerns_in(checklist: Checklist, unsent: Unsent) -> tuple[Concern, ...]:
    """Return what is to be done or seen before this list is closed, the gravest first."""
    found = [
        *_unanswered(checklist),
        *(concern for line in checklist.lines for concern in _of_return(line)),
        *_left_behind(unsent),
        *_of_counts(checklist),
        *_unsigned(checklist, "sarpras.not_received"),
    ]
    return tuple(sorted(found, key=lambda concern: -concern.gravity))


def ready_count(checklist: Checklist) -> int:
    """Return how many lines are answered and give no concern."""
    return sum(line.is_answered and not any(_of_line(line)) for line in checklist.lines)


def _unanswered(checklist: Checklist) -> Iterator[Concern]:
    if not checklist.lines:
        yield Concern(Problem("sarpras.no_items"), Gravity.STOPS)
    missing = len(checklist.lines) - checklist.answered
    if missing:
        yield Concern(Problem("sarpras.unchecked", {"count": missing}), Gravity.STOPS)


def _of_line(line: ItemLine) -> Iterator[Concern]:
    weight = Gravity.BLOCKS if line.is_critical else Gravity.WARNS
    if line.is_lost:
        yield _about(line, "sarpras.item_lost", weight)
        return
    if line.condition is Condition.RUSAK_BERAT:
        yield _about(line, "sarpras.item_broken", weight)
    if line.condition is Condition.RUSAK_RINGAN:
        yield _about(line, "sarpras.item_worn", Gravity.WARNS)
    if line.is_complete is False:
        yield _about(line, "sarpras.item_incomplete", weight)
    if line.is_clean is False:
        yield _about(line, "sarpras.item_dirty", Gravity.WARNS)
    yield from _of_test(line, weight)


def _of_test(line: ItemLine, weight: Gravity) -> Iterator[Concern]:
    if line.test is None:
        return
    if line.is_other_device:
        params: dict[str, str | int] = {"item": line.name, "wanted": line.serial, "found": line.test.serial}
        yield Concern(Problem("sarpras.other_serial", params), weight, line.item_id)
    if not line.test.is_ok:
        yield _about(line, "sarpras.test_failed", weight)


def _of_return(line: ItemLine) -> Iterator[Concern]:
    if line.is_worse and not line.note.strip():
        yield _about(line, "sarpras.no_damage_note", Gravity.STOPS)
    if line.is_worse and not line.is_lost and not line.photos:
        yield _about(line, "sarpras.no_damage_photo", Gravity.WARNS)
    for concern in _of_line(line):
        yield Concern(concern.problem, Gravity.WARNS, concern.item_id)


def _of_laptop(laptop: LaptopReading | None) -> Iterator[Concern]:
    if laptop is None:
        yield Concern(Problem("sarpras.laptop_unmeasured"), Gravity.WARNS)
        return
    if laptop.free_bytes is not None and laptop.free_bytes < LEAST_FREE_BYTES:
        gb = f"{laptop.free_bytes / _GB:.1f}".replace(".", ",")
        yield Concern(Problem("sarpras.disk_low", {"gb": gb}), Gravity.BLOCKS)
    if laptop.battery_percent is not None and laptop.battery_percent < LEAST_BATTERY_PERCENT:
        yield Concern(Problem("sarpras.battery_low", {"percent": laptop.battery_percent}), Gravity.WARNS)
    if laptop.clock_skew_s is not None and abs(laptop.clock_skew_s) > MOST_SKEW_S:
        yield Concern(Problem("sarpras.clock_off", {"seconds": round(abs(laptop.clock_skew_s))}), Gravity.WARNS)


def _of_counts(checklist: Checklist) -> Iterator[Concern]:
    for line in checklist.counts:
        if line.count > line.most:
            told: dict[str, str | int] = {"name": line.name, "most": line.most, "unit": line.unit}
            yield Concern(Problem("sarpras.beyond_stock", told), Gravity.STOPS)


def _unsigned(checklist: Checklist, code: str) -> Iterator[Concern]:
    if checklist.izin is None:
        yield Concern(Problem(code), Gravity.BLOCKS)


def _left_behind(unsent: Unsent) -> Iterator[Concern]:
    if unsent.count:
        yield Concern(Problem("sarpras.unsent", {"count": unsent.count}), Gravity.WARNS)


def _about(line: ItemLine, code: str, gravity: Gravity) -> Concern:
    return Concern(Problem(code, {"item": line.name}), gravity, line.item_id)


def distance_km(went: ItemLine, came: ItemLine) -> int | None:
    """Return how far a vehicle went, None while one of the readings is missing."""
    return None if went.km is None or came.km is None else came.km - went.km


@dataclass(frozen=True, slots=True)
class Used:
    """What became of a consumable: `taken` out, `back` in."""

    consumable_id: str
    name: str
    unit: str
    taken: int
    back: int

    @property
    def used(self) -> int:
        """Return how many were used up."""
        return self.taken - self.back


def consumption(went: Checklist, came: Checklist) -> tuple[Used, ...]:
    """Return what was used up of each consumable that went out; one that nobody counted back is used up whole."""
    back = {line.consumable_id: line.count for line in came.counts}
    return tuple(
        Used(line.consumable_id, line.name, line.unit, line.count, back.get(line.consumable_id, 0))
        for line in went.counts
        if line.count
    )
