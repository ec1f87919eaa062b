"""A person grown from a seed: the same seed gives the same bytes, two seeds give two people."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, lru_cache
from zlib import crc32

import numpy as np

from drivers.simulators.subject import face, handwriting, ridges
from drivers.simulators.subject import iris as eyes
from drivers.simulators.subject.presented import RED, Condition, Image, Presentation, Rgb, Script, scripted
from fieldkit.domain.recording.positions import EYES, FINGERS, Position
from fieldkit.ports.devices import Signature

# Wear of a print that the kit estimates at a score.
_SCORES, _WEARS = (4, 15, 30, 43, 56, 60), (1.0, 0.9, 0.8, 0.7, 0.6, 0.0)
_FAULTS = ("dry", "wet", "light", "partial", "wear", "moved")
_SHARES = (0.4, 0.18, 0.14, 0.14, 0.1, 0.04)  # of what fingers lack, in the field
_MOST = {"dry": 0.97, "wet": 1.15, "light": 1.12, "partial": 1.0, "wear": 0.62, "moved": 1.15}  # of an everyday finger
# The grain of skin from the finest to the coarsest, how much of it a fault hides, how broadly fingers lie.
_FINEST, _COARSEST, _HIDDEN, _BROAD = 0.45, 1.3, 0.5, (0.03, 0.09)
_BETTER = 0.45  # what is left of it at the next attempt, when somebody helped
_WORN, _LESS_WORN = 0.845, 0.995  # wiping helps little


class SyntheticSubject:
    """A synthetic person, grown once and kept; `conditions` and `script` make capturing difficult."""

    def __init__(
        self,
        seed: int,
        *,
        name: str = "",
        conditions: Mapping[Position, Condition] | None = None,
        script: Script | None = None,
    ) -> None:
        self.seed = seed
        self.name = name or f"synthetic-{seed}"
        self._conditions = dict(conditions or {})
        self._script = dict(script or {})
        # The caches belong to this person and die with it.
        self._skin = lru_cache(maxsize=None)(self._grow_skin)
        self._eye = lru_cache(maxsize=None)(self._grow_eye)
        self._portrait = lru_cache(maxsize=4)(self._draw_portrait)

    def condition_of(self, position: Position) -> Condition:
        """Return the state of a finger or an eye."""
        return self._conditions.get(position, Condition.EVERYDAY if position in FINGERS else Condition.GOOD)

    def presentation(self, position: Position, attempt: int) -> Presentation | None:
        """Return what is scripted for an attempt."""
        return scripted(self._script, position, attempt)

    def finger(self, position: Position, impression: int = 0, condition: Condition | None = None) -> Image:
        """Return a finger at 500 ppi, shape (400, 300)."""
        if position not in FINGERS:
            raise ValueError(f"{position} is no finger")
        condition = self.condition_of(position) if condition is None else condition
        rng = self._rng("press", position, impression)
        match condition:
            case Condition.MISSING:
                return np.full((ridges.HEIGHT, ridges.WIDTH), 246, np.uint8)
            case Condition.BANDAGED:
                return ridges.bandage(rng)
            case _:
                touch = self._touch(position, impression, condition)
                return ridges.impress(self._skin(position), impression, touch, rng)

    def _touch(self, position: Position, impression: int, condition: Condition) -> ridges.Touch:
        scripted_score = self.presentation(position, impression)
        if scripted_score is not None and scripted_score.quality is not None:
            return ridges.Touch(wear=wear_of(scripted_score.quality))
        left = _BETTER**impression
        match condition:
            case Condition.DRY:
                return ridges.Touch(dry=1.2 * left)
            case Condition.WET:
                return ridges.Touch(wet=1.4 * left)
            case Condition.LIGHT:
                return ridges.Touch(light=1.05 * left)
            case Condition.PARTIAL:
                return ridges.Touch(partial=1.04 * left)
            case Condition.MOVED:
                return ridges.Touch(moved=left)
            case Condition.WORN:
                return ridges.Touch(wear=_WORN * _LESS_WORN**impression)
            case Condition.EVERYDAY:
                return self._everyday(position, left)
            case _:
                return ridges.CLEAN

    def _everyday(self, position: Position, left: float) -> ridges.Touch:
        """Return what a finger lacks today: little with most people, more with those who work with their hands."""
        rough = self._rng("hands").beta(1.2, 2.2)
        rng = self._rng("touch", position)
        fault = str(rng.choice(_FAULTS, p=_SHARES))
        much = float(np.clip(rough + rng.normal(0, 0.22), 0, 0.93))
        # Worn skin stays as it is; it is never so bad here that no attempt would do.
        lacks = {fault: _MOST[fault] * much * (1 if fault == "wear" else left)}
        # Hands that work are coarser; what lies over the grain hides it, and who is helped presses it flatter.
        coarse = float(np.clip(rng.beta(1.3, 2.2) + 0.5 * (rough - 0.35), 0, 1)) * left
        grain = (_FINEST + (_COARSEST - _FINEST) * coarse) * (1 - _HIDDEN * much * left)
        return ridges.Touch(**lacks, rough=grain, broad=float(rng.uniform(*_BROAD)))

    def iris(self, position: Position, impression: int = 0) -> Image:
        """Return an eye, shape (480, 640); one in bad condition stays closed."""
        if position not in EYES:
            raise ValueError(f"{position} is no eye")
        rng = self._rng("look", position, impression)
        if self.condition_of(position) is not Condition.GOOD:
            return eyes.closed(rng)
        return eyes.look(self._eye(position), impression, rng)

    def portrait(self, background_rgb: Rgb = RED) -> Image:
        """Return the portrait, shape (960, 720, 3)."""
        return self._portrait(background_rgb).copy()

    def signature(self) -> Signature:
        """Return the strokes of the signature."""
        return self._signature

    @cached_property
    def _signature(self) -> Signature:
        return handwriting.sign(self._rng("sign"))

    def _grow_skin(self, position: Position) -> ridges.Skin:
        return ridges.grow(self._rng("skin", position))

    def _grow_eye(self, position: Position) -> eyes.Eye:
        return eyes.grow(self._rng("eye", position))

    def _draw_portrait(self, background_rgb: Rgb) -> Image:
        return face.draw(face.grow(self._rng("face")), background_rgb)

    def _rng(self, purpose: str, position: Position | None = None, number: int = 0) -> np.random.Generator:
        return np.random.default_rng((self.seed, crc32(f"{purpose} {position or ''}".encode()), number))


def wear_of(score: int) -> float:
    """Return the wear 0 … 1 of a print that the kit estimates about so; from 60 on there is none."""
    return float(np.interp(score, _SCORES, _WEARS))
