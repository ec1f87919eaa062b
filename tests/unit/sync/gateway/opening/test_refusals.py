from __future__ import annotations

import re
from pathlib import Path

import pytest

from fieldkit.app.bootstrap.catalogue import Catalogue, field_catalogue, strict_catalogue
from sync.gateway.opening.refusals import reason_in_words

PROJECT = Path(__file__).parents[5]
# Whatever an opener may say of a record, in `record.` codes that are put together too.
PLACES = (
    "fieldkit/formats/record_check.py",
    "fieldkit/formats/record_samples.py",
    "fieldkit/formats/record_events.py",
    "fieldkit/formats/container.py",
    "fieldkit/formats/device_signatures.py",
    "fieldkit/formats/stated.py",
    "fieldkit/vault/age.py",
    "fieldkit/vault/cms.py",
    "sync/gateway/seals.py",
    "sync/gateway/opener.py",
)
CODE = re.compile(r'"((?:record|vault|gateway|time)\.[a-z_]+)"|"(device_[a-z]+)"')


def codes() -> set[str]:
    found = set()
    for place in PLACES:
        for whole, end in CODE.findall((PROJECT / place).read_text("utf-8")):
            found.add(whole or f"record.{end}")
    return found


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_refusal_has_a_sentence(language: str) -> None:
    catalogue: Catalogue = strict_catalogue(language)
    assert len(codes()) > 50
    for code in sorted(codes()):
        said = reason_in_words(catalogue, code)
        assert said.endswith(f" [{code}]"), code
        assert "{" not in said


@pytest.mark.parametrize("catalogue", [strict_catalogue("en"), field_catalogue("en")])
def test_what_the_code_does_not_tell_is_left_open(catalogue: Catalogue) -> None:
    said = reason_in_words(catalogue, "record.sample_missing")
    assert said == "The record is not complete: … neither recorded nor excepted. [record.sample_missing]"


def test_a_code_of_another_system_stays_as_it_is() -> None:
    for catalogue in (strict_catalogue("en"), field_catalogue("en")):
        assert reason_in_words(catalogue, "siak.whatever") == "siak.whatever"
        assert reason_in_words(catalogue, "") == ""
