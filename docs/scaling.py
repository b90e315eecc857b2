#!/usr/bin/env python3
"""The numbers of docs/scaling.md.

scaling.py                    prints the tables
scaling.py --write            puts them into docs/scaling.md
scaling.py --check            fails if docs/scaling.md has other tables
scaling.py --measure PROGRAM  measures drs-inventory against its simulator, and keeps the result in
                              docs/scaling.json, from which the tables are made
"""

import datetime
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
MEASURED = HERE / "scaling.json"
PAGE = HERE / "scaling.md"
SHARED = json.loads((HERE / "prices.json").read_text())  # `just bench` calculates with the same

# --- The fleet that the tables are about: change it to yours, here and in prices.json ---

SERVERS = SHARED["fleet"]["serversOfAnAccount"]
ACTIVE_REGIONS = SHARED["fleet"]["activeRegions"]  # of an account
REGIONS = 34           # the built-in list
CHANGED_AN_HOUR = 0.05 # of all servers: another state, class of lag, tag, network
TROUBLED = 0.1         # of all servers: at risk or not ready
SIZES = SHARED["fleet"]["accounts"]
INTERVALS = [5, 15, 60]

# --- How the program and the template are set ---

MEMORY = 256           # MB, MemorySize
ONE_CPU = 1769         # MB: with so much a Lambda function has one processor, with less its share
ACCOUNTS_AT_ONCE = {"Function": 20, "StateMachine": 40}
SERVERS_A_CALL = 200   # of EC2; DRS pages have as many
TIME_TO_ASK = 870      # seconds: 900 of Lambda, less what is kept for writing
REFRESH_HOURS = 1.5    # between one and two times ROW_REFRESH_MINUTES
ACCOUNTS_GOOD_FOR = 60 # seconds that a function believes the accounts table for, for calls of one account

# --- Sizes in bytes, and what is read and written. crates/sync/tests/sync/entry_size.rs and units.rs
# hold the program to them ---

ROW_BYTES = 2000       # of a server, rounded up
INDEXES = 3            # each holds the whole row
LISTED_BYTES = 250     # of a server in ListingIndex
ATTENTION_BYTES = 612  # of a server in AttentionIndex, where it is not ready or at risk
CHANGE_BYTES = 900     # of an entry of the history, in its table and in its index
ENTRIES_A_CHANGE = 2   # what changed, and the verdict that follows from it
PLACE_BYTES = 465      # of an account and region in the ledger
SHARE_BYTES = 336      # of the same in RegionIndex
SUMMARY_WRITES = 2     # of a whole sync: an entry of the history, in its table and in its index
ACCOUNT_BYTES = 300    # of an account in the accounts table
LARGEST_PLACE = 4096   # whatever happens there
ENTRIES = REGIONS + 2  # of an account, its own among them
WRITES_A_PLACE, WRITES_AN_ACCOUNT = 1, 2  # the look; taking and releasing the account
READS_AN_ACCOUNT = {"Function": 0.5, "StateMachine": 2}  # when it was looked at; how the last sync ended

# Data between states, in bytes.
STATES_LIMIT = 256 * 1024
ID_BYTES, INCOMPLETE_BYTES = 15, 29

# --- Prices: DynamoDB on demand, Lambda on arm64, Step Functions with a standard parent and express items ---

PRICE = SHARED["prices"]
EXPRESS_GB = 0.0625
PARENT_TRANSITIONS = 9             # states of one execution, without its items


def ceil(number, step):
    return -(-number // step)


class Sync:
    """One sync of `accounts`, the first or a later one."""

    def __init__(self, accounts, mode, *, first, measured, memory=MEMORY):
        self.accounts, self.mode = accounts, mode
        regions = REGIONS if first else ACTIVE_REGIONS
        servers_a_region = SERVERS // ACTIVE_REGIONS
        # Where no server is known, one page says so. Hourly discovery is in the cost, not here.
        self.drs = accounts * (regions - ACTIVE_REGIONS
                               + ACTIVE_REGIONS * ceil(servers_a_region, SERVERS_A_CALL))
        self.ec2 = accounts * ACTIVE_REGIONS * ceil(servers_a_region, SERVERS_A_CALL)
        self.sts = accounts + (accounts if mode == "StateMachine" else 1)
        it = measured["first" if first else "next"]
        processor = it["cpuSeconds"] / it["accounts"] / min(1, memory / ONE_CPU)
        self.per_account = max(it["secondsAnAccount"], processor)
        self.seconds = accounts / ACCOUNTS_AT_ONCE[mode] * self.per_account
        if mode == "Function":  # all of them share one processor, or a part of one
            self.seconds = max(accounts / ACCOUNTS_AT_ONCE[mode] * it["secondsAnAccount"],
                               accounts * processor)
        self.count_units(regions)

    def count_units(self, regions):
        """DynamoDB's units but for the rows of servers, which do not depend on how often a sync runs."""
        accounts = self.accounts
        self.ledger_writes = accounts * (regions * WRITES_A_PLACE + WRITES_AN_ACCOUNT) + 1
        # The regions in which any account was looked at; with many accounts all of them have servers.
        self.region_writes = REGIONS
        self.summary_writes = SUMMARY_WRITES
        of_account = ceil(ENTRIES * PLACE_BYTES, 4096) + READS_AN_ACCOUNT[self.mode]
        of_place = ceil(SERVERS // ACTIVE_REGIONS * LISTED_BYTES, 4096) / 2
        roll_up = REGIONS * ceil(accounts * SHARE_BYTES, 4096) / 2
        scans = 1
        if self.mode == "StateMachine":
            scans = 2 + min(accounts, ACCOUNTS_AT_ONCE[self.mode] * ceil(max(1, round(self.seconds)), ACCOUNTS_GOOD_FOR))
        self.reads = {
            "ledger": accounts * of_account,
            "rows of servers": accounts * ACTIVE_REGIONS * of_place,
            "roll-up": roll_up,
            "accounts table": scans * ceil(accounts * ACCOUNT_BYTES, 4096) / 2,
        }

    def cost(self):
        invocations = self.accounts + 2 if self.mode == "StateMachine" else 1
        busy = self.accounts * self.per_account if self.mode == "StateMachine" else self.seconds
        cost = {
            "ledger": (self.ledger_writes + self.region_writes + self.summary_writes) * PRICE["write unit"],
            "reads": sum(self.reads.values()) * PRICE["read unit"],
            "Lambda": busy * MEMORY / 1024 * PRICE["GB-second"] + invocations * PRICE["invocation"],
            "Step Functions": 0.0,
        }
        if self.mode == "StateMachine":
            cost["Step Functions"] = (
                (PARENT_TRANSITIONS + self.accounts) * PRICE["transition"]
                + self.accounts * (PRICE["express"]
                                   + self.per_account * EXPRESS_GB * PRICE["express GB-second"]))
        return cost


def server_units(accounts):
    """Write units of an hour for the rows of servers: refreshed ones, changed ones, their history."""
    row = ceil(ROW_BYTES, 1024) * (1 + INDEXES)
    attention = ceil(ATTENTION_BYTES, 1024)
    change = row + 1 + attention + ENTRIES_A_CHANGE * 2 * ceil(CHANGE_BYTES, 1024)  # ListingIndex has the hash
    servers = accounts * SERVERS
    # The times of the row are in AttentionIndex, too.
    refresh = row + TROUBLED * attention
    return {"refreshed": servers / REFRESH_HOURS * refresh, "changed": servers * CHANGED_AN_HOUR * change}


def month(accounts, mode, minutes, measured):
    """Dollars in 30 days. Every hour one sync asks all regions again, as the first one does."""
    syncs = 30 * 24 * 60 / minutes
    discoveries = min(syncs, 30 * 24)
    total = {"server rows": 30 * 24 * sum(server_units(accounts).values()) * PRICE["write unit"]}
    for count, first in ((discoveries, True), (syncs - discoveries, False)):
        for name, dollars in Sync(accounts, mode, first=first, measured=measured).cost().items():
            total[name] = total.get(name, 0) + count * dollars
    return total


# --- Tables ---

def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def thousands(number):
    return f"{round(number):,}"


def duration(seconds):
    return f"{seconds:,.0f} s" if seconds >= 10 else f"{seconds:.1f} s"


def tables(measured):
    found = measured["worlds"]
    yield "measured", table(
        ["accounts", "servers", "sync", "time", "CPU", "peak memory", "seconds per account, of 20 at once"],
        [[it["accounts"], thousands(it["servers"]), it["sync"], f"{it['seconds']:.2f} s",
          f"{it['cpuSeconds']:.2f} s", f"{it['peakMemoryMB']:.0f} MB", f"{it['secondsAnAccount']:.2f}"]
         for it in found])
    largest = max(it["accounts"] for it in found)
    of_largest = {it["sync"]: it for it in found if it["accounts"] == largest}

    def sync(accounts, mode, first):
        return Sync(accounts, mode, first=first, measured=of_largest)

    yield "calls", table(
        ["accounts", "STS, function", "STS, state machine", "DRS, first sync", "DRS, later", "EC2"],
        [[thousands(n), thousands(sync(n, "Function", True).sts), thousands(sync(n, "StateMachine", True).sts),
          thousands(sync(n, "Function", True).drs), thousands(sync(n, "Function", False).drs),
          thousands(sync(n, "Function", True).ec2)] for n in SIZES])
    def seconds(n, mode, first, memory=MEMORY):
        return duration(Sync(n, mode, first=first, measured=of_largest, memory=memory).seconds)

    yield "time", table(
        ["accounts", f"function of {MEMORY} MB, first", "later", f"function of {ONE_CPU} MB, first", "later",
         "state machine, first", "later"],
        [[thousands(n), *(seconds(n, "Function", first, memory) for memory in (MEMORY, ONE_CPU)
                          for first in (True, False)),
          *(seconds(n, "StateMachine", first) for first in (True, False))] for n in SIZES])
    yield "slow", table(
        ["seconds per account", "accounts that one function can do"],
        [[seconds, thousands(TIME_TO_ASK / seconds * ACCOUNTS_AT_ONCE["Function"])]
         for seconds in (1, 3, 10, 30, 80)])
    yield "units", table(
        ["accounts", "places in the ledger", "ledger, later", "ledger, all regions", "regions",
         "server rows an hour: refreshed", "changed"],
        [[thousands(n), thousands(n * REGIONS), thousands(sync(n, "Function", False).ledger_writes),
          thousands(sync(n, "Function", True).ledger_writes), sync(n, "Function", False).region_writes,
          *(thousands(units) for units in server_units(n).values())] for n in SIZES])
    yield "reads", table(
        ["accounts", "ledger, function", "ledger, state machine", "rows of servers", "roll-up",
         "accounts table, function", "accounts table, state machine"],
        [[thousands(n), *(thousands(sync(n, mode, False).reads["ledger"]) for mode in ACCOUNTS_AT_ONCE),
          thousands(sync(n, "Function", False).reads["rows of servers"]),
          thousands(sync(n, "Function", False).reads["roll-up"]),
          *(thousands(sync(n, mode, False).reads["accounts table"]) for mode in ACCOUNTS_AT_ONCE)]
         for n in SIZES])
    yield "limits", table(
        ["what", "limit", "reached with"],
        [["an entry of the ledger, whatever happens there", f"{LARGEST_PLACE:,} bytes, one read unit", "never"],
         ["the row of a region", "400 KB", "never: it does not grow"],
         ["the ids of all accounts, between two states", "256 KB", f"{STATES_LIMIT // ID_BYTES:,} accounts"],
         ["what the map keeps of accounts that are incomplete", "256 KB",
          f"{STATES_LIMIT // INCOMPLETE_BYTES:,} such accounts"]])
    rows = []
    for n in SIZES:
        for minutes in INTERVALS:
            one, many = (month(n, mode, minutes, of_largest) for mode in ("Function", "StateMachine"))
            rows.append([thousands(n), f"{minutes} min", thousands(one["server rows"]),
                         thousands(one["ledger"]), f"{one['reads']:,.2f}", f"{many['reads']:,.2f}",
                         f"{one['Lambda']:,.2f}", f"{many['Lambda']:,.2f}", f"{many['Step Functions']:,.2f}",
                         thousands(sum(one.values())), thousands(sum(many.values()))])
    yield "cost", table(
        ["accounts", "every", "server rows, both", "ledger and regions, both", "function: reads",
         "state machine: reads", "function: Lambda", "state machine: Lambda",
         "state machine: Step Functions", "function: all", "state machine: all"], rows)


def page(text, measured):
    """The page with the tables of now between their marks."""
    for name, content in tables(measured):
        mark = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.S)
        if not mark.search(text):
            raise SystemExit(f"{PAGE.name} has no place for the table {name}")
        text = mark.sub(lambda found, content=content: found[1] + content + "\n" + found[2], text)
    return text


# --- Measuring ---

HUB, ROLE = "111111111111", "DRSOrchestrationRole"
ACTIVE = ["us-east-1", "eu-west-1"]
SERVERS_MEASURED = 20  # of an account: few, so that the simulator's own work does not count
LATENCY = {"drs": 100, "ec2": 100, "sts": 50}


def server(account, region, number):
    server_id = f"s-{number:017x}"
    return {
        "sourceServerID": server_id,
        "arn": f"arn:aws:drs:{region}:{account}:source-server/{server_id}",
        "tags": {"Name": f"host-{number}"},
        "dataReplicationInfo": {"dataReplicationState": "CONTINUOUS", "lagDuration": "PT0S"},
        "stagingArea": {"status": "NOT_EXTENDED", "stagingAccountID": account},
        "sourceCloudProperties": {"originAccountID": account, "originRegion": region},
        "sourceProperties": {
            "identificationHints": {"hostname": f"host-{number}", "awsInstanceID": f"i-{number:017x}"},
            "cpus": [{"modelName": "Xeon", "cores": 4}],
            "disks": [{"deviceName": "/dev/sda1", "bytes": 107374182400}],
            "ramBytes": 17179869184, "os": {"fullString": "Amazon Linux 2023"},
        },
    }


def instance(number):
    return {
        "InstanceId": f"i-{number:017x}", "VpcId": "vpc-1", "SubnetId": "subnet-1",
        "PrivateIpAddress": "10.0.0.1", "SecurityGroups": [{"GroupId": "sg-1"}],
        "Tags": [{"Key": "Name", "Value": f"host-{number}"}, {"Key": "team", "Value": "payments"}],
    }


def world(accounts):
    each = SERVERS_MEASURED // len(ACTIVE)
    return {
        "hubAccountId": HUB, "latencyMs": LATENCY,
        "accounts": {account: {
            "roles": {ROLE: {}},
            "drs": {region: {"sourceServers": [server(account, region, 1000 * place + n) for n in range(each)]}
                    for place, region in enumerate(ACTIVE)},
            "ec2": {region: {"instances": [instance(1000 * place + n) for n in range(each)]}
                    for place, region in enumerate(ACTIVE)},
        } for account in accounts},
    }


def measure(program):
    program = str(Path(program).resolve())
    found = [it for accounts in (20, 100) for it in measure_world(program, accounts)]
    return {
        "date": datetime.date.today().isoformat(),
        "machine": f"{os.cpu_count()} cores, the simulator on the same",
        "load": f"{os.getloadavg()[0]:.1f}", "worlds": found,
    }


def measure_world(program, number):
    accounts = [f"{200000000000 + n}" for n in range(number)]
    with tempfile.TemporaryDirectory() as folder:
        path, store = Path(folder) / "world.json", f"{folder}/store"
        path.write_text(json.dumps(world(accounts)))
        for account in accounts:
            subprocess.run([program, "--store", store, "accounts", "add", account, "--role-arn",
                            f"arn:aws:iam::{account}:role/{ROLE}"], check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open(f"{folder}/log", "w") as log:
            simulator = subprocess.Popen([program, "sim", "--world", path], stdout=log, stderr=log)
        try:
            while not (endpoint := re.search(r"http://[0-9.:]+", Path(f"{folder}/log").read_text())):
                if simulator.poll() is not None:
                    raise SystemExit(Path(f"{folder}/log").read_text())
                time.sleep(0.05)
            for sync in ("first", "next"):
                yield {"accounts": number, "servers": number * SERVERS_MEASURED, "sync": sync,
                       **one_sync([program, "--store", store, "sync", "--output", "json"], endpoint[0], number)}
        finally:
            simulator.kill()
            simulator.wait()


def one_sync(command, endpoint, accounts):
    environment = {"PATH": os.environ["PATH"], "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "any",
                   "AWS_SECRET_ACCESS_KEY": "any"}
    for service in ("DRS", "EC2", "STS"):
        environment[f"AWS_ENDPOINT_URL_{service}"] = endpoint
    started = time.monotonic()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.monotonic() - started
    answer = json.loads(said)["body"]
    if status != 0 or answer["totalSynced"] != accounts * SERVERS_MEASURED:
        raise SystemExit(f"the sync ended with {status}: {said[:2000].decode()}")
    return {
        "seconds": round(seconds, 2), "cpuSeconds": round(used.ru_utime + used.ru_stime, 2),
        "peakMemoryMB": round(used.ru_maxrss / 1024, 1),
        "secondsAnAccount": round(seconds * min(20, accounts) / accounts, 3),
    }


def main(arguments):
    match arguments:
        case ["--measure", program]:
            MEASURED.write_text(json.dumps(measure(program), indent=2) + "\n")
            print(MEASURED.read_text(), end="")
            return 0
        case [] | ["--write"] | ["--check"]:
            measured = json.loads(MEASURED.read_text())
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    if not arguments:
        print("\n\n".join(f"{name}\n{content}" for name, content in tables(measured)))
        return 0
    text = PAGE.read_text()
    new = page(text, measured)
    if arguments == ["--write"]:
        PAGE.write_text(new)
    elif new != text:
        print("docs/scaling.md has other tables: python3 docs/scaling.py --write", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
