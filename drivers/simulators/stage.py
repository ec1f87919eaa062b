"""Who stands in front of the devices now, how many attempts were made, and what shall go wrong next."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, replace
from enum import StrEnum
from zlib import crc32

import cv2
import numpy as np

from drivers.simulators.subject.presented import RED, Condition, Image, PresentedSubject, Rgb
from fieldkit.domain.recording.positions import Modality, Position
from fieldkit.ports.devices import Signature

_BLOCK = (31, 31)  # pixels at 500 ppi: three to four ridges
_FLAT = 10.0  # grey levels of deviation below which nothing lies on the glass
_FULL_AREA_PX = 42_000
_BESIDE_UM, _PLACES = 100, 16  # how far beside the last one the next signature stands, and how often
# How sure the ridges of worn skin are at most is 0.66, those of skin without grain 0.8 and more.
_SURE, _SCORES = (0.3, 0.36, 0.66, 0.72, 0.8, 1.0), (0, 35, 39, 62, 82, 90)


class Speed(StrEnum):
    """How long devices take: as long as the wire needs, or as long as a person needs."""

    INSTANT = "instant"
    REALISTIC = "realistic"


class Fault(StrEnum):
    """What can go wrong once; it is used up by the next act that it fits."""

    BUSY = "busy"
    WRONG_SIGNATURE = "wrong_signature"
    BROKEN_CHAIN = "broken_chain"
    TRUNCATED_JPEG = "truncated_jpeg"
    UNPLUG = "unplug"  # in the middle of an answer; the device stays away until it is plugged in again
    HANG = "hang"
    WRONG_TRANSACTION = "wrong_transaction"
    EMPTY_RECORD = "empty_record"  # signed as ever, but without a picture in it
    THREE_OF_FOUR = "three_of_four"
    HUGE_LENGTH = "huge_length"  # of a capture's answer
    HUGE_FRAME = "huge_frame"  # of a frame in a stream
    GARBAGE = "garbage"  # noise on a serial line before an answer
    WRONG_CHECKSUM = "wrong_checksum"
    SLOW = "slow"  # the parts of an answer come with long pauses


@dataclass(frozen=True, slots=True)
class Presented:
    """One position as a sensor met it: the image (height, width[, 3]) and the score that the device gives it."""

    image: Image
    quality: int


class Stage:
    """The person in front of all devices at once. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._subject: PresentedSubject | None = None
        self._backdrop: Rgb = RED
        self._attempts: Counter[Position] = Counter()
        self._met: dict[Position, tuple[int, Presented | None]] = {}  # the newest look at each position
        self._faults: Counter[Fault] = Counter()
        self._turn, self._signed = 0, 0

    @property
    def subject(self) -> PresentedSubject | None:
        """Return who is there."""
        return self._subject

    @property
    def backdrop(self) -> Rgb:
        """Return the colour of the cloth behind the person."""
        return self._backdrop

    @property
    def turn(self) -> int:
        """Return a number that changes whenever somebody else steps forward."""
        return self._turn

    def signature(self) -> Signature | None:
        """Return how the person there signs now, None when nobody is there: no pen hits the same places twice."""
        with self._lock:
            subject, beside_um = self._subject, self._signed % _PLACES * _BESIDE_UM
            self._signed += 1
        if subject is None:
            return None
        ink = subject.signature()
        strokes = (
            tuple(replace(point, x_um=min(point.x_um + beside_um, ink.width_um - 1)) for point in stroke)
            for stroke in ink.strokes
        )
        return replace(ink, strokes=tuple(strokes))

    def present(self, subject: PresentedSubject | None, backdrop: Rgb = RED) -> None:
        """Let a person step forward (None: nobody); attempts are counted anew."""
        with self._lock:
            self._subject, self._backdrop = subject, backdrop
            self._attempts.clear()
            self._met.clear()
            self._turn += 1

    def arm(self, fault: Fault, times: int = 1) -> None:
        """Let the next fitting acts go wrong."""
        with self._lock:
            self._faults[fault] += times

    def take(self, fault: Fault) -> bool:
        """Return whether a fault was armed, and use it up."""
        with self._lock:
            if self._faults[fault] == 0:
                return False
            self._faults[fault] -= 1
            return True

    def attempt(self, position: Position) -> Presented | None:
        """Make the next attempt at a position; None when nothing is presented."""
        with self._lock:
            number = self._attempts[position]
            self._attempts[position] += 1
            return self._look(position, number)

    def glance(self, position: Position) -> Presented | None:
        """Return what the next attempt would see, for a preview."""
        with self._lock:
            return self._look(position, self._attempts[position])

    def was_tried(self, position: Position) -> bool:
        """Return whether an attempt at a position was made."""
        with self._lock:
            return self._attempts[position] > 0

    def _look(self, position: Position, attempt: int) -> Presented | None:
        if self._subject is None:
            return None
        if position not in self._met or self._met[position][0] != attempt:
            self._met[position] = attempt, _meet(self._subject, position, attempt, self._backdrop)
        return self._met[position][1]


def _meet(subject: PresentedSubject, position: Position, attempt: int, backdrop: Rgb) -> Presented | None:
    scripted = subject.presentation(position, attempt)
    condition = subject.condition_of(position)
    if scripted is not None:
        score = scripted.quality
    elif condition in (Condition.MISSING, Condition.BANDAGED):
        score = None
    else:
        # A sensor never gives the same score twice.
        score = 70 + crc32(f"{subject.name} {position} {attempt}".encode()) % 21
    if score is None:
        return None
    match position.modality:
        case Modality.FACE:
            return Presented(subject.portrait(backdrop), score)
        case Modality.IRIS:
            return Presented(subject.iris(position, attempt), score)
        case _:
            image = subject.finger(position, attempt)
            return Presented(image, score if scripted is not None else own_score(image))


def own_score(image: Image) -> int:
    """Return what a scanner says of a print 0–100: how sure the direction of its ridges is, over how much of them.

    Milder with spoiled prints than the kit's estimate, as the scores of devices are.
    """
    grey = cv2.GaussianBlur(image, (0, 0), 1.0).astype(np.float32)
    mean = cv2.boxFilter(grey, -1, _BLOCK)
    deviation = np.sqrt(np.maximum(cv2.boxFilter(grey * grey, -1, _BLOCK) - mean * mean, 0))
    across, down = (cv2.Sobel(grey, cv2.CV_32F, *step) for step in ((1, 0), (0, 1)))
    xx, yy, xy = (cv2.boxFilter(part, -1, _BLOCK) for part in (across * across, down * down, across * down))
    is_ridged = deviation > _FLAT
    if not is_ridged.any():
        return 0
    sure = float((np.sqrt((xx - yy) ** 2 + 4 * xy**2) / (xx + yy + 1e-3))[is_ridged].mean())
    area = min(1.0, float(is_ridged.sum()) / _FULL_AREA_PX)
    return round(float(np.interp(sure, _SURE, _SCORES)) * area)
