"""Commands of the data center side."""

from __future__ import annotations

import sys
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from fieldkit.app.bootstrap.clock import WIB, SystemClock
from fieldkit.app.cli import (
    custody,
    down,
    gateway_backups,
    gateway_care,
    gateway_opener,
    gateway_records,
    office,
    onward,
)
from fieldkit.app.cli import kit as slips
from fieldkit.app.cli.custody import DirOption
from fieldkit.app.cli.options import JsonOption, tell_open
from fieldkit.app.cli.speech import say, show_json
from fieldkit.domain.errors import InputError

app = typer.Typer(help="Pusat data: siapkan, jalankan, daftarkan laptop. / The gateway.", no_args_is_help=True)

custody.register(app)
onward.register(app)
down.register(app)
app.add_typer(gateway_records.app, name="records")
app.add_typer(office.app, name="office-user")
gateway_backups.register(app)
gateway_care.register(app)
gateway_opener.register(app)


class Zone(StrEnum):
    """The time zones of Indonesia."""

    WIB = "WIB"
    WITA = "WITA"
    WIT = "WIT"


@app.command("init", help="Siapkan gateway baru. / Make a new gateway.")
def init(
    folder: DirOption,
    dinas: Annotated[str, typer.Option("--dinas", help="Name of the dinas.")],
    host: Annotated[list[str] | None, typer.Option("--host", help="Host name or address in the certificate.")] = None,
    zone: Annotated[Zone, typer.Option("--zone", help="Time zone of the dinas.")] = Zone.WIB,
    trial: Annotated[
        bool, typer.Option("--trial", help='For trying out: penunggalan by NIK here, its answers marked "uji coba".')
    ] = False,
    json: JsonOption = False,
) -> None:
    """Create the dinas CA, the TLS certificate, the receipt key, the opener's and the recovery identities."""
    from sync.gateway import provision

    made = provision.init(
        folder,
        {"dinas": dinas, "zone": zone.value},
        host or ["127.0.0.1", "localhost"],
        SystemClock(WIB),
        "trial" if trial else "none",
    )
    if json:
        show_json(
            {
                "gateway": made.gateway,
                "dir": str(made.folder),
                "ca_fingerprint": made.ca_fingerprint,
                "identity": str(made.opener_identity),
                "recovery": str(made.recovery_identity),
            }
        )
    else:
        say(
            "cli.gateway_made",
            folder=str(folder),
            fingerprint=made.ca_fingerprint,
            recovery=str(made.recovery_identity),
        )
    tell_open(folder)


@app.command("enrol-code", help="Cetak slip pendaftaran laptop. / Print an enrolment slip.")
def enrol_code(
    folder: DirOption,
    url: Annotated[str, typer.Option("--url", help="Address under which kits reach the gateway.")],
    kit: Annotated[str, typer.Option("--kit", help="Id of the kit.")] = "",
    admin: Annotated[str, typer.Option("--admin", help="User id of the kit's first admin.")] = "",
    table: Annotated[Path | None, typer.Option("--csv", help="Table of many kits: kit and admin in each row.")] = None,
    sheet: Annotated[
        Path | None, typer.Option("--sheet", help="Write the slips with their QR codes as a PDF, six on a page.")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="For a kit that is known: found again, or its passphrase is lost.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Make a one-time code for a kit and its first admin, or for each row of a table."""
    from fieldkit.domain.people import Slip, checked_id
    from sync.gateway import provision

    if (table is None) == (not kit or not admin):
        raise InputError("slips.which")
    if sheet is not None:
        slips.demand_sheet(sheet)
    kits = slips.kits_in(table) if table is not None else [(kit, checked_id(admin))]
    provision.demand_certified(folder, url)
    make, clock = provision.readmission_code if again else provision.enrol_code, SystemClock(WIB)

    def slip_for(kit: str, admin: str) -> Slip:
        made = make(folder, url, kit, admin, clock)
        return Slip(made.url, made.code, made.ca_fingerprint, kit, admin)

    made = slips.make_slips(kits, slip_for)
    if sheet is not None:
        opened = provision.open_gateway(folder, clock)
        dinas = str(opened.configuration.profile.get("dinas", ""))
        opened.engine.dispose()
        until = clock.local(clock.now() + provision.CODE_LIFE)
        pages = slips.print_sheet(sheet, dinas, made, until)
    if json:
        shown = [asdict(each) for each in made]
        show_json(shown[0] if table is None else shown)
    elif sheet is not None:
        say("slips.written", count=len(made), pages=pages, file=str(sheet))
    else:
        for each in made:
            say("slips.whose", kit=each.kit, admin=each.admin)
            say("cli.slip", url=each.url, code=each.code, fingerprint=each.ca_fingerprint)


@app.command("revoke", help="Tolak laptop yang hilang. / Shut a lost laptop out.")
def revoke(folder: DirOption, kit: Annotated[str, typer.Option("--kit", help="Id of the kit.")]) -> None:
    """Shut a lost kit and its users out at once, also while the gateway runs."""
    from sync.gateway import provision

    provision.revoke_kit(folder, kit, SystemClock(WIB))
    say("cli.revoked", kit=kit)


@app.command("revoke-user", help="Tolak seorang pengguna. / Shut a user out.")
def revoke_user(
    folder: DirOption,
    user_id: Annotated[str, typer.Argument(help="Id of the user.")],
    kit: Annotated[list[str] | None, typer.Option("--kit", help="Only on this kit; may be given again.")] = None,
) -> None:
    """End what a user has on every kit, or on some: their kits refuse the sign-in from the next sync on."""
    from sync.gateway.certificates import revoke_person

    with custody.gateway_at(folder) as gateway_context, gateway_context.engine.begin() as connection:
        ended = revoke_person(connection, user_id, kit or (), gateway_context.clock.now())
    say("cli.user_revoked", user=user_id, kits=", ".join(ended))


class OpenerPlace(StrEnum):
    """Where records are opened: by this gateway, or by `gateway open` elsewhere."""

    NONE = "none"
    INSIDE = "inside"


@app.command("serve", help="Jalankan gateway. / Run the gateway.")
def serve(
    folder: DirOption,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port; 0 chooses a free one.")] = 8443,
    ends_with_stdin: Annotated[
        bool, typer.Option("--end-with-stdin", help="Stop when standard input closes: never outlive who started us.")
    ] = False,
    database_url: Annotated[
        str, typer.Option("--database-url", help="Database, without a password; else FIELDKIT_DATABASE_URL.")
    ] = "",
    objects: Annotated[
        str, typer.Option("--objects", help="Store of the records, e.g. s3://bucket; else FIELDKIT_OBJECTS.")
    ] = "",
    workers: Annotated[
        int | None,
        typer.Option("--workers", min=1, max=256, envvar="FIELDKIT_WORKERS", help="Processes; several: PostgreSQL."),
    ] = None,
    opener: Annotated[
        OpenerPlace | None, typer.Option("--opener", envvar="FIELDKIT_OPENER", help="Who opens records.")
    ] = None,
    listening: Annotated[int | None, typer.Option("--listening", hidden=True)] = None,
) -> None:
    """Serve until SIGTERM or Ctrl-C; prints one line when it is ready. SIGHUP renews several workers in turn."""
    from fieldkit.app.bootstrap.data_center import Asked, Places, demand_no_password, end_with_input, serve_gateway

    if ends_with_stdin:
        end_with_input()
    if database_url:
        demand_no_password(database_url)
    asked = Asked(Places(database_url, objects), workers or 0, opener.value if opener else "", listening)
    serve_gateway(folder, host, port, _say_ready, asked)


def _say_ready(url: str) -> None:
    say("cli.gateway_ready", url=url)
    sys.stdout.flush()  # whoever started us waits for this line at the other end of a pipe
