"""The sites from which acts of a kit start, with the data center that all of them know."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.kit_acts import ACTS
from support.sites import Center, Site, lay_sites, open_center


@dataclass(frozen=True)
class Field:
    """The sites from which acts start, and the data center that they know."""

    folder: Path
    center: Center

    def start(self, act: str) -> Site:
        return Site(self.folder / ACTS[act].start)

    def wrong(self, act: str, site: Site, said: list[str]) -> str:
        """Judge a site, and take it away."""
        self.center.use(site.center)
        found = ACTS[act].wrong(site, self.start(act), said)
        self.center.rest()
        shutil.rmtree(site.root)
        return found


@contextmanager
def open_field(folder: Path) -> Iterator[Field]:
    with open_center(folder / "founded") as (center, url):
        sites = folder / "sites"
        sites.mkdir()
        lay_sites(sites, center, url, folder / "founded")
        yield Field(sites, center)
