"""What a person hears of their recording: how it stands and what happens next, to share as a message or as paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from fieldkit.domain.cards.card import CardCase
from fieldkit.domain.cards.facts import CardFacts
from fieldkit.domain.delivery.central_status import CentralCode, CentralStatus, known_code
from fieldkit.domain.delivery.sealed import SealedRecord
from fieldkit.domain.delivery.status_work import gate_day
from fieldkit.domain.errors import StoreError
from fieldkit.domain.letters.letter import Letter, LetterKind
from fieldkit.domain.letters.terbilang import long_date
from fieldkit.domain.people.accounts import Permission
from fieldkit.ports.documents import Documents
from fieldkit.ports.store import Unit
from fieldkit.services.letters.keep_letterhead import KeepLetterhead
from fieldkit.services.letters.write_letters import WriteLetters
from fieldkit.services.unit_of_work import UnitsOfWork


@dataclass(frozen=True, slots=True)
class News:
    """How a recording stands, in words of the person, and what happens next; `text` is both as one message.

    The message goes over phones of others: no name, no NIK.
    """

    said: str
    then: str
    text: str


class TellResidents:
    """News of recordings. The words come from `wording.toml`, which a dinas may change."""

    def __init__(
        self, units: UnitsOfWork, documents: Documents, letterhead: KeepLetterhead, letters: WriteLetters
    ) -> None:
        self._units, self._documents = units, documents
        self._letterhead, self._letters = letterhead, letters

    def news(self, record_id: str) -> News:
        """Return what its person hears of a record. Raise `StoreError("store.not_found")`."""
        with self._units.read() as unit:
            said, then = self._words(unit, record_id)
            dinas = self._letterhead.within(unit).dinas
        return News(said, then, f"{dinas}: kabar perekaman nomor {record_id[-8:]}. {said} {then} Gratis.")

    def slip(self, record_id: str) -> Letter:
        """Issue the paper that tells its person how a record stands."""
        with self._units.write(Permission.TYPE_STATUS) as work:
            record = work.unit.records.get(record_id).record
            said, then = self._words(work.unit, record_id)
            fields = {
                "name": _name(work.unit, record),
                "nik": record.masked_nik,
                "record": record_id[-8:],
                "said": said,
                "then": then,
            }
            letter = self._letters.draft_within(work, LetterKind.KABAR_WARGA, record.activity_id, fields)
            return self._letters.issue_within(work, letter)

    def _words(self, unit: Unit, record_id: str) -> tuple[str, str]:
        entry = unit.records.get(record_id)
        facts = unit.repository(CardFacts).find(entry.record.target_id)
        gate = gate_day(entry.record.card_from, facts.married_on if facts else None)
        known = news_of(entry.central, unit.repository(CardCase).find(record_id), gate, self._units.clock.today())
        codes = self._documents.wording(LetterKind.KABAR_WARGA.value)["codes"]
        said, then = codes[known]
        return said, then.format(card_from=long_date(gate) if gate else "")


def news_of(said: CentralStatus | None, card: CardCase | None, gate: date | None, today: date) -> str:
    """Return the key of what a person hears: where our own card is, else what the data center said last."""
    if card is not None:
        return f"at_{card.place.value}"
    if said is None:
        return "none"
    known = known_code(said.code)
    if known is None:
        return "unknown"
    is_ready = known is CentralCode.PRINT_READY_RECORD
    return "waits_17" if is_ready and gate is not None and gate > today else known.value.lower()


def _name(unit: Unit, record: SealedRecord) -> str:
    """Return the whole name where the list is on this laptop."""
    try:
        return unit.targets.get(record.target_id).biodata.name
    except StoreError:
        return record.masked_name
