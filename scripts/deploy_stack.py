#!/usr/bin/env python3
"""The steps of scripts/deploy.sh that talk to AWS: package, deploy, smoke-test."""

import argparse
import hashlib
import json
import os
import sys
import time
import zipfile
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError, WaiterError

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "infra"))
import stack_steps  # noqa: E402

# As an HTTP API with the authorizer AWS_IAM sends it.
HTTP_HEALTH = {
    "version": "2.0", "routeKey": "GET /health", "rawPath": "/health", "rawQueryString": "",
    "headers": {"accept": "application/json"}, "isBase64Encoded": False,
    "requestContext": {
        "accountId": "anonymous", "apiId": "smoke-test", "domainName": "smoke-test", "domainPrefix": "smoke-test",
        "routeKey": "GET /health", "stage": "$default", "requestId": "smoke-test",
        "time": "01/Jan/2026:00:00:00 +0000", "timeEpoch": 1767225600000,
        "authorizer": {"iam": {"userArn": "smoke-test"}},
        "http": {"method": "GET", "path": "/health", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1",
                 "userAgent": "smoke-test"},
    },
}

FUNCTIONS = {
    "query-handler": ("QueryHandlerKey", {"operation": "health"}),
    "data-management-handler": ("DataManagementHandlerKey", {"operation": "list_protection_groups"}),
    "read-handler": ("ReadHandlerKey", HTTP_HEALTH),
}

# DynamoDB reads a whole table to build an index.
INDEX_SECONDS = 2 * 60 * 60


class Failed(Exception):
    """What went wrong, in one sentence."""


class Aws:
    """Clients for the account and region of the SDK's usual settings."""

    def __init__(self, endpoint):
        # boto3 alone does not read AWS_REGION, which every other SDK does.
        region = os.environ.get("AWS_REGION") or boto3.Session().region_name
        if not region:
            raise Failed("no region is set: set AWS_REGION")
        self.region = region
        self.endpoint = endpoint

    def client(self, service):
        return boto3.client(service, region_name=self.region, endpoint_url=self.endpoint)


# --- package ---

def package(aws, args):
    """Uploads the zips and the state machine's definition, and prints the parameters that name them."""
    zips = {name: Path(args.zips) / f"{name}.zip" for name in FUNCTIONS}
    definition = Path(args.definition)
    for path in [*zips.values(), definition]:
        if not path.is_file():
            raise Failed(f"{path} is not there")
    s3 = aws.client("s3")
    account = aws.client("sts").get_caller_identity()["Account"]
    bucket = args.bucket or f"drs-inventory-artifacts-{account}-{aws.region}"
    if not args.bucket:
        make_bucket(s3, bucket, aws.region)
    print(f"ArtifactBucket={bucket}")

    def put(parameter, key, path):
        s3.put_object(Bucket=bucket, Key=key, Body=path.read_bytes(), ExpectedBucketOwner=account)
        print(f"{parameter}={key}")

    for name, path in zips.items():
        put(FUNCTIONS[name][0], f"{name}/{content_hash(path)}.zip", path)
    digest = hashlib.sha256(definition.read_bytes()).hexdigest()
    put("SyncDefinitionKey", f"sync/{digest}.asl.json", definition)


def content_hash(path):
    """Of what is in the zip: unchanged code is no change of the stack. A zip also has times in it."""
    digest = hashlib.sha256()
    with zipfile.ZipFile(path) as it:
        for entry in sorted(it.infolist(), key=lambda entry: entry.filename):
            digest.update(f"{entry.filename} {entry.external_attr} {entry.file_size} ".encode())
            digest.update(it.read(entry))
    return digest.hexdigest()


def make_bucket(s3, bucket, region):
    where = {} if region == "us-east-1" else {
        "CreateBucketConfiguration": {"LocationConstraint": region}}
    try:
        s3.create_bucket(Bucket=bucket, **where)
    except s3.exceptions.BucketAlreadyOwnedByYou:
        pass
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={
        "BlockPublicAcls": True, "IgnorePublicAcls": True,
        "BlockPublicPolicy": True, "RestrictPublicBuckets": True})


# --- deploy ---

# Bytes of a template in a request; from a bucket it may be 1 MB. Source: CloudFormation quotas.
LARGEST_IN_REQUEST = 51200


def deploy(aws, args):
    cloudformation = aws.client("cloudformation")
    prefix = f"drs-inventory-{args.stage}"
    stack = f"{prefix}-{args.part}" if args.part else prefix
    remove_failed_creation(cloudformation, stack)
    text = Path(args.template).read_text()
    template, deployed = stack_steps.parse(text), deployed_template(cloudformation, stack)
    given = {"Prefix": prefix, **dict(it.split("=", 1) for it in args.parameters)}
    steps = stack_steps.steps(template, deployed)
    changed = False
    for number, step in enumerate(steps, 1):
        if len(steps) > 1:
            print(f"update {number} of {len(steps)}")
        wait_for_indexes(aws, stack, stack_steps.changed_tables(step, deployed))
        body = text if step == template else json.dumps(step, separators=(",", ":"))
        found = {"TemplateBody": body} if len(body.encode()) <= LARGEST_IN_REQUEST else {
            "TemplateURL": put_template(aws, given.get("ArtifactBucket"), body)}
        changed |= update(cloudformation, stack, (step, found), given, number)
        deployed = step
    if not changed:
        print(f"{stack} is up to date")
    for output in find_stack(cloudformation, stack).get("Outputs", []):
        print(f"{output['OutputKey']}={output['OutputValue']}")


def put_template(aws, bucket, body):
    """Its address in the bucket of the zips, for a template that a request has no room for."""
    if not bucket:
        raise Failed("the template is too large for a request: give ArtifactBucket=NAME, where it has room")
    s3, account = aws.client("s3"), aws.client("sts").get_caller_identity()["Account"]
    key = f"templates/{hashlib.sha256(body.encode()).hexdigest()}"
    s3.put_object(Bucket=bucket, Key=key, Body=body.encode(), ExpectedBucketOwner=account)
    return f"{s3.meta.endpoint_url}/{bucket}/{key}"


def remove_failed_creation(cloudformation, stack):
    """All that a stack whose creation had failed can do is be deleted."""
    current = find_stack(cloudformation, stack)
    if current and current["StackStatus"] == "ROLLBACK_COMPLETE":
        print(f"deleting {stack}, whose creation had failed")
        cloudformation.delete_stack(StackName=stack)
        cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack)


def is_new(current):
    return not current or current["StackStatus"] == "REVIEW_IN_PROGRESS"


def deployed_template(cloudformation, stack):
    """As it was given: what CloudFormation takes the stack's tables to be like."""
    if is_new(find_stack(cloudformation, stack)):
        return {}
    return stack_steps.parse(cloudformation.get_template(StackName=stack)["TemplateBody"])


def update(cloudformation, stack, what, given, number):
    """Makes or changes the stack. False where there is nothing to change. `what` is the template, and
    where CloudFormation finds it."""
    template, found = what
    current = find_stack(cloudformation, stack)
    new = is_new(current)
    change_set = cloudformation.create_change_set(
        StackName=stack, ChangeSetName=f"deploy-{int(time.time())}-{number}",
        ChangeSetType="CREATE" if new else "UPDATE",
        **found, Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=parameters(template, given, {} if new else current),
    )["Id"]
    if not is_ready(cloudformation, change_set):
        cloudformation.delete_change_set(ChangeSetName=change_set)
        return False
    execute(cloudformation, stack, change_set, new)
    return True


def wait_for_indexes(aws, stack, tables):
    """CloudFormation does not wait until an index is built, and DynamoDB refuses other changes."""
    dynamodb = aws.client("dynamodb")
    for table in tables:
        resource = aws.client("cloudformation").describe_stack_resource(
            StackName=stack, LogicalResourceId=table)["StackResourceDetail"]
        name, deadline = resource["PhysicalResourceId"], time.monotonic() + INDEX_SECONDS
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


def find_stack(cloudformation, name):
    try:
        return cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise


def parameters(template, given, current):
    """What is given, else the value of the last deployment, else the template's default."""
    known = template.get("Parameters", {}).keys()
    if unknown := sorted(given.keys() - known):
        raise Failed(f"the template has no parameter {', '.join(unknown)}")
    kept = {it["ParameterKey"] for it in current.get("Parameters", [])} & known - given.keys()
    return ([{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()]
            + [{"ParameterKey": key, "UsePreviousValue": True} for key in sorted(kept)])


def is_ready(cloudformation, change_set):
    """Waits for the change set. False where there is nothing to change."""
    try:
        cloudformation.get_waiter("change_set_create_complete").wait(
            ChangeSetName=change_set, WaiterConfig={"Delay": 2, "MaxAttempts": 150})
        return True
    except WaiterError:
        reason = cloudformation.describe_change_set(ChangeSetName=change_set).get("StatusReason", "")
        if "didn't contain changes" in reason or "No updates are to be performed" in reason:
            return False
        raise Failed(f"the changes cannot be made: {reason}") from None


def execute(cloudformation, stack, change_set, is_new):
    for change in cloudformation.describe_change_set(ChangeSetName=change_set)["Changes"]:
        resource = change["ResourceChange"]
        print(f"{resource['Action']:>8} {resource['ResourceType']} {resource['LogicalResourceId']}")
    before = {event["EventId"] for event in events(cloudformation, stack)}
    cloudformation.execute_change_set(ChangeSetName=change_set)
    waiter = "stack_create_complete" if is_new else "stack_update_complete"
    try:
        cloudformation.get_waiter(waiter).wait(
            StackName=stack, WaiterConfig={"Delay": 3, "MaxAttempts": 400})
    except WaiterError:
        raise Failed(f"{stack} could not be changed and is as it was before. "
                     + first_failure(cloudformation, stack, before)) from None


def events(cloudformation, stack):
    pages = cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack)
    return [event for page in pages for event in page["StackEvents"]]


def first_failure(cloudformation, stack, before):
    """The first is the cause; what follows is cancelled because of it."""
    new = [event for event in events(cloudformation, stack) if event["EventId"] not in before]
    failed = [event for event in new if event["ResourceStatus"].endswith("FAILED")]
    if not failed:
        return "CloudFormation gives no reason."
    cause = min(failed, key=lambda event: event["Timestamp"])
    return f"{cause['LogicalResourceId']}: {cause.get('ResourceStatusReason', 'no reason given')}"


# --- smoke-test ---

def smoke_test(aws, args):
    client = aws.client("lambda")
    for name, (_, event) in FUNCTIONS.items():
        function = f"drs-inventory-{args.stage}-{name}"
        answer = client.invoke(FunctionName=function, Payload=json.dumps(event))
        text = answer["Payload"].read().decode()
        print(f"{function} {event.get('routeKey') or json.dumps(event)}: {text[:200]}")
        body = json.loads(text)
        if event is HTTP_HEALTH and "body" in body:
            body = {"error": text} if body.get("statusCode") != 200 else json.loads(body["body"])
        if answer.get("FunctionError") or not isinstance(body, dict) or "error" in body:
            raise Failed(f"{function} answered {text[:500]}")
        if body.get("status", "healthy") != "healthy":
            raise Failed(f"{function} is {body['status']}: {body.get('problems')}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--stage", required=True)
    common.add_argument("--endpoint")
    steps = parser.add_subparsers(required=True)
    step = steps.add_parser("package", parents=[common])
    step.add_argument("--zips", required=True)
    step.add_argument("--definition", required=True)
    step.add_argument("--bucket")
    step.set_defaults(run=package)
    step = steps.add_parser("deploy", parents=[common])
    step.add_argument("--template", required=True)
    step.add_argument("--part", help="of another stack than the main one: http-api or page")
    step.add_argument("parameters", nargs="*", metavar="NAME=VALUE")
    step.set_defaults(run=deploy)
    step = steps.add_parser("smoke-test", parents=[common])
    step.set_defaults(run=smoke_test)
    args = parser.parse_args()
    try:
        args.run(Aws(args.endpoint), args)
    except (Failed, BotoCoreError, ClientError) as error:
        print(f"{args.run.__name__.replace('_', '-')}: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
