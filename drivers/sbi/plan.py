"""Which sub-device captures what: our positions in the words of the interface."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fieldkit.domain.recording.positions import EYES, LEFT_FOUR, RIGHT_FOUR, THUMBS, Modality, Position
from fieldkit.ports.devices import ProtocolError

TYPES = {Modality.FINGER: "Finger", Modality.IRIS: "Iris", Modality.FACE: "Face"}
SUB_TYPES: dict[Position, str] = {
    Position.RIGHT_THUMB: "Right Thumb",
    Position.RIGHT_INDEX: "Right IndexFinger",
    Position.RIGHT_MIDDLE: "Right MiddleFinger",
    Position.RIGHT_RING: "Right RingFinger",
    Position.RIGHT_LITTLE: "Right LittleFinger",
    Position.LEFT_THUMB: "Left Thumb",
    Position.LEFT_INDEX: "Left IndexFinger",
    Position.LEFT_MIDDLE: "Left MiddleFinger",
    Position.LEFT_RING: "Left RingFinger",
    Position.LEFT_LITTLE: "Left LittleFinger",
    Position.EYE_RIGHT: "Right",
    Position.EYE_LEFT: "Left",
}
_SLAPS = {1: LEFT_FOUR, 2: RIGHT_FOUR, 3: THUMBS}
_EYE_SUB_IDS = {Position.EYE_LEFT: 1, Position.EYE_RIGHT: 2}
BOTH_EYES = 3
UNNAMED = 0  # face, and devices that do not name their sub-devices


@dataclass(frozen=True, slots=True)
class Ask:
    """One RCAPTURE: a sub-device, the positions wanted of it and those the subject cannot give there."""

    modality: Modality
    sub_id: int
    positions: tuple[Position, ...]
    exceptions: tuple[Position, ...] = ()

    @property
    def whole(self) -> Ask:
        """The same sub-device asked for all it captures: slap scanners may take nothing less."""
        covered = _without(_covered(self.modality, self.sub_id), self.exceptions) or self.positions
        return Ask(self.modality, self.sub_id, covered, self.exceptions)


def plan(
    modality: Modality,
    positions: Sequence[Position],
    exceptions: Sequence[Position] = (),
    *,
    sub_ids: Sequence[int] = (),
    single: bool = False,
) -> tuple[Ask, ...]:
    """Split what is wanted into captures, in the order of `positions`.

    `sub_ids` are those the device offers (empty: unknown); `single` devices take one finger or eye at a time.
    """
    wanted = _without(positions, exceptions)
    if not wanted or any(p.modality is not modality for p in wanted):
        raise ProtocolError("device.sbi.position", position=", ".join(positions))
    if modality is Modality.FACE:
        return (Ask(modality, UNNAMED, wanted, tuple(exceptions)),)
    if modality is Modality.IRIS:
        return _plan_eyes(wanted, exceptions, sub_ids, single)
    if single:
        return tuple(Ask(modality, _offered(_slap_of(p), sub_ids), (p,)) for p in wanted)
    slaps = dict.fromkeys(_slap_of(p) for p in wanted)
    return tuple(
        Ask(modality, s, tuple(p for p in wanted if p in _SLAPS[s]), tuple(p for p in exceptions if p in _SLAPS[s]))
        for s in slaps
    )


def captured_by(modality: Modality, sub_ids: Sequence[int]) -> frozenset[Position]:
    """Return the positions that a device with these sub-devices captures."""
    if modality is Modality.FACE:
        return frozenset({Position.PORTRAIT})
    known = [i for i in sub_ids if i in (1, 2, 3)] or [1, 2, 3]
    return frozenset(p for i in known for p in _covered(modality, i))


def _plan_eyes(
    wanted: tuple[Position, ...], exceptions: Sequence[Position], sub_ids: Sequence[int], single: bool
) -> tuple[Ask, ...]:
    missing = tuple(p for p in exceptions if p in EYES)
    may_take_both = not single and (not sub_ids or BOTH_EYES in sub_ids)
    if may_take_both and len(wanted) + len(missing) == len(EYES):
        return (Ask(Modality.IRIS, BOTH_EYES, wanted, missing),)
    return tuple(Ask(Modality.IRIS, _offered(_EYE_SUB_IDS[p], sub_ids), (p,)) for p in wanted)


def _covered(modality: Modality, sub_id: int) -> tuple[Position, ...]:
    if modality is Modality.FACE:
        return (Position.PORTRAIT,)
    if modality is Modality.FINGER:
        return _SLAPS.get(sub_id, ())
    return EYES if sub_id == BOTH_EYES else tuple(p for p, i in _EYE_SUB_IDS.items() if i == sub_id)


def _slap_of(position: Position) -> int:
    return next(i for i, fingers in _SLAPS.items() if position in fingers)


def _offered(sub_id: int, sub_ids: Sequence[int]) -> int:
    """Fall back to what the device has: a single sensor is 0 or its only number; of several, 3 takes either eye."""
    if not sub_ids or sub_id in sub_ids:
        return sub_id
    return BOTH_EYES if BOTH_EYES in sub_ids else sub_ids[0]


def _without(positions: Sequence[Position], exceptions: Sequence[Position]) -> tuple[Position, ...]:
    return tuple(p for p in positions if p not in exceptions)
