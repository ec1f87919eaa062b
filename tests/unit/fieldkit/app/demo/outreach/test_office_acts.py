"""When a letter counts as issued; the acts themselves are walked in tests/e2e."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from support.app_context import ACTIVITY, Kit

from fieldkit.app.demo.kit import KASI
from fieldkit.app.demo.outreach.clerk import Clerk
from fieldkit.app.demo.outreach.office_acts import _is_issued
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.people.accounts import Permission


@pytest.fixture
def clerk(tmp_path: Path) -> Iterator[Clerk]:
    with Kit(tmp_path, KASI) as kit:
        with kit.context.office.units.write(Permission.PLAN) as writing:
            writing.unit.activities.save(ACTIVITY)
        yield cast(Clerk, SimpleNamespace(context=kit.context, activity_id=ACTIVITY.activity_id))


def test_a_draft_is_not_issued(clerk: Clerk) -> None:
    letters = clerk.context.office.letters
    draft = letters.draft(
        LetterKind.JADWAL,
        ACTIVITY.activity_id,
        {"signer": {"name": "Kabid D", "nip": "", "pangkat": "", "jabatan": "Kabid"}},
    )
    assert not _is_issued(clerk, LetterKind.JADWAL)
    letters.issue(draft.thing_id, "")
    assert _is_issued(clerk, LetterKind.JADWAL)
    assert not _is_issued(clerk, LetterKind.SURAT_TUGAS)
