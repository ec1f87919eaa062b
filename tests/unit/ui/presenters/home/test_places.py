from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.app_context import Kit
from support.clock import NOW
from support.tasks import SameThread, Steps
from support.whole_office import PEOPLE

from fieldkit.domain.delivery import OfficeTask
from fieldkit.domain.errors import Problem
from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.domain.people import PERMISSIONS, Permission, Role
from fieldkit.services.home import Duties
from ui.presenters.home.home import HomePresenter
from ui.presenters.home.office import Waits
from ui.presenters.home.places import PlacesPresenter, Waiting, waiting_at
from ui.presenters.parts import Rail
from ui.presenters.presenter import PLACES
from ui.presenters.tasks import STORE

LETTER = Letter("s1", "a1", LetterKind.SURAT_BALASAN, "Balasan", "K07-1", {}, "u1", NOW, LetterState.WAITING)
NOTHING = Duties((), 0, (), (), 0, 0, 0)


@pytest.fixture(scope="module")
def office_kit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    with Kit(tmp_path_factory.mktemp("office")) as kit:
        yield kit


@pytest.mark.parametrize("role", list(Role))
def test_who_records_has_the_whole_width_and_everybody_else_their_places(office_kit: Kit, role: Role) -> None:
    places = PlacesPresenter(office_kit.context_of(PEOPLE[role]), SameThread())
    if Permission.RECORD in PERMISSIONS[role]:
        assert (places.state, places.reads) == (Rail(), frozenset())
        return
    screens = [place.screen for place in places.state.places]
    assert screens[0] == "home"
    assert 5 <= len(screens) <= len(PLACES)
    assert len(set(screens)) == len(screens)
    assert places.state.settings is not None
    assert {"record", Letter.KIND} <= places.reads
    assert ("accounts" in screens) == (Permission.ADD_USERS in PERMISSIONS[role])


def test_a_number_counts_only_what_the_role_has_to_do(office_kit: Kit) -> None:
    found = Waiting(replace(NOTHING, to_sign=3), Waits({OfficeTask.PRINT: 5, OfficeTask.HAND_OVER: 2}, 0))
    kinds = ("letters", "distribution", "prints", "activities", "statuses", "sarpras")

    def numbers(role: Role) -> list[int]:
        counts = waiting_at(found, PEOPLE[role])
        return [counts[kind] for kind in kinds]

    assert numbers(Role.OPERATOR_CETAK) == [3, 2, 5, 0, 0, 0]
    assert numbers(Role.LOKET) == [3, 2, 0, 0, 0, 0]
    assert numbers(Role.KEPALA_DINAS) == [3, 0, 0, 0, 0, 0]
    stuck = Waiting(NOTHING, Waits({OfficeTask.RESEND: 1, OfficeTask.ASK_MEANING: 1}, 0))
    assert waiting_at(stuck, PEOPLE[Role.KASI])["statuses"] == 2
    assert waiting_at(stuck, PEOPLE[Role.KEPALA_DINAS])["statuses"] == 0


def test_beranda_hands_over_what_it_read_and_later_news_are_read_once(tmp_path: Path, steps: Steps) -> None:
    tasks = SameThread(STORE)
    with Kit(tmp_path, PEOPLE[Role.KEPALA_DINAS]) as kit:
        places = PlacesPresenter(kit.context, tasks)
        home = HomePresenter(kit.context, tasks, steps, places.take)
        with kit.store.write() as unit:
            unit.repository(Letter).save(LETTER)
        home.start()
        tasks.release(STORE)
        assert _waiting(places, "letters") == 1
        with kit.store.write() as unit:
            unit.repository(Letter).save(replace(LETTER, thing_id="s2"))
        places.refresh()
        places.refresh()
        assert len(tasks._held[STORE]) == 1
        tasks.release(STORE)
        assert _waiting(places, "letters") == 2


def test_a_store_that_cannot_be_read_leaves_the_numbers_as_they_were(tmp_path: Path) -> None:
    tasks = SameThread()
    with Kit(tmp_path, PEOPLE[Role.KASI]) as kit:
        places = PlacesPresenter(kit.context, tasks)
        before = places.state
        places._is_reading = True
        places._unread(Problem("store.not_found"))
        assert places.state == before
        places.refresh()
        assert not places._is_reading


def _waiting(places: PlacesPresenter, screen: str) -> int:
    return next(place.waiting for place in places.state.places if place.screen == screen)
