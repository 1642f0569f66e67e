"""What comes in and goes out, measured: python3 tests/bench/moving.py MARU [--messages 500000]

A Slack archive into an empty server; figures of the workspace over twice as many messages; a thousand
idle consumers; webhooks on loopback. Everything is made in a folder of its own and removed."""

import argparse
import http.server
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request
import zipfile

parser = argparse.ArgumentParser()
parser.add_argument("maru")
parser.add_argument("--messages", type=int, default=500_000)
parser.add_argument("--consumers", type=int, default=1_000)
asked = parser.parse_args()
place = tempfile.mkdtemp(prefix="maru-moving-")
data = os.path.join(place, "data")
WORDS = "배포 금요일 서버 로그 회의 점심 확인 부탁 오늘 내일 테스트 화면 오류 수정 완료 리뷰 문서 일정 고객 요청".split()


def archive(path, name, count):
    """Twenty channels, fifty people, five hundred messages a day."""
    channels, people, a_day = 20, 50, 500
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
        users = [{"id": f"U{n}", "name": f"{name}{n}", "profile": {"real_name": f"사람 {n}"}} for n in range(people)]
        out.writestr("users.json", json.dumps(users))
        rooms = [{"id": f"C{name}{n}", "name": f"{name}-{n}", "members": [u["id"] for u in users]} for n in range(channels)]
        out.writestr("channels.json", json.dumps(rooms))
        made = 0
        day = 0
        while made < count:
            date = time.strftime("%Y-%m-%d", time.gmtime(1_600_000_000 + day * 86_400))
            for room in rooms:
                messages = []
                for n in range(min(a_day, count - made)):
                    made += 1
                    text = " ".join(WORDS[(made * 7 + k * 3) % len(WORDS)] for k in range(8))
                    ts = f"{1_600_000_000 + day * 86_400 + n * 100}.{made % 1_000_000:06}"
                    messages.append({"type": "message", "user": f"U{made % people}", "text": text, "ts": ts})
                if messages:
                    out.writestr(f"{room['name']}/{date}.json", json.dumps(messages))
            day += 1


def load(path):
    began = time.monotonic()
    run = [asked.maru, "import", "--format", "slack", path, "--data-dir", data]
    said = subprocess.run(run, check=True, capture_output=True, text=True).stdout
    return time.monotonic() - began, said.strip()


def call(method, path, body=None, token=None):
    request = urllib.request.Request(origin + "/api/v1" + path, method=method)
    request.add_header("content-type", "application/json")
    if token:
        request.add_header("authorization", f"Bearer {token}")
    with urllib.request.urlopen(request, None if body is None else json.dumps(body).encode()) as answer:
        return json.loads(answer.read() or b"null")


def resident_mb(pid):
    with open(f"/proc/{pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1]) / 1024


def settled_mb(pid):
    """When what was freed is given back."""
    last = resident_mb(pid)
    for _ in range(20):
        time.sleep(3)
        now = resident_mb(pid)
        if abs(now - last) < 0.3:
            return now
        last = now
    return last


def percentile(times, part):
    return sorted(times)[min(len(times) - 1, int(len(times) * part))] * 1000


server = None
try:
    first, second = os.path.join(place, "a.zip"), os.path.join(place, "b.zip")
    archive(first, "a", asked.messages)
    seconds, said = load(first)
    print(f"import of a Slack archive of {asked.messages} messages: {seconds:.1f} s ({said})")
    archive(second, "b", asked.messages)
    load(second)
    server = subprocess.Popen(
        [asked.maru, "serve", "--listen", "127.0.0.1:0", "--data-dir", data, "--outbound-allow", "127.0.0.0/8"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )
    origin = re.search(r"http://\S+", server.stdout.readline())[0]
    invite = re.search(r"invite=(\S+)", server.stdout.readline())[1]
    account = {"username": "admin", "password": "세 마리의 고래와 등대", "invite": invite}
    token = call("POST", "/signup", account)["token"]
    began = time.monotonic()
    stats = call("GET", "/admin/stats?from=2020-09-01&to=2026-12-31", token=token)
    print(f"figures over {stats['totals']['messages']} messages, for the first time: {time.monotonic() - began:.2f} s")
    times = []
    for n in range(200):
        began = time.monotonic()
        call("GET", f"/admin/stats?from=2020-09-{1 + n % 28:02}&to=2020-12-31", token=token)
        times.append(time.monotonic() - began)
    print(f"figures of four months: p50 {percentile(times, 0.5):.1f} ms, p95 {percentile(times, 0.95):.1f} ms")

    room = call("POST", "/rooms", {"name": "bench"}, token)["id"]
    came, times = {}, []

    class Hook(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            came[body["data"]["message"]["id"]] = time.monotonic()
            self.send_response(204)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    hooks = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=hooks.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{hooks.server_port}/"
    call("POST", "/webhooks", {"url": url, "events": ["message.created"], "room_ids": [room]}, token)
    for n in range(300):
        message = call("POST", f"/rooms/{room}/messages", {"text": f"hook {n}"}, token)["id"]
        acknowledged = time.monotonic()
        while message not in came:
            time.sleep(0.0005)
        times.append(max(0, came[message] - acknowledged))
    print(f"webhook after the acknowledgement: p50 {percentile(times, 0.5):.1f} ms, p95 {percentile(times, 0.95):.1f} ms")

    before = settled_mb(server.pid)
    host, port = origin.removeprefix("http://").split(":")
    streams = []
    for n in range(asked.consumers):
        stream = socket.create_connection((host, int(port)))
        stream.sendall(f"GET /api/v1/events?consumer=c{n} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n".encode())
        stream.recv(1)
        streams.append(stream)
    grown = settled_mb(server.pid) - before
    print(f"{len(streams)} idle consumers: {grown:.1f} MB more memory")
finally:
    if server:
        server.terminate()
        server.wait()
    shutil.rmtree(place)
