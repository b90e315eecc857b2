#!/usr/bin/env python3
"""Plants what the checks of the supply chain must find, and sees them find it."""

import json
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATABASE = "https://github.com/rustsec/advisory-db"

ADVISORY = """```toml
[advisory]
id = "RUSTSEC-2099-0001"
package = "{}"
date = "2026-01-01"

[versions]
patched = []
```

# Planted

A hole that is none.
"""


def run(*command, **environment):
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def other_digit(hash):
    return hash[:-1] + ("0" if hash[-1] != "0" else "1")


class SupplyChain(unittest.TestCase):
    def setUp(self):
        self.scratch = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def check_with_hole_in(self, crate):
        """.ci/supply-chain with a database of advisories that has one, on `crate`."""
        database = self.scratch / f"database-{crate}"
        (database / "crates" / crate).mkdir(parents=True)
        (database / "crates" / crate / "RUSTSEC-2099-0001.md").write_text(ADVISORY.format(crate))
        git = ["git", "-C", database, "-c", "user.name=test", "-c", "user.email=test@localhost"]
        for arguments in (["init", "--quiet", "--initial-branch", "main"], ["add", "."],
                          ["commit", "--quiet", "--message", "planted", "--no-gpg-sign"]):
            subprocess.run([*git, *arguments], check=True)
        config = self.scratch / "deny.toml"
        # A place of its own, so that the real database is neither used nor touched.
        config.write_text((ROOT / "deny.toml").read_text().replace(
            "[advisories]\n", f'[advisories]\ndb-path = "{database}-fetched"\n'))
        # git, which cargo-deny fetches with, is told that the database is this one.
        return run(".ci/supply-chain", "--require-advisories", "--config", config, GIT_CONFIG_COUNT="1",
                   GIT_CONFIG_KEY_0=f"url.file://{database}.insteadOf", GIT_CONFIG_VALUE_0=DATABASE)

    def test_a_hole_in_a_dependency_fails_the_check(self):
        done = self.check_with_hole_in("serde_json")
        self.assertNotEqual(done.returncode, 0, done.stdout)
        self.assertIn("RUSTSEC-2099-0001", done.stdout)
        self.assertIn("advisories FAILED", done.stdout)

    def test_a_hole_in_what_is_not_used_does_not(self):
        done = self.check_with_hole_in("a-crate-that-nobody-uses")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual(done.stdout.count("advisories ok"), 2, done.stdout)

    def test_another_hash_of_a_python_package_is_refused(self):
        [package] = re.findall(r"^pyyaml==.*?(?=^    #)", (ROOT / "infra/requirements.txt").read_text(), re.M | re.S)
        for content, refused in ((package, False),
                                 (re.sub(r"sha256:\w+", lambda it: other_digit(it[0]), package), True)):
            requirements = self.scratch / f"requirements-{refused}.txt"
            requirements.write_text(content)
            done = run("scripts/python-env", requirements, XDG_CACHE_HOME=str(self.scratch / "cache"))
            self.assertEqual(done.returncode != 0, refused, done.stdout)
            self.assertEqual("DO NOT MATCH THE HASHES" in done.stdout, refused, done.stdout)

    def test_a_python_package_without_a_hash_is_refused(self):
        requirements = self.scratch / "requirements.txt"
        requirements.write_text("pyyaml==6.0.3\n")
        done = run("scripts/python-env", requirements, XDG_CACHE_HOME=str(self.scratch / "cache"))
        self.assertNotEqual(done.returncode, 0, done.stdout)

    def test_another_hash_of_an_npm_package_is_refused(self):
        lock = (ROOT / "page/package-lock.json").read_text()
        for folder, content, refused in (("as-it-is", lock, False), ("changed", lock.replace("sha512-F", "sha512-G"), True)):
            (self.scratch / folder).mkdir()
            (self.scratch / folder / "package-lock.json").write_text(content)
            (self.scratch / folder / "package.json").write_text((ROOT / "page/package.json").read_text())
            done = run(".ci/npm-packages", self.scratch / folder, XDG_CACHE_HOME=str(self.scratch / "cache"))
            self.assertEqual(done.returncode != 0, refused, done.stdout)
            self.assertEqual("EINTEGRITY" in done.stdout, refused, done.stdout)

    def test_the_sbom_names_every_dependency_of_the_functions(self):
        for arch, target in (("arm64", "aarch64-unknown-linux-gnu"), ("x86_64", "x86_64-unknown-linux-gnu")):
            first, again = self.scratch / f"{arch}.json", self.scratch / "again.json"
            for out in (first, again):
                done = run("scripts/sbom.sh", "--arch", arch, out)
                self.assertEqual(done.returncode, 0, done.stdout)
            self.assertEqual(first.read_bytes(), again.read_bytes())
            self.assertNotIn(str(ROOT), first.read_text())
            sbom = json.loads(first.read_text())
            self.assertEqual((sbom["bomFormat"], sbom["specVersion"]), ("CycloneDX", "1.5"))
            named = {(it["name"], it["version"]) for it in sbom["components"]}
            tree = subprocess.run(
                ["cargo", "tree", "--locked", "--package", "lambda", "--edges", "normal,build", "--target", target,
                 "--prefix", "none", "--format", "{p}"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
            used = {tuple(line.split()[:2]) for line in tree.splitlines()} - {("lambda", "v0.1.0")}
            self.assertGreater(len(used), 250)
            self.assertEqual({(name, version[1:]) for name, version in used} - named, set())
            # A hash for each that comes from outside.
            self.assertEqual([it["name"] for it in sbom["components"]
                              if "download_url=file" not in it["purl"] and not it.get("hashes")], [])


if __name__ == "__main__":
    unittest.main()
