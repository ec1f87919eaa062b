"""The command that tries out the SOP file of a kabupaten before it goes onto kits."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import typer

from fieldkit.app.cli.options import JsonOption
from fieldkit.app.cli.speech import messages, say_problem, show_json, show_table
from fieldkit.domain.errors import InputError, reason_of
from fieldkit.domain.sop.profile import SopDocument, SopProfile, SopStep, roles_of
from fieldkit.media.place import Place

_MOST_BYTES = 4_000_000
app = typer.Typer(help="SOP. / Standard operating procedures.", no_args_is_help=True)


@app.command("check", help="Periksa berkas SOP. / Check an SOP file.")
def check(file: Annotated[Path, typer.Argument(help="YAML, see docs/sop.md.")], json: JsonOption = False) -> None:
    """Show how the program understands an SOP, or every mistake with file, line and field."""
    from fieldkit.formats.sop_profile import SopFileError, read_profile

    try:
        profile = read_profile(Place.of_file(file).read(_MOST_BYTES), file.name)
    except OSError as error:
        raise InputError("cli.unreadable", file=str(file), detail=reason_of(error)) from error
    except SopFileError as error:
        for mistake in error.mistakes:
            say_problem(mistake)
        raise typer.Exit(2) from error
    steps = [_step(profile, step) for step in profile.steps]
    if json:
        head = {"id": profile.sop_id, "number": profile.number, "name": profile.name}
        show_json({**head, "document": _document(profile.document), "steps": steps})
        return
    said = messages()
    columns = [said.text(f"cli.sop_{name}") for name in ("no", "words", "who", "accounts", "standard")]
    rows = [
        (str(s["no"]), s["words"], s["who"], ", ".join(s["accounts"] or s["recorded_by"]), s["standard"]) for s in steps
    ]
    show_table(f"{profile.name} ({profile.number})", columns, rows)
    parts = [said.text(f"cli.sop_{name}") for name in ("part", "held")]
    held = [(said.text(f"sop_dokumen.{name}"), str(len(lines))) for name, lines in _lists(profile.document).items()]
    show_table(profile.document.approved_by or "–", parts, held)


def _document(document: SopDocument) -> dict[str, Any]:
    days = {"made_on": document.made_on, "revised_on": document.revised_on, "effective_on": document.effective_on}
    return {
        "approved_by": document.approved_by,
        **{name: on.isoformat() if on else None for name, on in days.items()},
        **_lists(document),
        "on_the_checklist": [thing.name for thing in document.taken_along],
    }


def _lists(document: SopDocument) -> dict[str, list[str]]:
    return {
        "laws": list(document.laws),
        "cited_in_letters": list(document.cited),
        "qualifications": list(document.qualifications),
        "related": list(document.related),
        "equipment": [thing.name for thing in document.equipment],
        "supplies": list(document.supplies),
        "warnings": list(document.warnings),
        "archiving": list(document.archiving),
    }


@app.command("example", help="Tulis contoh berkas SOP: KIA di sekolah. / Write an example: identity cards of children.")
def example(file: Annotated[Path, typer.Argument(help="YAML, see docs/sop.md.")]) -> None:
    """Write the example to a file that is not there yet."""
    content = files("assets").joinpath("sop", "contoh", "kia_di_sekolah.yaml").read_bytes()
    try:
        with Place.of_file(file).create() as written:
            written.write(content)
    except OSError as error:
        raise InputError("cli.unwritable", file=str(file), detail=reason_of(error)) from error


def _step(profile: SopProfile, step: SopStep) -> dict[str, Any]:
    roles = roles_of(profile, step.no)
    return {
        "no": step.no,
        "words": step.words,
        "who": step.doer.column if step.doer else "",
        "accounts": [role.value for role in roles.roles],
        "recorded_by": [role.value for role in roles.recorded_by],
        "standard": step.standard.words if step.standard else "",
        "minutes": step.standard.minutes if step.standard else None,
        "fulfilled_by": [[fact.value for fact in group] for group in step.fulfilled_by],
    }
