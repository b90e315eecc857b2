"""Checks the simulator with a client that is not written here: boto3.

Usage: boto3_check.py ENDPOINT, where ENDPOINT serves boto3_world.json.
"""

import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

MEMBER = "222222222222"
failures = 0
passed = 0


def check(what, seen, expected):
    global failures, passed
    if seen == expected:
        passed += 1
        print(f"ok: {what}")
    else:
        failures += 1
        print(f"FAILED: {what}: saw {seen!r}, expected {expected!r}")


def client(service, region, keys=None):
    keys = keys or {"aws_access_key_id": "AKIAHUB", "aws_secret_access_key": "x"}
    config = Config(retries={"total_max_attempts": 1}, read_timeout=1, connect_timeout=1)
    return boto3.client(service, region, endpoint_url=ENDPOINT, config=config, **keys)


def error_of(call):
    try:
        call()
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"]
    except (ConnectionClosedError, ReadTimeoutError) as error:
        return type(error).__name__
    return None


def assume(role, **arguments):
    return client("sts", "us-east-1").assume_role(
        RoleArn=f"arn:aws:iam::{MEMBER}:role/{role}", RoleSessionName="check", **arguments
    )


def check_sts():
    sts = client("sts", "us-east-1")
    check("the hub's identity", sts.get_caller_identity()["Account"], "111111111111")
    denied = (403, "AccessDenied")
    check("no external id", error_of(lambda: assume("Reader")), denied)
    check("wrong external id", error_of(lambda: assume("Reader", ExternalId="other")), denied)
    check("no such role", error_of(lambda: assume("Nobody", ExternalId="shared")), denied)
    check("a role's fault", error_of(lambda: assume("Throttled")), (400, "Throttling"))
    check("a role without external id", error_of(lambda: assume("Open")), None)
    credentials = assume("Reader", ExternalId="shared", DurationSeconds=900)["Credentials"]
    check("the key's form", credentials["AccessKeyId"][:4], "ASIA")
    keys = {
        "aws_access_key_id": credentials["AccessKeyId"],
        "aws_secret_access_key": credentials["SecretAccessKey"],
        "aws_session_token": credentials["SessionToken"],
    }
    member = client("sts", "us-east-1", keys).get_caller_identity()
    check("the role's identity", member["Account"], MEMBER)
    return keys


def check_drs(keys):
    def drs(region):
        return client("drs", region, keys)

    def list_servers(region, **arguments):
        return drs(region).describe_source_servers(**arguments)

    pages = list(drs("us-east-1").get_paginator("describe_source_servers").paginate())
    check("pages", [len(page["items"]) for page in pages], [2, 2, 1])
    servers = [server for page in pages for server in page["items"]]
    check("servers in order", [s["sourceServerID"] for s in servers], [f"s-{n}" for n in range(1, 6)])
    check("unicode", servers[1]["tags"], {"name": "日本"})
    check("a number beyond 2^53", servers[2]["sourceProperties"]["ramBytes"], 9007199254740993)
    check("maxResults", len(list_servers("us-east-1", maxResults=1)["items"]), 1)
    check(
        "a region that is not listed",
        error_of(lambda: list_servers("sa-east-1")),
        (400, "UninitializedAccountException"),
    )
    check("denied", error_of(lambda: list_servers("eu-west-1")), (403, "AccessDeniedException"))
    throttled = (429, "ThrottlingException")
    check("throttled once", error_of(lambda: list_servers("eu-west-2")), throttled)
    check("and then not", error_of(lambda: list_servers("eu-west-2")), None)
    check("reset", error_of(lambda: list_servers("eu-west-3")), "ConnectionClosedError")
    check("hang", error_of(lambda: list_servers("eu-north-1")), "ReadTimeoutError")
    first = list_servers("eu-central-1")
    check("the page before a fault", len(first["items"]), 1)
    later = lambda: list_servers("eu-central-1", nextToken=first["nextToken"])
    check("the page of the fault", error_of(later), (500, "InternalServerException"))


def check_ec2(keys):
    ec2 = client("ec2", "us-east-1", keys)
    instances = [
        instance
        for page in ec2.get_paginator("describe_instances").paginate()
        for reservation in page["Reservations"]
        for instance in reservation["Instances"]
    ]
    check("instances", len(instances), 2)
    one = instances[0]
    check("network", (one["VpcId"], one["SubnetId"], one["PrivateIpAddress"]), ("vpc-1", "subnet-1", "10.0.0.1"))
    check("group", one["SecurityGroups"][0]["GroupId"], "sg-1")
    check("tags", one["Tags"], [{"Key": "name", "Value": "<&> é"}])
    check("state", one["State"], {"Code": 16, "Name": "running"})
    check("an absent key", "VpcId" in instances[1], False)
    ids = ["i-00000000000000001", "i-0000000000000000f"]
    by_id = lambda: ec2.describe_instances(InstanceIds=ids)
    check("an unknown id", error_of(by_id), (400, "InvalidInstanceID.NotFound"))
    filtered = ec2.describe_instances(Filters=[{"Name": "instance-id", "Values": ids}])
    check("an unknown id in a filter", len(filtered["Reservations"]), 1)
    too_small = lambda: ec2.describe_instances(MaxResults=4)
    check("MaxResults below 5", error_of(too_small), (400, "InvalidParameterValue"))
    denied = lambda: client("ec2", "eu-west-1", keys).describe_instances()
    check("denied by EC2", error_of(denied), (403, "UnauthorizedOperation"))


ENDPOINT = sys.argv[1]
member_keys = check_sts()
check_drs(member_keys)
check_ec2(member_keys)
print(f"boto3: {passed} passed, {failures} failed")
sys.exit(1 if failures else 0)
