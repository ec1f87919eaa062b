from __future__ import annotations

import json
from dataclasses import replace

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


@pytest.mark.parametrize("missing", ["url", "code", "ca_fingerprint"])
def test_slip_without_one_of_its_three_parts_is_not_whole(missing: str) -> None:
    assert not replace(SLIP, **{missing: ""}).is_whole


@pytest.mark.parametrize("named", [{}, {"kit": ""}, {"admin": ""}, {"kit": "", "admin": ""}])
def test_line_names_kit_and_admin_where_they_are_known(named: dict[str, str]) -> None:
    slip = replace(SLIP, **named)
    assert slip_in(slip.line) == slip
    assert ("kit=" in slip.line, "admin=" in slip.line) == (bool(slip.kit), bool(slip.admin))
