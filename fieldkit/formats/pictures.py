"""Shows sample records to people."""

from __future__ import annotations

import cv2
import numpy as np

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.samples import Sample, SampleFormat
from fieldkit.formats.face import decode_face_record
from fieldkit.formats.finger import FingerRecord, decode_finger_record
from fieldkit.formats.images import Pixels, decode_colour, decode_grey, encode_jpeg
from fieldkit.formats.iris import decode_iris_record
from fieldkit.formats.signature import decode_signature, render_signature_png

JPEG_QUALITY = 88


class RecordPictures:
    """The port `SamplePictures`."""

    def jpeg(self, sample: Sample, max_px: int) -> bytes:
        """Return a JPEG of at most `max_px` on its longer side. Raise `InputError` for a record without an image."""
        return _small_jpeg(sample_pixels(sample), max_px)

    def photo(self, image: bytes, max_px: int) -> bytes:
        """Return the picture of an image file likewise. Raise `InputError`."""
        return _small_jpeg(decode_colour(image), max_px)


def _small_jpeg(pixels: Pixels, max_px: int) -> bytes:
    scale = max_px / max(pixels.shape[:2])
    if scale < 1:
        height, width = (max(1, round(side * scale)) for side in pixels.shape[:2])
        pixels = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8)
    return encode_jpeg(pixels, JPEG_QUALITY)


def finger_pixels(sample: Sample) -> tuple[Pixels, int]:
    """Return the grey image of a print and its ppi. Raise `InputError`."""
    record = decode_finger_record(sample.data)
    return record.pixels(), record.ppi


def checked_pixels(sample: Sample) -> tuple[Pixels, int]:
    """Return the image of a sample and, of a print, its ppi (else 0).

    Raise `InputError` for what cannot be decoded, and `format.other_position` for the record of another finger or eye.
    """
    if sample.format not in (SampleFormat.ISO_19794_4, SampleFormat.ISO_19794_6):
        return sample_pixels(sample), 0
    is_finger = sample.format is SampleFormat.ISO_19794_4
    record = decode_finger_record(sample.data) if is_finger else decode_iris_record(sample.data)
    if record.position is not sample.position:
        raise InputError("format.other_position", expected=sample.position.value, told=record.position.value)
    return record.pixels(), record.ppi if isinstance(record, FingerRecord) else 0


def sample_pixels(sample: Sample) -> Pixels:
    """Return the image of a sample: (h, w) grey, (h, w, 3) RGB for a face. Raise `InputError`."""
    match sample.format:
        case SampleFormat.ISO_19794_4:
            return decode_finger_record(sample.data).pixels()
        case SampleFormat.ISO_19794_5:
            return decode_face_record(sample.data).pixels()
        case SampleFormat.ISO_19794_6:
            return decode_iris_record(sample.data).pixels()
        case SampleFormat.SIGNATURE_STROKES:
            return decode_grey(render_signature_png(decode_signature(sample.data)))
        case SampleFormat.PHOTO:
            return decode_colour(sample.data)
