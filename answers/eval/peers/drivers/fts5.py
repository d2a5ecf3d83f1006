"""SQLite FTS5 with its own bm25(), over trigrams (its trigram tokenizer) or
over bigrams (joined by spaces, for its unicode61 tokenizer). The question
becomes an OR of its grams.

The first argument is trigram or bigram.
"""

import re
import sqlite3
import sys

import peer

HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
RUNS = re.compile(f"[{HAN}]+|[^\\W_{HAN}]+")


def bigrams(text):
    """Pairs of neighbouring Han characters; other words stay whole."""
    grams = []
    for run in RUNS.findall(text):
        if len(run) == 1 or not re.match(f"[{HAN}]", run):
            grams.append(run)
        else:
            grams += [run[i : i + 2] for i in range(len(run) - 1)]
    return grams


def trigrams(text):
    return [text[i : i + 3] for i in range(len(text) - 2)]


KINDS = {
    "bigram": ("unicode61", bigrams, lambda text: " ".join(bigrams(text))),
    "trigram": ("trigram", trigrams, lambda text: text),
}


def build(kind):
    tokenizer, grams, indexed = KINDS[kind]

    def index(passages):
        db = sqlite3.connect(":memory:")
        db.execute(f"CREATE VIRTUAL TABLE p USING fts5(id UNINDEXED, text, tokenize='{tokenizer}')")
        with db:
            db.executemany("INSERT INTO p VALUES (?, ?)", ((name, indexed(text)) for name, text in passages))

        def search(question, top):
            quoted = ['"' + g.replace('"', '""') + '"' for g in dict.fromkeys(grams(question))]
            if not quoted:
                return []
            rows = db.execute("SELECT id FROM p WHERE p MATCH ? ORDER BY rank LIMIT ?", (" OR ".join(quoted), top))
            return [row[0] for row in rows]

        return search

    return index


peer.run(build(sys.argv[1]), sys.argv[2:])
