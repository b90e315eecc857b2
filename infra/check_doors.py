#!/usr/bin/env python3
"""Checks that nobody comes in by http-api.yaml or page.yaml who was not let in.

Usage: check_doors.py [TEMPLATE HTTP_API PAGE]

Prints one line per finding, and exits with 1 if there is any.
"""

import re
import sys
from pathlib import Path

from check_policies import INFRA, ROOT, as_list, load, of_type, variants

OPERATIONS = "crates/api/src/operations.rs"

# Where an operation is, and not over the HTTP API.
NOT_EXPOSED = {
    # Steps of a sync that the state machine spreads; from outside they would be a sync piece by piece.
    ("POST", "/sync/{accountId}"), ("POST", "/finish-sync"), ("GET", "/account-ids"),
    # It asks STS, and whoever calls the API knows whose it is.
    ("GET", "/current-account"),
}
# What there is beside the operations.
BESIDE = {("GET", "/openapi.json"): "read"}
FUNCTIONS = {"read": "read-handler", "write": "data-management-handler", "sync": "query-handler"}
# What of the API may call each function.
CALLED_FOR = {"read-handler": "/*/GET/*", "data-management-handler": "/*/*", "query-handler": "/*/POST/sync"}
# Sources of this installation alone that the template cannot refer to.
SOURCES = (":execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/",
           ":elasticloadbalancing:${AWS::Region}:${AWS::AccountId}:targetgroup/${Prefix}/")
# What an access log may not have: the query has host names and filters, a token is a key.
NOT_LOGGED = ("$context.path", "querystring", "queryString", "$context.authorizer.token", "header", "rawQuery")


def operations(source):
    """(method, path) of every route, with what somebody must be allowed to do."""
    found = {}
    for table in source.split("operations! {")[1:]:
        more = re.search(r", with (\w+), answered by", table)[1].lower()
        for method, path in re.findall(r'\b(GET|POST|PUT|PATCH|DELETE) "([^"]+)"', table):
            found.setdefault((method, path), "read" if method == "GET" else more)
    return found


def where_jwt(value):
    """What stands there with JWT."""
    return value["Fn::If"][1] if isinstance(value, dict) and value.get("Fn::If", [""])[0] == "UsesJwt" else None


# --- The HTTP API ---

def check_http_api(template, source):
    rights = {**operations(source), **BESIDE}
    routes = {}
    for name, route in of_type(template, "AWS::ApiGatewayV2::Route").items():
        method, _, path = route["RouteKey"].partition(" ")
        routes[method, path] = name
        if (method, path) not in rights:
            yield f"{name}: {route['RouteKey']} is no route of {OPERATIONS}"
        elif (method, path) in NOT_EXPOSED:
            yield f"{name}: {route['RouteKey']} is not to be reached over HTTP"
        else:
            yield from check_route(template, name, route, rights[method, path])
    for method, path in sorted(rights.keys() - routes.keys() - NOT_EXPOSED):
        yield f"{method} {path} has no route"
    yield from check_authorization(template)
    yield from check_stage(template)
    yield from check_called_for(template)
    for name, api in of_type(template, "AWS::ApiGatewayV2::Api").items():
        if "CorsConfiguration" in api:
            yield f"{name}: lets pages of other origins read"
        if "Target" in api or "RouteKey" in api or "Body" in api or "BodyS3Location" in api:
            yield f"{name}: has routes that are not looked at here"


def check_route(template, name, route, right):
    if route.get("AuthorizationType") != {"Ref": "Authorization"}:
        yield f"{name}: is not authorized as the parameter says"
    if where_jwt(route.get("AuthorizerId")) != {"Ref": "JwtAuthorizer"}:
        yield f"{name}: has no authorizer with JWT"
    if where_jwt(route.get("AuthorizationScopes")) != [f"inventory/{right}"]:
        yield f"{name}: does not want the scope inventory/{right}"
    if "RequestParameters" in route or "ApiKeyRequired" in route:
        yield f"{name}: has settings that are of WebSocket APIs"
    integration = re.fullmatch(r"integrations/\$\{(\w+)\}", route.get("Target", {}).get("Fn::Sub", ""))
    uri = template["Resources"].get(integration[1], {}).get("Properties", {}) if integration else {}
    if not uri.get("IntegrationUri", {}).get("Fn::Sub", "").endswith(f":function:${{Prefix}}-{FUNCTIONS[right]}:live"):
        yield f"{name}: is not answered by {FUNCTIONS[right]}"
    if uri.get("PayloadFormatVersion") != "2.0":
        yield f"{name}: does not send events of version 2.0"


def check_called_for(template):
    """The API cannot make a function do what no route of it needs, even where a route is added by hand."""
    for name, permission in of_type(template, "AWS::Lambda::Permission").items():
        function = permission["FunctionName"].get("Fn::Sub", "").removeprefix("${Prefix}-").removesuffix(":live")
        wanted = CALLED_FOR.get(function, "nothing")
        source = permission.get("SourceArn")
        if not isinstance(source, dict) or not source.get("Fn::Sub", "").endswith("${Api}" + wanted):
            yield f"{name}: {function} may be called for more than {wanted}"


def check_authorization(template):
    if template["Parameters"]["Authorization"].get("AllowedValues") != ["AWS_IAM", "JWT"]:
        yield "Authorization: may be other than AWS_IAM or JWT"
    authorizer = template["Resources"].get("JwtAuthorizer", {}).get("Properties", {})
    wanted = {"Issuer": {"Ref": "JwtIssuer"}, "Audience": [{"Ref": "JwtAudience"}]}
    if authorizer.get("AuthorizerType") != "JWT" or authorizer.get("JwtConfiguration") != wanted:
        yield "JwtAuthorizer: does not check issuer and audience of a token"
    if authorizer.get("IdentitySource") != ["$request.header.Authorization"]:
        yield "JwtAuthorizer: takes tokens from elsewhere than the header Authorization"


def check_stage(template):
    for name, stage in of_type(template, "AWS::ApiGatewayV2::Stage").items():
        settings = stage.get("DefaultRouteSettings", {})
        if not settings.get("ThrottlingRateLimit") or not settings.get("ThrottlingBurstLimit"):
            yield f"{name}: is not throttled"
        log = stage.get("AccessLogSettings", {})
        if "DestinationArn" not in log:
            yield f"{name}: logs no access"
        for word in NOT_LOGGED:
            if word in log.get("Format", ""):
                yield f"{name}: logs {word}"


# --- The page ---

def check_page(template):
    for name, balancer in of_type(template, "AWS::ElasticLoadBalancingV2::LoadBalancer").items():
        if balancer.get("Scheme") != "internal":
            yield f"{name}: can be reached from the internet"
        attributes = {it["Key"]: it["Value"] for it in balancer.get("LoadBalancerAttributes", [])}
        if attributes.get("routing.http.drop_invalid_header_fields.enabled") != "true":
            yield f"{name}: passes invalid headers on"
        if attributes.get("deletion_protection.enabled") != {"Ref": "DeletionProtection"}:
            yield f"{name}: is not protected against deletion"
    if template["Parameters"].get("DeletionProtection", {}).get("Default") != "true":
        yield "DeletionProtection: is off by default"
    for name, listener in of_type(template, "AWS::ElasticLoadBalancingV2::Listener").items():
        actions = [(it.get("Type"), it.get("FixedResponseConfig", {}).get("StatusCode"))
                   for it in listener.get("DefaultActions", [])]
        if actions != [("fixed-response", "403")]:
            yield f"{name}: its default action is not a 403"
        if listener.get("Protocol") != "HTTPS" or not listener.get("SslPolicy", "").startswith(
                "ELBSecurityPolicy-TLS13-1-"):
            yield f"{name}: does not ask for TLS by a policy with TLS 1.3"
    for name, rule in of_type(template, "AWS::ElasticLoadBalancingV2::ListenerRule").items():
        yield from check_rule(name, rule)
    yield from check_ingress(template)
    if "Default" in template["Parameters"].get("AllowedCidr", {}):
        yield "AllowedCidr: has a default"


def check_rule(name, rule):
    actions = sorted(rule.get("Actions", []), key=order)
    if not actions or not all(action.get("Type") == "forward" for action in variants(actions[-1])):
        yield f"{name}: does not end with a forward"
    if len(actions) < 2:
        yield f"{name}: forwards without a login"
    for action in variants(actions[0]) if actions else []:
        kind = {"authenticate-oidc": "AuthenticateOidcConfig",
                "authenticate-cognito": "AuthenticateCognitoConfig"}.get(action.get("Type"))
        settings = action.get(kind, {})
        if not kind or action is actions[-1]:
            yield f"{name}: begins with {action.get('Type')} and not with a login"
        elif settings.get("OnUnauthenticatedRequest") != "authenticate":
            yield f"{name}: lets in whom {action['Type']} does not know"
        if not is_read_where_used(settings.get("ClientSecret")):
            yield f"{name}: has the client's secret in the template or in a parameter"
    fields = {it.get("Field") for it in rule.get("Conditions", [])}
    for field in sorted({"host-header", "http-request-method"} - fields):
        yield f"{name}: takes every {field}"


def order(action):
    return min(it.get("Order", 0) for it in variants(action))


def is_read_where_used(value):
    """Whether a secret, where there is one, comes from Secrets Manager when it is used."""
    texts = [it.get("Fn::Sub", "") for it in variants(value)] if isinstance(value, dict) else as_list(value or [])
    return all(isinstance(text, str) and text.startswith("{{resolve:secretsmanager:") for text in texts)


def check_ingress(template):
    for name, group in of_type(template, "AWS::EC2::SecurityGroup").items():
        for it in group.get("SecurityGroupIngress", []):
            if it.get("CidrIp") != {"Ref": "AllowedCidr"} or (it.get("FromPort"), it.get("ToPort")) != (443, 443):
                yield f"{name}: lets in more than AllowedCidr on port 443"


# --- All templates ---

def check_permissions(template):
    """Without a source, whoever makes the service call the function makes it do their work."""
    for name, permission in of_type(template, "AWS::Lambda::Permission").items():
        source = permission.get("SourceArn")
        source = source if isinstance(source, dict) else {}
        of_this = "Fn::GetAtt" in source or any(it in source.get("Fn::Sub", "") for it in SOURCES)
        if not of_this:
            yield f"{name}: names no source, or one that is more than this installation's"
        if not str(permission.get("Principal")).endswith(".amazonaws.com"):
            yield f"{name}: lets in others than a service"
    for name in of_type(template, "AWS::Lambda::Url"):
        yield f"{name}: is a way in that is not looked at here"


def check_all(template, http_api, page, source):
    yield from check_http_api(http_api, source)
    yield from check_page(page)
    for it in (template, http_api, page):
        yield from check_permissions(it)


def main(arguments):
    paths = arguments or [INFRA / name for name in ("template.yaml", "http-api.yaml", "page.yaml")]
    if len(paths) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    source = (ROOT / OPERATIONS).read_text()
    findings = list(check_all(*map(load, paths), source))
    routes = len(of_type(load(paths[1]), "AWS::ApiGatewayV2::Route"))
    print("\n".join(findings) or f"{routes} routes; no finding")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
