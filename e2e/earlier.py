"""The steps of installations from before there were a ledger and a history: they get both, and keep
their rows."""

import subprocess
import sys
from pathlib import Path

from checks import expect, expect_equal
from emulator import HUB, REGION
from handlers import Handlers
from members import EARLIER, EXTERNAL_IDS, SERVERS_OF_EARLIER, create_roles, role_arn

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = ROOT / "e2e/earlier-template.yaml"
STAGE = "earlier"
STACK = f"drs-inventory-{STAGE}"
NEW_TABLES = ("account-region-status", "inventory-changes")
NEW_INDEXES = ("ListingIndex", "AttentionIndex")
# The tables that a command line of then had made.
BY_HAND = "by-hand"
KEYS = {"target-accounts": ["accountId"], "drs-region-status": ["region"], "protection-groups": ["groupId"],
        "recovery-plans": ["planId"], "source-server-inventory": ["sourceServerArn", "stagingAccountId"]}
INDEXES = {"SourceAccountIndex": "sourceAccountId", "StagingAccountIndex": "stagingAccountId",
           "ReplicationRegionIndex": "replicationRegion"}


def deployed_code(lane):
    """What the lane's own stack runs, as parameters of the earlier template."""
    stack = lane.emulator.client("cloudformation").describe_stacks(StackName=lane.handlers.stack)["Stacks"][0]
    given = {it["ParameterKey"]: it["ParameterValue"] for it in stack["Parameters"]}
    names = ("ArtifactBucket", "QueryHandlerKey", "DataManagementHandlerKey", "Architecture", "EndpointUrl",
             "DrsEndpointUrl")
    return {name: given[name] for name in names}


def described(lane, table):
    return lane.emulator.client("dynamodb").describe_table(TableName=table)["Table"]


def indexes(lane, table):
    return {it["IndexName"] for it in described(lane, table).get("GlobalSecondaryIndexes", [])}


# --- Steps ---

def an_installation_of_the_earlier_template_is_there(lane):
    parameters = {**deployed_code(lane), "ScheduleState": "DISABLED", "UseRefactoredInventorySync": "false"}
    command = [sys.executable, ROOT / "scripts/deploy_stack.py", "deploy", "--stage", STAGE, "--yes",
               "--endpoint", lane.emulator.endpoint, "--template", TEMPLATE, *(f"{k}={v}" for k, v in parameters.items())]
    done = subprocess.run(command, env=lane.options.deploy_environment, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    expect(done.returncode == 0, f"the earlier template is not deployed:\n{done.stdout}")
    create_roles(lane.emulator, lane.member_template, {EARLIER: f"{STACK}-query-handler"})
    handlers = Handlers(lane.emulator, STACK, alias=None)
    answer = handlers.manage("add_target_account", accountId=EARLIER, roleArn=role_arn(EARLIER),
                             externalId=EXTERNAL_IDS[EARLIER])
    expect("error" not in answer, "add_target_account answered", answer)
    # No later version is needed for rows as they were then: the legacy sync has not changed.
    expect_equal(handlers.sync()["totalSynced"], SERVERS_OF_EARLIER, "servers of the legacy sync")
    rows = lane.items("source-server-inventory", STACK)
    expect(not any("listedIn" in row for row in rows), "the rows know of the ledger", rows)
    return f"{len(rows)} rows"


def the_template_of_today_brings_tables_and_indexes_and_keeps_the_rows(lane):
    kept = ("source-server-inventory", "target-accounts", "drs-region-status")
    before = {table: lane.items(table, STACK) for table in kept}
    said = lane.deploy("--parameter", "UseRefactoredInventorySync=true", stage=STAGE)
    expect("update 3 of 3" in said, "the indexes did not come by updates of their own", said)
    expect_equal({table: lane.items(table, STACK) for table in kept}, before, "the rows after the update")
    for table in NEW_TABLES:
        expect_equal(lane.items(table, STACK), [], f"the items of {table}")
    for table in (*NEW_TABLES, *KEYS):
        expect(described(lane, f"{STACK}-{table}").get("DeletionProtectionEnabled"), f"{table} is not protected")
    expect_equal(indexes(lane, f"{STACK}-source-server-inventory"), {*INDEXES, *NEW_INDEXES}, "the indexes")


def the_first_sync_after_it_asks_everything_and_loses_nothing(lane):
    handlers, before = Handlers(lane.emulator, STACK), lane.rows(STACK)
    body = handlers.sync()
    details = body["details"]
    expect(details["complete"], "the picture is incomplete", details["failed"])
    expect_equal((body["totalSynced"], details["serversMissing"]), (SERVERS_OF_EARLIER, 0),
                 "servers stored, and missing")
    rows = lane.rows(STACK)
    expect_equal(rows.keys(), before.keys(), "the rows")
    for row in rows.values():
        expect_equal(row.get("listedIn"), {"S": f"{EARLIER}/{REGION}"}, "the place of a row")
        expect("missingSince" not in row, "a row is flagged", row)
    kinds = {it["kind"]["S"] for it in lane.items("inventory-changes", STACK)}
    expect(not kinds & {"added", "missing", "removed"}, "the history tells of servers that did not come or go", kinds)
    asked = {it["region"]["S"]: "accountsAsked" in it for it in lane.items("drs-region-status", STACK)}
    expect(all(asked.values()), "regions are not rolled up", asked)
    expect_equal(handlers.sync()["details"]["serversWritten"], 0, "servers that a second sync writes")
    return f"{details['regionsAsked']} regions, {len(rows)} rows"


def the_updated_installation_goes_and_its_tables_stay(lane):
    cloudformation, dynamodb = lane.emulator.client("cloudformation"), lane.emulator.client("dynamodb")
    cloudformation.delete_stack(StackName=STACK)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})
    tables = [it for it in dynamodb.list_tables()["TableNames"] if it.startswith(f"{STACK}-")]
    expect_equal(len(tables), len(KEYS) + len(NEW_TABLES), "the number of tables that stay")
    delete_tables(dynamodb, tables)


def tables_create_brings_tables_of_before_up_to_date(lane):
    """As a hub without CloudFormation does it, by the command line."""
    dynamodb = lane.emulator.client("dynamodb")
    for name, key in KEYS.items():
        create_table(dynamodb, f"{BY_HAND}-{name}", key, INDEXES if len(key) == 2 else {})
    inventory = f"{BY_HAND}-source-server-inventory"
    row = {"sourceServerArn": {"S": f"arn:aws:drs:{REGION}:{HUB}:source-server/s-1"}, "stagingAccountId": {"S": HUB}}
    dynamodb.put_item(TableName=inventory, Item=row)
    said = tables_create(lane)
    expect(f"{inventory} is there, added: {', '.join(NEW_INDEXES)}" in said, "tables create said", said)
    expect_equal(said.count(" created"), len(NEW_TABLES), "the number of tables created")
    expect_equal(indexes(lane, inventory), {*INDEXES, *NEW_INDEXES}, "the indexes")
    expect_equal(dynamodb.scan(TableName=inventory)["Items"], [row], "the rows")
    again = tables_create(lane)
    expect("created" not in again and "added" not in again, "the second time it said", again)
    for name in NEW_TABLES:
        expect(described(lane, f"{BY_HAND}-{name}").get("DeletionProtectionEnabled"), f"{name} is not protected")
    delete_tables(dynamodb, [f"{BY_HAND}-{name}" for name in (*KEYS, *NEW_TABLES)])


def delete_tables(dynamodb, tables):
    for table in tables:
        dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)
        dynamodb.delete_table(TableName=table)


def tables_create(lane):
    names = {f"{name.replace('-', '_').upper()}_TABLE": f"{BY_HAND}-{name}" for name in (*KEYS, *NEW_TABLES)}
    environment = {**lane.options.deploy_environment, **names, "AWS_ENDPOINT_URL": lane.emulator.endpoint}
    command = [lane.options.program, "--store", "dynamodb", "tables", "create"]
    done = subprocess.run(command, env=environment, text=True, capture_output=True)
    expect(done.returncode == 0, "tables create failed", done.stderr)
    return done.stdout


def create_table(dynamodb, name, key, of_indexes):
    def schema(*attributes):
        return [{"AttributeName": it, "KeyType": kind} for it, kind in zip(attributes, ("HASH", "RANGE"))]
    given = {"GlobalSecondaryIndexes": [
        {"IndexName": index, "KeySchema": schema(attribute, "sourceServerArn"),
         "Projection": {"ProjectionType": "ALL"}} for index, attribute in of_indexes.items()]} if of_indexes else {}
    dynamodb.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=schema(*key),
        AttributeDefinitions=[{"AttributeName": it, "AttributeType": "S"}
                              for it in sorted({*key, *of_indexes.values()})], **given)


STEPS = [
    an_installation_of_the_earlier_template_is_there,
    the_template_of_today_brings_tables_and_indexes_and_keeps_the_rows,
    the_first_sync_after_it_asks_everything_and_loses_nothing,
    the_updated_installation_goes_and_its_tables_stay, tables_create_brings_tables_of_before_up_to_date,
]
