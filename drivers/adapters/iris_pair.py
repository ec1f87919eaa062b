"""Two infrared cameras, one for each eye, as one dual iris camera: UVC nodes, camera indices or MJPEG over HTTP.

`python -m drivers.adapters.iris_pair --right /dev/video2 --left /dev/video4`. Needs OpenCV.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from drivers.adapters.serving import Fields, IsLeft, RefusedError, Show, encoded, serve

EYES = ("EYE_RIGHT", "EYE_LEFT")
WANTED_PX = (1280, 720)
LOOK_S = 1.2  # so long frames are gathered, from which the sharpest are kept
FIRST_FRAME_S = 10.0
STALE_S = 2.0
KEPT = 3
_SHOWN_PX = 480

Image = npt.NDArray[np.uint8]


class EyeCamera:
    """One camera, read on a thread: the newest frame counts, and a camera that hangs holds nobody."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.frame: Image | None = None
        self.number, self.at = 0, time.monotonic()
        self._stopping = threading.Event()
        threading.Thread(target=self._grab, daemon=True).start()

    def stop(self) -> None:
        """Let go of the camera."""
        self._stopping.set()

    def _grab(self) -> None:
        camera = cv2.VideoCapture(int(self.address) if self.address.isdecimal() else self.address)
        camera.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))  # two plain streams do not fit on one USB 2
        camera.set(cv2.CAP_PROP_FRAME_WIDTH, WANTED_PX[0])
        camera.set(cv2.CAP_PROP_FRAME_HEIGHT, WANTED_PX[1])
        while not self._stopping.is_set():
            is_read, image = camera.read()
            if not is_read:
                break
            grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY) if image.ndim == 3 else image
            self.frame, self.number, self.at = np.asarray(grey, np.uint8), self.number + 1, time.monotonic()
        camera.release()


class IrisPair:
    """Both cameras as one device."""

    def __init__(self, addresses: dict[str, str], model: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._addresses, self._model, self._monotonic = addresses, model, monotonic
        self._cameras: dict[str, EyeCamera] = {}

    def devices(self) -> list[Fields]:
        """Return the pair: whether its cameras answer is known once it is open."""
        serial = " ".join(self._addresses.values())
        return [
            {"id": "pair", "kind": "iris", "vendor": "UVC", "model": self._model, "serial": serial, "preview": True}
        ]

    def open(self, device: str) -> None:
        """Wait for the first frame of both cameras."""
        if self._cameras and all(time.monotonic() - one.at < STALE_S for one in self._cameras.values()):
            return
        self.close(device)
        self._cameras = {eye: EyeCamera(address) for eye, address in self._addresses.items()}
        ends_at = self._monotonic() + FIRST_FRAME_S
        for camera in self._cameras.values():
            while camera.frame is None:
                if self._monotonic() > ends_at:
                    self.close(device)
                    raise RefusedError("absent", camera.address)
                time.sleep(0.02)

    def close(self, device: str) -> None:  # noqa: ARG002 – there is one
        """Let go of both cameras."""
        for camera in self._cameras.values():
            camera.stop()
        self._cameras = {}

    def preview(self, request: Fields, show: Show, is_left: IsLeft) -> None:
        """Show both eyes side by side until left."""
        cameras = [self._cameras[eye] for eye in EYES if eye in request["positions"]]
        seen = 0
        while not is_left():
            self._expect_frames()
            if (newest := sum(camera.number for camera in cameras)) != seen:
                seen = newest
                show(_side_by_side([camera.frame for camera in cameras if camera.frame is not None]))
            time.sleep(0.01)

    def capture(self, request: Fields, show: Show, is_left: IsLeft) -> list[Fields]:
        """Gather frames for a moment and give the sharpest of each eye: which is best the kit says."""
        best: dict[str, list[tuple[float, int, Image]]] = {eye: [] for eye in request["positions"]}
        seen = dict.fromkeys(best, 0)
        ends_at = self._monotonic() + min(LOOK_S, request["timeout_ms"] / 1000)
        while self._monotonic() < ends_at and not is_left():
            self._expect_frames()
            for eye, kept in best.items():
                camera = self._cameras[eye]
                if camera.frame is not None and camera.number != seen[eye]:
                    seen[eye], frame = camera.number, camera.frame
                    kept.append((_sharpness(frame), camera.number, frame))
                    kept.sort(key=lambda one: one[0], reverse=True)
                    del kept[KEPT:]
            if frames := [camera.frame for camera in self._cameras.values() if camera.frame is not None]:
                show(_side_by_side(frames))
            time.sleep(0.02)
        return [
            {"position": eye, "jpeg": encoded(_jpeg(frame, 97))} for eye, kept in best.items() for _, _, frame in kept
        ]

    def _expect_frames(self) -> None:
        if any(time.monotonic() - camera.at > STALE_S for camera in self._cameras.values()):
            raise RefusedError("removed")


def _sharpness(frame: Image) -> float:
    return float(cv2.Laplacian(cv2.GaussianBlur(frame, (0, 0), 1.5), cv2.CV_32F).var())


def _side_by_side(frames: list[Image]) -> bytes:
    small = [cv2.resize(frame, (_SHOWN_PX, _SHOWN_PX * frame.shape[0] // frame.shape[1])) for frame in frames]
    height = min(frame.shape[0] for frame in small)
    return _jpeg(np.asarray(np.hstack([frame[:height] for frame in small]), np.uint8), 80)


def _jpeg(frame: Image, quality: int) -> bytes:
    return cv2.imencode(".jpg", frame, (cv2.IMWRITE_JPEG_QUALITY, quality))[1].tobytes()


def main(arguments: list[str] | None = None) -> int:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--right", required=True, help="camera of the right eye")
    parser.add_argument("--left", required=True, help="camera of the left eye")
    parser.add_argument("--model", default="Iris pair", help="what to call it")
    asked = parser.parse_args(arguments)
    serve(IrisPair({EYES[0]: asked.right, EYES[1]: asked.left}, asked.model))
    return 0


if __name__ == "__main__":
    sys.exit(main())
