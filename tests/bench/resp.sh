#!/bin/bash
# Maru's Redis port beside a real redis-server, in turns, with redis-benchmark: rates and their ratio.
# usage: tests/bench/resp.sh [MARU_BINARY] [ROUNDS]
set -eu
maru=${1:-./target/release/maru}
rounds=${2:-3}
work=$(mktemp -d)
trap 'kill $redis_pid $maru_pid 2>/dev/null || true; rm -rf "$work"' EXIT

# Both keep an append log that is synced every second, as a cache is run.
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
redis_port=$(free_port)
redis-server --port "$redis_port" --dir "$work" --save '' --appendonly yes --appendfsync everysec >/dev/null & redis_pid=$!
"$maru" serve --data-dir "$work/maru" --listen 127.0.0.1:0 --resp-listen 127.0.0.1:0 >"$work/out" 2>"$work/err" & maru_pid=$!
until grep -q 'Redis protocol' "$work/out"; do kill -0 $maru_pid; sleep 0.05; done
maru_port=$(sed -n 's/.*Redis protocol is served on .*:\([0-9]*\)$/\1/p' "$work/out")
until redis-cli -p "$redis_port" ping >/dev/null 2>&1; do sleep 0.05; done

# name | requests | arguments of redis-benchmark
cases='SET|400000|-t set
GET|400000|-t get
INCR|400000|-t incr
PUBLISH|400000|publish channel message
SET EX|400000|set key:__rand_int__ value ex 3600
SET -P 16|2000000|-P 16 -t set
GET -P 16|2000000|-P 16 -t get
INCR -P 16|2000000|-P 16 -t incr
PUBLISH -P 16|2000000|-P 16 publish channel message
SET EX -P 16|2000000|-P 16 set key:__rand_int__ value ex 3600'

rate() { # port requests arguments
    # shellcheck disable=SC2086
    redis-benchmark -p "$1" -c 50 -n "$2" -r 100000 --csv $3 2>/dev/null | tail -1 | cut -d'"' -f4
}
median() { sort -n | awk '{v[NR]=$1} END {print v[int((NR+1)/2)]}'; }

printf '| %-14s | %12s | %12s | %5s |\n' command redis-server Maru ratio
echo '|---|---:|---:|---:|'
while IFS='|' read -r name requests arguments; do
    : >"$work/redis"; : >"$work/maru.rates"
    for ((round = 0; round < rounds; round++)); do
        rate "$redis_port" "$requests" "$arguments" >>"$work/redis"
        rate "$maru_port" "$requests" "$arguments" >>"$work/maru.rates"
    done
    a=$(median <"$work/redis"); b=$(median <"$work/maru.rates")
    printf '| %-14s | %12.0f | %12.0f | %5.2f |\n' "$name" "$a" "$b" "$(echo "$b $a" | awk '{print $1/$2}')"
done <<<"$cases"
