"""The person in front of the simulated devices."""

from drivers.simulators.subject.folder import SubjectFolder
from drivers.simulators.subject.presented import (
    BLUE,
    ORANGE,
    RED,
    Condition,
    Presentation,
    PresentedSubject,
    Script,
    no_finger,
    quality,
)
from drivers.simulators.subject.synthetic import SyntheticSubject

__all__ = [
    "BLUE",
    "ORANGE",
    "RED",
    "Condition",
    "Presentation",
    "PresentedSubject",
    "Script",
    "SubjectFolder",
    "SyntheticSubject",
    "no_finger",
    "quality",
]
