"""The official client of Elasticsearch: address, token."""

import datetime
import sys

from elasticsearch import ApiError, BadRequestError, Elasticsearch, helpers

url, token = sys.argv[1:]
for auth in ({"bearer_auth": token}, {"api_key": token}, {"basic_auth": ("shipper", token)}):
    es = Elasticsearch(url, **auth)
    assert es.info()["tagline"] == "You Know, for Search"

now = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
done = es.index(index="logs", id="one", document={"@timestamp": now, "message": "disk is full", "host": {"name": "a"}})
assert done["result"] == "created" and done["_id"] == "one", done
assert es.index(index="logs", id="one", document={"@timestamp": now, "message": "disk is full"})["result"] != "created"
actions = [{"_index": "logs-2026.01.02", "message": f"line {n}", "@timestamp": now} for n in range(250)]
assert helpers.bulk(es, actions, chunk_size=100)[0] == 250
ok, errors = helpers.bulk(es, [{"_index": "nowhere", "message": "x"}], raise_on_error=False)
assert ok == 0 and errors[0]["index"]["status"] == 404, errors

found = es.search(index="logs", query={"match": {"message": "disk"}})
assert found["hits"]["total"]["value"] == 1, found
hit = found["hits"]["hits"][0]["_source"]
assert hit["message"].startswith("disk is full") and hit["@timestamp"].startswith("2026-01-02T03:04:05"), hit
both = {"bool": {"must": [{"match": {"message": "line"}}], "filter": [{"range": {"@timestamp": {"gte": "2026-01-01"}}}]}}
assert es.search(index="logs", query=both, size=5)["hits"]["total"]["value"] == 250
assert len(es.search(index="logs", q="line", size=5)["hits"]["hits"]) == 5
for asked in ({"query": {"fuzzy": {"message": "x"}}}, {"aggs": {"a": {"terms": {"field": "host"}}}}):
    try:
        es.search(index="logs", **asked)
        raise AssertionError("understood")
    except BadRequestError as error:
        assert "fuzzy" in str(error) or "aggs" in str(error), error
try:
    Elasticsearch(url, bearer_auth="maru_pat_wrong").index(index="logs", document={"message": "x"})
    raise AssertionError("taken")
except ApiError as error:
    assert error.status_code == 401, error
print("well")
