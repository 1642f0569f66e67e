#!/bin/sh
# Compares Maru's search with Lucene's (nori and CJK bigrams), SQLite's LIKE and FTS5.
# usage: tests/search/eval/run.sh CORPUS.jsonl.gz [HALF [NEEDS]]
# HALF: f, the half that no rule was tuned on. NEEDS: needs.tsv, or fresh.tsv.
# Needs: python3 with kiwipiepy 0.24, a JDK and Debian's liblucene8-java.
set -eu
corpus=$1
half=${2:-f}
needs=${3:-needs.tsv}
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 "$here/judge.py" "$corpus" "$half" "$dir" "$needs"
python3 - "$dir" <<'P'
import json, sys
dir = sys.argv[1]
needs = json.load(open(f"{dir}/needs.json", encoding="utf-8"))
texts = [json.loads(line)["text"] for line in open(f"{dir}/texts.jsonl", encoding="utf-8")]
open(f"{dir}/queries.txt", "w", encoding="utf-8").writelines(n["query"] + "\n" for n in needs)
# One line a message, whatever line breaks it has.
open(f"{dir}/texts.txt", "w", encoding="utf-8").writelines(" ".join(t.split()) + "\n" for t in texts)
P
jars=/usr/share/java
lucene=$jars/lucene-core.jar:$jars/lucene-analyzers-common.jar:$jars/lucene-analyzers-nori.jar:$jars/lucene-queryparser.jar
if [ ! -e "$jars/lucene-core.jar" ]; then
    lucene=$(ls $jars/lucene-core-8*.jar $jars/lucene-analyzers-common-8*.jar \
        $jars/lucene-analyzers-nori-8*.jar $jars/lucene-queryparser-8*.jar | tr '\n' ':')
fi
javac -cp "$lucene" -d "$dir" "$here/Nori.java"
java -cp "$lucene:$dir" Nori "$dir/texts.txt" "$dir/queries.txt" "$dir/lucene.json"
cargo run --quiet --release -p maru-search --example search-eval -- "$dir" "$dir/maru.json"
python3 "$here/table.py" "$dir" "$dir/maru.json" "$dir/lucene.json"
