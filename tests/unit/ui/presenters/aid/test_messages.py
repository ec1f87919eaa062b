from __future__ import annotations

from datetime import date, timedelta

import pytest
from support.clock import NOW

from fieldkit.domain.aid import Aid, AidAct, AidCase, AidState, Dtsen, Program
from ui.presenters.aid import due_tag, facts_of, history_of, state_tag
from ui.presenters.figures import StepMark
from ui.presenters.parts import Tone
from ui.presenters.presenter import message

S, DAY = AidState, date(2026, 12, 1)
REFUSED = Aid(
    Program.PKH,
    (
        AidAct(S.DICATAT, NOW, "u1"),
        AidAct(S.DIUSULKAN, NOW, "u1", "Karsono", "141/7"),
        AidAct(S.DITOLAK, NOW, "u1", "Wiwik", "460/2", reason="kuota penuh"),
    ),
)


def test_the_history_begins_with_the_proposal_and_tells_why_it_failed() -> None:
    steps = history_of(REFUSED, lambda at: at, 3)
    assert [step.detail for step in steps] == ["21-11-2026 · Karsono · 141/7", "21-11-2026 · Wiwik · kuota penuh"]
    assert [step.mark for step in steps] == [StepMark.DONE, StepMark.MISSING]
    assert history_of(REFUSED, lambda at: at, 1) == steps[1:]
    on_files = Aid(Program.PKH, (*REFUSED.acts[:1], AidAct(S.DIUSULKAN, NOW, "u1", "Karsono", files=("f1",))))
    assert history_of(on_files, lambda at: at, 3)[0].detail == "21-11-2026 · Karsono"


@pytest.mark.parametrize(("days", "tone"), [(-1, Tone.NEUTRAL), (0, Tone.CAUTION), (9, Tone.CAUTION)])
def test_the_day_to_ask_stands_out_when_it_is_there(days: int, tone: Tone) -> None:
    tag = due_tag(Aid(Program.PKH, REFUSED.acts[:2], DAY), DAY + timedelta(days=days))
    assert tag is not None
    assert (tag.words, tag.tone) == ("01-12-2026", tone)
    assert due_tag(REFUSED, DAY) is None


def test_every_state_has_its_tone() -> None:
    for state in AidState:
        assert state_tag(Aid(Program.PKH, (AidAct(state, NOW, "u1"),))).words == message(f"aid.state_{state.value}")


def test_only_what_is_noted_is_told() -> None:
    assert facts_of(None, str) == ()
    assert facts_of(AidCase("t1", "a1"), str) == ((message("aid.dtsen"), message("aid.dtsen_tidak_tahu")),)
    noted = AidCase("t1", "a1", Dtsen.BELUM, 2, (Program.PKH,), note="jauh")
    assert [value for _, value in facts_of(noted, lambda programs: "/".join(programs))] == [
        message("aid.dtsen_belum_decile", decile=2),
        "pkh",
        "jauh",
    ]
