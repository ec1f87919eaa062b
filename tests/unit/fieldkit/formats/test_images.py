from __future__ import annotations

import random
import struct
import zlib
from contextlib import suppress
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from support.peak import peak_mb, refused
from support.tries import tries

from drivers.simulators.subject import Condition, SyntheticSubject
from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.positions import FINGERS, Position
from fieldkit.formats.images import (
    decode_colour,
    decode_grey,
    decode_wsq,
    encode_jp2_lossless,
    encode_jpeg,
    encode_png,
    encode_wsq,
    wsq_size,
)

GREY = np.random.default_rng(1).integers(0, 256, (60, 80), dtype=np.uint8)
COLOUR = np.random.default_rng(2).integers(0, 256, (50, 40, 3), dtype=np.uint8)
WAVES = (127 + 120 * np.sin(np.add.outer(np.arange(256), np.arange(200)) / 3)).astype(np.uint8)


def test_lossless_codings_give_the_same_pixels_back() -> None:
    assert np.array_equal(decode_grey(encode_jp2_lossless(GREY)), GREY)
    assert np.array_equal(decode_grey(encode_png(GREY, 500)), GREY)
    assert np.array_equal(decode_colour(encode_jp2_lossless(COLOUR)), COLOUR)
    assert np.array_equal(decode_colour(encode_png(COLOUR, 300)), COLOUR)


@pytest.mark.parametrize("image", [GREY, COLOUR])
def test_wavelets_are_read_alike_with_and_without_opencv(image: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    coded, decode = encode_jp2_lossless(image), decode_colour if image.ndim == 3 else decode_grey
    read: list[int] = []
    monkeypatch.setattr("cv2.imdecode", lambda *_: read.append(1))  # None: it cannot
    assert np.array_equal(decode(coded), image)
    assert read == [1]


def test_a_size_that_is_not_the_one_told_is_not_allocated(monkeypatch: pytest.MonkeyPatch) -> None:
    coded = bytearray(encode_jp2_lossless(GREY))
    at = coded.index(b"\xff\x4f\xff\x51") + 8
    coded[at : at + 8] = struct.pack(">2I", 20_000, 20_000)
    monkeypatch.setattr("cv2.imdecode", lambda *_: pytest.fail("must not be read"))
    with pytest.raises(InputError):
        decode_grey(bytes(coded))


def test_png_states_its_resolution() -> None:
    with Image.open(BytesIO(encode_png(GREY, 500))) as image:
        assert round(image.info["dpi"][0]) == 500


def test_jpeg_and_wsq_come_back_close() -> None:
    for coded in (encode_jpeg(WAVES, 95), encode_wsq(WAVES)):
        back = decode_grey(coded)
        assert back.shape == WAVES.shape
        assert np.abs(back.astype(int) - WAVES).mean() < 8
    assert decode_colour(encode_wsq(WAVES)).shape == (*WAVES.shape, 3)


def test_transparent_drawing_is_laid_on_white() -> None:
    ink = np.zeros((20, 20, 4), np.uint8)
    ink[5:9, :, 3] = 255
    pixels = decode_grey(encode_png(ink, 300))
    assert pixels[6, 3] == 0
    assert pixels[0, 0] == 255


@pytest.mark.parametrize("position", FINGERS[:4])
def test_print_that_is_a_mask_is_seen(position: Position) -> None:
    """In a scanner's grey PNG the alpha layer may be all that there is."""
    ridges = SyntheticSubject(1).finger(position, 0, Condition.GOOD)
    out = BytesIO()
    Image.merge("LA", (Image.new("L", ridges.shape[::-1], 255), Image.fromarray(ridges))).save(out, "PNG")
    pixels = decode_grey(out.getvalue())
    assert pixels.std() > 40
    assert np.array_equal(pixels, ridges)


def test_photo_of_a_turned_camera_stands_upright() -> None:
    out = BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: turn by 90° clockwise
    Image.fromarray(WAVES).save(out, "JPEG", exif=exif)
    assert decode_colour(out.getvalue()).shape == (200, 256, 3)


def test_sixteen_bit_image_keeps_its_upper_bits() -> None:
    deep = (GREY.astype(np.uint16) << 8) | 0x55
    out = BytesIO()
    Image.fromarray(deep).save(out, "PNG")
    assert np.array_equal(decode_grey(out.getvalue()), GREY)


def test_bomb_is_refused_before_it_unfolds() -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 9_000, 9_000, 8, 0, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    with pytest.raises(InputError) as caught:
        decode_grey(bomb)
    assert caught.value.code == "format.image_too_large"


@pytest.mark.days
@pytest.mark.parametrize("coding", ["PNG", "JPEG", "JPEG2000"])
def test_a_picture_over_the_limit_takes_little_and_is_named(coding: str) -> None:
    out = BytesIO()
    Image.new("L", (64, 64)).save(out, coding)
    told, huge = struct.pack(">H", 64), struct.pack(">H", 9_000)
    size = {
        "PNG": (struct.pack(">II", 64, 64), struct.pack(">II", 9_000, 9_000)),
        "JPEG": (told + told, huge + huge),
        "JPEG2000": (struct.pack(">II", 64, 64), struct.pack(">II", 9_000, 9_000)),
    }[coding]
    bomb = out.getvalue().replace(*size)
    assert bomb != out.getvalue()
    if coding == "PNG":
        head = bomb.index(b"IHDR")
        bomb = bomb[: head + 17] + struct.pack(">I", zlib.crc32(bomb[head : head + 17])) + bomb[head + 21 :]
    assert peak_mb(lambda: refused(lambda: decode_colour(bomb), "format.image_too_large")) < 20


def test_wsq_bomb_is_refused() -> None:
    coded = bytearray(encode_wsq(WAVES))
    frame = coded.index(b"\xff\xa2")
    coded[frame + 6 : frame + 10] = b"\xff\xff\xff\xff"
    with pytest.raises(InputError) as caught:
        decode_grey(bytes(coded))
    assert caught.value.code == "format.image_too_large"


GOOD = [encode_jp2_lossless(GREY), encode_png(GREY, 500), encode_jpeg(GREY, 90)]


@given(coded=st.sampled_from(GOOD), cut=st.floats(0, 0.95))
@settings(max_examples=tries(120), deadline=None)
def test_truncated_image_is_refused_or_whole(coded: bytes, cut: float) -> None:
    with suppress(InputError):
        assert decode_grey(coded[: int(len(coded) * cut)]).ndim == 2


@pytest.mark.days
@given(coded=st.sampled_from(GOOD), at=st.integers(0, 10_000), byte=st.integers(0, 255))
@settings(max_examples=tries(300), deadline=None)
def test_damaged_image_raises_nothing_but_input_error(coded: bytes, at: int, byte: int) -> None:
    damaged = bytearray(coded)
    damaged[at % len(coded)] = byte
    with suppress(InputError):
        decode_grey(bytes(damaged))
        decode_colour(bytes(damaged))


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_noise_is_no_image(noise: bytes) -> None:
    with pytest.raises(InputError):
        decode_grey(noise)


LINE = f"https://pusat.example:8443 ABCD-EFGH-IJKL-MNOP-QRST {':'.join(['AB'] * 32)} kit=K01 admin=ani"


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
