"""How a kit hands in what team leads signed for records of older programs."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from sync.protocol.messages import PAGE_SIZE, Der, Message, Word


class Vouch(Message):
    """A team lead answers for a sealed record: a compact JWS over its id and digest, and the lead's certificate."""

    record_id: UUID
    signature: Word
    certificate: Der


class Vouches(Message):
    """At most `PAGE_SIZE` of them."""

    vouches: tuple[Vouch, ...] = Field(max_length=PAGE_SIZE)


def read_vouch(content: bytes, record_id: str) -> Vouch:
    """Read what lies beside a record on a stick. Raise `ValueError` for what is none, or of another record."""
    vouch = Vouch.model_validate_json(content)
    if str(vouch.record_id) != record_id:
        raise ValueError("another record")
    return vouch


class VouchesAnswer(Message):
    """One word per vouch: "" kept, "vouch.unknown" for a record that is not here."""

    words: tuple[str, ...] = ()
