from __future__ import annotations

from datetime import date, timedelta

from PySide6.QtCore import Qt

from fieldkit.bootstrap.sop_profiles import own_profiles
from fieldkit.domain.outreach import TargetState
from fieldkit.domain.sop_run import SopRun, begin_run
from fieldkit.domain.target_notes import TargetNotes
from fieldkit.domain.visits import Leg, Outcome
from fieldkit.services.run_visits import Ended
from ui.presenters.parts import Stage

ENTER, TAB, DOWN, ESC = Qt.Key.Key_Return, Qt.Key.Key_Tab, Qt.Key.Key_Down, Qt.Key.Key_Escape
CTRL = Qt.KeyboardModifier.ControlModifier
WAIT_MS = 20_000


def prepare(kit) -> None:
    notes = TargetNotes(
        "t1", "a1", access="belakang masjid, 200 m jalan kaki", contact="Sutini, anak", safety="takut seragam"
    )
    with kit.store.write() as unit:
        unit.shelf(TargetNotes).save(notes)
        profile = next(each for each in own_profiles() if each.sop_id == "blitar_si_jaran_ijo")
        unit.shelf(SopRun).save(begin_run(profile, "a1", "u1", kit.clock.now()))
    visits = kit.desk.office.visits
    kit.clock.at -= timedelta(hours=2)
    visit = visits.begin("t2", "Bu RT")
    kit.clock.advance(minutes=12)
    wish = Ended(
        Outcome.TIDAK_DI_TEMPAT, wants_revisit=True, revisit_note="pulang jam 4 sore", revisit_on=date(2026, 11, 27)
    )
    visits.end(visit.thing_id, wish)
    visit = visits.begin("t5")
    kit.clock.advance(minutes=41)
    kit.seal(1, next(t for t in kit.desk.visits.targets("a1") if t.target_id == "t5"))
    visits.end(visit.thing_id, Ended(Outcome.DIREKAM, companion="Pak Kamituwo"))
    visits.end(visits.begin("t7").thing_id, Ended(Outcome.MENOLAK, note="minta ditemani anaknya", wants_revisit=True))
    visits.want_escort("t6")
    kit.clock.advance(minutes=67)


def test_from_door_to_door_by_keyboard(window, kit, shoot) -> None:
    prepare(kit)
    window.sign_in()
    window.go("visits", activity_id="a1")
    assert window.view.state.about == ""
    shoot("visits")
    window.press(DOWN)
    window.wait(lambda: window.view.state.about == "KARTONO WIBOWO")
    shoot("visits-last")
    window.press(Qt.Key.Key_Up, ENTER)
    window.reach("Visit")
    shoot("visit-before")
    window.press(ENTER)
    window.wait(lambda: bool(window.view.state.timer))
    kit.clock.advance(minutes=9, seconds=4)
    window.wait(lambda: window.view.state.timer == "9.04")
    shoot("visit-open")
    window.press(Qt.Key.Key_4)
    window.wait(lambda: window.view.state.chosen == "tidak_di_tempat")
    shoot("visit-outcome")
    window.press(TAB)
    window.type("Bu RT")
    window.press(TAB)
    window.type("di sawah")
    window.press(TAB, TAB)
    window.type("20-11-2026")
    shoot("visit-typed")
    window.press(ENTER)
    window.wait(lambda: window.view.state.problem is not None)
    shoot("visit-refused")
    window.press(Qt.Key.Key_A, to=CTRL)
    window.type("25-11-2026")
    kit.clock.advance(minutes=30)
    window.wait(lambda: window.view.state.timer.startswith("39"))
    shoot("visit-over")
    window.press(ENTER)
    window.reach("Visits")
    window.wait(lambda: window.view.state.about == "" and kit.desk.visits.target("t1").state is TargetState.POSTPONED)
    shoot("visits-next")
    (card,) = (kit.desk.office.visits.card("t1"),)
    assert (card.visits[-1].companion, card.visits[-1].note, card.visits[-1].revisit_on) == (
        "Bu RT",
        "di sawah",
        date(2026, 11, 25),
    )
    window.press(Qt.Key.Key_S, to=CTRL)
    window.press(Qt.Key.Key_S, to=CTRL)
    window.wait(lambda: window.view.state.rows.count == 3)
    shoot("visits-again")


def test_the_recording_begins_from_the_card(window, kit) -> None:
    window.sign_in()
    window.go("visit", activity_id="a1", target_id="t1")
    window.press(ENTER)
    window.wait(lambda: bool(window.view.state.timer))
    window.press(ENTER)
    window.reach("Notice")
    assert kit.desk.office.visits.card("t1").open_visit is not None
    assert window.view.state.name == "MISINEM"


def test_a_child_is_refused_on_the_card_and_a_record_needs_no_visit(window, kit, shoot) -> None:
    kit.seal(1, kit.desk.visits.target("t1"))
    window.sign_in()
    window.go("visit", activity_id="a1", target_id="t4")
    window.press(ENTER)
    window.wait(lambda: bool(window.view.state.timer))
    window.press(ENTER)
    window.wait(lambda: window.view.state.problem is not None)
    assert window.view.state.problem.code == "session.too_young"
    window.press(ESC)
    window.go("visit", activity_id="a1", target_id="t1")
    window.press(ENTER)
    shoot("visit-recorded")
    assert window.view.state.timer == ""
    assert window.view.state.bar.actions[-1].refused


def test_a_walk_in_is_typed_and_stands_last(window, kit, shoot) -> None:
    window.sign_in()
    window.go("visits", activity_id="a1")
    window.press(Qt.Key.Key_B, to=CTRL)
    window.reach("Request")
    for text in ("3505120303500004", "", "PONIMAN", "BLITAR", "3-3-1950"):
        window.type(text)
        window.press(TAB)
    shoot("walk-in")
    window.press(ENTER)
    window.reach("Visits")
    window.wait(lambda: window.view.state.rows.count == 8)
    (added,) = (target for target in kit.desk.visits.targets("a1") if target.is_walk_in)
    assert (added.house, added.biodata.name, added.biodata.birth_date) == (8, "PONIMAN", date(1950, 3, 3))


def test_a_trip_is_noted_by_enter_and_typed_times_are_kept(window, kit, shoot) -> None:
    prepare(kit)
    window.sign_in()
    window.go("trip", activity_id="a1")
    shoot("trip-empty")
    window.press(ENTER)
    window.wait(lambda: bool(window.view.state.legs[0].text))
    window.press(Qt.Key.Key_A, to=CTRL)
    window.type("07.15")
    window.press(TAB)
    window.type("08.40")
    for text in ("", "", "", "Karsono", "Kepala Desa", "balai desa, lalu rumah ke rumah", "Suyatno, Bu Bidan"):
        window.press(TAB)
        window.type(text)
    window.press(Qt.Key.Key_M, to=CTRL)
    shoot("trip-typed")
    window.press(ENTER)
    window.wait(lambda: window.view.state.stage is Stage.CONTENT and bool(window.view.state.facts))
    shoot("trip-kept")
    (trip,) = kit.desk.office.trips.of("a1")
    assert (trip.way_minutes, trip.companions, trip.is_escort_wanted) == (85, ("Suyatno", "Bu Bidan"), True)
    window.press(Qt.Key.Key_N, to=CTRL)
    window.wait(lambda: window.view.state.problem is not None)
    assert window.view.state.problem.code == "device.gps.none"
    window.press(ENTER)
    window.wait(lambda: bool(window.view.state.legs[2].text))
    window.press(ENTER)
    window.wait(lambda: bool(window.view.state.legs[3].text))
    shoot("trip-over")
    assert kit.desk.office.trips.of("a1")[0].at(Leg.RETURNED) is not None
    window.press(Qt.Key.Key_B, to=CTRL)
    window.wait(lambda: window.view.state.legs[0].text == "")


def test_the_recap_leads_to_the_report(window, kit, shoot) -> None:
    window.sign_in()
    window.go("recap", activity_id="a1")
    assert window.view.state.stage is Stage.EMPTY
    window.press(ESC)
    window.reach("Home")
    prepare(kit)
    window.go("recap", activity_id="a1")
    shoot("recap")
    assert [number.value for number in window.view.state.numbers] == ["7", "1", "0", "1", "2", "4"]
    window.press(ENTER)
    window.reach("Letter")
    (letter,) = kit.desk.office.letters.of("a1")
    assert letter.letter.value == "laporan_kegiatan"
