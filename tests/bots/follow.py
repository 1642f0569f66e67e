"""A consumer that misses nothing and does nothing twice, with Python's own library alone:

    MARU_URL=https://chat.example.org MARU_TOKEN=maru_pat_… python follow.py NAME

Its token needs the scopes events:read and events:write. Each event is done, then committed; after a
crash the stream goes on behind what was committed last."""

import json
import os
import sys
import urllib.request

url, token, name = os.environ["MARU_URL"], os.environ["MARU_TOKEN"], sys.argv[1]


def request(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    return urllib.request.urlopen(urllib.request.Request(url + path, data, headers))


event, seq = None, None
for line in request(f"/api/v1/events?consumer={name}"):
    field, _, value = line.decode().rstrip("\n").partition(": ")
    if field == "event":
        event = value
    elif field == "id":
        seq = int(value)
    elif field == "data":
        body = json.loads(value)
        if event == "ready":
            print("ready", flush=True)
        elif event == "message.created":
            print(body["message"]["text"], flush=True)
            request(f"/api/v1/consumers/{name}/commit", {"seq": body["seq"]}).close()
