"""The devices' hash chain of a sealed record, replayed where it is opened."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.altered import INDEX, Alteration, Altered, Genuine

from fieldkit.domain.errors import KnownError
from fieldkit.domain.recording.capture import first_break
from fieldkit.formats.record_check import DeviceLink
from fieldkit.formats.stated import stated_by


def attempts(altered: Altered) -> list[dict[str, Any]]:
    return [attempt for tries in altered.context["attempts"].values() for attempt in tries]


def repeated_left_out(altered: Altered) -> None:
    """Nobody would see that the thumbs were given twice."""
    for link in [link for attempt in attempts(altered) for link in attempt.get("links", []) if "discarded" in link]:
        first = next(a for a in attempts(altered) if link in a.get("links", []))
        first["links"].remove(link)
        first["samples"] = [s for s in first["samples"] if s["chainHash"] != link["chainHash"]]


def link_left_out(altered: Altered) -> None:
    altered.capture("right_four", INDEX)[0]["links"].pop(0)


def hash_forged(altered: Altered) -> None:
    altered.capture("right_four", INDEX)[0]["links"][-1]["previous"] = "AB" * 32


def digest_forged(altered: Altered) -> None:
    link = altered.capture("right_four", INDEX)[0]["links"][0]
    altered.capture("right_four", INDEX)[0]["links"].append({**link, "sha256": "00" * 32})


def links_left_out(altered: Altered) -> None:
    for attempt in attempts(altered):
        attempt.pop("links", None)


def signature_of_one_left_out(altered: Altered) -> None:
    """Everything that tells of it is gone, in the events too."""
    attempt, stated, told = altered.capture("right_four", INDEX)
    attempt["links"] = [link for link in attempt["links"] if link["chainHash"] != stated["chainHash"]]
    stated["chainHash"] = told["chain"] = ""
    item = altered.item(INDEX)
    beside = json.loads(item["metadata"])
    item["metadata"] = json.dumps(
        {k: beside[k] for k in beside.keys() - {"jws", "certificate", "chainHash", "signedAt"}}
    )
    for suffix in ("jws", "cer"):
        del altered.entries[f"samples/{INDEX}.{suffix}"]


def test_a_device_that_signs_signs_all(genuine: Genuine) -> None:
    altered = Altered.of(genuine.content)
    signature_of_one_left_out(altered)
    with pytest.raises(KnownError, match=r"record\.device_proof_missing"):
        genuine.judged(altered)


ALTERED: dict[Alteration, str] = {
    link_left_out: "device_link_missing",
    links_left_out: "device_link_missing",
    hash_forged: "device_chain",
    digest_forged: "device_chain",
}


@pytest.mark.parametrize(("alter", "code"), ALTERED.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_a_chain_that_was_altered_is_refused_by_name(genuine: Genuine, alter: Alteration, code: str) -> None:
    altered = Altered.of(genuine.content)
    alter(altered)
    with pytest.raises(KnownError) as caught:
        genuine.judged(altered)
    assert caught.value.code == f"record.{code}"
    assert caught.value.problem.params["device"] == "Device 1"


def test_the_chain_of_a_repeated_step_holds_and_says_what_was_replaced(genuine: Genuine) -> None:
    altered = Altered.of(genuine.content)
    links = [link for attempt in attempts(altered) for link in attempt.get("links", [])]
    replaced = [link["position"] for link in links if link.get("discarded") == "replaced"]
    assert replaced == ["RIGHT_THUMB", "LEFT_THUMB"]
    assert genuine.judged(altered) == ""


def test_what_was_discarded_cannot_be_left_out(genuine: Genuine) -> None:
    altered = Altered.of(genuine.content)
    repeated_left_out(altered)
    stated = stated_by(altered.content() and altered.entries["enrollment.json"])
    links = [
        DeviceLink(link.position, link.sha256, link.previous, link.chain_hash, link.signed_at)
        for tries in stated.context.attempts.values()
        for attempt in tries
        for link in attempt.links or ()
    ]
    assert first_break(links) is not None


def test_a_record_of_a_program_that_kept_no_links_is_accepted(genuine: Genuine) -> None:
    altered = Altered.of(genuine.content)
    altered.event("session_opened")["payload"]["form"] = 2
    links_left_out(altered)
    assert genuine.judged(altered) == "record.older_form"


def test_a_recording_that_an_older_program_began_is_accepted(genuine: Genuine) -> None:
    altered = Altered.of(genuine.content)
    altered.event("session_opened")["payload"]["form"] = 2
    (altered.context["attempts"]["thumbs"][0]).pop("links")
    assert genuine.judged(altered) == "record.older_form"
