"""redis-py reads the log of events: port, token, room, and a room that the token may not read."""
import json
import subprocess
import sys
import threading

import redis

port, token, room, other = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
stream = f"maru:room:{room}"


def texts(entries):
    events = [json.loads(fields["data"]) for _, fields in entries if fields["type"] == "message.created"]
    return [event["message"]["text"] for event in events]


def streams(answer):
    return dict(answer) if not isinstance(answer, dict) else {k: v[0] for k, v in answer.items()}


for protocol in (2, 3):
    r = redis.Redis(port=port, password=token, protocol=protocol, decode_responses=True)
    group = f"indexers-{protocol}"
    assert texts(r.xrange(stream)) == ["first", "second"]
    assert texts(r.xrevrange(stream, count=1)) == ["second"]
    assert texts(r.xrange("maru:events")) == ["first", "second"]
    assert r.xlen(stream) == len(r.xrange(stream)) >= 2
    assert r.xrange(f"maru:room:{other}") == [] and r.xlen(f"maru:room:{other}") == 0
    (last, fields), = r.xrevrange(stream, count=1)
    assert fields["seq"] == last.split("-")[0] and fields["room_id"] == room
    assert r.xrange(stream, min=f"({last}") == []
    first_two = r.xread({stream: "0"}, count=2)
    assert len(streams(first_two)[stream]) == 2
    assert not r.xread({stream: "$"}, block=20)
    info = r.xinfo_stream(stream)
    assert info["length"] == r.xlen(stream) and info["last-entry"][0] == last

    assert r.xgroup_create(stream, group, id="0") is True
    try:
        r.xgroup_create(stream, group, id="0")
        raise AssertionError("twice")
    except redis.ResponseError as error:
        assert str(error).startswith("BUSYGROUP")
    one = streams(r.xreadgroup(group, "a", {stream: ">"}, count=1))[stream]
    rest = streams(r.xreadgroup(group, "b", {stream: ">"}))[stream]
    assert [i for i, _ in one + rest] == [i for i, _ in r.xrange(stream)]
    assert not r.xreadgroup(group, "a", {stream: ">"}, block=20)
    assert r.xpending(stream, group)["pending"] == len(one) + len(rest)
    assert r.xack(stream, group, *[i for i, _ in rest]) == len(rest)
    assert streams(r.xreadgroup(group, "a", {stream: "0"}))[stream] == one
    claimed = r.xautoclaim(stream, group, "b", min_idle_time=0, start_id="0")
    assert claimed[1] == one, claimed
    assert r.xpending_range(stream, group, "-", "+", 10)[0]["consumer"] == "b"
    groups = {g["name"]: g for g in r.xinfo_groups(stream)}
    assert groups[group]["lag"] == 0 and groups[group]["pending"] == 1
    assert {c["name"] for c in r.xinfo_consumers(stream, group)} == {"a", "b"}

    for refused in (
        lambda: r.xadd(stream, {"a": "b"}),
        lambda: r.get("maru:events"),
        lambda: r.set("k", "v"),
        lambda: r.xrange("another:stream"),
        lambda: r.keys("*"),
        lambda: r.flushall(),
    ):
        try:
            refused()
            raise AssertionError("it was done")
        except redis.ResponseError as error:
            assert "NOPERM" in str(error) or "permission" in str(error).lower(), error
# Somebody who waits hears what is said meanwhile.
heard = []
reader = redis.Redis(port=port, password=token, decode_responses=True)
waits = threading.Thread(target=lambda: heard.append(reader.xread({stream: last}, block=20_000)))
waits.start()
print("waiting", flush=True)
waits.join()
assert texts(streams(heard[0])[stream]) == ["third"], heard

shown = subprocess.run(
    ["redis-cli", "-p", str(port), "-a", token, "--no-auth-warning", "XLEN", "maru:events"],
    capture_output=True, text=True, check=True,
).stdout
assert int(shown) > 0, shown
print("well", flush=True)
