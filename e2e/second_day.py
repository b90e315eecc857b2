"""The steps of a deployment's second day: refused, asked about, repaired, failed, taken back, made anew."""

import os
import pty
import zipfile

from botocore.exceptions import ClientError

from checks import expect, expect_equal
from doors import HTTP_HEALTH

SOMEBODY_ELSE = "999999999999"


def stack_status(lane):
    try:
        told = lane.emulator.client("cloudformation").describe_stacks(StackName=lane.handlers.stack)
        return told["Stacks"][0]["StackStatus"]
    except ClientError:
        return None


def change_sets(lane):
    listed = lane.emulator.client("cloudformation").list_change_sets(StackName=lane.handlers.stack)
    return [it["ChangeSetName"] for it in listed["Summaries"] if it["ExecutionStatus"] == "AVAILABLE"]


# --- Before the first deployment ---

def another_account_is_refused_before_anything_is_made(lane):
    said = lane.deploy("--expect-account", SOMEBODY_ELSE, fails=True)
    expect(f"and not of {SOMEBODY_ELSE}; nothing was made" in said, "what it said", said)
    expect_equal(lane.emulator.client("s3").list_buckets()["Buckets"], [], "the buckets")
    expect_equal(stack_status(lane), None, "the stack")


def production_without_an_alarm_topic_is_refused(lane):
    said = lane.deploy(stage="prod", fails=True)
    expect("nobody would be told of alarms" in said, "what it said", said)
    expect_equal(lane.emulator.client("s3").list_buckets()["Buckets"], [], "the buckets")


def a_change_that_nobody_approves_is_shown_and_not_run(lane):
    said = lane.deploy(fails=True)
    expect("Add AWS::DynamoDB::Table TargetAccountsTable" in said, "the change is not shown", said)
    expect("nobody was asked, so nothing was changed" in said, "what it said", said)
    expect_equal(stack_status(lane), None, "the stack")
    expect_equal(lane.emulator.client("dynamodb").list_tables()["TableNames"], [], "the tables")


def the_bucket_of_the_zips_keeps_versions_and_wants_tls(lane):
    s3 = lane.emulator.client("s3")
    bucket, = [it["Name"] for it in s3.list_buckets()["Buckets"]]
    expect_equal(s3.get_bucket_versioning(Bucket=bucket).get("Status"), "Enabled", "the versioning")
    rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    expect_equal(len(rules), 3, "the number of rules of its life cycle")
    expect("aws:SecureTransport" in s3.get_bucket_policy(Bucket=bucket)["Policy"], "the policy lets in without TLS")


# --- With a stack ---

def somebody_on_a_terminal_is_asked(lane):
    before = lane.handlers.serving()
    said = on_a_terminal(lane, "no", fails=True)
    expect("Run it? Type yes:" in said and "the answer was not yes" in said, "what it said", said)
    expect_equal((change_sets(lane), lane.handlers.serving()), ([], before), "change sets, and what serves")
    said = on_a_terminal(lane, "yes\nyes", fails=False)
    expect_equal(said.count("Run it?"), 2, f"how often it asked, for the stack and for what serves:\n{said}")


def on_a_terminal(lane, answers, *, fails):
    """Deploys with another memory size, and types."""
    ours, theirs = pty.openpty()
    try:
        os.write(ours, f"{answers}\n".encode())
        return lane.deploy("--parameter", "MemorySize=320", stdin=theirs, fails=fails)
    finally:
        os.close(ours)
        os.close(theirs)


def what_was_changed_by_hand_is_put_back(lane):
    functions, logs = lane.emulator.client("lambda"), lane.emulator.client("logs")
    function, group = lane.handlers.name("read-handler"), f"/aws/lambda/{lane.handlers.name('query-handler')}"
    was = functions.get_function_configuration(FunctionName=function)
    variables = was["Environment"]["Variables"]
    functions.update_function_configuration(
        FunctionName=function, MemorySize=1024, Environment={"Variables": {**variables, "RPO_MINUTES": "99"}})
    logs.put_retention_policy(logGroupName=group, retentionInDays=1)
    said = lane.deploy("--repair")
    now = functions.get_function_configuration(FunctionName=function)
    expect_equal((now["MemorySize"], now["Environment"]["Variables"]), (was["MemorySize"], variables),
                 "memory and variables")
    kept, = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    expect_equal(kept["retentionInDays"], 30, "the days that logs are kept")
    for told in ("MODIFIED AWS::Lambda::Function ReadHandler: ", "MODIFIED AWS::Logs::LogGroup QueryHandlerLogGroup",
                 "is as its template says again"):
        expect(told in said, f"it did not say {told}", said)
    expect("is as its template says\n" in lane.deploy("--repair"), "a second repair found something")


def an_update_that_fails_says_what_it_left(lane):
    before = lane.handlers.serving()
    said = lane.deploy("--yes", "--parameter", "ReadHandlerKey=read-handler/nothing.zip", fails=True)
    expect("CloudFormation took this update back (UPDATE_ROLLBACK_COMPLETE)" in said, "what it said", said)
    expect("The cause: ReadHandler: " in said, "the cause is not named", said)
    expect_equal((stack_status(lane), lane.handlers.serving()), ("UPDATE_ROLLBACK_COMPLETE", before),
                 "the state, and what serves")
    return said.split("The cause: ")[1].splitlines()[0][:120]


def a_release_whose_smoke_test_fails_does_not_serve(lane):
    before = lane.handlers.serving()
    said = lane.deploy("--yes", "--prebuilt", str(broken_zips(lane)), fails=True)
    serving = f"{lane.handlers.name('read-handler')} version {before['read-handler']}"
    expect("Serving now: " in said and serving in said, f"it does not say that {serving} serves", said)
    expect_equal(lane.handlers.serving(), before, "what serves")
    answer = lane.handlers.invoke("read-handler", HTTP_HEALTH)
    expect_equal(answer["statusCode"], 200, f"the answer of the version that serves: {answer}")
    lane.deploy()


def broken_zips(lane):
    """The release, but for one function, which ends at once."""
    folder = lane.simulator.world.with_name("broken")
    folder.mkdir()
    for name, program in lane.programs.items():
        with zipfile.ZipFile(folder / f"{name}.zip", "w", zipfile.ZIP_DEFLATED) as it:
            entry = zipfile.ZipInfo("bootstrap")
            entry.external_attr, entry.compress_type = 0o755 << 16, zipfile.ZIP_DEFLATED
            it.writestr(entry, b"#!/bin/sh\nexit 1\n" if name == "read-handler" else program.read_bytes())
    return folder


def the_code_of_the_release_before_comes_back(lane):
    """The emulator takes the alarm to watch and does not watch it: that is CloudFormation's part."""
    cloudwatch, alarm = lane.emulator.client("cloudwatch"), f"{lane.handlers.stack}-live-errors"
    cloudwatch.put_metric_alarm(
        AlarmName=alarm, Namespace="nobody", MetricName="Errors", Statistic="Sum", Period=60,
        EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanOrEqualToThreshold")
    before = lane.handlers.serving()
    said = lane.deploy("--parameter", "AgentSilentMinutes=61")
    expect(f"watches the alarm {alarm} for 5 min" in said, "the release is not watched", said)
    after = lane.handlers.serving()
    expect(before != after, "the release did not move anything", after)
    lane.deploy("--rollback-code")
    expect_equal(lane.handlers.serving(), before, "what serves")
    cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="an error")
    said = lane.deploy("--parameter", "AgentSilentMinutes=60")
    expect(f"the alarm {alarm} rings already" in said, "an alarm that rings is watched", said)
    cloudwatch.delete_alarms(AlarmNames=[alarm])


def a_deleted_stack_is_deployed_again_over_its_tables(lane):
    tables = ("source-server-inventory", "target-accounts", "account-region-status", "inventory-changes")
    cloudformation, before = lane.emulator.client("cloudformation"), {it: lane.items(it) for it in tables}
    expect(before["source-server-inventory"], "there are no rows to keep")
    cloudformation.delete_stack(StackName=lane.handlers.stack)
    cloudformation.get_waiter("stack_delete_complete").wait(
        StackName=lane.handlers.stack, WaiterConfig={"Delay": 1})
    said = lane.deploy("--drs-endpoint", lane.simulator.endpoint, "--parameter", "SyncEveryMinutes=1",
                       "--parameter", "ScheduleState=DISABLED")
    expect_equal(said.count("is there already; the stack takes it over"), 7, f"tables taken over:\n{said}")
    expect_equal({it: lane.items(it) for it in tables}, before, "the rows")
    resources = cloudformation.describe_stack_resources(StackName=lane.handlers.stack)["StackResources"]
    kinds = [it["PhysicalResourceId"] for it in resources if it["ResourceType"] == "AWS::DynamoDB::Table"]
    expect_equal(len(kinds), 7, f"tables of the stack: {kinds}")
    expect(lane.handlers.sync()["details"]["complete"], "the picture is incomplete after it")
    return f"{len(before['source-server-inventory'])} rows"


BEFORE = [
    another_account_is_refused_before_anything_is_made, production_without_an_alarm_topic_is_refused,
    a_change_that_nobody_approves_is_shown_and_not_run, the_bucket_of_the_zips_keeps_versions_and_wants_tls,
]
STEPS = [
    somebody_on_a_terminal_is_asked, what_was_changed_by_hand_is_put_back,
    an_update_that_fails_says_what_it_left,
    a_release_whose_smoke_test_fails_does_not_serve, the_code_of_the_release_before_comes_back,
    a_deleted_stack_is_deployed_again_over_its_tables,
]
