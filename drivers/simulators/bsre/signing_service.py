"""What the simulated service does: it knows demo people, signs with pyHanko and checks signatures."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import Any

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
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

from drivers.simulators.bsre.authority import Authority, Certified
from fieldkit.documents.signature_check import complete_names

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
