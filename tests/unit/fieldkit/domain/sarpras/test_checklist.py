from __future__ import annotations

from dataclasses import replace

import pytest
from support.clock import NOW
from support.sarpras import checklist, line, result

from fieldkit.domain.sarpras.checklist import CheckIn, CheckOut, CountLine, Izin
from fieldkit.domain.sarpras.inventory import Condition

IZIN = Izin("sri", "Sri Handayani", NOW)


def test_a_line_is_answered_when_all_three_questions_are() -> None:
    assert not line().is_answered
    for given in ({"is_complete": True}, {"is_clean": True}):
        assert not line(condition=Condition.BAIK, **given).is_answered
    assert not line(is_complete=True, is_clean=True).is_answered
    assert line(condition=Condition.BAIK, is_complete=False, is_clean=False).is_answered
    assert line().all_good().is_answered


def test_what_is_lost_is_asked_nothing_more() -> None:
    lost = line().all_good().answered(Condition.HILANG)
    assert (lost.is_answered, lost.is_complete, lost.is_clean) == (True, None, None)


@pytest.mark.parametrize(
    ("wanted", "found", "is_other"),
    [("SN-1", "SN-2", True), ("SN-1", "sn-1", False), ("", "SN-2", False), ("S", "", False)],
)
def test_another_serial_is_noticed_when_both_are_known(wanted: str, found: str, is_other: bool) -> None:
    assert line(serial=wanted, test=result(found)).is_other_device is is_other
    assert not line(serial=wanted).is_other_device


def test_only_what_somebody_looked_at_is_worse() -> None:
    worn = line(before=Condition.RUSAK_RINGAN)
    conditions = (None, Condition.BAIK, Condition.RUSAK_RINGAN, Condition.RUSAK_BERAT, Condition.HILANG)
    assert [replace(worn, condition=each).is_worse for each in conditions] == [False, False, False, True, True]


def test_a_change_is_that_of_its_line_or_count_alone() -> None:
    counts = (CountLine("c", "Masker", "lembar", 9, 3), CountLine("d", "Tisu", "pak", 9, 1))
    made = replace(checklist(line("a"), line("b")), counts=counts)
    changed = line("b", note="lecet")
    assert made.with_line(changed).lines == (line("a"), changed)
    assert made.with_count("d", 4).counts == (counts[0], replace(counts[1], count=4))


def test_a_change_of_lines_or_counts_undoes_the_signature_and_a_test_does_not() -> None:
    signed = replace(checklist(), counts=(CountLine("c", "Masker", "lembar", 9, 3),), izin=IZIN)
    assert signed.with_line(line(note="lecet")).izin is None
    assert signed.with_count("c", 4).izin is None
    tested = signed.with_tests([line(test=result())])
    assert tested.izin == IZIN
    assert tested.line("i1").test == result()


def test_an_unknown_item_is_no_line() -> None:
    with pytest.raises(KeyError):
        checklist().line("elsewhere")


def test_answered_lines_are_counted() -> None:
    assert checklist(line("a").all_good(), line("b")).answered == 1


def test_a_list_is_out_until_it_came_back() -> None:
    filling = CheckOut("o", "a1", (), ("Kit 07",), checklist(), "u", NOW)
    left = replace(filling, out_at=NOW)
    assert (filling.is_out, filling.is_closed) == (False, False)
    assert (left.is_out, left.is_closed) == (True, True)
    assert not replace(left, check_in="i").is_out
    assert left.words == "Kit 07 Pemindai SN-1"
    back = CheckIn("i", "a1", "o", ("Kit 07",), checklist(), "u", NOW)
    assert (back.is_closed, replace(back, in_at=NOW).is_closed) == (False, True)
