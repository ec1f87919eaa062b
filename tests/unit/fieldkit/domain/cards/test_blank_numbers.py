from __future__ import annotations

import pytest

from fieldkit.domain.cards.blank_numbers import MOST_AT_ONCE, Run, counted, read_number, read_runs, runs_text
from fieldkit.domain.errors import InputError


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
