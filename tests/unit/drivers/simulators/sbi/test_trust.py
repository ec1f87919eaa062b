from __future__ import annotations

import base64
import datetime as dt
import shutil
import subprocess
from pathlib import Path

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from drivers.simulators.sbi.trust import Provider

NOW = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def provider() -> Provider:
    return Provider.create("P", NOW)


def test_another_jose_library_verifies(provider: Provider) -> None:
    token = provider.certify("D", NOW).sign({"a": 1})
    header = jwt.get_unverified_header(token)
    assert (header["alg"], header["typ"]) == ("RS256", "JWT")
    leaf, ca = (x509.load_der_x509_certificate(base64.b64decode(link)) for link in header["x5c"])
    assert jwt.decode(token, leaf.public_key(), algorithms=["RS256"]) == {"a": 1}
    assert ca.public_bytes(Encoding.PEM) == provider.certificate_pem


def test_a_given_provider_comes_back(provider: Provider) -> None:
    again = Provider.load(provider.to_pem())
    assert again.certificate_pem == provider.certificate_pem


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is absent")
def test_openssl_accepts_the_chain(provider: Provider, tmp_path: Path) -> None:
    header = jwt.get_unverified_header(provider.certify("D", NOW).sign({}))
    (tmp_path / "leaf.pem").write_text(
        f"-----BEGIN CERTIFICATE-----\n{header['x5c'][0]}\n-----END CERTIFICATE-----\n", encoding="ascii"
    )
    (tmp_path / "ca.pem").write_bytes(provider.certificate_pem)
    checked = subprocess.run(
        ["openssl", "verify", "-x509_strict", "-attime", str(int(NOW.timestamp())), "-CAfile", "ca.pem", "leaf.pem"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr
