"""A message names only commands that the program has."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from fieldkit.app.cli.commands import parser

CATALOGUES = Path(__file__).parents[5] / "assets" / "i18n"
NAMED = re.compile(r"\bfieldkit ((?:--?)?[a-z][a-z-]*(?: --?[a-z][a-z-]*| [a-z][a-z-]*)*)")


def tree() -> dict[str, set[str]]:
    """Return the options of every command by its words."""
    found: dict[str, set[str]] = {}

    def walk(command: object, words: str) -> None:
        options = {name for each in getattr(command, "params", ()) for name in (*each.opts, *each.secondary_opts)}
        found[words] = options | {"--help"}
        for name, under in getattr(command, "commands", {}).items():
            walk(under, f"{words} {name}".strip())

    walk(parser(), "")
    return found


def strange(sentence: str, commands: dict[str, set[str]]) -> Iterator[str]:
    """Yield each command or option that a sentence names and the program does not have."""
    for match in NAMED.finditer(sentence):
        words, options = "", list[str]()
        for word in match[1].split():
            if word.startswith("-"):
                options.append(word)
            elif f"{words} {word}".strip() in commands and not options:
                words = f"{words} {word}".strip()
            else:
                break  # the sentence goes on, or it is a value
        is_group = any(name.startswith(f"{words} ") for name in commands) if words else True
        if not words or is_group:
            yield match[0]
        yield from (f"{match[0]}: {option}" for option in options if option not in commands[words])


def sentences() -> Iterator[tuple[str, str]]:
    for path in sorted(CATALOGUES.glob("*/*.toml")):
        for key, message in tomllib.loads(path.read_text("utf-8")).items():
            for text in message.values() if isinstance(message, dict) else [message]:
                yield f"{path.parent.name}/{path.name} {key}", text


def test_every_command_that_a_message_names_exists() -> None:
    commands = tree()
    assert [(where, each) for where, text in sentences() for each in strange(text, commands)] == []


@pytest.mark.parametrize(
    "text", ["Jalankan fieldkit mend.", "Pakai fieldkit backup --to STICK.", "Pakai fieldkit doctor --fix."]
)
def test_a_command_that_is_not_there_is_found(text: str) -> None:
    assert list(strange(text, tree()))


def test_the_words_of_a_sentence_are_no_commands() -> None:
    assert not list(strange("Jalankan fieldkit doctor lalu coba lagi.", tree()))
