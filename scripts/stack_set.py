#!/usr/bin/env python3
"""Gives every account of organizational units the role of infra/member-account.yaml, by a stack set.

Run it in the organization's management account, or with --delegated in an account that it made a delegated
administrator of CloudFormation's stack sets. Accounts that join one of the units later get the role by
themselves. The external id comes from DRS_INVENTORY_EXTERNAL_ID, and during a change of it the one that is
still accepted from DRS_INVENTORY_PREVIOUS_EXTERNAL_ID. What is not given again keeps its value.
"""

import argparse
import json
import os
import re
import shlex
import sys
import time
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from botocore.validate import ParamValidator

from deployment import guard, stacks
from deployment.aws import Aws, Failed

TEMPLATE = Path(__file__).resolve().parent.parent / "infra/member-account.yaml"
SECRETS = {"ExternalId": "DRS_INVENTORY_EXTERNAL_ID", "PreviousExternalId": "DRS_INVENTORY_PREVIOUS_EXTERNAL_ID"}
# An account that fails, of which a large organization always has one, does not keep the others waiting.
PREFERENCES = {"MaxConcurrentPercentage": 100, "FailureTolerancePercentage": 100,
               "ConcurrencyMode": "SOFT_FAILURE_TOLERANCE"}
HOURS = 3


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/stackset.sh", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stage", help="the STAGE of scripts/deploy.sh")
    parser.add_argument("--hub", required=True, type=matching(r"\d{12}", "12 digits"), metavar="ID",
                        help="the account that the inventory runs in")
    parser.add_argument("--ou", required=True, action="append", metavar="OU", help="ou-… or r-…; may be repeated",
                        type=matching(r"(ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}|r-[a-z0-9]{4,32})", "ou-… or r-…"))
    parser.add_argument("--organization", type=matching(r"o-[a-z0-9]{10,32}", "o-…"), metavar="ID",
                        help="the hub's account has to be of it")
    parser.add_argument("--parameter", action="append", default=[], metavar="NAME=VALUE",
                        type=matching(r"(?s)[A-Z]\w*=.*", "NAME=VALUE"), help="of infra/member-account.yaml")
    parser.add_argument("--delegated", action="store_true", help="this is a delegated administrator's account")
    parser.add_argument("--expect-account", metavar="ID", help="refuse credentials of any other account")
    parser.add_argument("--dry-run", action="store_true", help="print the calls, and make none")
    parser.add_argument("--endpoint", help=argparse.SUPPRESS)
    return parser.parse_args()


def matching(pattern, wanted):
    def check(value):
        if not re.fullmatch(pattern, value):
            raise argparse.ArgumentTypeError(f"{value!r} is not {wanted}")
        return value
    return check


def calls(args, region):
    """(operation, its input) to make the stack set, to change it, and to bring it into the units."""
    call_as = {"CallAs": "DELEGATED_ADMIN" if args.delegated else "SELF"}
    of_it = {"StackSetName": f"{stacks.prefix(args.stage)}-member", **call_as}
    what = {
        **of_it, "Description": "The role that the DRS inventory reads with", "TemplateBody": TEMPLATE.read_text(),
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in given(args).items()],
        "Capabilities": ["CAPABILITY_NAMED_IAM"], "PermissionModel": "SERVICE_MANAGED",
        # An account that leaves the units loses the role.
        "AutoDeployment": {"Enabled": True, "RetainStacksOnAccountRemoval": False},
        "ManagedExecution": {"Active": True},
    }
    # The role is global, so one region is enough.
    where = {**of_it, "DeploymentTargets": {"OrganizationalUnitIds": args.ou}, "Regions": [region],
             "OperationPreferences": PREFERENCES}
    return {"CreateStackSet": what, "UpdateStackSet": {**what, "OperationPreferences": PREFERENCES},
            "CreateStackInstances": where}


def given(args):
    found = {"HubAccountId": args.hub, "HubRoleName": f"{stacks.prefix(args.stage)}-query-handler"}
    if args.organization:
        found["OrganizationId"] = args.organization
    found |= dict(it.split("=", 1) for it in args.parameter)
    for parameter, variable in SECRETS.items():
        if parameter in dict(it.split("=", 1) for it in args.parameter):
            raise Failed(f"{parameter} would be in the shell's history: set {variable} instead")
        if variable in os.environ:
            found[parameter] = os.environ[variable]
    return found


def check_calls(aws, planned):
    """Against AWS's own description of its API, before the first one is made."""
    model = aws.client("cloudformation").meta.service_model
    for operation, call in planned.items():
        report = ParamValidator().validate(call, model.operation_model(operation).input_shape)
        if report.has_errors():
            raise Failed(f"{operation} cannot be called so: {report.generate_report()}")


def show(operation, call):
    """Without secrets, and without the whole template."""
    parameters = [{**it, "ParameterValue": f"(from {SECRETS[it['ParameterKey']]})"}
                  if it["ParameterKey"] in SECRETS else it for it in call.get("Parameters", [])]
    shown = {**call, **({"Parameters": parameters} if parameters else {}),
             **({"TemplateBody": f"(infra/{TEMPLATE.name})"} if "TemplateBody" in call else {})}
    print(f"{operation} {json.dumps(shown, indent=2)}")


def apply(aws, planned):
    cloudformation = aws.client("cloudformation")
    where = planned["CreateStackInstances"]
    of_it = {key: where[key] for key in ("StackSetName", "CallAs")}
    try:
        there = cloudformation.describe_stack_set(**of_it)["StackSet"]
    except cloudformation.exceptions.StackSetNotFoundException:
        what = planned["CreateStackSet"]
        if "ExternalId" not in {it["ParameterKey"] for it in what["Parameters"]}:
            raise Failed(f"no external id is given: set {SECRETS['ExternalId']}") from None
        cloudformation.create_stack_set(**what)
    else:
        what = planned["UpdateStackSet"]
        named = {it["ParameterKey"] for it in what["Parameters"]}
        kept = [{"ParameterKey": it["ParameterKey"], "UsePreviousValue": True}
                for it in there.get("Parameters", []) if it["ParameterKey"] not in named]
        operation = cloudformation.update_stack_set(**{**what, "Parameters": what["Parameters"] + kept})
        wait(aws, cloudformation, of_it, operation["OperationId"])
    wait(aws, cloudformation, of_it, cloudformation.create_stack_instances(**where)["OperationId"])


def wait(aws, cloudformation, of_it, operation):
    of_it, deadline = {**of_it, "OperationId": operation}, time.monotonic() + HOURS * 3600
    while True:
        told = cloudformation.describe_stack_set_operation(**of_it)["StackSetOperation"]
        if told["Status"] not in ("RUNNING", "QUEUED", "STOPPING"):
            break
        if time.monotonic() > deadline:
            raise Failed(f"the operation {operation} is still at work after {HOURS} hours; it goes on by itself")
        time.sleep(0.5 if aws.endpoint else 10)
    pages = cloudformation.get_paginator("list_stack_set_operation_results").paginate(**of_it)
    results = [it for page in pages for it in page["Summaries"]]
    failed = [it for it in results if it["Status"] != "SUCCEEDED"]
    print(f"{told['Action'].lower()}: {len(results) - len(failed)} of {len(results)} accounts have it")
    for it in failed:
        print(f"  {it['Account']}: {it['Status']} {it.get('StatusReason', 'no reason given')}")
    if failed or told["Status"] != "SUCCEEDED":
        raise Failed(f"the operation {operation} ended as {told['Status']}: mend what is named above, and run this "
                     "again")


def tell_of_the_management_account(args):
    # Both ids are to be accepted while one is changed.
    previous = SECRETS["PreviousExternalId"]
    also = f' "PreviousExternalId=${previous}"' if previous in os.environ else ""
    overrides = shlex.join(f"{key}={value}" for key, value in given(args).items() if key not in SECRETS)
    print(f"""
A stack set of this kind leaves the organization's management account out. Where DRS runs in it, run there:
  aws cloudformation deploy --stack-name {stacks.prefix(args.stage)}-member --capabilities CAPABILITY_NAMED_IAM \\
    --template-file infra/member-account.yaml --parameter-overrides {overrides} \\
    "ExternalId=$DRS_INVENTORY_EXTERNAL_ID"{also}""")


def main():
    args = arguments()
    try:
        aws = Aws(args.endpoint)
        planned = calls(args, aws.region)
        check_calls(aws, planned)
        if args.dry_run:
            for operation, call in planned.items():
                show(operation, call)
        else:
            guard.refuse_other_account(aws, args.expect_account)
            apply(aws, planned)
        tell_of_the_management_account(args)
    except (Failed, BotoCoreError, ClientError) as error:
        print(f"scripts/stackset.sh: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
