"""The program under test: a store that is filled once, and `serve` over it."""

import json
import re
import subprocess
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode, urlsplit


class Program:
    """Runs commands with nothing of this machine's own set-up."""

    def __init__(self, path, home):
        self.path, self.home = path, Path(home)

    def environment(self, **variables):
        return {"PATH": "/usr/bin:/bin", "HOME": str(self.home), **variables}

    def run(self, *arguments, **variables):
        done = subprocess.run([self.path, *map(str, arguments)], env=self.environment(**variables),
                              capture_output=True, text=True, timeout=300)
        if done.returncode not in (0, 3):
            raise AssertionError(f"{arguments} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def demo(self, store):
        self.run("demo", "--store", store)

    def sync(self, store, world, names):
        """Makes a store and syncs a world into it. `names` are those of the accounts."""
        self.run("tables", "create", "--store", store)
        for account in world["targetAccounts"]:
            self.run("accounts", "add", account["accountId"], "--name", names[account["accountId"]],
                     "--role-arn", account["roleArn"], "--store", store)
        self.sync_again(store, world)

    def sync_again(self, store, world):
        file = self.home / "world.json"
        file.write_text(json.dumps(world))
        simulator = subprocess.Popen([self.path, "sim", "--world", file, "--port", "0"],
                                     env=self.environment(), stderr=subprocess.PIPE, text=True)
        try:
            endpoint = re.search(r"http://[0-9.:]+", simulator.stderr.readline())[0]
            self.run("sync", "--store", store, AWS_ENDPOINT_URL=endpoint, AWS_REGION="us-east-1",
                     AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE", AWS_SECRET_ACCESS_KEY="secret",
                     DRS_REGIONS="us-east-1,eu-west-1")
        finally:
            simulator.kill()
            simulator.wait()


class Serve:
    """`serve` over a store. Use as a context."""

    def __init__(self, program, store, *options):
        self.command = [program.path, "serve", "--store", str(store), *options]
        self.environment = program.environment()

    def __enter__(self):
        self.process = subprocess.Popen(self.command, env=self.environment, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.address = self.process.stdout.readline().strip()
        self.bearer = self.process.stdout.readline().strip().removeprefix("Authorization: ")
        self.origin = self.address.split("/?")[0]
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def ask(self, method, path, headers=None, body=None):
        """(status, headers, body) of a request with these headers alone; no redirect is followed."""
        connection = HTTPConnection(urlsplit(self.origin).netloc, timeout=60)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, dict((name.lower(), value) for name, value in answer.getheaders()), \
                answer.read().decode()
        finally:
            connection.close()

    def get(self, path):
        """The body of a page, for whoever knows the key."""
        status, _, body = self.ask("GET", path, {"Authorization": self.bearer})
        if status != 200:
            raise AssertionError(f"GET {path}: {status} {body[:500]}")
        return body

    def send(self, method, path, body):
        """The JSON of an answer to a change."""
        headers = {"Authorization": self.bearer, "Content-Type": "application/json"}
        status, _, text = self.ask(method, path, headers, json.dumps(body))
        if status not in (200, 201, 202):
            raise AssertionError(f"{method} {path}: {status} {text[:500]}")
        return json.loads(text)


def with_query(path, **query):
    return f"{path}?{urlencode(query)}"
