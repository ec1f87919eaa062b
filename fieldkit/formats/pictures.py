"""The images of sample records, for those who judge them and for people."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import cv2
import numpy as np

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.capture import Sample, SampleFormat
from fieldkit.domain.typed import MadeOnce
from fieldkit.formats.face import decode_face_record
from fieldkit.formats.finger import decode_finger_record
from fieldkit.formats.images import Pixels, decode_colour, decode_grey, encode_jpeg
from fieldkit.formats.iris import decode_iris_record
from fieldkit.formats.signature import decode_signature, forget_ink, render_signature_png

JPEG_QUALITY = 88
_REMEMBERED = 24  # what a person gives, and some repeats: some 10 MB

Opened = tuple[Pixels, int]  # an image and, of a print, its ppi (else 0)


def opened_image(sample: Sample) -> Opened:
    """Return the image of a sample, (h, w) grey or (h, w, 3) RGB for a face, and, of a print, its ppi (else 0).

    It cannot be written into. Raise `InputError`.
    """
    ppi = 0
    match sample.format:
        case SampleFormat.ISO_19794_4:
            record = decode_finger_record(sample.data)
            pixels, ppi = record.pixels(), record.ppi
        case SampleFormat.ISO_19794_5:
            pixels = decode_face_record(sample.data).pixels()
        case SampleFormat.ISO_19794_6:
            pixels = decode_iris_record(sample.data).pixels()
        case SampleFormat.SIGNATURE_STROKES:
            pixels = decode_grey(render_signature_png(decode_signature(sample.data)))
        case SampleFormat.PHOTO:
            pixels = decode_colour(sample.data)
    pixels.flags.writeable = False
    return pixels, ppi


def checked_pixels(sample: Sample, open_image: Callable[[Sample], Opened] = opened_image) -> Opened:
    """Return the image of a sample and, of a print, its ppi (else 0).

    Raise `InputError` for what cannot be decoded, and `format.other_position` for the record of another finger or eye.
    """
    if sample.format in (SampleFormat.ISO_19794_4, SampleFormat.ISO_19794_6):
        is_finger = sample.format is SampleFormat.ISO_19794_4
        told = (decode_finger_record(sample.data) if is_finger else decode_iris_record(sample.data)).position
        if told is not sample.position:
            raise InputError("format.other_position", expected=sample.position.value, told=told.value)
    return open_image(sample)


class SampleImages:
    """The images of the last samples, each decoded once for all who look at it. Any thread may ask."""

    def __init__(self) -> None:
        self._opened = MadeOnce[tuple[SampleFormat, bytes], Opened](_REMEMBERED)

    def opened(self, sample: Sample) -> Opened:
        """Return as `opened_image` does."""
        return self._opened.get((sample.format, hashlib.sha256(sample.data).digest()), lambda: opened_image(sample))

    def forget(self) -> None:
        """Forget every image, and the ink that was drawn."""
        self._opened.clear()
        forget_ink()

    def checked(self, sample: Sample) -> Opened:
        """Return as `checked_pixels` does."""
        return checked_pixels(sample, self.opened)


class RecordPictures:
    """The port `SamplePictures`; `open_image` gives the image of a sample, and its ppi, or raises `InputError`."""

    def __init__(self, open_image: Callable[[Sample], Opened] = opened_image) -> None:
        self._open_image = open_image

    def jpeg(self, sample: Sample, max_px: int) -> bytes:
        """Return a JPEG of at most `max_px` on its longer side. Raise `InputError` for a record without an image."""
        return _small_jpeg(self._open_image(sample)[0], max_px)

    def photo(self, image: bytes, max_px: int) -> bytes:
        """Return the picture of an image file likewise. Raise `InputError`."""
        return _small_jpeg(decode_colour(image), max_px)


def _small_jpeg(pixels: Pixels, max_px: int) -> bytes:
    scale = max_px / max(pixels.shape[:2])
    if scale < 1:
        height, width = (max(1, round(side * scale)) for side in pixels.shape[:2])
        pixels = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8)
    return encode_jpeg(pixels, JPEG_QUALITY)
