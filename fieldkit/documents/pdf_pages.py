"""Shows the pages of any PDF: what is signed must be seen as it lies there, not as it would be made anew."""

from __future__ import annotations

from io import BytesIO
from threading import Lock

from fieldkit.documents.signature_check import MAX_PDF_BYTES
from fieldkit.domain.errors import InputError

PPI = 110
MOST_PAGES = 40
_MOST_PIXELS = 4_000_000
_TURN = Lock()  # PDFium knows one thread at a time


def draw_pages(pdf: bytes, most: int = MOST_PAGES) -> tuple[bytes, ...]:
    """Return the first pages as PNG, signatures included. Raise `InputError` `tte.pdf_huge`, `tte.pdf_unreadable`."""
    import pypdfium2

    if len(pdf) > MAX_PDF_BYTES:
        raise InputError("tte.pdf_huge", megabytes=MAX_PDF_BYTES // 1024**2)
    with _TURN:
        try:
            document = pypdfium2.PdfDocument(pdf)
        except pypdfium2.PdfiumError as error:
            raise InputError("tte.pdf_unreadable") from error
        try:
            document.init_forms()  # boxes of signatures are parts of a form
            return tuple(_drawn(document[at]) for at in range(min(len(document), most)))
        except pypdfium2.PdfiumError as error:
            raise InputError("tte.pdf_unreadable") from error
        finally:
            document.close()


def _drawn(page: object) -> bytes:
    width, height = page.get_size()  # type: ignore[attr-defined]  # the library has no types
    # A page may claim to be as large as a wall.
    scale = min(PPI / 72, (_MOST_PIXELS / max(1.0, width * height)) ** 0.5)
    out = BytesIO()
    page.render(scale=scale).to_pil().save(out, "PNG")  # type: ignore[attr-defined]
    return out.getvalue()
