from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.clock import NOW
from support.peak import peak_mb, refused
from support.tries import tries

from fieldkit.domain.errors import InputError
from fieldkit.domain.events import Event, digest_of
from fieldkit.domain.exchange import Revision, Watermark
from fieldkit.domain.people import Role, User
from fieldkit.formats.bundle import BundleFiles, read_letterhead, read_users
from fieldkit.ports.exchange import Bundle, Chain

DRAFT = Event("e1", "KIT-A", "c1", 1, "u1", NOW, "v", 0, "visit_begun", "{}", "", "")
EVENT = replace(DRAFT, digest=digest_of(DRAFT.line()))
REVISION = Revision("visit", "v", "a", digest_of("{}"), "{}", {"c1": (1, 3)}, "KIT-A", "u1", NOW, {"c1": 2})
BUNDLE = Bundle(
    kit="KIT-A",
    chain="c1",
    made_at=NOW,
    made_by="u1",
    since=Watermark(1, 2),
    until=Watermark(3, 4),
    recipient="age1pq",
    seen={"c2": Watermark(5, 6)},
    people={"u1": "Rina"},
    chains=(Chain("c1", "KIT-A", NOW),),
    events=(EVENT,),
    revisions=(REVISION,),
    files={"ab": b"\x00bytes"},
)


def changed(change: Callable[[dict[str, bytes]], None]) -> bytes:
    """Return the packed bundle with its entries changed."""
    with zipfile.ZipFile(io.BytesIO(BundleFiles().pack(BUNDLE))) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    change(entries)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def refusal(content: bytes) -> str:
    with pytest.raises(InputError) as error:
        BundleFiles().unpack(content)
    return error.value.code


def with_head(**values: object) -> Callable[[dict[str, bytes]], None]:
    def change(entries: dict[str, bytes]) -> None:
        entries["parcel.json"] = json.dumps({**json.loads(entries["parcel.json"]), **values}).encode()

    return change


def with_revision(**values: object) -> Callable[[dict[str, bytes]], None]:
    def change(entries: dict[str, bytes]) -> None:
        line = json.loads(entries["revisions.jsonl"])
        entries["revisions.jsonl"] = json.dumps({**line, **values}).encode()

    return change


def test_a_bundle_comes_out_as_it_went_in() -> None:
    packed = BundleFiles().pack(BUNDLE)
    assert BundleFiles().unpack(packed) == BUNDLE
    assert BundleFiles().pack(BUNDLE) == packed


def test_a_digest_holds_after_the_way() -> None:
    (event,) = BundleFiles().unpack(BundleFiles().pack(BUNDLE)).events
    assert event.digest == digest_of(event.line())


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (with_head(version=2), "exchange.newer"),
        (with_revision(kind="drone"), "exchange.newer"),
        (with_head(made_at="yesterday"), "exchange.broken"),
        (with_head(since={"revision": -1, "event": 0}), "exchange.broken"),
        (with_revision(vector={}), "exchange.broken"),
        (with_revision(digest="x"), "exchange.broken"),
        (lambda entries: entries.pop("events.jsonl"), "exchange.broken"),
        (lambda entries: entries.update({"events.jsonl": b"{\n"}), "exchange.broken"),
        (lambda entries: entries.update({"parcel.json": b"[1]"}), "exchange.broken"),
        (lambda entries: entries.update({"parcel.json": b"[" * 200_000}), "exchange.broken"),
    ],
)
def test_another_form_is_refused(change: Callable[[dict[str, bytes]], None], code: str) -> None:
    assert refusal(changed(change)) == code


@pytest.mark.days
def test_a_bundle_that_would_take_gigabytes_takes_little_and_is_named() -> None:
    def grow(entries: dict[str, bytes]) -> None:
        entries["files/" + "0" * 64] = bytes(40_000_000)

    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(changed(grow))) as fat, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in fat.namelist():
            archive.writestr(name, fat.read(name))
    bomb = out.getvalue()
    assert len(bomb) < 200_000
    assert peak_mb(lambda: refused(lambda: BundleFiles().unpack(bomb), "exchange.too_big_inside")) < 20


@pytest.mark.days
@given(st.data())
@settings(max_examples=tries(300), deadline=None)
def test_a_damaged_bundle_is_refused_by_name_or_read(data: st.DataObject) -> None:
    def damage(entries: dict[str, bytes]) -> None:
        name = data.draw(st.sampled_from(sorted(entries)))
        content = bytearray(entries[name])
        for at in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=4)):
            content[at] = data.draw(st.integers(0, 255))
        entries[name] = bytes(content[: data.draw(st.integers(0, len(content)))])

    content = bytearray(changed(damage))
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=2)):
        content[at] ^= data.draw(st.integers(0, 255))
    with suppress(InputError):
        BundleFiles().unpack(bytes(content))


def test_entries_that_only_another_unpacker_reads_are_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("parcel.json", "{}")
    assert refusal(out.getvalue()) == "exchange.broken"
    locked = bytearray(changed(lambda entries: None))
    locked[6] |= 1  # encrypted, says the head of the first entry
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    assert refusal(bytes(locked)) == "exchange.broken"


def test_what_is_no_zip_is_refused() -> None:
    assert refusal(b"PK\x03\x04 not really") == "exchange.broken"


def test_who_is_added_and_who_is_disabled() -> None:
    sri = b"{user_id: sri, name: Sri Lestari, role: loket}"
    wanted, disabled = read_users(b"users: [{user_id: rina, disabled: true}, {user_id: bagus}, %s]" % sri)
    assert wanted == [User("sri", "Sri Lestari", Role.LOKET)]
    assert disabled == ["rina"]


@pytest.mark.parametrize(
    "content",
    [
        b"users: [{user_id: rina, disable: true}]",
        b"users: [{user_id: rina}, {user_id: rina, disabled: true}]",
        b"users: [{user_id: '../x'}]",
        b"users: [{user_id: sri, name: Sri}]",
        b"users: [{user_id: sri, role: loket}]",
        b"users: [{user_id: sri, name: Sri, role: raja}]",
        b"users: [",
        b"users: [{user_id: 2026-13-45}]",
        b"\xff",
        b"",
    ],
)
def test_what_is_no_list_of_users(content: bytes) -> None:
    with pytest.raises(InputError, match=r"office.content"):
        read_users(content)


def test_the_words_of_a_letterhead() -> None:
    words = read_letterhead(b"dinas: Dinas Uji\ncity: Kediri\npatterns: {jadwal: '400/{nomor}/{tahun}'}\n")
    assert (words.dinas, words.city, words.patterns) == ("Dinas Uji", "Kediri", {"jadwal": "400/{nomor}/{tahun}"})


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"city: Kediri", "office.content"),
        (b"dinas: D\npatterns: {surat_cinta: x}", "letter.unknown"),
        (b"dinas: D\npatterns: {jadwal: '{hari}'}", "letter.pattern"),
    ],
)
def test_what_is_no_letterhead(content: bytes, code: str) -> None:
    with pytest.raises(InputError, match=code):
        read_letterhead(content)
