from __future__ import annotations

from copy import copy

from support.app_context import Kit
from support.drafts import begun
from support.tasks import SameThread

from fieldkit.domain.drafts import DraftName
from fieldkit.domain.errors import Problem, StoreError
from ui.presenters.drafted import Drafting
from ui.presenters.form import Form, FormField
from ui.presenters.messages import message
from ui.presenters.tasks import STORE

FORM = DraftName("form")


def kept(kit: Kit) -> object:
    found = kit.context.drafts.find(FORM)
    return None if found is None else found.fields


def test_it_is_written_some_time_after_the_last_key_and_not_with_each(kit: Kit) -> None:
    tasks = SameThread()
    drafting = Drafting(kit.context, tasks, FORM)
    for text in ("S", "SI", "SIT"):
        drafting.note({"name": text})
    assert kept(kit) is None
    assert [timer.is_stopped for timer in tasks.timers] == [True, True, False]
    tasks.tick()
    assert kept(kit) == {"name": "SIT"}
    tasks.tick()
    assert all(timer.is_stopped for timer in tasks.timers)


def test_it_is_written_at_once_when_told_to_and_forgotten_when_all_is_as_it_was(kit: Kit) -> None:
    drafting = Drafting(kit.context, SameThread(), FORM)
    drafting.note({"name": "SITI"})
    drafting.settle()
    assert kept(kit) == {"name": "SITI"}
    drafting.note({})
    drafting.settle()
    assert kept(kit) is None


def test_keys_while_it_is_accepted_bring_no_draft_back(kit: Kit) -> None:
    tasks = SameThread(STORE)
    drafting = Drafting(kit.context, tasks, FORM)
    drafting.note({"name": "SITI"})
    tasks.write(drafting.accepting(lambda: None, {}), lambda _: None, lambda _: drafting.accepted({}))
    drafting.note({"name": "SITI A"})
    tasks.release(STORE)
    tasks.tick()
    tasks.release(STORE)
    assert kept(kit) is None


def test_the_act_is_what_waits_for_the_disk_and_a_refused_one_leaves_a_draft_that_did(kit: Kit) -> None:
    drafting, waited = Drafting(kit.context, SameThread(), FORM), list[object]()
    keep, drafting._drafts = kit.context.drafts.keep, copy(kit.context.drafts)
    drafting._drafts.keep = lambda name, fields: (waited.append(fields), keep(name, fields))[1]  # type: ignore[method-assign]
    drafting.note({"name": "SITI"})
    act = drafting.accepting(lambda: None, {})
    assert (kept(kit), waited) == ({"name": "SITI"}, [])  # a kill leaves it meanwhile
    drafting.not_accepted()
    assert (kept(kit), waited) == ({"name": "SITI"}, [{"name": "SITI"}])
    drafting.not_accepted()
    drafting.accepted({})
    drafting.not_accepted()
    act()
    assert (kept(kit), waited) == (None, [{"name": "SITI"}, {}])


def test_a_full_disk_is_told_and_the_next_key_tries_again(kit: Kit, monkeypatch) -> None:
    problems: list[Problem] = []
    drafting = Drafting(kit.context, SameThread(), FORM)
    drafting.refused = problems.append

    def full(*_: object) -> None:
        raise StoreError("store.disk_full")

    with monkeypatch.context() as patched:
        patched.setattr("fieldkit.services.keep_drafts.KeepDrafts.keep", full)
        drafting.note({"name": "SITI"})
        drafting.settle()
    assert [problem.code for problem in problems] == ["store.disk_full"]
    drafting.note({"name": "SITI"})
    drafting.settle()
    assert kept(kit) == {"name": "SITI"}


def test_a_form_that_was_refused_is_tried_again(kit: Kit) -> None:
    tried = list[object]()

    def keep(values: object) -> None:
        tried.append(values)
        raise StoreError("store.disk_full")

    presenter = begun(kit.context, Form("Judul", lambda: (FormField("name", "Nama"),), keep))
    for _ in range(2):
        presenter.accept()
    assert len(tried) == 2
    assert presenter.state.problem == StoreError("store.disk_full").problem


def test_what_was_written_waits_since_then(kit: Kit) -> None:
    drafting = Drafting(kit.context, SameThread(), FORM)
    drafting.settle()
    assert drafting.words == ""
    drafting.note({"name": "SITI"})
    drafting.settle()
    assert drafting.words == message("isian.restored", at="21-11-2026 09.00")
