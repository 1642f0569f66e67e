"""A bot that answers whoever names it, in a thread: pip install "python-socketio[client]", then

    MARU_URL=https://chat.example.org MARU_TOKEN=maru_bot_… python hello.py

Its token needs the scopes events:read and messages:write."""

import os

import socketio

client = socketio.Client()
me = None


@client.on("ready")
def ready(body):
    global me
    me = body["user"]["id"]
    print("ready", flush=True)


@client.on("message.created")
def said(event):
    message = event["message"]
    if me not in message["mentions"] or message["author"]["id"] == me:
        return
    answer = {
        "room_id": message["room_id"],
        "reply_to": message.get("reply_to", message["id"]),
        "text": f"안녕하세요, {message['author']['display_name']}!",
        # Sent again after a cut, it is the same message.
        "client_id": f"hello-{message['id']}",
    }
    client.emit("message.send", answer, callback=lambda said: said["ok"] or print(said["error"]["message"]))


client.connect(os.environ["MARU_URL"], auth={"token": os.environ["MARU_TOKEN"]})
client.wait()
