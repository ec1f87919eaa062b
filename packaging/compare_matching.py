"""Say how often the comparison of fingers errs: `python packaging/compare_matching.py FOLDER[=PPI] …`

Each folder holds the prints of one sensor, of 500 ppi unless stated, named as those of FVC: the finger, "_", the
impression (101_1.png). Prints a line for each sensor and one for all: what is said of all pairs of one finger and of
all pairs of two, the highest score of two, and how often an operator is found by a finger learnt in three impressions.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.positions import Position
from fieldkit.formats.images import decode_grey
from fieldkit.matching.alignment import liken
from fieldkit.matching.minutiae import Template, read_print
from fieldkit.matching.ridges import PPI
from fieldkit.matching.search import find_owners, judge
from fieldkit.ports.recording import MatchVerdict
from fieldkit.services.people.keep_accounts import IMPRESSIONS

Fingers = Mapping[str, Sequence[Template]]


@dataclass
class Rates:
    """What is said of the pairs of a sensor."""

    genuine: Counter[MatchVerdict] = field(default_factory=Counter)
    impostors: Counter[MatchVerdict] = field(default_factory=Counter)
    highest: float = 0.0
    found: Counter[str] = field(default_factory=Counter)  # laid, owner, another

    def add(self, other: Rates) -> None:
        """Count the pairs of another sensor in."""
        self.genuine += other.genuine
        self.impostors += other.impostors
        self.highest = max(self.highest, other.highest)
        self.found += other.found

    def __str__(self) -> str:
        """Return the line of a sensor."""
        one = ", ".join(f"{said.value} {share(self.genuine, said)}" for said in MatchVerdict)
        two = f"same {self.impostors[MatchVerdict.SAME]}, different {share(self.impostors, MatchVerdict.DIFFERENT)}"
        return (
            f"{self.genuine.total()} pairs of one finger: {one}; {self.impostors.total()} of two: {two}, "
            f"highest {self.highest:.2f}; operator found {self.found['owner']} of {self.found['laid']}, "
            f"another {self.found['another']}"
        )


def main(told: list[str]) -> None:
    """Print the rates of each folder and of all together."""
    whole = Rates()
    for each in told:
        folder, _, ppi = each.partition("=")
        if not (fingers := fingers_of(Path(folder), int(ppi or PPI))):
            sys.exit(f"{folder}: no picture named as 101_1.png can be read; PNG, JPEG, PGM, BMP and WSQ can")
        rates = rates_of(fingers)
        sys.stdout.write(f"{Path(folder).name}: {rates}\n")
        sys.stdout.flush()
        whole.add(rates)
    sys.stdout.write(f"all: {whole}\n")


def fingers_of(folder: Path, ppi: int) -> Fingers:
    """Return the templates of a folder by finger, in the order of their names."""
    fingers: dict[str, list[Template]] = defaultdict(list)
    for file in sorted(folder.glob("*_*")):
        try:
            fingers[file.stem.partition("_")[0]].append(read_print((decode_grey(file.read_bytes()), ppi)))
        except (InputError, ValueError) as error:
            sys.stderr.write(f"{file}: {error}\n")
    return fingers


def rates_of(fingers: Fingers) -> Rates:
    """Compare each print with each other, and with the operators: each finger by its first impressions."""
    rates = Rates()
    prints = [(finger, template) for finger, templates in fingers.items() for template in templates]
    for (finger, one), (another, other) in combinations(prints, 2):
        likeness = liken(one, other)
        said = judge(one, other, likeness)
        if finger == another:
            rates.genuine[said] += 1
        else:
            rates.impostors[said] += 1
            rates.highest = max(rates.highest, likeness.score)
    operators = {finger: templates[:IMPRESSIONS] for finger, templates in fingers.items()}
    for finger, templates in fingers.items():
        for template in templates[IMPRESSIONS:]:
            owners = [owner.record_id for owner in find_owners(operators, {Position.RIGHT_INDEX: template})]
            rates.found += Counter(laid=1, owner=int(finger in owners), another=len(set(owners) - {finger}))
    return rates


def share(counts: Counter[MatchVerdict], said: MatchVerdict) -> str:
    """Return how many of the pairs got this verdict, in per cent."""
    return f"{100 * counts[said] / max(1, counts.total()):.2f} %"


if __name__ == "__main__":
    main(sys.argv[1:])
