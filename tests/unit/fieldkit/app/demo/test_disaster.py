from __future__ import annotations

from pathlib import Path

import pytest

from fieldkit.app.demo.disaster import Act, Week, counted, perform
from fieldkit.domain.errors import InputError

SEALED = {"a": "1", "b": "2", "c": "3"}


def test_everything_that_arrived_once_is_neither_lost_nor_doubled() -> None:
    assert counted("act", SEALED, dict(SEALED), {"a", "b"}) == Act("act", 0, 0, 2)


def test_a_missing_record_is_lost_and_not_mended() -> None:
    assert counted("act", SEALED, {"a": "1", "c": "3"}, {"b", "c"}) == Act("act", 1, 0, 1)


def test_a_person_with_two_records_is_doubled() -> None:
    assert counted("act", SEALED, {**SEALED, "d": "2"}, set()) == Act("act", 0, 1, 0)


def test_the_week_ends_as_its_last_act_left_it(tmp_path: Path) -> None:
    week = Week(tmp_path, [Act("first", 1, 0, 0), Act("last", 0, 0, 3)], dict(SEALED))
    told = week.as_json()
    assert (told["lost"], told["doubled"], told["sealed"]) == (0, 0, 3)
    assert told["acts"][0] == {"name": "first", "lost": 1, "doubled": 0, "mended": 0}


def test_an_unknown_act_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"demo\.unknown_act"):
        perform(tmp_path / "out", 1, "laptop_eaten", "id")
    assert not (tmp_path / "out").exists()
