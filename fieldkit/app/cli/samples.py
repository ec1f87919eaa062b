"""Commands that show a sample and write records in the formats of others."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fieldkit.app.cli.options import ExportChoice, JsonOption
from fieldkit.app.cli.private_files import OverwriteOption, demand_free, write_private
from fieldkit.app.cli.records import CaOption, FileArgument, IdentityOption, ProvidersOption, record
from fieldkit.app.cli.speech import messages, say, show_json
from fieldkit.domain.errors import InputError

sample = typer.Typer(help="Sampel biometrik. / Biometric samples.", no_args_is_help=True)


@record.command("export", help="Tulis rekaman dalam format lain. / Write a record in another format.")
def export(
    file: FileArgument,
    identity: IdentityOption,
    form: Annotated[ExportChoice, typer.Option("--format", help="OSIA, ANSI/NIST-ITL, ISO/IEC 19794 or CBEFF.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the files.")],
    ca: CaOption = None,
    trust: ProvidersOption = None,
    overwrite: OverwriteOption = False,
    json: JsonOption = False,
) -> None:
    """Open a record, check all of it, and write its content as others read it."""
    from fieldkit.app.bootstrap.export import ExportFormat, exported
    from fieldkit.app.bootstrap.proofs import open_record

    found = open_record(file, identity, ca, trust)
    files = exported(found.record, ExportFormat(form.value))
    if not overwrite:
        demand_free(out, files)
    write_private(out, files)
    if json:
        show_json({"record_id": found.record.record_id, "format": form.value, "files": [str(out / n) for n in files]})
    else:
        say("cli.record_exported", record=found.record.record_id, count=len(files), out=str(out))


@sample.command("inspect", help="Tampilkan isi berkas sampel. / Show what a sample says of itself.")
def inspect(
    file: Annotated[Path, typer.Argument(help="ISO/IEC 19794-2, -4, -5, -6, ANSI/NIST-ITL, picture or strokes.")],
    json: JsonOption = False,
) -> None:
    """Show format, size, position, quality and date of a sample, and whether it can be decoded."""
    from fieldkit.app.bootstrap.export import inspected

    facts = inspected(file)
    if json:
        show_json(facts)
    else:
        for name, value in facts.items():
            if name != "fault":
                typer.echo(f"{name}: {value}")
        if not facts["fault"]:
            typer.echo(messages().text("cli.sample_good"))
    if facts["fault"]:
        raise InputError("sample.faulty", file=str(file), fault=str(facts["fault"]))
