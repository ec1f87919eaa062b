"""Walks an SOP from which one fulfilment was taken away. Arguments: what is taken, the SOP, the last step, a folder.

Prints the report of the walk as JSON, or where it got stuck.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from fieldkit.app.demo import kit
from fieldkit.app.demo.clock import DemoClock
from fieldkit.app.demo.outreach import blitar, counter, grobogan, madiun, walk
from fieldkit.documents.letters import TypstLetters
from fieldkit.domain.errors import KnownError
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.sop.profile import Fulfilment
from fieldkit.domain.sop.run import SopRun

_PATIENCE_S = 20.0  # a step without its fact never comes


def without_fact(fact: Fulfilment) -> None:
    """Let nobody tell this fact."""
    apply = SopRun.apply

    def deaf(self: SopRun, heard: Fulfilment, by: str, at: datetime, evidence: str = "") -> SopRun:
        return self if heard is fact else apply(self, heard, by, at, evidence)

    SopRun.apply = deaf  # type: ignore[method-assign]


def without_paper(kind: LetterKind) -> None:
    """Let nobody write this paper."""

    def hide(module: ModuleType, name: str) -> None:
        write: Callable[..., None] = getattr(module, name)

        def skip(*given: Any, **named: Any) -> None:
            if kind not in given:
                write(*given, **named)

        setattr(module, name, skip)

    for module in (blitar, grobogan, madiun):
        hide(module, "write_letter")
    hide(counter, "_write")


def without_field(kind: LetterKind, name: str, empty: Any) -> None:
    """Let a paper say nothing in one of its fields."""
    render = TypstLetters.render

    def silent(self: TypstLetters, letter: str, fields: Mapping[str, object]) -> bytes:
        return render(self, letter, {**fields, name: empty} if letter == kind else fields)

    TypstLetters.render = silent  # type: ignore[method-assign]


def without_days() -> None:
    """Let the walk take place on the day on which it begins."""
    wait = DemoClock.wait_until
    DemoClock.wait_until = lambda self, at, on=None: wait(self, at)  # type: ignore[method-assign]


TAKEN: Mapping[str, Callable[[], None]] = {
    "nothing": lambda: None,
    "the paper checked": partial(without_fact, Fulfilment.APPLICATION_CHECKED),
    "the bukti pengambilan": partial(without_paper, LetterKind.BUKTI_PENGAMBILAN),
    "the disposisi": partial(without_fact, Fulfilment.DISPOSED),
    "the verification": partial(without_fact, Fulfilment.TARGETS_VERIFIED),
    "the handing over of the reply": partial(without_fact, Fulfilment.REPLY_HANDED_OVER),
    "the lembar disposisi": partial(without_paper, LetterKind.LEMBAR_DISPOSISI),
    "the daftar sasaran": partial(without_paper, LetterKind.DAFTAR_SASARAN),
    "the number of the surat tugas": partial(without_field, LetterKind.SURAT_TUGAS, "number", ""),
    "the days of the jadwal": partial(without_field, LetterKind.JADWAL, "schedule", []),
    "the directions of the head": partial(without_fact, Fulfilment.PLAN_DIRECTED),
    "the jadwal": partial(without_paper, LetterKind.JADWAL),
    "the meeting": partial(without_fact, Fulfilment.MEETING_HELD),
    "the planned day": without_days,
}


def main(arguments: Sequence[str]) -> None:
    taken, sop_id, until, out = arguments
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    kit._PATIENCE_S = _PATIENCE_S
    TAKEN[taken]()
    try:
        (report,) = walk.perform(Path(out), 1, sop_id, int(until), "id", lambda _: None)
    except KnownError as error:
        told: dict[str, Any] = {"stuck": f"{error.code} {error.problem.params}"}
    else:
        told = report.as_json()
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1:])
