"""Why a record was refused, in words: a status keeps only the code of the first fault."""

from __future__ import annotations

import re

from fieldkit.domain.errors import Problem
from fieldkit.ports.messages import Messages

_PLACEHOLDER = re.compile(r"\{\w+\}")


class _Unnamed(dict[str, str | int]):
    """What a sentence wants named and the code alone does not say: which finger, which line."""

    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


def reason_in_words(messages: Messages, code: str) -> str:
    """Return what a refusal or a note of the opener says, with its code; the code alone when no sentence knows it."""
    try:
        what = messages.problem(Problem(code, _Unnamed())).what
    except KeyError:
        return code
    return code if what == code else f"{_PLACEHOLDER.sub('…', what)} [{code}]"
