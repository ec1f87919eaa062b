from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import typst
from support.clock import HandClock
from support.signing import LETTER, PKCS12_PASSPHRASE, office_pkcs12

from fieldkit.documents.signature_check import (
    PLACE,
    OfficeSigner,
    PadesVerifier,
    draw_box,
    open_pdf,
    place_in,
    read_certificate,
)
from fieldkit.domain.errors import InputError, SigningError
from fieldkit.ports.vault import Appearance, BoxWords, Credentials, Standing

MARKED = f"""
#set page(width: 210mm, height: 297mm, margin: 20mm)
Surat balasan
#pagebreak()
#v(200mm)
#link("{PLACE}")[#rect(width: 74mm, height: 23mm, stroke: none)]
"""
KEY = Credentials(passphrase=PKCS12_PASSPHRASE)


@pytest.fixture(scope="module")
def office() -> tuple[bytes, str]:
    return office_pkcs12(HandClock())


@pytest.fixture(scope="module")
def marked() -> bytes:
    pdf = typst.compile(MARKED.encode(), pdf_standards="a-2b")
    assert isinstance(pdf, bytes)
    return pdf


def test_a_letter_says_where_it_is_signed(marked: bytes) -> None:
    place = place_in(marked)
    assert place is not None
    assert place.page == 2
    assert (round(place.x), round(place.y)) == (56, 623)
    assert (round(place.width), round(place.height)) == (212, 67)
    assert place_in(LETTER) is None


def test_the_office_signs_visibly_and_the_signature_holds(office: tuple[bytes, str], marked: bytes) -> None:
    clock = HandClock()
    box = draw_box(BoxWords("Ditandatangani secara elektronik oleh:", "Endang", qr="FKL1:0199:ABC"))
    signed = OfficeSigner(office[0], clock).sign_pdf(marked, KEY, Appearance(place_in(marked), box, "Surat balasan"))
    assert signed.content.startswith(marked)
    verdict = PadesVerifier((office[1],), clock).verify(signed.content)
    assert verdict.standing is Standing.VALID
    (seen,) = verdict.signatures
    assert (seen.signer, seen.signed_at) == ("ENDANG KUSUMAWATI", clock.now())
    assert not seen.is_time_certified  # no timestamp without a network


def test_it_signs_invisibly_and_a_second_time(office: tuple[bytes, str]) -> None:
    clock = HandClock()
    signer = OfficeSigner(office[0], clock)
    twice = signer.sign_pdf(signer.sign_pdf(LETTER, KEY, Appearance()).content, KEY, Appearance()).content
    verdict = PadesVerifier((office[1],), clock).verify(twice)
    assert (verdict.standing, len(verdict.signatures)) == (Standing.VALID, 2)


def test_a_wrong_passphrase_and_an_ended_certificate(office: tuple[bytes, str]) -> None:
    clock = HandClock()
    signer = OfficeSigner(office[0], clock)
    with pytest.raises(SigningError, match=r"tte\.wrong_passphrase"):
        signer.sign_pdf(LETTER, Credentials(passphrase="salah"), Appearance())
    clock.advance(days=31)
    with pytest.raises(SigningError, match=r"tte\.certificate_expired"):
        signer.sign_pdf(LETTER, KEY, Appearance())


def test_garbage_is_not_signed(office: tuple[bytes, str]) -> None:
    with pytest.raises(InputError, match=r"tte\.pdf_unreadable"):
        OfficeSigner(office[0], HandClock()).sign_pdf(b"%PDF-1.7 x", KEY, Appearance())
    with pytest.raises(InputError, match=r"tte\.pdf_unreadable"):
        place_in(b"no letter")


def test_a_certificate_file_is_looked_into_before_it_is_kept(office: tuple[bytes, str]) -> None:
    found = read_certificate(office[0], PKCS12_PASSPHRASE)
    assert found.name == "ENDANG KUSUMAWATI"
    assert found.issuer.strip() == office[1].strip()
    for content, passphrase in ((office[0], "salah"), (b"x", PKCS12_PASSPHRASE), (bytes(300_000), "")):
        with pytest.raises(InputError, match=r"tte\.certificate_unreadable"):
            read_certificate(content, passphrase)


@pytest.mark.skipif(shutil.which("pdfsig") is None, reason="poppler's pdfsig is not installed")
def test_poppler_agrees(office: tuple[bytes, str], marked: bytes, tmp_path: Path) -> None:
    box = draw_box(BoxWords("Ditandatangani secara elektronik oleh:", "Endang"))
    signed = OfficeSigner(office[0], HandClock()).sign_pdf(marked, KEY, Appearance(place_in(marked), box))
    (tmp_path / "a.pdf").write_bytes(signed.content)
    ran = subprocess.run(["pdfsig", "-nocert", tmp_path / "a.pdf"], capture_output=True, text=True, check=True)
    assert "Signature is Valid." in ran.stdout
    assert "ETSI.CAdES.detached" in ran.stdout


def test_a_signed_letter_claims_the_version_that_pdf_a_2_is_made_of(office: tuple[bytes, str], marked: bytes) -> None:
    signed = OfficeSigner(office[0], HandClock()).sign_pdf(marked, KEY, Appearance()).content
    root = open_pdf(signed).root
    assert signed.startswith(b"%PDF-1.7")
    assert "/Version" not in root
    assert "/ESIC" in root["/Extensions"]
    assert b"<pdfaid:part>2</pdfaid:part>" in signed
