"""The steps of the state machine: twenty accounts, one invocation each, one of them broken."""

import json
import time

import ledger
from checks import expect, expect_equal
from emulator import HUB, REGION
from members import (BROKEN, EXTERNAL_IDS, FLEET, PAYMENTS, SERVERS_OF_FLEET, STAGING, WEB,
                     create_roles, role_arn)

ACCOUNTS = sorted([PAYMENTS, STAGING, WEB, *FLEET])
COMPLETE = [account for account in ACCOUNTS if account != BROKEN]
SERVERS = 6 + SERVERS_OF_FLEET * (len(FLEET) - 1)


def machine_arn(lane):
    return f"arn:aws:states:{REGION}:{HUB}:stateMachine:{lane.handlers.stack}-sync"


def target_of_the_schedule(lane):
    rule = f"{lane.handlers.stack}-sync"
    targets = lane.emulator.client("events").list_targets_by_rule(Rule=rule)["Targets"]
    expect_equal(len(targets), 1, "the number of targets of the schedule")
    return targets[0]


def wait_for(states, execution):
    started = time.monotonic()
    while (told := states.describe_execution(executionArn=execution))["status"] == "RUNNING":
        expect(time.monotonic() - started < 300, "the execution does not end")
        time.sleep(0.2)
    expect(told["status"] == "SUCCEEDED", "the execution did not succeed", told.get("error"), told.get("cause"))
    return json.loads(told["output"]), time.monotonic() - started


def size(value):
    """As DynamoDB counts it: names and texts, 1 byte per element, 3 per map or list. A number: two digits per byte."""
    (kind, content), = value.items()
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + size(it) for name, it in content.items())
    if kind == "L":
        return 3 + sum(1 + size(it) for it in content)
    return {"S": lambda: len(content.encode()), "N": lambda: len(content) // 2 + 2, "BOOL": lambda: 1}[kind]()


def places(lane):
    """The entries of the ledger for an account and region."""
    return [it for (_, region), it in ledger.entries(lane).items() if not region.startswith("#")]


# --- Steps ---

def the_state_machine_takes_the_place_of_the_function(lane):
    lane.deploy("--parameter", "SyncMode=StateMachine")
    target = target_of_the_schedule(lane)
    expect_equal(target["Arn"], machine_arn(lane), "what the schedule starts")
    expect("RoleArn" in target, "the schedule has no role to start it with", target)


def twenty_accounts_are_registered_one_broken(lane):
    # The broken one trusts another role than the hub's.
    hub_role = f"{lane.handlers.stack}-query-handler"
    create_roles(lane.emulator, lane.member_template, {
        account: "somebody-else" if account == BROKEN else hub_role for account in FLEET})
    for account in FLEET:
        answer = lane.handlers.manage("add_target_account", accountId=account, roleArn=role_arn(account),
                                      externalId=EXTERNAL_IDS[account])
        expect("error" not in answer, "add_target_account answered", answer)
    listed = lane.handlers.query("list_account_ids")
    expect_equal(listed, {"accountIds": ACCOUNTS, "count": len(ACCOUNTS)}, "the accounts to sync")


def every_account_is_synced_and_the_broken_one_named(lane):
    states = lane.emulator.client("stepfunctions")
    before = lane.rows()
    execution = states.start_execution(stateMachineArn=machine_arn(lane))["executionArn"]
    summary, seconds = wait_for(states, execution)
    expect_equal((summary["complete"], summary["accounts"], summary["accountsNotEntered"]),
                 (False, 20, 1), "complete, accounts, accounts that could not be entered")
    expect_equal(summary["notKnown"], [BROKEN], "what is not known")
    expect_equal(summary["accountsWithoutAnswer"], 0, "accounts without an answer")
    expect_equal(summary["servers"], SERVERS, "servers")
    rows = lane.rows()
    expect(before.keys() <= rows.keys(), "rows are lost", before.keys() - rows.keys())
    expect_equal(len(rows), SERVERS, "rows")
    looks = [it["lastSuccess"]["S"] for it in places(lane) if int(it["serverCount"]["N"])]
    old = max(row["lastUpdated"]["S"] for row in before.values())
    expect(looks and all(look > old for look in looks), "places with servers were not looked at", looks)
    last = ledger.entries(lane)["#sync", "#last"]
    expect_equal([it["S"] for it in last["notKnownPlaces"]["L"]], [BROKEN], "what the ledger says is not known")
    return f"19 of 20 accounts and {SERVERS} servers in {seconds:.1f} s"


def every_region_is_rolled_up_once_from_the_ledger(lane):
    rows = {it["region"]["S"]: it for it in lane.items("drs-region-status")}
    for region, row in rows.items():
        asked = (int(row["accountsAsked"]["N"]), int(row["accountsFailed"]["N"]))
        expect_equal(asked, (len(COMPLETE), 0), f"accounts asked and failed in {region}")
        expect("accounts" not in row, f"the row of {region} holds accounts")
    expect_equal(int(rows[REGION]["serverCount"]["N"]), SERVERS - 1, f"the servers in {REGION}")
    expect_equal(len({row["lastUpdated"]["S"] for row in rows.values()}), 1, "times of the roll-up")
    sizes = sorted((size({"M": entry}), entry["status"]["S"]) for entry in places(lane))
    expect(sizes[-1][0] < 4096, "an entry of the ledger is too large", sizes[-1])
    return (f"{len(rows)} rows of {len(sizes)} entries, an entry has "
            f"{sizes[0][0]} ({sizes[0][1]}) to {sizes[-1][0]} ({sizes[-1][1]}) bytes")


def a_second_execution_leaves_the_work_to_the_first(lane):
    states = lane.emulator.client("stepfunctions")
    first, second = (states.start_execution(stateMachineArn=machine_arn(lane))["executionArn"]
                     for _ in range(2))
    summary, _ = wait_for(states, second)
    expect_equal(summary.get("skipped"), True, "the second execution")
    expect_equal(states.list_map_runs(executionArn=second)["mapRuns"], [], "its work")
    summary, seconds = wait_for(states, first)
    expect_equal((summary["accounts"], summary["notKnown"]), (20, [BROKEN]), "accounts of the first, and what is not known")
    return f"the first took {seconds:.1f} s, with active regions known"


def the_schedule_starts_the_state_machine(lane):
    states, events = lane.emulator.client("stepfunctions"), lane.emulator.client("events")
    before = len(states.list_executions(stateMachineArn=machine_arn(lane))["executions"])
    started = time.monotonic()
    events.enable_rule(Name=f"{lane.handlers.stack}-sync")
    try:
        while len(found := states.list_executions(stateMachineArn=machine_arn(lane))["executions"]) == before:
            expect(time.monotonic() - started < 100, "no execution in 100 s, with one a minute")
            time.sleep(1)
    finally:
        events.disable_rule(Name=f"{lane.handlers.stack}-sync")
    newest = max(found, key=lambda it: it["startDate"])
    summary, _ = wait_for(states, newest["executionArn"])
    expect_equal((summary["accounts"], summary["notKnown"]), (20, [BROKEN]), "accounts, and what is not known")


def an_execution_that_cannot_list_the_accounts_fails(lane):
    """What the alarm rings for. The accounts' table is out of the function's reach."""
    iam, states = lane.emulator.client("iam"), lane.emulator.client("stepfunctions")
    role = f"{lane.handlers.stack}-query-handler"
    kept = iam.get_role_policy(RoleName=role, PolicyName="query-handler")["PolicyDocument"]
    without = {**kept, "Statement": [it for it in kept["Statement"] if "target-accounts" not in json.dumps(it)]}
    expect(len(without["Statement"]) < len(kept["Statement"]), "no statement names the accounts' table")
    iam.put_role_policy(RoleName=role, PolicyName="query-handler", PolicyDocument=json.dumps(without))
    try:
        execution = states.start_execution(stateMachineArn=machine_arn(lane))["executionArn"]
        while (told := states.describe_execution(executionArn=execution))["status"] == "RUNNING":
            time.sleep(0.2)
    finally:
        iam.put_role_policy(RoleName=role, PolicyName="query-handler", PolicyDocument=json.dumps(kept))
    expect_equal(told["status"], "FAILED", "the execution")
    expect("target-accounts" in told["cause"], "the cause does not name the table", told["cause"])
    return told["cause"][:120]


def the_function_takes_its_place_again(lane):
    lane.deploy("--parameter", "SyncMode=Function")
    expect(target_of_the_schedule(lane)["Arn"].endswith(f":function:{lane.handlers.name('query-handler')}:live"),
           "the schedule does not start the function")
    machines = lane.emulator.client("stepfunctions").list_state_machines()["stateMachines"]
    expect_equal(machines, [], "state machines")
    for account in FLEET:
        lane.handlers.manage("delete_target_account", accountId=account)
    body = lane.handlers.sync()
    expect_equal((body["details"]["complete"], body["totalSynced"]), (True, 6), "complete, and servers stored")


STEPS = [
    the_state_machine_takes_the_place_of_the_function, twenty_accounts_are_registered_one_broken,
    every_account_is_synced_and_the_broken_one_named, every_region_is_rolled_up_once_from_the_ledger,
    a_second_execution_leaves_the_work_to_the_first, the_schedule_starts_the_state_machine,
    an_execution_that_cannot_list_the_accounts_fails, the_function_takes_its_place_again,
]
