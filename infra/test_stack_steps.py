#!/usr/bin/env python3
"""Takes stacks of all ages to the template, and looks at what each update asks of DynamoDB."""

import copy
import json
import unittest

import check_policies as check
import stack_steps

TEMPLATE = check.load(check.INFRA / "template.yaml")
INVENTORY = "SourceServerInventoryTable"


def without_indexes(template, table, names):
    properties = stack_steps.tables(template)[table]
    kept = [it for it in properties["GlobalSecondaryIndexes"] if it["IndexName"] not in names]
    stack_steps.set_indexes(properties, properties, kept)


def before_the_ledger():
    """The stack as it was before there were a ledger and a history."""
    template = copy.deepcopy(TEMPLATE)
    for table in ("AccountRegionStatusTable", "InventoryChangesTable"):
        del template["Resources"][table]
    for table in stack_steps.tables(template).values():
        del table["DeletionProtectionEnabled"]
    without_indexes(template, INVENTORY, ["ListingIndex", "AttentionIndex"])
    return template


def without_any_index():
    template = before_the_ledger()
    without_indexes(template, INVENTORY, check.INDEXES[INVENTORY])
    return template


def findings(template, deployed):
    """What DynamoDB or CloudFormation would refuse, or what could not be taken back."""
    before = stack_steps.tables(deployed)
    for name, table in stack_steps.tables(template).items():
        keys = {part["AttributeName"] for holder in (table, *table.get("GlobalSecondaryIndexes", []))
                for part in holder["KeySchema"]}
        if {it["AttributeName"] for it in table["AttributeDefinitions"]} != keys:
            yield f"{name}: attributes are defined that are no keys, or the other way round"
        if name not in before:
            if "DeletionProtectionEnabled" in table:
                yield f"{name}: is made and protected at once"
            if not isinstance(table["TableName"], str):
                yield f"{name}: is not taken over where it is there already"
            continue
        was, now = stack_steps.by_name(before[name]), stack_steps.by_name(table)
        changes = (len(now.keys() - was.keys()) + len(was.keys() - now.keys())
                   + 2 * sum(was[index] != now[index] for index in was.keys() & now.keys()))
        if changes > 1:
            yield f"{name}: {changes} indexes are made or deleted at once"
        if changes and stack_steps.beside_indexes(table) != stack_steps.beside_indexes(before[name]):
            yield f"{name}: is changed beside an index"


class Steps(unittest.TestCase):
    def steps(self, deployed, template=TEMPLATE):
        steps = stack_steps.steps(template, deployed, "drs-inventory-test")
        for before, after in zip([deployed, *steps], steps):
            self.assertEqual(list(findings(after, before)), [])
            # From a bucket. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
            self.assertLess(len(json.dumps(after)), 1_000_000)
        self.assertEqual(steps[-1], template)
        return steps

    def test_the_check_sees_what_it_looks_for(self):
        found = "\n".join(findings(TEMPLATE, without_any_index()))
        self.assertIn(f"{INVENTORY}: 5 indexes are made or deleted at once", found)
        self.assertIn(f"{INVENTORY}: is changed beside an index", found)
        self.assertIn("InventoryChangesTable: is made and protected at once", found)
        self.assertIn("InventoryChangesTable: is not taken over where it is there already", found)

    def test_a_new_stack(self):
        made, protected = self.steps({})
        self.assertEqual(stack_steps.changed_tables(made, {}), [])
        self.assertEqual(stack_steps.changed_tables(protected, made), sorted(check.KEYS))
        names = {it["TableName"] for it in stack_steps.tables(made).values()}
        self.assertEqual(names, {f"drs-inventory-test-{it}" for it in check.NAMES.values()})

    def test_a_new_stack_over_tables_that_are_there(self):
        made, named = stack_steps.steps(TEMPLATE, {}, "drs-inventory-test", {INVENTORY, "RecoveryPlansTable"})
        protected = {name for name, it in stack_steps.tables(made).items() if "DeletionProtectionEnabled" in it}
        self.assertEqual(protected, {INVENTORY, "RecoveryPlansTable"})
        self.assertEqual(named, TEMPLATE)

    def test_a_stack_that_is_up_to_date(self):
        self.assertEqual(self.steps(TEMPLATE), [TEMPLATE])
        self.assertEqual(stack_steps.changed_tables(TEMPLATE, TEMPLATE), [])

    def test_a_stack_from_before_the_ledger(self):
        made, *indexed = self.steps(before_the_ledger())
        self.assertIn("AccountRegionStatusTable", stack_steps.tables(made))
        self.assertNotIn("ListingIndex", stack_steps.by_name(stack_steps.tables(made)[INVENTORY]))
        self.assertIn("ListingIndex", stack_steps.by_name(stack_steps.tables(indexed[0])[INVENTORY]))
        self.assertEqual(len(indexed), 2)

    def test_a_stack_from_before_rows_were_judged(self):
        deployed = copy.deepcopy(TEMPLATE)
        without_indexes(deployed, INVENTORY, ["AttentionIndex"])
        self.assertEqual(len(self.steps(deployed)), 1)

    def test_several_indexes_come_one_after_the_other(self):
        self.assertEqual(len(self.steps(without_any_index())), 6)

    def test_indexes_of_several_tables_come_at_the_same_time(self):
        deployed = copy.deepcopy(TEMPLATE)
        without_indexes(deployed, INVENTORY, ["ListingIndex", "SourceAccountIndex"])
        without_indexes(deployed, "AccountRegionStatusTable", ["TroubleIndex", "RegionIndex"])
        self.assertEqual(len(self.steps(deployed)), 2)

    def test_an_index_that_goes_and_one_that_is_another_now(self):
        deployed = copy.deepcopy(TEMPLATE)
        indexes = stack_steps.tables(deployed)[INVENTORY]["GlobalSecondaryIndexes"]
        indexes[3]["Projection"] = {"ProjectionType": "ALL"}
        indexes.append({**indexes[0], "IndexName": "Gone"})
        self.assertEqual(len(self.steps(deployed)), 3)

    def test_back_to_an_earlier_template(self):
        self.assertEqual(len(self.steps(TEMPLATE, without_any_index())), 6)

    def test_a_template_is_read_in_every_form(self):
        text = (check.INFRA / "template.yaml").read_text()
        for body in (text, json.dumps(TEMPLATE), TEMPLATE):
            self.assertEqual(stack_steps.parse(body), TEMPLATE)


if __name__ == "__main__":
    unittest.main()
