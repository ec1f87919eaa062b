from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from support.app_context import TARGETS
from support.clock import NOW

from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from fieldkit.domain.planning.outreach import TargetState
from fieldkit.domain.visits import Doors, Outcome, Visit
from fieldkit.services.visits.run_visits import DoorCall
from ui.presenters.messages import CatalogMessage, message
from ui.presenters.parts import Tone
from ui.presenters.visits.messages import door_tags, last_words, minutes_tag, outcome_tag, remarks_of

VISIT = Visit("v1", "a1", "t1", "u1", NOW, safety="takut seragam", note="demam", companion="Bu RT")
ENDED = replace(VISIT, ended_at=NOW + timedelta(minutes=31), outcome=Outcome.SAKIT, wants_revisit=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_outcome_has_words(language: str) -> None:
    messages = strict_catalogue(language)
    for outcome in Outcome:
        words = outcome_tag(replace(VISIT, outcome=outcome)).words
        assert isinstance(words, CatalogMessage)
        assert messages.text(words.key)


def test_a_visit_is_told_against_the_standard() -> None:
    assert minutes_tag(ENDED, NOW, 30).tone is Tone.CAUTION
    assert minutes_tag(ENDED, NOW, 31).words == message("field.minutes", count=31, standard=31)
    assert minutes_tag(VISIT, NOW + timedelta(minutes=2), 30).tone is Tone.SOFT
    assert outcome_tag(VISIT).words == message("field.going_on")
    tones = {o: outcome_tag(replace(ENDED, outcome=o, wants_revisit=False)).tone for o in Outcome}
    assert tones[Outcome.DIREKAM] is Tone.GOOD
    assert tones[Outcome.PINDAH] is Tone.NEUTRAL


def test_a_door_tells_nothing_private() -> None:
    target = replace(TARGETS[0], state=TargetState.POSTPONED, is_walk_in=True)
    visit = replace(ENDED, revisit_on=date(2026, 11, 27))
    tags = door_tags(DoorCall(1, target, visit, needs_escort=True, kinds=frozenset({Doors.AGAIN})), NOW)
    assert [tag.words for tag in tags] == [
        message("field.again_on", day="27-11-2026"),
        message("field.walk_in"),
        message("field.escort"),
    ]
    told = str((tags, last_words(visit, lambda at: at), remarks_of(visit)))
    assert "demam · Bu RT" in told
    assert "seragam" not in told
