#!/bin/sh
# Install what this checkout still lacks: Debian libraries, the virtual environment, the locked Python packages;
# with --with-services also what a large data center stands on, for its tests (Debian starts the database server that it
# installs; we start nothing). A second run only looks.
set -eu
cd "$(dirname "$0")/.."

UV_WANTED='uv>=0.13.8,<1'

# python3-venv: Debian's Python cannot make an environment without it.
# gcc … libpcsclite-dev: pyscard is built here. vsmartcard-vpcd: the virtual card reader of the demo.
# poppler-utils: what stands in a paper and who signed it, judged by another program (tests).
DEBIAN_PACKAGES="
    python3-venv python3-dev gcc libpcsclite-dev vsmartcard-vpcd openssl poppler-utils
    $(sed '/^#/d' packaging/debian/runtime-libraries)
"
# A database server, a security token in software, and a browser for the office page.
[ "${1:-}" != --with-services ] || DEBIAN_PACKAGES="$DEBIAN_PACKAGES postgresql softhsm2 chromium"

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        echo "setup: this needs root, and sudo is not installed: $*" >&2
        exit 3
    fi
}

missing_debian_packages() {
    for package in $DEBIAN_PACKAGES; do
        case " $installed " in
            *" $package "*) ;;
            *) printf '%s ' "$package" ;;
        esac
    done
}

install_debian_packages() {
    command -v apt-get >/dev/null || { echo "setup: no apt-get here; assuming the libraries named in packaging/setup.sh are present" >&2; return; }
    # One question for all packages: the usual answer costs some milliseconds.
    # shellcheck disable=SC2086
    installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $DEBIAN_PACKAGES 2>/dev/null \
        | sed -n 's/^installed //p' | tr '\n' ' ')
    missing=$(missing_debian_packages)
    [ -n "$missing" ] || return 0
    echo "setup: installing Debian packages: $missing"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install $missing >/dev/null
}

install_with_uv() {
    .venv/bin/uv sync --quiet --frozen --all-extras --python .venv/bin/python --no-python-downloads
}

# Where only pip knows the package index (pip.conf, PIP_INDEX_URL), pip installs the same locked versions and digests.
install_with_pip() {
    .venv/bin/uv export --quiet --frozen --all-extras --no-emit-project --output-file .venv/locked.txt
    .venv/bin/python -m pip install --quiet --require-hashes --requirement .venv/locked.txt
    .venv/bin/python -m pip install --quiet --no-deps --editable .
}

# Debian's own Python is what the packages run on, and is faster than one compiled without its profile (pyenv).
chosen_python() {
    debian=/usr/bin/python3
    $debian -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || debian=python3
    echo $debian
}

install_python_packages() {
    done_mark=.venv/ready
    newest=$(ls -t packaging/setup.sh pyproject.toml uv.lock $done_mark 2>/dev/null | head -n 1)
    [ "$newest" != "$done_mark" ] || return 0
    echo "setup: installing the locked Python packages into .venv"
    [ -x .venv/bin/pip ] || "$(chosen_python)" -m venv .venv
    [ -x .venv/bin/uv ] || .venv/bin/python -m pip install --quiet "$UV_WANTED"
    # uv reads SSL_CERT_FILE and UV_*; a machine set up for pip may name its certificates for pip only.
    [ -n "${SSL_CERT_FILE:-}" ] || [ -z "${PIP_CERT:-}" ] || export SSL_CERT_FILE="$PIP_CERT"
    export UV_HTTP_TIMEOUT="${UV_HTTP_TIMEOUT:-180}"
    install_with_uv || { echo "setup: uv could not fetch the packages; trying pip" >&2; install_with_pip; }
    touch $done_mark
}

# libifdvpcd opens its port on every interface and knows no option: where systemd starts pcscd, a library before libc moves
# the port to this machine, and nobody else may talk to the service.
keep_virtual_reader_to_this_machine() {
    unit=/etc/systemd/system/pcscd.service.d/fieldkit-loopback.conf
    library=/usr/local/lib/fieldkit-demo/loopback_only.so
    [ -d /run/systemd/system ] || return 0
    [ ! $library -nt packaging/loopback_only.c ] || [ ! $unit -nt packaging/loopback_only.c ] || return 0
    as_root mkdir -p "${unit%/*}" "${library%/*}"
    as_root gcc -shared -fPIC -o $library packaging/loopback_only.c -ldl
    printf '[Service]\nEnvironment=LD_PRELOAD=%s\nIPAddressDeny=any\nIPAddressAllow=localhost\n' $library | as_root tee $unit >/dev/null
    as_root systemctl daemon-reload
    as_root systemctl try-restart pcscd
}

install_debian_packages
keep_virtual_reader_to_this_machine
install_python_packages
