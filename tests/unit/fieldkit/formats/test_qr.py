from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
import segno

from fieldkit.formats.qr import read_qr

LINE = f"https://pusat.example:8443 ABCD-EFGH-IJKL-MNOP-QRST {':'.join(['AB'] * 32)} kit=K01 admin=ani"


def picture(scale: int) -> bytes:
    content = io.BytesIO()
    segno.make(LINE, error="m", micro=False).save(content, kind="png", scale=scale, border=4)
    return content.getvalue()


@pytest.mark.parametrize("scale", [2, 6, 30])
def test_the_code_of_a_slip_is_read_small_and_large(scale: int) -> None:
    assert read_qr(picture(scale)) == LINE


def test_a_slip_is_read_in_a_photo_of_a_page() -> None:
    code = cv2.imdecode(np.frombuffer(picture(6), np.uint8), cv2.IMREAD_GRAYSCALE)
    page = np.full((1080, 1920), 190, np.uint8)
    page[300 : 300 + code.shape[0], 700 : 700 + code.shape[1]] = np.clip(code, 40, 200)
    turned = cv2.warpAffine(page, cv2.getRotationMatrix2D((960, 540), 7, 1.0), (1920, 1080), borderValue=190)
    assert read_qr(cv2.imencode(".jpg", cv2.GaussianBlur(turned, (3, 3), 0))[1].tobytes()) == LINE


@pytest.mark.parametrize(
    "content", [b"", b"no picture", cv2.imencode(".png", np.zeros((40, 40), np.uint8))[1].tobytes()]
)
def test_where_no_code_is_nothing_is_read(content: bytes) -> None:
    assert read_qr(content) == ""


def test_a_code_is_read_that_one_detector_misses() -> None:
    said = "otpauth://totp/Fieldkit:Siti?secret=WHV4D7BJ6M7GHIFVCS5RECHR34ZGZ7M3&issuer=Fieldkit"
    content = io.BytesIO()
    segno.make(said, micro=False).save(content, kind="png", scale=8, border=4)
    assert read_qr(content.getvalue()) == said
