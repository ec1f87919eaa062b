"""Days in the field that are half over: visits of several outcomes, and the way of the team."""

from __future__ import annotations

from datetime import date, timedelta

from support.app_context import PETUGAS, Kit

from fieldkit.app.bootstrap.sop_profiles import own_profiles
from fieldkit.domain.planning.outreach import TargetState
from fieldkit.domain.sop.run import SopRun, begin_run
from fieldkit.domain.targets.requests import TargetNotes
from fieldkit.domain.visits import Leg, Outcome, Visit
from fieldkit.services.visits.plan_visits import TripTold
from fieldkit.services.visits.run_visits import Ended

AWAY, VISITED_NOW, REFUSED = "t6", "t4", "t7"


def go_out(kit: Kit, activity_id: str) -> None:
    """Let a team be out since two hours."""
    now, office = kit.clock.now(), kit.context_of(PETUGAS).office

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
            unit.repository(Visit).save(each)
        for target_id, outcome in ((AWAY, Outcome.TIDAK_DI_TEMPAT), (REFUSED, Outcome.MENOLAK)):
            unit.targets.mark(target_id, TargetState.POSTPONED, outcome.value)
        unit.repository(TargetNotes).save(
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


def half_a_day(kit: Kit) -> None:
    """Let the team of `a1` have been at three doors, with the SOP running; nine o'clock is still nine o'clock."""
    notes = TargetNotes(
        "t1", "a1", access="belakang masjid, 200 m jalan kaki", contact="Sutini, anak", safety="takut seragam"
    )
    with kit.store.write() as unit:
        unit.repository(TargetNotes).save(notes)
        profile = next(each for each in own_profiles() if each.sop_id == "blitar_si_jaran_ijo")
        unit.repository(SopRun).save(begin_run(profile, "a1", "u1", kit.clock.now()))
    visits = kit.context.office.visits
    kit.clock.at -= timedelta(hours=2)
    visit = visits.begin("t2", "Bu RT")
    kit.clock.advance(minutes=12)
    wish = Ended(
        Outcome.TIDAK_DI_TEMPAT, wants_revisit=True, revisit_note="pulang jam 4 sore", revisit_on=date(2026, 11, 27)
    )
    visits.end(visit.thing_id, wish)
    visit = visits.begin("t5")
    kit.clock.advance(minutes=41)
    kit.seal(1, next(t for t in kit.context.visits.targets("a1") if t.target_id == "t5"))
    visits.end(visit.thing_id, Ended(Outcome.DIREKAM, companion="Pak Kamituwo"))
    visits.end(visits.begin("t7").thing_id, Ended(Outcome.MENOLAK, note="minta ditemani anaknya", wants_revisit=True))
    visits.want_escort("t6")
    kit.clock.advance(minutes=67)
