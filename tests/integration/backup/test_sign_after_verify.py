"""A letter is signed in a process that read a CMS before: pyHanko adds names to asn1crypto when it is imported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from support.homes import CLOCK, Office, opened, record
from support.homes import office as office
from support.kits import Told
from support.room import PETUGAS
from support.signing import LETTER, PKCS12_PASSPHRASE, office_pkcs12

from fieldkit.app.bootstrap.stick_backups import backups_on
from fieldkit.documents.signature_check import PadesVerifier
from fieldkit.media.place import Place
from fieldkit.ports.vault import Standing
from sync.gateway import provision

SIGN = """
import sys
from pathlib import Path
from fieldkit.app.bootstrap.stick_backups import verify_backup
from fieldkit.app.bootstrap.clock import WIB, SystemClock
from fieldkit.app.bootstrap.sample_quality import open_record
from fieldkit.documents.signature_check import OfficeSigner
from fieldkit.media.place import Place
from fieldkit.ports.vault import Appearance, Credentials

backup, identity, pkcs12, letter = map(Path, sys.argv[1:5])
verify_backup(Place(backup))
for sealed in backup.glob("sealed/*.age"):
    open_record(sealed, identity, None)
assert "asn1crypto.cms" in sys.modules
assert "pyhanko" not in sys.modules
signed = OfficeSigner(pkcs12.read_bytes(), SystemClock(WIB)).sign_pdf(
    letter.read_bytes(), Credentials(passphrase=sys.argv[5]), Appearance(None, b"", "Surat balasan")
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
    identity = office.folder / provision.OPENER_IDENTITY
    given = [backups_on(Place(tmp_path))[-1].path, identity, tmp_path / "office.p12", letter, PKCS12_PASSPHRASE]
    done = subprocess.run([sys.executable, "-c", SIGN, *given], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert PadesVerifier((authority,), CLOCK).verify(letter.read_bytes()).standing is Standing.VALID
