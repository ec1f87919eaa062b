from __future__ import annotations

import base64
import logging
import socket
import threading
import traceback
from collections.abc import Iterator
from dataclasses import replace

import pytest
from pydantic import BaseModel, ValidationError
from support.clock import true_clock
from support.signing import HEAD, LETTER, client, service

from drivers.simulators.bsre import Fault, SimulatedBsre
from drivers.simulators.bsre.server import CAMAT, KEPALA_DINAS, SECRET, USER, WITHOUT_CERTIFICATE, blank_letter
from fieldkit.documents.signature_check import PadesVerifier, draw_box
from fieldkit.domain.errors import SigningError, SigningUnknownError
from fieldkit.ports.vault import AccountState, Appearance, BoxWords, Credentials, Place, Standing
from sync.kit import esign
from sync.kit.esign import (
    BsreClient,
    Service,
    SignAnswer,
    SignatureInformation,
    SignQuestion,
    VerifyAnswer,
    without_empty,
)

INVISIBLE = Appearance()


@pytest.fixture(scope="module")
def _bsre() -> Iterator[SimulatedBsre]:
    with service() as running:
        yield running


@pytest.fixture
def bsre(_bsre: SimulatedBsre) -> SimulatedBsre:
    _bsre.asked.clear()
    _bsre.faults.clear()
    return _bsre


def verdict(bsre: SimulatedBsre, pdf: bytes) -> Standing:
    clock = true_clock()
    clock.advance(minutes=1)
    return PadesVerifier((bsre.ca_pem,), clock).verify(pdf).standing


def test_a_letter_comes_back_with_a_signature_that_holds(bsre: SimulatedBsre) -> None:
    signed = client(bsre).sign_pdf(LETTER, HEAD, INVISIBLE)
    assert signed.content.startswith(LETTER)
    assert verdict(bsre, signed.content) is Standing.VALID
    assert bsre.signings == 1


def test_a_visible_signature_stands_where_it_was_asked_for(bsre: SimulatedBsre) -> None:
    box = draw_box(BoxWords("Ditandatangani secara elektronik oleh:", "Endang"))
    signed = client(bsre).sign_pdf(
        LETTER, HEAD, Appearance(Place(1, 300, 700, 210, 65), box, "Surat balasan", "Blitar")
    )
    assert b"/Rect [ 300 77 510 142 ]" in signed.content
    assert verdict(bsre, signed.content) is Standing.VALID


def test_a_second_person_signs_what_the_first_signed(bsre: SimulatedBsre) -> None:
    first = client(bsre).sign_pdf(LETTER, HEAD, INVISIBLE).content
    second = client(bsre).sign_pdf(first, Credentials(CAMAT.nik, CAMAT.passphrase), INVISIBLE).content
    assert verdict(bsre, second) is Standing.VALID


def test_a_one_time_code_signs_once(bsre: SimulatedBsre) -> None:
    assert "BeSign" in client(bsre).request_totp(KEPALA_DINAS.nik)
    code = Credentials(KEPALA_DINAS.nik, totp=bsre.service.code_of(KEPALA_DINAS.nik))
    assert client(bsre).sign_pdf(LETTER, code, INVISIBLE).content
    with pytest.raises(SigningError, match=r"^tte\.wrong_passphrase$"):
        client(bsre).sign_pdf(LETTER, code, INVISIBLE)


@pytest.mark.parametrize(
    ("credentials", "code"),
    [
        (Credentials("3505010101010001", "x"), "tte.not_registered"),
        (Credentials(WITHOUT_CERTIFICATE.nik, "x"), "tte.no_certificate"),
        (Credentials(KEPALA_DINAS.nik, "salah"), "tte.wrong_passphrase"),
    ],
)
def test_known_refusals_have_their_own_words(bsre: SimulatedBsre, credentials: Credentials, code: str) -> None:
    with pytest.raises(SigningError, match=f"^{code}$") as caught:
        client(bsre).sign_pdf(LETTER, credentials, INVISIBLE)
    assert not isinstance(caught.value, SigningUnknownError)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault.NO_ANSWER, "tte.unknown"),
        (Fault.HANG_UP, "tte.unknown"),
        (Fault.HALF, "tte.unknown"),
        (Fault.GARBAGE, "tte.unknown_answer"),
        (Fault.ERROR_500, "tte.unknown_failure"),
        (Fault.GATEWAY_PAGE, "tte.unknown_failure"),
        (Fault.ANOTHER_DOCUMENT, "tte.unknown_document"),
        (Fault.UNSIGNED, "tte.unknown_document"),
    ],
)
def test_after_sending_every_doubt_is_unknown_and_nothing_is_asked_twice(
    bsre: SimulatedBsre, fault: Fault, code: str
) -> None:
    bsre.arm(fault)
    with pytest.raises(SigningUnknownError, match=f"^{code}"):
        client(bsre, answer_s=0.3 if fault is Fault.NO_ANSWER else 20).sign_pdf(LETTER + b"\n", HEAD, INVISIBLE)
    assert bsre.signings == 1


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        ((503, {"error": "sibuk", "status_code": 9}), SigningUnknownError, "tte.unknown_failure"),
        ((500, {"error": "salah", "status_code": 2031}), SigningError, "tte.wrong_passphrase"),
        ((400, {"error": "NIK tidak boleh kosong", "status_code": 2005}), SigningError, "tte.refused"),
        ((413, {}), SigningError, "tte.refused"),
        ((404, {}), SigningError, "tte.address_wrong"),
        ((200, {"file": []}), SigningUnknownError, "tte.unknown_document"),
        ((200, {"file": ["~"]}), SigningUnknownError, "tte.unknown_document"),
        ((200, {"file": "x"}), SigningUnknownError, "tte.unknown_answer"),
        ((204, {}), SigningUnknownError, "tte.unknown_answer"),
    ],
)
def test_what_an_answer_proves(
    bsre: SimulatedBsre, monkeypatch: pytest.MonkeyPatch, answer: tuple, kind: type[SigningError], code: str
) -> None:
    monkeypatch.setattr(bsre, "reply", lambda *_: answer)
    with pytest.raises(SigningError, match=f"^{code}") as caught:
        client(bsre).sign_pdf(LETTER, HEAD, INVISIBLE)
    assert type(caught.value) is kind
    assert bsre.signings == 1


def test_the_answer_to_another_letter_is_not_believed(bsre: SimulatedBsre) -> None:
    client(bsre).sign_pdf(LETTER, HEAD, INVISIBLE)
    bsre.arm(Fault.REPLAY)
    with pytest.raises(SigningUnknownError, match=r"tte\.unknown_document"):
        client(bsre).sign_pdf(blank_letter() + b"%2\n", HEAD, INVISIBLE)


def test_a_slow_answer_is_waited_for(bsre: SimulatedBsre) -> None:
    bsre.arm(Fault.SLOW)
    assert client(bsre).sign_pdf(LETTER, HEAD, INVISIBLE).content


def test_a_redirect_is_not_followed_with_the_passphrase(bsre: SimulatedBsre) -> None:
    bsre.arm(Fault.REDIRECT)
    with pytest.raises(SigningError, match=r"tte\.address_wrong"):
        client(bsre).sign_pdf(LETTER, HEAD, INVISIBLE)
    assert bsre.signings == 1


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://127.0.0.1:1", "tte.unreachable"),
        ("http://127.0.0.1:1", "tte.tls_required"),
        ("ftp://127.0.0.1", "tte.tls_required"),
        ("https://a:b@127.0.0.1", "tte.address_wrong"),
        ("no address", "tte.address_wrong"),
        ("", "tte.address_wrong"),
    ],
)
def test_before_sending_nothing_is_unknown(bsre: SimulatedBsre, url: str, code: str) -> None:
    with pytest.raises(SigningError, match=f"^{code}") as caught:
        client(bsre, url=url).sign_pdf(LETTER, HEAD, INVISIBLE)
    assert not isinstance(caught.value, SigningUnknownError)
    assert bsre.signings == 0


def test_plain_http_never_sees_a_byte() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(SigningError, match=r"tte\.tls_required"):
            BsreClient(Service(url, USER, SECRET)).sign_pdf(LETTER, HEAD, INVISIBLE)
        listener.settimeout(0.05)
        with pytest.raises(TimeoutError):
            listener.accept()


def test_a_service_with_a_foreign_certificate_is_not_told_anything(bsre: SimulatedBsre) -> None:
    for ca in (bsre.ca_pem, ""):
        with pytest.raises(SigningError, match=r"tte\.untrusted_service"):
            client(bsre, ca=ca).sign_pdf(LETTER, HEAD, INVISIBLE)
    assert bsre.asked == []
    with pytest.raises(SigningError, match=r"tte\.ca_unreadable"):
        client(bsre, ca="-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----").account("1")


def test_a_line_that_breaks_while_sending_is_no_doubt(bsre: SimulatedBsre) -> None:
    """The service cannot act upon half a question, so the person may simply try again."""
    with _BreaksAfterHead(bsre) as url, pytest.raises(SigningError, match=r"^tte\.unreachable$") as caught:
        client(bsre, url=url).sign_pdf(LETTER + b"%" * 15_000_000, HEAD, INVISIBLE)
    assert not isinstance(caught.value, SigningUnknownError)


def test_accounts_are_told_by_their_state(bsre: SimulatedBsre) -> None:
    ask = client(bsre).account
    assert ask(KEPALA_DINAS.nik).state is AccountState.ISSUED
    assert ask("1").state is AccountState.NOT_REGISTERED
    assert ask(WITHOUT_CERTIFICATE.nik).state is AccountState.NO_CERTIFICATE
    bsre.arm(Fault.NO_ANSWER)
    with pytest.raises(SigningError, match=r"tte\.unreachable"):
        client(bsre, answer_s=0.2).account("1")  # a question changes nothing, so nothing is unknown


def test_the_service_verifies(bsre: SimulatedBsre, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client(bsre).verify(LETTER).standing is Standing.UNSIGNED
    told = {
        "conclusion": "VALID",
        "signatureCount": 1,
        "signatureInformations": [
            {
                "signerName": "Ani",
                "integrityValid": True,
                "certificateTrusted": True,
                "signatureDate": "2026-09-17T10:41:49.000+00:00",
                "timestampInfomation": {"signerName": "TSA BSSN", "timestampDate": "2026-09-17T10:47:36.000+00:00"},
                "certificateDetails": [{"issuerName": "CN=OSD LU Kelas 2"}],
            }
        ],
    }
    monkeypatch.setattr(bsre, "reply", lambda *_: (200, told))
    seen = client(bsre).verify(LETTER)
    assert seen.standing is Standing.VALID
    assert seen.signatures[0].signed_at is not None
    assert seen.signatures[0].signed_at.minute == 47
    monkeypatch.setattr(bsre, "reply", lambda *_: (200, told | {"signatureCount": 2}))
    with pytest.raises(SigningError, match=r"tte\.answer_wrong"):
        client(bsre).verify(LETTER)
    monkeypatch.setattr(bsre, "reply", lambda *_: (200, told | {"conclusion": "INVALID"}))
    with pytest.raises(SigningError, match=r"tte\.refused"):
        client(bsre).verify(LETTER)


@pytest.mark.days
def test_secrets_are_in_no_log_error_or_repr(bsre: SimulatedBsre, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    told = [repr(HEAD), repr(replace(HEAD, totp="271828")), repr(Service(bsre.url, USER, SECRET))]
    behind: list[BaseException | None] = []
    for fault in Fault:
        bsre.arm(fault)
        try:
            client(bsre, answer_s=0.3 if fault is Fault.NO_ANSWER else 20).sign_pdf(LETTER, HEAD, INVISIBLE)
        except SigningError as error:
            told += [str(error), repr(error), str(error.problem), "".join(traceback.format_exception(error))]
            behind.append(error.__cause__ or error.__context__)
    assert behind
    assert not any(behind)  # a library's exception may hold the request
    told.append(caplog.text)
    for secret in (HEAD.nik, HEAD.passphrase, "271828", SECRET, base64.b64encode(f"{USER}:{SECRET}".encode()).decode()):
        assert secret not in "\n".join(told)


def test_a_letter_that_is_too_big_is_not_sent(bsre: SimulatedBsre) -> None:
    with pytest.raises(SigningError, match=r"tte\.pdf_huge"):
        client(bsre).sign_pdf(b"%" * (20 * 1024 * 1024 + 1), HEAD, INVISIBLE)
    assert bsre.asked == []


class _BreaksAfterHead:
    """A TLS server that resets the line while the question is still coming."""

    def __init__(self, bsre: SimulatedBsre) -> None:
        self._context = bsre.tls_context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> str:
        self._thread.start()
        return f"https://127.0.0.1:{self._listener.getsockname()[1]}"

    def __exit__(self, *_: object) -> None:
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        tls = self._context.wrap_socket(connection, server_side=True)
        tls.recv(1024)
        tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        tls.close()


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
    models = [each for each in vars(esign).values() if isinstance(each, type) and issubclass(each, BaseModel)]
    shown = {name for model in models for name, field in model.model_fields.items() if field.repr}
    hidden = {name for model in models for name, field in model.model_fields.items() if not field.repr}
    assert {"nik", "passphrase", "totp", "file"} <= hidden
    assert not shown & hidden, "what is hidden in one word is in none shown"


def test_a_signature_of_which_nothing_is_said_is_not_valid() -> None:
    said = SignatureInformation()
    assert (said.integrityValid, said.certificateTrusted) == (False, False)
