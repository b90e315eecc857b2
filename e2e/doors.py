"""Who comes in by the HTTP API and by the page, and who does not."""

import json
import time
import urllib.error
import urllib.request

import ledger
from checks import expect, expect_equal
from keys import Keys
from runtime import measure

# Source: issue 14. Milliseconds from the start of the program to its first question for an event.
LONGEST_START = 100
CLIENT = "page-client"
# What an HTTP API and a load balancer send beside the path.
READS = {"/overview": "servers", "/source-servers": "servers", "/regions": "regions", "/changes": "changes",
         "/target-accounts": "accounts", "/protection-groups": "groups", "/recovery-plans": "plans",
         "/unprotected": "instances", "/health": "status", "/openapi.json": "openapi"}
PAGES = ("places", "servers", "changes", "removals", "accounts", "groups", "unprotected", "report", "what-to-do")
HTTP_HEALTH = {
    "version": "2.0", "routeKey": "GET /health", "rawPath": "/health", "rawQueryString": "", "headers": {},
    "isBase64Encoded": False, "requestContext": {
        "accountId": "111111111111", "apiId": "api", "domainName": "api", "domainPrefix": "api", "stage": "$default",
        "routeKey": "GET /health", "requestId": "1", "time": "01/Jan/2026:00:00:00 +0000", "timeEpoch": 0,
        "authorizer": {"jwt": {"claims": {"sub": "somebody"}, "scopes": ["inventory/read"]}},
        "http": {"method": "GET", "path": "/health", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": ""}}}


# --- Set up ---

def a_load_balancer_is_answered_by_nobody_before_it_is_named(lane):
    lane.keys = Keys()
    refused = page(lane, lane.keys.identity("arn:aws:elasticloadbalancing:us-east-1:111111111111:"
                                            "loadbalancer/app/any/0", CLIENT))
    expect_equal(refused["statusCode"], 403, "the answer to a load balancer")


def the_http_api_and_the_page_are_deployed(lane):
    given = {
        "PageKeysUrl": lane.keys.url, "PageRequiredClaim": "groups=dr-team",
        "http-api:Authorization": "JWT", "http-api:JwtIssuer": lane.keys.url, "http-api:JwtAudience": "inventory",
        **{f"page:{name}": value for name, value in page_parameters(lane).items()},
    }
    said = lane.deploy("--http-api", "--page", *(word for name, value in given.items()
                                                 for word in ("--parameter", f"{name}={value}")))
    lane.api = outputs(lane, "http-api")["ApiId"]
    lane.signer = outputs(lane, "page")["SignerArn"]
    variables = lane.emulator.client("lambda").get_function_configuration(
        FunctionName=lane.handlers.name("read-handler"))["Environment"]["Variables"]
    expect_equal((variables["PAGE_SIGNER_ARN"], variables["PAGE_CLIENT_ID"]), (lane.signer, CLIENT),
                 "whom read-handler answers")
    expect("let the page in" in said, "the page was not let in", said)


def page_parameters(lane):
    ec2, account = lane.emulator.client("ec2"), lane.emulator.client("sts").get_caller_identity()["Account"]
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
    certificate = lane.emulator.client("acm").request_certificate(DomainName="dr.example.com")["CertificateArn"]
    lane.emulator.client("secretsmanager").create_secret(Name="page-client-secret", SecretString="of-the-client")
    expect(account in certificate, "the certificate is another account's", certificate)
    return {
        "VpcId": vpc, "SubnetIds": ",".join(it["SubnetId"] for it in subnets[:2]), "AllowedCidr": "10.0.0.0/8",
        "HostName": "dr.example.com", "CertificateArn": certificate, "OidcIssuer": "https://login.example.com",
        "OidcAuthorizationEndpoint": "https://login.example.com/authorize",
        "OidcTokenEndpoint": "https://login.example.com/token",
        "OidcUserInfoEndpoint": "https://login.example.com/userinfo",
        "OidcClientId": CLIENT, "OidcClientSecretId": "page-client-secret", "DeletionProtection": "false",
    }


def outputs(lane, part):
    stack = lane.emulator.client("cloudformation").describe_stacks(StackName=f"{lane.handlers.stack}-{part}")
    return {it["OutputKey"]: it["OutputValue"] for it in stack["Stacks"][0]["Outputs"]}


# --- The HTTP API ---

def call(lane, route, token=None, body=None):
    """Status and answer of one request. The emulator serves the API under a path of its own."""
    method, path = route.split(" ")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    content = None if body is None else json.dumps(body).encode()
    headers |= {"Content-Type": "application/json"} if content else {}
    url = f"{lane.emulator.endpoint}/_aws/execute-api/{lane.api}{path}"
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


def changed(token, other):
    """The payload of one with the signature of the other."""
    header, _, signature = token.split(".")
    return ".".join((header, other.split(".")[1], signature))


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
    return f"{len(READS)} routes, {len(listed)} servers"


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


# --- The page ---

def page(lane, *identities, path="/", method="GET"):
    """What read-handler answers a load balancer that sends so many identities."""
    headers = {"host": ["dr.example.com"], "accept": ["text/html"], "x-forwarded-proto": ["https"]}
    headers |= {"x-amzn-oidc-data": list(identities)} if identities else {}
    group = "arn:aws:elasticloadbalancing:us-east-1:111111111111:targetgroup/page/1"
    return lane.handlers.invoke("read-handler", {
        "requestContext": {"elb": {"targetGroupArn": group}}, "httpMethod": method, "path": path,
        "multiValueQueryStringParameters": {}, "multiValueHeaders": headers, "body": "", "isBase64Encoded": False})


def the_page_is_shown_to_whom_the_load_balancer_knows(lane):
    identity = lane.keys.identity(lane.signer, CLIENT)
    sizes = []
    for path in ("/", *(f"/pages/{name}" for name in PAGES)):
        answer = page(lane, identity, path=path)
        expect_equal(answer["statusCode"], 200, f"the page {path}: {str(answer)[:300]}")
        expect("<html" in answer["body"], f"{path} is no page", answer["body"][:100])
        sizes.append(f"{path} {len(answer['body']) // 1000} KB")
    asked = [path for path in lane.keys.server.asked if path.strip("/") == lane.keys.balancer_id]
    expect_equal(len(asked), 1, "how often the key was fetched")
    return ", ".join(sizes)


def everybody_else_is_shown_nothing(lane):
    keys, now = lane.keys, int(time.time())
    fits = keys.identity(lane.signer, CLIENT)

    def identity(signer=lane.signer, client=CLIENT, **other):
        return keys.identity(signer, client, **other)

    refused = {
        "none": (), "two": (fits, fits), "an empty one": ("",), "nonsense": ("a.b.c",),
        "a wrong signature": (identity(key=keys.other_balancer),),
        "a changed payload": (changed(fits, identity(claims={"sub": "admin"})),),
        "an expired one": (identity(exp=now - 1),), "one whose claims expired": (identity(claims={"exp": now - 1}),),
        "another signer": (identity(signer=lane.signer[:-1] + "x"),),
        "another client": (identity(client="another"),), "another algorithm": (identity(alg="HS256"),),
        "no algorithm": (identity(alg="none"),), "a key that is no UUID": (identity(kid="../" + keys.balancer_id),),
        "a claim that is missing": (identity(claims={"groups": None}),),
        "a claim of another value": (identity(claims={"groups": "dr-teams"}),),
    }
    for what, identities in refused.items():
        answer = page(lane, *identities)
        expect_equal(answer["statusCode"], 403, f"the answer to {what}: {answer['body'][:200]}")
        expect("pay-db" not in answer["body"], f"{what} is shown a server")
    unknown = page(lane, identity(kid="00000000-0000-4000-8000-000000000000"))
    expect_equal(unknown["statusCode"], 503, "the answer where the key cannot be had")
    expect_equal(page(lane, fits, method="POST", path="/pages/removals/approve")["statusCode"] // 100, 4, "a change by the page")
    direct = lane.handlers.invoke("read-handler", {**HTTP_HEALTH, "requestContext": {
        name: value for name, value in HTTP_HEALTH["requestContext"].items() if name != "authorizer"}})
    expect_equal(direct["statusCode"], 403, "the answer to an HTTP API that lost its authorizer")
    return f"{len(refused)} kinds"


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
    the_http_api_reads_what_the_function_does, what_is_not_exposed_is_not_there,
    a_sync_over_http_is_accepted_and_follows, a_request_of_another_installation_starts_no_sync,
    the_page_is_shown_to_whom_the_load_balancer_knows, everybody_else_is_shown_nothing,
    read_handler_starts_fast, the_doors_go_and_the_inventory_stays,
]
