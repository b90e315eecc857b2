#!/usr/bin/env python3
"""What the deployment decides by itself, before or after it asks AWS."""

import copy
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))
from deployment import change_sets, drift, guard, stacks, traffic  # noqa: E402
from deployment.aws import Failed  # noqa: E402

import check_policies as check  # noqa: E402

TEMPLATE = check.load(check.INFRA / "template.yaml")


class Drift(unittest.TestCase):
    """What a template is like that says what is there."""

    def actual(self, resource, path, actual):
        there = copy.deepcopy(TEMPLATE["Resources"][resource]["Properties"])
        drift.set_actual(there, actual, path.strip("/").split("/"), drift.secret_parameters(TEMPLATE))
        return there

    def test_one_variable_and_no_other(self):
        there = self.actual("QueryHandler", "/Environment/Variables/RPO_MINUTES",
                            {"Environment": {"Variables": {"RPO_MINUTES": "99", "DEFAULT_EXTERNAL_ID": "a-secret"}}})
        self.assertEqual(there["Environment"]["Variables"]["RPO_MINUTES"], "99")
        self.assertEqual(there["Environment"]["Variables"]["DEFAULT_EXTERNAL_ID"], {"Ref": "DefaultExternalId"})

    def test_a_variable_that_was_added_or_taken_away(self):
        there = self.actual("QueryHandler", "/Environment/Variables/NEW", {"Environment": {"Variables": {"NEW": "1"}}})
        # Its value may be a secret, and the template is for everybody to read.
        self.assertEqual(there["Environment"]["Variables"]["NEW"], "set by hand")
        there = self.actual("QueryHandler", "/Environment/Variables/RUST_LOG", {"Environment": {"Variables": {}}})
        self.assertNotIn("RUST_LOG", there["Environment"]["Variables"])

    def test_a_secret_is_put_into_no_template(self):
        there = self.actual("QueryHandler", "/Environment/Variables/DEFAULT_EXTERNAL_ID",
                            {"Environment": {"Variables": {"DEFAULT_EXTERNAL_ID": "a-secret"}}})
        self.assertEqual(there, TEMPLATE["Resources"]["QueryHandler"]["Properties"])

    def test_a_function_of_the_template_gives_way_to_the_value(self):
        there = self.actual("SourceServerInventoryTable", "/SSESpecification/SSEEnabled",
                            {"SSESpecification": {"SSEEnabled": "false"}})
        self.assertEqual(there["SSESpecification"], {"SSEEnabled": "false"})

    def test_a_list(self):
        statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
        known = TEMPLATE["Resources"]["QueryHandlerRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]
        there = self.actual("QueryHandlerRole", "/AssumeRolePolicyDocument/Statement/1",
                            {"AssumeRolePolicyDocument": {"Statement": [known, statement]}})
        self.assertEqual(there["AssumeRolePolicyDocument"]["Statement"], [known, statement])


class Changes(unittest.TestCase):
    TABLE = {"Action": "Modify", "ResourceType": "AWS::DynamoDB::Table", "LogicalResourceId": "T",
             "PhysicalResourceId": "t"}

    def test_what_is_lost(self):
        for more, told in [({"Replacement": "True"}, "is replaced"), ({"Replacement": "Conditional"}, "may be replaced"),
                           ({"Action": "Remove"}, "is deleted"),
                           ({"Action": "Remove", "PolicyAction": "Retain"}, "leaves the stack and stays")]:
            change = {**self.TABLE, **more}
            self.assertEqual((change_sets.fate(change), change_sets.lost([change])), (told, [change]))
        for more in ({"Replacement": "False"}, {"Action": "Add"}, {"Action": "Import"},
                     {"Replacement": "True", "ResourceType": "AWS::Lambda::Permission"}):
            self.assertEqual(change_sets.lost([{**self.TABLE, **more}]), [])

    def test_a_parameter_that_the_template_lacks(self):
        with self.assertRaisesRegex(Failed, "the template has no parameter Memory"):
            change_sets.parameters({"Memory": "1"}, {"MemorySize": {}}, {})

    def test_a_parameter_keeps_its_value(self):
        current = {"Parameters": [{"ParameterKey": "Kept", "ParameterValue": "1"},
                                  {"ParameterKey": "Gone", "ParameterValue": "1"}]}
        self.assertEqual(change_sets.parameters({"New": "2"}, {"Kept", "New", "Default"}, current), [
            {"ParameterKey": "New", "ParameterValue": "2"}, {"ParameterKey": "Kept", "UsePreviousValue": True}])


class States(unittest.TestCase):
    def said(self, status):
        return stacks.state({"StackName": "s", "StackStatus": status})

    def test_what_to_do_is_said(self):
        for status, words in [
            ("UPDATE_ROLLBACK_FAILED", "continue-update-rollback --stack-name s"), ("ROLLBACK_FAILED", "delete-stack"),
            ("UPDATE_IN_PROGRESS", "still at work on it (UPDATE_IN_PROGRESS)"), ("OTHER", "in the state OTHER"),
            ("UPDATE_ROLLBACK_IN_PROGRESS", "still at work"), ("CREATE_FAILED", "tables that are left are taken over"),
        ]:
            self.assertIn(words, self.said(status))

    def test_a_stack_that_cannot_be_changed(self):
        for status in ("UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED", "DELETE_FAILED"):
            with self.assertRaisesRegex(Failed, "s cannot be changed now"):
                stacks.refuse_unless_changeable({"StackName": "s", "StackStatus": status})
        stacks.refuse_unless_changeable({"StackName": "s", "StackStatus": "UPDATE_ROLLBACK_COMPLETE"})


class Guard(unittest.TestCase):
    def test_the_alarm_topic(self):
        kept = {"Parameters": [{"ParameterKey": "AlarmTopicArn", "ParameterValue": "arn"}]}
        guard.check_alarm_topic([], kept)
        guard.check_alarm_topic(["AlarmTopicArn=arn"], None)
        for given, current in [([], None), (["AlarmTopicArn="], kept)]:
            with self.assertRaisesRegex(Failed, "nobody would be told"):
                guard.check_alarm_topic(given, current)


class Answers(unittest.TestCase):
    def test_what_a_version_may_not_answer(self):
        for text in ("", "no JSON", "[]", '{"error": "INTERNAL_ERROR"}', '{"status": "unhealthy", "problems": []}',
                     '{"statusCode": 500, "body": "{}"}', '{"statusCode": 200, "body": "<html>"}',
                     '{"statusCode": 200, "body": "{\\"status\\": \\"unhealthy\\"}"}'):
            with self.subTest(text=text), self.assertRaises(Failed):
                traffic.refuse_bad_answer("it", text, None)
        with self.assertRaises(Failed):
            traffic.refuse_bad_answer("it", "{}", "Unhandled")
        for text in ("{}", '{"servers": []}', '{"status": "healthy"}', '{"statusCode": 200, "body": "{}"}'):
            traffic.refuse_bad_answer("it", text, None)


if __name__ == "__main__":
    unittest.main()
