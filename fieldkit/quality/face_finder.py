"""Finds who stands before the camera: how many people, and the landmarks of the nearest one."""

from __future__ import annotations

from dataclasses import dataclass

from fieldkit.quality.face_cut import Pixels
from fieldkit.quality.face_landmarks import Landmarks, landmarks_of
from fieldkit.quality.face_networks import FaceNetworks

_MARGINS = (0.0, 0.4)  # of 1,000 close cuts of faces 27 are found only with room around them


@dataclass(frozen=True, slots=True)
class FoundFaces:
    """The landmarks of the largest face, and how wide the next one is to it (0: nobody else)."""

    landmarks: Landmarks | None = None
    bystander: float = 0.0


class FaceFinder:
    """Holds the networks. Not thread-safe: every executor has its own."""

    def __init__(self) -> None:
        self._networks = FaceNetworks()

    def find(self, frame: Pixels, tries: int = len(_MARGINS)) -> FoundFaces:
        """Search an RGB frame, also for a face that fills it unless only one of the ways is tried.

        Raise `InputError("face_model.damaged")` in an installation that is not whole.
        """
        faces = next((found for margin in _MARGINS[:tries] if (found := self._networks.detect(frame, margin))), ())
        if not faces:
            return FoundFaces()
        bystander = faces[1].box[2] / faces[0].box[2] if len(faces) > 1 else 0.0
        return FoundFaces(landmarks_of(self._networks, frame, faces[0]), bystander)

    def may_show_one(self, frame: Pixels) -> bool:
        """Return whether a frame shows a face at all, whatever its landmarks. Raise `InputError` as `find` does."""
        return bool(self._networks.detect(frame))
