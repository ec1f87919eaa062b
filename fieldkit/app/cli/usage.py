"""Wrong use of the command line in our own words: the option parser speaks English only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol, cast

from fieldkit.domain.errors import Problem
from fieldkit.ports.messages import Messages

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
