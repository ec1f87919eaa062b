from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from fieldkit.app.bootstrap import pending_keys
from fieldkit.app.bootstrap.pending_keys import Asked
from fieldkit.vault import certificates
from fieldkit.vault.passphrases import Hardness

SOFT = Hardness(64, 1, 1)
ASKED = Asked("AAAA-BBBB", "admin", "sawah hijau subuh")


def test_the_same_slip_finds_the_same_requests(tmp_path: Path) -> None:
    made = pending_keys.keep_or_make(tmp_path, ASKED, SOFT)
    assert pending_keys.keep_or_make(tmp_path, replace(ASKED, code=" aaaa-bbbb"), SOFT) == made
    content = (tmp_path / "enrolment.pending").read_bytes()
    for secret in (made.kit_private, made.admin_private, made.db_key, made.nik_key):
        assert secret not in content
    assert made.kit_private[-32:].hex() not in repr(content)


def test_another_slip_admin_or_passphrase_gets_other_keys_and_keeps_the_old(tmp_path: Path) -> None:
    first = pending_keys.keep_or_make(tmp_path, ASKED, SOFT)
    for asked in (
        replace(ASKED, code="CCCC"),
        replace(ASKED, admin_id="lain"),
        replace(ASKED, passphrase="kunci lemari besi"),
    ):
        assert pending_keys.keep_or_make(tmp_path, asked, SOFT).kit_csr != first.kit_csr
    assert len(list(tmp_path.glob("enrolment.pending.aside-*"))) == 3
    pending_keys.erase(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_file_is_set_aside(tmp_path: Path) -> None:
    pending_keys.keep_or_make(tmp_path, ASKED, SOFT)
    (tmp_path / "enrolment.pending").write_bytes(b"{")
    pending_keys.keep_or_make(tmp_path, ASKED, SOFT)
    assert len(list(tmp_path.glob("enrolment.pending.aside-*"))) == 1


def test_a_kit_that_is_known_keeps_its_key(tmp_path: Path) -> None:
    private = certificates.new_private_key()
    assert pending_keys.keep_or_make(tmp_path, ASKED, SOFT, private).kit_private == private
