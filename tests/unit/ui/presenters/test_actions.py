from __future__ import annotations

from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from fieldkit.domain.recording.positions import FINGERS
from ui.presenters.actions import CHOICES, Action


def test_every_act_has_exactly_one_key_and_no_key_two_acts() -> None:
    assert len(Action.__members__) == len(Action)
    assert len({act.key for act in Action}) == len(Action)


def test_number_keys_are_the_finger_codes_of_the_standard() -> None:
    assert [act.cap for act in CHOICES] == list("1234567890")
    assert len(CHOICES) == len(FINGERS)


def test_every_act_has_words_in_every_language() -> None:
    for language in LANGUAGES:
        catalogue = strict_catalogue(language)
        for act in set(Action) - set(CHOICES):
            assert catalogue.text(f"act.{act.value}")
        assert catalogue.text("act.choice")
