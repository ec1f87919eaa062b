from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from fieldkit.domain.made_once import MadeOnce


class Made:
    """Makes values and tells which."""

    def __init__(self) -> None:
        self.keys: list[int] = []
        self.fails = False

    def get(self, kept: MadeOnce[int, str], key: int) -> str:
        return kept.get(key, lambda: self._make(key))

    def _make(self, key: int) -> str:
        self.keys.append(key)
        if self.fails:
            raise ValueError("broken")
        return f"value {key}"


def test_a_value_is_made_once_until_others_push_it_out() -> None:
    kept, made = MadeOnce[int, str](2), Made()
    assert [made.get(kept, key) for key in (1, 2, 1, 2)] == ["value 1", "value 2"] * 2
    assert made.keys == [1, 2]
    for key in (3, 2, 1):
        made.get(kept, key)
    assert made.keys == [1, 2, 3, 1]


def test_what_fails_is_told_and_made_anew() -> None:
    kept, made = MadeOnce[int, str](2), Made()
    made.fails = True
    with pytest.raises(ValueError, match="broken"):
        made.get(kept, 1)
    made.fails = False
    assert made.get(kept, 1) == "value 1"
    assert made.keys == [1, 1]


@pytest.mark.parametrize("fails", [False, True])
def test_whoever_comes_meanwhile_waits_for_the_same_value(fails: bool) -> None:
    kept, is_begun, may_end = MadeOnce[int, object](2), Event(), Event()

    def make() -> object:
        is_begun.set()
        may_end.wait()
        if fails:
            raise ValueError("broken")
        return object()

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(kept.get, 1, make)
        is_begun.wait()
        second = threads.submit(kept.get, 1, lambda: pytest.fail("made twice"))
        assert kept.get(2, lambda: "another") == "another"
        may_end.set()
        if fails:
            assert str(first.exception()) == str(second.exception()) == "broken"
        else:
            assert first.result() is second.result()


def test_what_was_pushed_out_while_it_failed_takes_no_other_with_it() -> None:
    kept = MadeOnce[int, str](1)

    def make() -> str:
        kept.get(2, lambda: "another")
        kept.get(1, lambda: "made meanwhile")
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        kept.get(1, make)
    assert kept.get(1, lambda: "made again") == "made meanwhile"


def test_what_is_forgotten_is_made_again() -> None:
    kept = MadeOnce[int, object](2)
    first = kept.get(1, object)
    kept.clear()
    assert kept.get(1, object) is not first
