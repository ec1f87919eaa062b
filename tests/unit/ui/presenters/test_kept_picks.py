from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.app_context import KETUA, Kit
from support.tasks import SameThread

from ui.presenters.kept_picks import PICKED, follow
from ui.presenters.picking import Recent


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with Kit(tmp_path) as kit:
        yield kit


def test_what_was_picked_is_there_after_a_restart_for_the_same_person_only(kit: Kit) -> None:
    recent = Recent()
    follow(recent, kit.context.drafts, SameThread())
    for name in ("s1", "s2"):
        recent.note("staff", name)
    recent.note("village", "Desa Jimbe")
    later, other = Recent(), Recent()
    follow(later, kit.context.drafts, SameThread())
    follow(other, kit.context_of(KETUA).drafts, SameThread())
    assert (later.of("staff"), later.of("village")) == (("s2", "s1"), ("Desa Jimbe",))
    assert other.of("staff") == ()


def test_what_was_picked_is_nothing_left_unfinished(kit: Kit) -> None:
    recent = Recent()
    follow(recent, kit.context.drafts, SameThread())
    recent.note("staff", "s1")
    assert [draft.name for draft in kit.context.drafts.mine()] == [PICKED]
    assert kit.context.left.all() == ()


def test_what_is_read_too_late_is_not_shown_to_the_next_person(kit: Kit) -> None:
    recent, tasks = Recent(), SameThread("store")
    follow(recent, kit.context.drafts, SameThread())
    recent.note("staff", "s1")
    follow(recent, kit.context.drafts, tasks)
    assert recent.of("staff") == (), "nor what the person before picked"
    recent.forget()
    tasks.release("store")
    assert recent.of("staff") == ()


def test_a_store_that_takes_nothing_stops_nobody(kit: Kit) -> None:
    recent = Recent()
    follow(recent, kit.context.drafts, SameThread())
    kit.store.close()
    recent.note("staff", "s1")
    assert recent.of("staff") == ("s1",)
