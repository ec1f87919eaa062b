"""A recorded device on a serial line."""

from __future__ import annotations

import fcntl
import os
import select
import struct
import termios
import threading
from pathlib import Path

from drivers.simulators.pty_link import PtyLink
from drivers.simulators.recorded import Event, Findings, Script, Turn, asked_in, content_of

_POLL_MS = 50
_SOME_BYTES = 256  # at a time, so that a program that asks anew is heard


class SerialReplay:
    """Waits for the recorded bytes, then sends those that followed.

    A device that speaks without being asked does so when a program opens the port or empties its input: the kernel
    tells of both, and of two at once only once.
    """

    def __init__(self, line: str, events: list[Event], findings: Findings, path: Path) -> None:
        self._line, self._findings, self.path = line, findings, path
        turns: list[Turn] = []
        for event in events:
            match event["act"]:
                case "opened" | "emptied":
                    turns.append(Turn(None))
                case "out":
                    turns.append(Turn(asked_in(event["data"])))
                case "in" if turns:
                    turns[-1].answers.append(event)
        self._script = Script(line, turns, findings)
        self._heard = self._to_say = b""
        self._link = PtyLink(path)
        fcntl.ioctl(self._link.master, termios.TIOCPKT, struct.pack("i", 1))
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="replay-serial")
        self._thread.start()

    def stop(self) -> None:
        """Let the port vanish, and note what was never asked."""
        self._stopping.set()
        self._thread.join()
        self._link.close()
        if self._heard:
            self._script.differ(self._heard)
        self._script.end()

    def _run(self) -> None:
        poll = select.poll()
        poll.register(self._link.master, select.POLLIN | select.POLLPRI)
        while not self._stopping.is_set():
            if poll.poll(0 if self._to_say else _POLL_MS):
                self._hear()
            self._say()

    def _hear(self) -> None:
        try:
            received = os.read(self._link.master, 4096)
        except OSError:  # nobody has the port open
            return
        if received[:1] == bytes((termios.TIOCPKT_DATA,)):
            self._heard += received[1:]
        elif received and received[0] & termios.TIOCPKT_FLUSHREAD:
            self._listened()
        while self._heard and (turn := self._script.ask(self._heard)) is not None:
            self._heard = self._heard[turn.size :]
            self._to_say = self._said_in(turn)
        if len(self._heard) > self._script.longest:
            self._script.differ(self._heard)
            self._heard = b""

    def _listened(self) -> None:
        """Say what was said unasked, again when it may have been thrown away."""
        turn, said = self._script.listen(), b""
        while turn is not None:  # the program may have opened and emptied before we looked
            said += self._said_in(turn)
            turn = self._script.listen()
        current = self._script.turn
        if said:
            self._to_say = said
        elif current is not None and current.asked is None:
            self._to_say = self._said_in(current)

    def _said_in(self, turn: Turn) -> bytes:
        said = b""
        for event in turn.answers:
            content = content_of(event["data"])
            if content is None:
                self._findings.hidden.add(self._line)
                break  # what came after it answers nobody
            said += content
        return said

    def _say(self) -> None:
        if self._to_say:
            try:
                sent = os.write(self._link.master, self._to_say[:_SOME_BYTES])
            except BlockingIOError:
                self._stopping.wait(_POLL_MS / 1000)
                return
            self._to_say = self._to_say[sent:]
