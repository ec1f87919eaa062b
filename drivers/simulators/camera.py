"""A photo camera as MJPEG over HTTP: at first the person stands badly, then well, and never quite still."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

import cv2
import numpy as np

from drivers.simulators.loopback import Connection, HttpRequest, LoopbackServer, head
from drivers.simulators.stage import Fault, Speed, Stage
from drivers.simulators.subject.presented import Condition, Image, PresentedSubject
from drivers.simulators.subject.ridges import Field, smooth_noise
from fieldkit.domain.recording.positions import EYES, Position

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


# An infrared camera that sees both eyes, as MJPEG over HTTP: at first the person moves, then holds still.

SIZE = (1920, 720)
EYE_SCALE = 0.85  # of the picture of one eye: irises of some 100 px, and so eyes of 63 mm distance 1066 px apart
EYES_APART = 1066
_NOBODY, _SKIN = 18, 174
# Shift in pixels, defocus in pixels, motion in pixels: of a person who is still coming closer.
_MOVING = ((-90, 40, 6.0, 1), (70, -30, 4.0, 41), (-40, 25, 2.5, 31), (25, -10, 2.0, 15))
_STILL_FRAMES = 6


def infrared_camera(stage: Stage, *, speed: Speed = Speed.INSTANT, ports: Iterable[int] = (0,)) -> CameraServer:
    """Return a running camera for irises."""
    return CameraServer(stage, speed=speed, ports=ports, render=render_eyes)


def render_eyes(stage: Stage) -> Frames:
    """Return the moving and the still frames of the person who is there."""
    if stage.subject is None:
        return [_infrared_jpeg(np.full(SIZE[::-1], _NOBODY, np.uint8))], [
            _infrared_jpeg(np.full(SIZE[::-1], _NOBODY, np.uint8))
        ]
    face = both_eyes(stage.subject)
    moving = [_infrared_jpeg(_smeared(_shifted(face, x, y), defocus, motion)) for x, y, defocus, motion in _MOVING]
    sway = np.linspace(0, 2 * np.pi, _STILL_FRAMES, endpoint=False)
    return moving, [_infrared_jpeg(_shifted(face, 4 * np.sin(at), 2 * np.cos(at))) for at in sway]


def eye_camera(stage: Stage, position: Position) -> CameraServer:
    """Return a running camera that is held before one eye."""
    return CameraServer(stage, render=lambda seen: _one_eye(seen, position))


def _one_eye(stage: Stage, position: Position) -> Frames:
    met = stage.glance(position)
    still = np.full((480, 640), _NOBODY, np.uint8) if met is None else met.image
    return [_infrared_jpeg(_smeared(still, 5.0, 9))], [_infrared_jpeg(still)]


def both_eyes(subject: PresentedSubject) -> Image:
    """Return the upper face under infrared light, shape (720, 1920); the right eye is on the left."""
    skin = _SKIN + 6 * smooth_noise(SIZE[::-1], 90, np.random.default_rng(len(subject.name)))
    face = np.asarray(skin, dtype=np.float32)
    for side, position in zip((-1, 1), EYES, strict=True):
        if subject.condition_of(position) is not Condition.MISSING:
            _set_in(face, _eye(subject, position), SIZE[0] // 2 + side * EYES_APART // 2)
    return np.clip(face, 0, 255).astype(np.uint8)


def _eye(subject: PresentedSubject, position: Position) -> Image:
    picture = subject.iris(position)
    return np.asarray(cv2.resize(picture, None, fx=EYE_SCALE, fy=EYE_SCALE, interpolation=cv2.INTER_AREA), np.uint8)


def _set_in(face: Field, eye: Image, centre_x: int) -> None:
    """Lay the picture of an eye into the face, fading out towards its border."""
    height, width = eye.shape
    left, top = centre_x - width // 2, (SIZE[1] - height) // 2
    inner = np.zeros((height, width), np.float32)
    inner[24:-24, 24:-24] = 1
    cover = np.asarray(cv2.GaussianBlur(inner, (0, 0), 8), dtype=np.float32)
    part = face[top : top + height, left : left + width]
    part += cover * (eye.astype(np.float32) - part)


def _shifted(face: Image, x: float, y: float) -> Image:
    move = np.array([[1.0, 0.0, x], [0.0, 1.0, y]])
    return np.asarray(cv2.warpAffine(face, move, SIZE, borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8)


def _smeared(face: Image, defocus: float, motion: int) -> Image:
    soft = cv2.GaussianBlur(face, (0, 0), defocus)
    return np.asarray(cv2.blur(soft, (motion, 1)), dtype=np.uint8)


def _infrared_jpeg(grey: Image) -> bytes:
    return bytes(cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, 92])[1])
