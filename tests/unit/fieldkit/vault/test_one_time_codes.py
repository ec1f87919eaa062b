from __future__ import annotations

import base64
from urllib.parse import parse_qs, urlsplit

from fieldkit.vault.one_time_codes import TotpCodes


def test_codes_are_those_of_rfc_6238() -> None:
    secret = base64.b32encode(b"12345678901234567890").decode()  # the secret of its appendix B
    codes = TotpCodes()
    assert [codes.code_at(secret, at // 30) for at in (59, 1111111109, 1234567890, 20000000000)] == [
        "287082",
        "081804",
        "005924",
        "353130",
    ]


def test_a_secret_has_160_bits_and_spares_are_never_digits_only() -> None:
    codes = TotpCodes()
    assert len(base64.b32decode(codes.new_secret())) == 20
    assert codes.new_secret() != codes.new_secret()
    spares = {codes.new_spare() for _ in range(500)}
    assert len(spares) == 500
    assert all(len(each) == 9 and each[4] == "-" and not each.replace("-", "").isdigit() for each in spares)


def test_an_authenticator_reads_secret_user_and_kit() -> None:
    secret = TotpCodes().new_secret()
    uri = urlsplit(TotpCodes().uri(secret, "ani", "Fieldkit K07"))
    assert (uri.scheme, uri.netloc, uri.path) == ("otpauth", "totp", "/Fieldkit%20K07:ani")
    assert parse_qs(uri.query) == {"secret": [secret], "issuer": ["Fieldkit K07"]}
