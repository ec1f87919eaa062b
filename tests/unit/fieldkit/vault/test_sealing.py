from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime, timedelta

import pytest

from fieldkit.domain.errors import InputError, VaultError
from fieldkit.ports.vault import RecordOpener, Sealer, SigningKey
from fieldkit.vault import age, certificates
from fieldkit.vault.cms import RecordSealer, SealOpener

NOW = datetime(2026, 8, 1, 3, 4, 5, 678, tzinfo=UTC)
CA = certificates.create_ca("Disdukcapil Kota Contoh", NOW)
DATA_CENTER, RECOVERY = age.generate_identity(), age.generate_identity()
CONTAINER = os.urandom(100_000)


def _key(petugas: bool) -> SigningKey:
    private = certificates.new_private_key()
    csr = certificates.make_csr(private)
    if petugas:
        return SigningKey(certificates.issue_petugas(CA, csr, "u-1", "Siti", "petugas_perekaman", NOW), private)
    return SigningKey(certificates.issue_kit(CA, csr, "KIT-07", NOW), private)


KIT, PETUGAS = _key(False), _key(True)
SEALER: Sealer = RecordSealer(KIT, PETUGAS, [str(DATA_CENTER.recipient), str(RECOVERY.recipient)])
SEALED = SEALER.seal(CONTAINER, NOW)


def test_the_sealer_knows_how_long_its_certificates_count() -> None:
    kit, petugas = SEALER.spans()
    assert [(kit.role, kit.holder), (petugas.role, petugas.holder)] == [("kit", "KIT-07"), ("petugas", "u-1")]
    assert kit.not_before == petugas.not_before == (NOW - timedelta(days=1)).replace(microsecond=0)
    assert (kit.not_after - NOW).days > (petugas.not_after - NOW).days > 700


@pytest.mark.parametrize("identity", [DATA_CENTER, RECOVERY])
def test_data_center_and_recovery_open_what_kit_and_petugas_sealed(identity: age.Identity) -> None:
    opener: RecordOpener = SealOpener([identity], [CA.certificate_der])
    opened = opener.open(SEALED.data, NOW)
    assert opened.content == CONTAINER
    assert opened.sealed_at == NOW.replace(microsecond=0)
    assert [signer.signer_id for signer in opened.signers] == ["KIT-07", "u-1"]


def test_the_digest_is_of_the_sealed_file() -> None:
    assert hashlib.sha256(SEALED.data).hexdigest() == SEALED.sha256


def test_nothing_of_the_container_or_the_signers_shows() -> None:
    for part in (CONTAINER[:16], CONTAINER[-16:], b"KIT-07", b"Siti", KIT.certificate_der[:40]):
        assert part not in SEALED.data


def test_the_kit_cannot_open_its_own_seal() -> None:
    with pytest.raises(VaultError, match=r"vault\.age_no_identity"):
        SealOpener([age.generate_identity()], [CA.certificate_der]).open(SEALED.data)


def test_a_seal_by_unknown_signers_is_refused_after_opening() -> None:
    other = certificates.create_ca("Disdukcapil Kota Contoh", NOW)
    with pytest.raises(VaultError, match=r"vault\.cms_certificate"):
        SealOpener([DATA_CENTER], [other.certificate_der]).open(SEALED.data)


def test_time_and_revocation_reach_the_verifier() -> None:
    opener = SealOpener([DATA_CENTER], [CA.certificate_der])
    with pytest.raises(VaultError, match=r"vault\.cms_time"):
        opener.open(SEALED.data, NOW + timedelta(hours=1))
    with pytest.raises(VaultError, match=r"vault\.cms_revoked"):
        opener.open(SEALED.data, NOW, [certificates.load_certificate(KIT.certificate_der).serial_number])


def test_encrypted_without_signatures_is_refused() -> None:
    bare = age.encrypt(CONTAINER, [DATA_CENTER.recipient])
    with pytest.raises(VaultError, match=r"vault\.cms_malformed"):
        SealOpener([DATA_CENTER], [CA.certificate_der]).open(bare)


def test_a_wrong_recipient_is_noticed_before_the_first_seal() -> None:
    with pytest.raises(InputError, match=r"vault\.age_recipient"):
        RecordSealer(KIT, PETUGAS, ["age1xyz"])
