"""The devices of a trace, played back: the other end of the same wires says what was recorded."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Self

from drivers.simulators.recorded import Findings, Tested, Trace
from drivers.simulators.replay_http import HttpReplay
from drivers.simulators.replay_messages import CardReplay, PadReplay
from drivers.simulators.replay_serial import SerialReplay
from drivers.simulators.vpcd import PORT, READER, CardSlot


class Replay:
    """Plays a trace back while its context is open; `folder` holds the serial ports.

    `findings` says what was asked otherwise; what was never asked stands in it after the context.
    """

    def __init__(self, trace: Trace, folder: Path, *, vpcd_port: int = PORT) -> None:
        self._trace, self._folder, self._slot = trace, folder, CardSlot(vpcd_port)
        self._places: dict[str, str] = {}  # where each recorded line is now
        self._open = ExitStack()
        self.findings = Findings()
        self.hid: ModuleType | None = None  # stands in for the module `hid`
        self.card: CardReplay | None = None  # the first that was recorded: there is one virtual reader

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for line, events in self._trace.lines("http").items():
                http = HttpReplay(line, events, self.findings)
                stack.callback(http.stop)
                self._places[line] = http.url
            for number, (line, events) in enumerate(self._trace.tested_lines("serial").items()):
                port = SerialReplay(line, events, self.findings, self._folder / f"tty{number}")
                stack.callback(port.stop)
                self._places[line] = str(port.path)
            if pads := self._trace.lines("hid"):
                pad = PadReplay(pads, self.findings)
                stack.callback(pad.stop)
                self.hid = pad.module
                self._places |= {line: line for line in pads}
            for line, events in self._trace.lines("pcsc").items():
                if self.card is None and any(event["act"] == "connected" for event in events):
                    self.card = CardReplay(line, events, self.findings)
                    stack.callback(self.card.stop)
                    stack.callback(self._slot.remove)
            self._open = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()

    def tested(self) -> list[Tested]:
        """Return the recorded devices that are here again, where they are now."""
        return [
            Tested({name: self.placed(text) for name, text in device.found.items()}, *device.asked)
            for device in self._trace.tested()
            if _line_of(device) in self._places
        ]

    def placed(self, text: str) -> str:
        """Return an address, or a name with an address in it, with the place where its line is now."""
        for line in sorted(self._places, key=len, reverse=True):
            if line in text:
                return text.replace(line, self._places[line])
        return text

    def recorded_at(self, address: str) -> str:
        """Return the recorded line that is at an address now."""
        now = address.partition("#")[0]
        return next((line for line, place in self._places.items() if place == now), "")

    def insert_card(self) -> bool:
        """Lay the recorded card on the virtual reader; False while that one is not there."""
        assert self.card is not None
        if self._slot.insert(self.card):
            self._places[self.card.line] = READER
            return True
        return False


def _line_of(device: Tested) -> str:
    return device.found["address"].partition("#")[0]
