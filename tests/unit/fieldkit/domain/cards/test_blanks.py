from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import count, permutations
from typing import Any

import pytest
from support.clock import NOW

from fieldkit.domain.cards.blanks import (
    MOST_AT_ONCE,
    REVOCABLE,
    TO_DESTROY,
    USUAL_MINIMUM,
    BlankAct,
    BlankEntry,
    BlankFigures,
    Ledger,
    Run,
    counted,
    read_number,
    read_runs,
    runs_text,
)
from fieldkit.domain.documents import Document
from fieldkit.domain.errors import InputError

_ID, KIT = count(1), "KIT-07"
A, KTP = BlankAct, Document.KTP_EL


def entry(act: BlankAct, amount: int = 1, first: str = "", last: str = "", **told: Any) -> BlankEntry:
    runs = (Run(first, last or first),) if first else ()
    made = BlankEntry(f"e{next(_ID):04}", "", act, KTP, amount, NOW, "u12", runs=runs)
    return replace(made, **told)


BOX = entry(A.RECEIVED, 10, "B01", "B10")
TO_KIT = entry(A.MOVED, 4, "B05", "B08", to=KIT)
PRINT = entry(A.PRINTED, 1, "B05", place=KIT, card_id="r1")
SPOILT = entry(A.SPOILED, 1, "B01", why="tergores")
LOST = entry(A.COUNTED, -1, "B02", why="hilang")


def test_what_is_left_is_received_less_used_less_handed_on() -> None:
    ledger = Ledger.of([BOX, TO_KIT, PRINT, SPOILT, LOST])
    assert ledger.stock == {(KTP, ""): 4, (KTP, KIT): 3}
    assert (ledger.left(KTP), ledger.left(Document.KIA)) == (7, 0)
    assert ledger.begun_at(KTP) == NOW
    assert ledger.begun_at(Document.KK) is None
    assert ledger.troubles() == []


def test_the_order_in_which_laptops_tell_changes_nothing() -> None:
    told = {
        tuple(sorted(Ledger.of(entries).stock.items())) for entries in permutations([BOX, TO_KIT, PRINT, SPOILT, LOST])
    }
    assert len(told) == 1


def test_a_number_is_where_it_went_and_what_is_free_is_proposed_from_there() -> None:
    ledger = Ledger.of([BOX, TO_KIT, PRINT, SPOILT, LOST])
    assert (ledger.place_of("B04"), ledger.place_of("B06"), ledger.place_of("X")) == ("", KIT, "")
    assert ledger.next_numbers(2, KIT) == ("B06", "B07")
    assert ledger.next_numbers(5, KIT) == ("B06", "B07", "B08", "B03", "B04")
    assert ledger.next_numbers(2) == ("B03", "B04")
    assert Ledger.of([BOX, SPOILT]).next_numbers(2, KIT) == ("B02", "B03")
    assert ledger.used("B05") == PRINT
    assert ledger.used("B06") is None
    assert Ledger.of([BOX, entry(A.MOVED, 10, "B01", "B10", to=KIT)]).next_numbers(1) == ("B01",)


def test_a_number_that_was_never_handed_on_is_where_its_box_came() -> None:
    of_kit = entry(A.RECEIVED, 2, "C01", "C02", place=KIT, source="SP-7")
    ledger = Ledger.of([BOX, of_kit])
    assert [ledger.place_of(number) for number in ("B01", "C02", "D01")] == ["", KIT, ""]
    assert [ledger.received(number) for number in ("B01", "C02", "D01")] == [BOX, of_kit, None]


def test_what_is_to_be_destroyed_and_what_can_be_revoked() -> None:
    assert {A.SPOILED, A.WITHDRAWN} == TO_DESTROY
    assert set(A) - {A.PRINTED, A.MINIMUM, A.REVOKED} == REVOCABLE


def test_an_entry_is_found_by_numbers_reason_source_and_name() -> None:
    assert entry(A.RECEIVED, 2, "B01", "B02", source="SP-7").words == "B01 – B02 SP-7"
    assert entry(A.WITHDRAWN, name="SITI", why="ditarik").words == "ditarik SITI"


def test_what_was_revoked_counts_no_more() -> None:
    gone = entry(A.REVOKED, 0, about=SPOILT.thing_id)
    ledger = Ledger.of([gone, BOX, SPOILT, replace(gone, thing_id="again")])
    assert ledger.left(KTP) == 10
    assert ledger.used("B01") is None


def test_what_two_laptops_did_with_one_number_is_told_and_not_hidden() -> None:
    twice = entry(A.PRINTED, 1, "B05", place=KIT, card_id="r2")
    strange = entry(A.PRINTED, 1, "X99", place="KIT-08", card_id="r3")
    used_up = entry(A.RECEIVED, 1, place="KIT-09"), entry(A.PRINTED, 1, place="KIT-09")
    ledger = Ledger.of([BOX, entry(A.RECEIVED, 2, "B10", "B11"), TO_KIT, PRINT, twice, strange, *used_up])
    assert [(each.key, each.about, each.count) for each in ledger.troubles()] == [
        ("blangko.used_twice", "B05", 2),
        ("blangko.received_twice", "B10 – B11", 1),
        ("blangko.never_received", "X99", 1),
        ("blangko.below_zero.ktp_el", "KIT-08", 1),
    ]


def test_it_is_low_below_the_minimum_and_only_where_blanks_are_counted() -> None:
    assert not Ledger.of([]).is_low(KTP)
    assert Ledger.of([BOX]).is_low(KTP)
    assert Ledger.of([BOX]).minimum(KTP) == USUAL_MINIMUM
    enough = entry(A.MINIMUM, 10, at=NOW + timedelta(1))
    assert not Ledger.of([enough, entry(A.MINIMUM, 30), BOX]).is_low(KTP)


@pytest.mark.parametrize(
    ("first", "last", "office"),
    [
        (date(2026, 11, 1), date(2026, 11, 30), BlankFigures(KTP, "", 0, 10, 0, 1, -4, -1, 1)),
        (NOW.date(), NOW.date(), BlankFigures(KTP, "", 0, 10, 0, 1, -4, -1, 1)),
        (date(2026, 12, 1), date(2026, 12, 31), BlankFigures(KTP, "", 4, 0, 0, 0, 0, 0, 0)),
    ],
)
def test_a_period_begins_with_what_the_one_before_left(first: date, last: date, office: BlankFigures) -> None:
    old_card = entry(A.WITHDRAWN, name="SITI", why="ditarik")
    ledger = Ledger.of([BOX, TO_KIT, PRINT, SPOILT, LOST, old_card])
    figures = ledger.figures(first, last, lambda at: at.date())
    assert figures[0] == office
    assert [(each.place, each.left) for each in figures] == [("", 4), (KIT, 3)]
    assert ledger.figures(date(2026, 10, 1), date(2026, 10, 31), lambda at: at.date()) == ()


@pytest.mark.parametrize(
    "text",
    [
        "BL-0098 – BL-0102",
        "bl-0098 - bl-0102",
        "BL-0098-BL-0102",
        "BL-0098 s.d. 0102",
        "BL-0098 s/d 102",
        "BL-0098..BL-0102",
        " BL-0098 sampai BL-0102 ",
    ],
)
def test_a_run_is_read_however_its_ends_are_joined(text: str) -> None:
    (run,) = read_runs(text)
    assert run == Run("BL-0098", "BL-0102")
    assert list(run) == ["BL-0098", "BL-0099", "BL-0100", "BL-0101", "BL-0102"]
    assert (run.count, read_runs(run.text)) == (5, (run,))


def test_single_numbers_and_runs_stand_beside_each_other() -> None:
    runs = read_runs("A007, A010 – A012; 04a1b2c3d4e5fa\nB1")
    assert [run.count for run in runs] == [1, 3, 1, 1]
    assert counted(runs) == 6
    assert list(runs[2]) == ["04A1B2C3D4E5FA"]
    assert read_runs(runs_text(runs)) == runs
    assert read_runs("  ") == ()
    assert read_runs("A10 – A10, ABC – ABC, 98 – 99") == (Run("A10", "A10"), Run("ABC", "ABC"), Run("98", "99"))
    assert counted(read_runs("A000001 – A100000")) == MOST_AT_ONCE
    assert counted(read_runs("A23456789012345678901234")) == 1


def test_a_number_is_in_a_run_by_prefix_and_width() -> None:
    run = Run("BL-0098", "BL-0102")
    assert all(map(run.holds, run))
    for other in ("BL-0097", "BL-0103", "BL-100", "BX-0100", "BL-"):
        assert not run.holds(other)
    assert [Run("ABC", "ABC").holds(number) for number in ("ABC", "ABD", "ABC1")] == [True, False, False]
    others = (("BL-0102", "BL-0110"), ("BL-0001", "BL-0098"), ("BL-0001", "BL-9999"), ("BL-0100", "BL-0100"))
    for other in (Run(*ends) for ends in others):
        assert run.meets(other)
        assert other.meets(run)
    assert not run.meets(Run("BL-0103", "BL-0110"))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("BL 0107 ?", "blank.number_unreadable"),
        ("3505125207510003", "blank.number_unreadable"),
        ("A1 – B9", "blank.number_unreadable"),
        ("ABC – ABD", "blank.number_unreadable"),
        ("0098 – 102", "blank.number_unreadable"),  # digits alone are told whole
        ("A1 – 100", "blank.number_unreadable"),
        ("A1234 – B9", "blank.number_unreadable"),
        ("A1 – A2 – A3", "blank.number_unreadable"),
        ("A9 – A10", "blank.number_unreadable"),
        ("A234567890123456789012345", "blank.number_unreadable"),
        ("A20 – A10", "blank.run_backwards"),
        ("A10 – A20, A15", "blank.number_twice"),
        ("A000001 – A100001", "blank.too_many"),
    ],
)
def test_what_cannot_be_meant_is_refused(text: str, code: str) -> None:
    with pytest.raises(InputError) as refused:
        read_runs(text)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("other", "parts"),
    [
        ("B03 – B05", ("B01 – B02", "B03 – B05", "B06 – B10")),
        ("B01 – B10", (None, "B01 – B10", None)),
        ("B00 – B04", (None, "B01 – B04", "B05 – B10")),
        ("B10", ("B01 – B09", "B10", None)),
        ("B02 – B09", ("B01", "B02 – B09", "B10")),
        ("C03", ("B01 – B10", None, None)),
    ],
)
def test_a_run_is_parted_by_another(other: str, parts: tuple[str | None, ...]) -> None:
    (run,), (cut,) = read_runs("B01 – B10"), read_runs(other)
    assert tuple(part and part.text for part in run.parted(cut)) == parts
    assert Run("ABC", "ABC").parted(Run("ABC", "ABC")) == (None, Run("ABC", "ABC"), None)


def test_a_number_is_kept_in_capitals_without_blanks() -> None:
    assert read_number(" bl-01 07 ") == "BL-0107"
