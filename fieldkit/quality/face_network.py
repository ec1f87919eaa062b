"""Finds faces with eyes, nose and mouth by a network that the dinas supplies: YuNet, read by OpenCV's `FaceDetectorYN`.

No model is part of the program; docs/decisions/0011 says why.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import cv2
import numpy as np

from fieldkit.domain.errors import InputError
from fieldkit.quality.face_finder import Eyes, FoundFaces, Lower, Pixels, Point

SEARCH_PX = 320  # longest side while searching: the network knows faces of 10 to 300 pixels

_SURE = 0.7  # score from which something is a face
_SAME_FACE = 0.3  # overlap
_MOST = 50
_BYSTANDER = 0.5  # a second face this big, relative to the first, is one too many
_LARGEST_BYTES = 50_000_000


class NetworkFinder:
    """The port `FaceDetector` over a YuNet model (ONNX). Not thread-safe: every executor has its own."""

    method = "yunet"

    def __init__(self, model: bytes) -> None:
        """Read the model. Raise `InputError("face_model.unusable")` for what is none."""
        try:
            self._net = cv2.FaceDetectorYN.create(
                "onnx", np.frombuffer(model, np.uint8), np.empty(0, np.uint8), (64, 64), _SURE, _SAME_FACE, _MOST
            )
            self._net.detect(np.zeros((64, 64, 3), np.uint8))
        except cv2.error as error:
            raise InputError("face_model.unusable") from error

    def find(self, frame: Pixels, tries: int = 1) -> FoundFaces:  # noqa: ARG002  # one look is enough for it
        """Search an RGB frame."""
        scale = min(1.0, SEARCH_PX / max(frame.shape[:2]))
        small = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else frame
        self._net.setInputSize((small.shape[1], small.shape[0]))
        _, found = self._net.detect(cv2.cvtColor(small, cv2.COLOR_RGB2BGR))
        if found is None or not len(found):
            return FoundFaces(0, None)
        faces = sorted(np.asarray(found, np.float64), key=lambda face: -face[2])
        count = sum(face[2] >= _BYSTANDER * faces[0][2] for face in faces)
        right, left, nose, mouth_right, mouth_left = (_point(faces[0], at, scale) for at in range(4, 14, 2))
        eyes = Eyes(right, left)
        if eyes.distance < 1:
            return FoundFaces(count, None)
        return FoundFaces(count, eyes, eyes, Lower(nose, mouth_right, mouth_left))


def read_model(path: Path, digest: str) -> bytes:
    """Return a model whose SHA-256 (hexadecimal) is the one that the dinas wrote down.

    Raise `InputError`: `face_model.unreadable`, or `face_model.other` for another file.
    """
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise InputError("face_model.other", file=str(path))
        model = path.read_bytes()
    except OSError as error:
        raise InputError("face_model.unreadable", file=str(path)) from error
    if sha256(model).hexdigest() != digest.strip().lower():
        raise InputError("face_model.other", file=str(path))
    return model


def _point(face: np.ndarray, at: int, scale: float) -> Point:
    return float(face[at]) / scale, float(face[at + 1]) / scale
