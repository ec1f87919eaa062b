from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.app_context import PETUGAS, Kit
from support.listing import Listing
from support.plans import KASI, STAFF, furnish
from support.tasks import SameThread, Steps

from fieldkit.domain.errors import InputError
from fieldkit.domain.people.staff import Kedudukan
from ui.presenters.form import SEPARATOR
from ui.presenters.form_places import PLACES
from ui.presenters.messages import message
from ui.presenters.people.staff import NO_ACCOUNT, StaffList, staff_form


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KASI)
    furnish(kit)
    yield kit
    kit.store.close()


def opened(kit: Kit) -> Listing:
    steps = Steps()
    return Listing(StaffList(kit.context, steps).screen(), SameThread(), steps)


def test_people_stand_by_name_with_papers_and_account(kit: Kit) -> None:
    listing = opened(kit)
    assert [row.cells[0].words for row in listing.rows] == [
        *("Agus Setiawan", "Bagus Santoso", "Rina Wulandari", "Wahyu Utomo")
    ]
    rina = listing.rows[2].cells
    assert (rina[0].detail, rina[1].words, rina[1].detail) == ("199105032015022001", "Operator", "Pengatur (II/c)")
    assert [tag.words for tag in rina[2].tags] == ["Rina Wulandari"]
    assert listing.rows[0].cells[2].tags == ()
    listing.presenter.sort(2)
    assert listing.names[:2] == ["s1", "s2"], "those with an account first"
    listing.presenter.search("1992 wahyu")
    assert listing.names == ["s4"]


def test_enter_changes_the_one_under_the_cursor_and_new_begins_empty(kit: Kit) -> None:
    listing = opened(kit)
    listing.presenter.select("s2")
    listing.press("accept")
    listing.press("begin_new")
    assert listing.steps.taken == [("push", "staff_person", "s2"), ("push", "staff_person", "")]


def test_a_person_is_taken_off_and_brought_back(kit: Kit) -> None:
    listing = opened(kit)
    listing.presenter.select("s4")
    listing.press("remove")
    assert len(kit.context.office.staff.search()) == 3
    toast = listing.presenter.state.toast
    assert toast is not None
    assert toast.words == message("pegawai.removed", name="Wahyu Utomo")
    assert toast.undo is not None
    listing.presenter.perform(toast.undo)
    assert kit.context.office.staff.get("s4") == replace(STAFF[3], kedudukan=Kedudukan.LAIN)


def test_who_may_not_write_is_told_who_may(tmp_path: Path) -> None:
    kit = Kit(tmp_path, PETUGAS)
    furnish(kit)
    listing = opened(kit)
    for name in ("remove", "begin_new", "accept"):
        assert listing.offered(name).refused == message("pegawai.not_yours")
        listing.press(name)
    assert (len(kit.context.office.staff.search()), listing.steps.taken) == (4, [])
    kit.store.close()


def test_the_form_shows_a_person_and_keeps_what_was_changed(kit: Kit) -> None:
    form = staff_form(kit.context, "s2")
    shown = {field.name: field for field in form.load()}
    assert (shown["nip"].text, shown["user_id"].text) == ("199105032015022001", "u1")
    assert shown["user_id"].choices[0].name == NO_ACCOUNT
    told = {"jabatan": "Pranata komputer", "user_id": "-", "kedudukan": "kepala_dinas"}
    form.keep({name: field.text for name, field in shown.items()} | told)
    kept = kit.context.office.staff.get("s2")
    assert (shown["kedudukan"].text, kept.kedudukan) == ("lain", Kedudukan.KEPALA_DINAS)
    assert (kept.name, kept.jabatan, kept.user_id) == ("Rina Wulandari", "Pranata komputer", "")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({}, "name"), ({"name": "Sri", "nip": "12"}, "nip"), ({"name": "Sri", "user_id": "u1"}, "user_id")],
)
def test_somebody_new_is_refused_at_the_field_that_is_wrong(kit: Kit, wrong: dict[str, str], field: str) -> None:
    form = staff_form(kit.context, "")
    with pytest.raises(InputError) as refused:
        form.keep({one.name: one.text for one in form.load()} | wrong)
    assert PLACES[refused.value.problem.code] == field
    assert len(kit.context.office.staff.search()) == 4


def test_an_empty_list_says_what_to_do(tmp_path: Path) -> None:
    kit = Kit(tmp_path, KASI)
    assert opened(kit).presenter.state.nothing.title == message("pegawai.empty")
    kit.store.close()


def test_what_the_sops_ask_of_people_is_ticked_and_kept_in_their_words(kit: Kit) -> None:
    form = staff_form(kit.context, "s2")
    shown = {field.name: field for field in form.load()}
    asked = {str(choice.words): choice.name for choice in shown["qualifications"].choices}
    assert (shown["qualifications"].text, shown["qualifications"].is_many) == ("", True)
    chosen = [asked["Mampu mengoperasikan komputer"], asked["Memahami tugas dan fungsi yang tercantum dalam SOP"]]
    form.keep({name: field.text for name, field in shown.items()} | {"qualifications": SEPARATOR.join(chosen)})
    kept = kit.context.office.staff.get("s2").qualifications
    assert kept == ("Mampu mengoperasikan komputer", "Memahami tugas dan fungsi yang tercantum dalam SOP")
    assert {field.name: field.text for field in form.load()}["qualifications"] == SEPARATOR.join(chosen)
