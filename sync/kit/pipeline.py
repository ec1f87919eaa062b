"""HTTP/1.1 over one connection, several questions ahead of their answers (RFC 9112 §9.3.2).

The caller's thread does all of it: bytes go out and answers come in while it waits for either. What the system has not
yet put on the line is kept small, where the system lets us say so: then the stall timer, the progress that is shown and
a person who cancels see the line and not a buffer. All other sizes are left to the system, which fits them to the line.
"""

from __future__ import annotations

import selectors
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress

import h11

# Of a socket: bytes that it took and has not put on the line. Linux and macOS have the option, Windows has not.
_NOT_SENT_LOW_WATER = getattr(socket, "TCP_NOTSENT_LOWAT", None)
_NOT_SENT_BYTES = 32 * 1024  # at 2 kB/s gone within the stall time, at 20 Mbit/s some work of ours is no pause
_RECORD_BYTES = 16 * 1024  # of TLS: the most that one holds (RFC 8446 §5.1)
_RECORDS_A_TURN = 16
_READ_BYTES = 64 * 1024
_MOST_HEAD_BYTES = 100 * 1024
_LOOK_S = 0.2  # how often `watch` is told
_WAITS = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)

Watch = Callable[[int], None]


class LineEndedError(Exception):
    """The connection ended before the answer did."""


def unwatched(_handed: int) -> None:
    """Look at nothing while bytes go out."""


class Exchange:
    """A question, and its answer or why there is none once it `is_over`."""

    def __init__(self, request: h11.Request, content: bytes, most_answer_bytes: int) -> None:
        self.status, self.headers, self.body = 0, list[tuple[bytes, bytes]](), bytearray()
        self.error: Exception | None = None
        self.is_over = False
        self._most = most_answer_bytes
        self._http = h11.Connection(h11.CLIENT, _MOST_HEAD_BYTES)
        # Its length is in the head: h11 need not see the content, and is only told of the answer from here on.
        self._unsent = memoryview((self._http.send(request) or b"") + content)
        self._content_bytes = len(content)

    @property
    def handed(self) -> int:
        """How many bytes of the content the system took."""
        return max(0, self._content_bytes - len(self._unsent))

    @property
    def is_last(self) -> bool:
        """Whether the other side closes the connection behind its answer."""
        return self._http.their_state in (h11.MUST_CLOSE, h11.CLOSED)

    def hand(self, line: socket.socket) -> bool:
        """Give the system a piece of the question; return whether it has all of it. Raise `OSError`."""
        self._unsent = self._unsent[line.send(self._unsent[:_RECORD_BYTES]) :]
        return not self._unsent

    def hear(self, came: bytes) -> bytes:
        """Read on in the answer; return what lies behind it. Raise `h11.RemoteProtocolError`, `ValueError`."""
        self._http.receive_data(came)
        while not self.is_over:
            event = self._http.next_event()
            if isinstance(event, h11.Response):
                self.status, self.headers = event.status_code, list(event.headers)
            elif isinstance(event, h11.Data):
                self.body += event.data
                if len(self.body) > self._most:
                    raise ValueError("an answer without end")
            elif isinstance(event, h11.EndOfMessage):
                self.is_over = True
            elif not isinstance(event, h11.InformationalResponse):
                return b""  # more must come
        return self._http.trailing_data[0]

    def fail(self, error: Exception) -> None:
        """End without an answer."""
        self.error, self.is_over = error, True


class Pipeline:
    """Exchanges over a connected socket, answered in the order in which they began."""

    def __init__(self, line: socket.socket, stall_s: float) -> None:
        self._line, self._stall_s = line, stall_s
        if _NOT_SENT_LOW_WATER is not None:
            line.setsockopt(socket.IPPROTO_TCP, _NOT_SENT_LOW_WATER, _NOT_SENT_BYTES)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(line, selectors.EVENT_READ)
        self._unsent, self._unanswered = deque[Exchange](), deque[Exchange]()
        self.is_over = False

    def begin(self, exchange: Exchange, watch: Watch = unwatched) -> None:
        """Ask; return once the system has all of the question, or the exchange is over.

        `watch` is told now and then how many bytes of the content the system took; what it raises is raised. Raise
        `TimeoutError` when nothing moves for the stall time.
        """
        if self.is_over:
            exchange.fail(LineEndedError())
            return
        self._unsent.append(exchange)
        self._unanswered.append(exchange)
        self._turn_until(lambda: exchange.is_over or exchange not in self._unsent, exchange, watch)

    def wait(self, exchange: Exchange, watch: Watch = unwatched) -> None:
        """Return once the exchange is over. Raise as `begin` does."""
        self._turn_until(lambda: exchange.is_over, exchange, watch)

    def look(self) -> None:
        """Take in what has come, without waiting."""
        if not self.is_over:
            self._read()

    def close(self) -> None:
        """Hang up; what is unanswered has no answer."""
        self._end(LineEndedError())
        self._selector.close()
        with suppress(OSError):
            self._line.close()

    def _turn_until(self, is_so: Callable[[], bool], exchange: Exchange, watch: Watch) -> None:
        moved_at = looked_at = time.monotonic()
        while not is_so():
            has_moved = self._write()
            has_moved |= self._read()
            now = time.monotonic()
            if has_moved:
                moved_at = now
            elif now - moved_at >= self._stall_s:
                raise TimeoutError
            elif not is_so():
                events = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._unsent else 0)
                self._selector.modify(self._line, events)
                self._selector.select(min(_LOOK_S, moved_at + self._stall_s - now))
            if now - looked_at >= _LOOK_S:
                looked_at = now
                watch(exchange.handed)

    def _write(self) -> bool:
        has_moved = False
        for _ in range(_RECORDS_A_TURN):
            if not self._unsent:
                break
            try:
                if self._unsent[0].hand(self._line):
                    self._unsent.popleft()
                has_moved = True
            except _WAITS:
                break
            except OSError:  # who does not listen may have said why
                self._unsent.clear()
        return has_moved

    def _read(self) -> bool:
        has_moved = False
        while not self.is_over:
            try:
                came = self._line.recv(_READ_BYTES)
                has_moved = True
                self._hear(came)
            except _WAITS:
                break
            except (OSError, ValueError, h11.RemoteProtocolError) as error:
                self._end(error)
        return has_moved

    def _hear(self, came: bytes) -> None:
        is_end = not came
        while self._unanswered and (came or is_end):
            exchange = self._unanswered[0]
            came = exchange.hear(came)
            if not exchange.is_over:
                break
            self._unanswered.popleft()
            if exchange.is_last:
                self._end(LineEndedError())
        if came or is_end:
            self._end(LineEndedError())

    def _end(self, error: Exception) -> None:
        self.is_over = True
        self._unsent.clear()
        while self._unanswered:
            self._unanswered.popleft().fail(error)
