#!/usr/bin/env python3
"""Runs scripts/stackset.sh dry: its calls fit AWS's own description of the API, and tell no secret."""

import os
import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HUB, OU = "111111111111", "ou-ab12-11111111"


def stack_set(*words, **variables):
    """Without credentials: a dry run needs none."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.run(
        [ROOT / "scripts/stackset.sh", *words], text=True, capture_output=True,
        env={**kept, "AWS_REGION": "eu-central-1", "DRS_INVENTORY_EXTERNAL_ID": "a-secret-of-ours", **variables})


class DryRun(unittest.TestCase):
    def refused(self, words, finding, **variables):
        done = stack_set(*words, **variables)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(finding, done.stderr)

    def test_the_calls_are_shown_without_secrets(self):
        done = stack_set("prod", "--hub", HUB, "--ou", OU, "--ou", "r-ab12", "--organization", "o-0123456789",
                         "--parameter", "ReadDrills=true", "--dry-run",
                         DRS_INVENTORY_PREVIOUS_EXTERNAL_ID="the-secret-before")
        self.assertEqual(done.returncode, 0, done.stderr)
        for text in ("CreateStackSet {", "UpdateStackSet {", "CreateStackInstances {", '"SERVICE_MANAGED"', OU,
                     '"r-ab12"', '"eu-central-1"', "drs-inventory-prod-query-handler", '"o-0123456789"',
                     '"ReadDrills"', '"Enabled": true', '"SELF"', "leaves the organization's management account out"):
            self.assertIn(text, done.stdout)
        self.assertNotIn("a-secret-of-ours", done.stdout + done.stderr)
        self.assertNotIn("the-secret-before", done.stdout + done.stderr)

    def test_a_delegated_administrator(self):
        done = stack_set("prod", "--hub", HUB, "--ou", OU, "--delegated", "--dry-run")
        self.assertIn('"DELEGATED_ADMIN"', done.stdout)

    def test_what_cannot_be_meant(self):
        self.refused(["prod", "--hub", "hub", "--ou", OU, "--dry-run"], "'hub' is not 12 digits")
        self.refused(["prod", "--hub", HUB, "--ou", "everything", "--dry-run"], "'everything' is not ou-… or r-…")
        self.refused(["prod", "--hub", HUB, "--dry-run"], "--ou")
        self.refused(["prod", "--hub", HUB, "--ou", OU, "--parameter", "ExternalId=x1", "--dry-run"],
                     "set DRS_INVENTORY_EXTERNAL_ID instead")
        self.refused(["prod", "--hub", HUB, "--ou", OU, "--dry-run"], "no region is set", AWS_REGION="")


if __name__ == "__main__":
    unittest.main()
