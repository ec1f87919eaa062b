"""The letterhead: the profile's until somebody who may edits it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.app_context import DINAS, KETUA, Kit
from support.letters import HEAD, MONDAY, TEAM

from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.people import Kedudukan, Role, Staff, User
from fieldkit.services.letters.print_papers import MOST_LOGO_BYTES, head_of

ADMIN = User("u5", "Admin", Role.ADMIN_DINAS)
PNG = b"\x89PNG\r\n\x1a\n" + b"picture"


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with Kit(tmp_path, ADMIN) as kit:
        yield kit


def test_the_profile_speaks_until_somebody_edits(kit: Kit) -> None:
    keeper = kit.context.office.letterhead
    head = keeper.read()
    assert (head.dinas, head.city, head.code) == (DINAS["dinas"], "Blitar", "409.12")
    keeper.edit(replace(head, code="35.05", patterns={"surat_tugas": "094/{nomor}/{kode}"}))
    assert keeper.read().number(LetterKind.SURAT_TUGAS, "7", MONDAY) == "094/7/35.05"


@pytest.mark.parametrize(("kind", "pattern"), [("surat_tugas", "094/{tahun}"), ("surat_cinta", "{nomor}")])
def test_a_pattern_that_builds_nothing_is_not_kept(kit: Kit, kind: str, pattern: str) -> None:
    keeper = kit.context.office.letterhead
    with pytest.raises(InputError, match=r"letter\.(pattern_wrong|unknown)"):
        keeper.edit(replace(keeper.read(), patterns={kind: pattern}))
    assert keeper.read().patterns == {}


def test_only_the_admin_edits(tmp_path: Path) -> None:
    with Kit(tmp_path, KETUA) as kit:
        keeper = kit.context.office.letterhead
        with pytest.raises(RuleError, match=r"role\.not_yours"):
            keeper.edit(keeper.read())
        with pytest.raises(RuleError, match=r"role\.not_yours"):
            keeper.put_logo(PNG)


def test_a_logo_is_a_picture(kit: Kit) -> None:
    keeper = kit.context.office.letterhead
    for wrong in (b"", b"GIF89a", b"<svg/>", PNG + bytes(MOST_LOGO_BYTES)):
        with pytest.raises(InputError, match=r"letter\.logo_wrong"):
            keeper.put_logo(wrong)
    most = b"\xff\xd8\xff" + bytes(MOST_LOGO_BYTES - 3)
    with kit.store.read() as unit:
        assert unit.attachments.get(keeper.put_logo(most).logo).media_type == "image/jpeg"
    logo = keeper.put_logo(PNG).logo
    assert keeper.read().logo == logo
    with kit.store.read() as unit:
        assert unit.attachments.get(logo).media_type == "image/png"


def test_who_signs_is_named_or_the_one_head_never_read_off_the_jabatan(kit: Kit) -> None:
    head = kit.context.office.letterhead.read()
    with kit.store.write() as unit:
        assert head_of(unit, head) is None
        for staff in (*TEAM, Staff("s8", "Wakil", jabatan="Kepala Dinas", kedudukan=Kedudukan.LAIN)):
            unit.repository(Staff).save(staff)
        assert head_of(unit, head) is None
        unit.repository(Staff).save(HEAD)
        assert head_of(unit, head) == HEAD
        assert head_of(unit, replace(head, head="s1")) == TEAM[0]
        assert head_of(unit, replace(head, head="gone")) == HEAD
        unit.repository(Staff).save(replace(HEAD, thing_id="s9"))  # as two laptops may bring together
        assert head_of(unit, head) is None
