#!/bin/bash
# Maru's Redis port beside a real redis-server, in turns: rates with redis-benchmark, fan-out, memory of
# small keys, and how long a chat's posts take while redis-benchmark runs flat out.
# usage: cargo build --release --bin maru --example resp-fanout; tests/bench/resp.sh [MARU_BINARY] [ROUNDS]
set -eu
maru=${1:-./target/release/maru}
rounds=${2:-3}
fanout=$(dirname "$maru")/examples/resp-fanout
ulimit -n 4096
work=$(mktemp -d)
trap 'kill $redis_pid $maru_pid $load_pid 2>/dev/null || true; wait; rm -rf "$work"' EXIT
load_pid=

# Both keep an append log that is synced every second, as a cache is run.
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
redis_port=$(free_port)
redis-server --port "$redis_port" --dir "$work" --save '' --appendonly yes --appendfsync everysec >/dev/null & redis_pid=$!
"$maru" serve --data-dir "$work/maru" --listen 127.0.0.1:0 --resp-listen 127.0.0.1:0 --signup open >"$work/out" 2>"$work/err" & maru_pid=$!
until grep -q 'Redis protocol' "$work/out"; do kill -0 $maru_pid; sleep 0.05; done
maru_port=$(sed -n 's/.*Redis protocol is served on .*:\([0-9]*\)$/\1/p' "$work/out")
maru_url=$(sed -n 's/^maru .* listening on //p' "$work/out")
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

row() { printf '| %-24s | %12.0f | %12.0f | %5.2f |\n' "$1" "$2" "$3" "$(echo "$3 $2" | awk '{print $1/$2}')"; }
resident() { awk '/^VmRSS/ {print $2 * 1024}' "/proc/$1/status"; }

printf '| %-24s | %12s | %12s | %5s |\n' '' redis-server Maru ratio
echo '|---|---:|---:|---:|'

# Before anything else has grown either of them.
keys=1000000
fill() { awk -v n=$keys 'BEGIN {for (i = 0; i < n; i++) printf "SET key:%d value:%d\r\n", i, i}' | redis-cli -p "$1" --pipe >/dev/null; }
cost() { # port pid
    before=$(resident "$2"); fill "$1"; echo $((($(resident "$2") - before) / keys))
}
row 'bytes per small key' "$(cost "$redis_port" $redis_pid)" "$(cost "$maru_port" $maru_pid)"
redis-cli -p "$redis_port" flushall >/dev/null; redis-cli -p "$maru_port" flushall >/dev/null
while IFS='|' read -r name requests arguments; do
    : >"$work/redis"; : >"$work/maru.rates"
    for ((round = 0; round < rounds; round++)); do
        rate "$redis_port" "$requests" "$arguments" >>"$work/redis"
        rate "$maru_port" "$requests" "$arguments" >>"$work/maru.rates"
    done
    row "$name" "$(median <"$work/redis")" "$(median <"$work/maru.rates")"
done <<<"$cases"

for subscribers in 100 1000; do
    for in_flight in 1 16; do
        messages=$((500000 * (in_flight > 1 ? 4 : 1) / subscribers))
        "$fanout" "127.0.0.1:$redis_port" "127.0.0.1:$maru_port" --subscribers $subscribers \
            --in-flight $in_flight --messages $messages --rounds "$rounds" >"$work/fanout"
        # shellcheck disable=SC2046
        row "fan-out to $subscribers, $in_flight in flight" $(awk '{print $2}' "$work/fanout")
    done
done

for load in '-t set' '-P 16 -t set'; do
    # shellcheck disable=SC2086
    redis-benchmark -p "$maru_port" -c 50 -n 1000000000 -r 100000 -q $load >/dev/null 2>&1 & load_pid=$!
    for ((round = 0; round < rounds; round++)); do
        "$maru" bench "$maru_url" --clients 20 --rate 50 --messages 500 | awk '/^acknowledgement/ {print $4}'
    done | median | sed "s/^/a post's p99 in ms while redis-benchmark $load runs: /"
    kill $load_pid; wait $load_pid 2>/dev/null || true
done
