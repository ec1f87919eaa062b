"""QR codes in pictures."""

from __future__ import annotations

import cv2
import numpy as np

_WANTED_PX = (
    1000  # of the longer side: the finder squares of a small code in a huge photo, or a tiny picture, are missed
)
_BYTES = 40_000_000


def read_qr(picture: bytes) -> str:
    """Return what the QR code in a picture (JPEG, PNG …) says, "" when there is none that can be read."""
    if not picture or len(picture) > _BYTES:
        return ""
    image = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_GRAYSCALE)
    if image is None:
        return ""
    # Of the codes that we draw ourselves the first misses one in a hundred, the second reads those.
    detectors = (cv2.QRCodeDetector(), cv2.QRCodeDetectorAruco())
    scale = _WANTED_PX / max(image.shape)
    for factor in dict.fromkeys((1.0, scale)):
        way = cv2.INTER_AREA if factor < 1 else cv2.INTER_NEAREST
        sized = image if factor == 1.0 else cv2.resize(image, None, fx=factor, fy=factor, interpolation=way)
        for detector in detectors:
            try:
                text, _corners, _straight = detector.detectAndDecode(sized)
            except cv2.error:  # corners on one line: no code
                continue
            if text:
                return str(text)
    return ""
