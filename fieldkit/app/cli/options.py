"""Options that several commands share, and how a passphrase is asked for."""

from __future__ import annotations

import getpass
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, BinaryIO, Protocol, cast

import typer

from fieldkit.app.bootstrap.default_home import default_home
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.slip import lines_of, read_slip
from fieldkit.app.cli.speech import messages, say_problem
from fieldkit.domain.errors import InputError, Problem
from fieldkit.media.carried_files import failed
from fieldkit.media.place import Place
from fieldkit.ports.delivery import SyncProgress
from fieldkit.ports.exchange import CopyProgress
from fieldkit.ports.messages import Messages

HomeOption = Annotated[
    Path | None, typer.Option("--home", help="Folder of the kit (default: FIELDKIT_HOME or the user's data folder).")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
UserOption = Annotated[str, typer.Option("--user", help="User id; needed when the kit has more than one user.")]
PassphraseOption = Annotated[
    Path | None, typer.Option("--passphrase-file", help="File whose first line is the passphrase; else it is asked.")
]


class ExportChoice(StrEnum):
    """What others read."""

    OSIA = "osia"
    AN2 = "an2"
    ISO = "iso"
    CBEFF = "cbeff"


def home_at(path: Path | None) -> Home:
    """Return the home that was chosen."""
    return Home((path or default_home()).absolute())


def passphrase_from(file: Path | None, question: str = "cli.passphrase") -> str:
    """Return the first line of the file, or ask. Raise `InputError` when nobody can answer."""
    if file is not None:
        lines = lines_of(file)
        return lines[0] if lines else ""
    if not sys.stdin.isatty():
        raise InputError("cli.no_passphrase")
    return getpass.getpass(messages().text(question) + " ")


def pin_from(file: Path | None) -> str:
    """Return the first line of the file, or ask; "" where nobody can answer, for a PIN is not needed."""
    if file is not None:
        lines = lines_of(file)
        return lines[0].strip() if lines else ""
    return getpass.getpass(messages().text("cli.new_pin") + " ").strip() if sys.stdin.isatty() else ""


def slip_from(file: Path | None, url: str, code: str, ca_fingerprint: str) -> tuple[str, str, str]:
    """Return URL, code and fingerprint of a slip: from the file, the options, or asked for. Raise `InputError`."""
    if file is not None:
        return read_slip(file)
    given = {"cli.slip_url": url, "cli.slip_code": code, "cli.slip_fingerprint": ca_fingerprint}
    if not all(given.values()) and not sys.stdin.isatty():
        raise InputError("cli.slip_missing")
    ask = messages().text
    url, code, ca_fingerprint = (text or input(ask(question) + " ").strip() for question, text in given.items())
    return url, code, ca_fingerprint


# Files that only their owner may read: what the commands write of a person.

OverwriteOption = Annotated[bool, typer.Option("--overwrite", help="Replace files that are there already.")]


def demand_free(folder: Path, names: Iterable[str]) -> None:
    """Raise `InputError` `cli.exists` when one of the files is there already."""
    for name in names:
        if os.path.lexists(folder / name):
            raise InputError("cli.exists", file=str(folder / name))


def write_private(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files (0600) below a folder; folders that it makes are for their owner too (0700).

    Raise `StoreError`: `stick.full_now`, `stick.failed`.

    A file that is there already is replaced, never written through: a link leads nowhere.
    """
    targets = {Place(folder) / name: content for name, content in files.items()}
    try:
        for above in dict.fromkeys(target.parent for target in targets):
            above.make()  # all at first: of a stick that is pulled out nothing is made anew on the laptop's own disk
        for target, content in targets.items():
            target.write([content])
    except OSError as error:
        raise failed(Place(folder), error) from error


def new_private(path: Path) -> BinaryIO:
    """Open a new file (0600) for writing. Raise `InputError` `cli.file_exists` when one is there, a link included."""
    try:
        return Place.of_file(path).create()
    except FileExistsError as error:
        raise InputError("cli.file_exists", file=str(path)) from error


def tell_open(folder: Path) -> None:
    """Tell on stderr when others may look into the folder of a kit or a gateway."""
    from fieldkit.storage.home_lock import is_private

    if is_private(folder) is False:
        say_problem(Problem("doctor.home_open", {"home": str(folder)}))


# Nobody watches and nobody cancels: what commands hand to services instead of a screen.


class NoProgress:
    """A `ProgressSink`, `PreviewSink` and `CopySink` that nobody looks at."""

    def offer(self, _: SyncProgress | CopyProgress | bytes) -> None:
        """Forget it."""


class NeverCancelled:
    """A `Cancel` for commands; Ctrl-C ends the process and everything saved stays saved."""

    def is_cancelled(self) -> bool:
        """Return False."""
        return False


# Wrong use of the command line in our own words: the option parser speaks English only.

_QUOTED = re.compile(r"'([^']*)'")


class _Parameter(Protocol):
    def get_error_hint(self) -> str | Sequence[str]: ...


def usage_problem(error: Exception, messages: Messages) -> Problem:
    """Return what is wrong with a command, from an error of the parser.

    Its classes are private, so they are told by name, and what they know by attributes; a class nobody has met before
    becomes the plain sentence without details.
    """
    name = _parameter(error)
    message = str(getattr(error, "message", ""))
    quoted = _QUOTED.findall(message)
    match type(error).__name__:
        case "MissingParameter":
            detail = messages.text("usage.missing", name=name)
        case "NoSuchOption":
            near = sorted(cast("Sequence[str] | None", getattr(error, "possibilities", None)) or ())
            key = "usage.no_option_near" if near else "usage.no_option"
            detail = messages.text(key, name=str(getattr(error, "option_name", "")), near=", ".join(near))
        case "BadParameter" if "not one of" in message:
            detail = messages.text("usage.no_choice", name=name, value=quoted[0], choices=", ".join(quoted[1:]))
        case "BadParameter":
            detail = messages.text("usage.bad_value", name=name)
        case "BadOptionUsage":
            detail = messages.text("usage.no_value", name=str(getattr(error, "option_name", "")))
        case "UsageError" if message.startswith("No such command") and quoted:
            detail = messages.text("usage.no_command", name=quoted[0])
        case "UsageError" if "unexpected extra argument" in message:
            surplus = message.rpartition("(")[2].rstrip(")")
            detail = messages.text("usage.surplus", words=surplus)
        case _:
            detail = messages.text("usage.unknown")
    return Problem("cli.usage", {"detail": detail})


def _parameter(error: Exception) -> str:
    given = getattr(error, "param_hint", None) or _hint(cast("_Parameter | None", getattr(error, "param", None)))
    names = [given] if isinstance(given, str) else list(given or ())
    return " / ".join(name.strip("'") for name in names)


def _hint(parameter: _Parameter | None) -> str | Sequence[str]:
    return parameter.get_error_hint() if parameter is not None else ""
