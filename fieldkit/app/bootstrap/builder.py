"""Builds services by their constructors: each parameter is handed what is there of its type."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar, get_type_hints

T = TypeVar("T")


class Builder:
    """Builds each service once, from parts: a dataclass whose fields hold what services ask from outside.

    A parameter takes the part of the same type; where the type says little (`str`, a mapping, a function) the name has
    to be the same too. A service that is asked for is built in its turn. Raise `TypeError` naming the parameter that
    nothing fits, or the two parts that fit the same.
    """

    def __init__(self, parts: object) -> None:
        self._there: dict[object, Any] = {}
        for name, kind in get_type_hints(type(parts)).items():
            key = _key(name, kind)
            if key in self._there:
                raise TypeError(f"{type(parts).__name__}.{name} is a second {kind}")
            self._there[key] = getattr(parts, name)

    def build(self, service: type[T]) -> T:
        """Return the service, or the dataclass of services."""
        if service not in self._there:
            wanted = _hints(service.__init__)
            named = {name: self._found(f"{service.__name__}({name})", name, kind) for name, kind in wanted}
            self._there[service] = service(**named)
        built: T = self._there[service]
        return built

    def _found(self, asked: str, name: str, kind: Any) -> Any:
        key = _key(name, kind)
        if key in self._there:
            return self._there[key]
        if isinstance(kind, type) and kind.__module__.startswith("fieldkit.services."):
            return self.build(kind)
        raise TypeError(f"no part for {asked}: {kind}")


@cache  # the next user who signs in asks for the same
def _hints(of: Any) -> tuple[tuple[str, Any], ...]:
    return tuple((name, kind) for name, kind in get_type_hints(of).items() if name != "return")


def _key(name: str, kind: Any) -> object:
    """Return what a parameter and its part have in common."""
    return kind if isinstance(kind, type) and kind.__module__ != "builtins" else (name, kind)
