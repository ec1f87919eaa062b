from __future__ import annotations

from fieldkit.domain.applications import LEGS, Service
from fieldkit.domain.sop.profile import Fulfilment
from ui.presenters.planning.steps import params_of, screens_of


def test_a_step_leads_to_each_screen_once_in_the_order_of_its_facts() -> None:
    wanted = (Fulfilment.TARGETS_VERIFIED, Fulfilment.SCHEDULED, Fulfilment.TEAM_ASSIGNED, Fulfilment.REPLY_DRAFTED)
    assert screens_of(wanted) == ("verify_targets", "plan", "letters")


def test_what_nothing_brings_about_leads_nowhere() -> None:
    assert screens_of(()) == ()


def test_the_way_of_a_team_has_one_screen_and_recording_two() -> None:
    assert screens_of((Fulfilment.ARRIVED, Fulfilment.COORDINATED, Fulfilment.AT_LOCATION)) == ("trip",)
    assert screens_of((Fulfilment.RECORDED,)) == ("targets", "visits")


def test_every_step_of_the_counter_has_its_screen() -> None:
    for fact in LEGS[Service.KK]:
        assert screens_of((fact,))[0] == "applications"
    assert screens_of(LEGS[Service.BECAK_PINTAR]) == ("applications", "courier")


def test_lists_of_all_activities_need_none() -> None:
    assert [params_of(screen, "a1") for screen in ("queue", "sign_letters", "courier")] == [{}, {}, {}]
    assert [params_of(screen, "a1") for screen in ("targets", "check_out")] == [{"activity_id": "a1"}] * 2
