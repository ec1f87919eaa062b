from __future__ import annotations

from pathlib import Path

import pytest
from support.cards_sent import LOKET
from support.counter import Counter

from fieldkit.app.bootstrap.sop_profiles import own_profiles
from fieldkit.domain.applications import Service
from fieldkit.domain.cards.card import Document
from fieldkit.domain.errors import InputError
from fieldkit.domain.sop.run import begin_run
from fieldkit.services.applications.begin_application import service_of


def test_document_says_its_way_unless_the_sop_does(tmp_path: Path) -> None:
    counter = Counter(tmp_path, "grobogan_kk_wni")
    counter.by(LOKET)
    assert service_of(None, Document.KK) is Service.KK
    assert service_of(None, Document.KIA) is Service.BECAK_PINTAR
    own = next((each for each in own_profiles() if each.gives), None)
    if own is not None:
        run = begin_run(own, "a1", "u1", counter.kit.clock.now())
        assert service_of(run, own.gives[0]) is Service.SOP
        with pytest.raises(InputError, match=r"application\.other_document"):
            service_of(run, next(each for each in Document if each not in own.gives))
    counter.close()
