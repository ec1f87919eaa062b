"""The command line: `fieldkit …`. Exit code 0 done, 2 wrong use, 3 environment, each with one clear sentence."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import NoReturn, TextIO

from fieldkit.app.bootstrap import core_dumps
from fieldkit.app.bootstrap.display import has_display
from fieldkit.app.bootstrap.system_problem import system_problem
from fieldkit.app.cli.speech import language, say_problem
from fieldkit.domain.errors import KnownError, Problem

DEMO_HOME = Path("home-demo")
_INTERRUPTED = 130  # as shells have it


def main() -> None:
    """Run a command; a known error becomes one clear sentence instead of a traceback."""
    # Our matrices are small: threads that wait for each other cost far more than they save, most on a busy laptop.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.stdout, sys.stderr = (stream or _nowhere() for stream in (sys.stdout, sys.stderr))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # What reads our output elsewhere reads UTF-8 (JSON has nothing else); a terminal says what it shows.
            # A file may have a name that is no text.
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")
    try:
        code = _run(sys.argv[1:])
        sys.stdout.flush()  # a disk that is full shows here, not when nobody listens any more
    except KnownError as error:
        _leave(error.problem, error.exit_code)
    except ModuleNotFoundError as error:
        if (problem := absent(error.name or "")) is None:
            raise
        _leave(problem, 3)
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    except BrokenPipeError:
        _forget_output()
        sys.exit(3)
    except UnicodeEncodeError:
        if all(_is_text(argument) for argument in sys.argv):
            raise
        _leave(Problem("cli.no_text"), 2)
    except OSError as error:
        _leave(_of_system(error), 3)
    sys.exit(code)


def _is_text(argument: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in argument)


def _of_system(error: OSError) -> Problem:
    problem = system_problem(error)
    if problem.code == "store.disk_full":
        try:
            sys.stdout.write("\n")
            sys.stdout.flush()
        except OSError:  # what had no room was only our words
            _forget_output()
            return Problem("cli.no_output")
    return problem


def _nowhere() -> TextIO:
    """Return a stream for a process that was started without one, as a window on Windows is."""
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123 – it lives as long as the process


def _leave(problem: Problem, code: int) -> NoReturn:
    with suppress(OSError):  # nobody can be told; the exit code is left
        say_problem(problem)
        sys.stderr.flush()
    sys.exit(code)


def _forget_output() -> None:
    """Let the rest of the output go nowhere: else the interpreter complains about it at the end."""
    with suppress(OSError, ValueError):  # no true file, as in a test
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


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
            return open_program("")
        case ["run", "--home", home]:
            return open_program(home)
        case ["run", "--demo"] if has_display():
            return open_demo(DEMO_HOME)
    core_dumps.forbid()
    from fieldkit.app.cli.commands import perform

    return perform(arguments)


def open_program(home: str) -> int:
    """Open the window of a kit ("": where the kit of this user lives) at the sign-in screen. Raise `KnownError`."""
    # Thousands of things are made that stay: looking for garbage among them costs time. The window does it later.
    gc.disable()
    from fieldkit.app.bootstrap.default_home import default_home

    place = (Path(home) if home else default_home()).absolute()
    ready = _show_splash(place) if has_display() else _nothing
    core_dumps.forbid()  # before anything secret is in the memory
    from fieldkit.app.bootstrap.display import demand_display
    from fieldkit.app.bootstrap.home import Home

    if not has_display():  # where there is one, the window says so
        Home(place).demand_enrolled()
    demand_display()
    from ui.runtime.process import import_plainly

    import_plainly()
    from fieldkit.app.bootstrap.window import run_kit

    return run_kit(Home(place), language(), ready)


def open_demo(folder: Path) -> int:
    """Open the window of the demo in a folder; its splash tells that its preparation takes seconds."""
    place = folder.absolute()
    ready = _show_splash(place / "home", "mulai.demo_comes")
    core_dumps.forbid()
    from fieldkit.app.demo.day import run_live  # simulators, data center and people

    return run_live(place, language(), ready)


def _show_splash(home: Path, words: str = "") -> Callable[[], None]:
    """Show it before anything that takes time is loaded; return what takes it away again."""
    from ui.runtime.process import import_plainly

    import_plainly()
    from fieldkit.app.bootstrap.opening import show_splash

    return show_splash(home, language(), words)


def _nothing() -> None:
    """Without a display no splash stands."""
