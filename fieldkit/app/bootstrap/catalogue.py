"""The message catalogues: TOML files under assets/i18n/<language>, one per room.

A label is a top-level string, a problem a table with `what`, `safe` and `do`; keys are quoted and dotted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TypeAlias

from assets import FOLDER
from fieldkit.domain.errors import Problem
from fieldkit.domain.shown import shown
from fieldkit.ports.messages import ProblemText

_REASON = "reason."
LANGUAGES = ("id", "en")
_SENTENCES = ("what", "safe", "do")
_Room: TypeAlias = tuple[dict[str, str], dict[str, ProblemText]]


class Catalogue:
    """One language. A missing key or parameter is a bug and raises `KeyError`."""

    def __init__(self, labels: Mapping[str, str], problems: Mapping[str, ProblemText]) -> None:
        self._labels = labels
        self._problems = problems

    def text(self, key: str, /, **params: str | int) -> str:
        """Return the sentence of a key with its `{placeholders}` filled."""
        return self._filled(self._labels[key], self._spoken(params))

    def problem(self, problem: Problem) -> ProblemText:
        """Return the three sentences of a problem."""
        text, params = self._problems[problem.code], self._spoken(problem.params)
        return ProblemText(*(self._filled(sentence, params) for sentence in (text.what, text.safe, text.do)))

    def _spoken(self, params: Mapping[str, str | int]) -> Mapping[str, str | int]:
        """Return parameters as they may be shown: a reason (`reason_of`) in this language, others without hidden signs.

        What fills a sentence may be a name on a stick, or whatever a stranger wrote into a file.
        """
        texts = ((name, value) for name, value in params.items() if isinstance(value, str))
        said = {name: self.text(value) if value.startswith(_REASON) else shown(value) for name, value in texts}
        return {**params, **said} if said else params

    def _filled(self, sentence: str, params: Mapping[str, str | int]) -> str:
        return sentence.format_map(params)


class FieldCatalogue(Catalogue):
    """One language in the field: what is missing shows its own name, because work must go on.

    A room is read when a key of it is first asked for; the sign-in screen needs few of them.
    """

    def __init__(self, rooms: Sequence[Path]) -> None:
        self._found_labels: dict[str, str] = {}
        self._found_problems: dict[str, ProblemText] = {}
        super().__init__(self._found_labels, self._found_problems)
        self._unread = tuple(rooms)

    def text(self, key: str, /, **params: str | int) -> str:
        """Return the sentence of a key, or the key itself."""
        return super().text(key, **params) if self._find(key, self._labels) else key

    def problem(self, problem: Problem) -> ProblemText:
        """Return the three sentences of a problem, or its code alone."""
        if not self._find(problem.code, self._problems):
            return ProblemText(problem.code, "", "")
        return super().problem(problem)

    def _find(self, key: str, among: Mapping[str, object]) -> bool:
        if key not in among:
            head = key.partition(".")[0]
            # The room of that name first: mostly the key is there, and the others stay closed.
            for room in sorted(self._unread, key=lambda room: room.name != f"{head}.toml"):
                text = room.read_text("utf-8")
                if f'"{key}"' in text:  # keys are quoted
                    self._unread = tuple(other for other in self._unread if other is not room)
                    labels, problems = _quickly(text)
                    self._found_labels.update(labels)
                    self._found_problems.update(problems)
                if key in among:
                    break
        return key in among

    def _filled(self, sentence: str, params: Mapping[str, str | int]) -> str:
        return super()._filled(sentence, _ShownByName(params))


class _ShownByName(dict[str, str | int]):
    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


@cache  # hundreds of tests ask for the same language
def strict_catalogue(language: str, folder: Path | None = None) -> Catalogue:
    """Load a language for tests and checks. Raise `ValueError` for a language that is not there."""
    labels: dict[str, str] = {}
    problems: dict[str, ProblemText] = {}
    for room in _rooms(language, folder):
        more_labels, more_problems = _parsed(room.read_text("utf-8"))
        labels.update(more_labels)
        problems.update(more_problems)
    return Catalogue(labels, problems)


@cache  # the splash and the window speak from what was read once
def field_catalogue(language: str, folder: Path | None = None) -> FieldCatalogue:
    """Load a language for the running program. Raise `ValueError` for a language that is not there."""
    return FieldCatalogue(_rooms(language, folder))


class FieldCatalogues(Mapping[str, FieldCatalogue]):
    """All languages of the running program, each loaded when it is first spoken."""

    def __init__(self) -> None:
        self._loaded: dict[str, FieldCatalogue] = {}

    def __getitem__(self, language: str) -> FieldCatalogue:
        """Return a language. Raise `KeyError` for one that is not there."""
        if language not in LANGUAGES:
            raise KeyError(language)
        if language not in self._loaded:
            self._loaded[language] = field_catalogue(language)
        return self._loaded[language]

    def __iter__(self) -> Iterator[str]:
        return iter(LANGUAGES)

    def __len__(self) -> int:
        return len(LANGUAGES)


def _rooms(language: str, folder: Path | None) -> list[Path]:
    if language not in LANGUAGES:
        raise ValueError(f"no catalogue for language {language!r}")
    place = (folder or FOLDER / "i18n") / language
    return sorted(place.glob("*.toml"), key=lambda room: room.name)


def _quickly(room: str) -> _Room:
    """Read a room line by line, as ours are written; one that is written otherwise by all of TOML's rules."""
    labels: dict[str, str] = {}
    tables: dict[str, dict[str, str]] = {}
    try:
        for line in filter(None, room.split("\n")):
            name, is_given, value = line.partition(" = ")
            if not is_given:
                table = tables[_string(line[1:-1])] = {}
            elif not tables:
                labels[_string(name)] = _string(value)
            elif name in _SENTENCES:
                table[name] = _string(value)
            else:
                return _parsed(room)
    except ValueError:
        return _parsed(room)
    return labels, {code: ProblemText(**sentences) for code, sentences in tables.items()}


def _string(written: str) -> str:
    """Return a string of TOML in one line. Raise `ValueError` for anything else; JSON's escapes are TOML's."""
    inner = written[1:-1]
    if f'"{inner}"' != written:
        raise ValueError(written)
    return str(json.loads(written)) if '"' in inner or "\\" in inner else inner


def _parsed(room: str) -> _Room:
    import tomllib  # on demand: the sign-in screen must not wait for it

    labels: dict[str, str] = {}
    problems: dict[str, ProblemText] = {}
    for key, value in tomllib.loads(room).items():
        if isinstance(value, str):
            labels[key] = value
        else:
            problems[key] = ProblemText(**value)
    return labels, problems
