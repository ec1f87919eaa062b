"""The SOPs: five in the assets, those that the office sent, and what YAML lies in the folder `sop` of a kit's home."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

from fieldkit.domain.errors import Problem, reason_of
from fieldkit.domain.sop.profile import SopProfile
from fieldkit.ports.documents import ProfilesRead


@cache
def own_profiles() -> tuple[SopProfile, ...]:
    """Return those that come with the program."""
    from fieldkit.formats.sop_profile import read_profile

    own = [each for each in files("assets").joinpath("sop").iterdir() if each.name.endswith(".yaml")]
    return tuple(read_profile(each.read_bytes(), each.name) for each in sorted(own, key=lambda each: each.name))


class SopFolder:
    """Implements `SopProfiles`. What the office sent stands for a file of the folder, that for one of the program."""

    def __init__(self, folder: Path | None = None, sent: Callable[[], Mapping[str, bytes]] = dict) -> None:
        """`sent` are the SOPs of the office by id."""
        self._folder, self._sent = folder, sent

    def read(self) -> ProfilesRead:
        """Return all SOPs by name, and what is wrong with files of the folder."""
        from fieldkit.formats.sop_profile import SopFileError, read_profile

        found = {profile.sop_id: profile for profile in own_profiles()}
        mistakes: list[Problem] = []
        origin: dict[str, str] = {}
        for path in sorted(self._folder.glob("*.y*ml")) if self._folder else ():
            try:
                profile = read_profile(path.read_bytes(), path.name)
            except SopFileError as error:
                mistakes += error.mistakes
            except OSError as error:
                mistakes.append(Problem("sop.file_unreadable", {"file": path.name, "detail": reason_of(error)}))
            else:
                if other := origin.get(profile.sop_id):
                    params = {"file": path.name, "id": profile.sop_id, "other": other}
                    mistakes.append(Problem("sop.file_same_id", params))
                    continue
                origin[profile.sop_id] = path.name
                found[profile.sop_id] = profile
        for sop_id, content in self._sent().items():
            try:
                found[sop_id] = read_profile(content, sop_id)
            except SopFileError as error:  # it was whole when it came: a later program reads it otherwise
                mistakes += error.mistakes
        return ProfilesRead(tuple(sorted(found.values(), key=lambda profile: profile.name)), tuple(mistakes))
