from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from pydantic import ValidationError

from fieldkit.domain.people import Role
from sync.protocol.messages import CaAnswer, Health, HelloAnswer, Manifest, ReconcileQuestion, Token, UserRequest

GOOD = {
    "record_id": str(uuid4()),
    "kit": "kit-01",
    "size_bytes": 1,
    "sha256": "a" * 64,
    "sealed_at": "2026-11-21T03:00:00+00:00",
    "sequence": 1,
}


def test_a_manifest_is_read_and_strange_members_are_ignored() -> None:
    manifest = Manifest.model_validate({**GOOD, "new": 1})
    assert manifest.sealed_at == datetime(2026, 11, 21, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    "wrong",
    [
        {"record_id": "../../etc"},
        {"kit": "a/b"},
        {"kit": ""},
        {"size_bytes": 0},
        {"sha256": "A" * 64},
        {"sealed_at": "2026-11-21T03:00:00"},
        {"sequence": -1},
    ],
)
def test_a_wrong_manifest_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Manifest.model_validate({**GOOD, **wrong})


def test_der_travels_as_base64() -> None:
    answer = CaAnswer(ca_certificate=b"\x30\x00\xff")
    text = answer.model_dump_json()
    assert text == '{"ca_certificate":"MAD/"}'
    assert CaAnswer.model_validate_json(text) == answer
    with pytest.raises(ValidationError):
        CaAnswer.model_validate_json('{"ca_certificate":"M!"}')


def test_a_role_must_be_one_of_the_house() -> None:
    user = {"user_id": "budi", "name": "Budi", "role": "ketua_tim", "csr": b"x"}
    assert UserRequest.model_validate(user).role is Role.KETUA_TIM
    with pytest.raises(ValidationError):
        UserRequest.model_validate({**user, "role": "root"})


def test_a_page_is_bounded() -> None:
    digest = {"record_id": str(uuid4()), "sha256": "0" * 64}
    with pytest.raises(ValidationError):
        ReconcileQuestion.model_validate({"records": [digest] * 201})


def test_messages_are_frozen() -> None:
    answer = HelloAnswer(
        protocol=1,
        oldest_protocol=1,
        gateway="g",
        server_time=datetime.now(UTC),
        free_bytes=1,
        max_record_bytes=1,
        max_chunk_bytes=1,
    )
    with pytest.raises(ValidationError):
        answer.gateway = "other"


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-11-21T03:00:00"])
def test_a_time_out_of_reach_is_refused(at: str) -> None:
    health = {"status": "ok", "gateway": "g", "protocol": 1}
    with pytest.raises(ValidationError):
        Health.model_validate({**health, "time": at})
    inside = Health.model_validate({**health, "time": "2026-11-21T10:00:00+07:00"})
    assert inside.time.isoformat() == "2026-11-21T03:00:00+00:00"


def test_a_token_must_fit_into_a_header() -> None:
    token = {"access_token": "abc", "token_type": "Bearer", "expires_in": 600}
    assert Token.model_validate(token).expires_in == 600
    for wrong in ({"access_token": "a\nb"}, {"access_token": "ö"}, {"expires_in": -1}, {"expires_in": 2**60}):
        with pytest.raises(ValidationError):
            Token.model_validate({**token, **wrong})
