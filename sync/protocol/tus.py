"""tus 1.0.0: headers both ways, without any IO (https://tus.io/protocols/resumable-upload)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

VERSION = "1.0.0"
CREATION_WITH_UPLOAD = "creation-with-upload"
EXTENSIONS = f"creation,{CREATION_WITH_UPLOAD},checksum,expiration,termination"
# The specification obliges a server to know sha1; our own kit always sends sha256.
CHECKSUM_ALGORITHMS = ("sha256", "sha1")
OFFSET_CONTENT_TYPE = "application/offset+octet-stream"
CHECKSUM_MISMATCH = 460
# Not of tus: the signed receipt, on the answer to the last bytes of a record. Who does not know it asks for it.
RECEIPT_HEADER = "Fieldkit-Receipt"
_MAX_OFFSET = 2**53


class TusHeaderError(ValueError):
    """A header that the protocol does not allow; the text is for the other side."""


@dataclass(frozen=True, slots=True)
class Checksum:
    """An `Upload-Checksum`: algorithm and raw digest."""

    algorithm: str
    digest: bytes

    def header(self) -> str:
        """Return the header's value."""
        return f"{self.algorithm} {base64.b64encode(self.digest).decode('ascii')}"

    def matches(self, chunk: bytes) -> bool:
        """Return whether the digest is the chunk's."""
        return hashlib.new(self.algorithm, chunk, usedforsecurity=False).digest() == self.digest


def parse_checksum(value: str) -> Checksum:
    """Read `Upload-Checksum`. Raise `TusHeaderError` for an unknown algorithm or bad base64."""
    algorithm, _, encoded = value.strip().partition(" ")
    if algorithm not in CHECKSUM_ALGORITHMS:
        raise TusHeaderError(f"checksum algorithm {algorithm!r} is not supported")
    try:
        return Checksum(algorithm, base64.b64decode(encoded, validate=True))
    except binascii.Error as error:
        raise TusHeaderError("checksum is not base64") from error


def parse_size(name: str, value: str | None) -> int:
    """Read `Upload-Offset` or `Upload-Length`: ASCII digits below 2**53. Raise `TusHeaderError`."""
    if value is None or not (value.isascii() and value.isdigit()) or len(value) > 16 or int(value) > _MAX_OFFSET:
        raise TusHeaderError(f"{name} must be a whole number")
    return int(value)


def write_metadata(pairs: Mapping[str, str]) -> str:
    """Return `Upload-Metadata`: `key base64` pairs joined by commas."""
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode('ascii')}" for key, value in pairs.items())


def parse_metadata(value: str) -> dict[str, str]:
    """Read `Upload-Metadata`. Raise `TusHeaderError` for a repeated key or a value that is not base64 of UTF-8."""
    pairs: dict[str, str] = {}
    for part in filter(None, (piece.strip() for piece in value.split(","))):
        key, _, encoded = part.partition(" ")
        if not key.isascii() or key in pairs:
            raise TusHeaderError("metadata keys must be ASCII and unique")
        try:
            pairs[key] = base64.b64decode(encoded, validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise TusHeaderError(f"metadata {key} is not base64 of UTF-8") from error
    return pairs


def piece_headers(offset: int) -> dict[str, str]:
    """Return the headers of a PATCH whose bytes count as far as they come; nothing vouches for them until the whole."""
    return {"Tus-Resumable": VERSION, "Upload-Offset": str(offset), **content_headers()}


def content_headers(sha256: str = "") -> dict[str, str]:
    """Return the headers about the bytes of a request; `sha256` is their digest in hex, "" where none vouches."""
    checksum = {"Upload-Checksum": Checksum("sha256", bytes.fromhex(sha256)).header()} if sha256 else {}
    return {"Content-Type": OFFSET_CONTENT_TYPE, **checksum}


def creation_headers(length: int, record_id: str) -> dict[str, str]:
    """Return the headers of a POST that creates the upload of a record, or finds it again."""
    return {
        "Tus-Resumable": VERSION,
        "Upload-Length": str(length),
        "Upload-Metadata": write_metadata({"record_id": record_id}),
    }
