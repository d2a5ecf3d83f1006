"""What the Python peers share: reading records, timing, and the output.

Arguments: passages, questions, the number of passages wanted. Both files have
one record a line, id TAB text. The output is "indexed" and microseconds, then
for each question its id, microseconds and the ids found, best first.
"""

import sys
import time


def records(path):
    """Yields (id, text) for each line."""
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            name, _, text = line.rstrip("\n").partition("\t")
            yield name, text


def run(build, arguments):
    """build(passages) returns search(question, top), which returns ids."""
    passages, questions, top = arguments
    start = time.perf_counter()
    search = build(list(records(passages)))
    report("indexed", start)
    for name, question in list(records(questions)):
        start = time.perf_counter()
        found = search(question, int(top))
        report(name, start, found)


def report(name, start, found=()):
    took = int((time.perf_counter() - start) * 1e6)
    sys.stdout.write("\t".join([name, str(took), *found]) + "\n")
