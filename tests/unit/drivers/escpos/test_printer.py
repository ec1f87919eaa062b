from __future__ import annotations

import os
import pty
import socket
import threading
import tty

import pytest

from drivers.escpos.printer import EscPosPrinter
from drivers.escpos.slip import slip
from fieldkit.ports.devices import NotConnectedError, PermissionDeniedError
from fieldkit.ports.receipts import Receipt, ReceiptLine

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
