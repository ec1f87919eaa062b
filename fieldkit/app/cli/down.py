"""Commands of the data center side that send down to kits: publish, published, team."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from fieldkit.app.cli.custody import DirOption, gateway_at
from fieldkit.app.cli.options import JsonOption, write_private
from fieldkit.app.cli.speech import messages, say, show_json, show_table
from fieldkit.domain.errors import InputError
from fieldkit.domain.office_bundles import OF_GATEWAY, SUFFIX, BundleKind
from fieldkit.ports.messages import told_by_code

KitsOption = Annotated[list[str] | None, typer.Option("--kit", help="Id of a kit; may be given again.")]


def register(app: typer.Typer) -> None:
    """Add the commands to those of the gateway."""
    app.command("publish", help="Kirim aturan atau daftar ke laptop. / Send rules or lists down to kits.")(publish)
    app.command("published", help="Apa yang dipakai tiap laptop. / What each kit goes by.")(published)
    app.command("team", help="Tentukan laptop satu tim. / Say which kits are a team.")(team)


def publish(
    folder: DirOption,
    kind: Annotated[BundleKind, typer.Argument(help="What the file holds.")],
    file: Annotated[Path, typer.Argument(help="YAML, a list of people or a package, see docs/office-bundles.md.")],
    kit: KitsOption = None,
    team: Annotated[str, typer.Option("--team", help="A team of kits.")] = "",
    name: Annotated[str, typer.Option("--name", help="Of targets: name of the list.")] = "",
    activity: Annotated[str, typer.Option("--activity", help="Of targets: name of the activity.")] = "",
    place: Annotated[str, typer.Option("--place", help="Of targets: where these people are visited.")] = "",
    day: Annotated[datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="Of targets: the day.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every kit of the dinas.")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Folder or stick where the bundle is laid too.")] = None,
    json: JsonOption = False,
) -> None:
    """Check a file as a kit will, sign it as the next version, and let the kits fetch it with their next sync."""
    from fieldkit.app.bootstrap.office_bundles import content_of, name_in, program_in
    from sync.gateway.down.publishing import Addressed, Publishing
    from sync.protocol.down import pack

    if kind in OF_GATEWAY:
        raise InputError("gateway.publish_itself")
    if every == bool(kit or team):
        raise InputError("gateway.publish_for_whom")
    content = program_in(file) if kind is BundleKind.PROGRAM else content_of(file)
    if kind is BundleKind.TARGETS:
        from fieldkit.formats.bundle import write_targets

        if not (name and activity and place and day):
            raise InputError("gateway.list_name")
        content = write_targets(activity, place, day.date(), file.name, content)
    name = name_in(kind, content, name)
    with gateway_at(folder) as gateway_context:
        publishing = Publishing(gateway_context)
        made = publishing.publish(kind, name, content, Addressed(tuple(kit or ()), team))
        if out is not None:
            write_private(out, {f"{kind.value}-{made.version}{SUFFIX}": pack(*publishing.file_of(kind, name))})
    if json:
        show_json(asdict(made))
        return
    for_whom = ", ".join(made.kits) or messages().text("cli.every_kit")
    say("cli.bundle_published", kind=made.kind, name=made.name or "-", version=made.version, kits=for_whom)
    if made.without:
        say("cli.bundle_without", kits=", ".join(made.without))


def published(folder: DirOption, json: JsonOption = False) -> None:
    """List the newest version of each bundle and which version each kit says that it goes by."""
    from sync.gateway.down.publishing import Publishing

    with gateway_at(folder) as gateway_context:
        bundles, standings = Publishing(gateway_context).published(), Publishing(gateway_context).standings()
    if json:
        show_json({"bundles": [asdict(each) for each in bundles], "kits": [asdict(each) for each in standings]})
        return
    said = messages()
    rows = []
    for bundle in bundles:
        kind = said.text(f"office.kind_{bundle.kind}")
        rows.append((kind, bundle.name, str(bundle.version), ", ".join(bundle.kits) or "*", ""))
        for each in standings:
            if (each.kind, each.name) == (bundle.kind, bundle.name):
                why = told_by_code(said, each.code) if each.code else ""
                why = said.text("cli.bundle_refused", version=each.refused, why=why) if why else ""
                rows.append(("", "", str(each.version), each.kit, why))
    columns = [said.text(f"cli.bundle_{name}") for name in ("kind", "name", "version", "kit", "remark")]
    show_table(said.text("cli.bundles_title"), columns, rows)


def team(
    folder: DirOption, name: Annotated[str, typer.Argument(help="Name of the team.")], kit: KitsOption = None
) -> None:
    """Let these kits exchange with each other over the gateway; without any kit the team is no more."""
    from sync.gateway.down.publishing import Publishing

    if not name.strip() or len(name) > 64 or not name.isprintable():
        raise InputError("gateway.team_name")
    with gateway_at(folder) as gateway_context:
        Publishing(gateway_context).make_team(name.strip(), kit or ())
    say("cli.team_made", team=name.strip(), kits=", ".join(sorted(kit or ())) or "-")
