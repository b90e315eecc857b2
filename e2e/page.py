"""The page, as a load balancer sends its requests to read-handler."""

import time

from checks import expect, expect_equal
from keys import changed
from members import PAYMENTS

CLIENT = "page-client"
PAGES = ("places", "servers", "changes", "removals", "accounts", "groups", "unprotected", "report", "what-to-do")


def parameters(lane):
    """Of infra/page.yaml, with what they name."""
    ec2 = lane.emulator.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
    certificate = lane.emulator.client("acm").request_certificate(DomainName="dr.example.com")["CertificateArn"]
    lane.emulator.client("secretsmanager").create_secret(Name="page-client-secret", SecretString="of-the-client")
    return {
        "VpcId": vpc, "SubnetIds": ",".join(it["SubnetId"] for it in subnets[:2]), "AllowedCidr": "10.0.0.0/8",
        "HostName": "dr.example.com", "CertificateArn": certificate, "OidcIssuer": "https://login.example.com",
        "OidcAuthorizationEndpoint": "https://login.example.com/authorize",
        "OidcTokenEndpoint": "https://login.example.com/token",
        "OidcUserInfoEndpoint": "https://login.example.com/userinfo",
        "OidcClientId": CLIENT, "OidcClientSecretId": "page-client-secret", "DeletionProtection": "false",
    }


def ask(lane, *identities, path="/", method="GET", **query):
    """What read-handler answers a load balancer that sends so many identities."""
    headers = {"host": ["dr.example.com"], "accept": ["text/html"], "x-forwarded-proto": ["https"]}
    headers |= {"x-amzn-oidc-data": list(identities)} if identities else {}
    group = "arn:aws:elasticloadbalancing:us-east-1:111111111111:targetgroup/page/1"
    return lane.handlers.invoke("read-handler", {
        "requestContext": {"elb": {"targetGroupArn": group}}, "httpMethod": method, "path": path,
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()}, "multiValueHeaders": headers, "body": "", "isBase64Encoded": False})


def the_page_is_shown_to_whom_the_load_balancer_knows(lane):
    identity = lane.keys.identity(lane.signer, CLIENT)
    sizes = []
    for path in ("/", *(f"/pages/{name}" for name in PAGES)):
        answer = ask(lane, identity, path=path)
        expect_equal(answer["statusCode"], 200, f"the page {path}: {str(answer)[:300]}")
        expect("<html" in answer["body"], f"{path} is no page", answer["body"][:100])
        sizes.append(f"{path} {len(answer['body']) // 1000} KB")
    server = lane.handlers.servers()["pay-db"]
    for path, query, shown in [
        ("/pages/server", {"id": server["sourceServerID"]}, "pay-db"), ("/pages/account", {"id": PAYMENTS}, PAYMENTS),
        ("/pages/servers", {"hostname": "pay-db"}, "pay-db"),
    ]:
        answer = ask(lane, identity, path=path, **query)
        expect(answer["statusCode"] == 200 and shown in answer["body"], f"{path} does not show {shown}", answer)
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
        "another signer": (identity(signer=lane.signer + "x"),),
        "another client": (identity(client="another"),), "another algorithm": (identity(alg="HS256"),),
        "no algorithm": (identity(alg="none"),), "a key that is no UUID": (identity(kid="../" + keys.balancer_id),),
        "a claim that is missing": (identity(claims={"groups": None}),),
        "a claim of another value": (identity(claims={"groups": "dr-teams"}),),
    }
    for what, identities in refused.items():
        answer = ask(lane, *identities)
        expect_equal(answer["statusCode"], 403, f"the answer to {what}: {answer['body'][:200]}")
        expect("pay-db" not in answer["body"], f"{what} is shown a server")
    unknown = ask(lane, identity(kid="00000000-0000-4000-8000-000000000000"))
    expect_equal(unknown["statusCode"], 503, "the answer where the key cannot be had")
    expect_equal(ask(lane, fits, method="POST", path="/pages/removals/approve")["statusCode"] // 100, 4, "a change by the page")
    return f"{len(refused)} kinds"


STEPS = [the_page_is_shown_to_whom_the_load_balancer_knows, everybody_else_is_shown_nothing]
