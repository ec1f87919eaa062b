from __future__ import annotations

from dataclasses import replace

from support.tasks import SameThread, Steps

from fieldkit.domain.errors import InputError, StoreError
from ui.presenters.form import Form, FormField, FormPresenter
from ui.presenters.parts import Choice, Stage

FIELDS = (
    FormField("name", "Nama", "Kit"),
    FormField("kind", "Jenis", "a", choices=(Choice("a", "A"), Choice("b", "B"))),
    FormField("items", "Barang", "x", choices=(Choice("x", "X"), Choice("y", "Y")), is_many=True),
)


def opened(steps: Steps, keep=lambda _: None, tasks: SameThread | None = None) -> FormPresenter:
    presenter = FormPresenter(Form("Judul", lambda: FIELDS, keep), tasks or SameThread(), steps)
    presenter.start()
    return presenter


def test_what_is_typed_and_chosen_is_kept_together(steps: Steps) -> None:
    kept: list[dict[str, str]] = []
    presenter = opened(steps, lambda values: kept.append(dict(values)))
    presenter.type("name", "Kit 08")
    presenter.choose("kind", "b")
    presenter.choose("items", "y")
    presenter.start()  # coming back loses nothing
    presenter.accept()
    assert kept == [{"name": "Kit 08", "kind": "b", "items": "x y"}]
    assert steps.taken == [("back",)]


def test_one_of_many_is_taken_out_again(steps: Steps) -> None:
    presenter = opened(steps)
    presenter.choose("items", "x")
    assert presenter.state.fields[2].chosen == ()


def test_a_refusal_stays_on_the_form_until_something_changes(steps: Steps) -> None:
    def keep(_values: object) -> None:
        raise InputError("sarpras.no_name")

    presenter = opened(steps, keep)
    presenter.accept()
    assert presenter.state.problem is not None
    presenter.type("name", "x")
    assert presenter.state.problem is None
    presenter.accept()
    assert presenter.state.problem is not None
    assert steps.taken == []
    presenter.back()
    assert steps.taken == [("back",)]


def test_one_field_follows_another_and_what_is_kept_leads_on(steps: Steps) -> None:
    def adapt(fields: tuple[FormField, ...]) -> tuple[FormField, ...]:
        name, kind, items = fields
        return (name, kind, replace(items, choices=(Choice("z", kind.text),)))

    form = Form("Judul", lambda: FIELDS, lambda _: "t1", go_on=lambda to, kept: to.replace(kept), adapt=adapt)
    presenter = FormPresenter(form, SameThread(), steps)
    presenter.start()
    presenter.choose("kind", "b")
    assert presenter.state.fields[2].choices == (Choice("z", "b"),)
    presenter.accept()
    assert steps.taken == [("replace", "t1")]


def test_enter_twice_keeps_once(steps: Steps) -> None:
    kept: list[object] = []
    tasks = SameThread("store")
    presenter = opened(steps, kept.append, tasks)
    tasks.release("store")
    presenter.accept()
    presenter.accept()
    tasks.release("store")
    assert len(kept) == 1


def test_what_cannot_be_loaded_is_an_error(steps: Steps) -> None:
    def load() -> tuple[FormField, ...]:
        raise StoreError("store.not_found")

    presenter = FormPresenter(Form("Judul", load, lambda _: None), SameThread(), steps)
    presenter.start()
    assert presenter.state.stage is Stage.ERROR
    presenter.accept()
    assert steps.taken == []
