from __future__ import annotations

import json

import pytest

from fieldkit.domain.people.slip import NO_SLIP, Slip, slip_in

SLIP = Slip("https://pusat.test:8443", "ABCD-EFGH-IJKL-MNOP-EF23", ":".join(["AB", "CD"] * 16), "K-01", "ani")
PLAIN = json.dumps({"url": SLIP.url, "code": SLIP.code, "ca_fingerprint": SLIP.ca_fingerprint, "kit": "K-01"})


@pytest.mark.parametrize(
    "text",
    [
        SLIP.line,
        SLIP.line.replace(" ", "\n"),
        f"Laptop: K-01\nAlamat: {SLIP.url}\nKode: {SLIP.code}\nSidik jari CA: {SLIP.ca_fingerprint}\nAdmin: ani",
        PLAIN[:-1] + ', "admin": "ani"}',
    ],
)
def test_a_slip_is_found_however_it_is_laid_out(text: str) -> None:
    assert slip_in(text) == SLIP
    assert SLIP.is_whole


def test_a_fingerprint_without_colons_and_a_code_before_it_stay_apart() -> None:
    plain = SLIP.ca_fingerprint.replace(":", "").lower()
    found = slip_in(f"{SLIP.url} {SLIP.code} {plain}")
    assert (found.code, found.ca_fingerprint, found.kit) == (SLIP.code, plain, "")


def test_what_is_missing_is_empty() -> None:
    assert slip_in("surat biasa") == NO_SLIP
    assert not slip_in(f"{SLIP.url} {SLIP.code}").is_whole
