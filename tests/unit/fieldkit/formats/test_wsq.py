from __future__ import annotations

import random
from contextlib import suppress

import numpy as np
import pytest

from drivers.simulators.subject import Condition, SyntheticSubject
from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.positions import FINGERS, Position
from fieldkit.formats.images import decode_grey
from fieldkit.formats.wsq import decode_wsq, encode_wsq, wsq_size

WAVES = (127 + 120 * np.sin(np.add.outer(np.arange(256), np.arange(200)) / 3)).astype(np.uint8)


@pytest.mark.parametrize("position", FINGERS[:3])
def test_wsq_keeps_to_its_bit_rate_on_a_print(position: Position) -> None:
    pixels = SyntheticSubject(1).finger(position, 0, Condition.WORN)  # as many bits as real prints
    assert pixels.shape == (400, 300)
    assert len(encode_wsq(pixels)) * 8 / pixels.size <= 0.76


def test_file_comes_back_close() -> None:
    coded = encode_wsq(WAVES)
    assert wsq_size(coded) == (200, 256)
    assert np.abs(decode_wsq(coded).astype(int) - WAVES).mean() < 8


@pytest.mark.parametrize("side", [32, 33, 47])
def test_small_images_are_encoded(side: int) -> None:
    pixels = WAVES[:side, : side + 1]
    assert decode_wsq(encode_wsq(pixels)).shape == pixels.shape


def test_stamp_sized_image_is_refused() -> None:
    with pytest.raises(InputError, match="image_too_small"):
        encode_wsq(WAVES[:31])


@pytest.mark.days
def test_damaged_file_raises_nothing_but_input_error() -> None:
    coded = encode_wsq(WAVES)
    for seed in range(20):
        chance = random.Random(seed)
        damaged = bytearray(coded[: chance.randrange(len(coded))] if seed % 2 else coded)
        damaged[chance.randrange(len(damaged))] ^= 0xFF
        with suppress(InputError):
            decode_grey(b"\xff\xa0" + bytes(damaged[2:]))
