"""A letter is signed in a process that has read a CMS before: pyHanko names attributes for asn1crypto as it is loaded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from support.homes import CLOCK, Office, opened, record
from support.homes import office as office
from support.kits import Told
from support.room import PETUGAS
from support.signing import LETTER, PKCS12_PASSPHRASE, office_pkcs12

from fieldkit.app.bootstrap.backup_folder import backups_on
from fieldkit.documents.signature_check import PadesVerifier
from fieldkit.ports.signer import Standing

SIGN = """
import sys
from pathlib import Path
from fieldkit.app.bootstrap.backup_folder import verify_backup
from fieldkit.app.bootstrap.clock import WIB, SystemClock
from fieldkit.documents.pades import OfficeSigner
from fieldkit.ports.signer import Appearance, Credentials

backup, pkcs12, letter = map(Path, sys.argv[1:4])
verify_backup(backup)
assert "pyhanko" not in sys.modules
signed = OfficeSigner(pkcs12.read_bytes(), SystemClock(WIB)).sign_pdf(
    letter.read_bytes(), Credentials(passphrase=sys.argv[4]), Appearance(None, b"", "Surat balasan")
)
letter.write_bytes(signed.content)
"""


def test_a_letter_is_signed_after_a_backup_was_verified(office: Office, tmp_path: Path) -> None:
    with opened(office.kit(tmp_path / "kit", PETUGAS)) as context:
        record(context)
        context.backups.make(str(tmp_path), Told(), Told())
    pkcs12, authority = office_pkcs12(CLOCK)
    (tmp_path / "office.p12").write_bytes(pkcs12)
    letter = tmp_path / "letter.pdf"
    letter.write_bytes(LETTER)
    given = [str(backups_on(tmp_path)[-1]), str(tmp_path / "office.p12"), str(letter), PKCS12_PASSPHRASE]
    done = subprocess.run([sys.executable, "-c", SIGN, *given], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert PadesVerifier((authority,), CLOCK).verify(letter.read_bytes()).standing is Standing.VALID
