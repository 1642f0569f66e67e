"""nDCG@10 and set F1 of several searches over one judged half.

usage: table.py DIR RUN.json ...   (each run: {"name": [[ids in order] per need]})
Adds SQLite's LIKE and FTS5 (unicode61), newest first and BM25.
"""
import json, math, sqlite3, sys


def ndcg(ids, grades):
    gain = lambda gs: sum((2**g - 1) / math.log2(n + 2) for n, g in enumerate(gs[:10]))
    best = gain(sorted(grades.values(), reverse=True))
    return gain([grades.get(i, 0) for i in ids]) / best


def f1(ids, grades):
    found, right = set(ids), set(grades)
    both = len(found & right)
    return 2 * both / (len(found) + len(right)) if both else 0.0


def sqlite_runs(texts, queries):
    db = sqlite3.connect(":memory:")
    db.execute("create table m(id integer primary key, text text)")
    db.execute("create virtual table f using fts5(text)")
    db.executemany("insert into m values (?, ?)", texts)
    db.executemany("insert into f(rowid, text) values (?, ?)", texts)
    like, fts = [], []
    for q in queries:
        plain = q.strip('"')
        words = [plain] if q.startswith('"') else plain.split()
        where = " and ".join("text like ?" for _ in words)
        found = db.execute(f"select id from m where {where} order by id desc", [f"%{w}%" for w in words])
        like.append([r[0] for r in found])
        asked = " ".join('"' + w.replace('"', "") + '"' for w in words)
        found = db.execute("select rowid from f where f match ? order by bm25(f)", [asked])
        fts.append([r[0] for r in found])
    return {"LIKE": like, "FTS5": fts}


def main(folder, *runs):
    needs = json.load(open(f"{folder}/needs.json", encoding="utf-8"))
    for need in needs:
        need["grades"] = {int(k): v for k, v in need["grades"].items()}
    lines = [json.loads(line) for line in open(f"{folder}/texts.jsonl", encoding="utf-8")]
    systems = {}
    for run in runs:
        systems.update(json.load(open(run, encoding="utf-8")))
    systems.update(sqlite_runs([(r["id"], r["text"]) for r in lines], [n["query"] for n in needs]))
    kinds = list(dict.fromkeys(n["kind"] for n in needs))
    for name, measure in (("nDCG@10", ndcg), ("set F1", f1)):
        print(f"| {name} | " + " | ".join(systems) + " |\n|---" * 1 + "|---" * len(systems) + "|")
        for kind in kinds + ["all"]:
            row = []
            for run in systems.values():
                values = [measure(ids, n["grades"]) for ids, n in zip(run, needs) if kind in (n["kind"], "all")]
                row.append(sum(values) / len(values))
            print(f"| {kind} | " + " | ".join(f"{v:.3f}" for v in row) + " |")
        print()


main(*sys.argv[1:])
