"""YAML that people write, with the line of every value, so that a mistake can be named where it stands.

Scalars stay the text that was typed (`35.10` is no number, `no` is no false); only an empty value or `null` is None.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

MAX_DEPTH = 20
MAX_CHARS = 500_000

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as quick where libyaml is there

Plain = str | None | list["Plain"] | dict[str, "Plain"]
Path = tuple[str | int, ...]


class YamlLineError(Exception):
    """What keeps a text from being read at all, and the line (from 1) where that was noticed."""

    def __init__(self, line: int, detail: str) -> None:
        super().__init__(f"{line}: {detail}")
        self.line, self.detail = line, detail


@dataclass(frozen=True, slots=True)
class Marked:
    """A document: its values, the line of each path, and keys that were written twice."""

    value: Plain
    lines: Mapping[Path, int]
    twice: tuple[Path, ...]

    def line(self, path: Path) -> int:
        """Return the line of a path, else of the nearest value around it; parts that were not written are passed."""
        known: Path = ()
        for part in path:
            known = (*known, part) if (*known, part) in self.lines else known
        return self.lines.get(known, 1)


def read_marked(text: str) -> Marked:
    """Read one document. Raise `YamlLineError`, also for aliases and depths that no honest file has."""
    if len(text) > MAX_CHARS:
        raise YamlLineError(1, f"> {MAX_CHARS} characters")
    try:
        for event, depth in _depths(text):
            if isinstance(event, yaml.AliasEvent):
                raise YamlLineError(_line(event.start_mark), f"*{event.anchor}")
            if depth > MAX_DEPTH:
                raise YamlLineError(_line(event.start_mark), f"> {MAX_DEPTH} levels")
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        raise YamlLineError(_line(error.problem_mark or error.context_mark), error.problem or "") from error
    except yaml.reader.ReaderError as error:
        raise YamlLineError(text.count("\n", 0, error.position) + 1, str(error.reason)) from error
    lines: dict[Path, int] = {(): 1}
    twice: list[Path] = []
    return Marked(_plain(root, (), lines, twice), lines, tuple(twice))


def _line(mark: Any) -> int:
    return mark.line + 1 if mark else 1


def _depths(text: str) -> Iterator[tuple[yaml.Event, int]]:
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        yield event, depth


def _plain(node: yaml.Node | None, path: Path, lines: dict[Path, int], twice: list[Path]) -> Plain:
    if isinstance(node, yaml.MappingNode):
        fields: dict[str, Plain] = {}
        for key, value in node.value:
            here = (*path, str(key.value))
            if here[-1] in fields:
                twice.append(here)
            lines[here] = _line(key.start_mark)
            fields[str(key.value)] = _plain(value, here, lines, twice)
        return fields
    if isinstance(node, yaml.SequenceNode):
        items: list[Plain] = []
        for index, item in enumerate(node.value):
            lines[(*path, index)] = _line(item.start_mark)
            items.append(_plain(item, (*path, index), lines, twice))
        return items
    if node is None or node.tag == "tag:yaml.org,2002:null":
        return None
    return str(node.value)
