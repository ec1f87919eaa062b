from __future__ import annotations

import os
import pty
import socket
import threading
import tty

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.tries import tries

from drivers.escpos.printer import COLUMNS, DOTS, EscPosPrinter, slip
from fieldkit.ports.delivery import Receipt, ReceiptLine
from fieldkit.ports.devices import NotConnectedError, PermissionDeniedError

RECEIPT = Receipt((ReceiptLine("Bukti Perekaman"),), "FK1:0199")


def test_a_printer_on_the_network():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        got = bytearray()

        def take() -> None:
            client, _ = listener.accept()
            with client:
                while part := client.recv(4096):
                    got.extend(part)

        taking = threading.Thread(target=take)
        taking.start()
        EscPosPrinter(f"tcp://127.0.0.1:{listener.getsockname()[1]}").print_receipt(RECEIPT)
        taking.join()
    assert bytes(got) == slip(RECEIPT)


def test_a_printer_on_a_serial_port(tmp_path):
    master, slave = pty.openpty()
    tty.setraw(slave)
    link = tmp_path / "ttyPRINTER"
    link.symlink_to(os.ttyname(slave))
    receipt = Receipt((ReceiptLine("Bukti"),))
    EscPosPrinter(f"{link}#19200").print_receipt(receipt)
    assert os.read(master, 4096) == slip(receipt)
    os.close(slave)
    os.close(master)


def test_a_printer_behind_a_device_file(tmp_path):
    device = tmp_path / "lp0"
    device.write_bytes(b"")
    printer = EscPosPrinter(str(device))
    printer.print_receipt(RECEIPT)
    assert device.read_bytes() == slip(RECEIPT)
    assert printer.name == str(device)


def test_a_printer_that_is_not_there(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    for address in (f"tcp://127.0.0.1:{port}", str(tmp_path / "lp0"), str(tmp_path / "ttyUSB9")):
        with pytest.raises(NotConnectedError):
            EscPosPrinter(address).print_receipt(RECEIPT)
    assert list(tmp_path.iterdir()) == []


def test_a_refusal_names_the_group(tmp_path, monkeypatch):
    device = tmp_path / "lp0"
    device.write_bytes(b"")

    def refuse(*_args: object, **_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", refuse)  # root, who runs tests in a container, may open everything
    with pytest.raises(PermissionDeniedError) as caught:
        EscPosPrinter(str(device)).print_receipt(RECEIPT)
    assert caught.value.problem.params["group"] == "lp"


@pytest.mark.parametrize("name", ["rfcomm0", "usb-Acme_printer-if00"])
def test_a_printer_on_a_line_of_any_name_gets_each_byte_as_it_is(tmp_path, name: str):
    master, slave = pty.openpty()  # as the system makes it: line feeds get a carriage return
    link = tmp_path / name
    link.symlink_to(os.ttyname(slave))
    receipt = Receipt((ReceiptLine("Bukti"),))
    EscPosPrinter(str(link)).print_receipt(receipt)
    assert os.read(master, 4096) == slip(receipt)
    os.close(slave)
    os.close(master)


@pytest.mark.parametrize("address", ["tcp://", "tcp://:9100", "tcp://host:ninety", "tcp://host:99999", "tcp://[::1"])
def test_an_address_that_is_none_is_said(address: str):
    with pytest.raises(NotConnectedError) as caught:
        EscPosPrinter(address).print_receipt(RECEIPT)
    assert caught.value.problem.params["address"] == address


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


@pytest.mark.days
@settings(max_examples=tries(300), deadline=None)
@given(st.text(max_size=120))
def test_a_name_is_never_a_command(text):
    rows = printed(text)
    assert all(byte >= 0x20 for row in rows for byte in row)


def test_half_a_character_pair_is_printed_as_a_mark():
    assert slip(Receipt((ReceiptLine("Bukti\ud800"),), "FK1:\ud800")) == slip(Receipt((ReceiptLine("Bukti"),), "FK1:?"))
