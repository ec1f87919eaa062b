from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.former_records import newer
from support.tries import tries

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.positions import Position
from fieldkit.domain.recording.record import ExceptionPhoto, RecordDraft
from fieldkit.formats.container import ContainerCodec, read_container, write_container
from fieldkit.formats.images import decode_grey


@pytest.fixture(scope="module")
def container(draft: RecordDraft) -> bytes:
    return write_container(draft)


def repacked(container: bytes, change: dict[str, bytes | None], method: int = zipfile.ZIP_STORED) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(container)) as old, zipfile.ZipFile(out, "w", method) as new:
        for entry in old.infolist():
            data = change.get(entry.filename, old.read(entry))
            if data is not None:
                copied = zipfile.ZipInfo(entry.filename, entry.date_time)
                copied.external_attr = 0o644 << 16
                new.writestr(copied, data, method)
        for name in change.keys() - set(old.namelist()):
            new.writestr(name, change[name] or b"")
    return out.getvalue()


def test_same_draft_gives_the_same_bytes(draft: RecordDraft, container: bytes) -> None:
    assert ContainerCodec().write(draft) == container
    assert write_container(replace(draft, events=())) != container


def test_everything_comes_back(draft: RecordDraft, container: bytes) -> None:
    opened = read_container(container)
    assert (opened.record_id, opened.kit_id, opened.link) == (draft.record_id, "kit-7", draft.link)
    assert (opened.nik, opened.amends) == ("3519024107260001", "")
    sent = {(k.sample.position, k.step.value == "confirmation"): k.sample.data for k in draft.samples}
    assert {(s.position, s.is_confirmation): s.data for s in opened.samples} == sent
    assert opened.samples[0].position is Position.RIGHT_INDEX
    assert opened.entries["events.jsonl"].decode().splitlines() == list(draft.events)
    assert opened.entries["samples/RIGHT_INDEX.jws"] == b"aGVhZA.Ym9keQ.c2ln"
    assert decode_grey(opened.entries["samples/SIGNATURE.png"]).min() < 60


def test_any_zip_program_reads_it(container: bytes) -> None:
    with zipfile.ZipFile(BytesIO(container)) as archive:
        assert archive.testzip() is None
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
        contents = json.loads(archive.read("contents.json"))
    assert contents["sequence"] == 3
    assert contents["previous"] == "ab" * 32


def test_amendment_names_what_it_corrects(draft: RecordDraft) -> None:
    earlier = "0193a0c4-6e7a-7b3c-9d2e-000000000001"
    assert read_container(write_container(replace(draft, amends=earlier))).amends == earlier


def test_the_photo_of_an_exception_is_no_sample(draft: RecordDraft) -> None:
    shown = [replace(mark, evidence_sample_id="p1") for mark in draft.exceptions[:1]]
    photographed = replace(draft, exceptions=(*shown, *draft.exceptions[1:]), photos=(ExceptionPhoto("p1", b"jpeg"),))
    read = read_container(write_container(photographed))
    assert read.entries["samples/exception-1.jpg"] == b"jpeg"
    assert len(read.samples) == len(draft.samples)
    told = read.enrollment["contextualData"]["exceptions"]
    assert [mark.get("photo") for mark in told] == ["samples/exception-1.jpg", *[None] * (len(told) - 1)]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"samples/EYE_RIGHT.iir": b"other"}, "record.digest_differs"),
        ({"events.jsonl": b""}, "record.digest_differs"),
        ({"samples/EYE_RIGHT.iir": None}, "record.entries_differ"),
        ({"samples/EYE_LEFT.iir": b"more"}, "record.entries_differ"),
        ({"readme.txt": b""}, "record.unexpected_entry"),
        ({"samples/../../etc.fir": b""}, "record.unexpected_entry"),
        ({"contents.json": b"{}"}, "record.contents_unreadable"),
        ({"contents.json": None}, "record.contents_unreadable"),
        ({}, "record.not_canonical"),  # same entries, other attributes
    ],
)
def test_changed_content_is_named(container: bytes, change: dict[str, bytes | None], code: str) -> None:
    with pytest.raises(InputError) as refused:
        read_container(repacked(container, change))
    assert refused.value.code == code


def test_a_container_of_a_newer_program_names_both_versions(container: bytes) -> None:
    with pytest.raises(InputError) as refused:
        read_container(newer(container))
    assert (refused.value.code, refused.value.problem.params) == ("record.newer", {"version": 5, "known": 4})


def test_compressed_container_is_refused(container: bytes) -> None:
    with pytest.raises(InputError, match="not_canonical"):
        read_container(repacked(container, {}, zipfile.ZIP_DEFLATED))


@pytest.mark.parametrize("extra", [b"x", b"PK\x05\x06" + bytes(18)])
def test_nothing_hides_before_or_behind(container: bytes, extra: bytes) -> None:
    for spoiled in (container + extra, extra + container):
        with pytest.raises(InputError, match=r"^record\."):
            read_container(spoiled)


@given(st.data())
@settings(max_examples=tries(200), deadline=None)
def test_a_flipped_bit_anywhere_is_refused(container: bytes, data: st.DataObject) -> None:
    damaged = bytearray(container)
    damaged[data.draw(st.integers(0, len(container) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(InputError, match=r"^record\."):
        read_container(bytes(damaged))


@given(st.data())
@settings(max_examples=50, deadline=None)
def test_a_truncated_container_is_refused(container: bytes, data: st.DataObject) -> None:
    with pytest.raises(InputError, match=r"^record\."):
        read_container(container[: data.draw(st.integers(0, len(container) - 1))])


@given(st.binary(max_size=200))
def test_noise_is_no_record(noise: bytes) -> None:
    with pytest.raises(InputError, match=r"^record\.unreadable"):
        read_container(noise)


def test_two_samples_of_one_step_are_a_bug(draft: RecordDraft) -> None:
    with pytest.raises(ValueError, match="two samples"):
        write_container(replace(draft, samples=(draft.samples[0], draft.samples[0])))
