"""Judges every message of a corpus for every need, with an analyser that Maru does not use.

usage: judge.py CORPUS.jsonl.gz HALF OUT [NEEDS]
HALF is t (rules are tuned on it) or f (figures come from it): messages and needs are split alike.
Writes OUT/texts.jsonl (id, text), OUT/needs.json (kind, query, grades by id).

The language of NEEDS (needs.tsv; fresh.tsv was written after the rules):
  N:x  a noun x (a word of its own: grade 2; the head of a longer one: 1)
  V:x  a verb or adjective with the stem x      A:x  any morpheme x
  S:a+b  these two next to each other           C:x  these letters, whatever the spaces
  Q:x  as C, beginning and ending at morphemes  R:x  a regular expression over the lower-cased text
  I:x  a noun with these first consonants       &, |, ( ); ~ before what only makes better
"""
import gzip, hashlib, json, re, sys, unicodedata
from kiwipiepy import Kiwi

INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
NOUNS = {"NNG", "NNP", "NR", "XR", "NNB", "SL", "NP"}


def half_of(text_id):
    return "tf"[hashlib.sha256(str(text_id).encode()).digest()[0] & 1]


class Text:
    def __init__(self, text, tokens):
        self.plain = unicodedata.normalize("NFKC", text).lower()
        self.joined = re.sub(r"[\s]+", "", self.plain)
        self.starts, self.ends = set(), set()
        # Offsets of morphemes among the letters without spaces.
        before = [0]
        for c in text:
            before.append(before[-1] + (not c.isspace()))
        self.tokens = []
        for t in tokens:
            self.tokens.append((t.form, t.tag.split("-")[0]))
            self.starts.add(before[t.start])
            self.ends.add(before[min(t.start + t.len, len(text))])
        self.verbs = set()
        for (form, tag), nxt in zip(self.tokens, self.tokens[1:] + [("", "")]):
            if tag in ("VV", "VA", "VX", "VCN"):
                self.verbs.add(form)
            if nxt[1] in ("XSV", "XSA"):
                self.verbs.add(form + nxt[0])
        self.nouns = {form for form, tag in self.tokens if tag in NOUNS}
        self.forms = {form for form, _ in self.tokens}


def atom(spec):
    op, _, x = spec.partition(":")
    if op == "N":
        def noun(t):
            if x in t.nouns:
                return 2
            return int(len(x) > 1 and any(n.endswith(x) for n in t.nouns))
        return noun
    if op == "V":
        return lambda t: 2 * (x in t.verbs)
    if op == "A":
        return lambda t: 2 * (x in t.forms)
    if op == "S":
        a, b = x.split("+")
        def side(t):
            pairs = zip(t.tokens, t.tokens[1:])
            return 2 * any(p[0] == a and q[0] == b for p, q in pairs)
        return side
    if op == "C":
        letters = x.replace(" ", "").lower()
        return lambda t: 2 * (letters in t.joined)
    if op == "Q":
        letters = x.replace(" ", "").lower()
        def quoted(t):
            at = t.joined.find(letters)
            while at >= 0:
                if at in t.starts and at + len(letters) in t.ends:
                    return 2
                at = t.joined.find(letters, at + 1)
            return 0
        return quoted
    if op == "R":
        pattern = re.compile(x)
        return lambda t: 2 * bool(pattern.search(t.plain))
    if op == "I":
        def initials(t):
            for noun in t.nouns:
                if len(noun) == len(x) and all("가" <= c <= "힣" for c in noun):
                    if "".join(INITIALS[(ord(c) - 0xAC00) // 588] for c in noun) == x:
                        return 2
            return 0
        return initials
    raise ValueError(spec)


def parse(spec):
    """A grade of 0, 1 or 2 for a text."""
    parts = [p.strip() for p in spec.split(" & ")]
    if len(parts) == 1:
        alternatives = [p for p in spec.removeprefix("( ").removesuffix(" )").split(" | ")]
        checks = [atom(a.strip()) for a in alternatives]
        return lambda t: max(check(t) for check in checks)
    must = [parse(p) for p in parts if not p.startswith("~")]
    return lambda t: 2 * all(check(t) for check in must)


def main(corpus, half, out, needs_file="needs.tsv"):
    kiwi = Kiwi(num_workers=1)
    rows = [json.loads(line) for line in gzip.open(corpus, "rt", encoding="utf-8")]
    rows = [r for r in rows if half_of(r["id"]) == half]
    tokenized = kiwi.tokenize([r["text"] for r in rows])
    texts = [Text(r["text"], tokens) for r, tokens in zip(rows, tokenized)]
    with open(f"{out}/texts.jsonl", "w", encoding="utf-8") as f:
        for n, r in enumerate(rows):
            f.write(json.dumps({"id": n + 1, "text": r["text"]}, ensure_ascii=False) + "\n")
    needs = []
    for line in open(f"{sys.path[0]}/{needs_file}", encoding="utf-8"):
        if line.startswith("#") or not line.strip():
            continue
        kind, of_half, query, spec = line.rstrip("\n").split("\t")
        if of_half != half:
            continue
        check = parse(spec)
        grades = {n + 1: g for n, t in enumerate(texts) if (g := check(t))}
        if not grades:
            print("nothing relevant, left out:", query)
            continue
        needs.append({"kind": kind, "query": query, "grades": grades})
    json.dump(needs, open(f"{out}/needs.json", "w", encoding="utf-8"), ensure_ascii=False)
    print(len(texts), "messages,", len(needs), "needs")


main(*sys.argv[1:])
