from __future__ import annotations

from dataclasses import replace

import pytest
from support.app_context import PETUGAS
from support.cards_sent import LOKET, sop
from support.counter import CHILD, PAPERS, SITI, Counter, for_kk
from support.families import ANAK, FAMILY

from fieldkit.domain.applications import ApplicationState, Parents, Service
from fieldkit.domain.cards.card import Document
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.sop.run import SopRun, begin_run
from fieldkit.services.applications.begin_application import Handed
from fieldkit.services.applications.enter_families import EnterFamilies


@pytest.fixture
def at(counter: Counter) -> str:
    at = counter.by(LOKET).register("a1", for_kk()).thing_id
    counter.by(LOKET).check(at)
    return at


def families(counter: Counter) -> EnterFamilies:
    return counter.kit.context.office.families


def test_family_begins_with_the_address_of_the_applicant_and_is_kept_step_by_step(counter: Counter, at: str) -> None:
    begun = families(counter).family(at)
    assert (begun.address.village, begun.phone, begun.members) == (SITI.village, SITI.phone, ())
    counter.by(PETUGAS)
    families(counter).keep(at, begun.with_member(0, FAMILY.members[0]))
    assert families(counter).family(at).head == FAMILY.members[0]
    with pytest.raises(InputError, match=r"family\.no_address"):
        counter.by(PETUGAS).enter(at)  # the kecamatan is missing
    families(counter).keep(at, FAMILY)
    assert counter.by(PETUGAS).enter(at).state is ApplicationState.DIINPUT


def test_what_a_kk_cannot_say_is_refused(counter: Counter, at: str) -> None:
    counter.by(PETUGAS)
    with pytest.raises(InputError, match=r"biodata\.unknown_code"):
        families(counter).keep(at, FAMILY.with_member(2, replace(ANAK, religion=99)))


def test_family_is_entered_by_its_account_and_only_before_the_submission(counter: Counter, at: str) -> None:
    counter.by(LOKET)
    with pytest.raises(RuleError, match=r"application\.not_yours"):
        families(counter).keep(at, FAMILY)
    counter.entered(at)
    counter.by(PETUGAS)
    with pytest.raises(RuleError, match=r"application\.not_now"):
        families(counter).keep(at, FAMILY)


def test_only_a_kk_has_a_family(counter: Counter) -> None:
    run = begin_run(replace(sop("grobogan_kk_wni"), gives=(Document.KIA,)), "a1", "u1", counter.kit.clock.now())
    with counter.kit.store.write() as unit:
        unit.repository(SopRun).save(run)
    child = replace(CHILD, parents=Parents(mother="SITI AMINAH"))
    at = counter.by(LOKET).register("a1", Handed(Service.SOP, Document.KIA, child, PAPERS)).thing_id
    assert counter.by(LOKET).check(at).next_state is ApplicationState.DIINPUT
    counter.by(PETUGAS)
    with pytest.raises(RuleError, match=r"application\.not_now"):
        families(counter).keep(at, FAMILY)


def test_doubts_and_the_log(counter: Counter, at: str) -> None:
    counter.by(PETUGAS)
    odd = FAMILY.with_member(1, replace(FAMILY.members[1], marriage_certificate=""))
    assert [finding.code for _, finding in families(counter).doubts(odd)] == ["family.no_certificate"]
    families(counter).keep(at, odd)
    with counter.kit.store.read() as unit:
        lines = "".join(event.line() for event in unit.events.of(at))
    assert "application_family_entered" in lines
    assert not [word for word in ("SLAMET", "3315080502850001") if word in lines]
