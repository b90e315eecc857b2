"""The steps of the ledger: what a sync leaves in it and in the history, and what of it stays unwritten."""

import json
from collections import Counter

from checks import expect, expect_equal
from emulator import REGION
from members import PAYMENTS, STAGING, WEB

ACCOUNTS = (PAYMENTS, STAGING, WEB)
# Where the servers of the three accounts are listed.
SERVERS = {(PAYMENTS, REGION): 1, (PAYMENTS, "eu-west-1"): 1, (STAGING, REGION): 2, (WEB, REGION): 2}
HASH = "contentHash"
PLACE = "listedIn"


def entries(lane):
    """Every entry of the ledger, by account and region."""
    return {(it["accountId"]["S"], it["region"]["S"]): it for it in lane.items("account-region-status")}


def history(lane):
    """How many entries of each kind, but for the summary of each sync of all accounts."""
    kinds = Counter(it["kind"]["S"] for it in lane.items("inventory-changes"))
    del kinds["summary"]
    return kinds


def last_sync(lane):
    """When the last sync of all accounts ended."""
    return entries(lane)["#sync", "#last"]["finishedAt"]["S"]


def number(item, name):
    return int(item[name]["N"])


# --- Steps ---

def a_sync_fills_ledger_roll_up_and_history(lane):
    ledger = entries(lane)
    for account in ACCOUNTS:
        own = ledger[account, "#account"]
        expect("lastSuccess" in own and "claimedBy" not in own, "an account is not given back", own)
    found = {key: number(it, "serverCount") for key, it in ledger.items()
             if key[0] in ACCOUNTS and key[1] != "#account" and number(it, "serverCount")}
    expect_equal(found, SERVERS, "the places with servers")
    last = ledger["#sync", "#last"]
    expect("finishedAt" in last, "the sync has no end in the ledger", last)
    expect_equal(number(last, "notKnown"), 0, "what the sync says is not known")
    regions = {it["region"]["S"]: it for it in lane.items("drs-region-status")}
    for region, row in regions.items():
        expect_equal((number(row, "accountsAsked"), number(row, "accountsFailed")), (len(ACCOUNTS), 0),
                     f"accounts asked and failed in {region}")
    expect_equal(number(regions[REGION], "serverCount"), 5, f"the servers in {REGION}")
    expect_equal(history(lane), {"account-added": 3, "region-first-seen": len(SERVERS)}, "the history")
    for row in lane.items():
        expect({HASH, PLACE} <= row.keys(), "a row does not say who listed it", row)
    return f"{len(ledger)} entries, {len(regions)} regions"


def a_second_sync_writes_no_row(lane):
    rows, told = lane.rows(), history(lane)
    body = lane.handlers.sync()
    details = body["details"]
    expect_equal((details["serversWritten"], details["serversUnchanged"], body["totalSynced"]), (0, 6, 6),
                 "servers written, unchanged, synced")
    expect_equal(lane.rows(), rows, "the rows after a sync in which nothing changed")
    expect_equal(history(lane), told, "the history after a sync in which nothing changed")


def a_server_that_is_gone_is_flagged_and_told(lane):
    before = lane.rows()
    world = json.loads(json.dumps(lane.world))
    servers = world["accounts"][STAGING]["drs"][REGION]["sourceServers"]
    gone = servers.pop()
    lane.set_world(world)
    details = lane.handlers.sync()["details"]
    expect_equal((details["complete"], details["serversMissing"], details["serversRemoved"]), (True, 1, 0),
                 "complete, servers missing and removed")
    row = lane.rows()[gone["arn"], STAGING]
    expect_equal(row.get("missingBecause"), {"S": "NOT_LISTED"}, "why the row is flagged")
    expect_equal(lane.rows().keys(), before.keys(), "the rows")
    told = lane.handlers.query("get_changes", kind="missing")["changes"]
    expect_equal([it["subject"] for it in told], [gone["arn"]], "servers that are told to be missing")
    shown = lane.handlers.query("get_source_server", id=gone["sourceServerID"])
    expect_equal(shown["server"]["missingSince"], row["missingSince"]["S"], "since when it is missing")
    expect_equal([it["kind"] for it in shown["history"]], ["missing"], "its history")
    counted = entries(lane)[STAGING, REGION]
    expect_equal(number(counted, "serverCount"), len(servers), "the servers of its place")
    return f"{gone['sourceServerID']} of {STAGING}"


def a_server_that_is_back_is_found_again(lane):
    lane.set_world(lane.world)
    details = lane.handlers.sync()["details"]
    expect_equal((details["complete"], details["serversMissing"]), (True, 0), "complete, servers missing")
    flagged = [it for it in lane.items() if {"missingSince", "missingBecause"} & it.keys()]
    expect_equal(flagged, [], "rows that are flagged")
    told = lane.handlers.query("get_changes", kind="missing,found-again")["changes"]
    expect_equal([it["kind"] for it in told], ["found-again", "missing"], "the history, the last first")


STEPS = [
    a_sync_fills_ledger_roll_up_and_history, a_second_sync_writes_no_row,
    a_server_that_is_gone_is_flagged_and_told, a_server_that_is_back_is_found_again,
]
