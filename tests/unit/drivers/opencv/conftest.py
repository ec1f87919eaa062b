from __future__ import annotations

import socket
import threading
import time

import pytest


class Camera:
    """An MJPEG server on a plain socket; `frames` repeat until it is closed, or are sent once."""

    def __init__(self, frames: list[bytes], content_type: str, *, repeats: bool = True, every_s: float = 0.02) -> None:
        self.frames = frames
        self.every_s = every_s
        self.head = f"HTTP/1.0 200 OK\r\nContent-Type: {content_type}\r\n\r\n".encode()
        self.requests: list[bytes] = []
        self.sent = 0
        self._repeats = repeats
        self._closing = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept)]
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/live?size=big"
        self._threads[0].start()

    def close(self) -> None:
        if not self._closing.is_set():
            self._closing.set()
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._threads.append(threading.Thread(target=self._serve, args=(connection,)))
            self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                self.requests.append(connection.recv(4096))
                connection.sendall(self.head)
                number = 0
                while not self._closing.is_set():
                    if self.frames and (self._repeats or number < len(self.frames)):
                        frame = self.frames[number % len(self.frames)]
                        head = b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(frame)
                        connection.sendall(head + frame + b"\r\n")
                        self.sent += 1
                    number += 1
                    time.sleep(self.every_s)
            except OSError:
                return


@pytest.fixture
def camera(picture):
    started: list[Camera] = []

    def start(
        frames: list[bytes] | None = None,
        content_type: str = "multipart/x-mixed-replace; boundary=frame",
        *,
        repeats: bool = True,
    ) -> Camera:
        started.append(Camera([picture(200)] if frames is None else frames, content_type, repeats=repeats))
        return started[-1]

    yield start
    for one in started:
        one.close()
