"""What devices signed inside a container: shortened, whole, altered, and made by somebody who can count digests."""

from __future__ import annotations

import base64
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from support.altered import Altered, Genuine, put
from support.former_records import described, former, zipped
from support.peak import MOST_MB, peak_mb
from support.samples import sample

from fieldkit.domain.errors import InputError, KnownError
from fieldkit.domain.recording.detached_jws import Base64
from fieldkit.domain.recording.positions import Position
from fieldkit.formats.container import MAX_BYTES, read_container
from fieldkit.formats.device_signatures import Detached, attach_signatures, detach_signatures

INDEX = "samples/RIGHT_INDEX"
EYE = "samples/EYE_LEFT"  # the first of the names: it holds the header of all


@dataclass
class Stored:
    """What stands in a container, open to every change."""

    contents: dict[str, Any]
    entries: dict[str, bytes]

    @classmethod
    def of(cls, content: bytes) -> Stored:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = {name: archive.read(name) for name in archive.namelist()}
        return cls(json.loads(entries.pop("contents.json")), entries)

    def detached(self, stem: str = INDEX) -> dict[str, Any]:
        return self.contents["entries"][f"{stem}.jws"]["detached"]  # type: ignore[no-any-return]

    def put(self, name: str, data: bytes) -> None:
        self.entries[name] = data
        self.contents["entries"].setdefault(name, {}).update(described(data))

    def content(self) -> bytes:
        return zipped(self.contents, self.entries)


def test_no_sample_stands_twice(genuine: Genuine) -> None:
    stored = Stored.of(genuine.content)
    samples = {name: data for name, data in stored.entries.items() if name.endswith((".fir", ".iir", ".fac"))}
    signed = [name for name in stored.entries if name.endswith(".jws")]
    assert len(signed) == len(samples) == 12
    for name, data in samples.items():
        value = base64.urlsafe_b64encode(data).rstrip(b"=")
        jws = f"{name.rpartition('.')[0]}.jws"
        header, rest = stored.entries[jws].split(b".", 1)
        assert json.loads(rest.rpartition(b".")[0])["bioValue"] == ""
        assert not any(value in each for each in stored.entries.values())
        assert bool(header) is (jws == f"{EYE}.jws"), "the same header stands once"


def test_it_comes_back_as_the_device_signed_it(genuine: Genuine) -> None:
    record = read_container(genuine.content)
    assert record.version == 4
    jws = record.entries[f"{INDEX}.jws"]
    payload = json.loads(base64.urlsafe_b64decode(jws.split(b".")[1] + b"=="))
    assert base64.urlsafe_b64decode(payload["bioValue"] + "==") == record.entries[f"{INDEX}.fir"]
    assert genuine.judged(Altered.of(genuine.content)) == ""


def test_a_record_of_the_form_before_opens(genuine: Genuine) -> None:
    older = former(genuine.content)
    assert len(older) > len(genuine.content)
    record = read_container(older)
    assert (record.version, record.entries) == (2, read_container(genuine.content).entries)
    altered = Altered.of(older)
    altered.version = 2
    assert altered.content() == older
    assert genuine.judged(altered) == ""


def test_what_does_not_come_back_is_kept_whole(genuine: Genuine) -> None:
    altered = Altered.of(genuine.content)
    jws = altered.entries[f"{INDEX}.jws"]
    put(altered, altered.entries["samples/RIGHT_MIDDLE.fir"])
    altered.entries[f"{INDEX}.jws"] = jws  # it speaks of another sample than the one that stands beside
    stored = Stored.of(altered.content())
    assert stored.entries[f"{INDEX}.jws"] == jws
    assert "detached" not in stored.contents["entries"][f"{INDEX}.jws"]
    assert "detached" in stored.contents["entries"]["samples/RIGHT_MIDDLE.jws"]
    assert read_container(altered.content()).entries[f"{INDEX}.jws"] == jws


Change = Callable[[Stored], object]


def other_sample(stored: Stored) -> None:
    stored.put(f"{INDEX}.fir", stored.entries["samples/RIGHT_MIDDLE.fir"])


def other_claims(stored: Stored) -> None:
    stored.put(f"{INDEX}.jws", stored.entries[f"{INDEX}.jws"].replace(b'"Right IndexFinger"', b'"Right RingFinger "'))


def other_header(stored: Stored) -> None:
    stored.put(f"{EYE}.jws", b"e30" + stored.entries[f"{EYE}.jws"])


def elsewhere(stored: Stored) -> None:
    stored.detached()["at"] += 1


def far_away(stored: Stored) -> None:
    stored.detached()["at"] = 10**18


def other_alphabet(stored: Stored) -> None:
    stored.detached()["alphabet"] = "base64"


def header_of_nobody(stored: Stored) -> None:
    stored.detached()["header"] = "samples/LEFT_INDEX.jws"  # which names another one itself


def header_named_by_itself(stored: Stored) -> None:
    stored.detached(EYE)["header"] = f"{EYE}.jws"


def of_another_finger(stored: Stored) -> None:
    stored.detached()["sample"] = "samples/RIGHT_MIDDLE.fir"


def of_nothing(stored: Stored) -> None:
    stored.detached()["sample"] = "samples/nobody.fir"


def header_of_nothing(stored: Stored) -> None:
    stored.detached()["header"] = "samples/nobody.jws"


def of_what_nobody_signs(stored: Stored) -> None:
    told = {"sample": f"{INDEX}.fir", "at": 0, "alphabet": "base64url"}
    stored.contents["entries"]["enrollment.json"]["detached"] = told


def unknown_alphabet(stored: Stored) -> None:
    stored.detached()["alphabet"] = "base32"


def before_the_claims(stored: Stored) -> None:
    stored.detached()["at"] = -1


def said_to_be_older(stored: Stored) -> None:
    stored.contents["version"] = 2


def whole_without_need(stored: Stored) -> None:
    stored.put(f"{INDEX}.jws", read_container(stored.content()).entries[f"{INDEX}.jws"])
    del stored.contents["entries"][f"{INDEX}.jws"]["detached"]


def header_again(stored: Stored) -> None:
    stored.put(f"{INDEX}.jws", stored.entries[f"{EYE}.jws"].split(b".")[0] + stored.entries[f"{INDEX}.jws"])
    stored.detached().pop("header")


def explicit_nothing(stored: Stored) -> None:
    stored.detached(EYE)["header"] = None


ALTERED: dict[Change, str] = {
    other_sample: "position_differs",
    other_claims: "device_signature",
    other_header: "device_signature",
    elsewhere: "device_signature",
    far_away: "not_canonical",
    other_alphabet: "device_signature",
    header_of_nobody: "not_canonical",
    header_named_by_itself: "not_canonical",
    of_another_finger: "not_canonical",
    of_nothing: "entries_differ",
    header_of_nothing: "entries_differ",
    of_what_nobody_signs: "not_canonical",
    unknown_alphabet: "contents_unreadable",
    before_the_claims: "contents_unreadable",
    said_to_be_older: "not_canonical",
    whole_without_need: "not_canonical",
    header_again: "not_canonical",
    explicit_nothing: "not_canonical",
}


@pytest.mark.parametrize(("change", "code"), ALTERED.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_what_is_altered_is_refused_by_name(genuine: Genuine, change: Change, code: str) -> None:
    stored = Stored.of(genuine.content)
    assert stored.content() == genuine.content
    change(stored)
    with pytest.raises(KnownError) as caught:
        genuine.judged(Altered.of(genuine.content), content=stored.content())
    assert caught.value.code == f"record.{code}"


@pytest.mark.parametrize(("is_whole", "code"), [(True, "device_content"), (False, "device_signature")])
def test_another_sample_is_not_what_the_device_signed(genuine: Genuine, is_whole: bool, code: str) -> None:
    """Somebody who can seal puts another print there and corrects all that names it but what the device signed."""
    altered = Altered.of(genuine.content)
    put(altered, sample(Position.RIGHT_INDEX, turn=9).data)
    stored, before = Stored.of(altered.content()), Stored.of(genuine.content)
    if is_whole:
        stored.put(f"{INDEX}.jws", read_container(genuine.content).entries[f"{INDEX}.jws"])
        del stored.contents["entries"][f"{INDEX}.jws"]["detached"]
    else:
        stored.put(f"{INDEX}.jws", before.entries[f"{INDEX}.jws"])
        stored.contents["entries"][f"{INDEX}.jws"]["detached"] = before.detached()
    with pytest.raises(KnownError) as caught:
        genuine.judged(altered, content=stored.content())
    assert (caught.value.code, caught.value.problem.params) == (f"record.{code}", {"position": "RIGHT_INDEX"})


def test_a_small_record_that_claims_to_be_a_large_one_takes_no_room(genuine: Genuine) -> None:
    entries = {f"{INDEX}.fir": bytes(20_000_000)} | {f"samples/{n}.jws": b".{}." for n in ("LEFT_INDEX", "LEFT_THUMB")}
    how = Detached(sample=f"{INDEX}.fir", at=1, alphabet=Base64.URL)

    def unpack() -> None:
        with pytest.raises(InputError) as caught:
            attach_signatures(entries, {name: how for name in entries if name.endswith(".jws")}, MAX_BYTES)
        assert caught.value.code == "record.too_large"

    assert peak_mb(unpack) <= MOST_MB


def test_what_it_grows_to_counts_to_the_byte() -> None:
    value = base64.urlsafe_b64encode(bytes(900))
    jws = b"a." + base64.urlsafe_b64encode(b'"' + value + b'"').rstrip(b"=") + b".c"
    stored, shortened = detach_signatures({f"{INDEX}.fir": bytes(900), f"{INDEX}.jws": jws})
    assert stored[f"{INDEX}.jws"] == b'a."".c'
    most = 900 + len(b'a."".c') + 1600
    assert attach_signatures(stored, shortened, most)[f"{INDEX}.jws"] == jws
    with pytest.raises(InputError):
        attach_signatures(stored, shortened, most - 1)


def test_an_empty_sample_changes_nothing() -> None:
    entries = {f"{INDEX}.fir": b"", f"{INDEX}.jws": b"a.e30.c"}
    stored, shortened = detach_signatures(entries)
    assert attach_signatures(stored, shortened, MAX_BYTES) == entries
