from __future__ import annotations

from pathlib import Path

import pytest
from support.app_context import TARGETS, Kit
from support.tasks import SameThread, Steps
from support.whole_office import PEOPLE

from fieldkit.domain.people.accounts import Role
from fieldkit.services.exchange.settle_conflicts import SettleConflicts
from ui.presenters.actions import CHOICES
from ui.presenters.home.more import MorePresenter
from ui.presenters.messages import message
from ui.presenters.parts import Tone


def shown(folder: Path, role: Role, steps: Steps, activity_id: str = "") -> MorePresenter:
    kit = Kit(folder, PEOPLE[role])
    kit.plan(*TARGETS)
    for number in (1, 2):
        kit.apply(kit.seal(number, TARGETS[number - 1]), "SFE", "RECEIVED_AT_CENTRAL", "PRR")
    presenter = MorePresenter(kit.context, SameThread(), steps, activity_id)
    presenter.start()
    kit.store.close()
    return presenter


def test_the_team_goes_on_with_its_day_and_the_office_with_cards(tmp_path: Path) -> None:
    field = shown(tmp_path / "field", Role.KETUA_TIM, Steps(), "a1").state.ways
    office = shown(tmp_path / "office", Role.OPERATOR_CETAK, Steps()).state.ways
    assert [way.action.name for way in field][:4] == ["visits", "trip", "recap", "aid"]
    assert [way.action.name for way in office][:4] == ["prints", "blanks", "printing_day", "courier"]
    for ways in (field, office):
        assert [way.action.name for way in ways][-6:] == [
            *("distribution", "applications", "reports", "exchange", "conflicts", "settings"),
        ]
        assert [way.action.act for way in ways] == list(CHOICES[: len(ways)])


def test_what_waits_stands_beside_its_way(tmp_path: Path) -> None:
    ways = {way.action.name: way for way in shown(tmp_path, Role.OPERATOR_CETAK, Steps()).state.ways}
    assert (ways["prints"].headline, ways["prints"].tone) == (message("common.waiting", count=2), Tone.CAUTION)
    assert ways["conflicts"].headline == ""


@pytest.mark.parametrize(
    ("screen", "activity_id", "gone"),
    [
        ("visits", "a1", ("push", "visits", "a1")),
        ("reports", "a1", ("push", "reports", "a1")),
        ("exchange", "a1", ("push", "exchange")),
        ("prints", "", ("push", "prints")),
    ],
)
def test_a_way_takes_the_activity_of_the_day_along(
    tmp_path: Path, screen: str, activity_id: str, gone: tuple[str, ...]
) -> None:
    steps = Steps()
    presenter = shown(tmp_path, Role.KETUA_TIM if activity_id else Role.OPERATOR_CETAK, steps, activity_id)
    presenter.perform(next(way.action for way in presenter.state.ways if way.action.name == screen))
    presenter.back()
    assert steps.taken == [gone, ("back",)]


@pytest.mark.parametrize(
    ("role", "takes"),
    [
        (Role.KETUA_TIM, "visits trip recap aid distribution applications reports"),
        (Role.OPERATOR_CETAK, "visits trip recap aid printing_day distribution applications reports"),
    ],
)
def test_only_what_is_about_the_activity_of_the_day_takes_it_along(tmp_path: Path, role: Role, takes: str) -> None:
    ways = shown(tmp_path, role, Steps(), "a1").state.ways
    about = [way.action.name for way in ways if way.action.runs.params]  # type: ignore[union-attr]
    assert sorted(about) == sorted(each for each in takes.split() if each in {way.action.name for way in ways})
    nothing = shown(tmp_path / "office", role, Steps()).state.ways
    assert not any(way.action.runs.params for way in nothing)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("role", "office"),
    [
        (Role.PETUGAS_PEREKAMAN, []),
        (Role.OPERATOR_CETAK, ["prints", "blanks", "printing_day", "courier"]),
        (Role.LOKET, ["prints", "clocks", "courier", "devices"]),
        (Role.PENGURUS_BARANG, ["prints", "clocks", "courier", "devices"]),
    ],
)
def test_each_role_of_the_office_has_its_own_ways(tmp_path: Path, role: Role, office: list[str]) -> None:
    ways = [way.action.name for way in shown(tmp_path, role, Steps()).state.ways]
    assert ways == [*office, "distribution", "applications", "reports", "exchange", "conflicts", "settings"][:10]


@pytest.mark.parametrize(
    ("role", "headline"), [(Role.OPERATOR_CETAK, "2"), (Role.LOKET, "2"), (Role.PENGURUS_BARANG, ""), (Role.KASI, "2")]
)
def test_cards_are_counted_for_whom_they_wait(tmp_path: Path, role: Role, headline: str) -> None:
    ways = {way.action.name: way.headline for way in shown(tmp_path, role, Steps()).state.ways}
    assert ways["prints"] == (message("common.waiting", count=int(headline)) if headline else "")


def test_differences_are_told_as_bad(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SettleConflicts, "count", lambda _: 3)
    ways = {way.action.name: way for way in shown(tmp_path, Role.KETUA_TIM, Steps()).state.ways}
    assert (ways["conflicts"].headline, ways["conflicts"].tone) == (message("common.waiting", count=3), Tone.BAD)
    assert (ways["settings"].headline, ways["settings"].tone) == ("", Tone.NEUTRAL)
