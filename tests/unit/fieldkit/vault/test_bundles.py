from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
from support.clock import NOW
from support.kept import sealed
from support.laptops import USERS, kit_key, sealer
from support.room import Keys, make_keys

from fieldkit.domain.delivery import MANIFEST_TYP, SealedRecord
from fieldkit.domain.errors import InputError, VaultError
from fieldkit.domain.events import ChainHead
from fieldkit.ports.vault import SigningKey
from fieldkit.vault import age, bundles, certificates, cms
from fieldkit.vault.bundles import BundleSealer, SignedManifests, manifest_proof
from fieldkit.vault.certificates import create_ca, issue_kit, issue_petugas, make_csr, serial_number
from fieldkit.vault.cms import BEGIN
from fieldkit.vault.device_trust import JwsSigner

A, B = sealer("KIT-A", USERS["A"]), sealer("KIT-B", USERS["B"])


def refusal(seal: BundleSealer, file: bytes, code: str = "") -> str:
    with pytest.raises(InputError) as error:
        seal.open(file, code)
    return error.value.code


def test_a_kit_that_is_known_opens_it_without_a_code() -> None:
    file = A.close(b"isi", NOW, [B.recipient])
    opened = B.open(file)
    assert (opened.content, opened.kit, opened.signer_id, opened.at) == (b"isi", "KIT-A", "rina", NOW)
    assert not B.wants_code(file)
    assert refusal(sealer("KIT-C", USERS["C"]), file) == "exchange.for_others"


def test_the_recipient_of_a_kit_is_the_same_for_everybody_at_it() -> None:
    assert sealer("KIT-A", USERS["B"]).recipient == A.recipient
    assert A.recipient != B.recipient
    # Kits of every version close to each other.
    kit = SigningKey(b"certificate", b"private key of a kit")
    recipient = BundleSealer(kit, kit, []).recipient
    assert sha256(recipient.encode()).hexdigest() == "7a871e37dc73f06f0e02fd776536832b47e5655173fc8118aaab57de9caec1a7"


@pytest.mark.days
def test_a_code_opens_it_anywhere_in_the_dinas() -> None:
    code = A.new_code()
    file = A.close(b"isi", NOW, code=code)
    assert B.wants_code(file)
    assert B.open(file, code.lower().replace("-", "")).content == b"isi"
    assert refusal(B, file, A.new_code()) == "exchange.wrong_code"


def test_another_authority_is_not_trusted() -> None:
    stranger = sealer("KIT-A", USERS["A"], create_ca("Dinas Lain", NOW))
    assert refusal(B, stranger.close(b"isi", NOW, [B.recipient])) == "exchange.untrusted"


def test_without_the_signature_of_a_person_it_is_not_trusted() -> None:
    from support.laptops import dinas

    signed = cms.sign(b"isi", [kit_key("KIT-A", dinas())], NOW)
    assert refusal(B, age.encrypt(signed, [age.Recipient.parse(B.recipient)])) == "exchange.untrusted"
    assert refusal(B, age.encrypt(b"unsigned", [age.Recipient.parse(B.recipient)])) == "exchange.untrusted"


def test_garbage_and_damage_are_named() -> None:
    file = A.close(b"isi", NOW, [B.recipient])
    assert refusal(B, b"hello") == "exchange.not_a_parcel"
    assert refusal(B, file[:-3]) == "exchange.damaged"


def test_whom_the_office_revoked_is_refused_whatever_the_file_says() -> None:
    file = A.close(b"isi", NOW, [B.recipient])
    serials = {serial_number(A._signers[1].certificate_der)}
    revoked = BundleSealer(*B._signers, B._ca_certificates, lambda: serials)
    assert refusal(revoked, file) == "exchange.revoked"
    assert B.open(file).content == b"isi"


def test_what_the_office_closed_for_this_kit_is_opened() -> None:
    closed = age.encrypt(b"isi", [age.Recipient.parse(B.recipient)])
    assert B.unseal(closed) == b"isi"
    for wrong, code in ((A, "office.for_others"), (B, "office.damaged")):
        with pytest.raises(InputError, match=code):
            wrong.unseal(closed if wrong is A else closed[:-1])


DINAS = age.generate_identity()
OLD, NEW = os.urandom(32), os.urandom(32)


def test_the_dinas_opens_it_and_nobody_else() -> None:
    sealed = bundles.close("KIT-07", [OLD, NEW], str(DINAS.recipient))
    assert bundles.open_with(sealed, [DINAS]) == bundles.Escrow("KIT-07", (OLD, NEW))
    with pytest.raises(VaultError, match=r"vault\.age_no_identity"):
        bundles.open_with(sealed, [age.generate_identity()])
    assert "db_keys" not in repr(bundles.open_with(sealed, [DINAS]))


@pytest.mark.parametrize("content", [b"", b"fieldkit escrow KIT-07\n", b"fieldkit escrow KIT-07\nshort", b"x" * 55])
def test_another_content_is_no_escrow(content: bytes) -> None:
    with pytest.raises(VaultError, match=r"vault\.slots_damaged"):
        bundles.open_with(age.encrypt(content, [DINAS.recipient]), [DINAS])


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
    private = certificates.new_private_key()
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
    private = certificates.new_private_key()
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
    twice = whole + certificates.certificates_to_pem(sealing_keys.kit.certificate_der)
    other = manifest_proof(signed(sealing_keys.petugas).manifest_jws, sealing_keys.kit.certificate_der)
    for text in ("", "no certificate", record.manifest_jws, twice, whole.replace("MII", "AAA", 1), other):
        with pytest.raises(VaultError):
            of(sealing_keys).read(text)
