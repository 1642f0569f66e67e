#!/bin/sh
# Installs, runs, removes and purges a built package on this machine, as root. Usage:
#   packaging/test-deb.sh target/debian/maru_0.1.0-1_amd64.deb
# Works with and without a running systemd. Refuses where a maru is installed already.
set -eu

fail() {
	echo "test-deb: $*" >&2
	exit 1
}

deb=${1:?"usage: $0 FILE.deb"}
[ "$(id -u)" = 0 ] || fail "run this as root"
dpkg -s maru >/dev/null 2>&1 && fail "maru is installed here already; remove it first"
[ ! -e /var/lib/maru ] || fail "/var/lib/maru exists; this test would touch it"
export DEBIAN_FRONTEND=noninteractive

# What 0.1.0 left behind, with a message in it, as if its package had been there before.
old=$(dirname "$0")/../tests/fixtures/v0.1.0-killed
[ -d "$old" ] || fail "$old is not there; run this from the sources"
if ! getent passwd maru >/dev/null; then
	adduser --system --group --quiet --no-create-home --home /var/lib/maru --shell /usr/sbin/nologin maru
fi
cp -r "$old" /var/lib/maru
rm -f /var/lib/maru/lock
chown -R maru:maru /var/lib/maru && chmod 700 /var/lib/maru

echo "install over what 0.1.0 wrote"
apt-get install -y -qq --no-install-recommends "$(realpath "$deb")" >/dev/null
[ "$(stat -c '%U %a' /var/lib/maru)" = "maru 700" ] || fail "/var/lib/maru is not maru's alone"
[ -e /lib/systemd/system/maru.service ] || fail "no unit"
[ -e /etc/systemd/system/multi-user.target.wants/maru.service ] || fail "the unit is not enabled"
maru version

echo "run as its user, on its settings"
log=$(mktemp)
if [ -d /run/systemd/system ]; then
	systemctl is-active --quiet maru || fail "the service is not active"
else
	runuser -u maru -- maru serve --config /etc/maru/maru.toml --listen 127.0.0.1:0 >"$log" 2>&1 &
	server=$!
	for _ in $(seq 100); do
		grep -q "listening on" "$log" && break
		sleep 0.1
	done
	grep "listening on" "$log" || fail "it did not start: $(cat "$log")"
fi
maru healthcheck --ready --config /etc/maru/maru.toml
had=$(maru export --config /etc/maru/maru.toml | wc -l)
[ "$had" -gt 0 ] || fail "the history of 0.1.0 is gone"
echo "the history of 0.1.0 is there: $had messages"

echo "add somebody beside it"
echo "correct horse battery" | maru user add tester --password-stdin --config /etc/maru/maru.toml
if [ -n "${server:-}" ]; then
	kill "$(head -1 /var/lib/maru/lock)"
	wait "$server" || fail "it ended with status $?"
fi

echo "upgrade to it without anybody there, with changed settings"
echo '# changed by hand' >>/etc/maru/maru.toml
newer=$(mktemp -d)
dpkg-deb -R "$deb" "$newer/tree"
sed -i 's/^Version: .*/&+1/' "$newer/tree/DEBIAN/control"
dpkg-deb -b --root-owner-group "$newer/tree" "$newer/maru.deb" >/dev/null
apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-confold "$newer/maru.deb" </dev/null >/dev/null
dpkg -s maru | grep -q '^Version: .*+1$' || fail "it is the old version still"
grep -q 'changed by hand' /etc/maru/maru.toml || fail "the settings were overwritten"
[ "$(maru export --data-dir /var/lib/maru 2>/dev/null | wc -l)" = "$had" ] || fail "the upgrade lost messages"
maru check --data-dir /var/lib/maru || fail "the upgrade left something damaged"
rm -rf "$newer"

echo "remove"
apt-get remove -y -qq maru >/dev/null
[ ! -e /usr/bin/maru ] || fail "the binary is still there"
[ -e /etc/maru/maru.toml ] || fail "remove took the settings"
[ -e /var/lib/maru/log ] || fail "remove took the history"

echo "purge"
apt-get purge -y -qq maru >/dev/null
[ ! -e /etc/maru ] || fail "purge left the settings"
[ -e /var/lib/maru/log ] || fail "purge took the history"
[ ! -e /etc/systemd/system/multi-user.target.wants/maru.service ] || fail "purge left the unit enabled"
[ ! -L /etc/systemd/system/maru.service ] || fail "purge left the unit masked"

rm -rf /var/lib/maru "$log"
userdel maru
echo "test-deb: all is well"
