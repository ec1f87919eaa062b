"""The command that hands records on to the official system."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from fieldkit.app.cli.custody import DirOption, gateway_at
from fieldkit.app.cli.options import JsonOption
from fieldkit.app.cli.speech import say, show_json
from fieldkit.domain.errors import KnownError, Recovery
from fieldkit.ports.onward import OnwardState

KeyOption = Annotated[
    Path | None, typer.Option("--identity", help="Identity file that opens records; else the one of the gateway.")
]


def register(app: typer.Typer) -> None:
    """Add the command to those of the gateway."""
    app.command("onward", help="Teruskan rekaman sah ke sistem resmi. / Hand valid records on.")(onward)


def onward(
    folder: DirOption,
    to: Annotated[str, typer.Option("--to", help="folder:/path, or the name of an adapter of the dinas.")],
    identity: KeyOption = None,
    name: Annotated[str, typer.Option("--as", help="What the statuses call the other side.")] = "",
    once: Annotated[bool, typer.Option("--once", help="Do what waits now, then end.")] = False,
    every_s: Annotated[float, typer.Option("--every", min=0.1, help="Seconds between two looks.")] = 30.0,
    json: JsonOption = False,
) -> None:
    """Open what is valid and hand it over, read what was answered; until SIGTERM or Ctrl-C, or `--once`."""
    from fieldkit.app.bootstrap.onward import onward_step
    from sync.gateway.onward.step import work

    with gateway_at(folder) as context:
        step = onward_step(context, folder, identity, to, name)
        if not once:
            work(step, _ended_by_signals(), every_s, lambda report: _tell(report.settled, json))
            return
        report = step.run_once()
    _tell(report.settled, json)
    if report.is_away:
        raise KnownError("onward.away", recovery=Recovery.RETRY, to=name or to)


def _ended_by_signals() -> threading.Event:
    ends = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ends.set())
    return ends


def _tell(settled: Mapping[OnwardState, int], json: bool) -> None:
    counts = {state.value: settled.get(state, 0) for state in OnwardState if state is not OnwardState.NONE}
    if json:
        show_json(counts)
    else:
        say("cli.onward_done", **counts)
    sys.stdout.flush()  # whoever started us reads it at the other end of a pipe
