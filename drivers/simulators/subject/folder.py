"""A person from a folder of images; what the folder lacks is grown from its name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from zlib import crc32

import cv2
import numpy as np
import yaml
from PIL import Image as Pillow

from drivers.simulators.subject import handwriting, ridges
from drivers.simulators.subject.presented import RED, Condition, Image, Presentation, Rgb, Script
from drivers.simulators.subject.synthetic import SyntheticSubject
from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.positions import EYES, FINGERS, Position
from fieldkit.formats.images import decode_colour, decode_grey
from fieldkit.ports.devices import PenPoint, Signature

_SUFFIXES = (".png", ".jpg", ".jpeg", ".pgm", ".ppm", ".pnm", ".bmp", ".tif", ".tiff", ".jp2", ".j2k", ".wsq")
_WORN, _BANDAGED = "worn", "bandaged"


class SubjectFolder:
    """Images named by position (`RIGHT_THUMB.png` … `SIGNATURE.png`) and `biodata.yaml`.

    `exceptions` of biodata.yaml ({RIGHT_THUMB: bandaged, …}) decide what a device meets: worn and bandaged fingers are
    presented so, any other reason is a finger or an eye that cannot be presented. Prints are taken as 500 ppi. A wrong
    name of a position raises `ValueError`, a missing folder `FileNotFoundError`.
    """

    def __init__(self, path: Path, *, script: Script | None = None) -> None:
        if not path.is_dir():
            raise FileNotFoundError(path)
        self.path = path
        self.biodata = _read_biodata(path / "biodata.yaml")
        self.exceptions = marked_exceptions(self.biodata)
        self.name = str(self.biodata.get("name") or self.biodata.get("nama") or path.name)
        conditions = {position: _condition(reason) for position, reason in self.exceptions.items()}
        self._grown = SyntheticSubject(crc32(path.name.encode()), conditions=conditions, script=script)
        self._files = {Position(file.stem): file for file in sorted(path.iterdir()) if _is_sample(file)}
        self._grey = lru_cache(maxsize=None)(self._read_grey)

    def condition_of(self, position: Position) -> Condition:
        """Return the state of a finger or an eye as biodata.yaml marks it."""
        return self._grown.condition_of(position)

    def presentation(self, position: Position, attempt: int) -> Presentation | None:
        """Return what is scripted for an attempt."""
        return self._grown.presentation(position, attempt)

    def finger(self, position: Position, impression: int = 0, condition: Condition | None = None) -> Image:
        """Return the finger of the folder; impression 0 is the file itself, worn ones are worn down."""
        condition = self.condition_of(position) if condition is None else condition
        if position not in self._files or condition in (Condition.MISSING, Condition.BANDAGED):
            return self._grown.finger(position, impression, condition)
        rng = np.random.default_rng((crc32(self.path.name.encode()), FINGERS.index(position), impression))
        image = _turn(self._grey(position), impression, rng)
        return ridges.wear_down(image, 0.7, rng) if condition is Condition.WORN else image

    def iris(self, position: Position, impression: int = 0) -> Image:
        """Return the eye of the folder, fitted into 640 × 480."""
        if position not in self._files or position not in EYES or self.condition_of(position) is not Condition.GOOD:
            return self._grown.iris(position, impression)
        grey = self._grey(position)
        return np.asarray(cv2.resize(grey, (640, 480), interpolation=cv2.INTER_AREA), dtype=np.uint8)

    def portrait(self, background_rgb: Rgb = RED) -> Image:
        """Return the portrait of the folder with the background it was taken before."""
        file = self._files.get(Position.PORTRAIT)
        return self._grown.portrait(background_rgb) if file is None else decode_colour(file.read_bytes()).copy()

    def signature(self) -> Signature:
        """Return strokes that follow the dark lines of the signature's image, or a grown signature."""
        if Position.SIGNATURE not in self._files:
            return self._grown.signature()
        return _trace(self._grey(Position.SIGNATURE))

    def demand_readable(self) -> None:
        """Read every image once. Raise `InputError("demo.image")` naming the file that is none."""
        for position, file in self._files.items():
            try:
                decode_colour(file.read_bytes()) if position is Position.PORTRAIT else self._grey(position)
            except (InputError, OSError, ValueError) as error:
                raise InputError("demo.image", file=str(file)) from error

    def _read_grey(self, position: Position) -> Image:
        return read_grey(self._files[position])


def read_grey(file: Path) -> Image:
    """Return the grey image of a file; of a grey PNG with an alpha mask, the mask (libfprint keeps its prints so)."""
    if file.suffix.lower() == ".png":
        with Pillow.open(file) as png:
            if png.mode == "LA":
                return np.asarray(png.getchannel("A"), dtype=np.uint8)
    if file.suffix.lower() in (".bmp", ".tif", ".tiff"):
        with Pillow.open(file) as image:
            return np.asarray(image.convert("L"), dtype=np.uint8)
    return decode_grey(file.read_bytes())


def _is_sample(file: Path) -> bool:
    return file.suffix.lower() in _SUFFIXES


def _read_biodata(file: Path) -> Mapping[str, object]:
    content = yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else {}
    if not isinstance(content, dict):
        raise ValueError("it holds no fields (name: value)")
    return content


def marked_exceptions(biodata: Mapping[str, object]) -> dict[Position, str]:
    """Return the raw reasons of `exceptions`: {POSITION: reason}, [POSITION, …] or [{position, reason}, …]."""
    marked = biodata.get("exceptions") or {}
    if isinstance(marked, dict):
        return {Position(str(position).upper()): str(reason or "") for position, reason in marked.items()}
    if not isinstance(marked, list):
        raise ValueError("exceptions must name positions")
    found = {}
    for item in marked:
        position, reason = (item.get("position"), item.get("reason")) if isinstance(item, dict) else (item, "")
        found[Position(str(position).upper())] = str(reason or "")
    return found


def _condition(reason: str) -> Condition:
    return {_WORN: Condition.WORN, _BANDAGED: Condition.BANDAGED}.get(reason, Condition.MISSING)


def _turn(image: Image, impression: int, rng: np.random.Generator) -> Image:
    if impression == 0:
        return image.copy()
    height, width = image.shape
    matrix = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), float(rng.uniform(-7, 7)), 1.0))
    matrix = matrix + np.column_stack((np.zeros((2, 2)), rng.uniform(-6, 6, 2)))
    paper = float(np.median(image[:6]))
    turned = np.asarray(cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=paper))
    noisy = turned + 3 * rng.standard_normal(image.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)


def _trace(grey: Image) -> Signature:
    """Follow the outlines of the ink; a pad knows only strokes."""
    ink = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)[1]
    outlines = cv2.findContours(ink, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)[0]
    height, width = grey.shape
    pad_width, pad_height = handwriting.PAD_UM
    scale = min(pad_width / width, pad_height / height)
    strokes, at_ms = [], 0
    for outline in sorted((o[:, 0, :] for o in outlines if len(o) > 2), key=lambda o: int(o[:, 0].min())):
        course = ((round(x * scale), round(y * scale), at_ms + 10 * step) for step, (x, y) in enumerate(outline))
        strokes.append(tuple(PenPoint(x_um, y_um, 0.6, t_ms) for x_um, y_um, t_ms in course))
        at_ms += 10 * len(outline) + 120
    return Signature(tuple(strokes), pad_width, pad_height)
