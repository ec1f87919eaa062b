"""A poor line in user space: so many bytes a second upwards, so long on the way, and cut after so many bytes.

Bytes upwards are counted as they are let in; a cut resets both ends, whatever is under way is gone.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress

_PIECE = 2048
_LATE_S = 0.1  # what a busy machine lets us sleep too long is made good
_BUFFER = 16 * 1024  # of the operating system on our side: what a sender got rid of has nearly been sent


class ThinLine:
    """Listens on a port of its own and passes on to `port` of this machine; `with` begins and ends it."""

    def __init__(self, port: int, bytes_per_s: float, delay_s: float, cut_every: int = 0) -> None:
        self.cuts, self.sent = 0, 0
        self._far, self._bytes_per_s, self._delay_s, self._cut_every = port, bytes_per_s, delay_s, cut_every
        self._free_at = 0.0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="thin line", daemon=True)

    def __enter__(self) -> ThinLine:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    def __exit__(self, *_: object) -> None:
        async def end() -> None:
            self._server.close()
            mine = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in mine:
                task.cancel()
            await asyncio.gather(*mine, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> asyncio.Server:
        listening = socket.create_server(("127.0.0.1", 0))
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)  # those that it accepts have it too
        return await asyncio.start_server(self._serve, sock=listening, limit=_PIECE)

    async def _serve(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        far, on = await asyncio.open_connection("127.0.0.1", self._far)
        up, down = asyncio.Queue[tuple[float, bytes]](), asyncio.Queue[tuple[float, bytes]]()
        ways = [
            asyncio.create_task(way)
            for way in (self._paced(near, up), self._deliver(up, on), self._read(far, down), self._deliver(down, back))
        ]
        with suppress(asyncio.CancelledError):  # the line is taken down; asyncio's streams would complain
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        for end in (on, back):
            with suppress(OSError):
                end.transport.abort()

    async def _paced(self, near: asyncio.StreamReader, up: asyncio.Queue[tuple[float, bytes]]) -> None:
        clock = self._loop.time
        while piece := await near.read(_PIECE):
            self._free_at = max(clock() - _LATE_S, self._free_at) + len(piece) / self._bytes_per_s
            await asyncio.sleep(self._free_at - clock())
            self.sent += len(piece)
            if self._cut_every and self.sent // self._cut_every > self.cuts:
                self.cuts += 1
                return
            up.put_nowait((clock() + self._delay_s, piece))
        up.put_nowait((clock() + self._delay_s, b""))
        await asyncio.Event().wait()  # the answer is still on its way

    async def _read(self, far: asyncio.StreamReader, down: asyncio.Queue[tuple[float, bytes]]) -> None:
        while piece := await far.read(64 * 1024):
            down.put_nowait((self._loop.time() + self._delay_s, piece))
        down.put_nowait((self._loop.time() + self._delay_s, b""))
        await asyncio.Event().wait()

    async def _deliver(self, queue: asyncio.Queue[tuple[float, bytes]], to: asyncio.StreamWriter) -> None:
        while True:
            at, piece = await queue.get()
            await asyncio.sleep(max(0.0, at - self._loop.time()))
            if not piece:
                return
            to.write(piece)
            await to.drain()
