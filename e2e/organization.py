"""The organization of the newcomer: thirty accounts, of which some are closed, and some have the role of
infra/member-account.yaml otherwise than it should be, or not at all."""

import json
from pathlib import Path

import earlier
from checks import expect, expect_equal
from emulator import HUB
from members import ROLE

WORLD = Path(__file__).resolve().parent.parent / "worlds/organization.json"
OPERATORS = "dr-operators"
ACTIONS = "[drs:DescribeSourceServers, ec2:DescribeInstances, account:ListRegions]"
WITHOUT_ROLE = ("200000000023", "200000000024")
OTHER_ID, WITHOUT_DRS, WITHOUT_EC2 = "200000000006", "200000000008", "200000000010"
WRONG = (*WITHOUT_ROLE, OTHER_ID, WITHOUT_DRS, WITHOUT_EC2)
CLOSED = ("200000000025", "200000000026", "200000000027")
DENIED = {"status": 403, "code": "AccessDeniedException", "message":
          "User is not authorized to perform: drs:DescribeSourceServers because no identity-based policy allows it"}


def members():
    """The accounts that a stack set over all units gives the role: not the management account, none that is closed."""
    told = json.loads(WORLD.read_text())["organization"]["accounts"]
    found = [it["id"] for it in told if it["state"] == "ACTIVE" and it["id"] != HUB]
    expect_equal((len(told), len(found)), (30, 26), "accounts, and those that are to have the role")
    return found


def make_wrong_roles(lane, parameters):
    """What the stack set does, and what goes wrong."""
    changed = {
        OTHER_ID: {"ExternalId": "of-somebody-else"},
        WITHOUT_DRS: {"actions": "[ec2:DescribeInstances, account:ListRegions]"},
        WITHOUT_EC2: {"actions": "[drs:DescribeSourceServers, account:ListRegions]"},
    }
    made = [account for account in members() if account not in WITHOUT_ROLE]
    waits = [start_role(lane, account, parameters, **changed.get(account, {})) for account in made]
    for wait in waits:
        wait()
    return len(made)


def make_role(lane, account, parameters):
    """Makes the role, or makes it what it should be."""
    start_role(lane, account, parameters)()


def start_role(lane, account, parameters, actions=ACTIONS, **changed):
    """Deploys infra/member-account.yaml. Answers what waits for it."""
    expect(ACTIONS in lane.member_template, "the template of the role has no", ACTIONS)
    cloudformation = lane.emulator.client("cloudformation", account)
    what = "update" if cloudformation.list_stacks()["StackSummaries"] else "create"
    getattr(cloudformation, f"{what}_stack")(
        StackName="member", TemplateBody=lane.member_template.replace(ACTIONS, actions),
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in {**parameters, **changed}.items()])
    waiter = cloudformation.get_waiter(f"stack_{what}_complete")
    return lambda: waiter.wait(StackName="member", WaiterConfig={"Delay": 0.2})


def add_statement(lane, account, statement):
    iam, policy = lane.emulator.client("iam", account), {"RoleName": ROLE, "PolicyName": "read-drs-and-ec2"}
    document = iam.get_role_policy(**policy)["PolicyDocument"]
    document["Statement"].append(statement)
    iam.put_role_policy(**policy, PolicyDocument=json.dumps(document))


def world_of_now(lane):
    """What DRS and Organizations say. The simulator knows no policies, so the emulator is asked for them."""
    world = json.loads(WORLD.read_text())
    for account, it in world["accounts"].items():
        for region in it["drs"].values():
            region.pop("fault", None)
            region |= {} if may_ask_drs(lane, account) else {"fault": DENIED}
    return world


def may_ask_drs(lane, account):
    iam = lane.emulator.client("iam", account)
    try:
        policy = iam.get_role_policy(RoleName=ROLE, PolicyName="read-drs-and-ec2")["PolicyDocument"]
    except iam.exceptions.NoSuchEntityException:
        return True  # nobody can enter it, so nobody asks
    return "drs:DescribeSourceServers" in json.dumps(policy)


def operators_policy(stack):
    """What the README's section on AWS says, for the tables of a stack."""
    tables = f"arn:aws:dynamodb:*:{HUB}:table/{stack}-"
    dynamodb = ("Scan", "Query", "GetItem", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem",
                "DescribeTable")
    organizations = ("DescribeOrganization", "ListAccounts", "ListAccountsForParent",
                     "ListOrganizationalUnitsForParent", "ListTagsForResource")
    allowed = [
        (["sts:AssumeRole"], [f"arn:aws:iam::*:role/{ROLE}"]),
        (["drs:DescribeSourceServers", "ec2:DescribeInstances"], ["*"]),
        ([f"dynamodb:{it}" for it in dynamodb],
         [f"{tables}{it}{indexes}" for it in (*earlier.KEYS, *earlier.NEW_TABLES) for indexes in ("", "/index/*")]),
        ([f"organizations:{it}" for it in organizations], ["*"]),
    ]
    return {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": actions, "Resource": resources} for actions, resources in allowed]}


def operators_keys(lane, stack):
    """Variables of somebody who assumed the role that people work as, which is made."""
    iam = lane.emulator.client("iam")
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{HUB}:root"}}]}
    arn = iam.create_role(RoleName=OPERATORS, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=OPERATORS, PolicyName="work", PolicyDocument=json.dumps(operators_policy(stack)))
    keys = lane.emulator.client("sts").assume_role(RoleArn=arn, RoleSessionName="newcomer")["Credentials"]
    return {"AWS_ACCESS_KEY_ID": keys["AccessKeyId"], "AWS_SESSION_TOKEN": keys["SessionToken"],
            "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"]}


def remove(lane):
    for account in members():
        lane.emulator.client("cloudformation", account).delete_stack(StackName="member")
    for account in members():
        cloudformation = lane.emulator.client("cloudformation", account)
        cloudformation.get_waiter("stack_delete_complete").wait(StackName="member", WaiterConfig={"Delay": 0.2})
        left = lane.emulator.client("iam", account).list_roles()["Roles"]
        expect_equal([it["RoleName"] for it in left], [], f"the roles left in {account}")
    iam = lane.emulator.client("iam")
    iam.delete_role_policy(RoleName=OPERATORS, PolicyName="work")
    iam.delete_role(RoleName=OPERATORS)
