"""What the service says besides a signature: refusals, codes, verdicts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.signing import LETTER, client, service

from drivers.simulators.bsre import SimulatedBsre
from fieldkit.domain.errors import SigningError
from fieldkit.ports.vault import Standing


@pytest.fixture(scope="module")
def bsre() -> Iterator[SimulatedBsre]:
    with service() as running:
        yield running


@pytest.mark.parametrize(
    ("answer", "code", "told"),
    [
        ((401, {}), "tte.service_login", {}),
        ((403, {}), "tte.service_login", {}),
        ((300, {}), "tte.address_wrong", {}),
        ((399, {}), "tte.address_wrong", {}),
        ((400, {"error": "salah", "message": "x"}), "tte.refused", {"message": "salah", "status": 400}),
        ((400, {"message": "  ganti \n sandi "}), "tte.refused", {"message": "ganti sandi", "status": 400}),
        ((400, {}), "tte.refused", {"message": "–", "status": 400}),
        (
            (400, {"error": "NIK 1 salah", "status_code": 2005}),
            "tte.refused",
            {"message": "NIK ••• salah", "status": 2005},
        ),
        ((500, {"error": "x"}), "tte.service_failed", {"status": 500}),
    ],
)
def test_a_refusal_says_what_to_do(
    bsre: SimulatedBsre, monkeypatch: pytest.MonkeyPatch, answer: tuple, code: str, told: dict[str, object]
) -> None:
    monkeypatch.setattr(bsre, "reply", lambda *_: answer)
    with pytest.raises(SigningError, match=f"^{code}") as caught:
        client(bsre).account("1")
    assert caught.value.problem.params == told


def test_a_one_time_code_that_is_not_on_its_way_is_told(bsre: SimulatedBsre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bsre, "reply", lambda *_: (200, {"success": False, "message": "NIK 1 diblokir"}))
    with pytest.raises(SigningError, match=r"^tte\.refused") as caught:
        client(bsre).request_totp("1")
    assert caught.value.problem.params == {"message": "NIK ••• diblokir", "status": 200}


DATE, LATER = "2026-09-17T10:41:49+00:00", "2026-09-17T10:47:36+00:00"


@pytest.mark.parametrize(
    ("told", "signer", "minute", "is_certified", "issuer"),
    [
        ({}, "", None, False, ""),
        ({"signerName": "Ani", "signatureDate": DATE}, "Ani", 41, False, ""),
        ({"signatureDate": DATE, "timestampInformation": {"timestampDate": LATER}}, "", 47, True, ""),
        ({"signatureDate": DATE, "timestampInformation": {"signerName": "TSA"}}, "", 41, True, ""),
        ({"timestampInformation": {"timestampDate": LATER}}, "", 47, True, ""),
        ({"certificateDetails": []}, "", None, False, ""),
        ({"certificateDetails": [{"commonName": "Ani"}]}, "", None, False, ""),
        ({"certificateDetails": [{"issuerName": "OSD"}, {"issuerName": "root"}]}, "", None, False, "OSD"),
    ],
)
def test_what_the_service_says_of_a_signature_is_seen_as_far_as_it_goes(
    bsre: SimulatedBsre,
    monkeypatch: pytest.MonkeyPatch,
    told: dict[str, object],
    signer: str,
    minute: int | None,
    is_certified: bool,
    issuer: str,
) -> None:
    answer = {"conclusion": "INVALID", "signatureCount": 1, "signatureInformations": [told]}
    monkeypatch.setattr(bsre, "reply", lambda *_: (200, answer))
    (seen,) = client(bsre).verify(LETTER).signatures
    assert (seen.signer, seen.is_time_certified, seen.issuer) == (signer, is_certified, issuer)
    assert (seen.signed_at and seen.signed_at.minute) == minute


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"conclusion": "VALID", "signatureCount": 0}, None),  # of no signature nothing is concluded
        ({"conclusion": "NO_SIGNATURE", "signatureInformations": []}, None),
        ({"conclusion": "VALID", "signatureCount": 1, "signatureInformations": [{}]}, "VALID "),
        (
            {"conclusion": "VALID", "description": "utuh", "signatureCount": 1, "signatureInformations": [{}]},
            "VALID utuh",
        ),
    ],
)
def test_a_conclusion_that_knows_more_than_its_details_is_not_believed(
    bsre: SimulatedBsre, monkeypatch: pytest.MonkeyPatch, answer: dict[str, object], message: str | None
) -> None:
    monkeypatch.setattr(bsre, "reply", lambda *_: (200, answer))
    if message is None:
        assert client(bsre).verify(LETTER).standing is Standing.UNSIGNED
        return
    with pytest.raises(SigningError, match=r"^tte\.refused") as caught:
        client(bsre).verify(LETTER)
    assert caught.value.problem.params == {"message": message, "status": 200}
