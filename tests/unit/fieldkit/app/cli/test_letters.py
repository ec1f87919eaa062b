from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.clock import true_clock
from support.commands import fieldkit
from support.homes import ADMIN, PASSPHRASE, Home, Office, office, opened  # noqa: F401 – office is a fixture
from support.signing import LETTER, PKCS12_PASSPHRASE, altered_after, office_pkcs12, service

from drivers.simulators.bsre import SimulatedBsre
from drivers.simulators.bsre.server import KEPALA_DINAS, SECRET
from fieldkit.domain.people import Role, User

KADIS = User("kadis", "Endang Kusumawati", Role.KEPALA_DINAS)


@pytest.fixture(scope="module")
def bsre() -> Iterator[SimulatedBsre]:
    with service() as running:
        yield running


@pytest.fixture
def files(bsre: SimulatedBsre, tmp_path: Path) -> Path:
    signed = bsre.service.signed(LETTER, KEPALA_DINAS.nik, {"tampilan": "INVISIBLE"})
    (tmp_path / "signed.pdf").write_bytes(signed)
    (tmp_path / "changed.pdf").write_bytes(altered_after(signed))
    (tmp_path / "plain.pdf").write_bytes(LETTER)
    (tmp_path / "ca.pem").write_text(bsre.ca_pem)
    (tmp_path / "tls.pem").write_text(bsre.tls_pem)
    return tmp_path


def test_a_letter_is_checked_without_a_kit(files: Path) -> None:
    said = fieldkit("letter", "verify", files / "signed.pdf", "--trust", files / "ca.pem", "--json")
    assert (said.code, said.err) == (0, "")
    assert said.json["verdict"] == "valid"
    (seen,) = said.json["signatures"]
    assert seen["signer"] == KEPALA_DINAS.name
    assert seen["covers_whole_document"] is seen["intact"] is seen["trusted"] is seen["time_certified"] is True


@pytest.mark.parametrize(
    ("file", "trusted", "sentence"),
    [
        ("signed.pdf", False, "Penanda tangan tidak dipercaya"),
        ("changed.pdf", True, "Berubah sesudah ditandatangani"),
        ("plain.pdf", True, "Tidak ada tanda tangan elektronik"),
    ],
)
def test_anything_but_valid_ends_with_3(files: Path, file: str, trusted: bool, sentence: str) -> None:
    trust = ("--trust", files / "ca.pem") if trusted else ()
    said = fieldkit("letter", "verify", files / file, *trust)
    assert said.code == 3
    assert said.out.startswith(sentence)


def test_what_is_no_letter_gets_one_sentence(files: Path) -> None:
    (files / "x.pdf").write_bytes(b"PK halo")
    assert fieldkit("letter", "verify", files / "x.pdf").problem == "tte.pdf_unreadable"
    assert fieldkit("letter", "verify", files / "none.pdf").problem == "tte.file_unreadable"
    trust = ("--trust", files / "x.pdf")
    assert fieldkit("letter", "verify", files / "signed.pdf", *trust).problem == "tte.trust_unreadable"


@pytest.mark.days
def test_the_admin_sets_signing_up_from_files(office: Office, files: Path, bsre: SimulatedBsre) -> None:  # noqa: F811
    home: Home = office.kit(files / "kit", KADIS)
    secrets = {"pass": PASSPHRASE, "secret": SECRET, "nik": KEPALA_DINAS.nik, "p12pass": PKCS12_PASSPHRASE}
    for name, content in secrets.items():
        (files / name).write_text(content + "\n")
    by = ("--admin", ADMIN.user_id, "--passphrase-file", files / "pass")
    words = ("--url", bsre.url, "--service-user", "dinas", "--secret-file", files / "secret", "--ca", files / "tls.pem")
    more = ("--trust", files / "ca.pem", "--nik", f"kadis={files / 'nik'}")
    said = fieldkit("letter", "set-service", *words, *more, *by, home=home.path)
    assert (said.code, said.err) == (0, "")
    with opened(home, KADIS) as context:
        assert context.office.signing_setup.overview().is_complete
    check = ("letter", "verify", files / "signed.pdf", "--user", "kadis", "--passphrase-file", files / "pass")
    assert fieldkit(*check, home=home.path).code == 0
    packed, _ = office_pkcs12(true_clock())
    (files / "kantor.p12").write_bytes(packed)
    install = ("letter", "set-certificate", files / "kantor.p12", "--certificate-passphrase-file", files / "p12pass")
    assert "ENDANG KUSUMAWATI" in fieldkit(*install, *by, home=home.path).out
    refused = fieldkit("letter", "set-service", *words[:1], "http://tte", *words[2:], *by, home=home.path)
    assert refused.problem == "tte.tls_required"
