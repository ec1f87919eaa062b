"""The laptop's clock: what is said of it, and the form by which a person mends it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from fieldkit.domain.errors import InputError
from fieldkit.domain.trusted_time import CertificateSpan, ClockState
from fieldkit.services.context.desk import Desk
from fieldkit.services.context.door import DoorSign
from ui.presenters.acts import CHOICES
from ui.presenters.ages_in_words import age_words
from ui.presenters.amounts import moment_text
from ui.presenters.commands import Command
from ui.presenters.form import Form, FormField
from ui.presenters.parts import Choice
from ui.presenters.readers import moment
from ui.presenters.words import Words, phrase

_TYPED, _LAPTOP = "typed", "laptop"
CLOCK_WIDE = {"answer": 4, "at": 2, "reason": 2}
"""The fields that take more than one column."""


def sign_words(sign: DoorSign) -> Words:
    """Return what the sign-in screen says of the clock, "" when it is fine."""
    verdict = sign.clock
    return "" if verdict is None or verdict.is_fine else _off(verdict.state, verdict.by)


def clock_notice(desk: Desk) -> tuple[Words, Words, Command | None] | None:
    """Return the coloured line of Beranda about the time, None when nothing is to be said."""
    standing, local = desk.time.standing(), desk.clock.local
    see = Command("show_clock", phrase("waktu.see"), CHOICES[4])
    if not standing.verdict.is_fine:
        trusted = standing.trusted
        detail = phrase(f"waktu.least_{trusted.source.value}", at=moment_text(local(trusted.at))) if trusted else ""
        return _off(standing.verdict.state, standing.verdict.by), detail, see
    if standing.correction:
        now = moment_text(local(standing.kit_at))
        return phrase("waktu.notice_corrected", at=now), phrase("waktu.notice_corrected_detail"), see
    return None


def ending_notice(desk: Desk) -> tuple[Words, Words, Command | None] | None:
    """Return the line about the certificate that ends first, None when none ends within two months."""
    ending = desk.time.ending()
    if not ending:
        return None
    return _ends(ending[0], desk), phrase("waktu.renew"), None


def clock_form(desk: Desk) -> Form:
    """Return both clocks, what is trusted, and the two ways: the true time, or the laptop's clock is right."""
    standing, local = desk.time.standing(), desk.clock.local
    trusted = standing.trusted
    facts = {"laptop": moment_text(local(standing.laptop_at)), "kit": moment_text(local(standing.kit_at))}
    hint = phrase("waktu.hint_unknown", **facts)
    if trusted is not None:
        hint = phrase(f"waktu.hint_{trusted.source.value}", trusted=moment_text(local(trusted.at)), **facts)

    def load() -> tuple[FormField, ...]:
        answers = (
            Choice(_TYPED, phrase("waktu.answer_typed")),
            Choice(_LAPTOP, phrase("waktu.answer_laptop")),
        )
        return (
            FormField("answer", phrase("waktu.answer"), _TYPED, choices=answers),
            FormField("at", phrase("waktu.at"), hint=phrase("waktu.at_hint")),
            FormField("reason", phrase("waktu.reason"), hint=phrase("waktu.reason_hint")),
        )

    def keep(values: Mapping[str, str]) -> object:
        if values["answer"] == _LAPTOP:
            return desk.time.accept(values["reason"])
        at = moment(values, "at", desk.clock)
        if at is None:
            raise InputError("clock.at_needed").at("at")
        return desk.time.correct(at, values["reason"])

    return Form(phrase("waktu.title"), load, keep, hint, phrase("waktu.keep"))


def _off(state: ClockState, by: timedelta) -> Words:
    age = age_words(by)
    return phrase(f"waktu.notice_{state.value}_{age.unit}", count=age.count)


def _ends(span: CertificateSpan, desk: Desk) -> Words:
    left = span.not_after - desk.clock.now()
    if left <= timedelta(0):
        return phrase(f"waktu.ended_{span.role}", holder=span.holder)
    return phrase(f"waktu.ends_{span.role}", holder=span.holder, count=left.days)
