from __future__ import annotations

from datetime import date

from fieldkit.app.bootstrap.sop_profiles import own_profiles
from fieldkit.domain.sarpras.inventory import SarprasKind
from fieldkit.domain.sop.document import NO_DOCUMENT, Equipment, SopDocument

DOCUMENTS = {profile.sop_id: profile.document for profile in own_profiles()}


def test_only_what_has_a_kind_goes_along() -> None:
    document = SopDocument(equipment=(Equipment("Kamera", SarprasKind.PHOTO_CAMERA), Equipment("Aplikasi SIAK")))
    assert [thing.name for thing in document.taken_along] == ["Kamera"]
    assert NO_DOCUMENT.taken_along == ()


def test_the_documents_that_come_with_the_program_say_what_theirs_say() -> None:
    blitar, becak = DOCUMENTS["blitar_si_jaran_ijo"], DOCUMENTS["grobogan_becak_pintar"]
    assert (blitar.made_on, blitar.revised_on, blitar.effective_on) == (date(2023, 12, 5), None, None)
    assert (becak.revised_on, becak.effective_on) == (date(2023, 1, 2), date(2023, 1, 3))
    assert (len(blitar.laws), len(blitar.qualifications), len(blitar.warnings)) == (11, 4, 3)
    assert blitar.supplies == ("tisu", "minyak kayu putih", "sarung tangan", "masker", "handsanitizer")
    assert DOCUMENTS["madiun_dolopo_jemput_bola"].approved_by == "Camat Dolopo"
    grobogan = DOCUMENTS["grobogan_jemput_bola"]
    assert (len(grobogan.laws), len(grobogan.equipment), len(grobogan.taken_along)) == (8, 14, 7)
