from __future__ import annotations

from dataclasses import replace

import pytest
from support.app_context import KETUA, Kit
from support.drafts import form_on
from support.tasks import SameThread, Steps

from fieldkit.domain.errors import InputError
from fieldkit.domain.targets.notes import LegalCategory, TargetNotes
from ui.presenters.form import Form
from ui.presenters.targets.notes import notes_form


def values(form: Form, **changed: str) -> dict[str, str]:
    return {field.name: field.text for field in form.load()} | changed


def noted(kit: Kit) -> TargetNotes | None:
    return kit.context.office.verification.notes("t1")


def test_what_is_typed_is_kept_and_shown_again(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    form = notes_form(kit.context, "a1", "t1")
    assert (values(form)["legal"], values(form)["latitude"]) == ("-", "")
    presenter = form_on(kit.context, form, tasks, steps)
    presenter.start()
    presenter.type("safety", " takut  seragam ")
    presenter.type("latitude", "-8,0954")
    presenter.type("longitude", "112.1609")
    presenter.choose("legal", "orang_terlantar")
    presenter.accept()
    assert steps.taken == [("back",)]
    assert noted(kit) == TargetNotes(
        "t1", "a1", LegalCategory.ORANG_TERLANTAR, safety="takut seragam", latitude=-8.0954, longitude=112.1609
    )
    shown = values(notes_form(kit.context, "a1", "t1"))
    assert (shown["latitude"], shown["longitude"], shown["legal"]) == ("-8,0954", "112,1609", "orang_terlantar")


def test_the_answer_of_siak_stays_and_nothing_is_kept_when_nothing_changed(kit: Kit) -> None:
    before = TargetNotes("t1", "a1", access="Jalan kaki", check="Pindah 2019", latitude=0.0, longitude=0.0)
    kit.context.office.verification.note(before)
    form = notes_form(kit.context, "a1", "t1")
    with kit.store.read() as unit:
        acts = len(unit.events.of("t1"))
    form.keep(values(form))
    with kit.store.read() as unit:
        assert len(unit.events.of("t1")) == acts
    form.keep(values(form, access="", latitude="", longitude=""))
    assert noted(kit) == replace(before, access="", latitude=None, longitude=None)


@pytest.mark.parametrize(
    ("latitude", "longitude", "code"),
    [
        ("utara", "112", "catatan.coordinate"),
        ("91", "112", "catatan.coordinate"),
        ("nan", "112", "catatan.coordinate"),
        ("-8", "", "catatan.half_a_place"),
        ("", "112", "catatan.half_a_place"),
        ("-8", "181", "catatan.coordinate"),
    ],
)
def test_a_place_that_is_none_is_refused(kit: Kit, latitude: str, longitude: str, code: str) -> None:
    form = notes_form(kit.context, "a1", "t1")
    with pytest.raises(InputError, match=code.replace(".", r"\.")):
        form.keep(values(form, latitude=latitude, longitude=longitude))
    assert noted(kit) is None


def test_the_log_holds_no_word_of_the_notes(kit: Kit) -> None:
    form = notes_form(kit.context_of(KETUA), "a1", "t1")
    form.keep(values(form, safety="takut seragam", contact="0812"))
    with kit.store.read() as unit:
        told = " ".join(event.payload for event in unit.events.of("t1"))
    assert told
    assert "seragam" not in told
    assert "0812" not in told
