"""The hub's region is lost: a second installation in another region takes the exported accounts in, and reads
everything else anew. As docs/runbooks/hub-region-lost.md tells it, but for the loss itself."""

import json
import subprocess
from contextlib import contextmanager

import earlier
from checks import expect, expect_equal
from emulator import HUB
from handlers import Handlers
from members import EXTERNAL_IDS, PAYMENTS, STAGING, WEB

REGION = "us-west-2"
# The stage carries the region: names of roles are global in an account.
STAGE = "e2euswest2"
STACK = f"drs-inventory-{STAGE}"
BUCKET = "dr-exports"
# What is of the moment of a sync, and not of the server.
TIMES = {"lastUpdated", "ec2AsOf", "asOf"}


@contextmanager
def in_region(lane):
    """Deployments go to the other region meanwhile."""
    before = lane.options.deploy_environment
    lane.options.deploy_environment = {**before, "AWS_REGION": REGION}
    try:
        yield
    finally:
        lane.options.deploy_environment = before


def handlers_of(lane):
    return Handlers(lane.emulator, STACK, region=REGION)


def without_times(answer):
    """The same without `TIMES`, however deep."""
    if isinstance(answer, dict):
        return {name: without_times(value) for name, value in answer.items() if name not in TIMES}
    if isinstance(answer, list):
        return [without_times(it) for it in answer]
    return answer


# --- Steps ---

def the_accounts_are_exported_into_another_region(lane):
    s3 = lane.emulator.client("s3", region=REGION)
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    lane.deploy("--parameter", f"ReportBucket={BUCKET}", "--parameter", f"ReportBucketRegion={REGION}")
    answer = lane.handlers.query("export_accounts")
    expect_equal((answer.get("bucket"), answer.get("targetAccounts"), answer.get("stagingAccounts"),
                  answer.get("leftOut")), (BUCKET, 2, 1, []), f"the export ({answer})")
    text = s3.get_object(Bucket=BUCKET, Key=answer["key"])["Body"].read().decode()
    for account, external_id in EXTERNAL_IDS.items():
        expect(external_id not in text, "the export has the external id of", account)
    lane.exported = json.loads(text)
    expect_equal([it["accountId"] for it in lane.exported], [PAYMENTS, WEB], "the exported accounts")
    return answer["key"]


def the_members_let_the_standby_in(lane):
    for account in (PAYMENTS, STAGING, WEB):
        cloudformation = lane.emulator.client("cloudformation", account)
        given = cloudformation.describe_stacks(StackName="member")["Stacks"][0]["Parameters"]
        kept = [{"ParameterKey": it["ParameterKey"], "UsePreviousValue": True} for it in given
                if it["ParameterKey"] != "StandbyHubRoleName"]
        cloudformation.update_stack(
            StackName="member", TemplateBody=lane.member_template, Capabilities=["CAPABILITY_NAMED_IAM"],
            Parameters=[*kept, {"ParameterKey": "StandbyHubRoleName",
                                "ParameterValue": f"{STACK}-query-handler"}])
        cloudformation.get_waiter("stack_update_complete").wait(StackName="member", WaiterConfig={"Delay": 1})


def the_same_stage_in_another_region_is_refused(lane):
    with in_region(lane):
        said = lane.deploy("--yes", fails=True)
    expect("is used in another region of this account" in said, "what it said", said)
    cloudformation = lane.emulator.client("cloudformation", region=REGION)
    expect_equal(cloudformation.list_stacks()["StackSummaries"], [], "the stacks of the other region")
    expect(lane.handlers.sync()["details"]["complete"], "the first installation is incomplete after it")


def a_standby_in_another_region_takes_the_accounts_in(lane):
    with in_region(lane):
        lane.deploy("--drs-endpoint", lane.simulator.endpoint, "--parameter", "ScheduleState=DISABLED",
                    stage=STAGE)
    said = import_accounts(lane, [with_external_ids(target) for target in lane.exported])
    expect("Added 2 target accounts" in said, "what the import said", said)
    accounts = [handlers.query("get_target_accounts") for handlers in (lane.handlers, handlers_of(lane))]
    expect_equal(accounts[1], accounts[0], "the accounts of the standby")
    return f"{accounts[1]['count']} target accounts"


def with_external_ids(account):
    """They come from where passwords are kept."""
    given = {"externalId": EXTERNAL_IDS[account["accountId"]]} if account["hasExternalId"] else {}
    members = [with_external_ids(member) for member in account.get("stagingAccounts", [])]
    return {**account, **given, **({"stagingAccounts": members} if members else {})}


def import_accounts(lane, accounts):
    file = lane.simulator.world.with_name("accounts.json")
    file.write_text(json.dumps(accounts))
    names = {f"{table.replace('-', '_').upper()}_TABLE": f"{STACK}-{table}"
             for table in (*earlier.KEYS, *earlier.NEW_TABLES)}
    environment = {**lane.options.deploy_environment, **names, "AWS_REGION": REGION,
                   "AWS_ENDPOINT_URL": lane.emulator.endpoint}
    done = subprocess.run([lane.options.program, "--store", "dynamodb", "accounts", "import", file, "--apply"],
                          env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    expect(done.returncode == 0, "accounts import ended with", done.returncode, done.stdout)
    return done.stdout


def its_picture_is_that_of_the_first(lane):
    first, standby = lane.handlers, handlers_of(lane)
    for handlers in (standby, first):
        details = handlers.sync()["details"]
        expect(details["complete"], "the picture is incomplete", handlers.stack, details["failed"])
    expect_equal(without_times(standby.servers()), without_times(first.servers()), "the servers of the standby")
    overviews = [without_times(it.query("get_overview")) for it in (standby, first)]
    expect_equal(overviews[0], overviews[1], "the overview of the standby")
    expect_equal(overviews[0]["servers"], len(standby.servers()), "the servers of the overview")
    regions = [{it["region"]: (it["status"], it["serverCount"]) for it in handlers.query("get_region_status")["regions"]}
               for handlers in (standby, first)]
    expect_equal(regions[0], regions[1], "the regions of the standby")
    return f"{len(standby.servers())} servers, {len(regions[0])} regions"


def the_standby_goes_and_the_first_stays(lane):
    cloudformation = lane.emulator.client("cloudformation", region=REGION)
    cloudformation.delete_stack(StackName=STACK)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})
    dynamodb = lane.emulator.client("dynamodb", region=REGION)
    earlier.delete_tables(dynamodb, dynamodb.list_tables()["TableNames"])
    s3 = lane.emulator.client("s3", region=REGION)
    for it in s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        s3.delete_object(Bucket=BUCKET, Key=it["Key"])
    lane.emulator.client("iam", HUB).get_role(RoleName=f"{lane.handlers.stack}-query-handler")
    expect(lane.handlers.sync()["details"]["complete"], "the first installation is incomplete after it")


STEPS = [
    the_accounts_are_exported_into_another_region, the_members_let_the_standby_in,
    the_same_stage_in_another_region_is_refused,
    a_standby_in_another_region_takes_the_accounts_in, its_picture_is_that_of_the_first,
    the_standby_goes_and_the_first_stays,
]
