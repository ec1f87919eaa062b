"""Who may do which step, and what the log says about it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from support.app_context import ACTIVITY, KETUA, Kit
from support.clock import NOW, HandClock
from support.kept import open_kit, target
from support.sops import SMALL, act, small_run, small_with, took
from support.tries import some_of

from fieldkit.app.bootstrap.clock import UuidV7
from fieldkit.app.bootstrap.sop_profiles import own_profiles
from fieldkit.domain.errors import InputError, KnownError, RuleError
from fieldkit.domain.people import PERMISSIONS, Permission, Role, User
from fieldkit.domain.sop.profile import Fulfilment, SopProfile, StepRoles, roles_of
from fieldkit.domain.sop.run import Ending, Overtime, SopRun, StepState, begin_run
from fieldkit.domain.sop.standing import How, SopGlance
from fieldkit.domain.visits import Outcome, Visit
from fieldkit.formats.national_holidays import IndonesianHolidays
from fieldkit.formats.pictures import RecordPictures
from fieldkit.ports.documents import ProfilesRead
from fieldkit.services.calendar import KeepCalendar
from fieldkit.services.sop.run_sop import (
    MOST_BYTES,
    EvidenceFile,
    HandAct,
    RunSop,
    Turn,
    evidence_of,
    fulfil,
    papers_changed,
    read_glance,
    underway,
    with_visits,
)
from fieldkit.services.unit_of_work import UnitsOfWork

SCAN = EvidenceFile("surat.jpg", "image/jpeg", b"jpeg")


class Listed:
    """`SopProfiles` of a list."""

    def __init__(self, *profiles: SopProfile) -> None:
        self._profiles = profiles

    def read(self) -> ProfilesRead:
        return ProfilesRead(self._profiles)


class Room:
    """One store, and a context for whoever signs in."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.store = HandClock(), open_kit(folder)
        with self.store.write() as unit:
            unit.activities.save(ACTIVITY)
            for role in Role:
                unit.save_user(User(role.value, role.value.title(), role))

    def sop(self, role: Role) -> RunSop:
        units = UnitsOfWork(self.store, self.clock, UuidV7(self.clock), User(role.value, role.value.title(), role))
        return RunSop(units, Listed(SMALL, *own_profiles()), KeepCalendar(units, IndonesianHolidays()))

    def run(self) -> SopRun:
        with self.store.read() as unit:
            return unit.repository(SopRun).get("a1")

    def put(self, run: SopRun) -> None:
        with self.store.write() as unit:
            unit.repository(SopRun).save(run)

    def log(self) -> list[tuple[str, dict[str, object]]]:
        with self.store.read() as unit:
            return [(event.kind, json.loads(event.payload)) for event in unit.events.of("a1")]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """One store for the matrix: nothing in it is ever changed."""
    room = Room(tmp_path_factory.mktemp("matrix"))
    yield room
    room.store.close()


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Room]:
    room = Room(tmp_path)
    yield room
    room.store.close()


@pytest.fixture
def room(bare: Room) -> Room:
    bare.sop(Role.LOKET).begin("a1", "kecil")
    return bare


def letter_of(room: Room, name: str = "Kades Jimbe") -> HandAct:
    return HandAct(name, room.clock.now() - timedelta(minutes=20), "ditandatangani di balai desa", (SCAN,))


def refusal(tried: Callable[[], object]) -> str:
    try:
        tried()
    except KnownError as error:
        return error.code
    return ""


def at_step(profile: SopProfile, no: int) -> SopRun:
    """Return a run in which it is the turn of a step."""
    run = begin_run(profile, "a1", "u1", NOW)
    for before in profile.before(no):
        on = next((branch.when for branch in profile.step(before).branches if branch.to > before), "")
        run = run.complete(before, Ending(NOW, "u1", branch=on)) if not run.of(before).now.is_over else run
    return run


@pytest.mark.parametrize("profile", some_of(own_profiles(), 2), ids=lambda profile: profile.sop_id)
def test_nobody_can_do_another_roles_step(shared: Room, profile: SopProfile) -> None:
    for step in profile.steps:
        shared.put(at_step(profile, step.no))
        roles = roles_of(profile, step.no)
        on = step.branches[0].when if step.branches else ""
        for role in Role:
            sop = shared.sop(role)
            declared = can(shared, lambda sop=sop, no=step.no, on=on: sop.declare("a1", no, letter_of(shared), on))
            is_named = role in (*roles.roles, *roles.recorded_by)
            may = (is_named or Permission.SKIP_STEPS in PERMISSIONS[role]) and not step.ends_itself
            assert declared == may, (step.no, role)
            for undo in (sop.skip, sop.repeat):
                assert not can(shared, lambda undo=undo, no=step.no: undo("a1", no, " ")), (step.no, role)
            if Permission.SKIP_STEPS not in PERMISSIONS[role]:
                for undo in (sop.skip, sop.repeat):
                    assert refusal(lambda undo=undo, no=step.no: undo("a1", no, "alasan")) == "role.not_yours"


def can(room: Room, tried: Callable[[], object]) -> bool:
    """Return whether an act goes through; it is taken back."""
    before = room.run()
    done = not refusal(tried)
    if done:
        room.put(before)
    return done


@pytest.mark.parametrize("profile", own_profiles(), ids=lambda profile: profile.sop_id)
def test_each_step_has_somebody_who_can_do_it(profile: SopProfile) -> None:
    for step in profile.steps:
        roles = roles_of(profile, step.no)
        assert roles.roles or roles.recorded_by or step.is_terminator, step.no
        assert all(Permission.REGISTER in PERMISSIONS[role] for role in roles.recorded_by), step.no


@pytest.mark.parametrize("profile", own_profiles(), ids=lambda profile: profile.sop_id)
def test_an_sop_is_walked_to_its_end_by_those_it_names(bare: Room, profile: SopProfile) -> None:
    room = bare
    room.sop(Role.LOKET).begin("a1", profile.sop_id)
    for step in profile.steps:
        roles, on = roles_of(profile, step.no), step.branches[0].when if step.branches else ""
        room.clock.advance(minutes=30)
        if roles.roles:
            room.sop(roles.roles[0]).declare("a1", step.no, letter_of(room), on)
        elif roles.recorded_by:
            room.sop(roles.recorded_by[0]).declare("a1", step.no, letter_of(room), on)
    units = UnitsOfWork(room.store, room.clock, UuidV7(room.clock), User("loket", "Loket", Role.LOKET))
    for facts in profile.steps[-1].fulfilled_by if profile.steps[-1].is_terminator else ():
        with units.write(Permission.HAND_OVER) as work:
            fulfil(work, "a1", facts[0])
    view = room.sop(Role.KASI).view("a1")
    assert view is not None
    assert (view.is_finished, view.done, view.my_turn) == (True, len(profile.steps), ())
    told = [each.how for each in view.steps if not each.is_terminator or each.rounds[-1].fact is None]
    assert set(told) == {How.DECLARED}, "a word is a word, however often it is given"
    with room.store.read() as unit:
        glance = unit.repository(SopGlance).get("a1")
    assert len(glance.ends) >= len(profile.steps) - 1
    assert all(end.lacks for end in glance.ends if not profile.step(end.no).is_terminator)
    assert not any("override" in payload for _, payload in room.log())


def test_an_activity_follows_one_sop(room: Room) -> None:
    with room.store.read() as unit:
        assert unit.activities.get("a1").sop == "kecil"
    assert refusal(lambda: room.sop(Role.LOKET).begin("a1", "kecil")) == "sop.already_begun"
    assert refusal(lambda: room.sop(Role.LOKET).begin("a1", "tidak ada")) == "sop.unknown"
    assert refusal(lambda: room.sop(Role.PENGURUS_BARANG).begin("a1", "kecil")) == "role.not_yours"
    assert room.log()[0][1]["sop"] == "kecil"


def test_what_was_done_before_the_sop_was_chosen_counts(bare: Room) -> None:
    room = bare
    with room.store.write() as unit:
        unit.targets.save([replace(target(1), activity_id="a1")])
    room.sop(Role.LOKET).begin("a1", "madiun_dolopo_jemput_bola")
    assert [room.run().state(no) for no in (1, 2, 3)] == [StepState.DONE, StepState.DONE, StepState.READY]


def test_an_outsiders_act_is_written_down_with_name_time_and_evidence(room: Room) -> None:
    loket = room.sop(Role.LOKET)
    later, before = NOW + timedelta(minutes=1), NOW - timedelta(days=1)
    for said, code in (
        (letter_of(room, " "), "sop.name_needed"),
        (HandAct("Kades", NOW, " ", (SCAN,)), "sop.why_needed"),
        (HandAct("Kades", NOW, "lisan", letter=" "), "sop.evidence_needed"),
        (HandAct("Kades", later, "lisan", (SCAN,)), "sop.in_future"),
        (HandAct("Kades", before, "lisan", (SCAN,)), "sop.before_activity"),
    ):
        assert refusal(lambda said=said: loket.declare("a1", 1, said)) == code
    loket.declare("a1", 1, letter_of(room))
    view = loket.view("a1")
    assert view is not None
    now = view.steps[0].now
    assert (now.outsider, now.by, now.ended_at) == ("Kades Jimbe", "Loket", NOW - timedelta(minutes=20))
    with room.store.read() as unit:
        assert unit.attachments.get(now.files[0].attachment_id).content == b"jpeg"
    kind, payload = room.log()[-1]
    assert (kind, payload["step"]) == ("sop_step_recorded", 1)
    assert "Kades" not in json.dumps(room.log())


def test_an_override_needs_permission_and_reason_and_stands_in_the_log(room: Room) -> None:
    petugas, kasi = room.sop(Role.PETUGAS_PEREKAMAN), room.sop(Role.KASI)
    assert refusal(lambda: petugas.declare("a1", 3, act(NOW))) == "sop.not_yours"
    assert refusal(lambda: kasi.declare("a1", 3, replace(act(NOW), why="  "))) == "sop.why_needed"
    room.sop(Role.KABID).declare("a1", 3, replace(act(NOW), why=" kasi cuti "))
    kind, payload = room.log()[-1]
    assert kind == "sop_step_done"
    assert (payload["override"], payload["role"], payload["step"]) == (True, "kabid", 3)
    assert payload["reason_sha256"] == sha256(b"kasi cuti").hexdigest()
    view = kasi.view("a1")
    assert view is not None
    assert (view.steps[2].now.reason, view.steps[2].now.is_early) == ("kasi cuti", True)


def test_skipping_and_repeating_stand_in_the_log_as_overrides(room: Room) -> None:
    kasi = room.sop(Role.KASI)
    kasi.skip("a1", 1, "surat menyusul")
    kasi.repeat("a1", 1, "surat datang")
    assert [(kind, payload.get("override")) for kind, payload in room.log()[1:]] == [
        ("sop_step_skipped", True),
        ("sop_step_repeated", True),
    ]
    assert room.run().state(1) is StepState.READY


def test_ones_own_step_is_no_override_even_with_a_reason(room: Room) -> None:
    kasi = room.sop(Role.KASI)
    room.sop(Role.LOKET).declare("a1", 1, letter_of(room))
    assert refusal(lambda: kasi.declare("a1", 2, letter_of(room))) == "sop.branch_needed"
    kasi.declare("a1", 2, letter_of(room), "lengkap")
    assert "override" not in room.log()[-1][1]
    view = kasi.view("a1")
    assert view is not None
    assert (view.steps[1].now.branch, view.steps[1].now.files[0].name) == ("lengkap", "surat.jpg")


def test_a_step_is_started_noted_and_ticked_by_its_own_account(room: Room) -> None:
    kasi, petugas = room.sop(Role.KASI), room.sop(Role.PETUGAS_PEREKAMAN)
    kasi.skip("a1", 1, "lisan")
    assert refusal(lambda: petugas.start("a1", 2)) == "sop.not_yours"
    kasi.start("a1", 2)
    room.clock.advance(minutes=7)
    kasi.declare("a1", 2, act(room.clock.now()), "lengkap")
    assert took(room.run(), 2) == 7
    petugas.note("a1", 3, " kalender di meja ")
    assert refusal(lambda: petugas.note("a1", 3, " ")) == "sop.note_empty"
    assert refusal(lambda: petugas.tick("a1", 3, "Kalender")) == "sop.not_yours"
    kasi.tick("a1", 3, "Kalender")
    view = petugas.view("a1")
    assert view is not None
    assert [(note.by, note.text) for note in view.steps[2].notes] == [("Petugas_Perekaman", "kalender di meja")]
    assert "input Kalender" not in view.steps[2].missing
    assert "input Data sasaran" in view.steps[2].missing
    assert refusal(lambda: room.sop(Role.PENGURUS_BARANG).declare("a1", 4, act(NOW))) == "sop.not_yours"


def test_the_turn_goes_from_one_account_to_the_next(room: Room) -> None:
    def turns(role: Role) -> list[tuple[int, Turn]]:
        view = room.sop(role).view("a1")
        return [(step.no, step.turn) for step in view.my_turn] if view else []

    assert turns(Role.LOKET) == [(1, Turn.RECORD)]
    assert turns(Role.KETUA_TIM) == []
    room.sop(Role.KASI).skip("a1", 1, "lisan")
    room.sop(Role.KASI).declare("a1", 2, act(NOW), "lengkap")
    assert turns(Role.KASI) == [(3, Turn.YOURS)]
    assert turns(Role.KETUA_TIM) == [(4, Turn.YOURS)]


def test_a_dinas_sets_who_does_a_step(room: Room) -> None:
    admin, kabid = room.sop(Role.ADMIN_DINAS), room.sop(Role.KABID)
    assert refusal(lambda: kabid.set_actors("kecil", StepRoles(2, (Role.KABID,)))) == "role.not_yours"
    assert refusal(lambda: admin.set_actors("kecil", StepRoles(2))) == "sop.nobody"
    assert refusal(lambda: admin.set_actors("kecil", StepRoles(9, (Role.KASI,)))) == "sop.unknown_step"
    over = begin_run(SMALL, "over", "u1", NOW)
    for no in range(1, 7):
        over = over if over.of(no).now.is_over else over.skip(no, Ending(NOW, "u1", reason="x"))
    assert over.is_finished
    for untouched in (over, begin_run(own_profiles()[0], "other", "u1", NOW)):
        room.put(untouched)
    admin.set_actors("kecil", StepRoles(1, (Role.KABID,)))
    with room.store.read() as unit:  # lists show at once whose turn it is now
        assert unit.repository(SopGlance).get("a1").turn_of(Role.KABID) is not None
        assert [unit.repository(SopGlance).find(name) for name in ("other", "over")] == [None, None]
    assert admin.actors("kecil")[0] == StepRoles(1, (Role.KABID,))
    assert refusal(lambda: room.sop(Role.LOKET).declare("a1", 1, letter_of(room))) == "sop.not_yours"
    kabid.declare("a1", 1, letter_of(room))
    with room.store.read() as unit:
        (event,) = unit.events.of("kecil")
    assert json.loads(event.payload)["roles"] == ["kabid"]


def test_without_a_run_there_is_no_view_and_no_act(shared: Room) -> None:
    kasi = shared.sop(Role.KASI)
    assert kasi.view("nothing") is None
    assert refusal(lambda: kasi.note("nothing", 1, "x")) == "store.not_found"
    with pytest.raises(RuleError, match=r"sop\.unknown"):
        kasi.actors("nothing")


def test_profiles_and_their_mistakes_are_told(room: Room) -> None:
    assert SMALL in room.sop(Role.LOKET).profiles()
    assert room.sop(Role.LOKET).mistakes() == ()


@pytest.mark.parametrize("profile", own_profiles(), ids=lambda profile: profile.sop_id)
def test_every_step_of_our_own_profiles_has_a_title_that_fits_a_line(profile: SopProfile) -> None:
    assert [step.no for step in profile.steps if len(step.title) > 36] == []
    assert len(profile.title) <= 36


def test_a_dinas_begins_with_the_sops_that_it_chose(bare: Room) -> None:
    admin, everything = bare.sop(Role.ADMIN_DINAS), bare.sop(Role.LOKET).profiles()
    assert (admin.has_chosen(), admin.chosen()) == (False, everything)
    for nothing in ([], ["tidak ada"]):
        with pytest.raises(InputError, match=r"sop\.none_chosen"):
            admin.choose(nothing)
    assert refusal(lambda: bare.sop(Role.KASI).choose(["kecil"])) == "role.not_yours"
    admin.choose(["kecil", "tidak ada"])
    assert (admin.has_chosen(), admin.chosen()) == (True, (SMALL,))
    with bare.store.read() as unit:
        assert [event.kind for event in unit.events.of("sop")] == ["sops_chosen"]


def test_an_outsiders_step_is_never_started_and_nobody_elses_neither(room: Room) -> None:
    assert refusal(lambda: room.sop(Role.LOKET).start("a1", 1)) == "sop.outsiders_step"
    assert refusal(lambda: room.sop(Role.KETUA_TIM).start("a1", 1)) == "sop.not_yours"
    assert refusal(lambda: room.sop(Role.LOKET).start("a1", 3)) == "sop.not_yours"


def test_an_override_of_an_outsiders_step_names_the_outsider_too(room: Room) -> None:
    room.sop(Role.KABID).declare("a1", 1, letter_of(room))
    ending = room.run().of(1).now.ending
    assert ending is not None
    assert (ending.outsider, ending.reason) == ("Kades Jimbe", "ditandatangani di balai desa")
    room.sop(Role.KASI).declare("a1", 2, letter_of(room), "lengkap")
    own = room.run().of(2).now.ending
    assert own is not None
    assert (own.outsider, own.reason) == ("", "")


def test_whoever_writes_down_for_an_outsider_ticks_too(room: Room) -> None:
    admin, loket = room.sop(Role.ADMIN_DINAS), room.sop(Role.LOKET)
    admin.set_actors("kecil", StepRoles(1, (Role.KABID,)))
    admin.set_actors("kecil", StepRoles(3, (), (Role.LOKET,)))
    assert admin.actors("kecil")[0].roles == (Role.KABID,), "the former setting stays"
    loket.tick("a1", 3, "Kalender", "Data sasaran")
    assert room.run().of(3).now.ticked == ("Kalender", "Data sasaran")
    with room.store.read() as unit:
        assert json.loads(unit.events.of("kecil")[-1].payload)["roles"] == ["loket"]
    with pytest.raises(RuleError) as refused:
        loket.tick("a1", 6, "x")
    assert refused.value.problem.params == {"step": 6, "who": "–"}


PICTURES = RecordPictures()


def test_a_pdf_stays_as_it_is() -> None:
    file = evidence_of("surat.pdf", b"%PDF-1.7 isi", PICTURES)
    assert (file.name, file.media_type, file.content) == ("surat.pdf", "application/pdf", b"%PDF-1.7 isi")


def test_a_photo_becomes_a_jpeg() -> None:
    drawn = BytesIO()
    Image.new("RGB", (40, 30), "red").save(drawn, "PNG")
    file = evidence_of("foto.png", drawn.getvalue(), PICTURES)
    assert (file.name, file.media_type, file.content[:2]) == ("foto.jpg", "image/jpeg", b"\xff\xd8")


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\x00" * 100])
def test_anything_else_is_refused(content: bytes) -> None:
    with pytest.raises(InputError, match=r"sop\.evidence_unreadable"):
        evidence_of("x", content, PICTURES)


def test_too_much_is_refused() -> None:
    with pytest.raises(InputError):
        evidence_of("besar.pdf", b"%PDF-" + bytes(MOST_BYTES), PICTURES)


def test_just_the_most_bytes_are_taken() -> None:
    content = b"%PDF-" + bytes(MOST_BYTES - 5)
    assert evidence_of("besar.pdf", content, PICTURES).content == content


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with Kit(tmp_path, KETUA) as kit:
        with kit.context.office.units.write(Permission.VISIT) as work:
            work.unit.repository(SopRun).save(small_run())
        yield kit


def run_of(kit: Kit) -> SopRun:
    with kit.context.office.units.read() as unit:
        return unit.repository(SopRun).get("a1")


def told(kit: Kit) -> list[tuple[str, object, object]]:
    with kit.context.office.units.read() as unit:
        events = [(event.kind, json.loads(event.payload)) for event in unit.events.of("a1")]
    return [(kind, payload["fact"], payload["steps"]) for kind, payload in events]


def test_a_fact_completes_its_step_and_the_log_says_so(kit: Kit) -> None:
    with kit.context.office.units.write(Permission.VISIT) as work:
        fulfil(work, "a1", Fulfilment.REQUEST_RECEIVED, "surat-1")
    ending = run_of(kit).of(1).now.ending
    assert ending is not None
    assert (ending.by, ending.at, ending.evidence) == (KETUA.user_id, kit.clock.now(), ("surat-1",))
    assert told(kit) == [("sop_fact_heard", "request_received", ["1"])]


def test_what_is_underway_runs_its_step_once(kit: Kit) -> None:
    for _ in range(2):
        with kit.context.office.units.write(Permission.VISIT) as work:
            underway(work, "a1", Fulfilment.RECORDED)
    assert run_of(kit).state(5) is StepState.RUNNING
    assert told(kit) == [("sop_fact_underway", "recorded", ["5"])]


def test_the_same_news_twice_is_no_news(kit: Kit) -> None:
    for _ in range(2):
        with kit.context.office.units.write(Permission.VISIT) as work:
            fulfil(work, "a1", Fulfilment.SARPRAS_OUT, "periksa-1")
    assert len(told(kit)) == 1


@pytest.mark.parametrize("activity_id", ["", "without a run"])
def test_without_a_run_nothing_happens(kit: Kit, activity_id: str) -> None:
    with kit.context.office.units.write(Permission.VISIT) as work:
        fulfil(work, activity_id, Fulfilment.RECORDED)
        underway(work, activity_id, Fulfilment.RECORDED)
        papers_changed(work, activity_id)
        assert work.unit.repository(SopGlance).find(activity_id) is None
    assert not told(kit)


def test_a_paper_shows_in_the_lists_and_the_run_stays_as_it_is(kit: Kit) -> None:
    before = run_of(kit)
    with kit.context.office.units.write(Permission.VISIT) as work:
        papers_changed(work, "a1")
        assert work.unit.repository(SopGlance).find("a1") is not None
    assert run_of(kit) == before
    assert not told(kit)


def test_waiting_and_work_after_hours_are_noted_by_who_may_write_the_step(room: Room) -> None:
    loket, kasi, petugas = room.sop(Role.LOKET), room.sop(Role.KASI), room.sop(Role.PETUGAS_PEREKAMAN)
    kasi.skip("a1", 1, "lisan")
    assert refusal(lambda: kasi.hold("a1", 2, "Dinsos")) == "sop.not_begun"
    kasi.start("a1", 2)
    for theirs in (loket, petugas):
        assert refusal(lambda sop=theirs: sop.hold("a1", 2, "Dinsos")) == "sop.not_yours"
        assert refusal(lambda sop=theirs: sop.resume("a1", 2)) == "sop.not_yours"
    assert refusal(lambda: kasi.hold("a1", 2, " ")) == "sop.whom_needed"
    kasi.hold("a1", 2, "Dinsos")
    room.clock.advance(minutes=5)
    kasi.resume("a1", 2)
    now, hour = room.clock.now(), timedelta(hours=1)
    for begin, end in ((now, now), (now, now + hour), (now - 24.1 * hour, now)):
        assert refusal(lambda begin=begin, end=end: kasi.work_late("a1", 2, begin, end)) == "sop.overtime"
    assert refusal(lambda: petugas.work_late("a1", 2, now - hour, now)) == "sop.not_yours"
    kasi.work_late("a1", 2, now - 24 * hour, now)
    (hold,), late = room.run().of(2).now.holds, room.run().of(2).now.overtime
    assert (hold.whom, hold.by, hold.ended_at) == ("Dinsos", "kasi", now)
    assert late[-1] == Overtime("kasi", now - 24 * hour, now)
    kinds = [kind for kind, _ in room.log()]
    assert kinds[-3:] == ["sop_step_on_hold", "sop_step_resumed", "sop_overtime_noted"]


def test_visits_after_office_hours_count_for_a_recording_with_a_standard_of_its_own(room: Room) -> None:
    evening = room.clock.now() + timedelta(hours=9)
    visits = [
        Visit("v1", "a1", "t1", "petugas", evening, evening + timedelta(minutes=40), Outcome.DIREKAM),
        Visit("v2", "a1", "t2", "petugas", evening),
        Visit("v3", "a2", "t3", "petugas", evening, evening + timedelta(minutes=50), Outcome.DIREKAM),
    ]
    begun = room.run().apply(Fulfilment.RECORDED, "petugas", evening)
    started = room.run().underway(Fulfilment.RECORDED, "petugas", room.clock.now())
    over = started.apply(Fulfilment.RECORDED, "petugas", evening + timedelta(hours=1))
    per = replace(over, profile=small_with(5, per="orang"))
    free = replace(over, profile=small_with(5, standard=None))
    with room.store.write() as unit:
        unit.repository(Visit).save_all(visits)
        assert with_visits(unit, over).of(5).now.overtime == (
            Overtime("petugas", evening, evening + timedelta(minutes=40)),
        )
        assert [glance.overtime for glance in read_glance(unit, over).times] == [
            with_visits(unit, over).of(5).now.overtime
        ]
        for run in (begun, started, per, free):
            assert with_visits(unit, run) == run
