from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QColor, QImage, QPdfWriter
from PySide6.QtPrintSupport import QPrinter, QPrinterInfo
from pytestqt.qtbot import QtBot

from drivers.escpos.printer import EscPosPrinter
from fieldkit.ports.delivery import Receipt, ReceiptLine
from ui.runtime.printing import LaptopPrinting, PrintError, paint_pages


def page(colour: str) -> bytes:
    image = QImage(210, 297, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    assert image.save(buffer, "PNG")
    return bytes(buffer.data().data())


def test_a_paper_is_kept_where_it_is_said(tmp_path: Path) -> None:
    path = LaptopPrinting(tmp_path / "papers").save("bukti-1", b"%PDF")
    assert Path(path).read_bytes() == b"%PDF"


def test_a_folder_that_cannot_be_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "papers").write_text("a file stands in the way")
    with pytest.raises(PrintError) as caught:
        LaptopPrinting(tmp_path / "papers").save("bukti-1", b"%PDF")
    assert caught.value.problem.params == {"folder": str(tmp_path / "papers")}


def test_each_page_gets_its_own_sheet(qtbot: QtBot, tmp_path: Path) -> None:
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "out.pdf"))
    paint_pages(printer, (page("red"), page("blue")), "to a file")
    pdf = (tmp_path / "out.pdf").read_bytes()
    assert pdf.startswith(b"%PDF")
    assert pdf.count(b"/Type /Page\n") == 2


@pytest.mark.qt_log_ignore("QPainter::begin", extend=True)
def test_a_device_that_gives_up_is_a_problem(qtbot: QtBot, tmp_path: Path) -> None:
    with pytest.raises(PrintError, match=r"print\.refused"):
        paint_pages(QPdfWriter(str(tmp_path / "no" / "such" / "folder.pdf")), (page("red"),), "Epson")


def test_a_laptop_without_a_printer_has_no_name_for_one(qtbot: QtBot, tmp_path: Path) -> None:
    names = QPrinterInfo.availablePrinterNames()
    assert LaptopPrinting(tmp_path).printer() in ("", *names)


def test_a_receipt_goes_to_its_own_printer(tmp_path) -> None:
    device = tmp_path / "lp0"
    device.write_bytes(b"")
    printing = LaptopPrinting(tmp_path, EscPosPrinter(str(device)))
    assert printing.receipt_printer() == str(device)
    printing.print_receipt(Receipt((ReceiptLine("Bukti"),)))
    assert b"Bukti" in device.read_bytes()
    with pytest.raises(PrintError):
        LaptopPrinting(tmp_path).print_receipt(Receipt(()))
    assert LaptopPrinting(tmp_path).receipt_printer() == ""
