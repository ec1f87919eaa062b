from __future__ import annotations

from hashlib import sha256

import pytest
from support.clock import NOW
from support.laptops import USERS, kit_key, sealer

from fieldkit.domain.errors import InputError
from fieldkit.ports.vault import SigningKey
from fieldkit.vault import age, cms
from fieldkit.vault.bundles import BundleSealer
from fieldkit.vault.certificates import create_ca
from fieldkit.vault.keys import serial_number

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
