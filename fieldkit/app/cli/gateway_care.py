"""Commands of the data center side for the long run: erasing after its time, certificates and keys before theirs."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from fieldkit.app.bootstrap.clock import WIB, SystemClock
from fieldkit.app.cli.custody import DirOption, gateway_at
from fieldkit.app.cli.options import JsonOption
from fieldkit.app.cli.speech import messages, say, show_json, show_table
from fieldkit.domain.errors import InputError, KnownError, Recovery
from fieldkit.domain.office_bundles import BundleKind

_LONGEST_DAYS = 36_500  # a hundred years


def register(app: typer.Typer) -> None:
    """Add the commands to those of the gateway."""
    app.command("retention", help="Hapus rekaman yang waktunya habis. / Erase records whose time is over.")(retention)
    app.command("renew", help="Perbarui sertifikat pusat data. / Renew the certificate of the data center.")(renew)
    app.command("reissue", help="Terbitkan ulang sertifikat atau kunci. / New certificate or key.")(reissue)
    app.command("erasures", help="Bukti rekaman yang dihapus. / What was erased, with proof.")(erasures)


def retention(
    folder: DirOption,
    days: Annotated[
        int, typer.Option("--days", min=1, max=_LONGEST_DAYS, help="Keep acknowledged records so long after receipt.")
    ],
    invalid_days: Annotated[
        int | None,
        typer.Option("--invalid-days", min=1, max=_LONGEST_DAYS, help="Keep invalid records so long; else for ever."),
    ] = None,
    is_meant: Annotated[bool, typer.Option("--erase", help="Erase; without it only what is due is told.")] = False,
    json: JsonOption = False,
) -> None:
    """Tell what the official system has acknowledged and is older than that; erase it with --erase."""
    from sync.gateway.operations.retention import Policy, Retention

    policy = Policy(timedelta(days=days), None if invalid_days is None else timedelta(days=invalid_days))
    with gateway_at(folder) as gateway_context:
        keeper = Retention(gateway_context)
        due = keeper.due(policy)
        done = keeper.erase(policy) if is_meant else None
    megabytes = -(-sum(each.size_bytes for each in due) // 1_000_000)
    if json:
        told = [{"kit": each.kit, "record_id": each.record_id, "reason": each.reason.value} for each in due]
        erased = None
        if done is not None:
            erased = {"erased": done.count, "unfinished": done.unfinished, "bundles": done.bundles}
        show_json({"due": told, "done": erased})
    elif done is None:
        say("cli.retention_due", count=len(due), mb=megabytes)
    else:
        say("cli.retention_done", count=done.count, mb=-(-done.size_bytes // 1_000_000))
    if done is not None and done.unfinished:
        raise KnownError("gateway.erasure_unfinished", recovery=Recovery.RETRY, count=done.unfinished)


def renew(folder: DirOption, json: JsonOption = False) -> None:
    """Renew the TLS certificate now, and name what of kits, people and the authority runs out soon."""
    from sync.gateway.office.certificates import ending
    from sync.gateway.operations.restore import reissue_tls
    from sync.gateway.routes import ca_ends_at

    clock = SystemClock(WIB)
    until = reissue_tls(folder, (), clock)
    with gateway_at(folder) as gateway_context:
        ca_ends = ca_ends_at(gateway_context)
        with gateway_context.engine.begin() as connection:
            soon = ending(connection, clock.now())
    if json:
        others = [{**asdict(each), "ends_at": each.ends_at.isoformat()} for each in soon]
        show_json({"tls_until": until.isoformat(), "ca_until": ca_ends.isoformat(), "ending": others})
        return
    say("cli.tls_reissued", date=f"{until:%Y-%m-%d}")
    for each in soon:
        say("cli.certificate_ends", who=each.user_id or each.kit, kit=each.kit, date=f"{each.ends_at:%Y-%m-%d}")
    say("cli.ca_until", date=f"{ca_ends:%Y-%m-%d}")


def reissue(
    folder: DirOption,
    host: Annotated[list[str] | None, typer.Option("--host", help="New names or addresses of the server.")] = None,
    opener: Annotated[bool, typer.Option("--opener", help="A new opener's key; kits take it by a slip.")] = False,
    authority: Annotated[
        bool, typer.Option("--authority", help="Let the dinas CA live longer; kits fetch it.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="File of the new opener's key, not beside the rest.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Make the server's certificate for other names, a new opener's key, or a longer life of the authority."""
    from fieldkit.vault.certificates import certificates_to_pem
    from sync.gateway.down.publishing import Addressed, Publishing
    from sync.gateway.operations.restore import reissue_authority, reissue_opener, reissue_tls

    clock = SystemClock(WIB)
    done: dict[str, str] = {}
    if not (host or opener or authority):
        raise InputError("gateway.nothing_to_reissue")
    if authority:
        until, done["ca_fingerprint"] = reissue_authority(folder, clock)
        done["ca_until"] = f"{until:%Y-%m-%d}"
        with gateway_at(folder) as gateway_context:
            certificate = gateway_context.configuration.ca_certificate
            content = certificates_to_pem(certificate).encode("ascii")
            Publishing(gateway_context).publish(BundleKind.AUTHORITY, "", content, Addressed())
    if host or authority:
        done["tls_until"] = f"{reissue_tls(folder, host or (), clock):%Y-%m-%d}"
    if opener:
        done["identity"] = str(reissue_opener(folder, out))
    if json:
        show_json(done)
        return
    if "tls_until" in done:
        say("cli.tls_reissued", date=done["tls_until"])
    if "ca_until" in done:
        say("cli.ca_reissued", date=done["ca_until"], fingerprint=done["ca_fingerprint"])
    if "identity" in done:
        say("cli.opener_reissued", file=done["identity"])
    if authority:
        say("cli.ca_goes_down")
    if opener:
        say("cli.kits_need_slips")


def erasures(folder: DirOption, json: JsonOption = False) -> None:
    """List what was erased; --json has the signed statement of each."""
    from sync.gateway.operations.retention import Retention

    with gateway_at(folder) as gateway_context:
        found = Retention(gateway_context).erasures()
    if json:
        show_json([asdict(each) for each in found])
        return
    said = messages()
    columns = [said.text(f"cli.erasure_{name}") for name in ("kit", "record", "at", "reason")]
    rows = [(each.kit, each.record_id, f"{each.decided_at:%Y-%m-%d}", each.reason) for each in found]
    show_table(said.text("cli.erasures_title", count=len(found)), columns, rows)
