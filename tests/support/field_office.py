"""A day in the field of an activity that is half over: visits of every outcome, and the way of the team."""

from __future__ import annotations

from datetime import date, timedelta

from support.desk import PETUGAS, Kit

from fieldkit.domain.outreach import TargetState
from fieldkit.domain.target_notes import TargetNotes
from fieldkit.domain.visits import Leg, Outcome, Visit
from fieldkit.services.run_trips import TripTold

AWAY, VISITED_NOW, REFUSED = "t6", "t4", "t7"


def go_out(kit: Kit, activity_id: str) -> None:
    """Let a team be out since two hours."""
    now, office = kit.clock.now(), kit.desk_of(PETUGAS).office

    def visit(number: int, target_id: str, began: int, outcome: Outcome | None, minutes: int, **told: object) -> Visit:
        at = now - timedelta(minutes=began)
        ended = None if outcome is None else at + timedelta(minutes=minutes)
        return Visit(f"v{number}", activity_id, target_id, "u1", at, ended, outcome, **told)  # type: ignore[arg-type]

    day, notes = date(2026, 11, 27), "takut seragam, tenang bila ditemani ibunya"
    away = {"wants_revisit": True, "revisit_on": day, "revisit_note": "pulang jam 4 sore", "companion": "Bu RT"}
    visits = (
        visit(1, "t1", 110, Outcome.DIREKAM, 41, companion="Pak Kamituwo"),
        visit(2, AWAY, 65, Outcome.TIDAK_DI_TEMPAT, 5, **away),
        visit(3, REFUSED, 50, Outcome.MENOLAK, 18, wants_revisit=True, note="minta ditemani anaknya"),
        visit(4, VISITED_NOW, 12, None, 0, safety=notes),
    )
    with kit.store.write() as unit:
        for each in visits:
            unit.shelf(Visit).save(each)
        for target_id, outcome in ((AWAY, Outcome.TIDAK_DI_TEMPAT), (REFUSED, Outcome.MENOLAK)):
            unit.targets.mark(target_id, TargetState.POSTPONED, outcome.value)
        unit.shelf(TargetNotes).save(
            TargetNotes(VISITED_NOW, activity_id, access="belakang masjid", contact="Sutini, anak", needs_escort=True)
        )
    left = now - timedelta(hours=3)
    told = TripTold(
        {Leg.DEPARTED: left, Leg.ARRIVED: left + timedelta(minutes=50)},
        met="Karsono",
        jabatan="Kepala Desa",
        agreed="balai desa, lalu rumah ke rumah",
        companions=("Suyatno", "Bu Bidan"),
    )
    office.trips.write_down(activity_id, told)
