"""Read and write the image codings that samples use; every size is checked before pixels are allocated."""

from __future__ import annotations

import struct
import subprocess
import sys
import zlib
from contextlib import suppress
from io import BytesIO

import _wsq  # the extension itself: importing the package `wsq` would register a slower Pillow plug-in
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from fieldkit.domain.errors import InputError
from fieldkit.ports.processes import NO_WINDOW

# WSQ, the coding of fingerprint images (FBI IAFIS-IC-0110).
#
# The decoder of the `wsq` distribution is NIST's C code: damaged files made it crash or run for ever (5 of 3,000 in a
# fuzz run), so a file is decoded in a child process. Encoding our own pixels needs no such care.

START = b"\xff\xa0"
BITS_PER_PIXEL = 0.75  # 15:1, what the data centers expect
MIN_SIDE = 32  # below it the wavelet tree has empty bands
DECODE_TIMEOUT_S = 20

_FRAME = 0xFFA2
_CHILD = (
    "import sys, struct, _wsq\n"
    "raw, width, height, ppi = _wsq.decompress(sys.stdin.buffer.read())\n"
    "sys.stdout.buffer.write(struct.pack('>II', width, height) + raw)\n"
)


def encode_wsq(pixels: NDArray[np.uint8]) -> bytes:
    """Return a WSQ file of (h, w) grey pixels. Raise `InputError` when a side is too short."""
    height, width = pixels.shape
    if min(height, width) < MIN_SIDE:
        raise InputError("format.image_too_small", width=width, height=height)
    packed: bytes = _wsq.compress(np.ascontiguousarray(pixels).tobytes(), height, width, BITS_PER_PIXEL)
    return packed


def wsq_size(data: bytes) -> tuple[int, int]:
    """Return width and height from the frame header, walking the marker segments. Raise `InputError`."""
    at = len(START)
    while at + 12 <= len(data):
        marker, length = struct.unpack_from(">HH", data, at)
        if marker == _FRAME:
            height, width = struct.unpack_from(">HH", data, at + 6)
            return width, height
        at += 2 + length
    raise InputError("format.image_unreadable")


def decode_wsq(data: bytes) -> NDArray[np.uint8]:
    """Return the (h, w) grey pixels of a file whose size was checked. Raise `InputError`."""
    command = [sys.executable, "-I", "-c", _CHILD]
    try:
        child = subprocess.run(
            command, input=data, capture_output=True, timeout=DECODE_TIMEOUT_S, check=True, creationflags=NO_WINDOW
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as damage:
        raise InputError("format.image_unreadable") from damage
    width, height = wsq_size(data)
    if child.stdout[:8] != struct.pack(">II", width, height) or len(child.stdout) != 8 + width * height:
        raise InputError("format.image_unreadable")
    return np.frombuffer(child.stdout, np.uint8, offset=8).reshape(height, width)


__all__ = [
    "MAX_PIXELS",
    "Pixels",
    "decode_colour",
    "decode_grey",
    "encode_jp2_lossless",
    "encode_jpeg",
    "encode_png",
    "encode_wsq",
]

Pixels = NDArray[np.uint8]

MAX_PIXELS = 50_000_000
_FAINT = 64  # grey levels between the darkest and the lightest pixel

# Start of a JPEG 2000 codestream with the marker of its size; where the size stands in it.
_CODESTREAM, _SIZE_AT = b"\xff\x4f\xff\x51", 8
_READ_AS = {"L": "IMREAD_GRAYSCALE", "RGB": "IMREAD_COLOR_RGB"}

_FORMATS = ("PNG", "JPEG", "JPEG2000", "PPM")
# What Pillow's header parsers raise on damaged files, besides OSError.
_DAMAGED = (
    OSError, SyntaxError, ValueError, TypeError, IndexError, KeyError, EOFError, OverflowError, ZeroDivisionError,
    AttributeError, MemoryError, struct.error, zlib.error, Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip


def decode_grey(data: bytes) -> Pixels:
    """Return the image as (h, w) uint8. Transparent images are laid on white. Raise `InputError`."""
    if data[:2] == START:
        return _decode_wsq(data)
    return np.asarray(_decode(data, "L"))


def decode_colour(data: bytes) -> Pixels:
    """Return the image as (h, w, 3) uint8 RGB. Transparent images are laid on white. Raise `InputError`."""
    if data[:2] == START:
        return np.repeat(_decode_wsq(data)[:, :, np.newaxis], 3, axis=2)
    return np.asarray(_decode(data, "RGB"))


def encode_jp2_lossless(pixels: Pixels) -> bytes:
    """Return a JPEG 2000 file (reversible 5-3 wavelet) of (h, w) or (h, w, 3) pixels."""
    return _encode(pixels, "JPEG2000", irreversible=False)


def encode_png(pixels: Pixels, ppi: int) -> bytes:
    """Return a PNG file of (h, w) or (h, w, 3) pixels that states its resolution."""
    return _encode(pixels, "PNG", dpi=(ppi, ppi))


def encode_jpeg(pixels: Pixels, quality: int) -> bytes:
    """Return a JPEG file of (h, w) or (h, w, 3) pixels."""
    return _encode(pixels, "JPEG", quality=quality)


def _encode(pixels: Pixels, coding: str, **options: object) -> bytes:
    out = BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(out, coding, **options)
    return out.getvalue()


def _decode(data: bytes, mode: str) -> Image.Image:
    try:
        with Image.open(BytesIO(data), formats=_FORMATS) as image:
            _check_size(image.width, image.height)
            if (pixels := _wavelets(data, image)) is not None:
                return Image.fromarray(pixels).convert(mode)
            image.load()
            ImageOps.exif_transpose(image, in_place=True)  # cameras turn the label, not the pixels
            return _flattened(image, mode)
    except _DAMAGED as damage:
        raise InputError("format.image_unreadable") from damage


def _wavelets(data: bytes, image: Image.Image) -> Pixels | None:
    """Return the pixels of a plain JPEG 2000 image, None for any other and where OpenCV is not or cannot read it.

    Pillow lets no other thread work meanwhile, not even the window's.
    """
    if image.format != "JPEG2000" or image.mode not in _READ_AS or data.count(_CODESTREAM) != 1:
        return None
    width, height, left, top = struct.unpack_from(">4I", data, data.index(_CODESTREAM) + _SIZE_AT)
    if (width - left, height - top) != image.size:  # what was checked is not what would be allocated
        return None
    try:
        import cv2  # the data center has none
    except ModuleNotFoundError:
        return None
    cv2.utils.logging.setLogLevel(0)  # what a damaged image lacks is told as an error of ours, not on the terminal
    with suppress(cv2.error):
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), getattr(cv2, _READ_AS[image.mode]))
        return None if pixels is None else np.asarray(pixels, np.uint8)
    return None


def _flattened(image: Image.Image, mode: str) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits per sample: keep the upper eight
        return Image.fromarray((np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8)).convert(mode)
    if image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        flat = Image.alpha_composite(white, layer).convert(mode)
        if mode == "L" and _spread(flat) < _FAINT < _spread(mask := layer.getchannel("A")):
            return mask  # prints of libfprint's examples carry the picture as their mask
        return flat
    return image if image.mode == mode else image.convert(mode)


def _decode_wsq(data: bytes) -> Pixels:
    _check_size(*wsq_size(data))
    return decode_wsq(data)


def _spread(image: Image.Image) -> int:
    return int(np.ptp(np.asarray(image.convert("L"))))


def _check_size(width: int, height: int) -> None:
    if width < 1 or height < 1:
        raise InputError("format.image_unreadable")
    if width * height > MAX_PIXELS:
        raise InputError("format.image_too_large", width=width, height=height)
