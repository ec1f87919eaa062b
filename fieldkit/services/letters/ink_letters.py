"""Let the people whom a paper names sign it on the pad; the paper is made anew with their ink, the former is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.letters.inks import INKS, signers_of
from fieldkit.domain.letters.letter import Letter, LetterState
from fieldkit.domain.recording.samples import Sample
from fieldkit.ports.codec import SignatureCodec
from fieldkit.services.letters.archive_letters import PDF, digest_of_fields, file_name
from fieldkit.services.letters.write_letters import WriteLetters
from fieldkit.services.unit_of_work import UnitsOfWork


class InkLetters:
    """Ink on letters that are issued and not signed electronically."""

    def __init__(self, units: UnitsOfWork, letters: WriteLetters, signatures: SignatureCodec) -> None:
        self._units, self._letters, self._signatures = units, letters, signatures

    def waiting(self, letter_id: str) -> Mapping[str, str]:
        """Return the names of those whose ink is still missing, by place; nobody where no ink is taken."""
        letter = self._letters.get(letter_id)
        return _missing(letter) if self.may_take(letter) else {}

    def may_take(self, letter: Letter) -> bool:
        """Return whether somebody may still sign this paper before the user."""
        is_open = letter.state is LetterState.ISSUED and not letter.signed_pdf
        return is_open and self._letters.may_ink(letter.letter) and bool(_missing(letter))

    def sign(self, letter_id: str, place: str, sample: Sample) -> Letter:
        """Put the ink of whom stands at a place on the paper. Raise `RuleError("letter.not_inked_now")`."""
        picture = self._signatures.to_png(self._signatures.from_sample(sample))
        names = self._letters.get(letter_id)
        with self._letters.inking(names.letter) as work:
            letter = self._letters.get(letter_id)
            if letter.state is not LetterState.ISSUED or letter.signed_pdf:
                raise RuleError("letter.not_inked_now", title=letter.title)
            if place not in signers_of(letter.letter, letter.fields):
                raise InputError("letter.field_wrong", letter=letter.letter.value, field=place)
            ink = work.attach(letter_id, f"ttd-{place}.png", "image/png", picture)
            fields = {**letter.fields, INKS: {**letter.fields.get(INKS, {}), place: ink}}
            inked = replace(letter, fields=fields, digest=digest_of_fields(fields))
            paper = work.attach(letter_id, file_name(inked), PDF, self._letters.rendered(work.unit, inked))
            inked = replace(inked, pdf=paper)
            sha256 = work.unit.attachments.get(paper).sha256
            work.keep(inked, "letter_inked", letter=letter.letter.value, place=place, paper=sha256)
            return inked


def _missing(letter: Letter) -> dict[str, str]:
    there = letter.fields.get(INKS, {})
    found = signers_of(letter.letter, letter.fields)
    return {place: name for place, name in found.items() if place not in there}
