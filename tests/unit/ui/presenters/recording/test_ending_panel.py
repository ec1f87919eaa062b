from __future__ import annotations

from ui.presenters.recording.ending_panel import LATER, EndingPanel


def test_the_harmless_way_is_chosen_first() -> None:
    panel = EndingPanel()
    assert panel.choices[0].name == panel.chosen == LATER
    assert not panel.is_end
    assert len({choice.name for choice in panel.choices}) == len(panel.choices) <= 10


def test_number_keys_and_arrows_choose() -> None:
    assert EndingPanel().at(2).chosen == "declined"
    assert EndingPanel().at(10) == EndingPanel()
    assert EndingPanel().with_next(1).with_next(-1).with_next(-1).chosen == LATER


def test_the_persons_choice_is_told_from_the_teams() -> None:
    assert EndingPanel("declined").is_end
    assert EndingPanel("declined").is_subjects_choice
    assert EndingPanel("wrong_person").is_end
    assert not EndingPanel("wrong_person").is_subjects_choice
