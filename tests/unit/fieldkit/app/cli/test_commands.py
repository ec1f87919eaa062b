from __future__ import annotations

import pytest

from fieldkit.app.cli.commands import app, parser, perform
from fieldkit.domain.errors import InputError


def test_wrong_use_is_2_and_help_is_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert perform(["no-such-command"]) == 2
    assert perform(["--help"]) == 0
    assert capsys.readouterr().err.count("\n") == 1


def test_a_known_error_is_left_to_the_program() -> None:
    with pytest.raises(InputError):
        perform(["sync"])


def test_a_bug_is_not_dressed_up() -> None:
    @app.command("broken", hidden=True)
    def broken() -> None:
        raise ZeroDivisionError

    parser.cache_clear()
    try:
        with pytest.raises(ZeroDivisionError):
            perform(["broken"])
    finally:
        app.registered_commands.pop()
        parser.cache_clear()
