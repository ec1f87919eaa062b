"""The registration devices that are simulated."""

from __future__ import annotations

from dataclasses import dataclass

from fieldkit.domain.recording.positions import EYES, FINGERS, LEFT_FOUR, RIGHT_FOUR, THUMBS, Position

_FINGER_WORDS = ("Thumb", "IndexFinger", "MiddleFinger", "RingFinger", "LittleFinger")
WORDS: dict[Position, str] = {
    **{finger: f"Right {word}" for finger, word in zip(FINGERS[:5], _FINGER_WORDS, strict=True)},
    **{finger: f"Left {word}" for finger, word in zip(FINGERS[5:], _FINGER_WORDS, strict=True)},
    Position.EYE_RIGHT: "Right",
    Position.EYE_LEFT: "Left",
}


@dataclass(frozen=True, slots=True)
class Model:
    """What a device says about itself; `subs` are its sub-devices and the positions each can take."""

    kind: str
    sub_type: str
    make: str
    model: str
    serial: str
    subs: dict[int, tuple[Position, ...]]

    @property
    def device_id(self) -> str:
        """Return the id that discovery gives."""
        return f"{self.make}-{self.model}-{self.serial}".replace(" ", "-")

    @property
    def offered_subs(self) -> tuple[int, ...]:
        """Return the sub-devices to name in discovery; 0 stands for an unknown one unless it is the only one."""
        return tuple(sub_id for sub_id in self.subs if sub_id) or (0,)

    @property
    def code(self) -> str:
        """Return the device code."""
        return f"{self.kind.upper()}-{self.serial}"


SLAP_SCANNER = Model(
    "Finger", "Slap", "Simulasi", "TenPrint S4", "SIM-FP-0001", {1: LEFT_FOUR, 2: RIGHT_FOUR, 3: THUMBS, 0: FINGERS}
)
FACE_CAMERA = Model("Face", "Full face", "Simulasi", "Portrait F1", "SIM-FC-0001", {0: (Position.PORTRAIT,)})
IRIS_CAMERA = Model(
    "Iris", "Double", "Simulasi", "DuoIris V2", "SIM-IR-0001", {1: EYES[1:], 2: EYES[:1], 3: EYES, 0: EYES}
)
