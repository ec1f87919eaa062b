"""The printer of this laptop, and the folder that takes its place."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fieldkit.domain.errors import KnownError, Recovery
from fieldkit.media.place import Place

# On demand: the library of printers takes longer to load than the sign-in screen to be painted.
if TYPE_CHECKING:
    from PySide6.QtGui import QPdfWriter
    from PySide6.QtPrintSupport import QPrinter

    from fieldkit.ports.delivery import Receipt, ReceiptPrinter


class PrintError(KnownError):
    """The paper did not come out; the record behind it is untouched."""

    recovery = Recovery.RETRY


class LaptopPrinting:
    """`ui.presenters.printing.Printing`: the default printer of the laptop, PDFs into `folder`."""

    def __init__(self, folder: Path, receipts: ReceiptPrinter | None = None) -> None:
        self._folder, self._receipts = folder, receipts

    def printer(self) -> str:
        """Return the name of the default printer, else of any, "" when there is none."""
        from PySide6.QtPrintSupport import QPrinterInfo

        return QPrinterInfo.defaultPrinterName() or next(iter(QPrinterInfo.availablePrinterNames()), "")

    def print_pages(self, pages: Sequence[bytes]) -> None:
        """Print PNG pages, each on a sheet. Raise `PrintError` when the printer does not take them."""
        from PySide6.QtPrintSupport import QPrinter, QPrinterInfo

        name = self.printer()
        printer = QPrinter(QPrinterInfo.printerInfo(name), QPrinter.PrinterMode.HighResolution)
        printer.setFullPage(True)
        paint_pages(printer, pages, name)

    def receipt_printer(self) -> str:
        """Return the name of the receipt printer, "" when the kit has none."""
        return self._receipts.name if self._receipts else ""

    def print_receipt(self, receipt: Receipt) -> None:
        """Print a receipt. Raise `PrintError` without a printer, else what the printer raises."""
        if self._receipts is None:
            raise PrintError("print.refused", printer="")
        self._receipts.print_receipt(receipt)

    def save(self, name: str, pdf: bytes) -> str:
        """Keep a PDF, or an XLSX by its name, and return its path. Raise `PrintError` when it cannot be written."""
        path = self._folder / (name if name.endswith(".xlsx") else f"{name}.pdf")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            Place.of_file(path).write([pdf])
        except OSError as error:
            raise PrintError("print.not_saved", folder=str(self._folder)) from error
        return str(path)


def paint_pages(device: QPrinter | QPdfWriter, pages: Sequence[bytes], name: str) -> None:
    """Paint each page as large as its sheet. Raise `PrintError` when the device gives up."""
    from PySide6.QtCore import QByteArray, QRectF, Qt
    from PySide6.QtGui import QImage, QPainter

    painter = QPainter()
    if not painter.begin(device):
        raise PrintError("print.refused", printer=name)
    try:
        for number, page in enumerate(pages):
            if number and not device.newPage():
                raise PrintError("print.refused", printer=name)
            image = QImage.fromData(QByteArray(page))
            sheet = painter.viewport()
            size = image.size().scaled(sheet.size(), Qt.AspectRatioMode.KeepAspectRatio)
            painter.drawImage(QRectF(0, 0, size.width(), size.height()), image)
    finally:
        painter.end()
