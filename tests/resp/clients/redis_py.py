"""redis-py against the port, in both protocols."""
import sys
import redis

port = int(sys.argv[1])
for protocol in (2, 3):
    r = redis.Redis(port=port, protocol=protocol, decode_responses=True, client_name="py")
    r.flushall()
    assert r.ping() is True
    assert r.set("key", "value", ex=60, nx=True) is True
    assert r.get("key") == "value"
    assert 50 < r.ttl("key") <= 60
    assert r.mget("key", "none") == ["value", None]
    assert r.incrbyfloat("f", 1.5) == 1.5
    with r.pipeline(transaction=True) as pipe:
        pipe.watch("key")
        pipe.multi()
        pipe.set("key", "other")
        pipe.get("key")
        assert pipe.execute() == [True, "other"]
    assert list(r.scan_iter("k*")) == ["key"]
    assert r.info("server")["redis_version"].startswith("7.")
    assert r.config_get("maxclients")["maxclients"] == "10000"
    assert r.client_getname() == "py"
    assert any(c["name"] == "py" for c in r.client_list())
    assert r.acl_whoami() == "default"
    assert r.command_count() > 100
    assert "get" in r.command()
    double = r.register_script("return ARGV[1] * 2")
    assert double(args=[21]) == 42
    with r.lock("a lock", timeout=60) as lock:
        assert lock.owned() and not r.lock("a lock", timeout=60).acquire(blocking=False)
        assert lock.extend(10) and lock.reacquire()
    assert r.get("a lock") is None
    listener = r.pubsub()
    listener.subscribe("news")
    assert listener.get_message(timeout=10)["type"] == "subscribe"
    assert r.publish("news", "hello") == 1
    message = listener.get_message(timeout=10)
    assert message["type"] == "message" and message["data"] == "hello", message
    listener.close()
    r.close()
print("well")
