from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.desk import PETUGAS, Kit
from support.plans import KASI, furnish
from support.tasks import SameThread, Steps

from ui.presenters.people.staff import NO_ACCOUNT, StaffPresenter
from ui.presenters.tasks import STORE
from ui.presenters.words import phrase


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KASI)
    furnish(kit)
    yield kit
    kit.store.close()


def opened(kit: Kit) -> StaffPresenter:
    presenter = StaffPresenter(kit.desk, SameThread(), Steps())
    presenter.start()
    return presenter


def names(presenter: StaffPresenter) -> list[object]:
    return [presenter.state.rows.row(at).cells[0].words for at in range(presenter.state.rows.count)]


def test_the_first_person_stands_in_the_form_and_another_by_the_cursor(kit: Kit) -> None:
    presenter = opened(kit)
    assert names(presenter) == ["Agus Setiawan", "Bagus Santoso", "Rina Wulandari", "Wahyu Utomo"]
    assert presenter.state.fields[0].text == "Agus Setiawan"
    presenter.select("s2")
    assert presenter.state.fields[1].text == "199105032015022001"
    assert [line.name for line in presenter.state.accounts if line.is_on] == ["u1"]
    presenter.search("wahyu")
    assert names(presenter) == ["Wahyu Utomo"]


def test_a_second_enter_while_the_first_is_kept_adds_nobody(kit: Kit) -> None:
    tasks = SameThread(STORE)
    presenter = StaffPresenter(kit.desk, tasks, Steps())
    presenter.start()
    tasks.release(STORE)
    presenter.begin_new()
    presenter.type_field("name", "Sri Handayani")
    presenter.accept()
    presenter.accept()
    tasks.release(STORE)
    assert names(presenter).count("Sri Handayani") == 1
    presenter.accept()  # the same person once more, not another one
    tasks.release(STORE)
    assert names(presenter).count("Sri Handayani") == 1


def test_somebody_new_is_written_and_refused_where_it_is_wrong(kit: Kit) -> None:
    presenter = opened(kit)
    presenter.begin_new()
    assert presenter.state.title == phrase("pegawai.new")
    presenter.accept()
    assert presenter.state.fields[0].problem
    presenter.type_field("name", "Sri Handayani")
    presenter.type_field("nip", "12")
    presenter.choose_account("u3")
    presenter.accept()
    assert presenter.state.fields[1].problem
    presenter.type_field("nip", "")
    presenter.accept()
    assert "Sri Handayani" in names(presenter)
    assert [line.name for line in presenter.state.accounts if line.is_on] == ["u3"]


def test_an_account_that_somebody_has_is_a_problem_of_the_whole_form(kit: Kit) -> None:
    presenter = opened(kit)
    presenter.choose_account("u1")
    presenter.accept()
    assert presenter.state.problem is not None
    assert presenter.state.problem.code == "staff.account_taken"
    presenter.choose_account(NO_ACCOUNT)
    presenter.accept()
    assert presenter.state.problem is None


def test_a_person_is_taken_off(kit: Kit) -> None:
    presenter = opened(kit)
    presenter.select("s4")
    presenter.remove()
    assert "Wahyu Utomo" not in names(presenter)


def test_who_may_not_write_is_told_who_may(tmp_path: Path) -> None:
    kit = Kit(tmp_path, PETUGAS)
    furnish(kit)
    presenter = opened(kit)
    assert presenter.state.bar.note == phrase("pegawai.not_yours")
    presenter.type_field("name", "X")
    presenter.accept()
    presenter.remove()
    assert len(kit.desk.office.staff.search()) == 4
    kit.store.close()


def test_an_empty_list_and_an_empty_search_say_what_to_do(tmp_path: Path) -> None:
    kit = Kit(tmp_path, KASI)
    presenter = opened(kit)
    assert presenter.state.nothing.title == phrase("pegawai.empty")
    furnish(kit)
    presenter.search("zzz")
    assert presenter.state.nothing.title == phrase("pegawai.not_found", text="zzz")
    kit.store.close()


def test_what_was_typed_about_a_person_waits_through_a_search_and_a_restart(kit: Kit) -> None:
    presenter = opened(kit)
    presenter.select("s2")
    presenter.type_field("jabatan", "Pranata komputer")
    presenter.search("")
    assert presenter.state.fields[3].text == "Pranata komputer"
    presenter.stop()
    again = opened(kit)
    assert (again.state.fields[0].text, again.state.fields[3].text) == ("Rina Wulandari", "Pranata komputer")
    assert again.state.restored
    again.accept()
    assert again.state.restored == ""
    assert kit.desk.drafts.mine() == []
