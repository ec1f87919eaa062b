from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from support.app_context import PETUGAS
from support.cards_sent import LOKET, follow_sop, sop
from support.clock import NOW
from support.counter import CHILD, PAPERS, SITI, Counter, for_kk
from support.families import ANAK, FAMILY
from support.letters import office

from fieldkit.domain.applications import Applicant, Application, ApplicationState, Parents, Service
from fieldkit.domain.cards.card import Document
from fieldkit.domain.errors import InputError, RuleError, StoreError
from fieldkit.domain.sop.profile import Fulfilment
from fieldkit.domain.sop.run import SopRun, begin_run
from fieldkit.services.applications.begin_application import EnterFamilies, Handed, service_of

KK, KTP, KIA = Document.KK, Document.KTP_EL, Document.KIA
F = Fulfilment
PUPIL = replace(CHILD, parents=Parents(mother="SITI AMINAH"))
OWN_LEGS = (F.APPLICATION_RECEIVED, F.APPLICATION_CHECKED, F.APPLICATION_APPROVED, F.DOCUMENT_PRINTED, F.CARDS_TO_DESA)
Register = Callable[[str, Handed], Application]


@pytest.fixture
def register(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Register]:
    """Return how an office takes applications in whose activity runs the SOP that the test asks for, or none."""
    kit = office(tmp_path, LOKET)
    if sop_id := getattr(request, "param", None):
        follow_sop(kit, sop_id)
    yield kit.context.office.applications.register
    kit.store.close()


@pytest.mark.parametrize(
    ("register", "asked", "document", "who", "service"),
    [
        (None, Service.KK, KK, SITI, Service.KK),
        (None, Service.BECAK_PINTAR, KTP, SITI, Service.BECAK_PINTAR),
        (None, Service.KK, KTP, SITI, None),
        (None, Service.BECAK_PINTAR, KIA, SITI, None),
        ("grobogan_kk_wni", Service.BECAK_PINTAR, KTP, SITI, Service.BECAK_PINTAR),
        ("kia_di_sekolah", Service.BECAK_PINTAR, KIA, PUPIL, Service.SOP),
        ("kia_di_sekolah", Service.BECAK_PINTAR, KIA, CHILD, None),
        ("kia_di_sekolah", Service.KK, KK, SITI, None),
    ],
    indirect=["register"],
)
def test_an_application_goes_its_own_way_unless_the_sop_says_what_it_gives(
    register: Register, asked: Service, document: Document, who: Applicant, service: Service | None
) -> None:
    with nullcontext() if service else pytest.raises(InputError, match=r"^application\."):
        begun = register("a1", Handed(asked, document, who, ()))
        assert (begun.service, begun.own_legs) == (service, OWN_LEGS if service is Service.SOP else ())


@pytest.mark.parametrize(
    ("request_", "kept"), [("", ""), ("tidak", ""), ("kk_pisah", "kk_pisah"), ("ktp_baru", ""), ("lainnya", "")]
)
def test_only_what_the_form_of_the_document_offers_is_ticked(register: Register, request_: str, kept: str) -> None:
    assert register("a1", Handed(Service.KK, KK, SITI, (), request=request_)).request == kept


def test_an_application_belongs_to_an_activity(register: Register) -> None:
    with pytest.raises(StoreError):
        register("nowhere", Handed(Service.KK, KK, SITI, ()))


@pytest.mark.parametrize(
    ("sop_id", "document", "service"),
    [
        ("", KK, Service.KK),
        ("", KIA, Service.BECAK_PINTAR),
        ("grobogan_kk_wni", KTP, Service.BECAK_PINTAR),
        ("kia_di_sekolah", KIA, Service.SOP),
        ("kia_di_sekolah", KTP, None),
    ],
)
def test_a_document_says_its_way_unless_the_sop_does(sop_id: str, document: Document, service: Service | None) -> None:
    run = begin_run(sop(sop_id), "a1", "u1", NOW) if sop_id else None
    with nullcontext() if service else pytest.raises(InputError, match=r"application\.other_document"):
        assert service_of(run, document) is service


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
