from __future__ import annotations

import socket

import pytest
from support.standstill import wait_until

from drivers.escpos.printer import EscPosPrinter
from drivers.simulators.escpos import SlipPrinter
from fieldkit.ports.delivery import Receipt, ReceiptLine


@pytest.fixture
def printer():
    running = SlipPrinter()
    yield running
    running.stop()


def test_a_slip_is_read_as_people_read_it(printer):
    lines = (ReceiptLine("Bukti Perekaman", is_strong=True), ReceiptLine("Nomor 0199 – Jimbe"))
    EscPosPrinter(printer.address).print_receipt(Receipt(lines, "FK1:0199"))
    EscPosPrinter(printer.address).print_receipt(Receipt((ReceiptLine("Kedua"),)))
    wait_until(lambda: len(printer.slips) >= 2)
    assert printer.slips == ["Bukti Perekaman\nNomor 0199 - Jimbe\n", "Kedua\n"]
    assert (printer.pictures, printer.cuts) == (1, 2)


def test_what_is_cut_off_stops_nothing(printer):
    with socket.create_connection(("127.0.0.1", int(printer.address.rpartition(":")[2]))) as line:
        line.sendall(b"\x1dv0\x00\xff")
    wait_until(lambda: len(printer.slips) >= 1)
    assert len(printer.slips) == 1
