from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from support.clock import NOW
from support.kept import sealed
from support.room import Keys, make_keys

from fieldkit.domain.delivery.sealed import MANIFEST_TYP, SealedRecord
from fieldkit.domain.errors import VaultError
from fieldkit.domain.events import ChainHead
from fieldkit.ports.vault import SigningKey
from fieldkit.vault import keys
from fieldkit.vault.certificates import create_ca, issue_kit, issue_petugas, make_csr
from fieldkit.vault.headers import BEGIN
from fieldkit.vault.jws import JwsSigner
from fieldkit.vault.manifests import SignedManifests, manifest_proof

KIT = "K01"


@pytest.fixture(scope="module")
def sealing_keys() -> Keys:
    return make_keys()


def signed(key: SigningKey, kit: str = KIT, **other: object) -> SealedRecord:
    record = sealed()
    payload = {
        "record_id": record.record_id,
        "kit": kit,
        "size_bytes": record.size_bytes,
        "sha256": record.sha256,
        "sealed_at": record.sealed_at.isoformat(),
        "activity_id": record.activity_id,
        "chain": record.link.chain,
        "sequence": record.link.sequence,
        "previous": record.link.previous,
        "session_id": record.session_id,
        "head_sequence": 7,
        "head_digest": "d",
        **other,
    }
    return replace(record, manifest_jws=JwsSigner(key.private_der, kit).sign(payload, MANIFEST_TYP))


def of(held: Keys, key: SigningKey | None = None, nik_key: bytes = b"n" * 32) -> SignedManifests:
    return SignedManifests(KIT, (key or held.kit).certificate_der, held.ca.certificate_der, nik_key)


def certified(ca: SigningKey, kit: str = KIT) -> SigningKey:
    private = keys.new_private_key()
    return SigningKey(issue_kit(ca, make_csr(private), kit, NOW - timedelta(days=4000)), private)


def test_a_text_gives_the_record_back(sealing_keys: Keys) -> None:
    record, ours = signed(sealing_keys.kit), of(sealing_keys)
    stated = ours.read(ours.text(record))
    assert stated.record == record
    assert stated.head == ChainHead(record.link.chain, 7, "d")


def test_a_laptop_that_cannot_read_the_header_still_knows_what_to_send(sealing_keys: Keys) -> None:
    record = signed(sealing_keys.kit)
    text = of(sealing_keys).text(record)
    for unread in (of(sealing_keys, nik_key=b"m" * 32).read(text), of(sealing_keys).read(text.partition(BEGIN)[0])):
        assert (unread.record.sha256, unread.record.session_id) == (record.sha256, record.session_id)
        assert (unread.record.masked_name, unread.record.nik_digest) == ("", "")


def test_an_earlier_certificate_of_this_kit_counts_however_old_it_is(sealing_keys: Keys) -> None:
    earlier = certified(sealing_keys.ca)
    record = signed(earlier)
    assert of(sealing_keys).read(of(sealing_keys, earlier).text(record)).record == record


def test_what_another_signed_is_foreign(sealing_keys: Keys) -> None:
    private = keys.new_private_key()
    petugas = SigningKey(issue_petugas(sealing_keys.ca, make_csr(private), KIT, "X", "operator", NOW), private)
    for key in (certified(sealing_keys.ca, "K02"), certified(create_ca("Lain", NOW)), petugas):
        with pytest.raises(VaultError, match=r"manifest\.foreign"):
            of(sealing_keys).read(of(sealing_keys, key).text(signed(key)))
    with pytest.raises(VaultError, match=r"manifest\.foreign"):
        of(sealing_keys).read(of(sealing_keys).text(signed(sealing_keys.kit, "K02")))


@pytest.mark.parametrize("part", [{"size_bytes": "many"}, {"sealed_at": "2026-11-21T10:00:00"}, {"sequence": None}])
def test_a_signed_text_that_says_nothing_usable_is_malformed(sealing_keys: Keys, part: dict[str, object]) -> None:
    with pytest.raises(VaultError, match=r"manifest\.malformed"):
        of(sealing_keys).read(of(sealing_keys).text(signed(sealing_keys.kit, **part)))


def test_broken_texts_are_refused(sealing_keys: Keys) -> None:
    record = signed(sealing_keys.kit)
    whole = manifest_proof(record.manifest_jws, sealing_keys.kit.certificate_der)
    twice = whole + keys.certificates_to_pem(sealing_keys.kit.certificate_der)
    other = manifest_proof(signed(sealing_keys.petugas).manifest_jws, sealing_keys.kit.certificate_der)
    for text in ("", "no certificate", record.manifest_jws, twice, whole.replace("MII", "AAA", 1), other):
        with pytest.raises(VaultError):
            of(sealing_keys).read(text)
