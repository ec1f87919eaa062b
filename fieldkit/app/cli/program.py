"""Commands that open the program: run and demo."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fieldkit.app.bootstrap.display import has_display
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.cli import DEMO_HOME, open_demo, open_program
from fieldkit.app.cli.options import HomeOption, JsonOption
from fieldkit.app.cli.speech import language, say, show_json

if TYPE_CHECKING:
    from fieldkit.app.demo.outreach.office_acts import SopReport


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command("run", help="Buka program. / Open the program.")(run)
    app.command("demo", help="Satu hari jemput bola dengan perangkat simulasi. / One simulated outreach day.")(demo)


def run(
    home: HomeOption = None,
    is_demo: Annotated[
        bool, typer.Option("--demo", help="With simulated devices and an embedded data center.")
    ] = False,
) -> None:
    """Open the window at the sign-in screen; without a display the demo is performed offscreen instead."""
    if not is_demo:
        raise typer.Exit(open_program(str(home or "")))
    place = Home((home or DEMO_HOME).absolute())
    if has_display():
        raise typer.Exit(open_demo(place.path))
    say("demo.no_display")
    _perform(4, place.path / "offscreen", 1, None)


def demo(
    out: Annotated[Path, typer.Option("--out", help="Folder for pictures, papers, proofs and the demo's homes.")],
    people: Annotated[int, typer.Option("--people", min=1, max=50, help="How many residents are recorded.")] = 4,
    subjects: Annotated[Path | None, typer.Option("--subjects", help="Folder with a folder per person.")] = None,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same people.")] = 1,
    is_outreach: Annotated[
        bool, typer.Option("--outreach", help="Walk the SOPs step by step instead, each role signing in.")
    ] = False,
    only: Annotated[str, typer.Option("--only", help="One SOP of --outreach by its id, one act of --disaster.")] = "",
    is_official: Annotated[
        bool, typer.Option("--resmi", help="With --outreach: people are recorded in the official application.")
    ] = False,
    until: Annotated[int, typer.Option("--until", min=1, help="With --outreach: the last step to walk.")] = 99,
    is_disaster: Annotated[
        bool,
        typer.Option("--disaster", help="Record people while laptop, store, center, stick and disk fail instead."),
    ] = False,
    json: JsonOption = False,
) -> None:
    """Record people through the real screens, send over a line that breaks, follow the status."""
    if is_disaster:
        _live_through(out.absolute(), seed, only, as_json=json)
        return
    if is_outreach:
        _walk(out.absolute(), seed, only, until, is_official=is_official, as_json=json)
        return
    _perform(people, out.absolute(), seed, subjects.absolute() if subjects else None, as_json=json)


def _walk(out: Path, seed: int, only: str, until: int, *, is_official: bool, as_json: bool) -> None:
    _draw_in_memory()
    from fieldkit.app.demo.outreach.walk import perform
    from fieldkit.domain.visits import Perekaman

    def told(report: SopReport) -> None:
        if not as_json:
            say(
                "demo.walked",
                sop=report.sop_id,
                done=report.steps_done,
                total=report.steps_total,
                papers=len(report.documents),
                seconds=round(report.seconds),
            )

    reports = perform(out, seed, only, until, language(), told, Perekaman.RESMI if is_official else Perekaman.KIT)
    if as_json:
        show_json({"sops": [report.as_json() for report in reports]})


def _live_through(out: Path, seed: int, only: str, *, as_json: bool) -> None:
    _draw_in_memory()
    from fieldkit.app.demo.disaster import perform

    week = perform(out, seed, only, language())
    if as_json:
        show_json(week.as_json())
    else:
        for act in week.units:
            say(f"demo.act_{act.name}", lost=act.lost, doubled=act.doubled, mended=act.mended)
    if week.units[-1].lost or week.units[-1].doubled or week.readable or week.touched:
        raise typer.Exit(3)


def _draw_in_memory() -> None:
    # Without a display Qt draws into memory; a person who has one may still want the demo offscreen.
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    # Drawing into memory, Qt complains at every resize about hints that no window manager reads.
    os.environ.setdefault("QT_LOGGING_RULES", "default.warning=false")


def _perform(people: int, out: Path, seed: int, subjects: Path | None, *, as_json: bool = False) -> None:
    _draw_in_memory()
    from fieldkit.app.demo.day import perform

    report = perform(people, out, seed, subjects, language())
    if as_json:
        show_json(report.as_json())
    else:
        say(
            "demo.done",
            people=len(report.subjects),
            acknowledged=report.acknowledged,
            lost=report.lost,
            resumed=report.resumed_uploads,
            pictures=str(out / "screenshots"),
            page=str(out / "index.html"),
            papers=str(out / "papers"),
            proofs=str(out / "proofs"),
        )
    if report.acknowledged != len(report.subjects) or report.lost:
        raise typer.Exit(3)
