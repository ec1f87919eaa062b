from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.app_context import KETUA, Kit
from support.drafts import form_on, problem_of
from support.recording_window import jpeg
from support.tasks import SameThread, Steps

from fieldkit.domain.people import Role, User
from fieldkit.domain.visits import Perekaman
from ui.presenters.form import FormPresenter
from ui.presenters.parts import Stage
from ui.presenters.presenter import message
from ui.presenters.targets.targets import disposition_form, request_form

KEPALA = User("u9", "Retno Palupi", Role.KEPALA_DINAS)


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KETUA)
    yield kit
    kit.store.close()


def fill(kit: Kit, steps: Steps, activity_id: str = "", **values: str) -> FormPresenter:
    presenter = form_on(kit.context, request_form(kit.context, activity_id), SameThread(), steps)
    presenter.start()
    typed = {"sender": "Pemdes Jimbe", "number": "470/1", "village": "Desa Jimbe", "district": "Kademangan"}
    for name, text in {**typed, **values}.items():
        presenter.type(name, text)
    presenter.accept()
    return presenter


def test_a_request_begins_an_activity_with_its_scans(kit: Kit, tmp_path: Path) -> None:
    scan, steps = tmp_path / "surat.pdf", Steps()
    scan.write_bytes(b"%PDF-1.7")
    fill(kit, steps, scans=f"{scan}; ", targets="12", on="1 Desember 2026")
    (kept,) = kit.context.office.requests.search()
    assert steps.taken == [("back",)]
    assert kept.targets == 12
    assert [each.name for each in kit.context.office.scans.of(kept.thing_id)] == ["surat.pdf"]
    with kit.store.read() as unit:
        assert unit.activities.get(kept.activity_id).name == "Jemput bola Desa Jimbe, Kademangan"
    asked = [[field.name for field in request_form(kit.context, of).load()] for of in ("", kept.activity_id)]
    assert [{"on", "mode", "sop"} & set(names) for names in asked] == [{"on", "mode", "sop"}, set()]
    fill(kit, steps, kept.activity_id, number="470/2", targets="")
    assert kit.context.office.requests.of(kept.activity_id)[-1].targets == 0
    assert len(kit.context.office.requests.of(kept.activity_id)) == 2


@pytest.mark.parametrize(
    ("chosen", "expected"), [("", Perekaman.KIT), ("kit", Perekaman.KIT), ("resmi", Perekaman.RESMI)]
)
def test_a_request_says_in_which_program_people_are_recorded(kit: Kit, chosen: str, expected: Perekaman) -> None:
    fill(kit, Steps(), on="1 Desember 2026", **({"perekaman": chosen} if chosen else {}))
    (kept,) = kit.context.office.requests.search()
    assert kit.context.office.trips.perekaman(kept.activity_id) is expected


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"dated": "kemarin"}, "typed.day"),
        ({"targets": "banyak"}, "typed.whole"),
        ({"scans": "/tidak/ada.pdf"}, "list.unreadable"),
        ({"village": ""}, "request.no_place"),
    ],
)
def test_what_is_wrong_is_told_and_the_form_stays(kit: Kit, values: dict[str, str], code: str) -> None:
    steps = Steps()
    presenter = fill(kit, steps, **values)
    assert problem_of(presenter) == code
    assert presenter.state.stage is Stage.CONTENT
    assert steps.taken == []
    assert kit.context.office.requests.search() == []


def test_the_head_disposes_and_sees_it_again(tmp_path: Path) -> None:
    kit = Kit(tmp_path / "office", KETUA)
    fill(kit, Steps())
    activity_id = kit.context.office.requests.search()[0].activity_id
    kit.store.close()
    head = Kit(tmp_path / "office", KEPALA)
    presenter = form_on(head.context, disposition_form(head.context, activity_id), SameThread(), Steps())
    presenter.start()
    assert {field.name: field.text for field in presenter.state.fields} == {
        "sifat": "biasa",
        "to": "kabid",
        "harapan": "proses_lebih_lanjut",
        "note": "",
    }
    presenter.choose("sifat", "segera")
    presenter.choose("to", "kasi")
    presenter.type("note", "jadwalkan")
    presenter.accept()
    again = form_on(head.context, disposition_form(head.context, activity_id), SameThread(), Steps())
    again.start()
    assert {field.name: field.text for field in again.state.fields} == {
        "sifat": "segera",
        "to": "kabid kasi",
        "harapan": "proses_lebih_lanjut",
        "note": "jadwalkan",
    }
    head.store.close()


def test_the_scan_is_read_beside_the_disposition(kit: Kit, tmp_path: Path) -> None:
    fill(kit, Steps())
    (request,) = kit.context.office.requests.search()
    form = disposition_form(kit.context, request.activity_id)
    presenter = form_on(kit.context, form, SameThread(), Steps())
    presenter.start()
    assert presenter.state.beside.note == message("request.no_scan")
    (tmp_path / "surat.jpg").write_bytes(jpeg(800, 1_100))
    (tmp_path / "rusak.pdf").write_bytes(b"%PDF-1.7")
    scans = f"{tmp_path / 'surat.jpg'}; {tmp_path / 'rusak.pdf'}"
    fill(kit, Steps(), request.activity_id, number="470/2", scans=scans)
    tasks = SameThread("compute")
    again = form_on(kit.context, form, tasks, Steps())
    again.start()
    assert (again.state.stage, again.state.beside.pages) == (Stage.CONTENT, ()), "filled before they are drawn"
    tasks.release("compute")
    assert len(again.state.beside.pages) == 1
    assert again.state.beside.note == message("request.scan_unreadable", names="rusak.pdf")
    fill(kit, Steps(), request.activity_id, number="470/3", scans=str(tmp_path / "surat.jpg"))
    whole = form_on(kit.context, form, SameThread(), Steps())
    whole.start()
    assert (len(whole.state.beside.pages), whole.state.beside.note) == (1, "")


def test_without_a_request_there_is_nothing_to_dispose(kit: Kit) -> None:
    kit.plan()
    presenter = form_on(kit.context, disposition_form(kit.context, "a1"), SameThread(), Steps())
    presenter.start()
    assert problem_of(presenter) == "dispose.no_request"
