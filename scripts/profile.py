#!/usr/bin/env python3
"""Where the processor's time of a sync goes: DRS, EC2 and STS simulated, the store in a file.

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
PARTS = [
    ("the embedded store", re.compile(r"dynoxide|sqlite3|rusqlite|\bembedded::")),
    ("the AWS SDK: HTTP, JSON, XML, signatures, TLS", re.compile(r"\baws_|\bhyper|rustls")),
    ("the sync's own code", re.compile(r"\binventory::|serde_dynamo")),
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
    """The stacks of a second sync, the innermost function first."""
    run([programs / "bench", "--world", world, "--keep", folder], stderr=subprocess.DEVNULL)
    program, file = programs / "drs-inventory", next(folder.glob("world-*.json"))
    simulator = subprocess.Popen(
        [program, "sim", "--port", "0", "--world", file], stderr=subprocess.PIPE, text=True
    )
    try:
        endpoint = re.search(r"http://[\d.:]+", simulator.stderr.readline()).group()
        environment = {
            "AWS_ACCESS_KEY_ID": "AKIAPROFILE",
            "AWS_SECRET_ACCESS_KEY": "profile",
            "AWS_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            **{f"AWS_ENDPOINT_URL_{service}": endpoint for service in ("DRS", "EC2", "STS")},
        }
        data = folder / "perf.data"
        sync = [program, "sync", "--output", "json", "--store", folder / "refactored.db"]
        perf = ["perf", "record", "-F", str(HERTZ), "--call-graph", "dwarf,16384", "-o", data]
        run(perf + ["--"] + sync, env=os.environ | environment)
    finally:
        simulator.terminate()
        simulator.wait()
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
    parts, own = collections.Counter(), collections.Counter()
    for stack in samples:
        part, function = part_of(stack)
        parts[part] += 1
        if part == PARTS[2][0]:
            own[re.sub(r"::\{\{closure\}\}|::h[0-9a-f]{16}", "", function)] += 1
    accounts, _, servers = map(int, world.split("x"))
    microseconds = 1_000_000 / HERTZ / (accounts * servers)
    lines = [f"World `{world.replace('x', '×')}`, second sync, {len(samples)} samples.", ""]
    lines += ["| part | share | µs per server |", "| --- | --- | --- |"]
    for part, count in parts.most_common():
        lines.append(f"| {part} | {count / len(samples):.0%} | {count * microseconds:.0f} |")
    lines += ["", "| the sync's own functions | µs per server |", "| --- | --- |"]
    for function, count in own.most_common(8):
        lines.append(f"| `{function}` | {count * microseconds:.1f} |")
    return "\n".join(lines)


def replace(file, text):
    before, rest = file.read_text().split(MARKS[0], 1)
    after = rest.split(MARKS[1], 1)[1]
    file.write_text(f"{before}{MARKS[0]}\n{text}\n{MARKS[1]}{after}")


main()
