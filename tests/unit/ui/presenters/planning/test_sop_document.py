from __future__ import annotations

from dataclasses import replace

from support.activities import add_activity
from support.app_context import Kit
from support.sops import SMALL
from support.tasks import SameThread, Steps

from fieldkit.domain.sarpras.inventory import SarprasKind
from fieldkit.domain.sop.document import Equipment, SopDocument
from ui.presenters.messages import message
from ui.presenters.parts import Stage, Tone
from ui.presenters.planning.sop_document import SopDocumentPresenter
from ui.presenters.planning.sop_figures import Fact

LAWS = ("UU 23/2006", "UU 24/2013")
PAPER = SopDocument(laws=LAWS, qualifications=("Memahami SIAK",), equipment=(Equipment("Mobil", SarprasKind.VEHICLE),))


def opened(kit: Kit, activity_id: str = "", sop_id: str = "") -> SopDocumentPresenter:
    presenter = SopDocumentPresenter(kit.context, SameThread(), Steps(), activity_id, sop_id)
    presenter.start()
    return presenter


def head(name: str) -> object:
    return message(f"sop_dokumen.{name}")


def test_each_part_stands_below_its_head(sop_kit: Kit) -> None:
    add_activity(sop_kit, "y", replace(SMALL, document=PAPER))
    state = opened(sop_kit, "y").state
    assert (state.stage, state.title) == (Stage.CONTENT, SMALL.name)
    assert state.right[:2] == (Fact(LAWS[0], head=head("laws")), Fact(LAWS[1]))  # type: ignore[arg-type]
    assert Fact("Memahami SIAK", Tone.CAUTION, head("qualifications")) in state.left  # type: ignore[arg-type]
    assert Fact(message("sop_dokumen.nobody"), Tone.SOFT) in state.left
    assert message("sop_dokumen.goes_along", name="Mobil") in [fact.words for fact in state.left]


def test_what_a_document_does_not_name_is_said(sop_kit: Kit) -> None:
    state = opened(sop_kit, "x").state
    heads = [fact.head for fact in state.right if fact.words == message("sop_dokumen.none")]
    assert heads == [head(name) for name in ("laws", "related", "warnings", "archiving", "serves", "sla")]
    assert state.left[0].words == message("sop_dokumen.approved_by", who="–")


def test_an_sop_is_read_without_an_activity_and_an_unknown_one_leaves_the_way_back(sop_kit: Kit) -> None:
    state = opened(sop_kit, sop_id="blitar_si_jaran_ijo").state
    assert state.title.startswith("SOP SI JARAN IJO")
    presenter = opened(sop_kit, sop_id="x")
    assert (presenter.state.stage, presenter.state.problem.code) == (Stage.ERROR, "sop.unknown")  # type: ignore[union-attr]
