#!/bin/sh
# Try the Debian packages of dist in a bare Debian 12: install those of an older commit, enrol, record, send, upgrade, purge; a line
# for each. Needs root, debootstrap and Debian's mirror. Usage: package_test.sh PYTHON COMMIT
set -eu
cd "$(dirname "$0")/.."
python=$(realpath -s "$1")
older=out/older
room=$(mktemp -d /var/tmp/fieldkit-package-test.XXXXXX)

end_all() { # whatever still runs with the room as its root
    for process in /proc/[0-9]*; do
        [ "$(readlink "$process/root" 2>/dev/null)" != "$room" ] || kill "${process#/proc/}" 2>/dev/null || true
    done
}

leave() {
    end_all
    sleep 1
    umount -l "$room/proc" "$room/dev" 2>/dev/null || true
    # Never through a mount that is still there.
    if ! mountpoint -q "$room/proc" && ! mountpoint -q "$room/dev"; then rm -rf --one-file-system "$room"; fi
    git worktree remove --force $older 2>/dev/null || true
}
trap leave EXIT

rm -rf $older
git worktree prune
git worktree add --quiet --detach $older "$2"
"$python" $older/packaging/package.py --version 0.0.1 --out $older/dist >/dev/null

inside() { chroot "$room" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME=/root "$@"; }
as() { who=$1; shift; inside runuser -u "$who" -- "$@"; }
done_with() { echo "package-test: $*"; }
fail() { echo "package-test: FAILED: $*" >&2; exit 1; }
installed() { inside dpkg-query -W -f '${Package} ${Version} ' fieldkit fieldkit-gateway; }
install() { # every package of a folder inside
    inside sh -c "apt-get -qq -y --no-install-recommends install $1/*.deb" >>"$room/apt.log" 2>&1 ||
        { tail -n 20 "$room/apt.log"; fail "install $1"; }
}

chmod 755 "$room"
debootstrap --variant=minbase bookworm "$room" >/dev/null
cp /etc/resolv.conf "$room/etc/resolv.conf"
mount -t proc proc "$room/proc"
mount --rbind /dev "$room/dev"
mount --make-rslave "$room/dev"
mkdir "$room/packages" "$room/older"
cp dist/*.deb "$room/packages"
cp $older/dist/*.deb "$room/older"
inside apt-get -qq update
done_with "a bare Debian 12 without Python"

install /older
done_with "installed the version before: $(installed)"
! inside sh -c 'command -v gcc || command -v vpcd || ls /usr/lib/fieldkit/lib/python3.11/site-packages/drivers/simulators' >/dev/null 2>&1 ||
    fail "a compiler, the virtual card reader or simulators came along"

center=/var/lib/fieldkit-gateway
as fieldkit-gateway fieldkit gateway init --dir $center --dinas "Dinas Uji" >/dev/null
as fieldkit-gateway sh -c "exec fieldkit gateway serve --dir $center --port 0" >"$room/serve.log" 2>&1 &
for _ in $(seq 100); do grep -q https "$room/serve.log" && break; sleep 0.2; done
grep -q https "$room/serve.log" || fail "the data center does not start: $(cat "$room/serve.log")"
url=$(grep -o 'https://[0-9.:]*[0-9]' "$room/serve.log")
done_with "the data center listens as user fieldkit-gateway"

inside useradd -m petugas
as fieldkit-gateway fieldkit gateway enrol-code --dir $center --kit K01 --admin admin --url "$url" --json >"$room/home/petugas/slip.json"
printf 'kata sandi uji paket 2026\n' >"$room/home/petugas/passphrase"
printf '482915\n' >"$room/home/petugas/pin"
inside chown -R petugas: /home/petugas
as petugas fieldkit enrol --home /home/petugas/kit --admin admin --name Admin --slip-file /home/petugas/slip.json \
    --passphrase-file /home/petugas/passphrase --pin-file /home/petugas/pin >/dev/null
done_with "a kit enrolled with the data center"

# The robot of the demo and the simulators come from the sources; screens, store, seal and gateway are the installed ones.
mkdir "$room/src"
git -C $older ls-files fieldkit/app/demo drivers/simulators | tar -C $older -cf - -T - | tar -xf - -C "$room/src"
cat >"$room/src/record.py" <<'PYTHON_PROGRAM'
import stat
import sys
from pathlib import Path

# What the robot starts is this program: the data center from its package, the devices from the sources.
PYTHON = """#!/bin/sh
[ "$3" != gateway ] || exec /usr/lib/fieldkit-gateway/bin/python3 -I "$@"
exec /usr/lib/fieldkit/bin/python3 -c 'import sys, drivers, runpy
drivers.__path__.append("/src/drivers")
sys.argv = sys.argv[2:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)' "$@"
"""

sys.path.append("/usr/lib/fieldkit-gateway/lib/python3.11/site-packages")  # the robot counts on that side too
import drivers
import fieldkit.app

drivers.__path__.append("/src/drivers")
fieldkit.app.__path__.append("/src/fieldkit/app")
started = Path("/src/python")
started.write_text(PYTHON)
started.chmod(started.stat().st_mode | stat.S_IXUSR)
sys.executable = str(started)
from fieldkit.app.demo.day import perform

report = perform(1, Path("/root/day"), 1, None, "id")
assert (report.sealed, report.acknowledged, report.lost) == (1, 1, 0), report
print(f"one person recorded, sealed, sent: {report.acknowledged} acknowledged, {report.lost} lost")
PYTHON_PROGRAM
inside env QT_QPA_PLATFORM=offscreen /usr/lib/fieldkit/bin/python3 -I /src/record.py >"$room/day.log" 2>&1 ||
    { tail -n 20 "$room/day.log"; fail "recording"; }
done_with "$(tail -n 1 "$room/day.log")"

digests() { inside sha256sum $center/gateway.json $center/receipt.key.pem /home/petugas/kit/kit.db; }
before=$(digests)
install /packages
done_with "upgraded to $(installed)"
[ "$before" = "$(digests)" ] || fail "the upgrade changed data"
as petugas fieldkit audit verify --home /home/petugas/kit --passphrase-file /home/petugas/passphrase >/dev/null ||
    fail "the kit does not open after the upgrade"
as fieldkit-gateway fieldkit gateway verify --dir $center >/dev/null || fail "the data center does not open after the upgrade"
done_with "data of kit and data center are the same after the upgrade, and open"

echo 'demo 246810 bukan sandi' >"$room/root/passphrase" # of the petugas of a demo
day() { inside fieldkit "$@" --home /root/day/home --user petugas --passphrase-file /root/passphrase; }
record=$(day queue --json | grep -o '"record_id": "[^"]*"') && day audit verify >/dev/null ||
    fail "the kit of the recorded person does not open after the upgrade"
inside fieldkit gateway verify --dir /root/day/data-center >/dev/null &&
    inside fieldkit gateway records list --dir /root/day/data-center --json | grep -qF "$record" ||
    fail "the data center of the recorded person does not open after the upgrade"
done_with "the person recorded before stands in the queue of the kit and among the records of the data center"

end_all
inside apt-get -qq -y purge fieldkit fieldkit-gateway >>"$room/apt.log" 2>&1 || fail "purge"
left=$(inside sh -c 'ls -d /usr/lib/fieldkit* /usr/bin/fieldkit /etc/default/fieldkit-gateway /usr/lib/udev/rules.d/70-fieldkit.rules 2>/dev/null' || true)
[ -z "$left" ] || fail "left behind: $left"
inside test -f $center/gateway.json || fail "the purge took records and keys"
done_with "purged; records and keys of the data center stay"
