"""Who comes in by the HTTP API and by the page, and who does not."""

import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

import ledger
import page
from checks import expect, expect_equal
from emulator import REGION
from keys import Keys, changed
from members import PAYMENTS
from runtime import measure

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))
from deployment.traffic import HTTP_HEALTH  # noqa: E402

# Source: issue 14. Milliseconds from the start of the program to its first question for an event.
LONGEST_START = 100
# Each route of a list or an overview, and an attribute of its answer.
READS = {"/overview": "servers", "/source-servers": "servers", "/regions": "regions", "/changes": "changes",
         "/target-accounts": "accounts", "/protection-groups": "groups", "/recovery-plans": "plans",
         "/unprotected": "instances", "/health": "status", "/openapi.json": "openapi"}


# --- Set up ---

def a_load_balancer_is_answered_by_nobody_before_it_is_named(lane):
    lane.keys = Keys()
    signer = "arn:aws:elasticloadbalancing:us-east-1:111111111111:loadbalancer/app/any/0"
    refused = page.ask(lane, lane.keys.identity(signer, page.CLIENT))
    expect_equal(refused["statusCode"], 403, "the answer to a load balancer")


def the_http_api_and_the_page_are_deployed(lane):
    given = {
        "PageKeysUrl": lane.keys.url, "PageRequiredClaim": "groups=dr-team",
        "http-api:Authorization": "JWT", "http-api:JwtIssuer": lane.keys.url, "http-api:JwtAudience": "inventory",
        **{f"page:{name}": value for name, value in page.parameters(lane).items()},
    }
    said = lane.deploy("--http-api", "--page", *(word for name, value in given.items()
                                                 for word in ("--parameter", f"{name}={value}")))
    lane.api = outputs(lane, "http-api")["ApiId"]
    lane.signer = outputs(lane, "page")["SignerArn"]
    variables = lane.emulator.client("lambda").get_function_configuration(
        FunctionName=lane.handlers.name("read-handler"))["Environment"]["Variables"]
    expect_equal((variables["PAGE_SIGNER_ARN"], variables["PAGE_CLIENT_ID"]), (lane.signer, page.CLIENT),
                 "whom read-handler answers")
    expect("let the page in" in said, "the page was not let in", said)


def outputs(lane, part):
    stack = lane.emulator.client("cloudformation").describe_stacks(StackName=f"{lane.handlers.stack}-{part}")
    return {it["OutputKey"]: it["OutputValue"] for it in stack["Stacks"][0]["Outputs"]}


# --- The HTTP API ---

def call(lane, route, token=None, body=None, credentials=None):
    """Status, headers and answer of one request. The emulator serves the API under a path of its own."""
    method, path = route.split(" ")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    content = None if body is None else json.dumps(body).encode()
    headers |= {"Content-Type": "application/json"} if content else {}
    url = f"{lane.emulator.endpoint}/_aws/execute-api/{lane.api}{path}"
    if credentials:
        signed = AWSRequest(method, url, headers, content)
        SigV4Auth(credentials, "execute-api", REGION).add_auth(signed)
        headers = dict(signed.headers)
    request = urllib.request.Request(url, content, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, dict(answer.headers), json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), json.loads(error.read() or b"null")


def tokens_that_do_not_fit_are_refused(lane):
    keys, now, read = lane.keys, int(time.time()), "inventory/read"
    unknown = {
        "no token": None, "no token at all": "nonsense", "an expired one": keys.token(read, exp=now - 60),
        "one of another audience": keys.token(read, aud="another"),
        "one of another issuer": keys.token(read, iss="https://login.example.com"),
        "one that is not valid yet": keys.token(read, nbf=now + 600),
        "a forged signature": keys.token(read, key=keys.stranger),
        "no signature": keys.token(read, algorithm="none"),
        "a changed payload": changed(keys.token(read), keys.token("inventory/write")),
    }
    for what, token in unknown.items():
        expect_equal(call(lane, "GET /overview", token)[0], 401, f"the answer to {what}")
    return f"{len(unknown)} kinds"


def a_scope_opens_what_it_is_for_and_nothing_else(lane):
    tokens = {kind: lane.keys.token(f"inventory/{kind}") for kind in ("read", "write", "sync")}
    tokens["none"] = lane.keys.token(None)
    group = {"groupName": "over-http", "region": "us-east-1", "serverSelectionTags": {"Name": "pay-db"}}
    for route, needed, body, wanted in [
        ("GET /overview", "read", None, 200), ("POST /protection-groups", "write", group, 201),
        ("DELETE /target-accounts/000000000000", "write", None, 404), ("POST /sync", "sync", None, 202),
    ]:
        for kind, token in tokens.items():
            if kind != needed:
                expect_equal(call(lane, route, token, body)[0], 403, f"{route} with the scope {kind}")
        status, headers, answer = call(lane, route, tokens[needed], body)
        expect_equal(status, wanted, f"{route} with the scope {needed}: {answer}")
        expect(not any(it.lower().startswith("access-control-") for it in headers), f"{route} has CORS", headers)
        if status == 201:
            deleted = call(lane, f"DELETE /protection-groups/{answer['groupId']}", tokens["write"])
            expect_equal(deleted[0], 200, "the deletion of the group")
    return f"{len(tokens)} tokens, 4 routes"


def the_http_api_reads_what_the_function_does(lane):
    token = lane.keys.token("inventory/read")
    for path, key in READS.items():
        status, _, answer = call(lane, f"GET {path}", token)
        expect_equal(status, 200, f"GET {path}: {str(answer)[:300]}")
        expect(key in answer, f"GET {path} has no {key}", list(answer))
    listed = {row["hostname"] for row in call(lane, "GET /source-servers?limit=100", token)[2]["servers"]}
    expect_equal(listed, set(lane.handlers.servers()), "the servers over HTTP")
    one = call(lane, "GET /source-servers?hostname=pay-db", token)[2]["servers"]
    expect_equal([row["hostname"] for row in one], ["pay-db"], "the servers of a filter")
    status, _, shown = call(lane, f"GET /source-servers/{one[0]['sourceServerID']}", token)
    expect_equal(status, 200, f"one server: {shown}")
    status, _, shown = call(lane, f"GET /accounts/{PAYMENTS}/status", token)
    expect_equal(status, 200, f"one account: {shown}")
    return f"{len(READS) + 2} routes, {len(listed)} servers"


def the_http_api_answers_as_its_document_says(lane):
    """Reads alone: what changes is asked for by .ci/schemathesis, over a store that nobody needs."""
    environment = subprocess.run([ROOT / "scripts/python-env", ROOT / "page/schemathesis.txt"], check=True,
                                 capture_output=True, text=True).stdout.strip()
    asked = subprocess.run(
        [f"{environment}/bin/schemathesis", "run", ROOT / "docs/openapi.json",
         "--url", f"{lane.emulator.endpoint}/_aws/execute-api/{lane.api}",
         "--header", f"Authorization: Bearer {lane.keys.token('inventory/read')}",
         "--include-method", "GET", "--exclude-operation-id", "get_current_account_id",
         "--exclude-operation-id", "list_account_ids",
         # The gateway has words of its own for what is no route.
         "--checks", "not_a_server_error,status_code_conformance", "--phases", "examples,coverage,fuzzing",
         "--max-examples", "5", "--seed", "1", "--no-color", "--suppress-health-check", "all"],
        capture_output=True, text=True, timeout=300, cwd=lane.simulator.world.parent)
    expect(asked.returncode == 0, f"the API answers otherwise:\n{asked.stdout[-3000:]}{asked.stderr[-500:]}")
    return re.search(r"\d+ generated, \d+ passed", asked.stdout)[0]


def what_is_not_exposed_is_not_there(lane):
    token = lane.keys.token("inventory/read inventory/write inventory/sync")
    for route in ("POST /finish-sync", "POST /sync/111111111111", "GET /account-ids", "GET /current-account",
                  "GET /", "GET /pages/servers", "PATCH /overview"):
        expect_equal(call(lane, route, token)[0], 404, f"the answer to {route}")


def a_sync_over_http_is_accepted_and_follows(lane):
    wait_until_no_sync_runs(lane)
    before, started = ledger.last_sync(lane), time.monotonic()
    status, _, answer = call(lane, "POST /sync", lane.keys.token("inventory/sync"))
    expect_equal(status, 202, f"the answer to POST /sync: {answer}")
    accepted = time.monotonic() - started
    while ledger.last_sync(lane) == before:
        expect(time.monotonic() - started < 60, "no sync followed in 60 s")
        time.sleep(0.2)
    followed = time.monotonic() - started
    wait_until_no_sync_runs(lane)
    return f"accepted after {accepted:.2f} s, synced after {followed:.1f} s; look at {answer.get('lookAt')}"


def a_request_of_another_installation_starts_no_sync(lane):
    before = ledger.last_sync(lane)
    put = lane.emulator.client("events").put_events(Entries=[{
        "Source": "drs-inventory", "DetailType": "DRS Inventory Sync Requested",
        "Detail": json.dumps({"installation": "another-installation"})}])
    expect_equal(put["FailedEntryCount"], 0, "events that were refused")
    time.sleep(3)
    expect_equal(ledger.last_sync(lane), before, "the last sync")


def wait_until_no_sync_runs(lane):
    started = time.monotonic()
    # The request of a step before may be under way, and has not taken the lock yet.
    time.sleep(1)
    while lane.is_locked():
        expect(time.monotonic() - started < 60, "a sync does not end")
        time.sleep(0.2)
    time.sleep(1)  # from the lock to the answer


def with_aws_iam_a_policy_opens_what_it_names(lane):
    lane.deploy("--http-api", "--parameter", "http-api:Authorization=AWS_IAM")
    arn, iam = outputs(lane, "http-api")["ApiArn"], lane.emulator.client("iam")
    reader = user(iam, "reader", f"{arn}/$default/GET/*")
    stranger = user(iam, "stranger", f"{arn}/$default/GET/health")
    forged = Credentials(reader.access_key, "of-somebody-else")
    for route, who, wanted in [
        ("GET /overview", reader, 200), ("GET /overview", stranger, 403), ("GET /overview", None, 403),
        ("GET /overview", forged, 403), ("POST /sync", reader, 403), ("GET /health", stranger, 200),
    ]:
        status, _, answer = call(lane, route, credentials=who)
        expect_equal(status, wanted, f"{route} signed by {who and who.access_key}: {str(answer)[:200]}")
    status = call(lane, "GET /overview", lane.keys.token("inventory/read"))[0]
    expect(status in (401, 403), "a token opens an API of AWS_IAM", status)


def user(iam, name, resource):
    """Credentials of a user who may call what a resource names."""
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": resource}
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="call", PolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": [statement]}))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return Credentials(key["AccessKeyId"], key["SecretAccessKey"])


def an_api_that_lost_its_authorizer_is_refused(lane):
    context = {name: it for name, it in HTTP_HEALTH["requestContext"].items() if name != "authorizer"}
    answer = lane.handlers.invoke("read-handler", {**HTTP_HEALTH, "requestContext": context})
    expect_equal(answer["statusCode"], 403, "the answer to nobody")


# --- Time, and the end ---

def read_handler_starts_fast(lane):
    init, answer = measure(lane.programs["read-handler"], event=HTTP_HEALTH)
    expect(init <= LONGEST_START, f"read-handler takes {init:.0f} ms to start, more than {LONGEST_START} ms")
    return f"init {init:.0f} ms, answer {answer:.1f} ms"


def the_doors_go_and_the_inventory_stays(lane):
    cloudformation = lane.emulator.client("cloudformation")
    for part in ("http-api", "page"):
        name = f"{lane.handlers.stack}-{part}"
        cloudformation.delete_stack(StackName=name)
        cloudformation.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    expect_equal(call(lane, "GET /overview", lane.keys.token("inventory/read"))[0], 404, "the API after its end")
    expect_equal(lane.handlers.query("health")["status"], "healthy", "query-handler")


STEPS = [
    a_load_balancer_is_answered_by_nobody_before_it_is_named, the_http_api_and_the_page_are_deployed,
    tokens_that_do_not_fit_are_refused, a_scope_opens_what_it_is_for_and_nothing_else,
    the_http_api_reads_what_the_function_does, the_http_api_answers_as_its_document_says,
    what_is_not_exposed_is_not_there,
    a_sync_over_http_is_accepted_and_follows, a_request_of_another_installation_starts_no_sync,
    with_aws_iam_a_policy_opens_what_it_names, an_api_that_lost_its_authorizer_is_refused,
    *page.STEPS,
    read_handler_starts_fast, the_doors_go_and_the_inventory_stays,
]
