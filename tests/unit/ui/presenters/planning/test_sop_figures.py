from __future__ import annotations

from ui.presenters.messages import message
from ui.presenters.parts import Tone
from ui.presenters.planning.sop_figures import Fact, group


def test_the_head_of_a_group_stands_above_its_first_fact_only() -> None:
    facts = group("langkah.inputs", (Fact(words, Tone.GOOD) for words in ("KTP", "KK")))
    assert [fact.head for fact in facts] == [message("langkah.inputs"), ""]
    assert [(fact.words, fact.tone) for fact in facts] == [("KTP", Tone.GOOD), ("KK", Tone.GOOD)]
    assert group("langkah.inputs", ()) == ()
