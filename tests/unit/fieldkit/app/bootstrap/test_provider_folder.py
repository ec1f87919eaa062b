from __future__ import annotations

from pathlib import Path

import pytest
from support.clock import NOW

from fieldkit.app.bootstrap.provider_folder import ProviderFolder
from fieldkit.domain.errors import InputError
from fieldkit.vault import keys
from fieldkit.vault.certificates import create_ca

ONE, OTHER = create_ca("Penyedia Satu", NOW).certificate_der, create_ca("Penyedia Dua", NOW).certificate_der


def test_certificates_are_trusted_listed_and_let_go(tmp_path: Path) -> None:
    folder = ProviderFolder(tmp_path / "trust")
    assert list(folder.listed()) == []
    both = keys.certificates_to_pem(ONE, OTHER).encode()
    assert [each.name for each in folder.look(both)] == ["CA Penyedia Satu", "CA Penyedia Dua"]
    assert not (tmp_path / "trust").exists()
    folder.add(both)
    folder.add(ONE)  # as DER, once more
    assert [each.name for each in folder.listed()] == ["CA Penyedia Dua", "CA Penyedia Satu"]
    assert folder.listed()[1].fingerprint == keys.fingerprint(ONE)
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "trust").iterdir())
    folder.remove(keys.fingerprint(ONE))
    folder.remove("AB:CD")
    assert [each.name for each in folder.listed()] == ["CA Penyedia Dua"]


def test_one_of_several_in_a_file_is_let_go_alone(tmp_path: Path) -> None:
    (tmp_path / "both.pem").write_text(keys.certificates_to_pem(ONE, OTHER))
    (tmp_path / "damaged.pem").write_text("not a certificate")
    folder = ProviderFolder(tmp_path)
    folder.remove(keys.fingerprint(ONE))
    assert [each.name for each in folder.listed()] == ["CA Penyedia Dua"]


@pytest.mark.parametrize("content", [b"", b"letter", b"-----BEGIN CERTIFICATE-----\nAAAA\n", b"x" * 2_000_000])
def test_what_is_no_certificate_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InputError, match=r"trust\.not_a_certificate"):
        ProviderFolder(tmp_path).add(content)
    assert not list(tmp_path.iterdir())
