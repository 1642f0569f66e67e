"""How many of the needs of pairs.tsv other searches meet; `search::pairs` tells Maru's figures.

usage: pairs.py   (a JDK and Debian's liblucene8-java)
A need is met when its sentence is found, or, where it is not meant, not found.
"""
import json, pathlib, sqlite3, subprocess, sys, tempfile

here = pathlib.Path(__file__).parent
jars = pathlib.Path("/usr/share/java")
names = ("core", "analyzers-common", "analyzers-nori", "queryparser")
lucene = ":".join(str(next(iter(sorted(jars.glob(f"lucene-{name}-8*.jar"))))) for name in names)

rows = [line.split("\t") for line in (here / "pairs.tsv").read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")]
with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    (folder / "texts.txt").write_text("".join(row[4] + "\n" for row in rows), encoding="utf-8")
    (folder / "queries.txt").write_text("".join(row[2] + "\n" for row in rows), encoding="utf-8")
    subprocess.run(["javac", "-cp", lucene, "-d", folder, here / "Nori.java"], check=True)
    run = ["java", "-cp", f"{lucene}:{folder}", "Nori", folder / "texts.txt", folder / "queries.txt", folder / "out.json"]
    subprocess.run(run, check=True, stderr=subprocess.DEVNULL)
    systems = {name: [set(ids) for ids in found] for name, found in json.loads((folder / "out.json").read_text()).items()}

db = sqlite3.connect(":memory:")
db.execute("create table m(id integer primary key, text text)")
db.execute("create virtual table f using fts5(text)")
for n, row in enumerate(rows):
    db.execute("insert into m values (?, ?)", (n + 1, row[4]))
    db.execute("insert into f(rowid, text) values (?, ?)", (n + 1, row[4]))
systems["LIKE"], systems["FTS5"] = [], []
for row in rows:
    plain = row[2].strip('"')
    words = [plain] if row[2].startswith('"') else plain.split()
    where = " and ".join("text like ?" for _ in words)
    systems["LIKE"].append({r[0] for r in db.execute(f"select id from m where {where}", [f"%{w}%" for w in words])})
    asked = " ".join(f'"{w}"' for w in words)
    systems["FTS5"].append({r[0] for r in db.execute("select rowid from f where f match ?", [asked])})

for half in "tf":
    print(f"| half {half} | " + " | ".join(systems) + " |\n|---" + "|---" * len(systems) + "|")
    for kind in list(dict.fromkeys(row[0] for row in rows)) + ["all"]:
        of_kind = [n for n, row in enumerate(rows) if row[1] == half and kind in (row[0], "all")]
        met = [sum(((n + 1) in found[n]) == (rows[n][3] == "+") for n in of_kind) for found in systems.values()]
        print(f"| {kind} ({len(of_kind)}) | " + " | ".join(f"{m}" for m in met) + " |")
