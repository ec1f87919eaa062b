from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from support.app_context import PETUGAS
from support.cards_sent import LOKET
from support.counter import SITI, Counter, for_kk
from support.drafts import begun, filled, problem_of
from support.families import ANAK, BAYI, FAMILY, SUAMI
from support.listing import Listing
from support.tasks import SameThread, Steps

from fieldkit.domain.applications import ApplicationState
from fieldkit.domain.families import Family, FamilyMember
from fieldkit.domain.people import User
from ui.presenters.applications.family import FamilyEntry, home_form, member_form
from ui.presenters.form import FormPresenter
from ui.presenters.lists import Facts, Hint
from ui.presenters.presenter import message


@pytest.fixture
def at(counter: Counter) -> str:
    at = counter.by(LOKET).register("a1", for_kk()).thing_id
    counter.by(LOKET).check(at)
    return at


def opened(counter: Counter, at: str, user: User = PETUGAS) -> Listing:
    steps = Steps()
    return Listing(FamilyEntry(counter.context(user), steps, at).screen(), SameThread(), steps)


def texts(presenter: FormPresenter) -> dict[str, str]:
    return {field.name: field.text for field in presenter.state.fields}


HEAD = {
    "sex": "P",
    "birth_place": "Grobogan",
    "birth_date": "05-07-1990",
    "marital_status": "2",
    "religion": "1",
    "education": "5",
    "occupation": "2",
    "blood_type": "13",
    "father": "wagimin",
    "mother": "tuminah",
}


def test_family_is_entered_from_its_form_and_submitted(counter: Counter, at: str) -> None:
    listing = opened(counter, at)
    listing.press("accept")
    assert listing.steps.taken == [("push", "family_member", at, "0")]
    form = member_form(counter.context(PETUGAS), at, 0)
    assert texts(begun(counter.context(PETUGAS), form))["name"] == SITI.name
    filled(counter.context(PETUGAS), member_form(counter.context(PETUGAS), at, 0), **HEAD)
    filled(counter.context(PETUGAS), home_form(counter.context(PETUGAS), at), district="Wirosari")
    listing = opened(counter, at)
    assert listing.names == ["0"]
    (hint,) = listing.panels(Hint)
    assert message("family.no_certificate") in hint.words
    assert listing.panels(Facts)
    listing.press("accept")
    assert counter.by(LOKET).get(at).state is ApplicationState.DIINPUT
    assert listing.steps.taken == [("back",)]


def kept(counter: Counter, at: str, family: Family) -> Listing:
    counter.by(PETUGAS)
    counter.kit.context.office.families.keep(at, family)
    return opened(counter, at)


def test_member_left_out_can_come_back(counter: Counter, at: str) -> None:
    listing = kept(counter, at, FAMILY)
    listing.presenter.select("1")
    listing.press("change")
    assert listing.steps.taken == [("push", "family_member", "1", at)]
    listing.press("remove")
    assert len(counter.kit.context.office.families.family(at).members) == 3
    listing.presenter.perform(listing.presenter.state.toast.undo)
    assert counter.kit.context.office.families.family(at) == FAMILY


def test_only_the_member_that_is_odd_is_marked(counter: Counter, at: str) -> None:
    listing = kept(counter, at, replace(FAMILY, members=(replace(SUAMI, marriage_certificate=""), ANAK, BAYI)))
    assert [(row.cells[0].detail, row.cells[3].tags[0].words) for row in listing.rows] == [
        ("331508••••••••01", message("impor.is_doubtful")),
        ("331508••••••••01", message("common.good")),
        (message("family.no_number"), message("common.good")),
    ]
    assert listing.panels(Hint)[0].title == message("family.look_at", name=SUAMI.name)
    listing.presenter.select("1")
    assert listing.panels(Hint) == []


EMPTY_HOME = replace(FAMILY.address, rt="", rw="", district="")


@pytest.mark.parametrize(
    ("family", "told"),
    [
        (FAMILY, ["331508••••••••04", "DUKUH KRAJAN RT 003 RW 001", "WIROSARI", "WIROSARI"]),
        (
            replace(FAMILY, no_kk=None, address=EMPTY_HOME),
            [message("family.new_number"), "DUKUH KRAJAN RT - RW -", "WIROSARI", message("family.empty")],
        ),
    ],
)
def test_the_home_says_what_is_missing(counter: Counter, at: str, family: Family, told: list[object]) -> None:
    (home,) = kept(counter, at, family).panels(Facts)
    assert [said for _, said in home.facts] == told
    number = texts(begun(counter.context(PETUGAS), home_form(counter.context(PETUGAS), at)))["no_kk"]
    assert number == (family.no_kk.digits if family.no_kk else "")


@pytest.mark.parametrize(
    ("born", "members", "begins"),
    [
        (date(1990, 7, 5), (), (SITI.name, "05-07-1990")),
        (None, (), (SITI.name, "")),
        (date(1990, 7, 5), (SUAMI,), ("", "")),
    ],
    ids=["the first is the applicant", "without a birth date", "the next is empty"],
)
def test_the_first_member_begins_with_the_applicant(
    counter: Counter, born: date | None, members: tuple[FamilyMember, ...], begins: tuple[str, str]
) -> None:
    handed = replace(for_kk(), applicant=replace(SITI, birth_date=born))
    at = counter.by(LOKET).register("a1", handed).thing_id
    counter.by(LOKET).check(at)
    counter.by(PETUGAS)
    counter.kit.context.office.families.keep(at, replace(FAMILY, members=members))
    presenter = begun(counter.context(PETUGAS), member_form(counter.context(PETUGAS), at, len(members)))
    shown = texts(presenter)
    assert (shown["name"], shown["birth_date"]) == begins
    labels = {field.name: field.label for field in presenter.state.fields}
    assert labels["relation"] == message("biodata.field.family_relation")
    assert labels["religion"] == message("biodata.field.religion")


def test_who_does_not_enter_it_sees_why(counter: Counter, at: str) -> None:
    assert opened(counter, at, LOKET).offered("accept").refused == message("counter.others", who="Operator")
    counter.entered(at)
    assert opened(counter, at).offered("accept").refused == message("family.not_now")


def test_member_comes_back_into_its_form_as_it_was_entered(counter: Counter, at: str) -> None:
    counter.by(PETUGAS)
    counter.kit.context.office.families.keep(at, FAMILY)
    for place in range(len(FAMILY.members)):
        filled(counter.context(PETUGAS), member_form(counter.context(PETUGAS), at, place))
    assert counter.kit.context.office.families.family(at) == replace(FAMILY)
    filled(counter.context(PETUGAS), member_form(counter.context(PETUGAS), at, 0), name="slamet  w")
    assert counter.kit.context.office.families.family(at).members[0] == replace(SUAMI, name="SLAMET W")


@pytest.mark.parametrize(
    ("typed", "code"),
    [({"nik": "12"}, "nik.not_16_digits"), ({"religion": ""}, "typed.not_chosen"), ({"mother": ""}, "biodata.no_name")],
)
def test_what_is_wrong_keeps_the_form(counter: Counter, at: str, typed: dict[str, str], code: str) -> None:
    presenter = filled(counter.context(PETUGAS), member_form(counter.context(PETUGAS), at, 0), **{**HEAD, **typed})
    assert problem_of(presenter) == code
    assert counter.kit.context.office.families.family(at).members == ()
