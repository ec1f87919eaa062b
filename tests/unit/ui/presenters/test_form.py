from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from support.app_context import Kit
from support.drafts import form_on
from support.tasks import SameThread, Steps

from fieldkit.domain.errors import InputError, Problem, Recovery, StoreError
from fieldkit.domain.typed import read_day
from ui.presenters.form import Form, FormField, FormPresenter
from ui.presenters.messages import message
from ui.presenters.parts import Choice, Stage
from ui.presenters.readers import answer

FIELDS = (
    FormField("name", "Nama", "Kit"),
    FormField("kind", "Jenis", "a", choices=(Choice("a", "A"), Choice("b", "B"))),
    FormField("items", "Barang", "x", choices=(Choice("x", "X"), Choice("y", "Y")), is_many=True),
)


def opened(kit: Kit, steps: Steps, keep=lambda _: None, tasks: SameThread | None = None) -> FormPresenter:
    presenter = form_on(kit.context, Form("Judul", lambda: FIELDS, keep), tasks or SameThread(), steps, "kits")
    presenter.start()
    return presenter


def test_what_is_typed_and_chosen_is_kept_together(kit: Kit, steps: Steps) -> None:
    kept: list[dict[str, str]] = []
    presenter = opened(kit, steps, lambda values: kept.append(dict(values)))
    presenter.type("name", "Kit 08")
    presenter.choose("kind", "b")
    presenter.choose("items", "y")
    presenter.start()  # coming back loses nothing
    presenter.accept()
    assert kept == [{"name": "Kit 08", "kind": "b", "items": "x y"}]
    assert steps.taken == [("back",)]


def test_one_of_many_is_taken_out_again(kit: Kit, steps: Steps) -> None:
    presenter = opened(kit, steps)
    presenter.choose("items", "x")
    assert presenter.state.fields[2].chosen == ()


def test_a_refusal_stays_on_the_form_until_something_changes(kit: Kit, steps: Steps) -> None:
    def keep(_values: object) -> None:
        raise InputError("card.none_chosen")

    presenter = opened(kit, steps, keep)
    presenter.accept()
    assert presenter.state.problem is not None
    presenter.type("name", "x")
    assert presenter.state.problem is None
    presenter.accept()
    assert presenter.state.problem is not None
    assert steps.taken == []
    presenter.back()
    assert steps.taken == [("back",)]


def test_one_field_follows_another_and_what_is_kept_leads_on(kit: Kit, steps: Steps) -> None:
    def adapt(fields: tuple[FormField, ...]) -> tuple[FormField, ...]:
        name, kind, items = fields
        return (name, kind, replace(items, choices=(Choice("z", kind.text),)))

    form = Form("Judul", lambda: FIELDS, lambda _: "t1", go_on=lambda to, kept: to.replace(kept), adapt=adapt)
    presenter = form_on(kit.context, form, SameThread(), steps)
    presenter.start()
    presenter.choose("kind", "b")
    assert presenter.state.fields[2].choices == (Choice("z", "b"),)
    presenter.accept()
    assert steps.taken == [("replace", "t1")]


def test_enter_twice_keeps_once(kit: Kit, steps: Steps) -> None:
    kept: list[object] = []
    tasks = SameThread("store")
    presenter = opened(kit, steps, kept.append, tasks)
    tasks.release("store")
    presenter.accept()
    presenter.accept()
    tasks.release("store")
    assert len(kept) == 1


def test_what_cannot_be_loaded_is_an_error(kit: Kit, steps: Steps) -> None:
    def load() -> tuple[FormField, ...]:
        raise StoreError("store.not_found")

    presenter = form_on(kit.context, Form("Judul", load, lambda _: None), SameThread(), steps)
    presenter.start()
    assert presenter.state.stage is Stage.ERROR
    presenter.accept()
    assert steps.taken == []


def test_what_was_typed_stands_there_again_until_it_is_accepted(kit: Kit, steps: Steps) -> None:
    left = opened(kit, steps)
    left.type("name", "Kit 08")
    left.choose("items", "y")
    left.stop()  # Esc
    kit.clock.advance(minutes=7)
    again = opened(kit, steps)
    assert [field.text for field in again.state.fields] == ["Kit 08", "a", "x y"]
    assert again.state.restored == message("isian.restored", at="21-11-2026 09.00")
    again.accept()
    assert again.state.restored == ""
    assert not opened(kit, steps).state.restored


def test_a_refused_form_is_still_a_draft(kit: Kit, steps: Steps) -> None:
    def keep(_values: object) -> None:
        raise InputError("sarpras.no_name")

    refused = opened(kit, steps, keep)
    refused.type("name", "?")
    refused.accept()
    assert opened(kit, steps).state.fields[0].text == "?"


def test_thrown_away_it_is_gone_and_comes_back_for_ten_seconds(kit: Kit, steps: Steps) -> None:
    opened(kit, steps).throw_away()
    left = opened(kit, steps)
    left.type("name", "Kit 08")
    left.settle()
    again = opened(kit, steps)
    again.throw_away()
    assert (again.state.fields[0].text, again.state.restored) == ("Kit", "")
    assert opened(kit, steps).state.restored == ""
    again.take_back()
    assert again.state.fields[0].text == "Kit 08"
    assert opened(kit, steps).state.restored


def test_what_can_no_longer_be_chosen_is_passed_over(kit: Kit, steps: Steps) -> None:
    left = opened(kit, steps)
    left.choose("kind", "b")
    left.type("name", "Kit 08")
    left.settle()
    fewer = (FIELDS[0], replace(FIELDS[1], choices=(Choice("a", "A"),)), FIELDS[2])
    again = form_on(kit.context, Form("Judul", lambda: fewer, lambda _: None), SameThread(), steps, "kits")
    again.start()
    assert [field.text for field in again.state.fields] == ["Kit 08", "a", "x"]


def test_the_wrong_field_is_marked_until_it_is_typed_into(kit: Kit, steps: Steps) -> None:
    def keep(values: Mapping[str, str]) -> object:
        if not values["name"].strip():
            raise InputError("sarpras.no_name")
        return answer(values, "kind", read_day)

    presenter = opened(kit, steps, keep)
    presenter.type("name", " ")
    presenter.accept()
    first = presenter.state.wrong
    assert (first and first.name, presenter.state.problem) == ("name", None)
    assert presenter.state.fields[0].problem == Problem("sarpras.no_name", recovery=Recovery.CORRECT_INPUT)
    presenter.accept()
    assert presenter.state.wrong != first  # it takes the keyboard again
    presenter.choose("items", "y")
    assert presenter.state.fields[0].problem  # that one is still wrong
    presenter.type("name", "Kit")
    assert not presenter.state.fields[0].problem
    presenter.accept()
    assert [bool(field.problem) for field in presenter.state.fields] == [False, True, False]


def test_a_problem_of_a_field_that_is_not_asked_stands_above(kit: Kit, steps: Steps) -> None:
    def keep(_values: object) -> None:
        raise InputError("typed.day", text="besok").at("on")

    presenter = opened(kit, steps, keep)
    presenter.accept()
    assert (presenter.state.problem and presenter.state.problem.code, presenter.state.wrong) == ("typed.day", None)
