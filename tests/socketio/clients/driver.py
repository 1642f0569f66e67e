"""usage: python driver.py URL OPTIONS; python-socketio as driver.mjs has the official client.
Its handlers name exactly the arguments that the events are documented to have, and it resumes by
`epoch` and `since`."""

import json
import socket
import sys

import socketio

URL, OPTIONS = sys.argv[1], json.loads(sys.argv[2])
auth = dict(OPTIONS["auth"])
sio = socketio.Client(reconnection_delay=0.05, reconnection_delay_max=0.2)


def tell(what):
    # One write: handlers run on threads of their own.
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


@sio.on("connect")
def connect():
    tell({"is": "connect", "transport": sio.transport()})


@sio.on("disconnect")
def disconnect(reason):
    tell({"is": "disconnect", "reason": reason})


@sio.on("ready")
def ready(event):
    auth.setdefault("epoch", event["epoch"])
    auth.setdefault("since", event["seq"])
    tell({"is": "event", "name": "ready", "args": [event]})


@sio.on("message.created")
def created(event):
    # This client runs its handlers in threads, so in any order.
    auth["since"] = max(auth["since"], event["seq"])
    tell({"is": "event", "name": "message.created", "args": [event]})


@sio.on("*")
def others(name, event):
    tell({"is": "event", "name": name, "args": [event]})


sio.connect(URL, auth=lambda: auth, transports=OPTIONS["transports"], wait_timeout=20)
for line in sys.stdin:
    for name, value in json.loads(line).items():
        if name == "ask":
            tell({"is": "answer", "args": [sio.call(value[0], value[1], timeout=20)]})
        elif name == "cut":
            sio.eio.ws.sock.shutdown(socket.SHUT_RDWR)
        elif name == "settle":
            # A cut that comes before a reconnection is quite finished is forgotten by this client.
            while sio._reconnect_task is not None or not sio.connected:
                sio.sleep(0.01)
            tell({"is": "settled"})
        elif name == "leave":
            sio.disconnect()
sio.disconnect()
