from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.activities import add_activity
from support.app_context import KETUA, TARGETS, Kit, absent, ready, target
from support.clock import NOW
from support.kits import Told
from support.sops import SMALL
from support.tasks import SameThread, Steps

from fieldkit.app.bootstrap.sop_profiles import own_profiles
from fieldkit.domain.errors import Problem
from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.domain.office_bundles import OfferedProgram
from fieldkit.domain.people import PERMISSIONS, Permission, Role, User
from fieldkit.domain.recording.session import CaptureSession, EndReason
from fieldkit.domain.sarpras import Checklist, CheckOut, Condition, ItemLine, SarprasKind
from fieldkit.domain.typed import DraftName
from fieldkit.ports.devices import DeviceKind
from ui.presenters.amounts import day_text
from ui.presenters.figures import BigAction, StepMark
from ui.presenters.home.home import HomePresenter
from ui.presenters.manual import passage_of
from ui.presenters.parts import Stage, Tone
from ui.presenters.presenter import Weight, message

LINE = ItemLine("i1", next(iter(SarprasKind)), "Laptop", "L-1", is_critical=True, condition=Condition.BAIK)
LIST = CheckOut(
    "l1", "a1", ("k1",), ("Kit 07",), Checklist((LINE, replace(LINE, item_id="i2", condition=None))), "u1", NOW
)
LETTER = Letter("s1", "a1", LetterKind.SURAT_BALASAN, "Balasan", "K07-1", {}, "u1", NOW, LetterState.WAITING)
WAYS = ("show_activities", "show_letters", "show_sarpras", "statuses", "devices")


def press(home: HomePresenter, name: str) -> None:
    state = home.state
    commands = (*(big.action for big in state.actions), *state.bar.actions, *state.keyed, state.notice_action)
    home.perform(next(each for each in commands if each is not None and each.name == name))


def begun(kit: Kit, target_id: str) -> CaptureSession:
    session = kit.context.recording.open(target_id)
    return kit.context.recording.give_notice(session.session_id, "id")


def opened(kit: Kit, tasks: SameThread, steps: Steps) -> HomePresenter:
    presenter = HomePresenter(kit.context, tasks, steps)
    presenter.start()
    return presenter


def test_the_day_in_numbers(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    kit.seal(1, TARGETS[0])
    session = kit.context.recording.open("t2")
    kit.context.recording.refuse(session.session_id, EndReason.FLED)
    state = opened(kit, tasks, steps).state
    assert [number.value for number in state.numbers] == ["7", "1", "0", "1"]
    assert state.day is not None
    assert state.day.words == message("beranda.today_luring")
    assert [step.mark for step in state.side[:3]] == [StepMark.DONE, StepMark.MISSING, StepMark.PENDING]


def test_another_activity_of_the_same_day_is_told(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    day = kit.context.visits.overview().activity
    assert day is not None
    said = {"surat": day.surat_tugas, "day": day_text(day.on)}
    assert opened(kit, tasks, steps).state.subtitle == message("beranda.subtitle", **said)
    kit.context.visits.take_over(replace(day, activity_id="a2", place="Dawuhan"), [])
    kit.context.visits.work_on(day.activity_id)
    assert opened(kit, tasks, steps).state.subtitle == message("beranda.subtitle_more", **said, count=1)


def test_recording_comes_first_until_only_sending_is_left(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    record, _, send, _ = opened(kit, tasks, steps).state.actions
    assert (record.action.weight, send.action.weight) == (Weight.PRIMARY, Weight.SECOND)
    assert record.line == message("beranda.next_house", house=1, rt="003", rw="001")
    assert send.line == message("beranda.nothing_sealed")
    for number, planned in enumerate(TARGETS):
        kit.seal(number + 1, planned)
    record, _, send, _ = opened(kit, tasks, steps).state.actions
    assert (record.action.weight, send.action.weight) == (Weight.SECOND, Weight.PRIMARY)
    assert send.headline == message("common.unsent", count=7)


def test_the_oldest_unsent_record_is_named_with_its_age(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    kit.seal(1, TARGETS[0], timedelta(hours=3))
    kit.seal(2, TARGETS[1], timedelta(days=2, hours=1))
    assert opened(kit, tasks, steps).state.notice == message("beranda.oldest_days", count=2)


def test_a_recording_left_open_goes_on_from_here(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    session = begun(kit, "t2")
    presenter = opened(kit, tasks, steps)
    assert presenter.state.notice == message("beranda.left_open", name="KAR•••")
    presenter.resume()
    assert steps.taken == [("push", "recording", session.session_id)]


def test_a_notice_that_was_opened_and_left_is_nothing_left_open(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    home = opened(kit, tasks, steps)
    before = home.state
    kit.context.recording.open("t2")
    home.start()
    assert home.state == before


def test_several_are_listed_latest_first_and_chosen_from(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    for minutes, target_id in enumerate(("t2", "t1", "t4")):
        kit.clock.advance(minutes=minutes)
        begun(kit, target_id)
    kit.clock.advance(minutes=1)
    kit.context.drafts.keep(DraftName("walk_in", {"activity_id": "a1"}), {"name": "siti"})
    state = opened(kit, tasks, steps).state
    assert state.notice == message("beranda.left_many", count=4)
    assert [line[0] for line in state.notice_lines] == ["SIT•••", "NAD•••", "MIS•••"]
    assert state.notice_lines[1][2] == message("isian.steps_missing", count=9)
    opened(kit, tasks, steps).resume()
    assert steps.taken == [("push", "left_open")]


def test_nothing_left_open_means_nothing_to_resume(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    opened(kit, tasks, steps).resume()
    assert steps.taken == []


def test_what_the_start_found_is_told_once(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    found = [Problem("recover.adopted", {"count": 2}), Problem("recover.set_aside", {"count": 1})]
    kit.context.to_tell.extend(found)
    assert [opened(kit, tasks, steps).state.problem for _ in range(3)] == [*found, None]


def test_a_missing_device_shows_before_anybody_leaves(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    kit.devices.listed = (ready(DeviceKind.FINGERPRINT), absent(DeviceKind.IRIS))
    devices = opened(kit, tasks, steps).state.actions[1]
    assert devices.line == message("common.devices_ready", ready=1, needed=4)
    assert devices.tone is Tone.CAUTION


def test_sarpras_on_its_way_out_and_back(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    def cards(**changes: object) -> tuple[BigAction, BigAction]:
        with kit.store.write() as unit:
            unit.repository(CheckOut).save(replace(LIST, **changes))
        _, prepare, _, back = opened(kit, tasks, steps).state.actions
        return prepare, back

    prepare, back = opened(kit, tasks, steps).state.actions[1::2]
    assert (prepare.headline, back.action.refused) == (message("beranda.kit_not_out"), message("beranda.nothing_out"))
    assert cards()[0].headline == message("beranda.kit_checked", done=1, total=2)
    prepare, back = cards(out_at=NOW)
    back.action.runs()
    assert steps.taken == [("push", "check_in", "a1")]
    assert (prepare.headline, prepare.tone) == (message("beranda.ready"), Tone.GOOD)
    assert (back.headline, back.action.refused) == (message("beranda.things", count=2), "")
    assert cards(out_at=NOW, check_in="c2")[1].headline == message("common.done")


def test_the_sop_stands_beside_the_cards_and_says_whose_turn_it_is(tmp_path: Path, steps: Steps) -> None:
    kit = Kit(tmp_path, KETUA)
    add_activity(kit, "x", SMALL, done=3)
    state = opened(kit, SameThread(), steps).state
    assert state.step == message("beranda.step_yours", no=4, words="Mengambil sarpras")
    assert (state.side_title, len(state.side)) == (message("beranda.sop_title", name=SMALL.name, done=3, total=6), 6)
    assert [step.mark for step in state.side[2:4]] == [StepMark.DECLARED, StepMark.CURRENT]
    assert state.side_note == ""
    kit.store.close()


def test_the_next_house_of_a_long_list_stays_in_sight(tmp_path: Path, tasks: SameThread, steps: Steps) -> None:
    kit = Kit(tmp_path)
    many = tuple(
        target(house, "MISINEM", f"35051252075100{house:02}", TARGETS[0].biodata.birth_date) for house in range(1, 31)
    )
    kit.plan(*many)
    for number, done in enumerate(many[:20]):
        kit.seal(number + 1, done)
    visits = opened(kit, tasks, steps).state.side
    kit.store.close()
    assert [step.name for step in visits[:4]] == ["t18", "t19", "t20", "t21"]
    assert len(visits) == 11


def test_a_kit_without_activity_can_still_send_and_look_at_devices(
    tmp_path: Path, tasks: SameThread, steps: Steps
) -> None:
    kit = Kit(tmp_path)
    state = opened(kit, tasks, steps).state
    kit.store.close()
    assert state.stage is Stage.EMPTY
    assert [action.name for action in state.bar.actions] == ["send", *WAYS, "show_more", "help"]


def test_each_card_leads_to_its_screen(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    home = opened(kit, tasks, steps)
    assert home.state.actions[3].action.refused, "nothing is out that could be brought back"
    for name in ("record", "prepare", "send", *WAYS):
        press(home, name)
    assert steps.taken == [
        ("push", "targets"),
        ("push", "check_out", "a1"),
        ("push", "queue"),
        ("push", "activities"),
        ("push", "letters", ""),
        ("push", "sarpras"),
        ("push", "statuses"),
        ("push", "devices"),
    ]


@pytest.mark.parametrize("role", [role for role in Role if Permission.RECORD not in PERMISSIONS[role]])
def test_everybody_of_the_office_lands_on_something_useful(
    tmp_path: Path, tasks: SameThread, steps: Steps, role: Role
) -> None:
    kit = Kit(tmp_path, User("u9", "Dewi", role))
    for profile in own_profiles():
        for done in range(len(profile.steps)):
            add_activity(kit, f"{profile.sop_id}-{done}", profile, done=done)
    with kit.store.write() as unit:
        unit.repository(Letter).save(LETTER)
        unit.repository(CheckOut).save(LIST)
    home = opened(kit, tasks, steps)
    state = home.state
    kit.store.close()
    assert state.stage is Stage.CONTENT
    assert state.duties is not None
    assert passage_of("home", state.part).chapter == ("admin" if role is Role.ADMIN_DINAS else "kantor")
    names = [state.duties.row(at).name for at in range(state.duties.count)]
    # No step is the admin's: he sees what the kit still lacks since its enrolment.
    assert all(name.startswith("set_up-") for name in names) == (role is Role.ADMIN_DINAS)
    assert names
    assert ("sign" in names) == (role is Role.KEPALA_DINAS)
    assert ("allow-l1" in names) == (role is Role.PENGURUS_BARANG)
    assert ("send" in {action.name for action in state.bar.actions}) == (Permission.SEND in PERMISSIONS[role])
    home.accept()
    assert len(steps.taken) == bool(names)
    press(home, "show_settings")
    assert steps.taken[-1] == ("push", "settings")


def test_the_line_under_the_cursor_leads_to_where_it_is_done(tmp_path: Path, tasks: SameThread, steps: Steps) -> None:
    kit = Kit(tmp_path, User("u9", "Dewi", Role.KEPALA_DINAS))
    jimbe = next(profile for profile in own_profiles() if profile.sop_id == "blitar_si_jaran_ijo")
    add_activity(kit, "x", jimbe, done=1)
    home = opened(kit, tasks, steps)
    home.accept()
    assert steps.taken == [("push", "disposition", "x")]
    home.search("tidak ada")
    assert (home.state.duties.count, home.state.duties.total) == (0, 1)
    home.search("disposisi")
    assert home.state.duties.count == 1
    home.select("x")
    home.open_duty("nothing")
    kit.store.close()
    assert len(steps.taken) == 1


def test_what_laptops_say_differently_is_told_and_one_key_away(
    tmp_path: Path, tasks: SameThread, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit = Kit(tmp_path)
    kit.plan(*TARGETS)
    monkeypatch.setattr(type(kit.context.office.conflicts), "count", lambda _self: 2)
    presenter = opened(kit, tasks, steps)
    kit.store.close()
    assert presenter.state.notice == message("beranda.conflicts_wait", count=2)
    assert [(number.value, number.tone) for number in presenter.state.numbers][-1] == ("2", Tone.BAD)
    assert presenter.state.notice_action is not None
    assert presenter.state.notice_action.name == "show_conflicts"
    press(presenter, "show_conflicts")
    press(presenter, "show_more")
    assert steps.taken == [("push", "conflicts"), ("push", "more", "a1")]


def test_a_missing_backup_is_said_with_the_way_to_make_one(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    kit.seal(1, TARGETS[0], timedelta(hours=3))
    presenter = opened(kit, tasks, steps)
    assert presenter.state.notice_detail == message("beranda.no_backup")
    assert presenter.state.notice_action is not None
    assert presenter.state.notice_action.name == "back_up"
    press(presenter, "back_up")
    assert steps.taken == [("push", "stick", "")]
    kit.context.backups.make("/media/rina/KINGSTON", Told(), Told())
    presenter.start()
    assert presenter.state.notice == message("beranda.oldest_hours", count=3)
    assert presenter.state.notice_action is None


def test_a_later_version_is_a_notice_in_the_field_and_a_duty_of_the_admin(
    kit: Kit, tasks: SameThread, steps: Steps
) -> None:
    offered = OfferedProgram("9.9.9", "fieldkit_9.9.9_amd64.deb", "ab" * 32, 1)
    kit.context = replace(kit.context, offered=offered)
    words = message("beranda.program", version="9.9.9")
    assert opened(kit, tasks, steps).state.notice == words
    for role, is_told in ((Role.ADMIN_DINAS, True), (Role.KASI, False)):
        kit.context = replace(kit.context_of(User("u8", "Sigit", role)), offered=offered)
        home = opened(kit, tasks, steps)
        duties = home.state.duties
        assert duties is not None
        assert [duties.row(at).cells[0].words for at in range(duties.count)].count(words) == is_told
