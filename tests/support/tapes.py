"""What a recorder writes, kept in memory."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from drivers.trace import Recorder, recording


class Tape:
    """A trace that grows."""

    def __init__(self) -> None:
        self.file = io.BytesIO()

    @property
    def text(self) -> str:
        return self.file.getvalue().decode()

    @property
    def events(self) -> list[dict[str, Any]]:
        """Return the events so far, without their times."""
        _, *lines = self.text.splitlines()
        return [{name: value for name, value in json.loads(line).items() if name != "ms"} for line in lines]


@contextmanager
def taping(*, with_payloads: bool = False) -> Iterator[Tape]:
    """Record while the context is open."""
    tape = Tape()
    with recording(Recorder(tape.file, {}, keeps_payloads=with_payloads)):
        yield tape
