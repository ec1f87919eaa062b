"""Parts of a frame, laid upright and brought to another size."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Point = tuple[float, float]
Points = NDArray[np.float64]
Map = NDArray[np.float64]  # affine, shape (2, 3), from pixels of the frame to those of the part


def cut(frame: Pixels, onto: Map, size: tuple[int, int], border: int = cv2.BORDER_REPLICATE) -> Pixels:
    """Return the part of a frame that a map lays into (width, height); what lies outside repeats the edge.

    An affine map alone would alias where it reduces much: what it reads is reduced before.
    """
    times = int(1 / float(np.hypot(onto[0, 0], onto[0, 1])))
    if times > 1:
        back = cv2.invertAffineTransform(onto)
        corners = np.array(((0, 0), (size[0], 0), size, (0, size[1]))) @ back[:, :2].T + back[:, 2]
        left, top = np.maximum(np.floor(corners.min(axis=0)).astype(int) - times, 0)
        right, bottom = np.ceil(corners.max(axis=0)).astype(int) + times
        part = frame[top:bottom, left:right]
        small = (part.shape[1] // times, part.shape[0] // times)
        if min(small) > 0:
            part = part[: small[1] * times, : small[0] * times]
            frame = np.asarray(cv2.resize(part, small, interpolation=cv2.INTER_AREA), np.uint8)
            # The middle of small pixel 0 is the middle of the pixels that became it.
            turn = onto[:, :2] * times
            middle = np.array((left, top)) + (times - 1) / 2
            onto = np.column_stack((turn, onto[:, 2] + onto[:, :2] @ middle))
    return np.asarray(cv2.warpAffine(frame, onto, size, flags=cv2.INTER_LINEAR, borderMode=border), np.uint8)


def placed(points: Points, onto: Map) -> Points:
    """Return points (x, y, …) of a frame, shape (n, 2 or more), where a map lays them, shape (n, 2)."""
    return np.asarray(points[:, :2] @ onto[:, :2].T + onto[:, 2])
