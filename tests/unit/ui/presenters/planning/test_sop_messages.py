from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from support.activities import add_activity
from support.app_context import KETUA, Kit
from support.sops import SMALL, act, work_on

from fieldkit.domain.people import Role, User
from fieldkit.services.sop.view import StepView
from ui.presenters.amounts import moment_text
from ui.presenters.figures import StepMark
from ui.presenters.parts import Tone
from ui.presenters.planning.steps import facts_of, line_of, now_words, tag_of
from ui.presenters.presenter import message


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KETUA)
    add_activity(kit, "x", SMALL)
    yield kit
    kit.store.close()


def step(kit: Kit, no: int) -> StepView:
    view = kit.context.office.sop.view("x")
    assert view is not None
    return view.steps[no - 1]


def go(kit: Kit, up_to: int) -> None:
    for no in range(1, up_to):
        kit.context.office.sop.skip("x", no, "lisan")


def told(kit: Kit, no: int) -> list[object]:
    return [fact.words for fact in facts_of(step(kit, no), kit.clock.local)]


def test_whose_turn_it_is_in_words(kit: Kit) -> None:
    assert now_words(step(kit, 1)) == message("langkah.outside", who="Pemohon")
    assert now_words(step(kit, 2)) == message("langkah.waits_others", who="Kasi", before="1")
    assert now_words(step(kit, 4)) == message("langkah.waits", before="1, 2")
    assert now_words(step(kit, 6)) == message("langkah.itself")
    go(kit, 3)
    assert now_words(step(kit, 3)) == message("langkah.others", who="Kasi")
    assert now_words(step(kit, 4)) == message("langkah.do_it")
    assert tag_of(step(kit, 4)).words == message("langkah.yours")
    assert now_words(step(kit, 1)) == message("langkah.over_skipped")
    assert line_of(step(kit, 1)).mark is StepMark.EXCEPTED


def test_real_time_stands_beside_the_standard_and_slowness_is_bad(kit: Kit) -> None:
    go(kit, 5)
    work_on(kit.store)
    sop = kit.context.office.sop
    sop.start("x", 5)
    assert tag_of(step(kit, 5)).words == message("langkah.yours")
    kit.clock.at += timedelta(minutes=50)
    sop.declare("x", 5, act(kit.clock.now()))
    line = line_of(step(kit, 5))
    assert line.details == (
        "Petugas",
        message("langkah.minutes_of", real=50, standard="30 menit"),
        message("langkah.by", who=KETUA.name),
    )
    assert (line.tag.words, line.tag.tone) == (message("langkah.declared"), Tone.CAUTION)


def test_everything_that_happened_is_told(kit: Kit) -> None:
    go(kit, 4)
    sop = kit.context.office.sop
    sop.note("x", 3, "kalender menyusul")
    sop.repeat("x", 3, "jadwal berubah")
    words = told(kit, 3)
    assert message("langkah.reason", reason="lisan") in words
    assert message("langkah.again", reason="jadwal berubah") in words
    assert "Kalender" in words
    assert any(getattr(each, "key", "") == "langkah.note_line" for each in words)
    assert any(getattr(each, "key", "") == "langkah.skipped_at" for each in words)
    tones = {fact.words: fact.tone for fact in facts_of(step(kit, 3), kit.clock.local) if isinstance(fact.words, str)}
    assert tones["Kalender"] is Tone.CAUTION


def test_who_writes_down_for_an_outsider_is_said(kit: Kit) -> None:
    first = facts_of(step(kit, 1), kit.clock.local)[0]
    assert (first.head, first.words) == (message("langkah.recorded_by"), message("role.loket"))
    assert User("x", "x", Role.LOKET).role in step(kit, 1).roles


def test_waiting_and_work_after_hours_are_told_with_whom_and_when(kit: Kit) -> None:
    work_on(kit.store)
    go(kit, 5)
    sop, turn = kit.context.office.sop, kit.clock.now()
    since = moment_text(kit.clock.local(turn))
    kit.clock.advance(minutes=20)
    assert told(kit, 5)[-1] == message("langkah.waiting", who="Petugas", since=since, count=20)
    sop.start("x", 5)
    begun = kit.clock.now()
    sop.hold("x", 5, " Dinsos ")
    kit.clock.advance(minutes=30)
    assert line_of(step(kit, 5)).details == ("Petugas", message("langkah.on_hold", who="Dinsos"))
    sop.resume("x", 5)
    kit.clock.advance(minutes=7)
    sop.work_late("x", 5, begun - timedelta(hours=12), begun - timedelta(hours=11))
    sop.declare("x", 5, act(kit.clock.now()))
    late = [moment_text(kit.clock.local(begun - timedelta(hours=hours))) for hours in (12, 11)]
    lines = told(kit, 5)
    assert message("langkah.waited", who="Petugas", since=since, count=20) in lines
    assert message("langkah.waited", who="Dinsos", since=moment_text(kit.clock.local(begun)), count=30) in lines
    assert message("langkah.overtime", begin=late[0], end=late[1]) in lines
    assert step(kit, 5).minutes == 7 + 60
