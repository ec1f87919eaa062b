"""Commands run as `fieldkit …` runs them, within the test."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from fieldkit.app.bootstrap.catalogue import LANGUAGES
from fieldkit.app.cli import main

PROBLEM = re.compile(r"^\S.+ \[([a-z0-9_.]+)\]$")


@dataclass(frozen=True)
class Said:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def problem(self) -> str:
        """Return the code of the one clear sentence; anything else on stderr fails."""
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        found = PROBLEM.match(lines[0])
        assert found, self.err
        assert "{" not in lines[0], "a placeholder was not filled"
        return found[1]


def fieldkit(*arguments: object, lang: str = "id", home: Path | None = None) -> Said:
    """Run a command in a language on a kit's folder."""
    out, err = io.StringIO(), io.StringIO()
    words = ["fieldkit", *map(str, arguments)]
    environment = {
        "FIELDKIT_LANG": lang,
        "FIELDKIT_HOME": str(home or "/nowhere"),
        "COLUMNS": "200",
        "FIELDKIT_DEBUG": "1",
    }
    with (
        patch.dict(os.environ, environment),
        patch.object(sys, "argv", words),
        patch.object(sys, "stdin", io.StringIO()),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    return Said(code, out.getvalue(), err.getvalue())


def refused(*arguments: object, home: Path | None = None) -> tuple[int, str]:
    """Run a command that fails, in every language; return exit code and problem, which must be the same."""
    said = [fieldkit(*arguments, lang=lang, home=home) for lang in LANGUAGES]
    assert len({one.err for one in said}) == len(LANGUAGES), "the same words in both languages"
    ((code, problem),) = {(one.code, one.problem) for one in said}
    return code, problem
