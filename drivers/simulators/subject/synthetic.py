"""A person grown from a seed: the same seed gives the same bytes, two seeds give two people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from zlib import crc32

import cv2
import numpy as np

from drivers.simulators.subject import face, ridges
from drivers.simulators.subject.presented import RED, Condition, Image, Presentation, Rgb, Script, scripted
from drivers.simulators.subject.ridges import Field, smooth_noise
from fieldkit.domain.recording.positions import EYES, FINGERS, Position
from fieldkit.ports.devices import Signature

# Eyes under infrared light: pupil, fibres that belong to seed and side, lids, lashes, the lamp's reflection.

HEIGHT, WIDTH = 480, 640
IRIS_RADIUS = (112, 121)  # pixels: the diameter stays over the 210 that registration devices must reach
_RINGS, _SPOKES = 128, 1024


@dataclass(frozen=True, slots=True)
class Eye:
    """A grown eye: `texture` (rings, spokes) from the pupil outwards, and its proportions."""

    texture: Field
    radius: float
    lid_height: float


def grow(rng: np.random.Generator) -> Eye:
    """Grow one eye."""
    fibres = _ring_noise(rng, (26, 5)) * 0.55 + _ring_noise(rng, (9, 2.2)) * 0.35 + _ring_noise(rng, (60, 30)) * 0.5
    ring = np.linspace(0, 1, _RINGS, dtype=np.float32)[:, None]
    spoke = np.linspace(0, 2 * np.pi, _SPOKES, endpoint=False, dtype=np.float32)[None, :]
    frill = 0.3 + 0.035 * np.sin(spoke * int(rng.integers(5, 9)) + rng.uniform(0, 6))
    frill = frill + 0.03 * _ring_noise(rng, (400, 22))[:1]
    collarette = np.exp(-(((ring - frill) / 0.045) ** 2))
    texture = 132 + 15 * fibres + 20 * collarette + 16 * (ring < frill) - 34 * ring**6
    for _ in range(int(rng.integers(9, 16))):
        r, a = rng.uniform(0.38, 0.85), rng.uniform(0, 2 * np.pi)
        apart = np.angle(np.exp(1j * (spoke - a)))
        texture -= rng.uniform(18, 34) * np.exp(-(((ring - r) / 0.07) ** 2) - (apart / rng.uniform(0.05, 0.1)) ** 2)
    return Eye(texture.astype(np.float32), float(rng.uniform(*IRIS_RADIUS)), float(rng.uniform(0.98, 1.08)))


@dataclass(frozen=True, slots=True)
class Gaze:
    """How an eye stands before the camera: centre in pixels, turn in radians, pupil by iris, lids 0 (shut) to 1."""

    x: float = WIDTH / 2
    y: float = HEIGHT / 2
    turn: float = 0.0
    dilation: float = 0.4
    openness: float = 1.0


def look(eye: Eye, impression: int, rng: np.random.Generator) -> Image:
    """Take a picture of an eye: `impression` moves, turns and dilates it."""
    moved = impression != 0
    x, y = WIDTH / 2 + moved * rng.uniform(-18, 18), HEIGHT / 2 + moved * rng.uniform(-12, 12)
    turn, dilation = moved * rng.uniform(-0.05, 0.05), 0.4 + moved * rng.uniform(-0.05, 0.06)
    return draw(eye, Gaze(x, y, turn, dilation), rng)


def draw(eye: Eye, gaze: Gaze, rng: np.random.Generator) -> Image:
    """Draw an eye as it stands, shape (480, 640)."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    dx, dy = x - gaze.x, y - gaze.y
    radius, angle = np.hypot(dx, dy), np.arctan2(dy, dx) + gaze.turn
    pupil = gaze.dilation * eye.radius
    ring = np.clip((radius - pupil) / (eye.radius - pupil), 0, 1) * (_RINGS - 1)
    spoke = np.mod(angle, 2 * np.pi) / (2 * np.pi) * _SPOKES
    wrapped = np.hstack((eye.texture, eye.texture[:, :2]))
    polar = (np.asarray(spoke, dtype=np.float32), np.asarray(ring, dtype=np.float32))
    fibres: Field = np.asarray(cv2.remap(wrapped, *polar, cv2.INTER_LINEAR), dtype=np.float32)
    white = 192 - 0.00016 * dx**2 - 0.0009 * dy**2 + 4 * smooth_noise(x.shape, 30, rng)
    image = _blend(white, fibres, _step(eye.radius - radius, 2.6))
    image = _blend(image, np.full_like(image, 26), _step(pupil - radius, 1.2))
    image = _lids(image, dx, dy, eye.lid_height * gaze.openness, eye.lid_height, rng)
    for side in (-1, 1):
        spot = np.hypot(dx - side * 13, dy + 9)
        image = _blend(image, np.full_like(image, 251), _step(6.5 - spot, 0.9))
    image = np.asarray(cv2.GaussianBlur(image, (0, 0), 0.8)) + 1.6 * rng.standard_normal(image.shape)
    return np.clip(image, 0, 255).astype(np.uint8)


def closed(rng: np.random.Generator) -> Image:
    """Return what the camera sees of an eye that does not open."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    skin = 178 + 10 * smooth_noise(x.shape, 60, rng) + 3 * smooth_noise(x.shape, 6, rng)
    crease = 300 - 50 * (1 - ((x - WIDTH / 2) / 230) ** 2) + 90
    slit = np.exp(-(((y - crease) / 5) ** 2)) * (np.abs(x - WIDTH / 2) < 230)
    return np.asarray(np.clip(skin - 110 * slit, 0, 255), dtype=np.uint8)


def _lids(
    image: Field, dx: Field, dy: Field, upper_height: float, lower_height: float, rng: np.random.Generator
) -> Field:
    skin = 172 + 9 * smooth_noise(image.shape, 70, rng) + 2.5 * smooth_noise(image.shape, 5, rng)
    span = np.clip(1 - (dx / 285) ** 2, 0, None)
    upper = -118 * upper_height * span + 12
    lower = 122 * lower_height * span - 4
    open_slit = _step(dy - upper, 2) * _step(lower - dy, 2)
    shade = 1 - 0.28 * np.exp(-np.clip(dy - upper, 0, None) / 16)
    image = _blend(skin - 22 * np.exp(-(((dy - upper + 34) / 7) ** 2)), image * shade, open_slit)
    lashes = np.zeros(image.shape, np.uint8)
    origin = np.array([-dx[0, 0], -dy[0, 0]])
    for _ in range(110):
        foot_x = rng.uniform(-235, 235)
        foot_y = -118 * upper_height * (1 - (foot_x / 285) ** 2) + 12
        tip = (foot_x * 1.16 + rng.uniform(-6, 6), foot_y - rng.uniform(22, 46))
        line = np.array([(foot_x, foot_y), (foot_x * 1.05, foot_y - 14), tip]) + origin
        cv2.polylines(lashes, [np.round(line * 8).astype(np.int32)], False, 255, 1, cv2.LINE_AA, 3)
    return _blend(image, np.full_like(image, 62), lashes.astype(np.float32) / 255 * 0.85)


def _ring_noise(rng: np.random.Generator, scale: tuple[float, float]) -> Field:
    """Return noise over (rings, spokes) that closes round the circle; scale in cells, radial and angular."""
    rows, columns = int(_RINGS / scale[0]) + 3, max(8, int(_SPOKES / scale[1]))
    coarse = rng.standard_normal((rows, columns)).astype(np.float32)
    coarse = np.hstack((coarse[:, -2:], coarse, coarse[:, :2]))
    width = round(_SPOKES * (columns + 4) / columns)
    fine = cv2.resize(coarse, (width, _RINGS), interpolation=cv2.INTER_CUBIC)
    start = (width - _SPOKES) // 2
    fine = fine[:, start : start + _SPOKES]
    return np.asarray(fine / (fine.std() + 1e-6), dtype=np.float32)


def _step(distance: Field, softness: float) -> Field:
    return np.asarray(1 / (1 + np.exp(-np.clip(distance / softness, -40, 40))), dtype=np.float32)


def _blend(below: Field, above: Field, cover: Field) -> Field:
    return np.asarray(below * (1 - cover) + above * cover, dtype=np.float32)


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
            return closed(rng)
        return look(self._eye(position), impression, rng)

    def portrait(self, background_rgb: Rgb = RED) -> Image:
        """Return the portrait, shape (960, 720, 3)."""
        return self._portrait(background_rgb).copy()

    def signature(self) -> Signature:
        """Return the strokes of the signature."""
        return self._signature

    @cached_property
    def _signature(self) -> Signature:
        return face.sign(self._rng("sign"))

    def _grow_skin(self, position: Position) -> ridges.Skin:
        return ridges.grow(self._rng("skin", position))

    def _grow_eye(self, position: Position) -> Eye:
        return grow(self._rng("eye", position))

    def _draw_portrait(self, background_rgb: Rgb) -> Image:
        return face.draw(face.grow(self._rng("face")), background_rgb)

    def _rng(self, purpose: str, position: Position | None = None, number: int = 0) -> np.random.Generator:
        return np.random.default_rng((self.seed, crc32(f"{purpose} {position or ''}".encode()), number))


def wear_of(score: int) -> float:
    """Return the wear 0 … 1 of a print that the kit estimates about so; from 60 on there is none."""
    return float(np.interp(score, _SCORES, _WEARS))
