#!/usr/bin/env python3
"""Faults planted into the runbooks, each of which docs/check_runbooks.py has to find.

Usage: test_check_runbooks.py PROGRAM. PROGRAM is drs-inventory.
"""

import sys
import unittest

import check_runbooks
from runbook_commands import Commands, commands_in, reads

PROGRAM = sys.argv.pop() if len(sys.argv) > 1 else sys.exit(__doc__)
COMMANDS = Commands(PROGRAM, check_runbooks.ROOT)


def found(repository):
    return {f"{where}: {what}" for where, what in check_runbooks.findings(repository, COMMANDS)}


class Planted(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.before = found(check_runbooks.Repository())

    def expect(self, name, old, new, *expected):
        """That with this change there are these findings, and no others, beside those from before."""
        repository = check_runbooks.Repository()
        text = repository.template if name == "template" else repository.runbooks[name]
        self.assertIn(old, text)
        text = text.replace(old, new, 1)
        if name == "template":
            repository.template = text
        else:
            repository.runbooks[name] = text
        new_ones = sorted(found(repository) - self.before)
        self.assertEqual(len(new_ones), len(expected), new_ones)
        for finding, begins in zip(new_ones, sorted(expected)):
            self.assertTrue(finding.startswith(begins), f"{finding} does not begin with {begins}")

    def test_nothing_is_wrong_but_what_is_promised(self):
        self.assertEqual([it for it in self.before if ": promised: " not in it], [])

    def test_a_head_that_lacks_a_part(self):
        self.expect("no-sync.md", "**Severity**: high", "Severity: high", "no-sync.md: '**Severity**:' is expected")

    def test_a_runbook_that_is_too_long(self):
        self.expect("pause.md", "# Runbook", "# Runbook" + "\n" * 80,
                    "pause.md: '**Is recovery affected?**' is expected", "pause.md: '**Needed**:'",
                    "pause.md: '**Severity**:'", "pause.md: has more than 80 lines")

    def test_a_first_command_that_syncs(self):
        self.expect("errors.md", "drs-inventory --store dynamodb status", "drs-inventory --store dynamodb sync",
                    "errors.md: its first command does not read: drs-inventory --store dynamodb sync")

    def test_a_first_command_that_invokes_a_sync(self):
        sync = """aws lambda invoke --function-name F --payload '{"action":"sync_source_server_inventory"}' out"""
        self.expect("errors.md", "drs-inventory --store dynamodb status", sync,
                    "errors.md: its first command does not read: aws lambda invoke")

    def test_an_option_that_the_program_does_not_have(self):
        self.expect("closed-region.md", "--because", "--reason",
                    "closed-region.md: drs-inventory --store dynamodb regions acknowledge")

    def test_a_command_that_the_program_does_not_have(self):
        self.expect("pause.md", "report --out before", "evidence --out before",
                    "pause.md: drs-inventory --store dynamodb evidence")

    def test_an_option_and_an_operation_that_aws_does_not_have(self):
        self.expect("pause.md", "aws events disable-rule", "aws events stop-rule", "pause.md: aws events stop-rule")
        self.expect("pause.md", "disable-rule --name", "disable-rule --rule", "pause.md: aws events disable-rule")

    def test_a_query_that_cannot_be_read(self):
        self.expect("pause.md", "'Item.[owner.S", "'Item.{owner.S", "pause.md: aws dynamodb get-item")

    def test_a_parameter_and_an_option_that_the_deployment_does_not_have(self):
        self.expect("throttles.md", "AccountsAtOnce=20", "AccountsInOneGo=20", "throttles.md: scripts/deploy.sh")
        self.expect("throttles.md", "--parameter A", "--param A", "throttles.md: scripts/deploy.sh")

    def test_an_operation_that_is_not_there(self):
        self.expect("dead-letters.md", '"operation":"write_report"', '"operation":"write_reports"',
                    "dead-letters.md: there is no operation write_reports")
        self.expect("removals-held.md", "`approve_removal`", "`approve_removals`",
                    "removals-held.md: there is no operation approve_removals")

    def test_a_link_that_leads_nowhere(self):
        self.expect("no-sync.md", "(pause.md)", "(paused.md)", "no-sync.md: leads to paused.md")

    def test_commands_behind_a_prompt(self):
        self.expect("onboarding.md", "export DRS_INVENTORY_EXTERNAL_ID\n", "export DRS_INVENTORY_EXTERNAL_ID\n   ls\n",
                    "onboarding.md: goes on behind a prompt")

    def test_a_runbook_that_the_index_lacks(self):
        self.expect("README.md", "[quota](quota.md)", "quota", "README.md: does not list quota.md")

    def test_an_alarm_without_a_runbook(self):
        self.expect("template", "-near-timeout", "-too-slow", "README.md: has no runbook for the alarm too-slow")
        self.expect("template", "docs/runbooks/over-rpo.md", "docs/runbooks/lag.md",
                    "infra/template.yaml: the alarm over-rpo names lag.md")


class Reading(unittest.TestCase):
    def test_commands_are_found_wherever_they_stand(self):
        text = "1. See `aws s3 ls`.\n\n   ```\n   for a in $(drs-inventory accounts list |\n     jq '.[]\n   | .a'); do\n" \
               "     V=$(aws lambda \\\n       list-functions) && rm x > aws\n   done\n   ```\n"
        self.assertEqual([" ".join(it) for it in commands_in(text)],
                         ["aws s3 ls", "drs-inventory accounts list", "aws lambda list-functions"])

    def test_what_does_more_than_read_is_told(self):
        for line in ("drs-inventory accounts discover --apply", "drs-inventory regions acknowledge 1 2",
                     "drs-inventory --store dynamodb removals approve", "drs-inventory serve --allow-changes",
                     "drs-inventory sync", "aws dynamodb put-item", "aws s3 cp a b", "scripts/deploy.sh prod"):
            self.assertFalse(reads(line.split()), line)
        for line in ("drs-inventory --store dynamodb accounts discover", "drs-inventory servers --output csv",
                     "aws dynamodb get-item --table-name T", "aws logs tail G"):
            self.assertTrue(reads(line.split()), line)


if __name__ == "__main__":
    unittest.main()
