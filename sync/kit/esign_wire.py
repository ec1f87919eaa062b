"""The messages of the BSrE e-sign client service, version 2, with its own names and spellings."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Told(BaseModel):
    """What the service says. It says more than is read here; what it said never stands in an error of ours."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class SignatureProperties(BaseModel):
    """How one signature looks. `originX`/`originY` are points from the upper left corner of the page."""

    tampilan: Literal["VISIBLE", "INVISIBLE"]
    imageBase64: str | None = None  # noqa: N815 – the service's names
    page: int | None = None
    originX: float | None = None  # noqa: N815
    originY: float | None = None  # noqa: N815
    width: float | None = None
    height: float | None = None
    location: str | None = None
    reason: str | None = None
    contactInfo: str | None = None  # noqa: N815


class SignQuestion(BaseModel):
    """POST /api/v2/sign/pdf. Either passphrase or totp."""

    nik: str = Field(repr=False)
    passphrase: str | None = Field(default=None, repr=False)
    totp: str | None = Field(default=None, repr=False)
    signatureProperties: tuple[SignatureProperties, ...]  # noqa: N815
    file: tuple[str, ...] = Field(repr=False)


class SignAnswer(_Told):
    """The signed files, base64, in the order they were given."""

    time: int | None = None  # ms that signing took
    file: tuple[str, ...] = Field(repr=False)


class TotpQuestion(BaseModel):
    """POST /api/v2/sign/get/totp; `data` is how many files the code is for."""

    nik: str = Field(repr=False)
    data: int = 1


class TotpAnswer(_Told):
    """Whether a code is on its way; BSrE shows it in its own app."""

    success: bool = True
    message: str = ""


class AccountQuestion(BaseModel):
    """POST /api/v2/user/check/status."""

    nik: str = Field(repr=False)


class AccountAnswer(_Told):
    """HTTP 200 for every account: the state says what is wrong."""

    status_code: int | None = None
    message: str = ""
    status: str = ""


class VerifyQuestion(BaseModel):
    """POST /api/v2/verify/pdf; one file, base64."""

    file: str = Field(repr=False)


class TimestampInformation(_Told):
    """Who certified the time."""

    signerName: str | None = None  # noqa: N815
    timestampDate: datetime | None = None  # noqa: N815


class CertificateDetail(_Told):
    """One certificate of the signer's chain, the signer's first."""

    commonName: str | None = None  # noqa: N815
    issuerName: str | None = None  # noqa: N815


class SignatureInformation(_Told):
    """One signature. `lastSignature` is false even for the only one, so nothing is read from it."""

    signerName: str | None = None  # noqa: N815
    signatureDate: datetime | None = None  # noqa: N815
    integrityValid: bool = False  # noqa: N815
    certificateTrusted: bool = False  # noqa: N815
    modified: bool = False
    # The service misspells it; a corrected spelling is understood too.
    timestampInfomation: TimestampInformation | None = None  # noqa: N815
    timestampInformation: TimestampInformation | None = None  # noqa: N815
    certificateDetails: tuple[CertificateDetail, ...] | None = None  # noqa: N815

    @property
    def timestamp(self) -> TimestampInformation | None:
        """The timestamp under either spelling."""
        return self.timestampInfomation or self.timestampInformation


class VerifyAnswer(_Told):
    """What the service thinks of a file."""

    conclusion: str
    description: str | None = None
    signatureCount: int = 0  # noqa: N815
    signatureInformations: tuple[SignatureInformation, ...] | None = None  # noqa: N815


class Refusal(_Told):
    """HTTP 4xx: its own code and sentence; or what its web server says by itself, without a code."""

    error: str | None = None
    message: str | None = None
    status_code: int | None = None


def without_empty(question: BaseModel) -> dict[str, Any]:
    """Return a question as the service wants it: what is not said is not there."""
    return question.model_dump(exclude_none=True)
