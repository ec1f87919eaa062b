from __future__ import annotations

import base64

import pytest
from cryptography import x509
from support.clock import NOW, HandClock
from support.signing import LETTER

from drivers.simulators.bsre.authority import Authority, SigningService
from drivers.simulators.bsre.server import KEPALA_DINAS, PEOPLE, WITHOUT_CERTIFICATE
from fieldkit.documents.signature_check import PadesVerifier
from fieldkit.ports.vault import Standing


def test_every_certificate_is_the_authoritys_own_and_lives_a_month() -> None:
    authority = Authority("CA Demo", NOW)
    root = x509.load_der_x509_certificate(authority.certificate)
    for certified in (authority.signer("Budi"), authority.server("127.0.0.1")):
        certificate = x509.load_der_x509_certificate(certified.certificate)
        certificate.verify_directly_issued_by(root)
        assert (certificate.not_valid_after_utc - NOW).days == 30


def test_the_clock_may_only_certify_times() -> None:
    certificate = x509.load_der_x509_certificate(Authority("CA Demo", NOW).timestamps("Waktu").certificate)
    use = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert use.critical
    assert [oid.dotted_string for oid in use.value] == ["1.3.6.1.5.5.7.3.8"]


def test_private_keys_stay_out_of_repr() -> None:
    assert "private" not in repr(Authority("CA Demo", NOW).signer("Budi"))


QUESTION = {
    "nik": KEPALA_DINAS.nik,
    "passphrase": KEPALA_DINAS.passphrase,
    "signatureProperties": [{"tampilan": "INVISIBLE"}],
    "file": [base64.b64encode(LETTER).decode()],
}


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority("CA Demo", NOW)


@pytest.fixture
def service(authority: Authority) -> SigningService:
    return SigningService(authority, PEOPLE, lambda: NOW)


def test_it_really_signs_with_a_certified_time(service: SigningService, authority: Authority) -> None:
    status, answer = service.sign(QUESTION)
    signed = base64.b64decode(answer["file"][0])
    verdict = PadesVerifier((authority.pem,), HandClock()).verify(signed)
    assert status == 200
    assert verdict.standing is Standing.VALID
    assert (verdict.signatures[0].signer, verdict.signatures[0].signed_at) == (KEPALA_DINAS.name, NOW)
    assert verdict.signatures[0].is_time_certified


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"nik": "1"}, 2011),
        ({"nik": WITHOUT_CERTIFICATE.nik, "passphrase": WITHOUT_CERTIFICATE.passphrase}, 2021),
        ({"passphrase": "salah"}, 2031),
        ({"totp": "000000"}, 2031),
        ({"file": []}, 2001),
    ],
)
def test_it_refuses_with_the_codes_of_the_real_one(service: SigningService, changes: dict, code: int) -> None:
    assert service.sign(QUESTION | changes) == (
        400,
        {"error": service.sign(QUESTION | changes)[1]["error"], "status_code": code},
    )


def test_a_file_that_is_no_pdf_makes_it_fail_like_the_real_one(service: SigningService) -> None:
    assert service.sign(QUESTION | {"file": ["Zm9v"]})[0] == 500


def test_a_code_signs_once(service: SigningService) -> None:
    assert service.totp(KEPALA_DINAS.nik)[1]["success"]
    question = {**QUESTION, "totp": service.code_of(KEPALA_DINAS.nik)}
    del question["passphrase"]
    assert service.sign(question)[0] == 200
    assert service.sign(question)[1]["status_code"] == 2031
    assert service.totp("1")[1]["status_code"] == 2011
