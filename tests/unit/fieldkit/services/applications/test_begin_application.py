from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from support.cards_sent import LOKET, follow_sop, sop
from support.clock import NOW
from support.counter import CHILD, SITI
from support.letters import office

from fieldkit.domain.applications import Applicant, Application, Parents, Service
from fieldkit.domain.cards.card import Document
from fieldkit.domain.errors import InputError, StoreError
from fieldkit.domain.sop.fulfilment import Fulfilment
from fieldkit.domain.sop.run import begin_run
from fieldkit.services.applications.begin_application import Handed, service_of

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
