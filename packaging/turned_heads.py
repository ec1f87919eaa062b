"""Composes a turned head of a frontal portrait: depth by its landmarks and an egg around them, turned, seen again."""

from __future__ import annotations

import cv2
import numpy as np

from fieldkit.quality.face_networks import Landmarks

FAR = 16.0  # eye distances from the camera to the head: one metre
EYE_PX = 100  # larger pictures are reduced: composing takes its time
EGG_WIDTH, EGG_HEIGHT, EGG_DEPTH = 1.28, 1.75, 1.55  # eye distances
DOWN = 0.35  # middle of the egg below the eyes
AXIS = 1.5  # eye distances from the front of the head to the axis that it turns about


def turned(picture: np.ndarray, face: Landmarks, yaw_deg: float = 0.0, pitch_deg: float = 0.0) -> np.ndarray:
    """Return an RGB picture with the head turned: yaw to the picture's right, pitch downwards."""
    scale = min(1.0, EYE_PX / face.eyes.distance)
    if scale < 1:
        picture = np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    points, unit = face.points * scale, face.eyes.distance * scale
    middle = np.array(face.eyes.middle) * scale + (0, DOWN * unit)
    depth, is_head = depth_of(picture.shape[:2], points, unit, middle)
    large = cv2.resize(picture, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)  # no holes where a cheek grows wider
    depth, head = (cv2.resize(layer, large.shape[1::-1]) for layer in (depth, is_head.astype(np.uint8)))
    where = head > 0
    down, across = np.indices(depth.shape).astype(np.float32)[:, where] / 2
    deep = depth[where] - AXIS - float(depth[where].min())
    place = np.stack(((across - middle[0]) / unit, (down - middle[1]) / unit)) * (FAR + deep) / FAR
    yaw, pitch = np.radians((yaw_deg, pitch_deg))
    x, z = place[0] * np.cos(yaw) - deep * np.sin(yaw), place[0] * np.sin(yaw) + deep * np.cos(yaw)
    y, z = place[1] * np.cos(pitch) - z * np.sin(pitch), place[1] * np.sin(pitch) + z * np.cos(pitch)
    seen = np.rint(np.stack((x, y)) * FAR / (FAR + z) * unit + middle[:, None]).astype(int)
    inside = (seen >= 0).all(axis=0) & (seen[0] < picture.shape[1]) & (seen[1] < picture.shape[0])
    order = np.argsort(-z[inside])  # what is nearer is laid over what is farther
    columns, rows = seen[:, inside][:, order]
    result, is_seen = picture.copy(), np.zeros(picture.shape[:2], np.uint8)
    result[rows, columns] = large[where][inside][order]
    is_seen[rows, columns] = 255
    return mended(result, is_seen, is_head)


def depth_of(
    shape: tuple[int, int], points: np.ndarray, unit: float, middle: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return depth in eye distances, and what is head: landmarks inside the face, an egg around it."""
    down, across = np.indices(shape).astype(np.float32)
    egg = 1 - ((across - middle[0]) / unit / EGG_WIDTH) ** 2 - ((down - middle[1]) / unit / EGG_HEIGHT) ** 2
    around = EGG_DEPTH * (1 - np.sqrt(np.clip(egg, 0, 1)))
    face = cv2.convexHull(np.rint(points[:, :2]).astype(np.int32))
    is_face = np.zeros(shape, np.float32)
    cv2.fillConvexPoly(is_face, face, 1.0)
    # Depth between landmarks: their mean, weighed by how near they are.
    weight, total = np.full(shape, 1e-6, np.float32), np.zeros(shape, np.float32)
    at = np.clip(np.rint(points[:, :2]).astype(int), 0, (shape[1] - 1, shape[0] - 1))
    np.add.at(weight, (at[:, 1], at[:, 0]), 1.0)
    np.add.at(total, (at[:, 1], at[:, 0]), (points[:, 2] - np.percentile(points[:, 2], 20)) / unit)
    near = [cv2.GaussianBlur(layer, (0, 0), 0.06 * unit) for layer in (weight, total)]
    inner = near[1] / np.maximum(near[0], 1e-9)
    inside = is_face > 0
    shift = float(np.median((inner - around)[inside]))
    soft = cv2.GaussianBlur(cv2.erode(is_face, np.ones((5, 5))), (0, 0), 0.12 * unit) * is_face
    depth = soft * inner + (1 - soft) * (around + shift)
    return cv2.GaussianBlur(depth.astype(np.float32), (0, 0), 0.02 * unit), egg > 0.001


def mended(result: np.ndarray, is_seen: np.ndarray, was_head: np.ndarray) -> np.ndarray:
    """Fill small holes of the head, and the wall where the head was and is no more."""
    closed = cv2.morphologyEx(is_seen, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    result = cv2.inpaint(result, cv2.bitwise_and(closed, cv2.bitwise_not(is_seen)), 3, cv2.INPAINT_TELEA)
    left = was_head.astype(np.uint8) * 255 & cv2.bitwise_not(closed)
    small = cv2.resize(result, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    hole = cv2.resize(cv2.dilate(left, np.ones((7, 7), np.uint8)), small.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    wall = cv2.resize(cv2.inpaint(small, hole, 5, cv2.INPAINT_TELEA), result.shape[1::-1])
    share = cv2.GaussianBlur(left, (0, 0), 2)[..., None] / 255
    return np.asarray(result * (1 - share) + wall * share, np.uint8)
