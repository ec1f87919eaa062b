from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from support.clock import NOW
from support.sarpras import checklist, line, result

from fieldkit.domain.errors import Problem
from fieldkit.domain.sarpras.checklist import CountLine, LaptopReading
from fieldkit.domain.sarpras.inventory import Condition, SarprasKind
from fieldkit.domain.sarpras.rules import Concern, Gravity
from ui.presenters.messages import message
from ui.presenters.parts import Tone
from ui.presenters.sarpras import messages
from ui.presenters.sarpras.messages import attention, head_tags, rows_shown


@pytest.mark.parametrize(
    ("changes", "key", "tone"),
    [
        ({}, "sarpras.untested", Tone.NEUTRAL),
        ({"test": result("SN-9")}, "sarpras.other_device", Tone.BAD),
        ({"test": result(is_ok=False)}, "sarpras.failed", Tone.BAD),
        ({"test": result()}, "sarpras.passed", Tone.GOOD),
    ],
)
def test_what_the_self_test_said(changes: dict[str, object], key: str, tone: Tone) -> None:
    tag = messages.test_tag(line(**changes))
    assert tag is not None
    assert (getattr(tag.words, "key", ""), tag.tone) == (key, tone)


def test_what_people_look_at_has_no_test() -> None:
    assert messages.test_tag(line(kind=SarprasKind.VEHICLE)) is None
    row = messages.line_row(line(kind=SarprasKind.VEHICLE, serial="AG 1"), is_under_test=True)
    assert (row.cells[0].detail, row.cells[3].words) == ("AG 1", "–")


def test_a_lost_item_is_asked_nothing_more() -> None:
    row = messages.line_row(line().answered(Condition.HILANG), is_under_test=False)
    assert row.cells[1].tags[0].tone is Tone.BAD
    assert row.cells[2].tags == ()


def test_a_device_under_test_says_so() -> None:
    row = messages.line_row(line(spares="kabel"), is_under_test=True)
    assert row.cells[3].tags[0].words == message("sarpras.testing")
    assert row.cells[0].detail == message("sarpras.serial_spares", serial="SN-1", spares="kabel")


def test_answers_are_a_tick_a_cross_or_a_question() -> None:
    tones = [messages.answer_tag("clean", answer).tone for answer in (True, False, None)]
    assert tones == [Tone.SOFT, Tone.BAD, Tone.NEUTRAL]


def test_gauges_say_what_they_know() -> None:
    assert len(messages.gauge_tags(None)) == 1
    unknown = messages.gauge_tags(LaptopReading(NOW))
    assert {tag.tone for tag in unknown} == {Tone.NEUTRAL}
    low = messages.gauge_tags(LaptopReading(NOW, 20, True, 1024**3, -300.0))
    assert [tag.tone for tag in low] == [Tone.CAUTION, Tone.BAD, Tone.CAUTION]
    assert low[2].words == message("sarpras.clock", seconds="-300,0")


def test_a_count_and_an_age() -> None:
    row = messages.count_row(CountLine("c", "Masker", "lembar", 50, 0), "sarpras.out_limit")
    assert row.cells[1].tags[0].tone is Tone.NEUTRAL
    assert messages.unsent_tag(2, NOW - timedelta(hours=5), NOW).words == message(
        "sarpras.unsent_hours", count=2, age=5
    )
    assert messages.unsent_tag(2, NOW - timedelta(days=4), NOW).words == message("sarpras.unsent_days", count=2, age=4)
    assert messages.seconds_text(1949) == "1,9"
    assert messages.test_problem(result()) is None


def concern(code: str, item_id: str = "", gravity: Gravity = Gravity.WARNS) -> Concern:
    return Concern(Problem(code), gravity, item_id)


def test_the_line_under_the_cursor_speaks_first() -> None:
    concerns = (concern("sarpras.no_izin", gravity=Gravity.BLOCKS), concern("sarpras.item_dirty", "i1"))
    mine = attention(concerns, "i1", line())
    assert mine is not None
    assert (mine.problem.code, mine.tone) == ("sarpras.item_dirty", Tone.CAUTION)
    assert mine.more == message("sarpras.more", count=1)
    whole = attention(concerns, "i2", line("i2"))
    assert whole is not None
    assert (whole.problem.code, whole.tone) == ("sarpras.no_izin", Tone.BAD)


def test_unchecked_lines_alone_are_no_news() -> None:
    assert attention((concern("sarpras.unchecked", gravity=Gravity.STOPS),), "i1", line()) is None


def test_the_device_says_itself_what_failed() -> None:
    failed = line(test=result(is_ok=False))
    told = replace(failed, test=replace(failed.test, code="device.test.no_picture", params={"model": "X"}))
    shown = attention((concern("sarpras.test_failed", "i1"),), "i1", told)
    assert shown is not None
    assert shown.problem == Problem("device.test.no_picture", {"model": "X"})


def test_head_and_rows() -> None:
    held = replace(checklist(line().all_good()), counts=(CountLine("c", "Masker", "lembar", 50, 20),))
    assert head_tags(held, ())[0].tone is Tone.GOOD
    assert [row.name for row in rows_shown(held, "out", is_under_test=False)] == ["i1", "c"]
