"""The steps of the lane, in the order of `STEPS`. A step's name is the sentence that it checks; what
it returns is printed beside it."""

import json
import os
import signal
import statistics
import subprocess
import time
import zipfile
from io import BytesIO
from pathlib import Path

from botocore.exceptions import ClientError

import doors
import earlier
import ledger
import newcomer
import scale
import second_day
import standby
from checks import expect, expect_equal, expect_rows
from emulator import HUB
from members import (BIG, EXTERNAL_IDS, INSTANCES, MANY, PAYMENTS, ROLE, STAGING, WEB, create_roles,
                     make_world, role_arn, run_instance)
from runtime import measure

ROOT = Path(__file__).resolve().parent.parent
STAGE = "e2e"
STACK = f"drs-inventory-{STAGE}"
ACCOUNTS = (PAYMENTS, STAGING, WEB)
LEGACY_KEYS = {"message", "totalSynced", "totalErrors", "timestamp"}
MOST_MEMORY_MB = 128


class Lane:
    """What the steps share."""

    def __init__(self, emulator, simulator, handlers, options):
        self.emulator, self.simulator = emulator, simulator
        self.handlers, self.options = handlers, options
        self.instances, self.world = {}, {}
        self.programs = {}
        self.member_template = (ROOT / "infra/member-account.yaml").read_text()

    def set_world(self, world):
        """What DRS says from now on."""
        self.simulator.world.write_text(json.dumps(world))
        self.simulator.restart()

    def deploy(self, *arguments, stage=STAGE, fails=False, stdin=subprocess.DEVNULL):
        """What scripts/deploy.sh says. With `fails`, it has to. With a terminal as `stdin`, somebody is asked."""
        command = [ROOT / "scripts/deploy.sh", stage, "--skip-tests", "--arch", "x86_64",
                   "--endpoint", self.emulator.endpoint, *arguments]
        if stdin == subprocess.DEVNULL and not fails:
            command += ["--yes"]
        if self.options.prebuilt and "--prebuilt" not in arguments:
            command += ["--prebuilt", self.options.prebuilt]
        process = subprocess.Popen(command, env=self.options.deploy_environment, text=True, stdin=stdin,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   start_new_session=True)
        try:
            said, _ = process.communicate()
        except BaseException:
            # Its children, too: a build goes on otherwise.
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()
            raise
        expect((process.returncode != 0) == fails, f"scripts/deploy.sh ended with {process.returncode}:\n{said}")
        return said

    def items(self, table="source-server-inventory", stack=STACK):
        """Every item of a table, as DynamoDB holds it."""
        pages = self.emulator.client("dynamodb").get_paginator("scan").paginate(
            TableName=f"{stack}-{table}", ConsistentRead=True)
        return [item for page in pages for item in page["Items"]]

    def rows(self, stack=STACK):
        items = self.items(stack=stack)
        return {(it["sourceServerArn"]["S"], it["stagingAccountId"]["S"]): it for it in items}

    def is_locked(self):
        """Whether a sync of all accounts is at work."""
        return any(it["region"]["S"] == "#lock" and "owner" in it for it in self.items("account-region-status"))

    def member_policy(self, account, *, removed):
        """Takes the permissions of a member role away, or gives them back."""
        iam = self.emulator.client("iam", account)
        if removed:
            document = iam.get_role_policy(RoleName=ROLE, PolicyName="read-drs-and-ec2")
            iam.delete_role_policy(RoleName=ROLE, PolicyName="read-drs-and-ec2")
            self.removed_policy = json.dumps(document["PolicyDocument"])
        else:
            iam.put_role_policy(RoleName=ROLE, PolicyName="read-drs-and-ec2",
                                PolicyDocument=self.removed_policy)


# --- Set up ---

def the_members_have_roles_and_instances(lane):
    members = (PAYMENTS, STAGING, WEB, BIG)
    create_roles(lane.emulator, lane.member_template,
                 {account: f"{STACK}-query-handler" for account in members})
    lane.instances = {name: run_instance(lane.emulator, account, region, name)
                      for name, (account, region) in INSTANCES.items()}
    lane.world = make_world(lane.instances)
    lane.set_world(lane.world)
    return f"{len(members)} roles, {len(lane.instances)} instances"


def the_template_is_deployed(lane):
    # The lane says itself when the schedule may fire: it would come in between.
    print(indent(lane.deploy("--drs-endpoint", lane.simulator.endpoint, "--parameter", "SyncEveryMinutes=1",
                             "--parameter", "ScheduleState=DISABLED")))


def a_second_deployment_changes_nothing(lane):
    expect(f"{STACK} is up to date" in lane.deploy(), "the second deployment changed something")


def programs_and_zips_are_small(lane):
    sizes = []
    s3, cloudformation = lane.emulator.client("s3"), lane.emulator.client("cloudformation")
    stack = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
    given = {it["ParameterKey"]: it["ParameterValue"] for it in stack["Parameters"]}
    for key in ("QueryHandlerKey", "DataManagementHandlerKey", "ReadHandlerKey"):
        content = s3.get_object(Bucket=given["ArtifactBucket"], Key=given[key])["Body"].read()
        name = given[key].split("/")[0]
        program = lane.simulator.world.with_name(name)
        with zipfile.ZipFile(BytesIO(content)) as it:
            program.write_bytes(it.read("bootstrap"))
        program.chmod(0o755)
        lane.programs[name] = program
        sizes.append(f"{name}: program {megabytes(program.stat().st_size)}, zip {megabytes(len(content))}")
    return "; ".join(sizes)


def accounts_are_registered(lane):
    manage = lane.handlers.manage
    for account, name in ((PAYMENTS, "payments"), (WEB, "web")):
        answer = manage("add_target_account", accountId=account, accountName=name,
                        roleArn=role_arn(account), externalId=EXTERNAL_IDS[account])
        expect_equal(answer, {"accountId": account}, "the answer to add_target_account")
    answer = manage("add_staging_account", targetAccountId=PAYMENTS, accountId=STAGING,
                    accountName="payments-staging", roleArn=role_arn(STAGING),
                    externalId=EXTERNAL_IDS[STAGING])
    expect("error" not in answer, "add_staging_account answered", answer)
    again = manage("add_target_account", accountId=WEB, roleArn=role_arn(WEB))
    expect_equal(again.get("error"), "ALREADY_EXISTS", "the error for an account that is there")
    foreign = manage("add_target_account", accountId=BIG, roleArn=role_arn(WEB))
    expect_equal(foreign.get("error"), "INVALID_PARAMETER", "the error for another account's role")
    listed = lane.handlers.query("get_target_accounts")
    expect_equal([it["accountId"] for it in listed["accounts"]], [PAYMENTS, WEB], "the accounts")
    expect(EXTERNAL_IDS[WEB] not in json.dumps(listed), "an external id is shown", listed)


# --- The sync ---

def the_sync_reads_every_account(lane):
    body = lane.handlers.sync()
    details = body["details"]
    expect(details["complete"], "the picture is incomplete", details["failed"])
    expect_equal((body["totalSynced"], body["totalErrors"]), (6, 0), "servers stored, and errors")
    expect_equal((details["accountsAsked"], details["accountsSkipped"]), (3, []), "accounts")
    return f"{details['serversFound']} servers, {details['regionsAsked']} regions, {details['durationMs']} ms"


def every_row_holds_what_drs_and_ec2_say(lane):
    rows = lane.handlers.servers()
    expect_rows(rows, lane.world, lane.instances, ACCOUNTS)
    for name, row in rows.items():
        expect_equal(row.get("ec2Status"), "current" if row["instanceId"] else None, f"{name}: ec2Status")
    return f"{len(rows)} rows, page by page"


def the_inventory_can_be_asked(lane):
    for filters, names in [
        ({"accountId": PAYMENTS}, ["pay-app", "pay-db", "pay-eu"]),
        ({"stagingAccountId": STAGING}, ["pay-app", "stage"]),
        ({"region": "eu-west-1"}, ["pay-eu"]),
        ({"hostname": "pay-"}, ["pay-app", "pay-db", "pay-eu"]),
        ({"state": "CONTINUOUS", "accountId": WEB}, ["on-premises", "web"]),
        ({"tag": {"key": "Name", "value": "web"}}, ["web"]),
        ({"minLagSeconds": 121}, []),
    ]:
        expect_equal(sorted(lane.handlers.servers(**filters)), names, f"the servers of {filters}")
    expect_equal(lane.handlers.query("get_current_account_id"), {"accountId": HUB}, "the account")


def every_region_has_its_status(lane):
    regions = {it["region"]: it for it in lane.handlers.query("get_region_status")["regions"]}
    expect_equal(len(regions), len({*regions}), "regions")
    here = regions["us-east-1"]
    expect_equal((here["status"], here["serverCount"]), ("ACTIVE", 5), "us-east-1")
    expect_equal((here["accountsAsked"], here["accountsFailed"]), (3, 0), "the accounts of us-east-1")
    expect_equal(regions["eu-west-1"]["serverCount"], 1, "the servers in eu-west-1")
    return f"{len(regions)} regions"


def an_event_of_drs_is_answered(lane):
    def event(account):
        return {"version": "0", "source": "aws.drs", "account": account, "region": "us-east-1",
                "detail-type": "DRS Source Server Data Replication Stalled Change",
                "resources": [f"arn:aws:drs:us-east-1:{account}:source-server/s-00000000000000001"],
                "detail": {"state": "STALLED"}}
    lane.handlers.sync()
    known = lane.handlers.invoke("query-handler", event(PAYMENTS))
    expect_equal(known.get("outcome"), "skipped", "the outcome where the place was read just now")
    unknown = lane.handlers.invoke("query-handler", event("999999999999"))
    expect_equal(unknown.get("outcome"), "skipped", "the outcome of an unknown account")
    entries = {it["accountId"]["S"] for it in lane.items("account-region-status")}
    expect("999999999999" not in entries, "an event added an account")
    return known["reason"]


def no_lock_is_left(lane):
    expect(not lane.is_locked(), "the lock of the sync is still there")


def groups_and_plans_know_the_servers(lane):
    manage = lane.handlers.manage
    group = manage("create_protection_group", groupName="databases", region="us-east-1",
                   serverSelectionTags={"Name": "pay-db"})
    expect("groupId" in group, "create_protection_group answered", group)
    shown = manage("get_protection_group", groupId=group["groupId"])
    expect_equal([it["hostname"] for it in shown["servers"]], ["pay-db"], "the servers of the group")
    waves = [{"waveName": "first", "protectionGroupIds": [group["groupId"]]}]
    plan = manage("create_recovery_plan", planName="payments", waves=waves)
    expect("planId" in plan, "create_recovery_plan answered", plan)
    unknown = [{"waveName": "first", "protectionGroupIds": ["nobody"]}]
    refused = manage("update_recovery_plan", planId=plan["planId"], waves=unknown)
    expect("error" in refused, "a plan took a group that is not there", refused)
    for operation, name in (("get_protection_groups", "groups"), ("get_recovery_plans", "plans")):
        expect_equal(lane.handlers.query(operation)["count"], 1, f"the number of {name}")
    for deleted in (manage("delete_recovery_plan", planId=plan["planId"]),
                    manage("delete_protection_group", groupId=group["groupId"])):
        expect("error" not in deleted, "a deletion answered", deleted)


# --- A permission is taken away ---

def a_role_without_its_policy_is_named_and_rows_stay(lane):
    before = lane.handlers.servers()["web"]
    lane.member_policy(WEB, removed=True)
    try:
        body = lane.handlers.sync()
    finally:
        lane.member_policy(WEB, removed=False)
    failed = body["details"]["failed"]
    expect(not body["details"]["complete"], "the picture is said to be complete")
    expect_equal([(it["kind"], it["account"], it["region"], it["code"]) for it in failed],
                 [("ec2", WEB, "us-east-1", "UnauthorizedOperation")], "what failed")
    row = lane.handlers.servers()["web"]
    expect_equal(row["ec2Status"], "unreachable", "ec2Status")
    for attribute in ("networkConfig", "sourceTags", "ec2AsOf"):
        expect_equal(row[attribute], before[attribute], f"{attribute} of the row")
    return failed[0]["message"][:120]


def a_role_that_is_gone_is_named_and_rows_stay(lane):
    iam = lane.emulator.client("iam", STAGING)
    trust = json.dumps(iam.get_role(RoleName=ROLE)["Role"]["AssumeRolePolicyDocument"])
    wrong = trust.replace(EXTERNAL_IDS[STAGING], "another-external-id")
    expect(wrong != trust, "the trust policy has no external id", trust)
    before = lane.rows()
    iam.update_assume_role_policy(RoleName=ROLE, PolicyDocument=wrong)
    # Credentials of the role are cached in the warm process. A new one has to ask again.
    lane.handlers.renew()
    try:
        body = lane.handlers.sync()
    finally:
        iam.update_assume_role_policy(RoleName=ROLE, PolicyDocument=trust)
    details = body["details"]
    expect(not details["complete"], "the picture is said to be complete")
    expect_equal([it["account"] for it in details["accountsSkipped"]], [STAGING], "accounts skipped")
    expect("AccessDenied" in details["accountsSkipped"][0]["reason"], "the reason", details)
    expect_equal(before.keys(), lane.rows().keys(), "the rows")
    return details["accountsSkipped"][0]["reason"][:120]


def with_permissions_back_the_picture_is_complete(lane):
    # A role that could not be assumed is not tried again for half a minute.
    started = time.monotonic()
    while not (body := lane.handlers.sync())["details"]["complete"]:
        expect(time.monotonic() - started < 60, "the picture is incomplete", body["details"]["failed"])
        time.sleep(2)
    every_row_holds_what_drs_and_ec2_say(lane)
    return f"after {time.monotonic() - started:.0f} s"


# --- The schedule ---

def the_schedule_fires(lane):
    events, rule = lane.emulator.client("events"), f"{STACK}-sync"
    before = ledger.last_sync(lane)
    started = time.monotonic()
    events.enable_rule(Name=rule)
    try:
        while ledger.last_sync(lane) == before:
            expect(time.monotonic() - started < 100, "no sync in 100 s, with one a minute")
            time.sleep(1)
        fired = time.monotonic() - started
    finally:
        events.disable_rule(Name=rule)
    # Its end is recorded before the sync is done. To the emulator a change of the configuration
    # means to kill it, and to start it once more with the old configuration.
    while lane.is_locked():
        expect(time.monotonic() - started < 100, "the scheduled sync does not end")
        time.sleep(0.2)
    time.sleep(1)  # from the lock to the answer
    return f"after {fired:.0f} s, with one a minute"


# --- The rollback, as docs/ROLLBACK_PROCEDURE.md tells it ---

def the_legacy_sync_comes_back_without_a_deployment(lane):
    before = lane.rows()
    started = time.monotonic()
    lane.handlers.set_variable("USE_REFACTORED_INVENTORY_SYNC", "false")
    switched = time.monotonic() - started
    expect_equal(lane.handlers.query("health")["implementation"], "legacy", "the implementation")
    body = lane.handlers.sync()
    synced = time.monotonic() - started
    expect_equal(set(body), LEGACY_KEYS, "the keys of the answer")
    after = lane.rows()
    expect(before.keys() <= after.keys(), "rows are lost", before.keys() - after.keys())
    written = [it for it in after.values() if it["lastUpdated"]["S"] > max(
        row["lastUpdated"]["S"] for row in before.values())]
    expect_equal(len(written), body["totalSynced"], "rows of the legacy sync")
    expect(written, "the legacy sync wrote nothing")
    for row in written:
        unknown = {"ec2Status", "ec2AsOf", "ec2State", "listedIn", "contentHash"}
        expect(not unknown & row.keys(), "the legacy sync knows no ec2Status and no ledger", row)
    # The attributes that both know are the same.
    for key, row in after.items():
        changed = {name for name in row.keys() & before[key].keys() if row[name] != before[key][name]}
        expect(changed <= {"lastUpdated"}, f"the legacy sync changed {key}", changed)
    return f"switched in {switched:.1f} s, synced after {synced:.1f} s, {len(written)} of {len(after)} rows"


def the_refactored_sync_comes_back_and_nothing_is_lost(lane):
    before, told = lane.rows(), ledger.history(lane)
    started = time.monotonic()
    lane.handlers.set_variable("USE_REFACTORED_INVENTORY_SYNC", "true")
    body = lane.handlers.sync()
    synced = time.monotonic() - started
    expect(body["details"]["complete"], "the picture is incomplete", body["details"]["failed"])
    rows = lane.rows()
    expect_equal(rows.keys(), before.keys(), "the rows")
    every_row_holds_what_drs_and_ec2_say(lane)
    for row in rows.values():
        expect({"listedIn", "contentHash"} <= row.keys(), "a row does not say who listed it", row)
        expect("missingSince" not in row, "a row is flagged", row)
    for kind in ("added", "missing", "removed"):
        expect_equal(ledger.history(lane)[kind], told[kind], f"how many are told to be {kind}")
    return f"synced after {synced:.1f} s"


# --- Time and memory ---

def starts_and_answers_are_fast(lane):
    cold, warm = [], []
    for _ in range(3):
        lane.handlers.renew()
        cold.append(timed(lambda: lane.handlers.query("health")))
        warm += [timed(lambda: lane.handlers.query("health")) for _ in range(10)]
    sync = timed(lane.handlers.sync)
    init, answer = measure(lane.programs["query-handler"])
    return (f"init {init:.0f} ms, answer {answer:.1f} ms; on the emulator cold {statistics.median(cold) * 1000:.0f} ms, warm {statistics.median(warm) * 1000:.0f} ms, "
            f"sync of 6 servers {sync * 1000:.0f} ms")


def three_thousand_servers_fit_into_memory(lane):
    answer = lane.handlers.manage("add_target_account", accountId=BIG, roleArn=role_arn(BIG),
                                  externalId=EXTERNAL_IDS[BIG])
    expect("error" not in answer, "add_target_account answered", answer)
    lane.handlers.renew()  # no peak from before
    body = lane.handlers.sync()
    expect(body["details"]["complete"], "the picture is incomplete", body["details"]["failed"])
    expect_equal(body["totalSynced"], MANY + 6, "servers stored")
    peak = max(peak_memory(pid) for pid in lane.emulator.function_processes(f"{STACK}-query-handler"))
    expect(peak < MOST_MEMORY_MB * 1024, f"the sync took {peak} kB, more than {MOST_MEMORY_MB} MB")
    return f"peak {peak / 1024:.0f} MB, {body['details']['durationMs']} ms"


def peak_memory(pid):
    """In kB, of a whole process life: the resident set at its largest."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


# --- The suites that have other homes ---

def cargo_test(lane, suite, *only, **variables):
    command = ["cargo", "test", "--locked", "--workspace", "--test", suite, *only, "--", "--nocapture", "--test-threads", "1"]
    done = subprocess.run(command, cwd=ROOT, env={**lane.options.deploy_environment, **variables},
                          text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    expect(done.returncode == 0, f"the suite {suite} failed:\n{done.stdout}")
    expect("not run" not in done.stdout, f"the suite {suite} did not run")
    return next(line for line in done.stdout.splitlines() if line.startswith("test result"))


def the_suite_for_real_aws_passes(lane):
    return cargo_test(lane, "aws", DRS_INVENTORY_AWS_TESTS="1", AWS_ENDPOINT_URL=lane.emulator.endpoint,
                      AWS_ENDPOINT_URL_DRS=lane.simulator.endpoint)


def dynamodb_accepts_and_refuses_what_the_embedded_store_does(lane):
    return cargo_test(lane, "inventory", "stores::", DRS_INVENTORY_TEST_DYNAMODB=lane.emulator.endpoint)


# --- Clean up ---

def the_stack_goes_and_its_tables_stay(lane):
    cloudformation, dynamodb = lane.emulator.client("cloudformation"), lane.emulator.client("dynamodb")
    tables = dynamodb.list_tables()["TableNames"]
    rows = lane.rows().keys()
    delete_stack(cloudformation, STACK)
    expect_equal(dynamodb.list_tables()["TableNames"], tables, "the tables after the stack is deleted")
    expect_equal(lane.rows().keys(), rows, "the rows after the stack is deleted")
    expect_equal(lane.emulator.client("lambda").list_functions()["Functions"], [], "functions")
    expect_equal(lane.emulator.client("events").list_rules()["Rules"], [], "schedules")
    try:
        lane.emulator.client("iam").get_role(RoleName=f"{STACK}-query-handler")
        raise AssertionError("the function's role is left")
    except ClientError as error:
        expect_equal(error.response["Error"]["Code"], "NoSuchEntity", "the function's role")
    earlier.delete_tables(dynamodb, tables)
    for account in EXTERNAL_IDS:
        delete_stack(lane.emulator.client("cloudformation", account), "member")


def delete_stack(cloudformation, name):
    cloudformation.delete_stack(StackName=name)
    cloudformation.get_waiter("stack_delete_complete").wait(
        StackName=name, WaiterConfig={"Delay": 1})


STEPS = [
    the_members_have_roles_and_instances, *second_day.BEFORE, the_template_is_deployed,
    a_second_deployment_changes_nothing, programs_and_zips_are_small, accounts_are_registered,
    the_sync_reads_every_account, every_row_holds_what_drs_and_ec2_say, *ledger.STEPS,
    the_inventory_can_be_asked,
    every_region_has_its_status, an_event_of_drs_is_answered, no_lock_is_left, groups_and_plans_know_the_servers,
    *doors.STEPS,
    a_role_without_its_policy_is_named_and_rows_stay, a_role_that_is_gone_is_named_and_rows_stay,
    with_permissions_back_the_picture_is_complete,
    *standby.STEPS,
    the_schedule_fires,
    the_legacy_sync_comes_back_without_a_deployment, the_refactored_sync_comes_back_and_nothing_is_lost,
    *scale.STEPS, *earlier.STEPS, *second_day.STEPS,
    starts_and_answers_are_fast, three_thousand_servers_fit_into_memory,
    the_suite_for_real_aws_passes, dynamodb_accepts_and_refuses_what_the_embedded_store_does,
    *newcomer.STEPS, the_stack_goes_and_its_tables_stay,
]


def timed(call):
    started = time.monotonic()
    call()
    return time.monotonic() - started


def megabytes(size):
    return f"{size / 1e6:.1f} MB"


def indent(text):
    return "".join(f"    {line}\n" for line in text.strip().splitlines())
