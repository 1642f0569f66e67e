#!/usr/bin/env python3
"""What a backup, a restore, a scrape and a second place cost: prints the rows of README's table.

    tests/bench/backup.py MARU [MESSAGES]

MARU is a release build. Posts come at 100 a second while the backup is made.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from types import SimpleNamespace

from scale import Client, Posting, Server, account, percentile, sign_in, spread, write_history

METRICS = "127.0.0.1:18998"


def serve(maru, directory, **settings):
    """A server; settings stand in the environment, as MARU_*."""
    for name in ("METRICS_LISTEN", "POSTS_PER_MINUTE", "REPLICATE"):
        os.environ.pop(f"MARU_{name}", None)
    os.environ.update({f"MARU_{name}": value for name, value in settings.items()})
    return Server(maru, directory)


def row(what, figure, wanted=""):
    print(f"| {what} | {figure} | {wanted} |", flush=True)


def posts_per_s(maru, server):
    token = sign_in(server, "boss").token
    load = [maru, "bench", f"http://{server.address}", "--clients", "1", "--window", "64", "--messages", "20000", "--json"]
    runs = [subprocess.run(load, capture_output=True, text=True, env={**os.environ, "MARU_TOKEN": token}) for _ in range(3)]
    return sorted(json.loads(run.stdout)["load"]["posts_per_s"] for run in runs)[1]


def main(maru, messages=1_000_000):
    home = tempfile.mkdtemp(prefix="maru-backup-")
    history, data, archive = f"{home}/h.jsonl.gz", f"{home}/data", f"{home}/backup.tar.zst"
    lines, _ = write_history(history, SimpleNamespace(messages=int(messages), rooms=5_000, people=10_000, big=0))
    subprocess.run([maru, "import", history, "--data-dir", data], check=True, capture_output=True)
    account(maru, data, "boss", "admin")
    account(maru, data, "caller", "member")
    print(f"| what ({lines:,} messages) | figure | wanted |\n|---|---|---|")

    server = serve(maru, data, METRICS_LISTEN=METRICS, POSTS_PER_MINUTE="10000000")
    caller = sign_in(server, "caller")
    room = caller.json("GET", "/rooms")[0]["id"]
    posting = Posting(caller, room, 100)
    posting.start()
    time.sleep(8)
    times = posting.stop()
    row("posts at 100/s, nothing else going on", f"{spread(times)}, longest {max(times):.0f} ms")
    posting = Posting(caller, room, 100)
    posting.start()
    began = time.perf_counter()
    subprocess.run([maru, "backup", archive, "--data-dir", data], check=True, capture_output=True)
    took, times = time.perf_counter() - began, posting.stop()
    row("backup", f"{took:.1f} s, {os.path.getsize(archive) / 1e6:.0f} MB", "20 s")
    row("posts meanwhile", f"{spread(times)}, longest {max(times):.0f} ms", "50 ms")
    times = []
    for _ in range(100):
        began = time.perf_counter()
        urllib.request.urlopen(f"http://{METRICS}/metrics").read()
        times.append((time.perf_counter() - began) * 1000)
    row("scrape of the metrics", f"p50 {percentile(times, 0.5):.1f} ms, p95 {percentile(times, 0.95):.1f} ms", "5 ms")
    alone = posts_per_s(maru, server)
    server.stop()

    began = time.perf_counter()
    subprocess.run([maru, "restore", archive, "--data-dir", f"{home}/restored"], check=True, capture_output=True)
    server = serve(maru, f"{home}/restored")
    row("restore, until it serves", f"{time.perf_counter() - began:.1f} s", "30 s")
    Client(server).call("GET", "/server")
    server.stop()

    server = serve(maru, data, REPLICATE=f"file://{home}/second", POSTS_PER_MINUTE="10000000")
    # The first snapshot is made once; what is measured is what goes on.
    while not any(name.startswith("snap") for _, folders, files in os.walk(f"{home}/second") for name in folders + files):
        time.sleep(0.5)
    both = posts_per_s(maru, server)
    server.stop()
    row("posts/s with 64 in flight, alone and with `--replicate file://`", f"{alone:,.0f} and {both:,.0f}", "at most 10 % less")
    subprocess.run(["rm", "-rf", home], check=True)


main(*sys.argv[1:])
