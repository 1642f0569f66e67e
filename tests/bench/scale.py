#!/usr/bin/env python3
"""How Maru does in a large house: prints the rows of README's table.

    tests/bench/scale.py MARU [--messages 1000000] [--big 1000000] [--rooms 5000] [--people 10000]
                              [--listeners 10000] [--keep DIR]

MARU is a release build. Needs nothing but Python; loads its own directory, takes some minutes.
"""

import argparse
import gzip
import http.client
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from urllib.parse import quote

WORDS = (
    "오늘 회의 자료는 공유 폴더에 올려 두었습니다 확인 부탁 드려요 배포 일정 서버 점검 내일 오전 "
    "검색 결과 정리 영화 추천 감사합니다 점심 메뉴 프로젝트 마감 디자인 시안 고객 문의 답변 완료 "
    "the deploy is through error rates look normal review please ok thanks"
).split()
PASSWORD = "correct horse battery staple"


def text(dice):
    return " ".join(dice.choice(WORDS) for _ in range(dice.randint(2, 14)))


def write_history(path, args):
    """One line a message; the caller says something in fifty rooms, and so is in them."""
    dice = random.Random(42)
    bytes_of_text = 0
    with gzip.open(path, "wt", compresslevel=1) as out:

        def line(n, room, user):
            nonlocal bytes_of_text
            said = text(dice)
            bytes_of_text += len(said.encode())
            at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1_700_000_000 + n * 20))
            row = {"id": f"m{n}", "room": room, "user": user, "sent_at": at, "text": said}
            out.write(json.dumps(row, ensure_ascii=False) + "\n")

        n = 0
        for room in range(50):
            line(n, f"room {room * 97 % args.rooms}", "caller")
            n += 1
        while n < args.messages:
            # A few rooms have most of what is said.
            room = int(args.rooms * dice.random() ** 2)
            line(n, f"room {room}", f"person{dice.randrange(args.people)}")
            n += 1
        for _ in range(args.big):
            line(n, "big room", f"person{dice.randrange(100)}")
            n += 1
    return n, bytes_of_text


class Server:
    def __init__(self, maru, directory):
        self.log, self.lines = [], threading.Condition()
        began = time.perf_counter()
        self.process = subprocess.Popen(
            [maru, "serve", "--data-dir", directory, "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self.read, daemon=True).start()
        self.address = self.wait(r"listening on http://(\S+)", 600).group(1)
        self.ready_ms = (time.perf_counter() - began) * 1000
        self.began = began

    def read(self):
        for line in self.process.stdout:
            with self.lines:
                self.log.append(re.sub(r"\x1b\[[0-9;]*m", "", line))
                self.lines.notify_all()

    def wait(self, pattern, seconds, since=0):
        until = time.monotonic() + seconds
        with self.lines:
            while True:
                for line in self.log[since:]:
                    if found := re.search(pattern, line):
                        return found
                left = until - time.monotonic()
                if left <= 0 or self.process.poll() is not None:
                    raise SystemExit(f"the server never said {pattern}:\n" + "".join(self.log[-20:]))
                self.lines.wait(min(left, 1))

    def resident_mb(self):
        status = open(f"/proc/{self.process.pid}/status").read()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)


class Client:
    def __init__(self, server, token=None):
        self.connection = http.client.HTTPConnection(server.address, timeout=120)
        self.token, self.last = token, 0

    def call(self, method, path, body=None):
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        payload = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            payload = json.dumps(body)
        if time.monotonic() - self.last > 3:
            # The server closes connections on which nothing comes.
            self.connection.close()
        self.connection.request(method, "/api/v1" + path, payload, headers)
        answer = self.connection.getresponse()
        data = answer.read()
        self.last = time.monotonic()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {data[:300]!r}")
        return data

    def json(self, method, path, body=None):
        return json.loads(self.call(method, path, body))


def percentile(times, part):
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def timed(count, ask):
    times, size = [], 0
    for n in range(count):
        began = time.perf_counter()
        size = len(ask(n))
        times.append((time.perf_counter() - began) * 1000)
    return times, size


class Posting(threading.Thread):
    """Posts evenly until it is told to stop; what comes late counts from when it was due."""

    def __init__(self, client, room, per_second):
        super().__init__(daemon=True)
        self.client, self.room, self.every = client, room, 1 / per_second
        self.times, self.over = [], threading.Event()

    def run(self):
        due = time.perf_counter()
        while not self.over.is_set():
            time.sleep(max(0, due - time.perf_counter()))
            self.client.call("POST", f"/rooms/{self.room}/messages", {"text": "다른 방의 이야기"})
            self.times.append((time.perf_counter() - due) * 1000)
            due += self.every

    def stop(self):
        self.over.set()
        self.join()
        return self.times


ROWS = []


def row(what, figure, wanted=""):
    ROWS.append((what, figure, wanted))
    print(f"| {what} | {figure} | {wanted} |", flush=True)


def spread(times):
    return f"p50 {percentile(times, 0.5):.1f} ms, p95 {percentile(times, 0.95):.1f} ms, p99 {percentile(times, 0.99):.1f} ms"


def account(maru, directory, name, role):
    made = subprocess.run(
        [maru, "user", "add", name, "--role", role, "--password-stdin", "--data-dir", directory],
        input=PASSWORD + "\n", text=True, capture_output=True,
    )
    if made.returncode:
        subprocess.run(
            [maru, "user", "passwd", name, "--password-stdin", "--data-dir", directory],
            input=PASSWORD + "\n", text=True, check=True, capture_output=True,
        )


def state_bytes(directory):
    return os.path.getsize(os.path.join(directory, "state.redb"))


def sign_in(server, name):
    token = Client(server).json("POST", "/login", {"username": name, "password": PASSWORD})["token"]
    return Client(server, token)


def measure_reads(caller):
    times, size = timed(300, lambda _: caller.call("GET", "/rooms"))
    row("`GET /rooms`, the caller's 50", f"{spread(times)}; {size // 1000} kB", "p95 ≤ 5 ms")
    pages = [f"/rooms/directory?q={quote(q)}&limit=50" for q in ("", "room", "room 4", "big")]
    times, _ = timed(300, lambda n: caller.call("GET", pages[n % len(pages)]))
    row("a page of the directory", spread(times), "")
    typed = [word[: 1 + n % len(word)] for n, word in enumerate(WORDS * 8)]
    times, _ = timed(300, lambda n: caller.call("GET", "/search/suggest?q=" + quote(typed[n % len(typed)])))
    row("suggestions while typing", spread(times), "p95 ≤ 10 ms")
    times, _ = timed(300, lambda n: caller.call("GET", "/search?q=" + quote(WORDS[n % len(WORDS)])))
    row("first page of a search", spread(times), "")


def measure_deleting(server, boss, caller, rooms, big):
    room = next(r for r in boss.json("GET", "/rooms/directory?q=big")["rooms"] if r["name"] == "big room")
    alone = Posting(caller, rooms[0], 100)
    alone.start()
    time.sleep(10)
    row("posts at 100/s, nothing else going on", spread(alone.stop()), "")
    posting = Posting(caller, rooms[0], 100)
    posting.start()
    began, since = time.perf_counter(), len(server.log)
    boss.call("DELETE", f"/rooms/{room['id']}")
    answered = (time.perf_counter() - began) * 1000
    server.wait(r"a deleted room is cleared away", 1800, since)
    took = time.perf_counter() - began
    times = posting.stop()
    row(
        f"deleting a room of {big:,} messages",
        f"answered in {answered:.0f} ms, cleared away in {took:.1f} s; others' posts meanwhile {spread(times)}",
        "p99 ≤ 20 ms",
    )


def measure_listeners(maru, server, caller, rooms, listeners, token):
    posting = Posting(caller, rooms[1], 50)
    load = subprocess.Popen(
        [maru, "bench", f"http://{server.address}", "--clients", str(listeners), "--rate", "50",
         "--messages", "3000", "--timeout", "120s", "--json", "--pid", str(server.process.pid)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env={**os.environ, "MARU_TOKEN": token},
    )
    # Its sockets have to be there first.
    time.sleep(20)
    posting.start()
    out, _ = load.communicate(timeout=900)
    row(f"posts in another room while {listeners:,} listen to one at 50 posts/s",
        spread(posting.stop()), "p99 ≤ 10 ms")
    print(f"  (the load generator: {out.strip()[:600]})", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("maru")
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--big", type=int, default=1_000_000)
    parser.add_argument("--rooms", type=int, default=5_000)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--listeners", type=int, default=10_000)
    parser.add_argument("--keep")
    parser.add_argument("--compaction", action=argparse.BooleanOptionalAction, default=True)
    args = parser.parse_args()
    home = args.keep or tempfile.mkdtemp(prefix="maru-scale-")
    os.makedirs(home, exist_ok=True)
    directory, history = os.path.join(home, "data"), os.path.join(home, "history.jsonl.gz")
    print(f"| what ({args.messages:,} messages, {args.rooms:,} rooms, {args.people:,} people) | figure | wanted |")
    print("|---|---|---|")
    lines, bytes_of_text = write_history(history, args)
    began = time.perf_counter()
    subprocess.run([args.maru, "import", history, "--data-dir", directory], check=True, capture_output=True)
    took = time.perf_counter() - began
    row("import into log and state", f"{lines / took:,.0f} messages/s", "")
    account(args.maru, directory, "boss", "admin")
    account(args.maru, directory, "caller", "member")
    per_text = bytes_of_text / lines
    grown = state_bytes(directory)
    server = Server(args.maru, directory)
    try:
        caller, boss = sign_in(server, "caller"), sign_in(server, "boss")
        # The index is built first.
        while caller.json("GET", "/search?q=" + quote("회의")).get("partial"):
            time.sleep(2)
        if args.compaction and grown >= 16 << 20:
            # A smaller one is left alone.
            server.wait(r"the state is compacted", 900)
        small = state_bytes(directory)
        row("bytes of state a message, as it grew and compacted",
            f"{grown / lines:.0f}, {small / lines:.0f} (of which {per_text:.0f} of text)", "≤ 300")
        server.stop()
        server = Server(args.maru, directory)
        caller, boss = sign_in(server, "caller"), sign_in(server, "boss")
        caller.call("GET", "/search?q=" + quote("회의"))
        row("start, until it listens", f"{server.ready_ms:.0f} ms", "≤ 300 ms")
        time.sleep(10)
        row("resident when idle, after one search", f"{server.resident_mb():.0f} MB", "≤ 120 MB")
        measure_reads(caller)
        rooms = [room["id"] for room in caller.json("GET", "/rooms")]
        measure_deleting(server, boss, caller, rooms, args.big)
        if args.listeners:
            measure_listeners(args.maru, server, caller, rooms, args.listeners, caller.token)
    finally:
        server.stop()
        if not args.keep:
            shutil.rmtree(home)


if __name__ == "__main__":
    main()
