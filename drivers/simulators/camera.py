"""A photo camera as MJPEG over HTTP: at first the person stands badly, then well, and never quite still."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

import cv2
import numpy as np

from drivers.simulators.loopback import Connection, HttpRequest, LoopbackServer, head
from drivers.simulators.stage import Fault, Speed, Stage
from drivers.simulators.subject.presented import Image

_SIZE = (720, 960)
_FRAME_S = 1 / 15
# Scale and shift of a person who has not found the mark yet: far, to the left, too low.
_BAD = ((0.45, -150, 60), (0.55, -110, 150), (0.7, 90, 190), (0.85, 60, 110))
_GOOD_FRAMES = 8
_SETTLE_FRAMES = {Speed.INSTANT: 4, Speed.REALISTIC: 32}
# Who waits for a picture gives up sooner than a busy machine has drawn a person: until then nobody is there yet.
_DRAWING_S = 0.5


Frames = tuple[list[bytes], list[bytes]]  # of a person who is not in place yet, and of one who is


class CameraServer:
    """Streams what `render` sees of whoever is on the stage, the portrait by default, to each GET."""

    def __init__(
        self,
        stage: Stage,
        *,
        speed: Speed = Speed.INSTANT,
        ports: Iterable[int] = (0,),
        render: Callable[[Stage], Frames] | None = None,
    ) -> None:
        self._stage = stage
        self._render = render or render_portrait
        self._settle = _SETTLE_FRAMES[speed]
        self._lock = threading.Lock()
        self._drawings: list[_Drawing] = []  # one for each turn
        self._server = LoopbackServer(self._handle, ports, "camera")

    @property
    def url(self) -> str:
        """Return the address of the stream."""
        return f"{self._server.url}/video"

    def unplug(self) -> None:
        """Let the camera vanish."""
        self._server.unplug()

    def plug(self) -> None:
        """Let the camera come back."""
        self._server.plug()

    def stop(self) -> None:
        """Close the port and wait for the threads."""
        self._server.stop()
        for drawing in self._drawings:
            drawing.thread.join()

    def _handle(self, connection: Connection, request: HttpRequest) -> None:
        if request.verb != "GET":
            connection.reply("405 Method Not Allowed", b"", "text/plain")
            return
        connection.send(head("200 OK", (("Content-Type", "multipart/x-mixed-replace; boundary=frame"),)))
        turn, seen = self._stage.turn, 0
        while not connection.is_left():
            if self._stage.turn != turn:
                turn, seen = self._stage.turn, 0
            is_drawn, (bad, good) = self._frames()
            if self._stage.turn != turn:  # who was drawn has left meanwhile
                continue
            frame = bad[seen * len(bad) // self._settle] if seen < self._settle else good[seen % len(good)]
            if self._stage.take(Fault.TRUNCATED_JPEG):
                frame = frame[: len(frame) // 2]
            connection.send(b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(frame))
            connection.send(frame + b"\r\n")
            seen += is_drawn
            connection.stopping.wait(_FRAME_S)
        connection.is_open = False

    def _frames(self) -> tuple[bool, Frames]:
        """Return whether the person who is there is drawn by now, and the frames; until then those of nobody."""
        with self._lock:
            if not self._drawings or self._drawings[-1].turn != self._stage.turn:
                self._drawings.append(_Drawing(self._stage, self._render))
            drawing = self._drawings[-1]
        drawing.thread.join(_DRAWING_S)
        return drawing.is_done, drawing.frames


class _Drawing:
    """The frames of one turn, drawn beside the streams that show them."""

    def __init__(self, stage: Stage, render: Callable[[Stage], Frames]) -> None:
        self.turn, self.is_done, nobody = stage.turn, False, Stage()
        nobody.present(None, stage.backdrop)
        self.frames = render(nobody)
        self._stage, self._render = stage, render
        self.thread = threading.Thread(target=self._draw, name="camera-drawing", daemon=True)
        self.thread.start()

    def _draw(self) -> None:
        self.frames = self._render(self._stage)
        self.is_done = True


def render_portrait(stage: Stage) -> Frames:
    """Return the badly and the well placed portraits of the person who is there."""
    subject = stage.subject
    if subject is None:
        empty = np.empty((_SIZE[1], _SIZE[0], 3), np.uint8)
        empty[:] = stage.backdrop
        return [_jpeg(empty)], [_jpeg(empty)]
    portrait = _fit(subject.portrait(stage.backdrop))
    bad = [_jpeg(_place(portrait, scale, x, y)) for scale, x, y in _BAD]
    sway = np.linspace(0, 2 * np.pi, _GOOD_FRAMES, endpoint=False)
    return bad, [_jpeg(_place(portrait, 1.0, 2.5 * np.sin(at), 1.5 * np.cos(2 * at))) for at in sway]


def _fit(portrait: Image) -> Image:
    """Scale a portrait into the camera's frame; what stays free shows the upper left corner's colour."""
    scale = min(_SIZE[0] / portrait.shape[1], _SIZE[1] / portrait.shape[0])
    left = (_SIZE[0] - scale * portrait.shape[1]) / 2
    matrix = np.array([[scale, 0.0, left], [0.0, scale, _SIZE[1] - scale * portrait.shape[0]]])
    corner = tuple(float(level) for level in portrait[4, 4])
    return np.asarray(cv2.warpAffine(portrait, matrix, _SIZE, borderValue=corner), dtype=np.uint8)


def _place(portrait: Image, scale: float, x: float, y: float) -> Image:
    matrix = np.array(
        [[scale, 0.0, (1 - scale) * _SIZE[0] / 2 + x], [0.0, scale, (1 - scale) * _SIZE[1] / 2 + y]], dtype=np.float64
    )
    placed = cv2.warpAffine(portrait, matrix, _SIZE, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(placed, dtype=np.uint8)


def _jpeg(rgb: Image) -> bytes:
    bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
    return bytes(cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, 90])[1])
