from __future__ import annotations

import asyncio
import threading

import pytest

from drivers.sbi.asking import Asking


class Slow:
    """Answers at once, or when it is let go."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.may_answer = threading.Event()
        self.fails = False

    async def __call__(self, address: str) -> str:
        self.asked.append(address)
        while address == "slow" and not self.may_answer.is_set():
            await asyncio.sleep(0.01)
        if self.fails:
            raise ZeroDivisionError
        return f"{address} {self.asked.count(address)}"


def test_who_is_slow_keeps_nobody_waiting_and_is_asked_once():
    ask = Slow()
    asking = Asking(ask)
    found = asking.answers(("fast", "slow"), 0.05)
    while found["fast"][0] is None:
        found = asking.answers(("fast", "slow"), 0.05)
    assert found == {"fast": ("fast 1", True), "slow": (None, False)}
    assert ask.asked.count("slow") == 1
    ask.may_answer.set()
    (answer,) = asking.answers(("slow",), 120.0).values()
    assert answer == ("slow 1", True)


def test_while_it_is_asked_again_the_last_answer_stands():
    ask = Slow()
    ask.may_answer.set()
    asking = Asking(ask)
    first = asking.answers(("slow",), 120.0)["slow"][0]
    ask.may_answer.clear()
    assert asking.answers(("slow",), 0.05) == {"slow": (first, False)}
    ask.may_answer.set()


def test_what_asking_raises_is_raised_for_who_asked():
    ask = Slow()
    ask.fails = True
    with pytest.raises(ZeroDivisionError):
        Asking(ask).answers(("fast",), 120.0)


def test_nobody_to_ask():
    assert Asking(Slow()).answers((), 120.0) == {}
