"""Commands of the data center side that look after what was received: verify, ingest, ready."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fieldkit.app.bootstrap.clock import WIB, SystemClock
from fieldkit.app.cli.options import JsonOption
from fieldkit.app.cli.speech import messages, say, show_json
from fieldkit.domain.errors import InputError, KnownError, Recovery

if TYPE_CHECKING:
    from sync.gateway.context import GatewayContext

DirOption = Annotated[Path, typer.Option("--dir", help="Folder of the gateway.")]


def register(app: typer.Typer) -> None:
    """Add the commands to those of the gateway."""
    app.command("verify", help="Periksa semua berkas yang diterima. / Check every object that was received.")(verify)
    app.command("ingest", help="Terima rekaman dari folder atau stik. / Take records from a folder or stick.")(ingest)
    app.command("explain-gap", help="Catat mengapa rekaman tak akan datang. / Say why records never come.")(explain_gap)
    app.command("ready", help="Apakah pusat data bekerja penuh. / Whether all of the work is done.")(ready)


def verify(folder: DirOption, json: JsonOption = False) -> None:
    """Read every object and compare it with its manifest; name what is missing, damaged, unknown or wrongly signed."""
    from sync.gateway.operations.receipt_check import wrong_receipts
    from sync.gateway.scrub import Scrub

    with gateway_at(folder) as gateway_context, _unlogged("sync.gateway.custody"):
        report = Scrub(gateway_context).run()
        with gateway_context.engine.begin() as connection:
            wrong = list(wrong_receipts(connection, gateway_context.configuration.receipt_public_key))
    if json:
        show_json({**asdict(report), "wrong_receipts": [asdict(finding) for finding in wrong]})
    else:
        say("cli.verified", checked=report.checked, size_mb=report.checked_bytes // 1_000_000)
        for finding in report.lost:
            say("cli.object_lost", record=finding.record_id, kit=finding.kit, fault=finding.fault)
        for finding in report.unreadable:
            say("cli.object_unreadable", record=finding.record_id, kit=finding.kit, fault=finding.fault)
        for finding in report.found_again:
            say("cli.object_found", record=finding.record_id, kit=finding.kit)
        for key in report.unknown:
            say("cli.object_unknown", object=key)
        for finding in wrong:
            say("cli.receipt_wrong", record=finding.record_id, kit=finding.kit)
    if wrong:
        raise KnownError("gateway.receipts_wrong", recovery=Recovery.ASK_OFFICE, count=len(wrong))
    if report.lost:
        raise KnownError("gateway.objects_lost", recovery=Recovery.RETRY, count=len(report.lost))
    if report.unreadable:
        raise KnownError("gateway.objects_unreadable", recovery=Recovery.RETRY, count=len(report.unreadable))


@contextmanager
def _unlogged(name: str) -> Iterator[None]:
    """Log warnings of this name no more: what they tell is printed at the end."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def ingest(
    folder: DirOption,
    source: Annotated[Path, typer.Option("--from", help="Folder with <id>.age and <id>.manifest anywhere below.")],
    json: JsonOption = False,
) -> None:
    """Take sealed records without any network, also while the gateway runs; lay a receipt beside each."""
    from sync.gateway.ingest import Ingest

    if not source.is_dir():
        raise InputError("gateway.no_such_folder", folder=str(source))
    with gateway_at(folder) as gateway_context:
        done = Ingest(gateway_context).run(source)
    if json:
        show_json(asdict(done))
    else:
        say("cli.ingested", taken=len(done.taken), held=len(done.held), refused=len(done.refused))
        for refused in done.refused:
            say("cli.ingest_refused", file=refused.file, reason=refused.reason)
    if done.refused:
        raise KnownError("gateway.ingest_refused", count=len(done.refused))


def ready(folder: DirOption, json: JsonOption = False) -> None:
    """Say what waits for a person, and name the records that were set aside or never came."""
    from sync.gateway.opening.gaps import explained, missing
    from sync.gateway.opening.refusals import reason_in_words
    from sync.gateway.readiness import ca_ends_at, readiness, set_aside

    with gateway_at(folder) as gateway_context:
        word, aside, ca_ends = readiness(gateway_context), set_aside(gateway_context), ca_ends_at(gateway_context)
        gaps = (*missing(gateway_context), *explained(gateway_context))
    if json:
        named = {"records": [asdict(each) for each in aside], "missing": [asdict(each) for each in gaps]}
        show_json({**word.model_dump(), **named})
    else:
        say("cli.gateway_state", waiting=word.waiting, set_aside=word.set_aside, lost=word.lost)
        for each in aside:
            why = reason_in_words(messages(), each.error)
            say("cli.record_set_aside", record=each.record_id, kit=each.kit, error=why, tries=each.tries)
        for gap in gaps:
            since = f"{gap.since.astimezone(WIB):%Y-%m-%d %H:%M}"
            said: dict[str, str | int] = {"first": gap.first, "last": gap.last, "since": since}
            if gap.known_why:
                say("cli.chain_gap_known", kit=gap.kit, chain=gap.chain, why=gap.known_why, **said)
            else:
                say("cli.chain_gap", kit=gap.kit, chain=gap.chain, **said)
        if "ca.ends" in word.problems:
            say("cli.ca_ends", date=f"{ca_ends:%Y-%m-%d}")
    if not word.is_ready:
        raise KnownError("gateway.not_ready", problems=", ".join(word.problems))


def explain_gap(
    folder: DirOption,
    kit: Annotated[str, typer.Option("--kit", help="Id of the kit.")],
    chain: Annotated[str, typer.Option("--chain", help="Its chain, as `gateway ready` names it.")],
    first: Annotated[int, typer.Option("--first", min=1, max=2**31 - 1, help="First number that is missing.")],
    why: Annotated[str, typer.Option("--why", help="Why these records will never come; kept with your name.")],
) -> None:
    """Say why records of a chain will never come: `ready` then tells them as known; if they come, they are taken."""
    from fieldkit.app.cli.gateway_records import note
    from sync.gateway.opening.gaps import explain

    with gateway_at(folder) as gateway_context:
        gap = explain(gateway_context, kit, chain, first, why)
        note(gateway_context, "gaps.explain", f"{kit} {chain} {gap.first}-{gap.last}", gap.known_why)
    say("cli.gap_explained", kit=kit, first=gap.first, last=gap.last)


@contextmanager
def gateway_at(folder: Path) -> Iterator[GatewayContext]:
    """Open the gateway of a folder for a block."""
    from sync.gateway import provision

    gateway_context = provision.open_gateway(folder, SystemClock(WIB))
    try:
        yield gateway_context
    finally:
        gateway_context.engine.dispose()
