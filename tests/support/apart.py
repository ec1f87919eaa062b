"""A second laptop of the team: it worked on the same activity without knowing what the first one did."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from support.app_context import KETUA, Kit
from support.clock import HandClock
from support.laptops import Laptop

from fieldkit.domain.people import Role, User
from fieldkit.domain.visits import Outcome, Visit
from fieldkit.services.visits.run_visits import Ended

OTHERS = User("dewi", "Dewi Lestari", Role.KETUA_TIM)


@dataclass(frozen=True)
class Stick:
    """A folder with a file of the other laptop, and what its maker reads out."""

    folder: Path
    file: Path
    code: str


def other_laptop(kit: Kit, folder: Path) -> Laptop:
    """Return a laptop that got everything of the first."""
    (folder / "other").mkdir()
    other = Laptop("KIT-09", folder / "other", HandClock(kit.clock.at), OTHERS)
    made = kit.context_of(KETUA).office.exchange.make(for_new=True)
    other.exchange.take(made.content, made.code)
    return other


def worked_apart(kit: Kit, folder: Path, target: str, activity_id: str) -> Stick:
    """Let both end the same visit, each in its way; the file of the other lies on the stick."""
    office = kit.context_of(KETUA).office
    visit = office.visits.begin(target)
    other = other_laptop(kit, folder)
    kit.clock.advance(minutes=14)
    office.visits.end(visit.thing_id, Ended(Outcome.TIDAK_DI_TEMPAT, "Ke sawah", wants_revisit=True))
    other.clock.advance(minutes=21)
    other.visits.end(visit.thing_id, Ended(Outcome.MENOLAK, "Takut difoto", companion="Pak RT"))
    for card in other.handover.of(activity_id)[:1]:
        if card.receipt is None:
            other.handover.note_attempts([card.thing_id], "Rumah kosong")
            office.handover.note_attempts([card.thing_id], "Pintu terkunci")
    made = other.exchange.make(for_new=True)
    stick = folder / "usb"
    stick.mkdir()
    (stick / made.name).write_bytes(made.content)
    other.store.close()
    return Stick(stick, stick / made.name, made.code)


def noted_apart(kit: Kit, folder: Path, activity_id: str) -> str:
    """Let both write another note beside a visit that ended, and the first read what the other wrote; return its id."""
    office = kit.context_of(KETUA).office
    with kit.store.read() as unit:
        visit = next(each for each in unit.repository(Visit).of(activity_id) if not each.is_open)
    other = other_laptop(kit, folder)
    office.visits.annotate(visit.thing_id, note="Datang lagi sesudah magrib")
    other.visits.annotate(visit.thing_id, note="Keluarga minta dijemput", companion="Bu Kader")
    made = other.exchange.make(for_new=True)
    office.exchange.take(made.content, made.code)
    other.store.close()
    return visit.thing_id


def brought_together(kit: Kit, folder: Path, target: str, activity_id: str) -> Stick:
    """Let the first laptop read the stick: two entries differ, where there are cards."""
    stick = worked_apart(kit, folder, target, activity_id)
    kit.context_of(KETUA).office.exchange.take(stick.file.read_bytes(), stick.code)
    return stick
