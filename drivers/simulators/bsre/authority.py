"""A certificate authority that lives as long as the simulator: TLS, signers and the clock that certifies times."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier
from PIL import Image
from pyhanko.pdf_utils.images import PdfImage
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import AxisAlignment, InnerScaling, Margins, SimpleBoxLayoutRule
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko.sign.signers.pdf_cms import SimpleSigner
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner, PdfSigningSession
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from fieldkit.documents.signature_check import complete_names

_LIFE = timedelta(days=30)
_BACKDATED = timedelta(days=1)
_DER, _PEM = serialization.Encoding.DER, serialization.Encoding.PEM
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class Certified:
    """A key and its certificate, DER and PKCS #8 DER."""

    certificate: bytes
    private: bytes = field(repr=False)

    @property
    def pem(self) -> bytes:
        """Certificate and key as PEM, as a TLS server loads them."""
        key = serialization.load_der_private_key(self.private, None)
        private = key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return x509.load_der_x509_certificate(self.certificate).public_bytes(_PEM) + private


class Authority:
    """Issues short-lived certificates in the name of a demo authority."""

    def __init__(self, name: str, now: datetime) -> None:
        self._now = now
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name(name)
        builder = self._builder(self._name, self._key.public_key())
        self._certificate = (
            builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(key_cert_sign=True), critical=True)
            .sign(self._key, hashes.SHA256())
        )

    @property
    def certificate(self) -> bytes:
        """The authority's own certificate, DER."""
        return self._certificate.public_bytes(_DER)

    @property
    def pem(self) -> str:
        """The authority's own certificate, PEM."""
        return self._certificate.public_bytes(_PEM).decode("ascii")

    def signer(self, name: str) -> Certified:
        """Certify a person for signatures on documents."""
        return self._issue(name, ec.generate_private_key(ec.SECP256R1()), _usage(content_commitment=True), ())

    def timestamps(self, name: str) -> Certified:
        """Certify a clock. RSA, because pyHanko's own timestamper knows nothing else."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        return self._issue(name, key, _usage(content_commitment=True), (ExtendedKeyUsageOID.TIME_STAMPING,))

    def server(self, host: str) -> Certified:
        """Certify a TLS server at an IP address."""
        key = ec.generate_private_key(ec.SECP256R1())
        return self._issue(host, key, _usage(), (ExtendedKeyUsageOID.SERVER_AUTH,), host)

    def _issue(
        self, name: str, key: PrivateKey, usage: x509.KeyUsage, uses: Sequence[ObjectIdentifier], host: str = ""
    ) -> Certified:
        builder = (
            self._builder(_name(name), key.public_key())
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(usage, critical=True)
        )
        if uses:
            is_timestamp = ExtendedKeyUsageOID.TIME_STAMPING in uses  # RFC 3161 §2.3: critical
            builder = builder.add_extension(x509.ExtendedKeyUsage(uses), critical=is_timestamp)
        if host:
            address = x509.IPAddress(ipaddress.ip_address(host))
            builder = builder.add_extension(x509.SubjectAlternativeName([address]), critical=False)
        certificate = builder.sign(self._key, hashes.SHA256()).public_bytes(_DER)
        private = key.private_bytes(_DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return Certified(certificate, private)

    def _builder(
        self, subject: x509.Name, public: ec.EllipticCurvePublicKey | rsa.RSAPublicKey
    ) -> x509.CertificateBuilder:
        issuer = self._key.public_key()
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now - _BACKDATED)
            .not_valid_after(self._now + _LIFE)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer), critical=False)
        )


def _name(common_name: str) -> x509.Name:
    parts = (
        (NameOID.COUNTRY_NAME, "ID"),
        (NameOID.ORGANIZATION_NAME, "Demo tanda tangan elektronik"),
        (NameOID.COMMON_NAME, common_name[:64]),
    )
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts])


def _usage(*, content_commitment: bool = False, key_cert_sign: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not key_cert_sign,
        content_commitment=content_commitment,
        key_cert_sign=key_cert_sign,
        crl_sign=key_cert_sign,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


# What the simulated service does: it knows demo people, signs with pyHanko and checks signatures.

NOT_REGISTERED, NO_CERTIFICATE, WRONG_PASSPHRASE = 2011, 2021, 2031
Reply = tuple[int, dict[str, Any]]


@dataclass(slots=True)
class DemoSigner:
    """A person of the demo. Without a name there is an account and no certificate."""

    nik: str
    passphrase: str = field(repr=False)
    name: str = ""


class SigningService:
    """Answers the four questions as BSrE does. Thread-safe as long as people are not added meanwhile."""

    def __init__(self, authority: Authority, people: tuple[DemoSigner, ...], now: Callable[[], datetime]) -> None:
        complete_names()
        self._authority, self._now = authority, now
        self._people = {person.nik: person for person in people}
        self._certified = {person.nik: authority.signer(person.name) for person in people if person.name}
        self._clock = authority.timestamps("Otoritas Stempel Waktu Demo")
        self._codes: dict[str, str] = {}

    def account(self, nik: str) -> Reply:
        """Return the state of an account; HTTP 200 whatever it is."""
        if nik not in self._people:
            return 200, {"status_code": NOT_REGISTERED, "message": "User tidak terdaftar", "status": "NOT_REGISTERED"}
        if nik not in self._certified:
            return 200, {
                "status_code": NO_CERTIFICATE,
                "message": "User belum memiliki sertifikat",
                "status": "NO_CERTIFICATE",
            }
        return 200, {"status_code": 1111, "message": "User aktif", "status": "ISSUE"}

    def totp(self, nik: str) -> Reply:
        """Make a one-time code; `code_of` shows it, as the app of BSrE does."""
        if nik not in self._people:
            return 400, {"error": "User tidak terdaftar", "status_code": NOT_REGISTERED}
        self._codes[nik] = f"{secrets.randbelow(10**6):06d}"
        return 200, {"success": True, "message": "TOTP dapat dilihat di aplikasi BeSign Mobile"}

    def code_of(self, nik: str) -> str:
        """Return the code that is valid now, "" without one."""
        return self._codes.get(nik, "")

    def sign(self, question: Mapping[str, Any]) -> Reply:
        """Sign the files of a question, or say why not."""
        nik = str(question.get("nik", ""))
        if nik not in self._people:
            return 400, {"error": "User tidak terdaftar", "status_code": NOT_REGISTERED}
        if nik not in self._certified:
            return 400, {"error": "User belum memiliki sertifikat", "status_code": NO_CERTIFICATE}
        code = self._codes.pop(nik, "") if "totp" in question else ""
        is_known = (
            bool(code) and question["totp"] == code
            if "totp" in question
            else question.get("passphrase") == self._people[nik].passphrase
        )
        if not is_known:
            return 400, {"error": "Passphrase anda salah", "status_code": WRONG_PASSPHRASE}
        properties, files = question.get("signatureProperties"), question.get("file")
        if not isinstance(properties, list) or not isinstance(files, list) or len(files) != len(properties):
            return 400, {"error": "signatureProperties tidak sesuai", "status_code": 2001}
        try:
            signed = [
                self.signed(base64.b64decode(file, validate=True), nik, how)
                for file, how in zip(files, properties, strict=True)
            ]
        except (PdfError, binascii.Error, ValueError):
            return 500, {"status": 500, "error": "Internal Server Error", "path": "/api/v2/sign/pdf"}
        return 200, {"time": 862, "file": [base64.b64encode(pdf).decode("ascii") for pdf in signed]}

    def signed(self, pdf: bytes, nik: str, how: Mapping[str, Any]) -> bytes:
        """Return a PDF with one more signature, PAdES-BASELINE-T by the simulator's own clock."""
        writer = IncrementalPdfFileWriter(BytesIO(pdf))
        name = f"bcs_ecs_{secrets.token_hex(6)}"
        meta = PdfSignatureMetadata(
            field_name=name,
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            name=self._people[nik].name,
            reason=how.get("reason"),
            location=how.get("location"),
        )
        now = self._now()
        signer = _Signer(
            meta,
            signer=_signer(self._certified[nik], self._authority),
            timestamper=DummyTimeStamper(
                asn1_x509.Certificate.load(self._clock.certificate),
                asn1_keys.PrivateKeyInfo.load(self._clock.private),
                certs_to_embed=_store(self._authority),
                fixed_dt=now,
            ),
            stamp_style=_style(how),
            new_field_spec=_field(writer, name, how),
        )
        signer.at = now
        return bytes(signer.sign_pdf(writer, output=BytesIO()).getvalue())


class _Signer(PdfSigner):
    """Signs at a given time."""

    at: datetime

    def init_signing_session(self, pdf_out: BasePdfFileWriter, existing_fields_only: bool = False) -> PdfSigningSession:
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self.at
        return session

    def register_extensions(self, pdf_out: BasePdfFileWriter, *, md_algorithm: str) -> None:  # noqa: ARG002
        pdf_out.register_extension(ESIC_EXTENSION_1)  # PDF/A-2 stays PDF 1.7


def _signer(certified: Certified, authority: Authority) -> SimpleSigner:
    return SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(certified.certificate),
        signing_key=asn1_keys.PrivateKeyInfo.load(certified.private),
        cert_registry=_store(authority),
    )


def _store(authority: Authority) -> SimpleCertificateStore:
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register(asn1_x509.Certificate.load(authority.certificate))
    return store


def _style(how: Mapping[str, Any]) -> StaticStampStyle | None:
    if how.get("tampilan") != "VISIBLE":
        return None
    image = Image.open(BytesIO(base64.b64decode(how["imageBase64"]))).convert("RGB")
    middle = AxisAlignment.ALIGN_MID
    whole = SimpleBoxLayoutRule(middle, middle, Margins(0, 0, 0, 0), InnerScaling.STRETCH_FILL)
    return StaticStampStyle(border_width=0, background=PdfImage(image), background_layout=whole, background_opacity=1.0)


def _field(writer: IncrementalPdfFileWriter, name: str, how: Mapping[str, Any]) -> SigFieldSpec:
    if how.get("tampilan") != "VISIBLE":
        return SigFieldSpec(name)
    page = int(how["page"]) - 1
    _, _, _, top = writer.prev.root["/Pages"]["/Kids"][0].get("/MediaBox", (0, 0, 595.28, 841.89))
    x, y, width, height = (float(how[key]) for key in ("originX", "originY", "width", "height"))
    box = (round(x), round(float(top) - y - height), round(x + width), round(float(top) - y))
    return SigFieldSpec(name, on_page=page, box=box)
