"""Reading what a service sends: JSON of unknown origin into values, or a `ProtocolError`."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, datetime

from fieldkit.ports.devices import ProtocolError


def broken(reason: str) -> ProtocolError:
    """Return the error of an answer that is not what the interface says."""
    return ProtocolError("device.sbi.reply", reason=reason)


def parse_json(body: bytes) -> object:
    """Decode a JSON body. Raise `ProtocolError`."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise broken("json") from error


def as_object(value: object, name: str) -> dict[str, object]:
    """Return a JSON object. Raise `ProtocolError` naming the field."""
    if not isinstance(value, dict):
        raise broken(name)
    return value


def as_list(value: object, name: str) -> list[object]:
    """Return a JSON array. Raise `ProtocolError` naming the field."""
    if not isinstance(value, list):
        raise broken(name)
    return value


def text(item: dict[str, object], name: str) -> str:
    """Return a text field, "" when absent or null; numbers are taken as text. Raise `ProtocolError`."""
    value = item.get(name)
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise broken(name)


def texts(item: dict[str, object], name: str) -> tuple[str, ...]:
    """Return an array of texts; a lone text counts as an array of one."""
    value = item.get(name)
    if value is None:
        return ()
    if isinstance(value, str | int):
        return (str(value),)
    return tuple(str(v) for v in as_list(value, name) if isinstance(v, str | int))


def score(item: dict[str, object], name: str) -> int:
    """Return a score 0–100; services send it as text, whole number or fraction. Raise `ProtocolError`."""
    value = item.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise broken(name)
    try:
        number = float(value)
    except (ValueError, OverflowError) as error:
        raise broken(name) from error
    if not 0 <= number <= 100:  # also refuses NaN
        raise broken(name)
    return round(number)


def moment(item: dict[str, object], name: str) -> datetime:
    """Return an ISO 8601 time; one without zone is UTC, as the interface says. Raise `ProtocolError`."""
    try:
        at = datetime.fromisoformat(text(item, name))
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise broken(name) from error


def base64url(encoded: str, name: str) -> bytes:
    """Decode base64url with or without padding. Raise `ProtocolError`."""
    plain = encoded.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise broken(name) from error


def error_of(item: dict[str, object]) -> tuple[int, str]:
    """Return code and sentence of an item's `error`; (0, "") when there is none. Raise `ProtocolError`."""
    error = item.get("error")
    if error is None:
        return 0, ""
    found = as_object(error, "error")
    code = text(found, "errorCode") or "0"
    if not (code.isascii() and code.isdigit() and len(code) <= 5):
        raise broken("errorCode")
    return int(code), text(found, "errorInfo")
