"""The laptop's clock: what is said of it, and the form by which a person mends it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from fieldkit.domain.errors import InputError
from fieldkit.domain.trusted_time import CertificateSpan, ClockState, ClockVerdict
from fieldkit.ports.vault import SignerRole
from fieldkit.services.context.app_context import AppContext
from ui.presenters.actions import CHOICES
from ui.presenters.amounts import age_words, moment_text
from ui.presenters.commands import Command
from ui.presenters.form import Form, FormField
from ui.presenters.messages import Message, message
from ui.presenters.parts import Choice
from ui.presenters.readers import moment

_TYPED, _LAPTOP = "typed", "laptop"
_WIDE = {"answer": 4, "at": 2, "reason": 2}


def sign_words(verdict: ClockVerdict) -> Message:
    """Return what the sign-in screen says of a clock that is not fine."""
    return _off(verdict.state, verdict.by)


def clock_notice(context: AppContext, see_clock: Callable[[], None]) -> tuple[Message, Message, Command | None] | None:
    """Return the coloured line of Beranda about the time, None when nothing is to be said."""
    standing, local = context.time.standing(), context.clock.local
    see = Command("show_clock", message("waktu.see"), CHOICES[4], runs=see_clock)
    if not standing.verdict.is_fine:
        trusted = standing.trusted
        detail = message(f"waktu.least_{trusted.source.value}", at=moment_text(local(trusted.at))) if trusted else ""
        return _off(standing.verdict.state, standing.verdict.by), detail, see
    if standing.correction:
        now = moment_text(local(standing.kit_at))
        return message("waktu.notice_corrected", at=now), message("waktu.notice_corrected_detail"), see
    return None


def ending_notice(context: AppContext) -> tuple[Message, Message, Command | None] | None:
    """Return the line about the certificate that ends first, None when none ends within two months."""
    ending = context.time.ending()
    if not ending:
        return None
    span = ending[0]
    is_over = span.not_after <= context.clock.now() and span.role == SignerRole.PETUGAS
    return _ends(span, context), message("waktu.new_start" if is_over else "waktu.renew"), None


def clock_form(context: AppContext) -> Form:
    """Return both clocks, what is trusted, and the two ways: the true time, or the laptop's clock is right."""
    standing, local = context.time.standing(), context.clock.local
    trusted = standing.trusted
    facts = {"laptop": moment_text(local(standing.laptop_at)), "kit": moment_text(local(standing.kit_at))}
    hint = message("waktu.hint_unknown", **facts)
    if trusted is not None:
        hint = message(f"waktu.hint_{trusted.source.value}", trusted=moment_text(local(trusted.at)), **facts)

    def load() -> tuple[FormField, ...]:
        answers = Choice.each((_TYPED, _LAPTOP), "waktu.answer_")
        return (
            FormField("answer", message("waktu.answer"), _TYPED, choices=answers),
            FormField("at", message("waktu.at"), hint=message("waktu.at_hint")),
            FormField("reason", message("common.reason"), hint=message("waktu.reason_hint")),
        )

    def keep(values: Mapping[str, str]) -> object:
        if values["answer"] == _LAPTOP:
            return context.time.accept(values["reason"])
        at = moment(values, "at", context.clock)
        if at is None:
            raise InputError("clock.at_needed").at("at")
        return context.time.correct(at, values["reason"])

    return Form(message("waktu.title"), load, keep, hint, message("common.keep"), wide=_WIDE)


def _off(state: ClockState, by: timedelta) -> Message:
    age = age_words(by)
    return message(f"waktu.notice_{state.value}_{age.unit}", count=age.count)


def _ends(span: CertificateSpan, context: AppContext) -> Message:
    left = span.not_after - context.clock.now()
    if left <= timedelta(0):
        return message(f"waktu.ended_{span.role}", holder=span.holder)
    return message(f"waktu.ends_{span.role}", holder=span.holder, count=left.days)
