from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from support.clock import NOW
from support.sarpras import checklist, line, result

from fieldkit.domain.errors import Problem
from fieldkit.domain.sarpras import (
    LEAST_BATTERY_PERCENT,
    LEAST_FREE_BYTES,
    MOST_SKEW_S,
    CheckIn,
    Checklist,
    CheckOut,
    Concern,
    Condition,
    CountLine,
    Gravity,
    LaptopReading,
    SarprasKind,
    TestResult,
)
from ui.presenters.parts import Tag, Tone
from ui.presenters.presenter import message
from ui.presenters.sarpras import messages
from ui.presenters.sarpras.messages import attention, closed_toast, head_tags, rows_shown


@pytest.mark.parametrize(
    ("changes", "key", "tone"),
    [
        ({}, "sarpras.untested", Tone.NEUTRAL),
        ({"test": result("SN-9")}, "sarpras.other_device", Tone.BAD),
        ({"test": result(is_ok=False)}, "sarpras.failed", Tone.BAD),
        ({"test": replace(result(is_ok=False), code="sarpras.no_device")}, "sarpras.absent", Tone.BAD),
        ({"test": result()}, "sarpras.passed", Tone.GOOD),
    ],
)
def test_what_the_self_test_said(changes: dict[str, object], key: str, tone: Tone) -> None:
    tag = messages.test_tag(line(**changes))
    assert tag is not None
    assert (getattr(tag.words, "key", ""), tag.tone) == (key, tone)


@pytest.mark.parametrize(
    ("test", "problem"),
    [
        (None, None),
        (result(), None),
        (replace(result(), code="device.slow"), None),
        (result(is_ok=False), None),
        (replace(result(is_ok=False), code="device.slow"), Problem("device.slow")),
    ],
)
def test_only_a_test_that_failed_and_says_why_is_a_problem(test: TestResult | None, problem: Problem | None) -> None:
    assert messages.test_problem(test) == problem


SERIAL, SPARES = message("sarpras.serial", serial="SN-1"), message("sarpras.serial_spares", serial="SN-1", spares="2")


@pytest.mark.parametrize(
    ("kind", "serial", "spares", "detail"),
    [
        (SarprasKind.LAPTOP, "SN-1", "", SERIAL),
        (SarprasKind.LAPTOP, "SN-1", "2", SPARES),
        (SarprasKind.LAPTOP, "", "2", "2"),
        (SarprasKind.LAPTOP, "", "", ""),
        (SarprasKind.VEHICLE, "AG 1", "", "AG 1"),
    ],
)
def test_a_line_names_serial_and_spares_as_far_as_it_has_them(
    kind: SarprasKind, serial: str, spares: str, detail: object
) -> None:
    shown = line(kind=kind, serial=serial, spares=spares)
    assert messages.line_row(shown, is_under_test=False).cells[0].detail == detail


def test_what_people_look_at_has_no_test() -> None:
    assert messages.test_tag(line(kind=SarprasKind.VEHICLE)) is None
    row = messages.line_row(line(kind=SarprasKind.VEHICLE, serial="AG 1"), is_under_test=True)
    assert (row.cells[0].detail, row.cells[3].words) == ("AG 1", "–")


def test_a_lost_item_is_asked_nothing_more() -> None:
    row = messages.line_row(line().answered(Condition.HILANG), is_under_test=False)
    assert row.cells[1].tags[0].tone is Tone.BAD
    assert row.cells[2].tags == ()


def test_a_device_under_test_says_so() -> None:
    done = messages.line_row(line(test=result()), is_under_test=False)
    assert done.cells[3].tags[0].words == message("sarpras.passed", seconds="1,9")
    assert len(done.cells[2].tags) == 2, "complete, clean"
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
    assert low[0].words == message("sarpras.battery_plugged", percent=20)
    assert low[2].words == message("sarpras.clock", seconds="-300,0")


@pytest.mark.parametrize(
    ("battery", "free", "skew", "tones"),
    [
        (LEAST_BATTERY_PERCENT, LEAST_FREE_BYTES, MOST_SKEW_S, [Tone.GOOD] * 3),
        (LEAST_BATTERY_PERCENT - 1, LEAST_FREE_BYTES - 1, MOST_SKEW_S + 1, [Tone.CAUTION, Tone.BAD, Tone.CAUTION]),
        (100, 2 * LEAST_FREE_BYTES, -MOST_SKEW_S, [Tone.GOOD] * 3),
        (0, 0, -MOST_SKEW_S - 1, [Tone.CAUTION, Tone.BAD, Tone.CAUTION]),
    ],
)
def test_a_gauge_is_good_up_to_its_limit(battery: int, free: int, skew: float, tones: list[Tone]) -> None:
    tags = messages.gauge_tags(LaptopReading(NOW, battery, False, free, skew))
    assert [tag.tone for tag in tags] == tones
    assert tags[0].words == message("sarpras.battery", percent=battery)


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(minutes=5), message("sarpras.unsent_hours", count=2, age=1)),
        (timedelta(hours=5), message("sarpras.unsent_hours", count=2, age=5)),
        (timedelta(days=2, seconds=-1), message("sarpras.unsent_hours", count=2, age=48)),
        (timedelta(days=2), message("sarpras.unsent_days", count=2, age=2)),
        (timedelta(days=4), message("sarpras.unsent_days", count=2, age=4)),
    ],
)
def test_what_waits_is_told_with_its_age(age: timedelta, words: object) -> None:
    assert messages.unsent_tag(2, NOW - age, NOW).words == words


def test_a_count_stands_out_once_there_is_one() -> None:
    counts = [CountLine("c", "Masker", "lembar", 50, count) for count in (0, 1)]
    rows = [messages.count_row(each, "sarpras.out_limit") for each in counts]
    assert [row.cells[1].tags[0].tone for row in rows] == [Tone.NEUTRAL, Tone.SOFT]
    assert messages.seconds_text(1949) == "1,9"


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
    for selected in ("i1", ""):
        assert attention((concern("sarpras.unchecked", gravity=Gravity.STOPS),), selected, line()) is None
    waits = attention((concern("sarpras.unchecked", "i1", Gravity.STOPS),), "i1", line())
    assert waits is not None
    assert (waits.problem.code, waits.more) == ("sarpras.unchecked", "")


def test_the_device_says_itself_what_failed() -> None:
    failed = line(test=result(is_ok=False))
    told = replace(failed, test=replace(failed.test, code="device.test.no_picture", params={"model": "X"}))
    shown = attention((concern("sarpras.test_failed", "i1"),), "i1", told)
    assert shown is not None
    assert shown.problem == Problem("device.test.no_picture", {"model": "X"})
    count = attention((concern("sarpras.too_many", "c1"),), "c1", None)
    assert count is not None
    assert count.problem.code == "sarpras.too_many"
    other = attention((concern("sarpras.item_dirty", "i2"),), "i1", told)
    assert other is not None
    assert other.problem.code == "sarpras.item_dirty", "what stands against another line is not this test"


@pytest.mark.parametrize(
    ("waiting", "name", "following"),
    [
        ("i1 i2 i3", "i1", "i2"),
        ("i1 i3", "i1", "i3"),
        ("i1 i2", "i3", "i1"),
        ("i2", "i3", "i2"),
        ("i2", "i2", "i3"),  # it is answered by now
        ("", "i1", "i2"),
        ("", "i3", "c"),
        ("", "c", "c"),
        ("i1", "c", "i1"),
    ],
)
def test_the_cursor_goes_to_the_next_that_waits_then_round_to_the_top(waiting: str, name: str, following: str) -> None:
    lines = (line(each) if each in waiting.split() else line(each).all_good() for each in ("i1", "i2", "i3"))
    held = replace(checklist(*lines), counts=(CountLine("c", "Masker", "lembar", 50, 20),))
    assert messages.next_waiting(held, name) == following


def test_head_and_rows() -> None:
    held = replace(checklist(line().all_good()), counts=(CountLine("c", "Masker", "lembar", 50, 20),))
    assert head_tags(held, ()) == (Tag(message("sarpras.ready", ready=1, total=1), Tone.GOOD),)
    assert head_tags(checklist(line().all_good(), line("i2")), ())[0].tone is Tone.SOFT
    assert head_tags(Checklist(()), ())[0].tone is Tone.SOFT, "nothing is not ready"
    concerns = (concern("sarpras.item_dirty", "i1"), concern("sarpras.item_lost", "i1"), concern("sarpras.no_izin"))
    assert head_tags(held, concerns)[1].words == message("sarpras.attention_count", count=1)
    assert len(head_tags(held, concerns[2:])) == 1
    assert [row.name for row in rows_shown(held, "out", is_under_test=False)] == ["i1", "c"]


def test_what_comes_back_is_counted_and_a_loss_is_never_told_as_all_good() -> None:
    went = CheckOut("o1", "a1", ("k",), ("Kit 07",), checklist(line().all_good()), "u1", NOW)
    back = CheckIn("b1", "a1", "o1", ("Kit 07",), checklist(line().all_good(), line("i2").all_good()), "u1", NOW)
    assert (closed_toast(went).words, closed_toast(went).tone) == (message("sarpras.out_done", count=1), Tone.GOOD)
    assert (closed_toast(back).words, closed_toast(back).tone) == (message("sarpras.in_done", count=2), Tone.GOOD)
    lost = back.checklist.with_line(line("i2", condition=Condition.HILANG))
    for condition in (Condition.RUSAK_RINGAN, Condition.RUSAK_BERAT):
        told = closed_toast(replace(back, checklist=lost.with_line(line(condition=condition))))
        assert told.words == message("sarpras.in_done_but", count=1, lost=1, damaged=1)
        assert told.tone is Tone.CAUTION
