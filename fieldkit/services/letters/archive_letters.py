"""The archive of papers: each has a provisional number of this kit, the digest of its data, and its PDF beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from fieldkit.domain.events import digest_of
from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.ports.store import Unit
from fieldkit.services.unit_of_work import UnitOfWork

PDF = "application/pdf"
_COUNTER = "letters.last_provisional"


def digest_of_fields(fields: Mapping[str, Any]) -> str:
    """Return the hex SHA-256 over the canonical JSON (sorted keys, no spaces, UTF-8) of a letter's data."""
    return digest_of(json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":")))


def file_name(letter: Letter) -> str:
    """Return the name under which a paper is kept as a file; numbers may hold slashes."""
    number = letter.number or letter.provisional
    return f"{letter.letter.value}-{''.join(mark if mark.isalnum() else '-' for mark in number)}.pdf"


@dataclass(frozen=True, slots=True)
class Archive:
    """Files papers within the transaction of an act. `kit_id` keeps provisional numbers of two kits apart."""

    kit_id: str

    def provisional(self, unit: Unit) -> str:
        """Return the next provisional number of this kit."""
        last = unit.settings.get(_COUNTER)
        number = (last if isinstance(last, int) else 0) + 1
        unit.settings.put(_COUNTER, number)
        return f"{self.kit_id}-{number:04}"

    def begin(
        self, work: UnitOfWork, kind: LetterKind, activity_id: str, title: str, fields: Mapping[str, Any]
    ) -> Letter:
        """Keep a new draft."""
        letter = Letter(
            thing_id=work.ids.new(),
            activity_id=activity_id,
            letter=kind,
            title=title,
            provisional=self.provisional(work.unit),
            fields=fields,
            made_by=work.user.user_id,
            made_at=work.at,
            digest=digest_of_fields(fields),
        )
        work.keep(letter, "letter_drafted", letter=kind.value)
        return letter

    def put_pdf(self, work: UnitOfWork, letter: Letter, pdf: bytes, state: LetterState) -> Letter:
        """Keep the paper of a letter, which is issued or waits for its signature from now on."""
        name = work.attach(letter.thing_id, file_name(letter), PDF, pdf)
        issued_at = work.at if state is LetterState.ISSUED else None
        issued = replace(letter, pdf=name, state=state, issued_at=issued_at)
        act = "letter_issued" if state is LetterState.ISSUED else "letter_waits_for_signature"
        work.keep(issued, act, letter=letter.letter.value, paper=work.unit.attachments.get(name).sha256)
        return issued

    def file(
        self, work: UnitOfWork, kind: LetterKind, activity_id: str, title: str, fields: Mapping[str, Any], pdf: bytes
    ) -> Letter:
        """Keep a paper that is issued as soon as it is made."""
        begun = self.begin(work, kind, activity_id, title, fields)
        return self.put_pdf(work, begun, pdf, LetterState.ISSUED)
