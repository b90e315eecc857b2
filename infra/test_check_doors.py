#!/usr/bin/env python3
"""Leaves the doors open in every way that check_doors.py looks for, and expects the finding."""

import copy
import unittest

import check_doors as check
from check_policies import INFRA, load

FILES = {name: load(INFRA / f"{name}.yaml") for name in ("template", "http-api", "page")}
SOURCE = (check.ROOT / check.OPERATIONS).read_text()


class Broken(unittest.TestCase):
    """A change to a copy of a template, and the words of the finding."""

    def findings(self, name=None, change=None, source=SOURCE):
        files = copy.deepcopy(FILES)
        if name:
            change(files[name]["Resources"])
        return list(check.check_all(*files.values(), source))

    def expect(self, finding, name=None, change=None, source=SOURCE):
        found = self.findings(name, change, source)
        self.assertTrue(any(finding in it for it in found), f"{finding!r} is not in {found}")

    def api(self, finding, resource, change):
        self.expect(finding, "http-api", lambda it: change(it[resource]["Properties"]))

    def page(self, finding, resource, change):
        self.expect(finding, "page", lambda it: change(it[resource]["Properties"]))

    def parameter(self, finding, file, change):
        files = copy.deepcopy(FILES)
        change(files[file]["Parameters"])
        found = list(check.check_all(*files.values(), SOURCE))
        self.assertTrue(any(finding in it for it in found), f"{finding!r} is not in {found}")


class HttpApi(Broken):
    def test_nothing_is_wrong_with_the_templates(self):
        self.assertEqual(self.findings(), [])

    def test_the_operations_are_read(self):
        found = check.operations(SOURCE)
        self.assertEqual(found["GET", "/protection-groups"], "read")
        self.assertEqual(found["POST", "/protection-groups"], "write")
        self.assertEqual(found["POST", "/sync"], "sync")

    def test_every_route_is_authorized(self):
        for name in (it for it, made in FILES["http-api"]["Resources"].items()
                     if made["Type"] == "AWS::ApiGatewayV2::Route"):
            with self.subTest(route=name):
                for kind in ("NONE", "CUSTOM"):
                    self.api(f"{name}: is not authorized", name,
                             lambda it, kind=kind: it.update(AuthorizationType=kind))
                self.api(f"{name}: is not authorized", name, lambda it: it.pop("AuthorizationType"))
                self.api(f"{name}: has no authorizer with JWT", name, lambda it: it.pop("AuthorizerId"))
                self.api(f"{name}: does not want the scope", name, lambda it: it.pop("AuthorizationScopes"))

    def test_a_scope_of_another_kind(self):
        for name, given, wanted in [("PostSync", "read", "sync"), ("PostProtectionGroups", "read", "write"),
                                    ("GetOverview", "write", "read")]:
            self.api(f"{name}: does not want the scope inventory/{wanted}", name,
                     lambda it, given=given: it["AuthorizationScopes"].update({"Fn::If": ["UsesJwt", [f"inventory/{given}"], ""]}))
        self.api("GetOverview: does not want the scope", "GetOverview", lambda it: it["AuthorizationScopes"].update(
            {"Fn::If": ["Other", ["inventory/read"], ""]}))

    def test_routes(self):
        self.api("GetOverview: GET /secrets is no route", "GetOverview", lambda it: it.update(RouteKey="GET /secrets"))
        self.api("GET /overview has no route", "GetOverview", lambda it: it.update(RouteKey="GET /secrets"))
        for key in ("$default", "ANY /{proxy+}", "GET /{proxy+}"):
            self.api("is no route of", "GetOverview", lambda it, key=key: it.update(RouteKey=key))
        for key in ("POST /finish-sync", "POST /sync/{accountId}", "GET /account-ids", "GET /current-account"):
            self.api(f"{key} is not to be reached", "GetOverview", lambda it, key=key: it.update(RouteKey=key))
        more = SOURCE.replace('GET "/overview"', 'GET "/overview", GET "/new"')
        self.expect("GET /new has no route", source=more)
        self.expect("GET /openapi.json has no route", "http-api", lambda it: it.pop("GetOpenapiJson"))

    def test_the_function_behind_a_route(self):
        for name, wrong, wanted in [("PostSync", "Reads", "query-handler"), ("GetOverview", "Syncs", "read-handler"),
                                    ("PostRemovalsApprove", "Reads", "data-management-handler")]:
            self.api(f"{name}: is not answered by {wanted}", name,
                     lambda it, wrong=wrong: it.update(Target={"Fn::Sub": f"integrations/${{{wrong}}}"}))
        self.api("does not send events of version 2.0", "Reads", lambda it: it.update(PayloadFormatVersion="1.0"))

    def test_cors_and_routes_that_the_api_brings(self):
        self.api("lets pages of other origins read", "Api",
                 lambda it: it.update(CorsConfiguration={"AllowOrigins": ["*"]}))
        for setting in ("Body", "Target", "RouteKey", "BodyS3Location"):
            self.api("has routes that are not looked at", "Api", lambda it, setting=setting: it.update({setting: "x"}))

    def test_the_authorizer(self):
        self.parameter("Authorization: may be other", "http-api",
                       lambda it: it["Authorization"]["AllowedValues"].append("NONE"))
        self.api("does not check issuer and audience", "JwtAuthorizer", lambda it: it["JwtConfiguration"].pop("Audience"))
        self.api("does not check issuer and audience", "JwtAuthorizer", lambda it: it.update(AuthorizerType="REQUEST"))
        self.api("takes tokens from elsewhere", "JwtAuthorizer",
                 lambda it: it.update(IdentitySource=["$request.querystring.token"]))

    def test_the_stage(self):
        self.api("is not throttled", "Stage", lambda it: it.pop("DefaultRouteSettings"))
        self.api("is not throttled", "Stage", lambda it: it["DefaultRouteSettings"].pop("ThrottlingBurstLimit"))
        self.api("logs no access", "Stage", lambda it: it.pop("AccessLogSettings"))
        for word in ("$context.path", "$context.authorizer.token"):
            self.api(f"logs {word}", "Stage", lambda it, word=word: it["AccessLogSettings"].update(Format=word))

    def test_what_a_function_may_be_called_for(self):
        anything = {"Fn::Sub": "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*"}
        for name in ("Reads", "Syncs", "Changes"):
            self.api("may be called for more than", f"{name}Permission", lambda it: it.update(SourceArn=anything))


class Page(Broken):
    def test_the_load_balancer(self):
        self.page("can be reached from the internet", "LoadBalancer", lambda it: it.update(Scheme="internet-facing"))
        self.page("can be reached from the internet", "LoadBalancer", lambda it: it.pop("Scheme"))
        self.page("passes invalid headers on", "LoadBalancer", lambda it: it["LoadBalancerAttributes"].pop(0))
        self.page("is not protected against deletion", "LoadBalancer", lambda it: it["LoadBalancerAttributes"].pop())
        self.parameter("DeletionProtection: is off", "page", lambda it: it["DeletionProtection"].update(Default="false"))

    def test_the_default_action(self):
        forward = {"Type": "forward", "TargetGroupArn": {"Ref": "TargetGroup"}}
        self.page("default action is not a 403", "Listener", lambda it: it.update(DefaultActions=[forward]))
        self.page("default action is not a 403", "Listener", lambda it: it["DefaultActions"].append(forward))
        self.page("default action is not a 403", "Listener",
                  lambda it: it["DefaultActions"][0]["FixedResponseConfig"].update(StatusCode="200"))

    def test_tls(self):
        self.page("does not ask for TLS", "Listener", lambda it: it.update(Protocol="HTTP"))
        self.page("does not ask for TLS", "Listener", lambda it: it.update(SslPolicy="ELBSecurityPolicy-2016-08"))
        self.page("does not ask for TLS", "Listener", lambda it: it.pop("SslPolicy"))

    def test_a_rule_that_forwards_without_a_login(self):
        self.page("forwards without a login", "PageRule", lambda it: it["Actions"].pop(0))
        self.page("PageRule: begins with forward", "PageRule", lambda it: it["Actions"][1].update(Order=0))
        self.page("PageRule: does not end with a forward", "PageRule", lambda it: it["Actions"].pop())
        for branch, kind in ((1, "Oidc"), (2, "Cognito")):
            def settings(it, branch=branch, kind=kind):
                return it["Actions"][0]["Fn::If"][branch][f"Authenticate{kind}Config"]
            for value in ("allow", "deny"):
                self.page("lets in whom authenticate-", "PageRule",
                          lambda it, settings=settings, value=value: settings(it).update(OnUnauthenticatedRequest=value))
            self.page("lets in whom", "PageRule", lambda it, settings=settings: settings(it).pop("OnUnauthenticatedRequest"))
            self.page("begins with forward and not with a login", "PageRule",
                      lambda it, branch=branch: it["Actions"][0]["Fn::If"].__setitem__(branch, {"Type": "forward"}))
        self.expect("Other: forwards without a login", "page", lambda it: it.update(Other={
            "Type": "AWS::ElasticLoadBalancingV2::ListenerRule", "Properties": {"Actions": [{"Type": "forward"}]}}))

    def test_a_secret_in_the_open(self):
        def set_secret(it, value):
            it["Actions"][0]["Fn::If"][1]["AuthenticateOidcConfig"]["ClientSecret"] = value
        for value in ("hunter2", {"Ref": "ClientSecret"}, {"Fn::If": ["HasSecretVersion", {"Ref": "X"}, {"Ref": "Y"}]}):
            self.page("has the client's secret", "PageRule", lambda it, value=value: set_secret(it, value))

    def test_what_a_rule_takes(self):
        self.page("takes every http-request-method", "PageRule", lambda it: it["Conditions"].pop())
        self.page("takes every host-header", "PageRule", lambda it: it["Conditions"].pop(0))

    def test_who_may_open_the_page(self):
        self.page("lets in more than AllowedCidr", "SecurityGroup",
                  lambda it: it["SecurityGroupIngress"][0].update(CidrIp="0.0.0.0/0"))
        self.page("lets in more than AllowedCidr", "SecurityGroup", lambda it: it["SecurityGroupIngress"][0].update(FromPort=80))
        self.parameter("AllowedCidr: has a default", "page", lambda it: it["AllowedCidr"].update(Default="0.0.0.0/0"))


class Permissions(Broken):
    def test_every_permission_names_its_source(self):
        for file, template in FILES.items():
            for name in (it for it, made in template["Resources"].items() if made["Type"] == "AWS::Lambda::Permission"):
                for source in (None, "*", "arn:aws:execute-api:*:*:*", {"Ref": "SourceArn"},
                               {"Fn::Sub": "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:*"},
                               {"Fn::Sub": "arn:${AWS::Partition}:elasticloadbalancing:${AWS::Region}:${AWS::AccountId}:targetgroup/*"}):
                    with self.subTest(permission=name, source=source):
                        self.expect(f"{name}: names no source", file, lambda it, name=name, source=source:
                                    it[name]["Properties"].update(SourceArn=source))
                self.expect(f"{name}: lets in others", file,
                            lambda it, name=name: it[name]["Properties"].update(Principal="*"))

    def test_a_function_url(self):
        self.expect("Other: is a way in", "template", lambda it: it.update(Other={"Type": "AWS::Lambda::Url"}))


if __name__ == "__main__":
    unittest.main()
