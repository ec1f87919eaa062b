from __future__ import annotations

import io
import json
import os
import subprocess
import sys

import pytest
from support.hostile import NAMES

from fieldkit.app.cli.speech import language, messages, say, say_problem, shell_word, show_json, show_table
from fieldkit.domain.errors import Problem


@pytest.mark.parametrize(("wanted", "spoken"), [(None, "id"), ("en", "en"), ("id", "id"), ("fr", "id"), ("", "id")])
def test_bahasa_indonesia_unless_english_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, wanted: str | None, spoken: str
) -> None:
    monkeypatch.delenv("FIELDKIT_LANG", raising=False)
    if wanted is not None:
        monkeypatch.setenv("FIELDKIT_LANG", wanted)
    assert language() == spoken


def test_a_problem_is_one_line_with_its_code(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIELDKIT_LANG", "en")
    say_problem(Problem("cli.which_user", {"users": "rina, bagus"}))
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == (
        "This kit has several users. Nothing was changed. Choose one with --user: rina, bagus. [cli.which_user]\n"
    )


def test_an_unknown_problem_still_shows_its_code(capsys: pytest.CaptureFixture[str]) -> None:
    say_problem(Problem("somewhere.unheard_of"))
    assert capsys.readouterr().err == "somewhere.unheard_of [somewhere.unheard_of]\n"


def test_what_was_typed_into_a_sentence_breaks_no_line_and_paints_no_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    say_problem(Problem("cli.user_id_form", {"text": "x\ny\x1b[31m"}))
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "\x1b" not in said


def test_a_table_says_what_stands_in_brackets(capsys: pytest.CaptureFixture[str]) -> None:
    show_table("Dinas [/x]", ["[a]"], [["fieldkit[dslr]"], ["[/b]"]])
    said = capsys.readouterr().out
    assert [text for text in ("Dinas [/x]", "[a]", "fieldkit[dslr]", "[/b]") if text not in said] == []


class Unread(io.StringIO):
    """A pipe whose reader went away."""

    def write(self, text: str) -> int:
        if text:
            raise BrokenPipeError
        return 0


def test_a_table_that_nobody_reads_is_no_failure_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Unread())
    with pytest.raises(BrokenPipeError):  # which the program answers as that of any other line
        show_table("Title", ("one",), [("a",)])


def test_results_for_people_and_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    show_json({"name": "Dinas – Uji", "rows": [1, None]})
    shown = capsys.readouterr().out
    assert json.loads(shown) == {"name": "Dinas – Uji", "rows": [1, None]}
    assert "–" in shown
    show_table("Title", ("one", "two"), [("a", "b")])
    assert {"Title", "one", "two", "a", "b"} <= set(capsys.readouterr().out.replace("│", " ").replace("┃", " ").split())
    say("cli.gateway_ready", url="https://x")
    assert capsys.readouterr().out == messages().text("cli.gateway_ready", url="https://x") + "\n"


WORDS = ["plain.deb", "a b", "it's", 'a"b', "a;reboot", "$(id)", "`id`", "a&b|c>d", "~", "*", "", "\\", "a\\'b"]
PAINTED = ["a\nreboot", "\x1b[2J", "\t'\\", "\x7f", "caf\xe9 \u202e", "\udcff"]


@pytest.mark.parametrize("name", [*WORDS, *PAINTED])
def test_a_path_is_one_word_of_a_command_whatever_its_name(name: str) -> None:
    word = shell_word(f"/stick/{name}")
    assert word.isprintable()
    heard = subprocess.run(["bash", "-c", f"printf %s {word}"], capture_output=True, check=True)
    assert heard.stdout == os.fsencode(f"/stick/{name}")


def test_windows_quotes_every_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert shell_word(r"E:\a&b c\fieldkit.exe") == r'"E:\a&b c\fieldkit.exe"'


@pytest.mark.parametrize("name", NAMES)
def test_no_name_on_a_stick_reaches_a_terminal_as_it_is(capsys: pytest.CaptureFixture[str], name: str) -> None:
    say("cli.ingest_refused", file=name, reason="reason.link")
    show_table("", ["file"], [[name]])
    show_json([{"file": name}])
    said = capsys.readouterr().out
    said.encode()
    assert all(line.isprintable() for line in said.split("\n"))
    assert json.loads(said[said.rindex("[\n") :]) == [{"file": name}]  # for programs it is what it was
