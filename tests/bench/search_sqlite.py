"""The questions of tests/bench/search.rs to SQLite: LIKE, REGEXP and FTS5 over the same messages.

usage: search_sqlite.py TEXTS.jsonl.gz [MESSAGES]
5,000 rooms, one in ten public; the caller is in 50. First page of 20, and how many there are.
REGEXP is Python's, for SQLite has none of its own.
"""
import gzip, json, re, sqlite3, sys, tempfile, time

ROOMS = 5_000
QUESTIONS = {
    "common": ["영화", "연기", "음악", "재미", "좋다", "보다", "감동", "배우"],
    "several": ["연기 좋다", "음악 감동", "배우 연기력", "시간 아깝다", "공포 영화", "마지막 장면"],
}


def main(corpus, messages=1_000_000):
    texts = [json.loads(line)["text"] for line in gzip.open(corpus, "rt", encoding="utf-8")]
    messages = int(messages)
    with tempfile.TemporaryDirectory() as folder:
        db = sqlite3.connect(f"{folder}/m.db")
        db.create_function("regexp", 2, lambda p, t: re.search(p, t) is not None, deterministic=True)
        db.execute("create table m(id integer primary key, room integer, text text)")
        db.execute("create table mine(room integer primary key)")
        db.execute("create virtual table f using fts5(text, content='m', content_rowid='id')")
        mine = {1 + n * 99 for n in range(50)} | set(range(10, ROOMS + 1, 10))
        db.executemany("insert into mine values (?)", [(room,) for room in mine])
        began = time.monotonic()
        rows = ((n + 1, 1 + (n * 0x9E3779B97F4A7C15 % 2**64) % ROOMS, texts[(n * 7919 + n // len(texts)) % len(texts)])
                for n in range(messages))
        db.executemany("insert into m values (?, ?, ?)", rows)
        table_s = time.monotonic() - began
        began = time.monotonic()
        db.execute("insert into f(f) values ('rebuild')")
        db.commit()
        print(f"{messages} rows in {table_s:.1f} s, FTS5 in {time.monotonic() - began:.1f} s more")
        where = {
            "LIKE": ("text like ?", lambda w: f"%{w}%"),
            "REGEXP": ("text regexp ?", re.escape),
        }
        for kind, questions in QUESTIONS.items():
            for name, (test, form) in where.items():
                times = []
                for question in questions:
                    words = question.split()
                    tests = " and ".join([test] * len(words))
                    asked = [form(w) for w in words]
                    began = time.monotonic()
                    sql = f"select id from m where room in (select room from mine) and {tests}"
                    found = db.execute(f"{sql} order by id desc", asked).fetchall()
                    del found[20:]
                    times.append(time.monotonic() - began)
                told(name, kind, times)
            times = []
            for question in questions:
                asked = " ".join(f'"{w}"' for w in question.split())
                began = time.monotonic()
                sql = "select f.rowid from f join m on m.id = f.rowid where f match ? and m.room in (select room from mine)"
                db.execute(f"{sql} order by bm25(f)", [asked]).fetchall()
                times.append(time.monotonic() - began)
            told("FTS5", kind, times)


def told(name, kind, times):
    times.sort()
    at = lambda part: times[min(len(times) - 1, len(times) * part // 100)] * 1000
    print(f"{name}, {kind}: p50 {at(50):.1f} ms, p95 {at(95):.1f} ms", flush=True)


main(*sys.argv[1:])
