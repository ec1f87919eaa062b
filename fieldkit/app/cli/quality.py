"""The command that judges a picture or a sample record."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from fieldkit.app.cli.options import JsonOption
from fieldkit.app.cli.speech import messages, say, show_json
from fieldkit.domain.recording.positions import Modality


class JudgedModality(StrEnum):
    """What a file shows."""

    FINGER = "finger"
    IRIS = "iris"
    FACE = "face"


_MODALITY = {
    JudgedModality.FINGER: Modality.FINGER,
    JudgedModality.IRIS: Modality.IRIS,
    JudgedModality.FACE: Modality.FACE,
}


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("quality", help="Nilai mutu sebuah gambar atau sampel. / Judge a picture or a sample.")(quality)


def quality(
    file: Annotated[Path, typer.Argument(help="Picture (PNG, JPEG, JPEG 2000, WSQ) or ISO/IEC 19794 record.")],
    modality: Annotated[JudgedModality, typer.Option("--modality", help="What it shows.")],
    ppi: Annotated[int, typer.Option("--ppi", min=50, max=2000, help="Resolution of a finger's picture.")] = 500,
    json: JsonOption = False,
) -> None:
    """Say how good a sample is, by which algorithm, and what would make it better."""
    from fieldkit.app.bootstrap.sample_quality import judge_file

    found = judge_file(file, _MODALITY[modality], ppi)
    if json:
        show_json(
            {
                "score": found.score.value,
                "algorithm": found.score.algorithm,
                "version": found.score.version,
                "measures": dict(found.measures),
                "advice": list(found.advice),
            }
            | ({"methods": dict(found.methods), "answers": dict(found.answers)} if found.methods else {})
        )
        return
    say("mutu.score", score=found.score.value, algorithm=found.score.algorithm)
    said = messages()
    for key in found.advice:
        typer.echo(said.text(key))
