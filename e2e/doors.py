"""The doors of the inventory: the HTTP API for programs, and the page behind a load balancer."""

import base64
import http.server
import json
import threading
import time
import urllib.error
import urllib.request
import uuid

import jwt
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from checks import expect, expect_equal
from emulator import HUB, REGION
from members import WEB
from runtime import measure

AUDIENCE, CLIENT = "drs-inventory", "page-client"
SIGNER = f"arn:aws:elasticloadbalancing:{REGION}:{HUB}:loadbalancer/app/drs-inventory-e2e-page/50dc6c495c0c9188"
READ, WRITE, SYNC = "inventory/read", "inventory/write", "inventory/sync"
# What the issue of this project wants of a start of read-handler, on the emulator's machine.
MOST_INIT_MS = 100


class KeyServer:
    """An issuer of tokens, and a load balancer's public keys. Use as a context."""

    def __init__(self):
        self.rsa = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.strangers_rsa = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.ec, self.strangers_ec = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        self.key_id = str(uuid.uuid4())
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def handler(keys):
        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                pages = {
                    "/.well-known/openid-configuration": lambda: json.dumps(
                        {"issuer": keys.url, "jwks_uri": f"{keys.url}/jwks"}),
                    "/.well-known/jwks.json": keys.jwks, "/jwks": keys.jwks,
                    f"/keys/{keys.key_id}": lambda: keys.ec.public_key().public_bytes(
                        serialization.Encoding.PEM,
                        serialization.PublicFormat.SubjectPublicKeyInfo).decode(),
                }
                page = pages.get(self.path)
                body = page().encode() if page else b""
                self.send_response(200 if page else 404)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
        return Handler

    def jwks(self):
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.rsa.public_key()))
        return json.dumps({"keys": [{**key, "kid": "key-1", "use": "sig", "alg": "RS256"}]})

    def token(self, scopes, key=None, **claims):
        """An access token, as the issuer makes it."""
        now = int(time.time())
        body = {"iss": self.url, "aud": AUDIENCE, "sub": "a-program", "scope": " ".join(scopes),
                "iat": now, "nbf": now - 5, "exp": now + 300, **claims}
        return jwt.encode(body, key or self.rsa, algorithm="RS256", headers={"kid": "key-1"})

    def identity(self, key=None, **header):
        """What a load balancer says of who was logged in: base64url with padding, signed with ES256."""
        now = int(time.time())
        header = {"typ": "JWT", "kid": self.key_id, "alg": "ES256", "iss": self.url, "client": CLIENT,
                  "signer": SIGNER, "exp": now + 120, **header}
        claims = {"sub": "someone", "email": "someone@example.com", "exp": now + 120, "iss": self.url}
        message = ".".join(padded(json.dumps(part).encode()) for part in (header, claims))
        der = (key or self.ec).sign(message.encode(), ec.ECDSA(hashes.SHA256()))
        signature = b"".join(number.to_bytes(32, "big") for number in decode_dss_signature(der))
        return f"{message}.{padded(signature)}"


def padded(content):
    return base64.urlsafe_b64encode(content).decode()


def request(lane, method, path, token=None, body=None):
    """Status and body of an answer of the HTTP API."""
    headers = {"Host": f"{lane.api_id}.execute-api.localhost:{lane.emulator.port}"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None
    if body is not None:
        data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
    asked = urllib.request.Request(f"{lane.emulator.endpoint}{path}", data, headers, method=method)
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def the_http_api_is_deployed_beside_the_template(lane):
    lane.keys = KeyServer()
    said = lane.deploy("--http-api", "--parameter", "http-api:Authorizer=JWT",
                       "--parameter", f"http-api:Issuer={lane.keys.url}",
                       "--parameter", f"http-api:Audience={AUDIENCE}",
                       "--parameter", f"PageSignerArn={SIGNER}", "--parameter", f"PageClientId={CLIENT}",
                       "--parameter", f"PageKeysUrl={lane.keys.url}/keys")
    lane.api_id, = [line.split("=", 1)[1] for line in said.splitlines() if line.startswith("ApiId=")]
    api = lane.emulator.client("apigatewayv2")
    routes = api.get_routes(ApiId=lane.api_id, MaxResults="200")["Items"]
    open_routes = [it["RouteKey"] for it in routes if it["AuthorizationType"] != "JWT"]
    expect_equal(open_routes, [], "routes that let anybody in")
    return f"{len(routes)} routes"


def who_has_no_right_is_refused(lane):
    tokens = lane.keys.token
    account = {"accountId": "999999999999"}
    for name, method, path, token, body in [
        ("no token", "GET", "/overview", None, None),
        ("an expired token", "GET", "/overview", tokens([READ], exp=int(time.time()) - 400), None),
        ("another audience", "GET", "/overview", tokens([READ], aud="another"), None),
        ("another issuer", "GET", "/overview", tokens([READ], iss="http://another.example"), None),
        ("a forged signature", "GET", "/overview", tokens([READ], key=lane.keys.strangers_rsa), None),
        ("no scope", "GET", "/overview", tokens([]), None),
        ("the scope of reading for a change", "POST", "/target-accounts", tokens([READ]), account),
        ("the scope of reading for a sync", "POST", "/sync", tokens([READ]), None),
        ("the scope of changes for a sync", "POST", "/sync", tokens([WRITE]), None),
        ("the scope of syncs for a read", "GET", "/overview", tokens([SYNC]), None),
    ]:
        status, _, answer = request(lane, method, path, token, body)
        expect(status in (401, 403), f"{name} was answered with {status}", answer)
    listed = lane.handlers.query("get_target_accounts")
    expect("999999999999" not in json.dumps(listed), "a refused change was made", listed)
    status, _, _ = request(lane, "GET", "/current-account", tokens([READ]))
    expect_equal(status, 404, "the status of what is no route")


def who_has_the_right_is_served(lane):
    token = lane.keys.token
    status, headers, answer = request(lane, "GET", "/overview", token([READ]))
    expect_equal(status, 200, f"the status of a read ({answer[:300]})")
    expect("Access-Control-Allow-Origin" not in headers, "other sites are let in", dict(headers))
    servers = json.loads(answer)["servers"]
    status, _, answer = request(lane, "GET", "/source-servers?limit=1", token([READ]))
    expect_equal((status, json.loads(answer)["count"]), (200, 1), "a page of servers")
    status, _, answer = request(lane, "GET", "/openapi.json", token([READ]))
    expect_equal((status, json.loads(answer)["openapi"]), (200, "3.1.0"), "the document")
    status, _, answer = request(lane, "PUT", f"/target-accounts/{WEB}", token([WRITE]), {"accountName": "web"})
    expect_equal(status, 200, f"the status of a change ({answer[:300]})")
    return f"{servers} servers"


def a_sync_over_http_is_asked_for_and_happens(lane):
    def finished():
        entries = {it["region"]["S"]: it for it in lane.items("account-region-status")
                   if it["accountId"]["S"] == "#sync"}
        return entries.get("#last", {}).get("finishedAt", {}).get("S", "")
    before = finished()
    status, _, answer = request(lane, "POST", "/sync", lane.keys.token([SYNC]))
    expect_equal((status, json.loads(answer)), (202, {"accepted": True, "lookAt": "/overview"}), "the answer")
    for _ in range(120):
        if finished() > before:
            return "it ended"
        time.sleep(0.5)
    raise AssertionError("no sync ended within a minute of POST /sync")


def the_page_is_shown_to_whom_the_load_balancer_logged_in(lane):
    keys = lane.keys

    def ask(identities, path="/"):
        return lane.handlers.invoke("read-handler", {
            "requestContext": {"elb": {"targetGroupArn": f"arn:aws:elasticloadbalancing:{REGION}:{HUB}:targetgroup/p/1"}},
            "httpMethod": "GET", "path": path, "multiValueQueryStringParameters": {},
            "multiValueHeaders": {"host": ["page.example"], "x-amzn-oidc-data": identities},
            "body": "", "isBase64Encoded": False})

    shown = ask([keys.identity()])
    expect_equal(shown["statusCode"], 200, f"the status of the page ({str(shown)[:300]})")
    expect("Disaster recovery readiness" in shown["body"], "the page is another", shown["body"][:300])
    other = SIGNER.replace("50dc", "51dc")
    for name, identities in [
        ("nobody", []),
        ("two identities", [keys.identity(), keys.identity()]),
        ("a wrong signature", [keys.identity(key=keys.strangers_ec)]),
        ("an expired identity", [keys.identity(exp=int(time.time()) - 5)]),
        ("another signer", [keys.identity(signer=other)]),
        ("another client", [keys.identity(client="another")]),
        ("another algorithm", [keys.identity(alg="HS256")]),
        ("a key's id that is a path", [keys.identity(kid="../keys/x")]),
    ]:
        refused = ask(identities)
        expect_equal(refused["statusCode"], 403, f"the status for {name}")
        expect("readiness" not in refused["body"], f"{name} sees something", refused["body"])
    direct = lane.handlers.client.invoke(FunctionName=lane.handlers.name("read-handler"), Payload=b'{"operation":"get_overview"}')
    text = direct["Payload"].read().decode()
    expect(direct.get("FunctionError") or "verdicts" not in text, "an event of no door is answered", text)
    return f"{len(shown['body']) // 1000} KB"


def read_handler_starts_at_once(lane):
    event = {"version": "2.0", "routeKey": "GET /health", "rawPath": "/health", "rawQueryString": "",
             "headers": {"host": "measured"}, "isBase64Encoded": False,
             "requestContext": {"stage": "$default", "authorizer": {"iam": {"userArn": "measured"}},
                                "time": "", "timeEpoch": 0,
                                "http": {"method": "GET", "path": "/health", "protocol": "HTTP/1.1",
                                         "sourceIp": "", "userAgent": "measured"}}}
    init, answer = measure(lane.programs["read-handler"], event=event)
    expect(init <= MOST_INIT_MS, f"read-handler takes {init:.0f} ms to start, at most {MOST_INIT_MS}")
    return f"init {init:.0f} ms, answer {answer:.1f} ms"


STEPS = [
    the_http_api_is_deployed_beside_the_template, who_has_no_right_is_refused,
    who_has_the_right_is_served, a_sync_over_http_is_asked_for_and_happens,
    the_page_is_shown_to_whom_the_load_balancer_logged_in, read_handler_starts_at_once,
]
