"""Commands on letters: check a signature, set electronic signatures up."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from fieldkit.app.cli.kit import opened_context
from fieldkit.app.cli.options import HomeOption, JsonOption, PassphraseOption, UserOption, home_at, passphrase_from
from fieldkit.app.cli.speech import messages, say, show_json, show_table
from fieldkit.domain.errors import InputError
from fieldkit.media.place import Place
from fieldkit.ports.signer import Standing, Verdict

_MOST_BYTES = 64_000_000
letter = typer.Typer(help="Surat dan tanda tangan elektronik. / Letters and signatures.", no_args_is_help=True)


@letter.command("verify", help="Periksa tanda tangan sebuah surat PDF. / Check the signatures of a PDF.")
def verify(
    file: Annotated[Path, typer.Argument(help="PDF file.")],
    trust: Annotated[
        list[Path] | None, typer.Option("--trust", help="Trusted authorities (PEM); else those of the kit of --user.")
    ] = None,
    home: HomeOption = None,
    user: UserOption = "",
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> None:
    """Say what the signatures are worth; works offline. Exit code 3 unless they are valid."""
    pdf = _content(file)
    if trust or not user:
        from fieldkit.app.bootstrap.signing_parts import LaptopBench
        from fieldkit.domain.letters.signing import SigningSettings

        pem = "\n".join(_content(path).decode("ascii", "replace") for path in trust or ())
        clock = home_at(home).clock()
        verdict, local = LaptopBench(clock).verifier(SigningSettings(trust=pem)).verify(pdf), clock.local
    else:
        with opened_context(home_at(home), user, passphrase_file) as context:
            verdict, local = context.office.signing.verify(pdf), context.clock.local
    if json:
        show_json(_as_json(verdict))
    else:
        said = messages()
        say(f"tte.verdict.{verdict.standing.value}")
        say(f"tte.meaning.{verdict.standing.value}")
        rows = [
            (
                seen.signer,
                local(seen.signed_at).strftime("%d-%m-%Y %H.%M") if seen.signed_at else "–",
                *(said.text(f"tte.{name}" if holds else f"tte.not_{name}") for name, holds in _holds(seen)),
            )
            for seen in verdict.signatures
        ]
        if rows:
            columns = [said.text(f"tte.col_{name}") for name in ("signer", "time", "intact", "whole", "trusted")]
            show_table("", columns, rows)
    if verdict.standing is not Standing.VALID:
        raise typer.Exit(3)


@letter.command("set-service", help="Atur layanan TTE (BSrE). / Set the signing service.")
def set_service(
    url: Annotated[str, typer.Option("--url", help="Address of the e-sign client service, https://…")],
    service_user: Annotated[str, typer.Option("--service-user", help="User name of the office at the service.")],
    admin: Annotated[str, typer.Option("--admin", help="User id of the admin.")],
    secret_file: Annotated[Path | None, typer.Option("--secret-file", help="File with the office's secret.")] = None,
    ca: Annotated[Path | None, typer.Option("--ca", help="CA of the service's TLS (PEM); else the system's.")] = None,
    trust: Annotated[list[Path] | None, typer.Option("--trust", help="Authorities of signers (PEM).")] = None,
    nik: Annotated[list[str] | None, typer.Option("--nik", help="USER=FILE: file with the signer's NIK.")] = None,
    home: HomeOption = None,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Keep how this kit signs; secrets and NIK are read from files, so that no history of commands holds them."""
    secret = passphrase_from(secret_file, "tte.ask_secret")
    with opened_context(home_at(home), admin, passphrase_file) as context:
        setup = context.office.signing_setup
        setup.set_service(url, service_user, secret, _content(ca).decode("ascii", "replace") if ca else "")
        if trust:
            setup.set_trust("\n".join(_content(path).decode("ascii", "replace") for path in trust))
        for told in nik or ():
            signer, _, file = told.partition("=")
            setup.set_nik(signer, passphrase_from(Path(file)))
    say("tte.set")


@letter.command("set-certificate", help="Pasang sertifikat kantor (PKCS #12). / Install the office's certificate.")
def set_certificate(
    file: Annotated[Path, typer.Argument(help="PKCS #12 file.")],
    admin: Annotated[str, typer.Option("--admin", help="User id of the admin.")],
    certificate_passphrase_file: Annotated[
        Path | None, typer.Option("--certificate-passphrase-file", help="Its passphrase; else it is asked.")
    ] = None,
    home: HomeOption = None,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Sign with the office's certificate from now on; its passphrase is checked here and not kept."""
    passphrase = passphrase_from(certificate_passphrase_file, "tte.ask_certificate")
    with opened_context(home_at(home), admin, passphrase_file) as context:
        found = context.office.signing_setup.set_certificate(_content(file), passphrase)
    say("tte.certificate_set", name=found.name, until=found.valid_until.strftime("%d-%m-%Y"))


def _content(file: Path) -> bytes:
    try:
        return Place.of_file(file).read(_MOST_BYTES)
    except OSError as error:
        raise InputError("tte.file_unreadable", path=str(file)) from error


def _holds(seen: Any) -> tuple[tuple[str, bool], ...]:
    return ("intact", seen.is_intact), ("whole", seen.covers_all), ("trusted", seen.is_trusted)


def _as_json(verdict: Verdict) -> dict[str, Any]:
    return {
        "verdict": verdict.standing.value,
        "sentence": messages().text(f"tte.verdict.{verdict.standing.value}"),
        "signatures": [
            {
                "signer": seen.signer,
                "issuer": seen.issuer,
                "signed_at": seen.signed_at.isoformat() if seen.signed_at else None,
                "time_certified": seen.is_time_certified,
                "intact": seen.is_intact,
                "trusted": seen.is_trusted,
                "covers_whole_document": seen.covers_all,
            }
            for seen in verdict.signatures
        ],
    }
