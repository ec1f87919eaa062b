"""Commands to a card as bytes: short and extended forms (ISO/IEC 7816-4, 5.2)."""

from __future__ import annotations

from dataclasses import dataclass

from drivers.trace import Payload
from fieldkit.ports.devices import ProtocolError

OK = b"\x90\x00"
MAX_SHORT_DATA, MAX_SHORT_ANSWER = 255, 256
MAX_DATA, MAX_ANSWER = 0xFFFF, 0x10000


@dataclass(frozen=True, slots=True)
class Command:
    """A C-APDU. `answer_bytes` is Le as a count, 1–65,536; None when no data are awaited."""

    head: bytes  # CLA INS P1 P2
    data: bytes = b""
    answer_bytes: int | None = None

    def encode(self) -> bytes:
        """Return the bytes, extended only where the short form is too small. Raise `ProtocolError`."""
        awaited = self.answer_bytes
        if len(self.head) != 4 or len(self.data) > MAX_DATA or not (awaited is None or 1 <= awaited <= MAX_ANSWER):
            raise ProtocolError("device.pcsc.apdu")
        if len(self.data) <= MAX_SHORT_DATA and (awaited or 0) <= MAX_SHORT_ANSWER:
            length = bytes((len(self.data),)) if self.data else b""
            return self.head + length + self.data + (b"" if awaited is None else bytes((awaited & 0xFF,)))
        length = len(self.data).to_bytes(2, "big") if self.data else b""
        end = b"" if awaited is None else (awaited & 0xFFFF).to_bytes(2, "big")
        return self.head + b"\0" + length + self.data + end


def decode(apdu: bytes) -> Command:
    """Read a C-APDU of any of the seven cases. Raise `ProtocolError` when its lengths do not fit."""
    head, body = apdu[:4], apdu[4:]
    if len(head) == 4:
        if not body:
            return Command(head)
        if len(body) == 1:
            return Command(head, b"", body[0] or MAX_SHORT_ANSWER)
        if body[0]:
            return _with_data(head, body[1 : 1 + body[0]], body[0], body[1 + body[0] :], MAX_SHORT_ANSWER)
        if len(body) == 3:
            return Command(head, b"", int.from_bytes(body[1:], "big") or MAX_ANSWER)
        length = int.from_bytes(body[1:3], "big")
        if len(body) > 3 and length:
            return _with_data(head, body[3 : 3 + length], length, body[3 + length :], MAX_ANSWER)
    raise ProtocolError("device.pcsc.apdu")


def traced_command(apdu: bytes) -> dict[str, object]:
    """Return a C-APDU as a trace shows it: of anything but SELECT without its data."""
    try:
        command = decode(apdu)
    except ProtocolError:
        return {"apdu": apdu[:4], "data": Payload(apdu[4:])}
    if is_select(apdu) or not command.data:
        return {"apdu": apdu}
    return {"apdu": command.head, "data": Payload(command.data), "awaited": command.answer_bytes}


def traced_answer(apdu: bytes, answer: bytes) -> dict[str, object]:
    """Return the R-APDU of a command as a trace shows it: of anything but SELECT without its data."""
    content, status = answer[:-2], answer[-2:]
    return {"data": content if is_select(apdu) else Payload(content), "status": status}


def is_select(apdu: bytes) -> bool:
    """Return whether a command selects a file in plain words (ISO/IEC 7816-4, SELECT)."""
    return apdu[:2] == b"\x00\xa4"


def _with_data(head: bytes, data: bytes, length: int, end: bytes, most: int) -> Command:
    is_short = most == MAX_SHORT_ANSWER
    if len(data) == length and len(end) in ((0, 1) if is_short else (0, 2)):
        return Command(head, data, (int.from_bytes(end, "big") or most) if end else None)
    raise ProtocolError("device.pcsc.apdu")
