"""Commands on the time: what the laptop says, what is trusted, and a reasoned correction."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

import typer

from fieldkit.app.bootstrap.home import Home
from fieldkit.app.cli.kit import opened_context
from fieldkit.app.cli.options import HomeOption, JsonOption, PassphraseOption, UserOption, home_at
from fieldkit.app.cli.speech import messages, say, show_json, show_table
from fieldkit.domain.trusted_time import ClockState, ClockVerdict, judge
from fieldkit.domain.typed import read_moment

clock = typer.Typer(help="Jam laptop dan waktu tepercaya. / The laptop's clock and the trusted time.")

_SHOWN = "%d-%m-%Y %H.%M"
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; the event log keeps it.")]


@clock.callback(invoke_without_command=True)
def show(context: typer.Context, home: HomeOption = None, json: JsonOption = False) -> None:
    """Show both clocks, the last trusted time with its source, and the correction; no passphrase is asked."""
    if context.invoked_subcommand is None:
        place = home_at(home)
        place.demand_enrolled()
        _show(place, as_json=json)


@clock.command("set", help="Koreksi jam program dengan alasan. / Correct the program's clock, with a reason.")
def correct(
    at: Annotated[str, typer.Option("--at", help="The true time now: 25-11-2026 08.30, by the dinas' wall clock.")],
    reason: ReasonOption,
    home: HomeOption = None,
    user: UserOption = "",
    passphrase_file: PassphraseOption = None,
) -> None:
    """Let the kit's clock run as if it were this time now; the laptop's clock stays as it is."""
    place = home_at(home)
    truth = _moment(place, at)
    with opened_context(place, user, passphrase_file) as context:
        standing = context.time.correct(truth, reason)
        say("waktu.set", at=context.clock.local(standing.kit_at).strftime(_SHOWN))


@clock.command("accept", help="Jam laptop benar, dengan alasan. / The laptop's clock is right, with a reason.")
def accept(
    reason: ReasonOption, home: HomeOption = None, user: UserOption = "", passphrase_file: PassphraseOption = None
) -> None:
    """Note that the laptop's clock is right although nothing vouches for it; a correction ends."""
    with opened_context(home_at(home), user, passphrase_file) as context:
        standing = context.time.accept(reason)
        say("waktu.set", at=context.clock.local(standing.kit_at).strftime(_SHOWN))


def _show(home: Home, *, as_json: bool) -> None:
    facts, kit = home.read_public(), home.clock()
    now, running = kit.now(), kit.running()
    verdict = judge(now, facts.trusted, running)
    if as_json:
        trusted: dict[str, Any] | None = None
        if facts.trusted is not None:
            trusted = {"at": facts.trusted.at.isoformat(), "source": facts.trusted.source.value}
        show_json(
            {
                "laptop": kit.wall().isoformat(),
                "kit": now.isoformat(),
                "correction_s": facts.correction.total_seconds(),
                "trusted": trusted,
                "state": verdict.state.value,
                "off_s": verdict.by.total_seconds(),
            }
        )
        return
    said = messages()
    known = facts.trusted
    correction = _signed(facts.correction) if facts.correction else said.text("waktu.no_correction")
    rows = [
        (said.text("waktu.laptop"), kit.local(kit.wall()).strftime(_SHOWN)),
        (said.text("waktu.kit"), kit.local(now).strftime(_SHOWN)),
        (said.text("waktu.correction"), correction),
        (said.text("waktu.trusted"), kit.local(known.at).strftime(_SHOWN) if known else said.text("common.none_yet")),
        (said.text("waktu.source"), said.text(f"waktu.source_{known.source.value}") if known else ""),
        (said.text("waktu.verdict"), _verdict(verdict)),
    ]
    show_table(said.text("waktu.title"), ("", ""), rows)


def _verdict(verdict: ClockVerdict) -> str:
    said = messages()
    if verdict.state is ClockState.FINE:
        return said.text("waktu.fine")
    return said.text(f"waktu.{verdict.state.value}", span=_span(verdict.by))


def _signed(span: timedelta) -> str:
    way = "waktu.later" if span > timedelta(0) else "waktu.earlier"
    return messages().text(way, span=_span(abs(span)))


def _span(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    for unit, size in (("days", 1440), ("hours", 60)):
        if minutes >= 2 * size:
            return messages().text(f"waktu.{unit}", count=round(minutes / size))
    return messages().text("common.minutes", count=minutes)


def _moment(home: Home, text: str) -> datetime:
    kit = home.clock()
    return read_moment(text).replace(tzinfo=kit.local(kit.now()).tzinfo)
