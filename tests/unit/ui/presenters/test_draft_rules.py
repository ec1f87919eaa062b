"""What of a form is a draft, when it is written, and what a form does with what was left on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from support.app_context import PENGURUS, PETUGAS, Kit
from support.drafts import form_on
from support.tasks import SameThread, Steps

from fieldkit.domain.errors import InputError, StoreError
from fieldkit.domain.people import Permission
from fieldkit.domain.typed import DraftName
from fieldkit.services.unit_of_work import KeepDrafts
from ui.presenters.form import Beside, Drafting, Form, FormField, FormPresenter, Labels, Pages, Pick, closed_form
from ui.presenters.parts import Choice, Stage
from ui.presenters.presenter import Command, Operation, Weight, message
from ui.presenters.tasks import COMPUTE, STORE

AB = (Choice("a", "A"), Choice("b", "B"))
NAME = FormField("name", "Nama", "Kit")


def opened(kit: Kit, *fields: FormField, tasks: SameThread | None = None, **form: object) -> FormPresenter:
    made = Form("Judul", lambda: fields or (NAME,), lambda _: None)
    presenter = form_on(kit.context, replace(made, **form), tasks or SameThread(), Steps(), "rules")  # type: ignore[arg-type]
    presenter.start()
    return presenter


def texts(presenter: FormPresenter) -> list[str]:
    return [field.text for field in presenter.state.fields]


@pytest.mark.parametrize(
    ("field", "left", "shown"),
    [
        (FormField("x", "X"), "apa saja", "apa saja"),
        (FormField("x", "X", "a", choices=AB), "b", "b"),
        (FormField("x", "X", "a", choices=AB), "gone", "a"),
        (FormField("x", "X", "a", choices=AB, pick=Pick.TYPED), "gone", "a"),
        (FormField("x", "X", "a", choices=AB, pick=Pick.OPEN), "gone", "gone"),
        (FormField("x", "X", "a", choices=AB, is_many=True), "gone b", "b"),
        (FormField("x", "X", "a", choices=AB, is_many=True, pick=Pick.OPEN), "gone b", "gone b"),
    ],
)
def test_what_was_left_stands_there_again_where_it_can_still_be_chosen(
    kit: Kit, field: FormField, left: str, shown: str
) -> None:
    kit.context.drafts.keep(DraftName("rules"), {"x": left})
    presenter = opened(kit, field)
    assert texts(presenter) == [shown]
    assert bool(presenter.state.restored) == (shown != field.text)


def test_a_secret_is_no_draft_and_what_is_as_it_was_neither(kit: Kit) -> None:
    presenter = opened(kit, NAME, FormField("pin", "PIN", is_secret=True), FormField("note", "Catatan"))
    presenter.type("pin", "123456")
    presenter.type("note", "x")
    assert presenter.typed() == {"note": "x"}
    presenter.type("note", "")
    assert presenter.typed() == {}
    presenter.settle()
    assert kit.context.drafts.mine() == []


def test_only_the_field_that_is_typed_into_changes(kit: Kit) -> None:
    presenter = opened(
        kit, NAME, FormField("kind", "Jenis", "a", choices=AB), FormField("many", "", "", choices=AB, is_many=True)
    )
    presenter.choose("kind", "b")
    for choice in ("b", "a", "b"):
        presenter.choose("many", choice)
    assert texts(presenter) == ["Kit", "b", "a"]


def test_before_it_is_read_a_form_keeps_nothing(kit: Kit) -> None:
    tasks, kept = SameThread(STORE), list[Mapping[str, str]]()
    presenter = opened(kit, tasks=tasks, keep=kept.append)
    presenter.accept()
    presenter.throw_away()
    presenter.photograph("name")
    presenter.look_again()
    presenter.stop()
    assert (presenter.state.stage, presenter.state.photo, len(tasks._held[STORE])) == (Stage.LOADING, None, 1)
    tasks.release(STORE)
    presenter.start()
    assert (kept, tasks._held[STORE]) == ([], [])


def test_a_refusal_takes_the_mark_of_another_field_away(kit: Kit) -> None:
    wrong = ["name"]

    def keep(_values: Mapping[str, str]) -> None:
        raise InputError("typed.empty").at(wrong[0])

    presenter = opened(kit, NAME, FormField("note", "Catatan"), keep=keep)
    seen = []
    for wrong[0] in ("name", "note", "elsewhere"):
        presenter.accept()
        marked = [field.name for field in presenter.state.fields if field.problem]
        seen.append((marked, presenter.state.problem is not None))
    assert seen == [(["name"], False), (["note"], False), ([], True)]


def test_pages_are_drawn_beside_a_form_that_can_be_filled_meanwhile(kit: Kit) -> None:
    tasks = SameThread(COMPUTE)
    presenter = opened(kit, tasks=tasks, beside=Beside(lambda: b"page", lambda found: Pages((found,), "note")))
    presenter.type("name", "Kit 08")
    assert presenter.state.beside == Pages()
    tasks.release(COMPUTE)
    assert (presenter.state.beside, texts(presenter)) == (Pages((b"page",), "note"), ["Kit 08"])


@pytest.mark.parametrize("stage", ["read", "draw"])
def test_pages_that_cannot_be_drawn_stand_in_nobodys_way(kit: Kit, stage: str) -> None:
    def fail(*_: object) -> Pages:
        raise StoreError("store.damaged")

    presenter = opened(kit, beside=Beside(fail if stage == "read" else lambda: b"", fail))
    assert presenter.state.problem is not None
    assert presenter.state.stage is Stage.CONTENT


@pytest.mark.parametrize(("user", "is_open"), [(PENGURUS, True), (PETUGAS, False)])
def test_who_may_not_fill_a_form_is_told_why(kit: Kit, user: object, is_open: bool) -> None:
    form = Form("Judul", lambda: (NAME,), lambda _: None)
    shown = form.for_whom(kit.context_of(user), Permission.KEEP_INVENTORY, "why")  # type: ignore[arg-type]
    assert (shown is form, len(shown.load())) == (is_open, int(is_open))
    assert closed_form(kit.context, "Judul", Permission.KEEP_INVENTORY, "why").hint == "why"


def test_a_label_without_a_hint_has_none_and_a_button_may_take_something_away(kit: Kit) -> None:
    assert (Labels("x.", "y.")("note").hint, Labels("x.", "y.")("note", hint="h").hint) == ("", message("y.h"))
    assert opened(kit, weight=Weight.DANGER).state.bar.actions[0].weight is Weight.DANGER


def test_what_was_thrown_away_comes_back_once_and_not_after_the_next_key(kit: Kit) -> None:
    kit.context.drafts.keep(DraftName("rules"), {"name": "Kit 08"})
    presenter = opened(kit)
    presenter.take_back()
    presenter.throw_away()
    presenter.throw_away()
    toast = presenter.state.toast
    assert toast is not None
    assert toast.undo is not None
    presenter.perform(toast.undo)
    assert (texts(presenter), bool(presenter.state.restored), presenter.state.toast) == (["Kit 08"], True, None)
    assert kit.context.drafts.mine()[0].fields == {"name": "Kit 08"}
    presenter.type("name", "Kit")
    presenter.take_back()
    presenter.throw_away()
    presenter.type("name", "Kit 09")
    presenter.take_back()
    assert texts(presenter) == ["Kit 09"]


def test_what_is_kept_has_caught_up_with_a_draft(kit: Kit) -> None:
    kit.context.drafts.keep(DraftName("rules"), {"name": "Kit"})
    presenter = opened(kit)
    assert presenter.state.restored == ""
    presenter.settle()
    assert kit.context.drafts.mine() == []


def test_what_the_store_does_not_take_is_told_on_the_form(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise StoreError("store.disk_full")

    presenter = opened(kit)
    with monkeypatch.context() as patch:
        patch.setattr(KeepDrafts, "keep", full)
        presenter.type("name", "Kit 08")
        presenter.settle()
    assert presenter.state.problem is not None
    assert presenter.state.problem.code == "store.disk_full"


def test_the_same_text_is_written_once_and_what_goes_back_to_it_not_at_all(kit: Kit) -> None:
    tasks = SameThread()
    drafting = Drafting(kit.context, tasks, DraftName("rules"))
    drafting.note({"name": "A"})
    drafting.settle()
    for text in ("A", "B", "A"):
        drafting.note({"name": text})
    assert [timer.is_stopped for timer in tasks.timers] == [True, True]
    left = drafting.read()
    assert left is not None
    assert (left.fields, left.words) == ({"name": "A"}, message("isian.restored", at="21-11-2026 09.00"))
    assert Drafting(kit.context, tasks, DraftName("nothing")).read() is None


def test_enter_while_something_else_is_under_way_leaves_the_draft_alone(kit: Kit) -> None:
    presenter = opened(kit, tasks=SameThread(COMPUTE))
    presenter.perform(Command("look", "", runs=Operation(work=lambda: None, executor=COMPUTE)))
    presenter.accept()
    presenter.type("name", "Kit 08")
    presenter.settle()
    assert kit.context.drafts.mine()[0].fields == {"name": "Kit 08"}


def test_what_is_as_it_was_accepted_is_not_written_again(kit: Kit) -> None:
    tasks = SameThread()
    presenter = opened(kit, tasks=tasks)
    presenter.accept()
    presenter.type("name", "Kit")
    assert tasks.timers == []
