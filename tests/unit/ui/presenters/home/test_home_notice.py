"""What Beranda says first, and to whom it offers what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from support.app_context import KETUA, TARGETS, TODAY, Kit
from support.clock import NOW
from support.tasks import SameThread, Steps
from support.whole_office import PEOPLE

from fieldkit.domain.errors import Problem, StoreError
from fieldkit.domain.office_bundles import OfferedProgram
from fieldkit.domain.people import PERMISSIONS, Permission, Role
from fieldkit.domain.trusted_time import CertificateSpan, TimeSource
from fieldkit.domain.typed import DraftName
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.delivery.deliver import Deliver, QueueView
from fieldkit.services.delivery.keep_time import KeepTime
from fieldkit.services.exchange.settle_conflicts import SettleConflicts
from ui.presenters.home.home import HomePresenter
from ui.presenters.parts import Tag, Tone
from ui.presenters.presenter import Message, message
from ui.presenters.tasks import CARE

ENDING = CertificateSpan("petugas", "u1", NOW - timedelta(days=700), NOW + timedelta(days=59))
OFFERED = OfferedProgram("9.9.9", "fieldkit_9.9.9_amd64.deb", "ab" * 32, 1)


def opened(context: AppContext, tasks: SameThread | None = None) -> HomePresenter:
    presenter = HomePresenter(context, tasks or SameThread(), Steps())
    presenter.start()
    return presenter


@pytest.mark.parametrize(
    ("there", "notice", "offers"),
    [
        ("off left conflicts", message("waktu.notice_behind_days", count=3), "show_clock"),
        ("late left conflicts", message("beranda.left_open", name="KAR•••"), "resume"),
        ("late conflicts", message("beranda.conflicts_wait", count=2), "show_conflicts"),
        ("late ending unsent", message("waktu.notice_behind_minutes", count=20), "show_clock"),
        ("ending unsent offered", message("waktu.ends_petugas", holder="u1", count=59), ""),
        ("unsent offered", message("beranda.oldest_hours", count=3), "back_up"),
        ("typed offered", message("beranda.left_typed"), "resume"),
        ("offered", message("beranda.program", version="9.9.9"), ""),
        ("", "", ""),
    ],
)
def test_what_keeps_from_working_is_said_before_what_can_wait(
    kit: Kit, monkeypatch: pytest.MonkeyPatch, there: str, notice: Message, offers: str
) -> None:
    if "unsent" in there:
        kit.seal(1, TARGETS[0], timedelta(hours=3))
    if "left" in there:
        session = kit.context.recording.open("t2")
        kit.context.recording.give_notice(session.session_id, "id")
    if "typed" in there:
        kit.context.drafts.keep(DraftName("visit", {"target_id": "t1"}), {"note": "x"})
    monkeypatch.setattr(SettleConflicts, "count", lambda _: 2 if "conflicts" in there else 0)
    spans = (ENDING,) if "ending" in there else ()
    time = KeepTime(kit.store, kit.clock, KETUA, spans)
    time.begin()
    if "off" in there.split() or "late" in there:
        time.learn(NOW, TimeSource.CENTER)
        kit.clock.jump(**({"days": -3} if "off" in there.split() else {"minutes": -20}))
    state = opened(replace(kit.context, time=time, offered=OFFERED if "offered" in there else None)).state
    assert (state.notice, state.notice_action.name if state.notice_action else "") == (notice, offers)
    assert bool(state.notice_lines) == (offers == "resume")


def test_what_is_typed_of_a_recording_is_said_to_be_saved(kit: Kit) -> None:
    assert opened(kit.context).state.notice_detail == ""
    session = kit.context.recording.open("t2")
    kit.context.recording.give_notice(session.session_id, "id")
    assert opened(kit.context).state.notice_detail == message("beranda.saved")


@pytest.mark.parametrize(("days", "day"), [(0, "today"), (1, "other_day")])
def test_the_day_of_the_activity_is_told(kit: Kit, days: int, day: str) -> None:
    activity = kit.context.visits.overview().activity
    assert activity is not None
    kit.context.visits.take_over(replace(activity, on=TODAY + timedelta(days=days)), [])
    state = opened(kit.context).state
    assert state.day == Tag(message(f"beranda.{day}_luring"), Tone.SOFT)
    assert state.side_title == message("beranda.visits")
    assert (state.side_note, state.step) == (message("beranda.visits_note", done=0, targets=7), "")


class Checked:
    """A check of the store that finds what the test wants, once."""

    def __init__(self, *found: Problem) -> None:
        self.is_due, self._found = True, found

    def run(self) -> Sequence[Problem]:
        self.is_due = False
        return self._found


DAMAGED, ADOPTED = Problem("store.damage_found"), Problem("recover.adopted", {"count": 2})


@pytest.mark.parametrize(
    ("before", "found", "told", "left"),
    [
        ((), (), None, []),
        ((), (DAMAGED,), DAMAGED, []),
        ((ADOPTED,), (DAMAGED,), ADOPTED, [DAMAGED]),
        ((Problem("store.disk_full"),), (), Problem("mulai.disk_full"), []),
    ],
)
def test_what_the_check_of_the_store_found_is_told_after_what_the_start_found(
    kit: Kit,
    before: tuple[Problem, ...],
    found: tuple[Problem, ...],
    told: Problem | None,
    left: list[Problem],
) -> None:
    context = replace(kit.context, check_store=Checked(*found), to_tell=list(before))
    home = opened(context)
    assert (home.state.problem, context.to_tell) == (told, left)
    home.start()
    assert context.to_tell == left, "checked once"


@pytest.fixture(scope="module")
def office_kit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    with Kit(tmp_path_factory.mktemp("office")) as kit:
        yield kit


@pytest.mark.parametrize("role", [role for role in Role if Permission.RECORD not in PERMISSIONS[role]])
def test_the_bar_of_the_office_leaves_to_the_navigation_what_stands_there(office_kit: Kit, role: Role) -> None:
    state = opened(office_kit.context_of(PEOPLE[role])).state
    sends = ["send"] if Permission.SEND in PERMISSIONS[role] else []
    assert [command.name for command in state.bar.actions] == [*sends, "show_more"]
    assert [command.name for command in state.keyed] == [
        *("show_settings", "show_activities", "show_letters", "show_sarpras", "statuses", "devices")
    ]
    assert state.part == ("admin" if role is Role.ADMIN_DINAS else "office")


def test_the_team_sends_by_its_card(kit: Kit) -> None:
    state = opened(kit.context).state
    assert [command.name for command in state.bar.actions] == [
        *("show_activities", "show_letters", "show_sarpras", "statuses", "devices", "show_more", "help")
    ]


def test_what_the_check_finds_while_the_day_stands_there_is_told_at_once(kit: Kit) -> None:
    tasks = SameThread(CARE)
    home = opened(replace(kit.context, check_store=Checked(DAMAGED)), tasks)
    assert home.state.problem is None
    tasks.release(CARE)
    assert home.state.problem == DAMAGED


def test_a_check_that_cannot_be_made_says_why(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: Checked) -> Sequence[Problem]:
        raise StoreError("store.disk_full")

    monkeypatch.setattr(Checked, "run", full)
    tasks = SameThread(CARE)
    home = opened(replace(kit.context, check_store=Checked()), tasks)
    tasks.release(CARE)
    assert home.state.problem is not None
    assert home.state.problem.code == "store.disk_full"


def test_where_nothing_waits_the_office_says_so_and_enter_goes_nowhere(office_kit: Kit) -> None:
    steps = Steps()
    home = HomePresenter(office_kit.context_of(PEOPLE[Role.LOKET]), SameThread(), steps)
    home.start()
    home.accept()
    assert (home.state.subtitle, steps.taken) == (message("common.nothing_waits"), [])


def test_the_cursor_of_the_office_stays_on_its_line_while_it_is_there(kit: Kit) -> None:
    steps, context = Steps(), kit.context_of(PEOPLE[Role.KASI])
    for screen in ("letter", "visit"):
        context.drafts.keep(DraftName(screen, {"at": screen}), {"note": "x"})
        kit.clock.advance(minutes=1)
    home = HomePresenter(context, SameThread(), steps)
    home.start()
    home.select("letter?at=letter")
    home.start()
    home.accept()
    context.drafts.keep(DraftName("letter", {"at": "letter"}), {})
    home.start()
    home.accept()
    assert steps.taken == [("push", "letter", "letter"), ("push", "visit", "visit")]
    home.search("")
    assert home.state.duties is not None
    assert home.state.duties.count == home.state.duties.total == 1
    home.search("nowhere")
    assert home.state.duties.count == 0


def test_when_the_data_center_was_last_met_is_said(office_kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    context = office_kit.context_of(PEOPLE[Role.KEPALA_DINAS])
    assert opened(context).state.bar.note == message("beranda.never")
    met = QueueView((), {}, None, NOW)
    monkeypatch.setattr(Deliver, "glance", lambda _: met)
    assert opened(context).state.bar.note == message("common.connected_at", at="21-11-2026 09.00")
