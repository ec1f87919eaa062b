"""WSQ, the coding of fingerprint images (FBI IAFIS-IC-0110).

The decoder of the `wsq` distribution is NIST's C code: damaged files made it crash or run for ever (5 of 3,000 in a
fuzz run), so a file is decoded in a child process. Encoding our own pixels needs no such care.
"""

from __future__ import annotations

import struct
import subprocess
import sys

import _wsq  # the extension itself: importing the package `wsq` would register a slower Pillow plug-in
import numpy as np
from numpy.typing import NDArray

from fieldkit.domain.errors import InputError

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
        child = subprocess.run(command, input=data, capture_output=True, timeout=DECODE_TIMEOUT_S, check=True)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as damage:
        raise InputError("format.image_unreadable") from damage
    width, height = wsq_size(data)
    if child.stdout[:8] != struct.pack(">II", width, height) or len(child.stdout) != 8 + width * height:
        raise InputError("format.image_unreadable")
    return np.frombuffer(child.stdout, np.uint8, offset=8).reshape(height, width)
