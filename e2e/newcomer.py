"""From nothing to the first page, as the README tells it, in an organization of thirty accounts of which some are
closed and some are wrong. What is typed has to stand in the README."""

import json
import re
import subprocess
import time
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

import earlier
import organization
from checks import expect, expect_equal
from emulator import HUB, stop
from handlers import Handlers
from members import ROLE

ROOT = Path(__file__).resolve().parent.parent
STAGE = "newcomer"
STACK = f"drs-inventory-{STAGE}"
EXTERNAL_ID = "of-the-newcomer"


class Newcomer:
    """Somebody with the README, a shell and a watch."""

    def __init__(self, lane):
        self.readme = (ROOT / "README.md").read_text().split("## From nothing to the first page\n")[1].split("\n## ")[0]
        self.exports = re.findall(r"^export .*|^for table in (?:.*\n)*?done$", self.readme, re.MULTILINE)
        expect_equal(len(self.exports), 2, f"what the README exports: {self.exports}")
        self.started, self.commands = time.monotonic(), 0
        self.folder = lane.simulator.world.with_name("newcomer")
        self.folder.mkdir()
        (self.folder / "drs-inventory").symlink_to(Path(lane.options.program).resolve())
        simulated, before = ("DRS", "ORGANIZATIONS", "ACCOUNT"), lane.options.deploy_environment
        elsewhere = {f"AWS_ENDPOINT_URL_{name}": lane.simulator.endpoint for name in simulated}
        self.environment = {**before, **elsewhere, "AWS_ENDPOINT_URL": lane.emulator.endpoint,
                            "PATH": f"{self.folder}:{before['PATH']}", "DRS_INVENTORY_SETTINGS": "",
                            "DRS_INVENTORY_EXTERNAL_ID": EXTERNAL_ID}

    def reads(self, command):
        """The command as the README has it, with the newcomer's own names."""
        line = re.search(rf"^{re.escape(command)}.*?(?=\s*(#|$))", self.readme, re.MULTILINE)
        expect(line, "the README does not have the command", command)
        self.commands += 1
        return line[0].replace("prod", STAGE).replace("ou-ab12-11111111", "ou-sim0-workloads --ou ou-sim0-sandboxes")

    def types(self, command, code=0):
        """What a command of the README says; it has to end with the code."""
        return self.runs(self.reads(command), code)

    def runs(self, command, code=0):
        done = subprocess.run(["bash", "-c", self.script(command)], cwd=ROOT, env=self.environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        expect(done.returncode == code, f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def script(self, command):
        return "\n".join([*self.exports, command]).replace("drs-inventory-prod", STACK)


# --- Steps ---

def a_newcomer_deploys_an_installation_by_the_command_of_the_readme(lane):
    lane.newcomer = Newcomer(lane)
    typed = lane.newcomer.reads("scripts/deploy.sh").split()
    # The lane says itself when the schedule may fire.
    lane.deploy(*typed[2:], "--drs-endpoint", lane.simulator.endpoint, "--parameter", "ScheduleState=DISABLED",
                stage=typed[1])
    return f"{time.monotonic() - lane.newcomer.started:.0f} s"


def a_stack_set_gives_the_role_to_an_organization_in_which_five_go_wrong(lane):
    """The emulator knows no stack sets: what the dry run prints is made account by account."""
    said = lane.newcomer.runs(lane.newcomer.reads("scripts/stackset.sh") + " --dry-run")
    call, _ = json.JSONDecoder().raw_decode(said[said.index("CreateStackSet ") + len("CreateStackSet "):])
    lane.newcomer.parameters = {it["ParameterKey"]: it["ParameterValue"] for it in call["Parameters"]} | {
        "ExternalId": EXTERNAL_ID}
    made = organization.make_wrong_roles(lane, lane.newcomer.parameters)
    lane.set_world(organization.world_of_now(lane))
    lane.newcomer.environment |= organization.operators_keys(lane, STACK)
    return f"{made} of {len(organization.members())} roles"


def check_of_an_empty_installation_misses_nothing_but_accounts(lane):
    said = lane.newcomer.types("drs-inventory --store dynamodb check", code=3)
    failed = re.findall(r"^ +FAILED +(.*)", said, re.MULTILINE)
    expect_equal(failed, ["accounts: none"], f"what failed:\n{said}")


def discover_shows_the_organization_and_adds_it_when_told_to(lane):
    new = sorted([HUB, *organization.members()])
    said = lane.newcomer.types("drs-inventory --store dynamodb accounts discover")
    expect_equal([it for it in new if it not in said], [], f"accounts that are not shown:\n{said}")
    shown = [it for it in organization.CLOSED if it in said]
    expect_equal(shown, [], f"closed accounts that are shown as new:\n{said}")
    expect_equal(lane.items("target-accounts", STACK), [], "accounts after a look")
    lane.newcomer.types("drs-inventory --store dynamodb accounts discover --apply")
    added = sorted(it["accountId"]["S"] for it in lane.items("target-accounts", STACK))
    expect_equal(added, new, "the accounts of the table")
    return f"{len(added)} of 30"


def accounts_check_names_every_defect_with_its_change(lane):
    said = lane.newcomer.types("drs-inventory --store dynamodb accounts check", code=3)
    failed = failures(lane)
    expect_equal(sorted(failed), sorted(organization.WRONG), f"what failed:\n{said}")
    for account, step in failed.items():
        wanted = {organization.WITHOUT_DRS: "drs:DescribeSourceServers",
                  organization.WITHOUT_EC2: "ec2:DescribeInstances"}
        expect_equal(step["what"], wanted.get(account, "assume the role"), f"the step that failed in {account}")
        for fact in (account, ROLE, "infra/member-account.yaml"):
            expect(fact in step["change"], f"the change of {account} does not name {fact}", step["change"])
        expect(step["change"] in said, "the change is not shown", step["change"], said)
    lane.newcomer.failed = failed


def failures(lane, *accounts):
    """The first step that failed of each account that did not pass."""
    command = " ".join(["drs-inventory --store dynamodb accounts check --output json", *accounts])
    said = lane.newcomer.runs(command, code=0 if accounts else 3)
    return {it["accountId"]: next(step for step in it["steps"] if step["how"] == "failed")
            for it in json.loads(said) if not it["passed"]}


def each_change_makes_its_account_pass(lane):
    for account, step in lane.newcomer.failed.items():
        carry_out(lane, account, step["change"])
        lane.set_world(organization.world_of_now(lane))
        expect_equal(failures(lane, account), {}, f"what fails in {account} after its change")
        lane.newcomer.commands += 2
    lane.newcomer.types("drs-inventory --store dynamodb accounts check")
    return f"{len(lane.newcomer.failed)} changes"


def carry_out(lane, account, change):
    """As somebody does who reads it: a statement is added as it stands, a role is made as in the other accounts."""
    if statement := re.search(r"{.*}", change):
        return organization.add_statement(lane, account, json.loads(statement[0]))
    given, named = lane.newcomer.parameters, dict(re.findall(r"\b(\w+)=([\w-]+)", change))
    expect_equal((named["HubAccountId"], named["RoleName"]), (HUB, ROLE), f"what the change names: {change}")
    expect_equal(named["OperatorRoleName"], given["OperatorRoleName"], "who is to be let in beside the sync")
    return organization.make_role(lane, account, given)


def the_first_page_is_there(lane):
    newcomer = lane.newcomer
    newcomer.types("drs-inventory --store dynamodb sync")
    status = newcomer.types("drs-inventory --store dynamodb status")
    expect(" 0 servers" not in status, "no server is known", status)
    page = first_page(newcomer)
    seconds = time.monotonic() - newcomer.started
    expect("<html" in page and "Overview" in page, "this is no page", page[:500])
    return f"from nothing in {seconds:.0f} s and {newcomer.commands} commands, without building and its tests"


def first_page(newcomer):
    """As a browser opens the address that is printed."""
    command = newcomer.script("exec " + newcomer.reads("drs-inventory --store dynamodb serve"))
    serve = subprocess.Popen(["bash", "-c", command], env=newcomer.environment, text=True, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL)
    try:
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        with browser.open(serve.stdout.readline().strip(), timeout=60) as answer:
            return answer.read().decode()
    finally:
        stop(serve)
        serve.stdout.close()


def the_function_reads_what_the_newcomer_did(lane):
    """Its role is another than that of people: the member roles let both in."""
    details = Handlers(lane.emulator, STACK).sync()["details"]
    expect(details["complete"], "the picture is incomplete", details["accountsSkipped"], details["failed"])
    expect_equal(details["accountsAsked"], 27, "accounts")
    return f"{details['serversFound']} servers"


def the_newcomer_goes_and_leaves_nothing(lane):
    organization.remove(lane)
    dynamodb = lane.emulator.client("dynamodb")
    cloudformation = lane.emulator.client("cloudformation")
    cloudformation.delete_stack(StackName=STACK)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})
    tables = [it for it in dynamodb.list_tables()["TableNames"] if it.startswith(f"{STACK}-")]
    expect_equal(len(tables), 7, "the number of tables that stay")
    earlier.delete_tables(dynamodb, tables)
    lane.set_world(lane.world)


STEPS = [
    a_newcomer_deploys_an_installation_by_the_command_of_the_readme,
    a_stack_set_gives_the_role_to_an_organization_in_which_five_go_wrong,
    check_of_an_empty_installation_misses_nothing_but_accounts,
    discover_shows_the_organization_and_adds_it_when_told_to, accounts_check_names_every_defect_with_its_change,
    each_change_makes_its_account_pass, the_first_page_is_there, the_function_reads_what_the_newcomer_did,
    the_newcomer_goes_and_leaves_nothing,
]
