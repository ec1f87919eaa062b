from __future__ import annotations

import shutil
import subprocess
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import cms as asn1_cms
from asn1crypto import crl as asn1_crl
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID
from support.kept import NAME, NIK, sealed

from fieldkit.domain.delivery import RecordHeader
from fieldkit.domain.errors import VaultError
from fieldkit.ports.vault import SignerRole, SigningKey
from fieldkit.vault import certificates, cms
from fieldkit.vault.cms import BEGIN, END, HeaderCipher

NOW = datetime.now(UTC).replace(microsecond=0)
CONTENT = b"\x00PK\r\n isi \n" * 4
CA = certificates.create_ca("Disdukcapil Kota Contoh", NOW)
CAS = [CA.certificate_der]


def kit_key(ca: SigningKey = CA, at: datetime = NOW) -> SigningKey:
    private = certificates.new_private_key()
    return SigningKey(certificates.issue_kit(ca, certificates.make_csr(private), "KIT-07", at), private)


def petugas_key(ca: SigningKey = CA, at: datetime = NOW) -> SigningKey:
    private = certificates.new_private_key()
    csr = certificates.make_csr(private)
    return SigningKey(certificates.issue_petugas(ca, csr, "u-3", "Siti Aminah", "operator", at), private)


KIT, PETUGAS = kit_key(), petugas_key()
SIGNED = cms.sign(CONTENT, [KIT, PETUGAS], NOW)


def refused(der: bytes, at: datetime | None = NOW, revoked: tuple[int, ...] = ()) -> str:
    with pytest.raises(VaultError) as caught:
        cms.verify(der, CAS, at, revoked)
    return caught.value.code


def serial(key: SigningKey) -> int:
    return certificates.load_certificate(key.certificate_der).serial_number


@pytest.mark.parametrize("order", [[KIT, PETUGAS], [PETUGAS, KIT]])
def test_both_signers_are_named_kit_first(order: list[SigningKey]) -> None:
    opened = cms.verify(cms.sign(CONTENT, order, NOW), CAS, NOW)
    assert opened.content == CONTENT
    assert opened.sealed_at == NOW
    assert [(signer.role, signer.signer_id, signer.name) for signer in opened.signers] == [
        (SignerRole.KIT, "KIT-07", "KIT-07"),
        (SignerRole.PETUGAS, "u-3", "Siti Aminah"),
    ]
    assert [signer.serial_number for signer in opened.signers] == [serial(KIT), serial(PETUGAS)]
    assert opened.signers[0].certificate_der == KIT.certificate_der


def test_an_empty_content_can_be_signed() -> None:
    assert cms.verify(cms.sign(b"", [KIT, PETUGAS], NOW), CAS).content == b""


@pytest.mark.parametrize("size", [0, 1, 127, 128, 255, 256, 65_535, 65_536, 1 << 20])
def test_content_of_any_size_lies_in_the_one_encoding_of_its_signatures(size: int) -> None:
    content = bytes(size)
    der = cms.sign(content, [KIT, PETUGAS], NOW)
    read = asn1_cms.ContentInfo.load(der, strict=True)
    assert read["content"]["encap_content_info"]["content"].native == content
    assert read.dump(force=True) == der


def test_openssl_verifies_it(tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    ca = tmp_path / "ca.pem"
    ca.write_text(certificates.certificates_to_pem(CA.certificate_der))
    command = [openssl, "cms", "-verify", "-inform", "DER", "-binary", "-CAfile", ca]
    verified = subprocess.run(command, input=SIGNED, capture_output=True, check=False)
    assert verified.returncode == 0, verified.stderr
    assert verified.stdout == CONTENT
    assert b"successful" in verified.stderr
    changed = SIGNED.replace(b"isi", b"isj")
    assert subprocess.run(command, input=changed, capture_output=True, check=False).returncode != 0


def test_the_builder_of_cryptography_makes_the_same_form() -> None:
    builder = pkcs7.PKCS7SignatureBuilder().set_data(CONTENT)
    for key in (KIT, PETUGAS):
        certificate = certificates.load_certificate(key.certificate_der)
        builder = builder.add_signer(certificate, certificates.load_private(key.private_der), hashes.SHA256())
    options = [pkcs7.PKCS7Options.Binary, pkcs7.PKCS7Options.NoCapabilities]
    der = builder.sign(serialization.Encoding.DER, options)
    assert cms.verify(der, CAS).content == CONTENT


@pytest.mark.days
@pytest.mark.parametrize("every", [7, pytest.param(1, marks=pytest.mark.faults)])
def test_a_flipped_bit_anywhere_is_refused(every: int) -> None:
    for position in range(0, len(SIGNED), every):
        flipped = bytearray(SIGNED)
        flipped[position] ^= 1 << position % 8
        refused(bytes(flipped))


def test_cut_or_added_bytes_are_refused() -> None:
    for size in (0, 1, 10, 100, len(SIGNED) - 1):
        assert refused(SIGNED[:size]) == "vault.cms_malformed"
    assert refused(SIGNED + b"\0") == "vault.cms_malformed"
    assert refused(SIGNED + SIGNED) == "vault.cms_malformed"


@pytest.mark.parametrize(
    "signers",
    [[KIT], [PETUGAS], [KIT, kit_key()], [PETUGAS, petugas_key()], [KIT, KIT], [KIT, PETUGAS, petugas_key()]],
    ids=["kit", "petugas", "two kits", "two petugas", "one kit twice", "three"],
)
def test_only_kit_and_petugas_together_count(signers: list[SigningKey]) -> None:
    assert refused(cms.sign(CONTENT, signers, NOW)) == "vault.cms_signers"


def test_certificates_of_another_authority_are_refused() -> None:
    namesake = certificates.create_ca("Disdukcapil Kota Contoh", NOW)
    der = cms.sign(CONTENT, [KIT, petugas_key(namesake)], NOW)
    assert refused(der) == "vault.cms_certificate"
    assert cms.verify(der, [*CAS, namesake.certificate_der], NOW)
    with pytest.raises(VaultError, match=r"vault\.cms_certificate"):
        cms.verify(SIGNED, [], NOW)


def test_the_authority_and_tls_names_do_not_sign_records() -> None:
    tls = certificates.issue_tls(CA, ["127.0.0.1"], NOW)
    assert refused(cms.sign(CONTENT, [KIT, tls], NOW)) == "vault.cms_certificate"
    assert refused(cms.sign(CONTENT, [KIT, CA], NOW)) == "vault.cms_certificate"


@pytest.mark.parametrize("at", [NOW - timedelta(days=2), NOW + timedelta(days=2 * 365 + 1)])
def test_certificates_must_be_valid_when_the_record_was_sealed(at: datetime) -> None:
    assert refused(cms.sign(CONTENT, [KIT, PETUGAS], at), at) == "vault.cms_certificate"


def test_a_record_stays_valid_after_its_certificates_expired() -> None:
    long_ago = NOW - timedelta(days=4 * 365)
    ca = certificates.create_ca("Disdukcapil Kota Contoh", long_ago)
    der = cms.sign(CONTENT, [kit_key(ca, long_ago), petugas_key(ca, long_ago)], long_ago)
    assert cms.verify(der, [ca.certificate_der], long_ago).sealed_at == long_ago


def test_the_signing_time_must_be_the_time_of_sealing() -> None:
    assert cms.verify(SIGNED, CAS, NOW + timedelta(seconds=60))
    assert refused(SIGNED, NOW + timedelta(seconds=61)) == "vault.cms_time"
    assert refused(SIGNED, NOW - timedelta(days=1)) == "vault.cms_time"


def test_both_must_sign_at_the_same_time() -> None:
    later = cms.sign(CONTENT, [KIT, PETUGAS], NOW + timedelta(seconds=30))
    mixed = _with_signer_infos(SIGNED, [_infos(SIGNED)[0], _infos(later)[1]])
    assert refused(mixed) == "vault.cms_time"


def test_revoked_signers_are_named() -> None:
    with pytest.raises(VaultError) as caught:
        cms.verify(SIGNED, CAS, NOW, {serial(PETUGAS)})
    assert caught.value.code == "vault.cms_revoked"
    assert caught.value.problem.params == {"id": "u-3"}
    assert refused(SIGNED, revoked=(serial(KIT),)) == "vault.cms_revoked"


def test_a_signature_of_another_content_is_refused() -> None:
    other = cms.sign(b"isi lain", [KIT, PETUGAS], NOW)
    assert refused(_with_signer_infos(SIGNED, [_infos(SIGNED)[0], _infos(other)[1]])) == "vault.cms_signature"


def test_a_certificate_of_the_same_name_with_another_key_is_refused() -> None:
    impostor = SigningKey(PETUGAS.certificate_der, certificates.new_private_key())
    assert refused(cms.sign(CONTENT, [KIT, impostor], NOW)) == "vault.cms_signature"


def test_unsigned_attributes_are_refused() -> None:
    infos = _infos(SIGNED)
    infos[0]["unsigned_attrs"] = [{"type": "message_digest", "values": [b"\0" * 32]}]
    assert refused(_with_signer_infos(SIGNED, infos)) == "vault.cms_malformed"


def test_an_attribute_that_stands_twice_is_refused() -> None:
    infos = _infos(SIGNED)
    twice = [*infos[0]["signed_attrs"], infos[0]["signed_attrs"][0]]
    infos[0]["signed_attrs"] = asn1_cms.CMSAttributes(twice)
    assert refused(_with_signer_infos(SIGNED, infos)) == "vault.cms_malformed"


@pytest.mark.parametrize(
    "der",
    [b"", b"\x30\x80\x00\x00", b"\x30\x03\x02\x01\x01", b"PK\x03\x04" * 10, CA.certificate_der],
    ids=["nothing", "open", "number", "zip", "certificate"],
)
def test_other_content_is_refused(der: bytes) -> None:
    assert refused(der) == "vault.cms_malformed"


@pytest.mark.parametrize("private", [b"", certificates.new_private_key()[:50]], ids=["nothing", "cut"])
def test_a_broken_signing_key_is_named(private: bytes) -> None:
    with pytest.raises(VaultError, match=r"vault\.signing_key"):
        cms.sign(CONTENT, [KIT, SigningKey(PETUGAS.certificate_der, private)], NOW)


def _infos(der: bytes) -> list[asn1_cms.SignerInfo]:
    by_role = {serial(KIT): 0, serial(PETUGAS): 1}
    infos = asn1_cms.ContentInfo.load(der)["content"]["signer_infos"]
    return sorted(infos, key=lambda info: by_role[info["sid"].chosen["serial_number"].native])


def _with_signer_infos(der: bytes, infos: list[asn1_cms.SignerInfo]) -> bytes:
    info = asn1_cms.ContentInfo.load(der)
    info["content"]["signer_infos"] = asn1_cms.SignerInfos(infos)
    changed: bytes = info.dump(force=True)
    return changed


YEAR = timedelta(days=365)


@pytest.mark.parametrize(
    ("signed_at", "seen_at"),
    [
        (NOW - timedelta(days=2), NOW),  # behind the begin of the certificates
        (datetime(1970, 1, 1, tzinfo=UTC), NOW + YEAR),
        (NOW + 5 * YEAR, NOW),  # ahead of their end
        (NOW + YEAR, NOW),  # ahead, though they would be valid then: nothing is signed after it was seen
    ],
)
def test_a_clock_that_cannot_have_been_right_throws_no_record_away(signed_at: datetime, seen_at: datetime) -> None:
    opened = cms.verify(cms.sign(CONTENT, [KIT, PETUGAS], signed_at), CAS, signed_at, (), seen_at)
    assert (opened.content, opened.note) == (CONTENT, "time.implausible")


def test_a_plausible_seal_bears_no_note() -> None:
    for seen_at in (None, NOW - timedelta(hours=20), NOW + YEAR, NOW + 10 * YEAR):
        assert cms.verify(SIGNED, CAS, NOW, (), seen_at).note == ""


@pytest.mark.parametrize(
    ("signed_at", "seen_at"),
    [
        (NOW + 4 * YEAR, NOW + 4 * YEAR),  # really used after the end
        (NOW + 4 * YEAR, NOW + 5 * YEAR),
        (NOW + 4 * YEAR, NOW + 4 * YEAR - timedelta(hours=23)),
        (NOW + 9 * YEAR, NOW + 4 * YEAR),  # ahead, and seen after the end
        (NOW - timedelta(days=2), NOW + 4 * YEAR),  # behind, and seen after the end
        (NOW - timedelta(days=2), None),
    ],
)
def test_an_ended_certificate_is_refused_by_the_evidence_too(signed_at: datetime, seen_at: datetime | None) -> None:
    with pytest.raises(VaultError) as caught:
        cms.verify(cms.sign(CONTENT, [KIT, PETUGAS], signed_at), CAS, signed_at, (), seen_at)
    assert caught.value.code == "vault.cms_certificate"


def test_the_evidence_makes_no_stranger_a_signer() -> None:
    other = certificates.create_ca("Lain", NOW)
    strange = cms.sign(CONTENT, [kit_key(other), petugas_key(other)], NOW - timedelta(days=2))
    with pytest.raises(VaultError) as caught:
        cms.verify(strange, CAS, None, (), NOW)
    assert caught.value.code == "vault.cms_certificate"


def test_the_evidence_believes_a_clock_that_is_a_day_ahead_and_no_more() -> None:
    long_ago, day = NOW - timedelta(days=100), timedelta(days=1)
    ca = certificates.create_ca("Disdukcapil Kota Contoh", long_ago)
    der = cms.sign(CONTENT, [kit_key(ca, long_ago), petugas_key(ca, long_ago)], NOW)
    assert cms.verify(der, [ca.certificate_der], NOW, (), NOW - day).note == ""
    assert cms.verify(der, [ca.certificate_der], NOW, (), NOW - day - timedelta(seconds=1)).note == "time.implausible"


def made(
    role: str = "kit",
    ids: tuple[str, ...] = ("KIT-07",),
    uses: frozenset[str] = frozenset({"digital_signature", "content_commitment"}),
    is_authority: bool = False,
    curve: ec.EllipticCurve | None = None,
) -> SigningKey:
    """Certify a key in ways that the authority of a dinas never does."""
    private, authority = (
        ec.generate_private_key(curve or ec.SECP256R1()),
        certificates.load_certificate(CA.certificate_der),
    )
    told = [(NameOID.ORGANIZATIONAL_UNIT_NAME, role), *((NameOID.SERIAL_NUMBER, one) for one in ids)]
    name = x509.Name([x509.NameAttribute(oid, text) for oid, text in [*told, (NameOID.COMMON_NAME, "K")]])
    known = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    known += ("key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    begin, end = NOW - timedelta(days=1), NOW + timedelta(days=1)
    certificate = (
        x509.CertificateBuilder(authority.subject, name, private.public_key(), 1, begin, end)
        .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
        .add_extension(x509.KeyUsage(**{use: use in uses for use in known}), critical=True)
        .sign(certificates.load_private(CA.private_der), hashes.SHA256())
    )
    private_der = private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return SigningKey(certificate.public_bytes(serialization.Encoding.DER), private_der)


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (made(uses=frozenset({"content_commitment"})), "cms_certificate"),
        (made(uses=frozenset({"digital_signature", "key_cert_sign"})), "cms_certificate"),
        (made(is_authority=True), "cms_certificate"),
        (made(role="gateway"), "cms_signers"),
        (made(ids=()), "cms_signers"),
        (made(ids=("KIT-07", "KIT-08")), "cms_signers"),
    ],
    ids=["use", "issuer", "authority", "role", "nobody", "two"],
)
def test_a_certificate_that_is_no_signers_is_refused(key: SigningKey, code: str) -> None:
    assert refused(cms.sign(CONTENT, [key, PETUGAS], NOW)) == f"vault.{code}"
    with pytest.raises(VaultError, match=rf"vault\.{code}"):
        cms.verify_signer(key.certificate_der, CAS, NOW)


def test_a_signing_certificate_says_whose_it_is_to_who_knows_the_authority() -> None:
    petugas = cms.verify_signer(PETUGAS.certificate_der, CAS, NOW)
    assert (petugas.role, petugas.signer_id, petugas.title) == (SignerRole.PETUGAS, "u-3", "operator")
    assert cms.verify_signer(made().certificate_der, CAS, NOW).title == ""
    another = [certificates.create_ca("Disdukcapil Kota Contoh", NOW).certificate_der]
    for authorities, at in ((another, NOW), (CAS, NOW - timedelta(days=2)), ([], NOW)):
        with pytest.raises(VaultError, match=r"vault\.cms_certificate"):
            cms.verify_signer(KIT.certificate_der, authorities, at)


def test_a_certificate_that_cannot_be_read_signs_nothing() -> None:
    with pytest.raises(VaultError, match=r"vault\.certificate"):
        cms.sign(CONTENT, [KIT, SigningKey(b"junk", PETUGAS.private_der)], NOW)
    other_curve = made(curve=ec.SECP384R1())
    der = _with_certificates([other_curve.certificate_der, PETUGAS.certificate_der])
    assert refused(der) == "vault.cms_certificate"


def _with_certificates(ders: list[bytes]) -> bytes:
    info = asn1_cms.ContentInfo.load(SIGNED)
    info["content"]["certificates"] = [asn1_x509.Certificate.load(der) for der in ders]
    changed: bytes = info.dump(force=True)
    return changed


def test_a_certificate_that_signs_nothing_is_not_carried() -> None:
    pair = [KIT.certificate_der, PETUGAS.certificate_der]
    assert cms.verify(_with_certificates(pair), CAS, NOW)
    assert refused(_with_certificates([*pair, kit_key().certificate_der])) == "vault.cms_signers"
    assert refused(_with_certificates([*pair, KIT.certificate_der])) == "vault.cms_signers"


def test_one_content_has_one_encoding() -> None:
    assert SIGNED[:2] == b"\x30\x82"
    assert refused(b"\x30\x83\x00" + SIGNED[2:]) == "vault.cms_malformed"
    authority = certificates.load_certificate(CA.certificate_der).subject
    empty = x509.CertificateRevocationListBuilder(authority, NOW, NOW + timedelta(days=1))
    der = empty.sign(certificates.load_private(CA.private_der), hashes.SHA256()).public_bytes(
        serialization.Encoding.DER
    )
    info = asn1_cms.ContentInfo.load(SIGNED)
    info["content"]["crls"] = [asn1_cms.RevocationInfoChoice("crl", asn1_crl.CertificateList.load(der))]
    assert refused(info.dump(force=True)) == "vault.cms_malformed"


def test_the_signed_attributes_name_the_kind_of_content() -> None:
    infos = _infos(SIGNED)
    told = {"content_type": ["signed_data"]}
    attributes = [
        {"type": each["type"].native, "values": told.get(each["type"].native, each["values"])}
        for each in infos[0]["signed_attrs"]
    ]
    infos[0]["signed_attrs"] = asn1_cms.CMSAttributes(attributes)
    body = infos[0]["signed_attrs"].untag().dump()
    infos[0]["signature"] = certificates.load_private(KIT.private_der).sign(body, ec.ECDSA(hashes.SHA256()))
    assert refused(_with_signer_infos(SIGNED, infos)) == "vault.cms_malformed"


@pytest.mark.parametrize("number", [0, -5])
def test_a_serial_number_is_positive(number: int) -> None:
    certificate = asn1_x509.Certificate.load(KIT.certificate_der)
    certificate["tbs_certificate"]["serial_number"] = number
    body = certificate["tbs_certificate"].dump(force=True)
    certificate["signature_value"] = certificates.load_private(CA.private_der).sign(body, ec.ECDSA(hashes.SHA256()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # `cryptography` only warns
        der = cms.sign(CONTENT, [SigningKey(certificate.dump(force=True), KIT.private_der), PETUGAS], NOW)
        assert refused(der) == "vault.cms_malformed"


HEADER = RecordHeader.of(sealed())


def test_a_header_comes_back_for_its_record_and_kit_only() -> None:
    text = HeaderCipher(b"n" * 32).close("record-1", HEADER)
    assert text.startswith(f"{BEGIN}\n")
    assert HeaderCipher(b"n" * 32).open("record-1", f"before\n{text}after") == HEADER
    assert HeaderCipher(b"n" * 32).open("record-2", text) is None
    assert HeaderCipher(b"m" * 32).open("record-1", text) is None


def test_a_header_says_nothing_in_the_clear_and_nothing_twice() -> None:
    cipher = HeaderCipher(b"n" * 32)
    first, second = cipher.close("record-1", HEADER), cipher.close("record-1", HEADER)
    assert first != second
    for personal in (NAME, NIK, HEADER.masked_name, HEADER.nik_digest, HEADER.place):
        assert personal not in first


@pytest.mark.parametrize("text", ["", BEGIN, f"{BEGIN}\n!\n{END}", f"{BEGIN}\nAAAA\n{END}", f"{BEGIN}\n{END}"])
def test_what_is_no_header_is_none(text: str) -> None:
    assert HeaderCipher(b"n" * 32).open("record-1", text) is None
