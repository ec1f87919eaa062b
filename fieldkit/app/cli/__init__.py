"""The command line: `fieldkit …`. Exit code 0 done, 2 wrong use, 3 environment, each with one clear sentence."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

from fieldkit.app.bootstrap import core_dumps
from fieldkit.app.bootstrap.display import has_display
from fieldkit.app.cli.speech import language, say_problem
from fieldkit.domain.errors import KnownError, Problem, has_no_room

DEMO_HOME = Path("home-demo")


def main() -> None:
    """Run a command; a known error becomes one clear sentence instead of a traceback."""
    core_dumps.forbid()
    try:
        code = _run(sys.argv[1:])
    except KnownError as error:
        say_problem(error.problem)
        sys.exit(error.exit_code)
    except ModuleNotFoundError as error:
        if (problem := absent(error.name or "")) is None:
            raise
        say_problem(problem)
        sys.exit(3)
    except BrokenPipeError:
        # Whoever read us went away; the interpreter must not complain about the rest of the output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(3)
    except OSError as error:
        detail = ": ".join(part for part in (error.strerror, str(error.filename or "")) if part)
        is_full = has_no_room(error)
        say_problem(Problem("store.disk_full") if is_full else Problem("cli.system", {"detail": detail or str(error)}))
        sys.exit(3)
    sys.exit(code)


def absent(module: str) -> Problem | None:
    """Return what to say of a module that this installation does without, None for one that must be there."""
    if module.startswith(("drivers.simulators", "fieldkit.app.demo")):
        return Problem("cli.no_demo")
    if module in {"ui", "drivers"}:  # the data center's package
        return Problem("cli.other_package")
    is_ours = module.partition(".")[0] in {"fieldkit", "ui", "sync", "drivers", "assets"}
    return None if is_ours else Problem("cli.part_missing", {"part": module})


def _run(arguments: list[str]) -> int:
    # What the team starts every morning must not wait for the machinery of all other commands.
    match arguments:
        case ["run"]:
            return _open_program("")
        case ["run", "--home", home]:
            return _open_program(home)
        case ["run", "--demo"] if has_display():
            return open_demo(DEMO_HOME)
    from fieldkit.app.cli.commands import perform

    return perform(arguments)


def _open_program(home: str) -> int:
    # Thousands of things are made that stay: looking for garbage among them costs time. The window does it later.
    gc.disable()
    from fieldkit.app.bootstrap.display import demand_display
    from fieldkit.app.bootstrap.home import Home, default_home

    place = Home((Path(home) if home else default_home()).absolute())
    if not has_display():  # where there is one, the window says so
        place.demand_enrolled()
    demand_display()
    from ui.runtime.plain_imports import import_plainly

    import_plainly()
    from fieldkit.app.bootstrap.window import run_kit

    return run_kit(place, language())


def open_demo(folder: Path) -> int:
    """Open the window of the demo in a folder; a splash stands at once, for its preparation takes seconds."""
    from ui.runtime.plain_imports import import_plainly

    import_plainly()
    from fieldkit.app.bootstrap.window import show_splash
    from ui.presenters.messages import message

    place = folder.absolute()
    ready = show_splash(place / "home", language(), message("mulai.demo_comes"))
    from fieldkit.app.demo.live import run_live  # simulators, data center and people

    return run_live(place, language(), ready)
