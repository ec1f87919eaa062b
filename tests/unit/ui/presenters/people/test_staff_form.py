from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.app_context import Kit
from support.plans import ADMIN, KASI, STAFF, furnish

from fieldkit.domain.errors import InputError
from fieldkit.domain.people import Kedudukan, Staff
from ui.presenters.form import SEPARATOR
from ui.presenters.people.accounts import NO_ACCOUNT, staff_form, staff_import_form
from ui.presenters.presenter import message


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KASI)
    furnish(kit)
    yield kit
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
    assert refused.value.problem.field_name == field
    assert len(kit.context.office.staff.search()) == 4


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


def test_a_file_is_taken_over_or_named_when_it_cannot_be_read(tmp_path: Path) -> None:
    with Kit(tmp_path, ADMIN) as kit:
        form = staff_import_form(kit.context)
        assert form.load()[0].is_file
        (tmp_path / "pegawai.csv").write_text("Nama;Jabatan\nSri Lestari;Pranata\n")
        assert form.keep({"file": str(tmp_path / "pegawai.csv")}) == 1
        assert [person.name for person in kit.context.office.staff.search()] == ["Sri Lestari"]
        with pytest.raises(InputError, match=r"list\.unreadable"):
            form.keep({"file": str(tmp_path / "gone.csv")})


def test_an_account_that_is_gone_is_none_and_a_qualification_that_is_gone_is_passed_over(kit: Kit) -> None:
    with kit.store.write() as unit:
        unit.repository(Staff).save(replace(STAFF[1], user_id="gone", kedudukan=Kedudukan.KEPALA_DINAS))
    form = staff_form(kit.context, "s2")
    shown = {field.name: field.text for field in form.load()}
    assert (shown["user_id"], shown["kedudukan"], form.title) == (NO_ACCOUNT, "kepala_dinas", message("pegawai.edit"))
    form.keep({**shown, "qualifications": "stranger"})
    assert kit.context.office.staff.get("s2").qualifications == ()
    new = staff_form(kit.context, "")
    shown = {field.name: field.text for field in new.load()}
    assert (shown["user_id"], shown["kedudukan"], new.title) == (NO_ACCOUNT, "lain", message("pegawai.new"))
