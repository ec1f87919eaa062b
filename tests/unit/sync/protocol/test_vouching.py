from __future__ import annotations

from uuid import UUID

import pytest
from pydantic import ValidationError

from sync.protocol.messages import PAGE_SIZE
from sync.protocol.vouching import Vouch, Vouches, read_vouch

VOUCH = Vouch(record_id=UUID(int=1), signature="a.b.c", certificate=b"der")


def test_it_comes_back_as_it_was_sent() -> None:
    sent = Vouches(vouches=(VOUCH,))
    assert Vouches.model_validate_json(sent.model_dump_json()) == sent


def test_beside_a_record_lies_what_was_signed_for_it() -> None:
    written = VOUCH.model_dump_json().encode()
    assert read_vouch(written, str(VOUCH.record_id)) == VOUCH
    for content, record_id in ((written, str(UUID(int=2))), (b"{", str(VOUCH.record_id))):
        with pytest.raises(ValueError, match=r"another record|Invalid JSON"):
            read_vouch(content, record_id)


def test_what_no_kit_would_send_is_refused() -> None:
    for wrong in (
        {"vouches": [VOUCH] * (PAGE_SIZE + 1)},
        {"vouches": [{**VOUCH.model_dump(), "signature": "x" * 5000}]},
    ):
        with pytest.raises(ValidationError):
            Vouches.model_validate(wrong)
