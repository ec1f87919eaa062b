"""The command that hands records on to the official system."""

from __future__ import annotations

import signal
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fieldkit.app.cli.custody import DirOption
from fieldkit.app.cli.gateway_opener import DatabaseOption, KeyOption, ObjectsOption, SecretFile, opening_machine
from fieldkit.app.cli.options import JsonOption
from fieldkit.app.cli.speech import say, show_json
from fieldkit.domain.errors import KnownError, Recovery
from fieldkit.ports.delivery import OnwardState

if TYPE_CHECKING:
    from sync.gateway.onward.queue import OnwardReport


def register(app: typer.Typer) -> None:
    """Add the command to those of the gateway."""
    app.command("onward", help="Teruskan rekaman sah ke sistem resmi. / Hand valid records on.")(onward)


def onward(
    folder: DirOption,
    to: Annotated[
        str, typer.Option("--to", help="folder:/path, osia:https://…, abis:https://…, or an adapter of the dinas.")
    ],
    identity: KeyOption = None,
    secret_file: SecretFile = None,
    database_url: DatabaseOption = "",
    objects: ObjectsOption = "",
    name: Annotated[str, typer.Option("--as", help="What the statuses call the other side.")] = "",
    once: Annotated[bool, typer.Option("--once", help="Do what waits now, then end.")] = False,
    every_s: Annotated[float, typer.Option("--every", min=0.1, help="Seconds between two looks.")] = 30.0,
    token_file: Annotated[Path | None, typer.Option("--token-file", help="File with a bearer token.")] = None,
    oauth_url: Annotated[str, typer.Option("--oauth-url", help="Where tokens are given (OAuth 2).")] = "",
    client_id: Annotated[str, typer.Option("--client-id", help="Who asks for tokens.")] = "",
    client_secret_file: Annotated[Path | None, typer.Option("--client-secret-file", help="Its secret.")] = None,
    certificate: Annotated[Path | None, typer.Option("--client-cert", help="Certificate to sign in with.")] = None,
    key: Annotated[Path | None, typer.Option("--client-key", help="Its key.")] = None,
    ca: Annotated[Path | None, typer.Option("--ca", help="Certificates to trust, else those of the system.")] = None,
    gallery: Annotated[str, typer.Option("--gallery", help="Gallery in which an ABIS searches.")] = "ALL",
    callback: Annotated[
        str, typer.Option("--callback", help="https://<gateway>/onward/answers, for an ABIS that answers later.")
    ] = "",
    json: JsonOption = False,
) -> None:
    """Open what is valid and hand it over, read what was answered; until SIGTERM or Ctrl-C, or `--once`."""
    from fieldkit.app.bootstrap.onward import Access, Way, onward_step
    from sync.gateway.onward.queue import work

    access = Access(token_file, oauth_url, client_id, client_secret_file, certificate, key, ca)
    with opening_machine(folder, identity, secret_file, database_url, objects) as machine:
        step = onward_step(machine, folder, Way(to, name, access, gallery, callback))
        with closing(step):
            if not once:
                work(step, _ended_by_signals(), every_s, lambda report: _tell(report, json))
                return
            report = step.run_once()
    _tell(report, json)
    if report.is_away:
        raise KnownError("onward.away", recovery=Recovery.RETRY, to=name or to)


def _ended_by_signals() -> threading.Event:
    ends = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ends.set())
    return ends


def _tell(report: OnwardReport, json: bool) -> None:
    counts = {state.value: report.settled.get(state, 0) for state in OnwardState if state is not OnwardState.NONE}
    counts["answers"] = report.answers
    if json:
        show_json(counts)
    else:
        say("cli.onward_done", **counts)
    sys.stdout.flush()  # whoever started us reads it at the other end of a pipe
