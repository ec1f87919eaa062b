"""Words that follow from the data."""

from __future__ import annotations

from fieldkit.documents.spoken import spoken
from fieldkit.domain.letters.fields import fields_of
from fieldkit.domain.letters.forms import empty
from fieldkit.domain.letters.letter import LetterKind


def said(kind: LetterKind, **fields: object) -> dict[str, object]:
    blank = {field.name: empty(field.form) for field in fields_of(kind)}
    return spoken(kind, {**blank, **fields})


def test_days_and_counts_are_spelled() -> None:
    words = said(LetterKind.BA_SERAH_TERIMA, dated="2026-11-23", cards=[{}] * 12)
    assert words["dated"] == "Senin, tanggal dua puluh tiga bulan November tahun dua ribu dua puluh enam"
    assert words["cards"] == "12 (dua belas)"
    assert "dated" not in said(LetterKind.BA_SERAH_TERIMA)


def test_expenses_are_summed() -> None:
    words = said(LetterKind.SPJ, expenses=[{"count": 2, "price": 350_000}, {"count": 3, "price": 25_500}])
    assert words["amounts"] == ["Rp700.000", "Rp76.500"]
    assert words["total"] == "Rp776.500"
    assert words["total_words"] == "Tujuh ratus tujuh puluh enam ribu lima ratus rupiah"


def test_a_journey_counts_both_its_days() -> None:
    assert said(LetterKind.SPPD, leaves="2026-11-30", returns="2026-12-01")["span"] == "2 (dua)"
    assert "span" not in said(LetterKind.SPPD)


def test_sums_of_lists() -> None:
    assert said(LetterKind.REKAPITULASI, printed=[{"count": 4}, {"count": 7}])["printed"] == "11 (sebelas)"
    assert said(LetterKind.DAFTAR_SASARAN, targets=[{}])["targets"] == "1 (satu)"
