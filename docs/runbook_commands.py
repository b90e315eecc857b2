"""The commands of a runbook: where they stand, whether they read, whether what they name is there."""

import json
import re
import shlex
import subprocess
from functools import cache

import botocore.session
import jmespath
from botocore import xform_name

STACK_SET = "scripts/stackset.sh"
PROGRAMS = ("drs-inventory", "aws", "scripts/deploy.sh", STACK_SET)
# What runbooks name before it is there.
PROMISED = (STACK_SET, "--expect-account", "--repair", "--rollback-code", "MaxCallsPerSecond", "deployment.md")
READS = (
    "status", "servers", "server", "regions", "changes", "diff", "report", "serve", "check", "removals list",
    "accounts list", "accounts check", "accounts discover", "accounts export", "unprotected list",
)
# Of those that read: with these they do more.
DOES_MORE = ("--apply", "--allow-changes", "acknowledge")
READS_OF_AWS = ("get-", "describe-", "list-", "lookup-", "query", "scan", "tail", "ls")
READ_OPERATIONS = ("get_", "list_", "health")
# The AWS CLI has these beside the API.
OF_THE_CLI = {("logs", "tail"), ("s3", "ls"), ("s3", "cp")}
ANYWHERE = {"--region", "--query", "--output", "--profile", "--max-items", "--cli-read-timeout", "--cli-binary-format"}


def commands_in(text):
    """Every command in the order of the text, each as its words."""
    for block, span in re.findall(r"^ *```\n(.*?)^ *```$|`([^`]+)`", text, re.DOTALL | re.MULTILINE):
        for line in whole_lines(block or span):
            yield from split(line)


def whole_lines(block):
    """Lines that a backslash or an open quote goes on in belong together."""
    line = ""
    for part in block.splitlines():
        line = f"{line.removesuffix(chr(92))} {part.strip()}" if line else part.strip()
        if not line.endswith("\\") and is_closed(line):
            yield line
            line = ""
    if line:
        yield line


def is_closed(line):
    try:
        shlex.split(line)
        return True
    except ValueError:
        return False


def split(line):
    """The commands of a line that are of `PROGRAMS`."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    try:
        words = list(lexer)
    except ValueError:  # a span that is no command
        return
    command = []
    for word in [*words, ";"]:
        if word and set(word) <= set("();<>|&"):
            begins = next((n for n, it in enumerate(command) if it in PROGRAMS), None)
            if begins is not None and len(command) > begins + 1:
                yield command[begins:]
            command = []
        else:
            command.append(word)


def without_store(command):
    words = command[1:]
    while "--store" in words:
        at = words.index("--store")
        words = words[:at] + words[at + 2:]
    return words


def reads(command):
    """Whether a command changes nothing, and starts no sync."""
    if command[0] == "drs-inventory":
        said = " ".join(without_store(command)) + " "
        return any(said.startswith(f"{it} ") for it in READS) and not any(it in command for it in DOES_MORE)
    if command[0] != "aws" or len(command) < 3:
        return False
    if command[1:3] == ["lambda", "invoke"]:
        return payload(command).startswith(READ_OPERATIONS)
    return command[2].startswith(READS_OF_AWS)


def payload(command):
    """The operation that an invocation asks for."""
    try:
        event = json.loads(command[command.index("--payload") + 1])
    except (ValueError, IndexError):
        return ""
    return event.get("operation") or event.get("action") or ""


class Commands:
    """Whether commands are as their programs take them."""

    def __init__(self, program, root):
        self.program = program
        self.scripts = {path: text_of(root / path) for path in PROGRAMS if path.startswith("scripts/")}
        if self.scripts[STACK_SET]:
            self.scripts[STACK_SET] += text_of(root / "scripts/stack_set.py")
        templates = {"": "template", "http-api:": "http-api", "page:": "page", "member": "member-account"}
        texts = {it: (root / f"infra/{name}.yaml").read_text() for it, name in templates.items()}
        self.parameters = {it: parameters_of(text) for it, text in texts.items()}
        self.session = botocore.session.Session()

    def check(self, text):
        for command in commands_in(text):
            said = " ".join(command)
            check = {"drs-inventory": self.of_program, "aws": self.of_aws}.get(command[0], self.of_script)
            for what in check(command):
                promised = any(it in said for it in PROMISED)
                yield f"{'promised: ' if promised else ''}{said[:90]}: {what}"

    def of_program(self, command):
        """Its own parser says. With --help last it reads what stands before and does nothing."""
        error = parse(self.program, tuple(command[1:]))
        if error:
            yield error

    def of_script(self, command):
        script = self.scripts[command[0]]
        if not script:
            yield "there is no such script"
            return
        for position, word in enumerate(command):
            if word.startswith("--") and not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", script):
                yield f"there is no option {word}"
            if word == "--parameter":
                yield from self.of_parameter(command, command[position + 1])

    def of_parameter(self, command, given):
        part, name = re.match(r"((?:[a-z-]+:)?)([A-Za-z]+)=", given).groups()
        part = "member" if command[0] == STACK_SET else part
        if name not in self.parameters[part]:
            yield f"there is no parameter {given.split('=')[0]}"

    def of_aws(self, command):
        service, operation = [*command[1:3], "", ""][:2]
        if "--query" in command:
            try:
                jmespath.compile(command[command.index("--query") + 1])
            except jmespath.exceptions.JMESPathError as error:
                yield f"its --query is not valid: {str(error).splitlines()[0]}"
        if (service, operation) in OF_THE_CLI:
            return
        model = self.session.get_service_model(service)
        if operation == "wait":
            waiters = self.session.get_component("data_loader").load_service_model(service, "waiters-2")["waiters"]
            if command[3] not in {xform_name(it, "-") for it in waiters}:
                yield f"{service} has no waiter {command[3]}"
            return
        operations = {xform_name(it, "-"): it for it in model.operation_names}
        if operation not in operations:
            yield f"{service} has no operation {operation}"
            return
        shape = model.operation_model(operations[operation]).input_shape
        members = {f"--{xform_name(it, '-')}" for it in (shape.members if shape else ())}
        for word in command[3:]:
            if word.startswith("--") and word not in members | ANYWHERE:
                yield f"{service} {operation} has no option {word}"


def text_of(path):
    return path.read_text() if path.is_file() else ""


def parameters_of(template):
    section = re.search(r"^Parameters:\n(.*?)^\S", template, re.DOTALL | re.MULTILINE)[1]
    return set(re.findall(r"^  (\w+):", section, re.MULTILINE))


@cache
def parse(program, words):
    """The first line of what is wrong, or nothing."""
    done = subprocess.run([program, *words, "--help"], capture_output=True, text=True, env={}, timeout=60)
    return "" if done.returncode == 0 else done.stderr.strip().splitlines()[0]
