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

from drivers.simulators.subject import face, ridges
from drivers.simulators.subject.presented import RED, Condition, Image, Presentation, Rgb, Script
from drivers.simulators.subject.synthetic import SyntheticSubject
from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.positions import EYES, FINGERS, Position
from fieldkit.formats.images import decode_colour, decode_grey
from fieldkit.ports.devices import PenPoint, Signature

_SUFFIXES = (".png", ".jpg", ".jpeg", ".pgm", ".ppm", ".pnm", ".bmp", ".tif", ".tiff", ".jp2", ".j2k", ".wsq")
_WORN, _BANDAGED = "worn", "bandaged"
_LEAST_PPI, _MOST_PPI = 100, 2000


class SubjectFolder:
    """Images named by position (`RIGHT_THUMB.png` … `SIGNATURE.png`) and `biodata.yaml`.

    Of a finger or an eye there may be several (`RIGHT_THUMB_2.png`, …): each attempt takes the next; after the last
    one, or where there is one only, attempts are turned a little. `exceptions` of biodata.yaml ({RIGHT_THUMB: bandaged,
    …}) decide what a device meets: worn and bandaged fingers are presented so, any other reason is a finger or an eye
    that cannot be presented. Prints are of `ppi` (500 unless biodata.yaml says otherwise). A wrong name of a position
    raises `ValueError`, a missing folder `FileNotFoundError`.
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
        self._ppi = float(str(self.biodata.get("ppi", 500)))
        if not _LEAST_PPI <= self._ppi <= _MOST_PPI:
            raise ValueError(f"ppi is {_LEAST_PPI} to {_MOST_PPI}, not {self._ppi:g}")
        self._files: dict[Position, list[Path]] = {}
        for _, position, file in sorted(_numbered(each) for each in path.iterdir() if _is_sample(each)):
            self._files.setdefault(position, []).append(file)
        self._grey = lru_cache(maxsize=None)(self._read_grey)

    def condition_of(self, position: Position) -> Condition:
        """Return the state of a finger or an eye as biodata.yaml marks it."""
        return self._grown.condition_of(position)

    def presentation(self, position: Position, attempt: int) -> Presentation | None:
        """Return what is scripted for an attempt."""
        return self._grown.presentation(position, attempt)

    def finger(self, position: Position, impression: int = 0, condition: Condition | None = None) -> Image:
        """Return the finger of the folder; the first impressions are the files themselves, worn ones are worn down."""
        condition = self.condition_of(position) if condition is None else condition
        if position not in self._files or condition in (Condition.MISSING, Condition.BANDAGED):
            return self._grown.finger(position, impression, condition)
        rng = np.random.default_rng((crc32(self.path.name.encode()), FINGERS.index(position), impression))
        files = self._files[position]
        image = _turn(self._print(files[impression % len(files)]), impression // len(files), rng)
        return ridges.wear_down(image, 0.7, rng) if condition is Condition.WORN else image

    def iris(self, position: Position, impression: int = 0) -> Image:
        """Return the eye of the folder, fitted into 640 × 480 with its edges repeated around."""
        if position not in self._files or position not in EYES or self.condition_of(position) is not Condition.GOOD:
            return self._grown.iris(position, impression)
        files = self._files[position]
        return _fitted(self._grey(files[impression % len(files)]))

    def portrait(self, background_rgb: Rgb = RED) -> Image:
        """Return the portrait of the folder with the background it was taken before."""
        files = self._files.get(Position.PORTRAIT)
        return self._grown.portrait(background_rgb) if files is None else decode_colour(files[0].read_bytes()).copy()

    def signature(self) -> Signature:
        """Return strokes that follow the dark lines of the signature's image, or a grown signature."""
        if Position.SIGNATURE not in self._files:
            return self._grown.signature()
        return _trace(self._grey(self._files[Position.SIGNATURE][0]))

    def demand_readable(self) -> None:
        """Read every image once. Raise `InputError("demo.image")` naming the file that is none."""
        for position, file in ((position, file) for position, files in self._files.items() for file in files):
            try:
                decode_colour(file.read_bytes()) if position is Position.PORTRAIT else self._grey(file)
            except (InputError, OSError, ValueError) as error:
                raise InputError("demo.image", file=str(file)) from error

    def _read_grey(self, file: Path) -> Image:
        return read_grey(file)

    def _print(self, file: Path) -> Image:
        """Return a print at 500 ppi, as the scanners of the simulators have it."""
        grey, times = self._grey(file), 500 / self._ppi
        if times == 1:
            return grey
        way = cv2.INTER_AREA if times < 1 else cv2.INTER_CUBIC
        return np.asarray(cv2.resize(grey, None, fx=times, fy=times, interpolation=way), np.uint8)


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


def _numbered(file: Path) -> tuple[int, Position, Path]:
    """Return the number of an image's impression, from 1, and its position. Raise `ValueError`."""
    name, _, number = file.stem.rpartition("_")
    return (int(number), Position(name), file) if number.isdecimal() else (1, Position(file.stem), file)


def _fitted(grey: Image) -> Image:
    """Return a picture as large as it can be in 640 × 480; its edges go on beside it."""
    height, width = grey.shape
    times = min(640 / width, 480 / height)
    size = max(1, round(width * times)), max(1, round(height * times))
    way = cv2.INTER_AREA if times < 1 else cv2.INTER_CUBIC
    image = np.asarray(cv2.resize(grey, size, interpolation=way), np.uint8)
    left, top = (640 - size[0]) // 2, (480 - size[1]) // 2
    around = top, 480 - size[1] - top, left, 640 - size[0] - left
    return np.asarray(cv2.copyMakeBorder(image, *around, cv2.BORDER_REPLICATE), np.uint8)


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
    pad_width, pad_height = face.PAD_UM
    scale = min(pad_width / width, pad_height / height)
    strokes, at_ms = [], 0
    for outline in sorted((o[:, 0, :] for o in outlines if len(o) > 2), key=lambda o: int(o[:, 0].min())):
        course = ((round(x * scale), round(y * scale), at_ms + 10 * step) for step, (x, y) in enumerate(outline))
        strokes.append(tuple(PenPoint(x_um, y_um, 0.6, t_ms) for x_um, y_um, t_ms in course))
        at_ms += 10 * len(outline) + 120
    return Signature(tuple(strokes), pad_width, pad_height)
