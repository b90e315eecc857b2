#!/usr/bin/env python3
"""Whether somebody who is woken up can rely on docs/runbooks: each begins alike, its first command reads, and
every alarm, command, option, parameter and operation that is named is there.

Usage: check_runbooks.py PROGRAM [--strict]. PROGRAM is drs-inventory. Needs botocore, for commands of the AWS
CLI. What `PROMISED` has is named before it is there; with --strict that is a fault, too.
"""

import os
import re
import sys
from pathlib import Path

from runbook_commands import PROMISED, Commands, commands_in, reads

ROOT = Path(__file__).resolve().parent.parent
RUNBOOKS = "docs/runbooks"
INDEX = "README.md"
HEAD = ("**Is recovery affected?** ", "**Severity**: ", "**Needed**: ")
MOST_LINES = 80
# Looks like the name of an operation, and is none.
NO_OPERATIONS = {"duration_ms"}


class Repository:
    """The files that a check looks at."""

    def __init__(self, root=ROOT):
        self.root = Path(root)
        folder = self.root / RUNBOOKS
        paths = [*sorted(folder.glob("*.md")), self.root / "docs/ROLLBACK_PROCEDURE.md"]
        self.runbooks = {os.path.relpath(path, folder): path.read_text() for path in paths}
        self.template = (self.root / "infra/template.yaml").read_text()
        source = (self.root / "crates/api/src/operations.rs").read_text()
        self.operations = set(re.findall(r'\) = "([a-z_]+)"', source))

    def alarms(self):
        """Name and description of every alarm of the template."""
        found = re.findall(r'AlarmName: !Sub "\$\{Prefix\}-([a-z-]+)"\n\s+AlarmDescription: (.+)', self.template)
        if len(found) != self.template.count("AlarmName:"):
            raise ValueError("infra/template.yaml: an alarm is not written as this check reads it")
        return found


def check_head(text):
    paragraphs = [it.strip() for it in text.split("\n\n")]
    if not paragraphs[0].startswith("# "):
        yield "does not begin with a title"
    for paragraph, begins in zip(paragraphs[1:4], HEAD):
        if not paragraph.startswith(begins):
            yield f"{begins.strip()!r} is expected, not {paragraph[:40]!r}"
    if text.count("\n") > MOST_LINES:
        yield f"has more than {MOST_LINES} lines"


def check_first_command(text):
    first = next(iter(commands_in(text)), None)
    if first is None:
        yield "has no command"
    elif not reads(first):
        yield f"its first command does not read: {' '.join(first)[:80]}"


def check_prompts(text):
    """What is pasted behind a prompt for a secret may be taken for the secret."""
    for block in re.findall(r"^ *```\n(.*?)^ *```$", text, re.DOTALL | re.MULTILINE):
        if "read -rs" in block.rstrip("\n").rpartition("\n")[0]:
            yield "goes on behind a prompt in the same block"


def check_operations(text, operations):
    named = set(re.findall(r'"?(?:operation|action)"?: ?"([a-z_]+)"', text))
    named |= {it for it in re.findall(r"`([a-z]+(?:_[a-z]+)+)`", text) if it not in NO_OPERATIONS}
    for name in sorted(named - operations):
        yield f"there is no operation {name}"


def check_links(name, text, root):
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", text):
        if "://" not in target and not (root / RUNBOOKS / name).parent.joinpath(target).exists():
            promised = "promised: " if Path(target).name in PROMISED else ""
            yield f"{promised}leads to {target}, which is not there"


def check_index(repository):
    index = repository.runbooks[INDEX]
    for name in repository.runbooks:
        if name != INDEX and f"]({name})" not in index:
            yield INDEX, f"does not list {name}"


def check_alarms(repository):
    """Findings, and alarms whose description names no runbook."""
    rows = [line for line in repository.runbooks[INDEX].splitlines() if line.startswith("|")]
    for alarm, description in repository.alarms():
        cell = next((row.split("|")[1] for row in rows if f"[{alarm}]" in row or f"`{alarm}`" in row.split("|")[1]), "")
        listed = re.search(r"\]\(([a-z-]+\.md)\)", cell)
        if not listed:
            yield INDEX, f"has no runbook for the alarm {alarm}"
            continue
        said = re.search(rf"{RUNBOOKS}/([a-z-]+\.md)", description)
        if not said:
            yield "infra/template.yaml", f"promised: the alarm {alarm} names {RUNBOOKS}/{listed[1]}"
        elif said[1] not in repository.runbooks or said[1] != listed[1]:
            yield "infra/template.yaml", f"the alarm {alarm} names {said[1]}, the index {listed[1]}"


def findings(repository, commands):
    """Each as (where, what)."""
    yield from check_index(repository)
    yield from check_alarms(repository)
    for name, text in repository.runbooks.items():
        checks = [check_first_command(text), check_operations(text, repository.operations),
                  check_links(name, text, repository.root), check_prompts(text), commands.check(text)]
        if name != INDEX:
            checks.append(check_head(text))
        yield from ((name, what) for check in checks for what in check)


def main(arguments):
    strict, paths = "--strict" in arguments, [it for it in arguments if it != "--strict"]
    if len(paths) != 1:
        sys.exit(__doc__)
    repository = Repository()
    found = list(findings(repository, Commands(paths[0], repository.root)))
    promised = [it for it in found if it[1].startswith("promised: ") and not strict]
    faults = [it for it in found if it not in promised]
    for where, what in [*promised, *faults]:
        print(f"{where}: {what}")
    if faults:
        sys.exit(f"docs/check_runbooks.py: {len(faults)} faults")
    print(f"{len(repository.runbooks)} runbooks, {len(repository.alarms())} alarms; {len(promised)} promised")


if __name__ == "__main__":
    main(sys.argv[1:])
