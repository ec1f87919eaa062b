from __future__ import annotations

from uuid import UUID

import pytest
from pydantic import ValidationError

from sync.protocol.messages import PAGE_SIZE
from sync.protocol.vouching import Vouch, Vouches

VOUCH = Vouch(record_id=UUID(int=1), signature="a.b.c", certificate=b"der")


def test_it_comes_back_as_it_was_sent() -> None:
    sent = Vouches(vouches=(VOUCH,))
    assert Vouches.model_validate_json(sent.model_dump_json()) == sent


def test_what_no_kit_would_send_is_refused() -> None:
    for wrong in (
        {"vouches": [VOUCH] * (PAGE_SIZE + 1)},
        {"vouches": [{**VOUCH.model_dump(), "signature": "x" * 5000}]},
    ):
        with pytest.raises(ValidationError):
            Vouches.model_validate(wrong)
