"""A network with the inputs and outputs of YuNet that sees a face wherever a blue square of 8 pixels lies.

Written as ONNX by hand: the real model is no part of the project.
"""

from __future__ import annotations

from math import log

import numpy as np

FACE_PX = 96.0
# From the corner of the square: right eye, left eye, nose, corners of the mouth, in pixels.
POINTS = ((-16, -16), (24, -16), (4, 10), (-12, 28), (20, 28))


def model() -> bytes:
    """Return the model."""
    nodes, tensors, outputs = b"", b"", b""
    for stride in (8, 16, 32):
        nodes += _node("AveragePool", ("input",), f"mean_{stride}", kernel_shape=(stride,) * 2, strides=(stride,) * 2)
        sees = np.array(((1, -1, -1),)) / 255 if stride == 8 else np.zeros((1, 3))
        constants = {
            "cls": (sees, [0.0]),
            "obj": (np.zeros((1, 3)), [1.0]),
            "bbox": (np.zeros((4, 3)), [0.5, 0.5, log(FACE_PX / stride), log(FACE_PX / stride)]),
            "kps": (np.zeros((10, 3)), [at / stride for point in POINTS for at in point]),
        }
        for name, (weights, bias) in constants.items():
            place = f"{name}_{stride}"
            tensors += _tensor(f"w_{place}", weights.reshape(-1, 3, 1, 1)) + _tensor(f"b_{place}", np.array(bias))
            nodes += _node("Conv", (f"mean_{stride}", f"w_{place}", f"b_{place}"), f"c_{place}", kernel_shape=(1, 1))
            nodes += _node("Transpose", (f"c_{place}",), place, perm=(0, 2, 3, 1))
            outputs += _field(12, _value(place, (1, 64 // stride, 64 // stride, len(bias))))
    graph = nodes + _field(2, b"squares") + tensors + _field(11, _value("input", (1, 3, 64, 64))) + outputs
    return _number(1, 7) + _field(7, graph) + _field(8, _number(2, 11))


def _varint(value: int) -> bytes:
    low, rest = value & 0x7F, value >> 7
    return bytes((low | 0x80,)) + _varint(rest) if rest else bytes((low,))


def _number(tag: int, value: int) -> bytes:
    return _varint(tag << 3) + _varint(value)


def _field(tag: int, content: bytes) -> bytes:
    return _varint(tag << 3 | 2) + _varint(len(content)) + content


def _node(kind: str, inputs: tuple[str, ...], output: str, **lists: tuple[int, ...]) -> bytes:
    content = b"".join(_field(1, name.encode()) for name in inputs) + _field(2, output.encode())
    content += _field(3, f"n_{output}".encode()) + _field(4, kind.encode())
    for name, values in lists.items():
        numbers = b"".join(_number(8, value) for value in values)
        content += _field(5, _field(1, name.encode()) + numbers + _number(20, 7))
    return _field(1, content)


def _tensor(name: str, values: np.ndarray) -> bytes:
    dims = b"".join(_number(1, size) for size in values.shape)
    return _field(5, dims + _number(2, 1) + _field(8, name.encode()) + _field(9, values.astype("<f4").tobytes()))


def _value(name: str, shape: tuple[int, ...]) -> bytes:
    dims = b"".join(_field(1, _number(1, size)) for size in shape)
    return _field(1, name.encode()) + _field(2, _field(1, _number(1, 1) + _field(2, dims)))
