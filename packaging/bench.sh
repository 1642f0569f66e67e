#!/bin/sh
# Measures a binary on a data directory of its own and prints the figures of the README. Usage:
#   packaging/bench.sh target/release/maru [HISTORY.jsonl.gz]
set -eu

maru=$(realpath "${1:?"usage: $0 MARU [HISTORY]"}")
history=${2:+$(realpath "$2")}
place=$(mktemp -d)
server=
finish() {
	[ -z "$server" ] || kill "$server" 2>/dev/null || true
	[ -z "$server" ] || wait "$server" 2>/dev/null || true
	rm -rf "$place"
}
trap finish EXIT
trap 'exit 1' INT TERM
cd "$place"

title() {
	printf '\n== %s\n' "$*"
}

# Starts the server and waits for its line; sets url.
start() {
	: >out
	began=$(date +%s%N)
	"$maru" serve --listen 127.0.0.1:0 --signup open --log-level warn >out &
	server=$!
	until url=$(sed -n 's/^maru .* listening on //p' out) && [ -n "$url" ]; do
		kill -0 "$server" 2>/dev/null || exit 1
		sleep 0.005
	done
	ready_ms=$((($(date +%s%N) - began) / 1000000))
}

"$maru" version
if [ -n "$history" ]; then
	title "import"
	"$maru" import "$history"
fi
title "start"
start
echo "ready after $ready_ms ms"
sleep 2
grep VmRSS "/proc/$server/status"

if [ -n "$history" ]; then
	title "searches, first page"
	"$maru" bench "$url" --searches 2000
fi
title "posts, one at a time"
"$maru" bench "$url" --clients 1 --window 1 --messages 5000
title "posts, 64 in flight"
"$maru" bench "$url" --clients 1 --window 64 --messages 100000
title "50 posts a second to 1,000 sockets"
"$maru" bench "$url" --clients 1000 --rate 50 --messages 1000
title "deliveries to 1,000 sockets, 16 posts in flight"
"$maru" bench "$url" --clients 1000 --window 16 --messages 5000
title "memory of 1,000 idle sockets"
"$maru" bench "$url" --clients 1000 --idle
