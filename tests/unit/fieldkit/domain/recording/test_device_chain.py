from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from fieldkit.domain.recording.device_chain import EMPTY_HASH, DeviceLink, first_break, next_hash
from fieldkit.domain.recording.positions import RIGHT_FOUR

AT = datetime(2026, 11, 21, tzinfo=UTC)


def chain_of(count: int = 4) -> list[DeviceLink]:
    links, last = list[DeviceLink](), EMPTY_HASH
    for position in RIGHT_FOUR[:count]:
        digest = hashlib.sha256(position.value.encode()).hexdigest()
        links.append(DeviceLink(position, digest, last, next_hash(last, digest), AT))
        last = links[-1].chain_hash
    return links


def test_a_hash_is_over_binary_digests_and_begins_with_that_of_nothing():
    digest = hashlib.sha256(b"FIR").digest()
    first = hashlib.sha256(hashlib.sha256(b"").digest() + digest).hexdigest().upper()
    assert next_hash("", digest.hex()) == next_hash(EMPTY_HASH, digest.hex()) == first
    second = hashlib.sha256(bytes.fromhex(first) + digest).hexdigest().upper()
    assert next_hash(first, digest.hex()) == second


def test_a_whole_chain_holds_in_any_order_and_with_a_capture_that_came_late():
    links = chain_of()
    assert first_break(links) is None
    assert first_break(links[::-1]) is None
    late = hashlib.sha256(b"late").hexdigest()
    branch = DeviceLink(links[0].position, late, links[1].chain_hash, next_hash(links[1].chain_hash, late), AT)
    assert first_break([*links, branch]) is None


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_a_link_that_was_taken_out_is_missed_by_the_next(gone):
    links = chain_of()
    assert first_break(links[:gone] + links[gone + 1 :]) == links[gone + 1]
    assert first_break(links[:gone] + links[gone + 1 :], {links[gone].chain_hash}) is None


@pytest.mark.parametrize("change", [{"sha256": "00" * 32}, {"chain_hash": "00" * 32}, {"sha256": "no digest"}])
def test_a_link_that_is_not_its_own_hash_is_named(change):
    links = chain_of()
    links[2] = replace(links[2], **change)
    assert first_break(links) in (links[2], links[3])
