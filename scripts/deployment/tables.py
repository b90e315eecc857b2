"""Tables that are there already are taken over, and indexes are waited for."""

import time

from botocore.exceptions import ClientError

import stack_steps
from deployment import stacks
from deployment.aws import Failed

# DynamoDB reads a whole table to build an index.
INDEX_SECONDS = 2 * 60 * 60


def find_to_adopt(aws, template, deployed, prefix):
    """The tables, by logical id, that are there and that the stack does not have yet. One that does not fit is
    refused.

    CloudFormation imports them: it does not look whether keys and indexes are those of the template."""
    dynamodb, known, found = aws.client("dynamodb"), stack_steps.tables(deployed), set()
    for logical_id, table in stack_steps.tables(template).items():
        if logical_id in known:
            continue
        name = stack_steps.table_name(table, prefix)
        try:
            there = dynamodb.describe_table(TableName=name)["Table"]
        except dynamodb.exceptions.ResourceNotFoundException:
            continue
        except ClientError as error:
            raise Failed(f"whether {name} is there already is not known: {error}") from error
        refuse_misfit(name, table, there)
        protect(dynamodb, name, there)
        print(f"{name} is there already; the stack takes it over, with its rows")
        found.add(logical_id)
    return found


def refuse_misfit(name, table, there):
    if schema(there) != schema(table):
        raise Failed(f"{name} is there already, with the key {schema(there)} and not {schema(table)}: rename or "
                     "delete it, or deploy under another STAGE")
    missing = sorted(stack_steps.by_name(table).keys()
                     - {it["IndexName"] for it in there.get("GlobalSecondaryIndexes", [])})
    if missing:
        raise Failed(f"{name} is there already and lacks {', '.join(missing)}: run `drs-inventory --store dynamodb "
                     "tables create` with the variables of this installation's tables, and deploy again")


def protect(dynamodb, name, there):
    """As the template has it: an import takes that for what is there, and no later deployment changes it. A table
    that was restored has none of it."""
    if not there.get("DeletionProtectionEnabled"):
        dynamodb.update_table(TableName=name, DeletionProtectionEnabled=True)
        dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 2})
    told = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    if told.get("TimeToLiveStatus") not in ("ENABLED", "ENABLING"):
        dynamodb.update_time_to_live(
            TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": "TTL"})
    dynamodb.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})


def schema(holder):
    return {part["KeyType"]: part["AttributeName"] for part in holder["KeySchema"]}


def wait_for_indexes(aws, stack, tables):
    """CloudFormation does not wait until an index is built, and DynamoDB refuses other changes."""
    dynamodb = aws.client("dynamodb")
    for table in tables:
        name, deadline = stacks.physical_id(aws, stack, table), time.monotonic() + INDEX_SECONDS
        while unready := unready_indexes(dynamodb, name):
            if time.monotonic() > deadline:
                raise Failed(f"{', '.join(unready)} of {name} is not ready after {INDEX_SECONDS // 60} min; "
                             "deploy again when DynamoDB has built it")
            print(f"waiting for {', '.join(unready)} of {name}", flush=True)
            time.sleep(30)


def unready_indexes(dynamodb, table):
    indexes = dynamodb.describe_table(TableName=table)["Table"].get("GlobalSecondaryIndexes", [])
    # An emulator may build none, and give no status.
    return [it["IndexName"] for it in indexes if it.get("IndexStatus", "ACTIVE") != "ACTIVE"]
