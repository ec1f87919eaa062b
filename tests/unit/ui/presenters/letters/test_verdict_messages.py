from __future__ import annotations

from dataclasses import replace

import pytest
from support.clock import NOW, HandClock

from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from fieldkit.ports.vault import SignatureSeen, Standing, Verdict, conclude
from ui.presenters.letters.letters import shown
from ui.presenters.parts import Tone

SEEN = SignatureSeen("Endang", NOW, True, True, True, True, "CA BSrE")
LOCAL = HandClock().local


@pytest.mark.parametrize("standing", list(Standing))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_verdict_has_its_words(standing: Standing, language: str) -> None:
    said, card = strict_catalogue(language), shown(Verdict(standing), LOCAL)
    for words in (card.tag.words, card.title, card.meaning):
        assert said.text(words.key)


def test_a_signature_says_by_whose_clock() -> None:
    said = strict_catalogue("id")
    certified, own = (
        shown(conclude((replace(SEEN, is_time_certified=c),)), LOCAL).signatures[0] for c in (True, False)
    )
    assert said.text(certified.line.key, **certified.line.params) == (
        "21-11-2026 09.00 menurut stempel waktu otoritas · penjamin: CA BSrE"
    )
    assert "jam penanda tangan" in said.text(own.line.key, **own.line.params)
    unknown = shown(conclude((replace(SEEN, signed_at=None, issuer=""),)), LOCAL).signatures[0]
    assert (unknown.line.params, unknown.signer) == ({"at": "–", "issuer": "–"}, "Endang")
    assert {tag.tone for tag in certified.tags} == {Tone.GOOD}


def test_what_does_not_hold_is_told_line_by_line() -> None:
    broken = SignatureSeen("", None, False, False, False, False)
    card = shown(conclude((broken,)), LOCAL)
    assert card.tone is Tone.BAD
    assert [tag.words.key for tag in card.signatures[0].tags] == ["tte.not_intact", "tte.not_whole", "tte.not_trusted"]
    assert card.signatures[0].signer.key == "tte.signer_unknown"
    assert shown(conclude((replace(SEEN, is_trusted=False),)), LOCAL).signatures[0].tags[-1].tone is Tone.CAUTION
