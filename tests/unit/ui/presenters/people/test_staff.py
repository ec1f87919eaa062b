from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.app_context import PETUGAS, Kit
from support.listing import Listing, at_row, refusals
from support.plans import ADMIN, KASI, STAFF, furnish
from support.tasks import SameThread, Steps

from fieldkit.domain.people import Kedudukan, Staff, User
from ui.presenters.people.accounts import StaffList
from ui.presenters.presenter import Message, message


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


def test_an_empty_list_says_what_to_do(tmp_path: Path) -> None:
    kit = Kit(tmp_path, KASI)
    assert opened(kit).presenter.state.nothing.title == message("pegawai.empty")
    kit.store.close()


NOT_YOURS, FIRST = message("pegawai.not_yours"), message("common.choose_person")


@pytest.mark.parametrize(
    ("user", "person", "refused"),
    [
        (KASI, STAFF[0], {"remove": "", "import_staff": "", "begin_new": "", "accept": ""}),
        (ADMIN, STAFF[0], {"remove": "", "import_staff": "", "begin_new": "", "accept": ""}),
        (KASI, None, {"remove": FIRST, "import_staff": "", "begin_new": "", "accept": FIRST}),
        (PETUGAS, STAFF[0], dict.fromkeys(("remove", "import_staff", "begin_new", "accept"), NOT_YOURS)),
    ],
)
def test_who_plans_or_keeps_the_profile_keeps_the_staff(
    idle: Kit, user: User, person: Staff | None, refused: dict[str, Message]
) -> None:
    screen = StaffList(idle.context_of(user), Steps()).screen()
    assert refusals(screen, at_row(person)) == refused
    assert screen.reads == {"staff", "user"}
