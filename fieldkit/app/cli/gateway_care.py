"""Commands of the data center side for the long run: erasing after its time, and telling what was erased."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

import typer

from fieldkit.app.cli.custody import DirOption, gateway_at
from fieldkit.app.cli.options import JsonOption
from fieldkit.app.cli.speech import messages, say, show_json, show_table
from fieldkit.domain.errors import KnownError, Recovery


def register(app: typer.Typer) -> None:
    """Add the commands to those of the gateway."""
    app.command("retention", help="Hapus rekaman yang waktunya habis. / Erase records whose time is over.")(retention)
    app.command("erasures", help="Bukti rekaman yang dihapus. / What was erased, with proof.")(erasures)


def retention(
    folder: DirOption,
    days: Annotated[int, typer.Option("--days", min=1, help="Keep acknowledged records so long after receipt.")],
    invalid_days: Annotated[
        int | None, typer.Option("--invalid-days", min=1, help="Keep invalid records so long; else for ever.")
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
        erased = None if done is None else {"erased": done.count, "unfinished": done.unfinished}
        show_json({"due": told, "done": erased})
    elif done is None:
        say("cli.retention_due", count=len(due), mb=megabytes)
    else:
        say("cli.retention_done", count=done.count, mb=-(-done.size_bytes // 1_000_000))
    if done is not None and done.unfinished:
        raise KnownError("gateway.erasure_unfinished", recovery=Recovery.RETRY, count=done.unfinished)


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
