from __future__ import annotations

import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from support.tries import tries

from drivers.escpos.slip import COLUMNS, DOTS, slip
from fieldkit.ports.receipts import Receipt, ReceiptLine

# What python-escpos 3.1 sends for the same wishes.
STRONG, CENTRED, PAGE_437, CUT = b"\x1bE\x01", b"\x1ba\x01", b"\x1bt\x00", b"\x1bd\x06\x1dV\x00"
RASTER = b"\x1dv0\x00"


def printed(text: str) -> list[bytes]:
    body = slip(Receipt((ReceiptLine(text),)))
    return body[body.rindex(b"\x1bE\x00") + 3 : -len(CUT)].split(b"\n")[:-1]


def test_commands_are_those_of_another_hand():
    body = slip(Receipt((ReceiptLine("GRATIS", is_strong=True, is_centred=True),)))
    assert body == b"\x1b@" + PAGE_437 + CENTRED + STRONG + b"GRATIS\n" + CUT


def test_long_lines_are_broken_between_words():
    rows = printed("Simpan struk ini sampai KTP-el diterima dari petugas atau desa")
    assert all(len(row) <= COLUMNS for row in rows)
    assert b" ".join(rows) == b"Simpan struk ini sampai KTP-el diterima dari petugas atau desa"
    assert printed("") == [b""]


def test_masks_and_accents_are_spelled_as_the_printer_can():
    assert printed("350512••••01") == [b"350512****01"]
    assert printed("Café – “Dusun”") == [b'Caf\x82 - "Dusun"']
    assert printed("Çağlar") == [b"Caglar"]


def test_the_code_is_read_by_a_scanner():
    body = slip(Receipt((), "FK1:0199A:" + "AB" * 32))
    at = body.index(RASTER) + len(RASTER)
    width, rows = (int.from_bytes(body[at + k : at + k + 2], "little") for k in (0, 2))
    assert width * 8 <= DOTS
    dots = np.unpackbits(np.frombuffer(body[at + 4 : at + 4 + width * rows], np.uint8)).reshape(rows, width * 8)
    picture = np.where(dots == 1, 0, 255).astype(np.uint8)
    assert cv2.QRCodeDetector().detectAndDecode(picture)[0] == "FK1:0199A:" + "AB" * 32


@settings(max_examples=tries(300), deadline=None)
@given(st.text(max_size=120))
def test_a_name_is_never_a_command(text):
    rows = printed(text)
    assert all(byte >= 0x20 for row in rows for byte in row)


def test_half_a_character_pair_is_printed_as_a_mark():
    assert slip(Receipt((ReceiptLine("Bukti\ud800"),), "FK1:\ud800")) == slip(Receipt((ReceiptLine("Bukti"),), "FK1:?"))
