from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from support.app_context import KETUA, Kit, OpenDoor
from support.clock import NOW
from support.drafts import problem_of
from support.tasks import SameThread, Steps

from fieldkit.domain.trusted_time import CertificateSpan, TimeSource, TrustedTime, judge
from fieldkit.domain.typed import DraftName
from fieldkit.services.delivery.keep_time import KeepTime
from ui.presenters.form import Drafting, FormPresenter
from ui.presenters.home.home import HomePresenter, clock_form, clock_notice, ending_notice, sign_words
from ui.presenters.home.sign_in import SignInPresenter
from ui.presenters.presenter import CatalogMessage, message


def behind(kit: Kit, **span: float) -> None:
    """Let the data center say what time it is, and the laptop's clock be that far behind."""
    kit.context.time.learn(NOW, TimeSource.CENTER)
    kit.clock.jump(**{unit: -much for unit, much in span.items()})


def opened(kit: Kit, tasks: SameThread, steps: Steps) -> FormPresenter:
    presenter = FormPresenter(
        clock_form(kit.context), tasks, steps, Drafting(kit.context, tasks, DraftName("clock", {}))
    )
    presenter.start()
    return presenter


def test_a_clock_that_fits_needs_no_word(kit: Kit) -> None:
    assert clock_notice(kit.context, lambda: None) is None
    assert ending_notice(kit.context) is None


@pytest.mark.parametrize(("span", "key", "count"), [({"days": 3}, "days", 3), ({"minutes": 20}, "minutes", 20)])
def test_beranda_says_how_far_the_clock_is_behind_and_leads_there(
    kit: Kit, tasks: SameThread, steps: Steps, span: dict[str, float], key: str, count: int
) -> None:
    behind(kit, **span)
    home = HomePresenter(kit.context, tasks, steps)
    home.start()
    assert home.state.notice == message(f"waktu.notice_behind_{key}", count=count)
    assert isinstance(home.state.notice_detail, CatalogMessage)
    assert home.state.notice_detail.key == "waktu.least_center"
    assert home.state.notice_action is not None
    home.perform(home.state.notice_action)
    assert steps.taken == [("push", "clock")]


def test_nobody_records_by_a_clock_that_seals_nothing(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    home = HomePresenter(kit.context, tasks, steps)
    behind(kit, minutes=20)
    home.record()
    kit.clock.jump(days=-3)
    home.record()
    assert steps.taken == [("push", "targets"), ("push", "clock")]


def test_without_a_trusted_time_the_form_says_so(idle: Kit) -> None:
    hint = clock_form(replace(idle.context, time=KeepTime(idle.store, idle.clock, KETUA))).hint
    assert isinstance(hint, CatalogMessage)
    assert hint.key == "waktu.hint_unknown"


def test_the_true_time_is_typed_with_a_reason(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    behind(kit, days=3)
    form = opened(kit, tasks, steps)
    assert isinstance(form.state.hint, CatalogMessage)
    assert form.state.hint.key == "waktu.hint_center"
    form.accept()
    assert problem_of(form) == "clock.at_needed"
    form.type("at", "21-11-2026 09.05")  # WIB
    form.accept()
    assert problem_of(form) == "clock.reason_needed"
    form.type("reason", "baterai jam habis")
    form.accept()
    assert steps.taken == [("back",)]
    assert kit.clock.now() == NOW + timedelta(minutes=5)
    notice = clock_notice(kit.context, lambda: None)  # a clock that runs corrected stays in sight
    assert notice is not None
    assert notice[0] == message("waktu.notice_corrected", at="21-11-2026 09.05")


def test_the_laptops_clock_is_right(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    kit.context.time.learn(NOW, TimeSource.CENTER)
    kit.clock.jump(days=90)
    form = opened(kit, tasks, steps)
    form.choose("answer", "laptop")
    form.type("reason", "tiga bulan di gudang")
    form.accept()
    assert steps.taken == [("back",)]
    assert clock_notice(kit.context, lambda: None) is None


@pytest.mark.parametrize(
    ("role", "days", "key", "way"),
    [
        ("petugas", 59, "waktu.ends_petugas", "waktu.renew"),
        ("petugas", 0, "waktu.ended_petugas", "waktu.new_start"),
        ("kit", 59, "waktu.ends_kit", "waktu.renew"),
        ("petugas", -1, "waktu.ended_petugas", "waktu.new_start"),
        ("kit", -1, "waktu.ended_kit", "waktu.renew"),
    ],
)
def test_a_certificate_that_ends_is_said_in_time(kit: Kit, role: str, days: int, key: str, way: str) -> None:
    span = CertificateSpan(role, "u1", NOW - timedelta(days=700), NOW + timedelta(days=days))
    kit.context = replace(kit.context, time=KeepTime(kit.store, kit.clock, KETUA, (span,)))
    notice = ending_notice(kit.context)
    assert notice is not None
    told = notice[:2]
    assert [each.key for each in told if isinstance(each, CatalogMessage)] == [key, way]


def test_the_sign_in_screen_says_it_before_anybody_is_in(kit: Kit, tasks: SameThread) -> None:
    door = OpenDoor(kit.context)
    fine = SignInPresenter(door, tasks, lambda _: None)
    fine.start()
    assert fine.state.clock == ""
    door.clock = judge(NOW, TrustedTime(NOW, TimeSource.CENTER))
    fine.start()
    assert fine.state.clock == ""
    late = judge(NOW - timedelta(hours=5), TrustedTime(NOW, TimeSource.CENTER))
    said = message("waktu.notice_behind_hours", count=5)
    assert sign_words(late) == said
    door.clock = late
    said_there = SignInPresenter(door, tasks, lambda _: None)
    said_there.start()
    assert said_there.state.clock == said
