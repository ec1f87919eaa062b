"""Moves a simulated kit by lines of text, each answered by one line: `ok …` or `error …`.

present K [red|blue|orange] [POSITION=worn|bandaged|missing|none,31,72 …]   a person by number or by name of a folder
nobody · fault NAME [times] · sign · plug DEVICE · unplug DEVICE · card in|out · quit
state DEVICE Ready|Busy|Not-Ready|Not-Registered   what a registration device says of itself
clock SECONDS   that the clocks of the devices are ahead of the machine's
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from drivers.simulators.bench import SimulatedKit
from drivers.simulators.sbi.service import Status
from drivers.simulators.stage import Fault
from drivers.simulators.subject import (
    BLUE,
    ORANGE,
    RED,
    Condition,
    Presentation,
    PresentedSubject,
    SubjectFolder,
    SyntheticSubject,
)
from fieldkit.domain.recording.positions import Position

_BACKDROPS = {"red": RED, "blue": BLUE, "orange": ORANGE}


class Control:
    """Understands the lines; people by number are grown from `seed` + number."""

    def __init__(self, kit: SimulatedKit, seed: int, subjects: Path | None = None) -> None:
        self._kit = kit
        self._seed = seed
        self._subjects = subjects
        self.is_over = False

    def obey(self, line: str) -> str:
        """Do what a line says and return the answer."""
        try:
            return f"ok {self._do(line.split())}".rstrip()
        except (ValueError, KeyError, OSError) as mistake:
            return f"error {mistake}".replace("\n", " ")

    def _do(self, words: Sequence[str]) -> str:
        match words:
            case ["present", who, *rest]:
                return self._present(who, rest)
            case ["nobody"]:
                self._kit.present(None)
            case ["fault", name, *times]:
                self._kit.arm(Fault(name), int(times[0]) if times else 1)
            case ["sign"]:
                self._kit.sign_now()
            case ["plug", device]:
                self._kit.plug(device)
            case ["unplug", device]:
                self._kit.unplug(device)
            case ["state", device, status]:
                self._kit.set_status(device, Status(status.replace("-", " ")))
            case ["card", "in"]:
                return "inserted" if self._kit.insert_card() else "no virtual reader"
            case ["card", "out"]:
                self._kit.remove_card()
            case ["clock", seconds]:
                self._kit.ahead = timedelta(seconds=float(seconds))
            case ["quit"]:
                self.is_over = True
            case _:
                raise ValueError(f"not understood: {' '.join(words)}")
        return ""

    def _present(self, who: str, rest: Sequence[str]) -> str:
        backdrop = next((_BACKDROPS[word] for word in rest if word in _BACKDROPS), RED)
        subject = self._person(who, [word for word in rest if word not in _BACKDROPS])
        self._kit.present(subject, backdrop)
        return subject.name

    def _person(self, who: str, marks: Sequence[str]) -> PresentedSubject:
        conditions: dict[Position, Condition] = {}
        script: dict[Position, tuple[Presentation, ...]] = {}
        for mark in marks:
            position, _, value = mark.partition("=")
            if value in Condition.__members__.values():
                conditions[Position(position)] = Condition(value)
            else:
                script[Position(position)] = tuple(_presentation(step) for step in value.split(","))
        if who.isdigit():
            return SyntheticSubject(self._seed + int(who), conditions=conditions, script=script)
        if self._subjects is None or conditions:
            raise ValueError("a person from a folder has the conditions of its biodata.yaml")
        return SubjectFolder(self._subjects / Path(who).name, script=script)


def _presentation(step: str) -> Presentation:
    return Presentation(None if step == "none" else int(step))
