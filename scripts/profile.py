#!/usr/bin/env python3
"""Where the processor's time of a first and of a second sync goes: DRS, EC2 and STS simulated, the
store in a file.

Usage: profile.py BIN [--world 30x28x300] [--write docs/profile.md]

BIN is the folder of `bench` and `drs-inventory`, built with names (`just profile` does it all).
Needs perf: Debian's package linux-perf. A sample counts for the part whose function is nearest to
where it was taken: a hash computed for a row is the sync's own, one computed in SQLite the store's.
"""

import argparse
import collections
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERTZ = 1000
OWN = "the sync's own code"
PARTS = [
    ("the embedded store", re.compile(r"dynoxide|sqlite3|rusqlite|\bembedded::")),
    ("the AWS SDK: HTTP, JSON, XML, signatures, TLS", re.compile(r"\baws_|\bhyper|rustls")),
    (OWN, re.compile(r"\b(aws|inventory|model|store|sync)::|serde_dynamo")),
]
REST = "the rest: runtime, start and end of the process, kernel"
MARKS = ("<!-- measured -->", "<!-- end -->")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("bin", type=pathlib.Path)
    options.add_argument("--world", default="30x28x300")
    options.add_argument("--write", type=pathlib.Path)
    arguments = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        samples = record(arguments.bin, arguments.world, pathlib.Path(folder))
    text = render(samples, arguments.world)
    print(text)
    if arguments.write:
        replace(arguments.write, text)


def record(programs, world, folder):
    """The stacks of a first and of a second sync, the innermost function first."""
    run([programs / "bench", "--world", world, "--keep", folder], stderr=subprocess.DEVNULL)
    program, file = programs / "drs-inventory", next(folder.glob("world-*.json"))
    new = folder / "new.db"
    accounts = folder / "accounts.json"
    export = [program, "accounts", "export", accounts, "--with-external-ids"]
    run(export + ["--store", folder / "refactored.db"])
    run([program, "accounts", "import", accounts, "--apply", "--store", new])
    simulator = subprocess.Popen(
        [program, "sim", "--port", "0", "--world", file], stderr=subprocess.PIPE, text=True
    )
    try:
        endpoint = re.search(r"http://[\d.:]+", simulator.stderr.readline()).group()
        # The second sync is one of the same store, a moment later.
        return {sync: stacks_of(program, new, endpoint, folder) for sync in ("first", "second")}
    finally:
        simulator.terminate()
        simulator.wait()


def stacks_of(program, store, endpoint, folder):
    environment = {
        "AWS_ACCESS_KEY_ID": "AKIAPROFILE",
        "AWS_SECRET_ACCESS_KEY": "profile",
        "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        **{f"AWS_ENDPOINT_URL_{service}": endpoint for service in ("DRS", "EC2", "STS")},
    }
    data = folder / "perf.data"
    sync = [program, "sync", "--output", "json", "--store", store]
    perf = ["perf", "record", "-F", str(HERTZ), "--call-graph", "dwarf,16384", "-o", data]
    run(perf + ["--"] + sync, env=os.environ | environment)
    fields = ["--no-inline", "-F", "ip,sym"]
    script = run(["perf", "script", "-i", data] + fields, stderr=subprocess.DEVNULL)
    return [stack.splitlines() for stack in script.split("\n\n") if stack.strip()]


def run(command, **options):
    options = {"stderr": subprocess.PIPE} | options
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"{command[0]} ended with {done.returncode}: {done.stderr or ''}")
    return done.stdout


def part_of(stack):
    """The part of the nearest function that belongs to one, and that function."""
    for line in stack:
        for name, pattern in PARTS:
            if pattern.search(line):
                return name, line.strip().split(" ", 1)[-1]
    return REST, None


def render(samples, world):
    accounts, _, servers = map(int, world.split("x"))
    microseconds = 1_000_000 / HERTZ / (accounts * servers)
    counts = ", ".join(f"{len(stacks)} of the {sync} sync" for sync, stacks in samples.items())
    lines = [f"World `{world.replace('x', '×')}`; samples: {counts}. µs per server:", ""]
    parts = {sync: collections.Counter() for sync in samples}
    own = {sync: collections.Counter() for sync in samples}
    for sync, stacks in samples.items():
        for part, function in map(part_of, stacks):
            parts[sync][part] += 1
            if part == OWN:
                name = re.sub(r"::\{\{closure\}\}|::h[0-9a-f]{16}", "", function)
                own[sync][f"`{name}`"] += 1
    lines += table("part", parts, len(PARTS) + 1, microseconds)
    lines += ["", *table("function of the sync's own", own, 8, microseconds)]
    return "\n".join(lines)


def table(what, counters, rows, microseconds):
    """The names that count most, with what they count for in each sync."""
    lines = [f"| {what} | {' | '.join(counters)} |", "| --- |" + " --- |" * len(counters)]
    for name, _ in sum(counters.values(), collections.Counter()).most_common(rows):
        figures = [f"{counter[name] * microseconds:.1f}" for counter in counters.values()]
        lines.append(f"| {name} | {' | '.join(figures)} |")
    return lines


def replace(file, text):
    before, rest = file.read_text().split(MARKS[0], 1)
    after = rest.split(MARKS[1], 1)[1]
    file.write_text(f"{before}{MARKS[0]}\n{text}\n{MARKS[1]}{after}")


main()
