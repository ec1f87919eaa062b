from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.protocol import tus


@given(st.binary(max_size=2000), st.integers(0, 2**40))
def test_a_checksum_survives_its_header_and_notices_a_flip(chunk: bytes, flip: int) -> None:
    checksum = tus.parse_checksum(tus.content_headers(hashlib.sha256(chunk).hexdigest())["Upload-Checksum"])
    assert checksum.matches(chunk)
    assert not checksum.matches(chunk + b"\0")
    if chunk:
        harmed = bytearray(chunk)
        harmed[flip % len(chunk)] ^= 1 << flip % 8
        assert not checksum.matches(bytes(harmed))


def test_sha1_is_known_because_the_specification_asks_for_it() -> None:
    value = tus.Checksum("sha1", hashlib.sha1(b"abc").digest()).header()
    assert value == "sha1 qZk+NkcGgWq6PiVxeFDCbJzQ2J0="
    assert tus.parse_checksum(value).matches(b"abc")


@pytest.mark.parametrize("value", ["", "md5 AAAA", "sha256 %%%", "sha256 AAA"])
def test_bad_checksums_are_refused(value: str) -> None:
    with pytest.raises(tus.TusHeaderError):
        tus.parse_checksum(value)


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,10}", fullmatch=True), st.text(max_size=30), max_size=4))
def test_metadata_survives_its_header(pairs: dict[str, str]) -> None:
    assert tus.parse_metadata(tus.write_metadata(pairs)) == pairs


@pytest.mark.parametrize("value", ["a YQ==,a YQ==", "a !", "ä YQ==", "a /w=="])
def test_bad_metadata_is_refused(value: str) -> None:
    with pytest.raises(tus.TusHeaderError):
        tus.parse_metadata(value)


@pytest.mark.parametrize("value", [None, "", "-1", "1.5", "١٢", "9" * 17, str(2**53 + 1), " 1"])
def test_bad_sizes_are_refused(value: str | None) -> None:
    with pytest.raises(tus.TusHeaderError):
        tus.parse_size("Upload-Offset", value)


def test_creation_names_the_record() -> None:
    headers = tus.creation_headers(5, "r-1")
    assert tus.parse_size("Upload-Length", headers["Upload-Length"]) == 5
    assert tus.parse_metadata(headers["Upload-Metadata"]) == {"record_id": "r-1"}


def test_bytes_that_count_as_far_as_they_come_bear_no_checksum() -> None:
    assert "Upload-Checksum" not in tus.piece_headers(5)
    assert tus.piece_headers(5)["Upload-Offset"] == "5"
