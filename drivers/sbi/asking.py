"""Asking many services at once, so that a slow one keeps nobody waiting: who asks takes what has come by then."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable
from typing import Generic, TypeVar

T = TypeVar("T")


class Asking(Generic[T]):
    """Asks each address on a thread in the background, never the same one twice at a time."""

    def __init__(self, ask: Callable[[str], Awaitable[T]]) -> None:
        self._ask = ask
        self._changed = threading.Condition()  # over what follows
        self._under_way: set[str] = set()
        self._answers: dict[str, T | Exception] = {}

    def answers(self, addresses: Iterable[str], within_s: float) -> dict[str, tuple[T | None, bool]]:
        """Ask, wait up to `within_s`, and return for each address its last answer and whether that one is of now.

        Raise what asking raised instead of giving an answer.
        """
        wanted = list(dict.fromkeys(addresses))
        with self._changed:
            new = [address for address in wanted if address not in self._under_way]
            self._under_way.update(new)
            self._answers = {address: self._answers[address] for address in wanted if address in self._answers}
        if new:
            threading.Thread(target=self._run, args=(new,), name="sbi-asking", daemon=True).start()
        with self._changed:
            self._changed.wait_for(lambda: self._under_way.isdisjoint(wanted), within_s)
            found = {each: (self._answers.get(each), each not in self._under_way) for each in wanted}
        answers: dict[str, tuple[T | None, bool]] = {}
        for each, (answer, is_new) in found.items():
            if isinstance(answer, Exception):
                raise answer
            answers[each] = answer, is_new
        return answers

    def _run(self, addresses: list[str]) -> None:
        asyncio.run(self._ask_all(addresses))

    async def _ask_all(self, addresses: list[str]) -> None:
        await asyncio.gather(*map(self._ask_one, addresses))

    async def _ask_one(self, address: str) -> None:
        try:
            answer: T | Exception = await self._ask(address)
        except Exception as error:  # noqa: BLE001 – raised again on the thread that wants the answer
            answer = error
        with self._changed:
            self._answers[address] = answer
            self._under_way.discard(address)
            self._changed.notify_all()
