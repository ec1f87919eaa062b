"""A receipt as ESC/POS: the few commands that every printer of this kind knows, clones included."""

from __future__ import annotations

import textwrap
import unicodedata

import segno

from fieldkit.ports.receipts import Receipt, ReceiptLine

COLUMNS = 32  # of paper 58 mm wide; 80 mm has 48
DOTS = 384  # across, on paper 58 mm wide
QUIET = 4  # modules around a QR code (ISO/IEC 18004, 5.3.8)
_INITIALISE, _CODE_PAGE_437 = b"\x1b@", b"\x1bt\x00"
_LEFT, _CENTRE = b"\x1ba\x00", b"\x1ba\x01"
_PLAIN, _STRONG = b"\x1bE\x00", b"\x1bE\x01"
_CUT = b"\x1bd\x06\x1dV\x00"  # six lines further first: the knife stands above the head
_SPELLED = str.maketrans({"•": "*", "–": "-", "—": "-", "“": '"', "”": '"', "’": "'", "…": "..."})


def slip(receipt: Receipt, columns: int = COLUMNS) -> bytes:
    """Return the bytes that print a receipt and cut it off."""
    text = b"".join(_line(line, columns) for line in receipt.lines)
    code = _CENTRE + _raster(receipt.qr) if receipt.qr else b""
    return _INITIALISE + _CODE_PAGE_437 + text + code + _CUT


def _line(line: ReceiptLine, columns: int) -> bytes:
    head = (_CENTRE if line.is_centred else _LEFT) + (_STRONG if line.is_strong else _PLAIN)
    rows = textwrap.wrap(line.text.translate(_SPELLED), columns) or [""]
    return head + b"".join(_encoded(row) + b"\n" for row in rows)


def _encoded(text: str) -> bytes:
    """Return code page 437; letters it lacks lose their accents. A control character would be a command."""
    plain = "".join(c for c in text if c.isprintable())
    try:
        return plain.encode("cp437")
    except UnicodeEncodeError:
        return unicodedata.normalize("NFKD", plain).encode("ascii", "ignore")


def _raster(content: str) -> bytes:
    """Return a QR code as a picture (GS v 0): cheap printers have no QR command of their own."""
    whole = content.encode("utf-8", "replace").decode()  # half a character pair is none
    modules = segno.make(whole, error="m", micro=False).matrix
    scale = max(1, min(6, DOTS // (len(modules) + 2 * QUIET)))
    blank = [0] * (len(modules) + 2 * QUIET)
    framed = [blank] * QUIET + [[0] * QUIET + list(row) + [0] * QUIET for row in modules] + [blank] * QUIET
    rows = [_packed([dot for dot in row for _ in range(scale)]) for row in framed for _ in range(scale)]
    size = len(rows[0]).to_bytes(2, "little") + len(rows).to_bytes(2, "little")
    return b"\x1dv0\x00" + size + b"".join(rows)


def _packed(dots: list[int]) -> bytes:
    """Return dots, black is 1, as bytes with the leftmost dot in the highest bit."""
    padded = dots + [0] * (-len(dots) % 8)
    return bytes(
        sum(bool(dot) << (7 - place) for place, dot in enumerate(padded[at : at + 8]))
        for at in range(0, len(padded), 8)
    )
