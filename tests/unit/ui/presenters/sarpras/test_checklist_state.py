from __future__ import annotations

from dataclasses import replace

from support.sarpras import checklist, line, result

from fieldkit.domain.errors import Problem
from fieldkit.domain.sarpras.checklist import CountLine
from fieldkit.domain.sarpras.rules import Concern, Gravity
from ui.presenters.messages import message
from ui.presenters.parts import Tone
from ui.presenters.sarpras.checklist_state import attention, head_tags, rows_shown


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
