from __future__ import annotations

import random
import shutil
import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from asn1crypto.cms import CMSAttributeType
from asn1crypto.x509 import ExtensionId
from PIL import Image
from support.clock import NOW, HandClock
from support.signing import LETTER, altered_after

from drivers.simulators.bsre.authority import Authority, SigningService
from drivers.simulators.bsre.server import CAMAT, KEPALA_DINAS, PEOPLE
from fieldkit.documents.signature_check import MAX_PDF_BYTES, PadesVerifier, certificates_in, complete_names, draw_box
from fieldkit.domain.errors import InputError
from fieldkit.ports.vault import BoxWords, Standing, Verdict

INVISIBLE = {"tampilan": "INVISIBLE"}


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority("CA Demo", NOW)


@pytest.fixture(scope="module")
def context(authority: Authority) -> SigningService:
    return SigningService(authority, PEOPLE, lambda: NOW)


@pytest.fixture(scope="module")
def signed(context: SigningService) -> bytes:
    return context.signed(LETTER, KEPALA_DINAS.nik, INVISIBLE)


def check(authority: Authority, pdf: bytes, **later: float) -> Verdict:
    clock = HandClock()
    clock.advance(**later)
    return PadesVerifier((authority.pem,), clock).verify(pdf)


def test_a_signed_letter_names_who_and_when(authority: Authority, signed: bytes) -> None:
    verdict = check(authority, signed)
    (seen,) = verdict.signatures
    assert verdict.standing is Standing.VALID
    assert (seen.signer, seen.signed_at, seen.issuer) == (KEPALA_DINAS.name, NOW, "CA Demo")


def test_two_signatures_one_after_the_other(authority: Authority, context: SigningService, signed: bytes) -> None:
    verdict = check(authority, context.signed(signed, CAMAT.nik, INVISIBLE))
    assert verdict.standing is Standing.VALID
    assert [seen.signer for seen in verdict.signatures] == [KEPALA_DINAS.name, CAMAT.name]


def test_a_letter_without_signature_says_so(authority: Authority) -> None:
    assert check(authority, LETTER).standing is Standing.UNSIGNED


def test_a_signer_of_an_unknown_authority_is_not_trusted(signed: bytes) -> None:
    for trust in ((), (Authority("CA Demo", NOW).pem,)):  # also not one of the same name
        verdict = PadesVerifier(trust, HandClock()).verify(signed)
        assert verdict.standing is Standing.UNTRUSTED
        assert verdict.signatures[0].is_intact


def test_a_signature_outlives_its_certificate_because_its_time_is_certified(
    authority: Authority, signed: bytes
) -> None:
    assert check(authority, signed, days=400).standing is Standing.VALID


@pytest.mark.days
def test_a_certificate_that_had_ended_when_it_signed(authority: Authority) -> None:
    late = SigningService(authority, PEOPLE, lambda: HandClock().at.replace(year=2027))
    verdict = check(authority, late.signed(LETTER, KEPALA_DINAS.nik, INVISIBLE), days=400)
    assert verdict.standing is Standing.UNTRUSTED


@pytest.mark.parametrize(
    "attack",
    [
        lambda pdf: pdf.replace(b"0 0 595 842", b"0 0 595 843", 1),
        altered_after,
        lambda pdf: pdf + b"\n% one more word",
        lambda pdf: _shrunk_range(pdf),
        lambda pdf: _range_that_leaves_out(pdf),
    ],
    ids=["content", "update behind it", "bytes behind it", "range ends early", "range leaves out the page"],
)
def test_what_was_changed_after_signing_is_never_valid(authority: Authority, signed: bytes, attack) -> None:
    attacked = attack(signed)
    assert attacked != signed
    assert check(authority, attacked).standing is Standing.CHANGED


@pytest.mark.days
def test_no_flipped_byte_goes_unseen(authority: Authority, signed: bytes) -> None:
    chance = random.Random(7)
    start, end = _signature_value(signed)
    verdicts = set()
    for _ in range(120):
        at = chance.randrange(len(signed))
        if start < at < end and signed[at] in b"0":
            continue  # the zeros behind the signature's value stand for nothing
        broken = bytearray(signed)
        broken[at] ^= 1 << chance.randrange(8)
        try:
            verdict = check(authority, bytes(broken))
        except InputError:  # not a PDF any more
            continue
        verdicts.add(verdict.standing)
        # Case of hex digits and the like change bytes of the value's text and not the value.
        assert verdict.standing is not Standing.VALID or start < at < end
    assert Standing.CHANGED in verdicts


@pytest.mark.parametrize(
    ("pdf", "code"),
    [
        (b"", "tte.pdf_unreadable"),
        (b"PK\x03\x04 surat", "tte.pdf_unreadable"),
        (b"%PDF-1.7\n", "tte.pdf_unreadable"),
        (LETTER[:-60], "tte.pdf_unreadable"),
        (LETTER.replace(b"/Pages 2 0 R", b"/Pages 9 0 R"), "tte.pdf_unreadable"),
        (LETTER.replace(b"/Kids[3 0 R]", b"/Kids[2 0 R]"), ""),
        (b"%PDF-1.7\n" + b"[" * 100_000 + b"\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF", "tte.pdf_unreadable"),
        (b"%PDF-" + bytes(MAX_PDF_BYTES), "tte.pdf_huge"),
    ],
)
def test_what_is_no_pdf_gets_one_clear_word(authority: Authority, pdf: bytes, code: str) -> None:
    if not code:
        assert check(authority, pdf).standing is Standing.UNSIGNED
        return
    with pytest.raises(InputError) as caught:
        check(authority, pdf)
    assert caught.value.code == code


def test_a_locked_file_says_so(authority: Authority) -> None:
    from io import BytesIO

    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.pdf_utils.writer import copy_into_new_writer

    writer, out = copy_into_new_writer(PdfFileReader(BytesIO(LETTER))), BytesIO()
    writer.encrypt("pemilik", "pembaca")
    writer.write(out)
    with pytest.raises(InputError, match=r"tte\.pdf_locked"):
        check(authority, out.getvalue())


def test_trust_must_be_readable(signed: bytes) -> None:
    assert certificates_in("") == []
    for pem in ("no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        with pytest.raises(InputError, match=r"tte\.trust_unreadable"):
            PadesVerifier((pem,), HandClock()).verify(signed)


@pytest.mark.skipif(shutil.which("pdfsig") is None, reason="poppler's pdfsig is not installed")
def test_poppler_agrees(signed: bytes, tmp_path: Path) -> None:
    def told(pdf: bytes) -> str:
        (tmp_path / "a.pdf").write_bytes(pdf)
        ran = subprocess.run(["pdfsig", "-nocert", tmp_path / "a.pdf"], capture_output=True, text=True, check=False)
        return ran.stdout

    assert "Signature is Valid." in told(signed)
    assert "Total document signed" in told(signed)
    assert "Signature is Valid." not in told(signed.replace(b"0 0 595 842", b"0 0 595 843", 1))


def _signature_value(pdf: bytes) -> tuple[int, int]:
    start = pdf.index(b"/Contents <")
    return start, pdf.index(b">", start)


def _byte_range(pdf: bytes) -> tuple[int, int, list[int]]:
    start = pdf.index(b"/ByteRange [") + len(b"/ByteRange [")
    end = pdf.index(b"]", start)
    return start, end, [int(number) for number in pdf[start:end].split()]


def _with_range(pdf: bytes, numbers: list[int]) -> bytes:
    start, end, _ = _byte_range(pdf)
    return pdf[:start] + b" ".join(b"%d" % number for number in numbers).ljust(end - start) + pdf[end:]


def _shrunk_range(pdf: bytes) -> bytes:
    _, _, numbers = _byte_range(pdf)
    return _with_range(pdf, [*numbers[:3], numbers[3] - 40])


def _range_that_leaves_out(pdf: bytes) -> bytes:
    _, _, numbers = _byte_range(pdf)
    return _with_range(pdf, [numbers[0], 60, *numbers[2:]])


def test_what_was_set_up_keeps_its_names_and_gets_the_late_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    CMSAttributeType("message_digest")
    early = dict(CMSAttributeType._reverse_map)
    monkeypatch.setitem(CMSAttributeType._map, "1.3.9999.1", "late")
    monkeypatch.setitem(CMSAttributeType._map, "1.3.9999.2", "message_digest")
    monkeypatch.setattr(CMSAttributeType, "_reverse_map", dict(early))
    monkeypatch.setattr(ExtensionId, "_reverse_map", None)
    complete_names()
    assert {"late": "1.3.9999.1", **early} == CMSAttributeType._reverse_map
    assert ExtensionId._reverse_map is None  # not set up yet: its first use sees every name


WORDS = BoxWords("Ditandatangani secara elektronik oleh:", "Dra. Endang", "Kepala Dinas", "19780401 200501 2 003")


def test_the_box_has_its_size_whatever_is_written() -> None:
    long = BoxWords("x", "N" * 90, "Kepala Dinas " * 12, "1" * 30, "FKL1:0199:ABC")
    sizes = {Image.open(BytesIO(draw_box(words))).size for words in (WORDS, long)}
    assert len(sizes) == 1


def test_the_code_of_the_letter_is_drawn_when_there_is_one() -> None:
    assert draw_box(WORDS) != draw_box(BoxWords(WORDS.caption, WORDS.name, WORDS.jabatan, WORDS.nip, "FKL1:0199:ABC"))
