"""usage: python run.py URL TRANSPORTS; scenarios of python-socketio against the echo server."""

import queue
import sys
import threading

import socketio

URL, TRANSPORTS = sys.argv[1], sys.argv[2].split(",")


class Client:
    """A client whose events wait in a queue."""

    def __init__(self, namespaces=("/",), auth=None):
        self.heard = queue.Queue()
        self.sio = socketio.Client(reconnection_delay=0.05, reconnection_delay_max=0.2)
        for namespace in namespaces:
            self.sio.on("*", self._hear(namespace), namespace=namespace)
        self.sio.connect(URL, auth=auth, transports=TRANSPORTS, namespaces=list(namespaces), wait_timeout=8)

    def _hear(self, namespace):
        return lambda event, *args: self.heard.put((namespace, event, args))

    def next(self):
        return self.heard.get(timeout=8)


def connects_with_its_auth_payload():
    client = Client(auth={"token": "한글"})
    assert client.next() == ("/", "auth", ({"token": "한글"},))
    assert client.sio.transport() == TRANSPORTS[-1], client.sio.transport()
    client.sio.disconnect()


def echoes_everything():
    client = Client()
    client.next()
    values = [1, "둘", None, True, {"nested": [{"deep": "💬"}]}, [], "\u2028 \" \\ \x1e"]
    for n in range(100):
        client.sio.emit("message", (n, *values))
    # This client runs its handlers in threads, so in any order.
    heard = sorted((client.next() for _ in range(100)), key=lambda event: event[2][0])
    assert heard == [("/", "message-back", (n, *values)) for n in range(100)], heard
    client.sio.disconnect()


def carries_binary_both_ways():
    client = Client()
    client.next()
    large = bytes([7]) * 100_000
    client.sio.emit("message", ({"small": b"\x01\x02", "list": [large]}, "text"))
    assert client.next()[2] == ({"small": b"\x01\x02", "list": [large]}, "text")
    assert client.sio.call("message-with-ack", b"\x01", timeout=8) == b"\x01"
    client.sio.disconnect()


def is_acknowledged_and_answers():
    client = Client()
    client.next()
    assert client.sio.call("later", 5, timeout=8) == 5
    client.sio.on("question", lambda number: {"number": number})
    assert client.sio.call("ask", timeout=8) == {"number": 1}
    client.sio.disconnect()


def joins_namespaces_and_hears_why_not():
    client = Client(namespaces=("/", "/custom"))
    assert {client.next()[0], client.next()[0]} == {"/", "/custom"}
    client.sio.emit("message", "here", namespace="/custom")
    assert client.next() == ("/custom", "message-back", ("here",))
    client.sio.disconnect()

    refused = threading.Event()
    sio = socketio.Client(reconnection=False)
    why = []
    sio.on("connect_error", lambda error: (why.append(error), refused.set()), namespace="/closed")
    try:
        sio.connect(URL, transports=TRANSPORTS, namespaces=["/closed"], wait_timeout=8)
    except socketio.exceptions.ConnectionError:
        pass
    assert refused.wait(8) and why[0]["data"] == {"code": "unauthorized"}, why
    sio.disconnect()


for scenario in [
    connects_with_its_auth_payload,
    echoes_everything,
    carries_binary_both_ways,
    is_acknowledged_and_answers,
    joins_namespaces_and_hears_why_not,
]:
    scenario()
    print("ok", scenario.__name__)
print("all well")
