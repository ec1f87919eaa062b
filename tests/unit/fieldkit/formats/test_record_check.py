from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from support.altered import Alteration, Altered, Genuine, reseal_device
from support.clock import NOW
from support.room import PETUGAS

from fieldkit.domain.errors import InputError, KnownError
from fieldkit.domain.events import canonical_json, digest_of
from fieldkit.formats.container import read_container
from fieldkit.formats.record_check import check_record, demand_kit
from fieldkit.ports.vault import SealSigner, SignerRole
from fieldkit.vault.device_trust import SealedProofs


def other_kit_inside(altered: Altered) -> None:
    altered.context["kit"] = "K02"


def other_kit_signs(altered: Altered) -> None:
    altered.kit = "K02"


def other_petugas_signs(altered: Altered) -> None:
    altered.petugas = ("budi", PETUGAS.role.value)


def storekeeper_signs(altered: Altered) -> None:
    altered.petugas = (PETUGAS.user_id, "pengurus_barang")


def nobody_named(altered: Altered) -> None:
    altered.context["petugas"] = []


def other_place_in_chain(altered: Altered) -> None:
    altered.context["chain"]["sequence"] += 1


def sealed_before(altered: Altered) -> None:
    altered.sealed_at = NOW - timedelta(minutes=30)


def sealed_long_after(altered: Altered) -> None:
    altered.sealed_at = NOW + timedelta(days=3)


def captured_after_the_seal(altered: Altered) -> None:
    later = (NOW + timedelta(days=2)).isoformat()
    altered.context["attempts"]["iris"][0]["at"] = later
    altered.event("attempt_made", "iris")["at"] = later
    for eye in ("EYE_LEFT", "EYE_RIGHT"):
        del altered.entries[f"samples/{eye}.jws"], altered.entries[f"samples/{eye}.cer"]
        altered.item(eye).pop("metadata")
        _, stated, told = altered.capture("iris", eye)
        stated["chainHash"] = told["chain"] = ""


ALTERED: dict[Alteration, str] = {
    other_kit_inside: "other_kit",
    other_kit_signs: "other_kit",
    other_petugas_signs: "other_petugas",
    storekeeper_signs: "petugas_role",
    nobody_named: "no_petugas",
    other_place_in_chain: "chain_differs",
    sealed_before: "sealing_time",
    sealed_long_after: "sealing_time",
    captured_after_the_seal: "sealing_time",
}


@pytest.mark.parametrize(("alter", "code"), ALTERED.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_an_altered_record_is_refused_by_name(genuine: Genuine, alter: Alteration, code: str) -> None:
    altered = Altered.of(genuine.content)
    alter(altered)
    with pytest.raises(KnownError) as caught:
        genuine.judged(altered)
    assert caught.value.code == f"record.{code}"


def test_a_genuine_record_is_accepted(genuine: Genuine) -> None:
    assert genuine.judged(Altered.of(genuine.content)) == ""
    assert genuine.judged(Altered.of(genuine.content), SealedProofs()) == ""


def test_a_clock_that_was_set_back_an_hour_during_the_recording_loses_nothing(genuine: Genuine) -> None:
    altered = Altered.of(genuine.content)
    hour = timedelta(hours=1)
    altered.context["finishedAt"] = altered.event("sealing_started")["at"] = (NOW - hour).isoformat()
    altered.sealed_at = NOW - hour
    assert genuine.judged(altered) == "time.implausible"


def test_a_record_of_the_first_version_is_accepted(genuine: Genuine) -> None:
    """Its events did not name the one before, its devices signed no recording."""
    altered = Altered.of(genuine.content)
    altered.version, altered.is_rechained = 1, False
    for event in altered.events:
        event["payload"].pop("after")
        event["payload"].pop("form", None)
    for item in altered.enrollment["biometricData"]:
        if "imageRef" in item:  # they were dated by the laptop alone
            item["captureDate"] = NOW.isoformat()
    reseal_device(altered, transactionId="4711")
    rechain(altered)
    assert genuine.judged(altered) == "record.older_form"


def rechain(altered: Altered) -> None:
    """Let neighbours in the log follow each other again."""

    for one, other in zip(altered.events, altered.events[1:], strict=False):
        if other["sequence"] == one["sequence"] + 1:
            other["previous"] = digest_of(canonical_json({**one, "payload": canonical_json(one["payload"])}))


def test_a_petugas_is_no_kit() -> None:
    demand_kit(SealSigner(SignerRole.KIT, "K01", "K01", 1, b""), "K01")
    for role, name in ((SignerRole.PETUGAS, "K01"), (SignerRole.KIT, "K02")):
        with pytest.raises(InputError) as caught:
            demand_kit(SealSigner(role, name, name, 1, b""), "K01")
        assert caught.value.code == "record.other_kit"


def places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield where anything stands in JSON."""
    yield path
    if isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        for name, each in inner:
            yield from places(each, (*path, name))


@pytest.mark.days
@pytest.mark.parametrize("seed", range(6))
def test_whatever_stands_in_the_place_of_a_value_the_answer_is_a_known_one(genuine: Genuine, seed: int) -> None:
    chance = Random(seed)
    base = Altered.of(genuine.content)
    seal = genuine.keys.opener.open(base.sealed(genuine.keys))
    for _ in range(20):
        altered = copy.deepcopy(base)
        altered.is_rechained = chance.random() < 0.5
        whole: Any = chance.choice([altered.enrollment, altered.events])
        *way, last = chance.choice([path for path in places(whole) if path])
        within = whole
        for name in way:
            within = within[name]
        within[last] = chance.choice([None, -1, "", "x", [], {}, [[]], {"a": 1}, 10**40, "\0", float("inf")])
        with contextlib.suppress(KnownError):
            altered.is_rechained &= all(isinstance(event, dict) and "payload" in event for event in altered.events)
            check_record(read_container(content_of(altered)), seal, SealedProofs())


def content_of(altered: Altered) -> bytes:
    """Return the container; events that are no events any more are written as they are."""
    try:
        return altered.content()
    except (TypeError, KeyError, AttributeError):
        altered.is_rechained, altered.events = False, []
        return altered.content()
