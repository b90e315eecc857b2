#!/usr/bin/env python3
"""Breaks the templates in every way that check_policies.py looks for, and expects the finding."""

import copy
import unittest

import check_policies as check

TEMPLATE = check.load(check.INFRA / "template.yaml")
MEMBER = check.load(check.INFRA / "member-account.yaml")
DEFINITION = (check.INFRA / "sync.asl.json").read_text()
TABLES = sorted(check.KEYS)


def properties(template, name):
    return template["Resources"][name]["Properties"]


def statements(template, role):
    return properties(template, role)["Policies"][0]["PolicyDocument"]["Statement"]


class Broken(unittest.TestCase):
    """A change to a copy of the templates or of the definition, and the words of the finding."""

    def findings(self, change, definition=DEFINITION):
        template, member = copy.deepcopy(TEMPLATE), copy.deepcopy(MEMBER)
        change(template, member)
        return list(check.check_all(template, member, definition))

    def expect(self, finding, change=lambda *_: None, definition=DEFINITION):
        found = self.findings(change, definition)
        self.assertTrue(any(finding in it for it in found), f"{finding!r} is not in {found}")

    def test_nothing_is_wrong_with_the_templates(self):
        self.assertEqual(self.findings(lambda *_: None), [])

    def test_every_table_setting(self):
        for name in TABLES:
            for key, finding in [
                ("TimeToLiveSpecification", "has no time to live"),
                ("PointInTimeRecoverySpecification", "has no point-in-time recovery"),
                ("SSESpecification", "is not encrypted"),
                ("BillingMode", "is not billed on demand"),
                ("DeletionProtectionEnabled", "is not protected against deletion"),
                ("TableName", "is not named"),
            ]:
                with self.subTest(table=name, setting=key):
                    self.expect(f"{name}: {finding}",
                                lambda it, _, name=name, key=key: properties(it, name).pop(key))
            with self.subTest(table=name, setting="DeletionPolicy"):
                self.expect(f"{name}: DeletionPolicy",
                            lambda it, _, name=name: it["Resources"][name].pop("DeletionPolicy"))

    def test_time_to_live_of_another_attribute(self):
        def change(it, _):
            properties(it, "RecoveryPlansTable")["TimeToLiveSpecification"]["AttributeName"] = "ttl"
        self.expect("RecoveryPlansTable: has no time to live in TTL", change)

    def test_another_role_than_may_be_assumed(self):
        def change(it, _):
            properties(it, "QueryHandler")["Environment"]["Variables"].pop("MEMBER_ROLE_NAME")
        self.expect("QueryHandler: MEMBER_ROLE_NAME", change)

    def test_recovery_or_encryption_switched_off(self):
        def change(it, _):
            table = properties(it, "ProtectionGroupsTable")
            table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] = False
            table["SSESpecification"]["Fn::If"][2]["SSEEnabled"] = False
        self.expect("ProtectionGroupsTable: has no point-in-time recovery", change)
        self.expect("ProtectionGroupsTable: is not encrypted", change)

    def test_a_missing_table_and_one_too_many(self):
        self.expect("RecoveryPlansTable: is missing",
                    lambda it, _: it["Resources"].pop("RecoveryPlansTable"))
        self.expect("Other: is no table of the contract",
                    lambda it, _: it["Resources"].update(Other=it["Resources"]["RecoveryPlansTable"]))

    def test_keys(self):
        for name in TABLES:
            with self.subTest(table=name):
                def change(it, _, name=name):
                    properties(it, name)["KeySchema"][0]["AttributeName"] = "id"
                self.expect(f"{name}: its key is", change)

    def test_a_lost_sort_key(self):
        self.expect("SourceServerInventoryTable: its key is",
                    lambda it, _: properties(it, "SourceServerInventoryTable")["KeySchema"].pop())

    def test_a_number_as_key(self):
        def change(it, _):
            properties(it, "TargetAccountsTable")["AttributeDefinitions"][0]["AttributeType"] = "N"
        self.expect("TargetAccountsTable: its key attributes", change)

    def test_indexes(self):
        for table, indexes in check.INDEXES.items():
            for number, name in enumerate(indexes):
                def index(it, table=table, number=number):
                    return properties(it, table)["GlobalSecondaryIndexes"][number]
                with self.subTest(index=name):
                    self.expect("its indexes are", lambda it, _, index=index: index(it).update(IndexName="X"))
                    self.expect("its indexes are", lambda it, _, index=index: index(it)["KeySchema"].pop())
                    self.expect(f"{name} does not project",
                                lambda it, _, index=index: index(it)["Projection"].update(ProjectionType="KEYS_ONLY"))

    def test_an_index_that_holds_more(self):
        def change(it, _):
            index = properties(it, "InventoryChangesTable")["GlobalSecondaryIndexes"][0]
            index["Projection"]["NonKeyAttributes"].append("row")
        self.expect("index DayIndex does not project ['kind'", change)

    def test_a_table_that_a_function_is_not_told_of(self):
        for function in ("QueryHandler", "DataManagementHandler", "ReadHandler"):
            def change(it, _, function=function):
                properties(it, function)["Environment"]["Variables"].pop("INVENTORY_CHANGES_TABLE")
            self.expect(f"{function}: INVENTORY_CHANGES_TABLE is not the table", change)

    def test_dead_letters(self):
        def target(it):
            return properties(it, "SyncSchedule")["Targets"][0]["Fn::If"][1]
        def other(it):
            return properties(it, "SyncSchedule")["Targets"][0]["Fn::If"][2]
        self.expect("SyncSchedule: target state-machine has no dead-letter queue",
                    lambda it, _: other(it).pop("DeadLetterConfig"))
        self.expect("SyncSchedule: target query-handler has no dead-letter queue",
                    lambda it, _: target(it).pop("DeadLetterConfig"))
        self.expect("has no retry policy", lambda it, _: target(it).pop("RetryPolicy"))
        self.expect("QueryHandlerLive: is invoked by a schedule and has no destination",
                    lambda it, _: it["Resources"].pop("QueryHandlerLiveInvokeConfig"))
        self.expect("QueryHandlerLive: is invoked by a schedule and has no destination",
                    lambda it, _: properties(it, "QueryHandlerLiveInvokeConfig").update(Qualifier="$LATEST"))
        self.expect("QueryHandlerLive: may be retried more than once",
                    lambda it, _: properties(it, "QueryHandlerLiveInvokeConfig").pop("MaximumRetryAttempts"))
        self.expect("DeadLetterQueue: is not encrypted",
                    lambda it, _: properties(it, "DeadLetterQueue").pop("SqsManagedSseEnabled"))
        self.expect("DeadLetterQueue: does not keep messages",
                    lambda it, _: properties(it, "DeadLetterQueue").pop("MessageRetentionPeriod"))

    def test_log_groups(self):
        for function in ("QueryHandler", "DataManagementHandler", "ReadHandler"):
            self.expect(f"{function}LogGroup: has no retention",
                        lambda it, _, f=function: properties(it, f + "LogGroup").pop("RetentionInDays"))
            self.expect(f"{function}: does not log to a log group",
                        lambda it, _, f=function: properties(it, f).pop("LoggingConfig"))

    def test_wildcards(self):
        def action(it, role, action):
            statements(it, role)[0]["Action"] = action
        for role in ("QueryHandlerRole", "DataManagementHandlerRole"):
            self.expect(f"{role}: dynamodb:* on TargetAccountsTable: an action with a wildcard",
                        lambda it, _, role=role: action(it, role, "dynamodb:*"))
            self.expect(f"{role}: dynamodb:GetItem on *: a resource with a wildcard",
                        lambda it, _, role=role: statements(it, role)[0].update(Resource="*"))
        self.expect("MemberRole: ec2:Describe* on *: an action with a wildcard",
                    lambda _, it: action(it, "MemberRole", ["ec2:Describe*"]))

    def test_an_action_that_nothing_calls(self):
        self.expect("QueryHandlerRole: dynamodb:DeleteTable on TargetAccountsTable: no call is known",
                    lambda it, _: statements(it, "QueryHandlerRole")[0]["Action"].append("dynamodb:DeleteTable"))
        self.expect("MemberRole: drs:DescribeSourceNetworks on *: a resource with a wildcard",
                    lambda _, it: statements(it, "MemberRole")[0]["Action"].append("drs:DescribeSourceNetworks"))
        self.expect("no call is known that needs it",
                    lambda it, _: statements(it, "QueryHandlerRole").append(
                        {"Effect": "Allow", "NotAction": "iam:PassRole", "Resource": "x"}))

    def test_drills_are_read_by_a_parameter_only(self):
        policies = MEMBER["Resources"]["MemberRole"]["Properties"]["Policies"]
        condition, drills, otherwise = policies[-1]["Fn::If"]
        self.assertEqual((condition, otherwise), ("ReadsDrills", {"Ref": "AWS::NoValue"}))
        self.assertEqual(MEMBER["Parameters"]["ReadDrills"]["Default"], "false")
        statement = drills["PolicyDocument"]["Statement"][0]
        self.assertEqual(statement["Action"], ["drs:DescribeRecoveryInstances", "drs:DescribeJobs"])
        self.expect("MemberRole: lacks drs:DescribeJobs on *",
                    lambda _, it: it["Resources"]["MemberRole"]["Properties"]["Policies"].pop())

    def test_an_action_of_another_table(self):
        def change(it, _):
            statements(it, "QueryHandlerRole")[1]["Resource"] = {"Fn::GetAtt": ["RecoveryPlansTable", "Arn"]}
        self.expect("QueryHandlerRole: dynamodb:BatchWriteItem on RecoveryPlansTable: no call is known", change)

    def test_an_action_that_is_missing(self):
        self.expect("QueryHandlerRole: lacks dynamodb:Scan on TargetAccountsTable",
                    lambda it, _: statements(it, "QueryHandlerRole").pop(0))

    def test_any_role_of_any_account(self):
        def change(it, _):
            for statement in statements(it, "QueryHandlerRole"):
                if statement.get("Action") == "sts:AssumeRole":
                    statement["Resource"] = "arn:aws:iam::*:role/*"
        self.expect("sts:AssumeRole on arn:aws:iam::*:role/*: a resource with a wildcard", change)

    def test_a_reader_that_may_do_more_than_read(self):
        for action, resource in [
            ("dynamodb:Scan", "SourceServerInventoryTable"), ("dynamodb:Scan", "AccountRegionStatusTable"),
            ("dynamodb:Scan", "InventoryChangesTable"), ("dynamodb:PutItem", "ProtectionGroupsTable"),
            ("dynamodb:UpdateItem", "AccountRegionStatusTable"), ("events:PutEvents", "HubEventBus"),
            ("logs:PutLogEvents", "QueryHandlerLogGroup"), ("lambda:InvokeFunction", "QueryHandler"),
        ]:
            with self.subTest(action=action, resource=resource):
                statement = {"Effect": "Allow", "Action": action, "Resource": {"Fn::GetAtt": [resource, "Arn"]}}
                self.expect(f"ReadHandlerRole: {action} on {resource} is more than reads",
                            lambda it, _, statement=statement: statements(it, "ReadHandlerRole").append(statement))
        role = {"Fn::Sub": "arn:${AWS::Partition}:iam::*:role/${MemberRoleName}"}
        self.expect("ReadHandlerRole: sts:AssumeRole on role/${MemberRoleName} is more than reads",
                    lambda it, _: statements(it, "ReadHandlerRole").append(
                        {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role}))

    def test_requests_for_a_sync(self):
        def pattern(it):
            return properties(it, "SyncRequested")["EventPattern"]
        self.expect("SyncRequested: waits for", lambda it, _: pattern(it).update({"detail-type": ["Other"]}))
        self.expect("SyncRequested: waits for", lambda it, _: pattern(it).pop("source"))
        self.expect("SyncRequested: another account", lambda it, _: pattern(it).pop("account"))
        self.expect("SyncRequested: another installation", lambda it, _: pattern(it).pop("detail"))

        def any_event(it, _):
            for statement in statements(it, "QueryHandlerRole"):
                made = check.where_it_is_made(statement)
                if check.resource_name(check.as_list(made["Resource"])[0]) == "the default event bus":
                    made.pop("Condition")
        self.expect("QueryHandlerRole: may put other events", any_event)
        self.expect("SyncRequested: target query-handler has no dead-letter queue",
                    lambda it, _: properties(it, "SyncRequested")["Targets"][0]["Fn::If"][1].pop("DeadLetterConfig"))

    def test_policies_elsewhere(self):
        self.expect("QueryHandlerRole: has managed policies",
                    lambda it, _: properties(it, "QueryHandlerRole").update(ManagedPolicyArns=["x"]))
        self.expect("Extra: put policies into the roles",
                    lambda it, _: it["Resources"].update(Extra={"Type": "AWS::IAM::ManagedPolicy"}))

    def test_a_call_that_is_gone(self):
        key = ("MemberRole", "*", "ec2:DescribeInstances")
        before = check.CALLS[key]
        check.CALLS[key] = (before[0], ".describe_nothing()")
        try:
            self.expect("is said to be needed by .describe_nothing()", lambda *_: None)
        finally:
            check.CALLS[key] = before

    def test_trust(self):
        def trust(it):
            return properties(it, "MemberRole")["AssumeRolePolicyDocument"]["Statement"][0]
        self.expect("MemberRole: can be assumed without the external id",
                    lambda _, it: trust(it)["Condition"].pop("StringEquals"))
        self.expect("MemberRole: can be assumed without the external id",
                    lambda _, it: trust(it).pop("Condition"))
        self.expect("MemberRole: can be assumed without the external id",
                    lambda _, it: trust(it)["Condition"]["StringEquals"]["sts:ExternalId"]["Fn::If"][1].append(
                        {"Ref": "RoleName"}))
        self.expect("PreviousExternalId: has a default, or is shown",
                    lambda _, it: it["Parameters"]["PreviousExternalId"].pop("NoEcho"))
        self.expect("MemberRole: can be assumed by more than the hub's role",
                    lambda _, it: trust(it)["Condition"].pop("ArnLike"))
        self.expect("MemberRole: anyone may assume it",
                    lambda _, it: trust(it).update(Principal={"AWS": "*"}))
        self.expect("ExternalId: has a default",
                    lambda _, it: it["Parameters"]["ExternalId"].update(Default="guess-me"))
        self.expect("ExternalId: has a default, or is shown",
                    lambda _, it: it["Parameters"]["ExternalId"].pop("NoEcho"))
        self.expect("ExternalId: is no parameter", lambda _, it: it["Parameters"].pop("ExternalId"))

    def test_the_service_that_may_assume_a_role(self):
        def change(it, _):
            trust = properties(it, "SyncStateMachineRole")["AssumeRolePolicyDocument"]["Statement"][0]
            trust["Principal"]["Service"] = "lambda.amazonaws.com"
        self.expect("SyncStateMachineRole: can be assumed without the external id", change)

    def test_the_state_machine(self):
        for old, new, finding in [
            ('"TimeoutSeconds": 7200,', "", "SyncStateMachine: may run for ever"),
            ('"Next": "Finish the sync"', '"Next": "Finish"', "the state 'Finish' is missing"),
            ('"Next": "Finish the sync"', '"Next": "Finish"', "the state 'Finish the sync' is never entered"),
            ('"Default": "Incomplete"', '"Default": "Perhaps"', "the state 'Perhaps' is missing"),
            ('"Lambda.ServiceException"', '"States.ALL"', "'Sync the account' is tried again on more"),
            ('"ToleratedFailurePercentage": 100', '"ToleratedFailurePercentage": 5',
             "in 'Sync each account' one account's failure ends the others"),
            ('"MaxConcurrency": ${AccountsAtOnce},', "", "'Sync each account' has no limit"),
            ("${QueryHandlerArn}", "${Handler}", "SyncStateMachine: the value Handler is not given"),
            ("${QueryHandlerArn}", "${Handler}", "SyncStateMachine: the value QueryHandlerArn is not used"),
        ]:
            with self.subTest(finding=finding):
                self.assertIn(old, DEFINITION)
                self.expect(finding, definition=DEFINITION.replace(old, new))
        self.expect("SyncStateMachine: logs nowhere",
                    lambda it, _: properties(it, "SyncStateMachine").pop("LoggingConfiguration"))

    def test_a_state_machine_that_may_call_more(self):
        def change(it, _):
            statements(it, "SyncStateMachineRole")[0]["Resource"] = {"Fn::GetAtt": ["DataManagementHandler", "Arn"]}
        self.expect("SyncStateMachineRole: lambda:InvokeFunction on DataManagementHandler: no call is known", change)
        self.expect("SyncStateMachineRole: lacks lambda:InvokeFunction on QueryHandlerLive", change)

    def test_calls_past_the_alias(self):
        function = {"Fn::GetAtt": ["QueryHandler", "Arn"]}
        self.expect("SyncSchedule: target query-handler is a function, and not its alias",
                    lambda it, _: properties(it, "SyncSchedule")["Targets"][0]["Fn::If"][1].update(Arn=function))
        self.expect("SyncSchedulePermission: is for a function, and not for its alias",
                    lambda it, _: properties(it, "SyncSchedulePermission").update(FunctionName={"Ref": "QueryHandler"}))
        self.expect("SyncStateMachine: calls a function, and not its alias", lambda it, _: properties(
            it, "SyncStateMachine")["DefinitionSubstitutions"].update(QueryHandlerArn=function))
        for name in ("QueryHandler", "DataManagementHandler", "ReadHandler"):
            self.expect(f"{name}: has no alias live",
                        lambda it, _, name=name: properties(it, f"{name}Live").update(FunctionVersion="$LATEST"))

    def test_a_role_without_the_boundary(self):
        self.expect("QueryHandlerRole: has no permissions boundary",
                    lambda it, _: properties(it, "QueryHandlerRole").pop("PermissionsBoundary"))
        self.expect("MemberRole: has no permissions boundary",
                    lambda _, it: properties(it, "MemberRole").pop("PermissionsBoundary"))

    def test_metrics_that_nobody_sends(self):
        self.expect("ErrorsAlarm: nothing sends the metric Failure",
                    lambda it, _: properties(it, "ErrorsAlarm").update(MetricName="Failure"))
        def change(it, _):
            body = properties(it, "Dashboard")["DashboardBody"]
            body["Fn::Sub"][0] = body["Fn::Sub"][0].replace("RegionsThrottled", "RegionsSlow")
        self.expect("shows the metric RegionsSlow", change)

    def test_an_alarm_without_a_runbook(self):
        self.expect("ErrorsAlarm: docs/runbooks has none for mistakes",
                    lambda it, _: properties(it, "ErrorsAlarm").update(AlarmName={"Fn::Sub": "${Prefix}-mistakes"}))

    def test_an_alarm_whose_end_nobody_is_told_of(self):
        self.expect("ErrorsAlarm: tells nobody, or not of its end",
                    lambda it, _: properties(it, "ErrorsAlarm").pop("OKActions"))
        self.expect("NoSyncAlarm: tells nobody", lambda it, _: properties(it, "NoSyncAlarm").pop("AlarmActions"))

    def test_events(self):
        def pattern(it):
            return properties(it, "DrsEvents")["EventPattern"]
        for name in (0, 1):
            self.expect("are not the events that query-handler reads",
                        lambda *them, name=name: pattern(them[name])["detail-type"].append("DRS PIT Snapshot Taken"))
            self.expect("DrsEvents: takes every event of DRS",
                        lambda *them, name=name: pattern(them[name]).pop("detail-type"))
        for name in ("EventsOfOrganization", "EventsOfAccounts"):
            self.expect(f"{name}: anyone may put events on the bus",
                        lambda it, _, name=name: properties(it, name)["Statement"].pop("Condition"))
        self.expect("DrsEvents: target query-handler has no dead-letter queue",
                    lambda it, _: properties(it, "DrsEvents")["Targets"][0].pop("DeadLetterConfig"))

    def test_a_bus_that_the_function_may_not_use(self):
        def change(it, _):
            statement, = [it for it in statements(it, "QueryHandlerRole")
                          if it.get("Fn::If", [""])[0] == "HasEventBus"]
            statement["Fn::If"][1]["Action"] = "events:PutRule"
        self.expect("QueryHandlerRole: events:PutRule on HubEventBus: no call is known", change)
        self.expect("QueryHandlerRole: lacks events:PutEvents on HubEventBus", change)

    def test_more_of_a_bucket_than_the_reports(self):
        def statement(it):
            return next(it["Fn::If"][1] for it in statements(it, "QueryHandlerRole")
                        if it.get("Fn::If", [""])[0] == "HasReportBucket")
        self.expect("a resource with a wildcard", lambda it, _: statement(it).update(
            Resource={"Fn::Sub": "arn:${AWS::Partition}:s3:::${ReportBucket}/*"}))
        self.expect("QueryHandlerRole: s3:GetObject on ReportBucket/ReportPrefix: no call is known",
                    lambda it, _: statement(it).update(Action=["s3:PutObject", "s3:GetObject"]))
        self.expect("ReportSchedule: target query-handler has no dead-letter queue",
                    lambda it, _: properties(it, "ReportSchedule")["Targets"][0].pop("DeadLetterConfig"))

    def test_metrics_of_another_installation(self):
        self.expect("ErrorsAlarm: rings for every installation",
                    lambda it, _: properties(it, "ErrorsAlarm").pop("Dimensions"))
        self.expect("QueryHandler: INSTALLATION is not the prefix",
                    lambda it, _: properties(it, "QueryHandler")["Environment"]["Variables"].pop("INSTALLATION"))
        def change(it, _):
            body = properties(it, "Dashboard")["DashboardBody"]
            body["Fn::Sub"][0] = body["Fn::Sub"][0].replace('"Syncs", "Installation", "${Prefix}"', '"Syncs"')
        self.expect('the dashboard shows [ "DrsInventory", "Syncs" ] of every installation', change)


if __name__ == "__main__":
    unittest.main()
