"""A data center of few words: it answers what a test says, in turn, and keeps what it was asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence


class ScriptedLink:
    """Each method gives its answers in turn and the last one for ever: a value, an error, or what is called for it."""

    def __init__(self, **answers: Sequence[object]) -> None:
        self._answers = {name: list(given) for name, given in answers.items()}
        self.asked: list[tuple[object, ...]] = []

    def __getattr__(self, name: str) -> Callable[..., object]:
        def answer(*arguments: object) -> object:
            self.asked.append((name, *arguments))
            answers = self._answers[name]
            given = answers.pop(0) if len(answers) > 1 else answers[0]
            if isinstance(given, Exception):
                raise given
            return given(*arguments) if callable(given) else given

        return answer


def took_all(_record_id: str, offset: int, chunk: bytes) -> int:
    """Answer as a server that takes a chunk whole."""
    return offset + len(chunk)
