from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from sync.kit import esign_wire
from sync.kit.esign_wire import SignAnswer, SignatureInformation, SignQuestion, VerifyAnswer, without_empty


@pytest.mark.parametrize("spelling", ["timestampInfomation", "timestampInformation"])
def test_the_misspelt_key_and_the_right_one_are_understood(spelling: str) -> None:
    answer = VerifyAnswer.model_validate(
        {"conclusion": "VALID", "signatureInformations": [{spelling: {"signerName": "TSA"}, "ltv": False}]}
    )
    assert answer.signatureInformations is not None
    assert answer.signatureInformations[0].timestamp is not None
    assert answer.signatureInformations[0].timestamp.signerName == "TSA"


def test_what_is_not_said_is_not_sent_and_secrets_stay_out_of_repr() -> None:
    question = SignQuestion(nik="123", passphrase="rahasia", signatureProperties=(), file=("JVBERi0=",))
    assert set(without_empty(question)) == {"nik", "passphrase", "signatureProperties", "file"}
    assert "rahasia" not in repr(question)
    assert "123" not in repr(question)


def test_an_unreadable_answer_is_not_repeated_in_the_error() -> None:
    with pytest.raises(ValidationError) as caught:
        SignAnswer.model_validate_json('{"file": "rahasia"}')
    assert "rahasia" not in str(caught.value)


def test_what_is_secret_or_personal_is_never_shown() -> None:
    models = [each for each in vars(esign_wire).values() if isinstance(each, type) and issubclass(each, BaseModel)]
    shown = {name for model in models for name, field in model.model_fields.items() if field.repr}
    hidden = {name for model in models for name, field in model.model_fields.items() if not field.repr}
    assert {"nik", "passphrase", "totp", "file"} <= hidden
    assert not shown & hidden, "what is hidden in one word is in none shown"


def test_a_signature_of_which_nothing_is_said_is_not_valid() -> None:
    said = SignatureInformation()
    assert (said.integrityValid, said.certificateTrusted) == (False, False)
