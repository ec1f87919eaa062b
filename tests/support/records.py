"""The smallest record that a data center accepts: nothing could be taken, and everything says why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from support.kept import biodata

from fieldkit.domain.recording.exception_mark import ExceptionMark, ExceptionReason
from fieldkit.domain.recording.positions import Position
from fieldkit.domain.recording.record import ChainLink, IndexComparison, Notice, RecordContext, RecordDraft

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def small_draft(
    record_id: str, kit: str, nik: str = "3315014107900001", sequence: int = 1, amends: str = "", at: datetime = AT
) -> RecordDraft:
    context = RecordContext(kit, "kegiatan-1", "Jemput bola", "Desa Uji", "094/1", "luring", ("petugas",), at, at)
    marks = tuple(
        ExceptionMark(position, ExceptionReason.BANDAGED, 1, ("petugas",), "Pak RT", at) for position in Position
    )
    return RecordDraft(
        record_id=record_id,
        link=ChainLink("c1", sequence, ""),
        context=context,
        notice=Notice(at, "id"),
        biodata=replace(biodata("SITI", nik), birth_date=date(1990, 7, 1)),
        samples=(),
        exceptions=marks,
        failed=(),
        attempts=(),
        index_comparison=IndexComparison.NOT_COMPARED,
        events=(),
        amends=amends,
    )


def without_mark(draft: RecordDraft, position: Position) -> RecordDraft:
    return replace(draft, exceptions=tuple(mark for mark in draft.exceptions if mark.position is not position))
