from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.app_context import PENGURUS, TARGETS, Kit
from support.drafts import form_on, problem_of
from support.letters import KASI
from support.listing import Listing
from support.tasks import SameThread, Steps
from support.whole_office import Paperless

from fieldkit.app.bootstrap.catalogue import strict_catalogue
from fieldkit.domain.people import User
from ui.presenters.figures import Number
from ui.presenters.form import SEPARATOR
from ui.presenters.lists import History, Numbers
from ui.presenters.presenter import Operation, message
from ui.presenters.statuses.by_nik import PeopleByNik, status_form

IDS = [target.target_id for target in TARGETS]
NIKS = [target.biodata.nik.digits for target in TARGETS]


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KASI)
    kit.plan(*TARGETS)
    yield kit
    kit.store.close()


def shown(kit: Kit, user: User = KASI) -> Listing:
    steps, paperless = Steps(), Paperless()
    screen = PeopleByNik(kit.context_of(user), steps, paperless, strict_catalogue("id"), "a1").screen()
    return Listing(screen, SameThread(), steps)


def copies(listing: Listing) -> str:
    runs = listing.offered("copy").runs
    assert isinstance(runs, Operation)
    return runs.copies


def test_everybody_with_a_nik_stands_there_with_what_siak_says(kit: Kit) -> None:
    kit.seal(1, TARGETS[0])
    kit.context.office.nik_lists.type_status(IDS[:2], "DUPLICATE", None, "NIK lain")
    listing = shown(kit)
    assert listing.names == IDS
    (numbers,) = listing.panels(Numbers)
    assert [number.value for number in numbers.numbers] == [str(len(IDS)), str(len(IDS) - 2), "2", "0"]
    assert isinstance(numbers.numbers[0], Number)
    assert (listing.chips["trouble"], listing.chips["waits"]) == (2, len(IDS) - 2)
    assert listing.panels(History)[0].title == TARGETS[0].biodata.name
    assert "NIK lain" in str(listing.rows[1].cells[2])


def test_ticked_people_get_one_status_together(kit: Kit) -> None:
    listing = shown(kit)
    for at in IDS[1:3]:
        listing.presenter.tick(at)
    listing.press("accept")
    assert listing.steps.taken[-1] == ("push", "nik_status", SEPARATOR.join(IDS[1:3]))
    form = form_on(kit.context, status_form(kit.context, SEPARATOR.join(IDS[1:3])), SameThread(), listing.steps)
    form.start()
    form.accept()
    assert problem_of(form) == "status.no_code"
    form.type("code", "prr")
    form.accept()
    said = {line.target.target_id for line in kit.context.office.nik_lists.people("a1") if line.central}
    assert said == set(IDS[1:3])


def test_numbers_are_copied_by_portions_and_the_ticked_ones_alone(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.presenters.statuses.by_nik.PORTION", 2)
    listing = shown(kit)
    assert copies(listing) == "\n".join(NIKS[:2])
    listing.press("copy")
    listing.presenter.refresh()
    assert copies(listing) == "\n".join(NIKS[2:4])
    listing.presenter.tick(IDS[0])
    assert copies(listing) == NIKS[0]
    listing.presenter.tick(IDS[0])
    kit.context.office.nik_lists.copied(IDS)
    listing.presenter.refresh()
    assert copies(listing) == "\n".join(NIKS[:2])  # all were copied: from the beginning again


def test_sheets_are_offered_and_the_keeper_of_sarpras_takes_no_number_out(kit: Kit) -> None:
    listing = shown(kit)
    for name in ("export_xlsx", "export_csv"):
        assert listing.offered(name).refused == ""
    refused = {command.name: command.refused for command in shown(kit, PENGURUS).presenter.state.bar.actions}
    assert refused["copy"] == refused["export_csv"] == message("per_nik.not_yours")
    assert refused["accept"] == message("status.not_yours")
