"""Pengaturan: providers of devices whose certificates this kit believes."""

from __future__ import annotations

from typing import ClassVar

from fieldkit.domain.errors import InputError
from fieldkit.domain.people.accounts import Permission
from fieldkit.ports.trusted_providers import Provider
from fieldkit.services.context.app_context import AppContext
from ui.presenters.amounts import day_text
from ui.presenters.lines import Line
from ui.presenters.messages import Message, message
from ui.presenters.readers import read_file
from ui.presenters.settings.section import Kind, Section, SettingField


class ProvidersSection(Section[tuple[Provider, ...]]):
    """A file is read first and its fingerprint shown; saving it once more trusts it. Space marks one to be let go."""

    name = "penyedia"
    permission = Permission.KEEP_PROFILE
    places: ClassVar[dict[str, str]] = {
        "trust.not_a_certificate": "provider",
        "list.unreadable": "provider",
        "trust.nothing": "provider",
    }

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self._seen: dict[str, tuple[Provider, ...]] = {}  # the file that was read, and whose it is; all copies know it
        self._gone: frozenset[str] = frozenset()

    def read(self) -> tuple[Provider, ...]:
        """Return whom this kit trusts."""
        return tuple(self.context.set_up.providers.listed())

    def take(self, kept: tuple[Provider, ...]) -> None:
        """Show them, and the file that was read and not trusted yet."""
        super().take(kept)
        self._gone = frozenset()
        for path in self._seen:
            super().type("provider", path)

    def type(self, name: str, text: str) -> None:
        """Take a path; another file is read first again."""
        super().type(name, text)
        self._seen.clear()

    def tick(self, name: str, line: str) -> None:
        """Mark one that is trusted no longer."""
        if name == "providers":
            self._gone ^= {line}

    def fields(self) -> tuple[SettingField, ...]:
        """Return the file, what stands in it, and whom this kit trusts."""
        title = message("pengaturan.providers_kept", count=len(self.kept))
        lines = tuple(
            Line(each.fingerprint, each.name, _grouped(each), is_on=each.fingerprint in self._gone)
            for each in self.kept
        )
        note = message("pengaturan.providers_note")
        return (
            self.text("provider", hint="provider_hint", kind=Kind.FILE),
            SettingField("found", Kind.FACTS, message("pengaturan.provider_found"), facts=self._found()),
            SettingField("providers", Kind.LINES, title, lines=lines, note=note, column=1),
        )

    def keep(self) -> Message:
        """Let go of those marked, read a file, or trust the one that was read and compared."""
        path, providers = self.typed.get("provider", "").strip(), self.context.set_up.providers
        for fingerprint in self._gone:
            providers.distrust(fingerprint)
        if not path:
            if not self._gone:
                raise InputError("trust.nothing")
            return message("pengaturan.provider_gone")
        content = read_file(path)[1]
        found, seen = tuple(providers.look(content)), self._seen.pop(path, None)
        if found != seen:
            self._seen[path] = found
            return message("pengaturan.provider_compare")
        providers.trust(content)
        return message("pengaturan.penyedia_saved")

    def _found(self) -> tuple[tuple[Message, Message], ...]:
        return tuple(
            fact
            for found in self._seen.values()
            for each in found
            for fact in (
                (message("pengaturan.provider_name"), each.name),
                (message("pengaturan.provider_until"), day_text(self.context.clock.local(each.until).date())),
                (message("pengaturan.provider_fingerprint"), _grouped(each)),
            )
        ) or ((message("pengaturan.provider_none"), ""),)


def _grouped(provider: Provider) -> str:
    """Return the fingerprint in fours, which people compare from paper."""
    digits = provider.fingerprint.replace(":", "")
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))
