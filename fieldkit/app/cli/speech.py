"""How the command line speaks: sentences on stderr, results on stdout, JSON when asked."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fieldkit.app.bootstrap.catalogue import LANGUAGES, field_catalogue
from fieldkit.domain.errors import Problem
from fieldkit.domain.shown import shown
from fieldkit.ports.messages import Messages


def language() -> str:
    """Return FIELDKIT_LANG when it is one of ours, else Bahasa Indonesia."""
    wanted = os.environ.get("FIELDKIT_LANG", "id")
    return wanted if wanted in LANGUAGES else "id"


def messages() -> Messages:
    """Return the catalogue of the chosen language."""
    return field_catalogue(language())


def say(key: str, **params: str | int) -> None:
    """Print a line of the catalogue."""
    sys.stdout.write(messages().text(key, **params) + "\n")


def shell_word(path: Path | str) -> str:
    """Return a path as one word of a command to paste into a shell of POSIX (2024), on Windows into the command prompt.

    A name is whatever its maker wrote: nothing in it may be run, and nothing may paint the terminal.
    """
    text = str(path)
    if sys.platform == "win32":
        return f'"{text}"'  # no name holds a quote there
    if text.isprintable():
        return shlex.quote(text)
    return "$'" + "".join(map(_quoted_sign, text)) + "'"


def _quoted_sign(sign: str) -> str:
    if sign in "\\'":
        return f"\\{sign}"
    return sign if sign.isprintable() else "".join(f"\\{byte:03o}" for byte in os.fsencode(sign))


def say_problem(problem: Problem) -> None:
    """Print what happened, what is safe and what to do, as one line on stderr, whatever was typed into it."""
    text = messages().problem(problem)
    sentence = " ".join(part for part in (text.what, text.safe, text.do) if part)
    sys.stderr.write(f"{shown(sentence)} [{problem.code}]\n")


def show_json(value: Mapping[str, Any] | Sequence[Any]) -> None:
    """Print a result for programs."""
    text = json.dumps(value, ensure_ascii=False, indent=2, default=str)
    # Line ends are the form's own; what is hidden in a text is written as JSON escapes it, and is read as it was.
    lines = (shown(line, lambda letter: json.dumps(letter)[1:-1]) for line in text.split("\n"))
    sys.stdout.write("\n".join(lines) + "\n")


def show_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a result for people."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text  # of plain text rich would take what stands in brackets for its markup

    table = Table(title=Text(title), title_justify="left")
    for column in columns:
        table.add_column(Text(column), overflow="fold")
    for row in rows:
        table.add_row(*map(Text, map(shown, row)))
    console = Console()
    with console.capture() as drawn:
        console.print(table)
    sys.stdout.write(drawn.get())  # of an output that nobody reads the program hears itself
