#!/usr/bin/env python3
"""The steps of scripts/deploy.sh that talk to AWS. Each is a module of scripts/deployment."""

import argparse
import json
import os
import sys
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from deployment import artifacts, change_sets, drift, guard, stacks, tables, traffic
from deployment.aws import Aws, Failed

import stack_steps  # after deployment, which says where it is

SECRETS = {"DefaultExternalId": "DRS_INVENTORY_DEFAULT_EXTERNAL_ID",
           "OrganizationExternalId": "DRS_INVENTORY_ORGANIZATION_EXTERNAL_ID"}


def check(aws, args):
    guard.check(aws, args)


def package(aws, args):
    artifacts.package(aws, args)


def deploy(aws, args):
    """Brings a stack to a template, and lets it serve."""
    stack = stacks.name(args.stage, args.part)
    stacks.remove_failed_creation(aws, stack)
    current, deployed = stacks.find(aws, stack), stacks.template(aws, stack)
    if not stacks.is_new(current):
        stacks.refuse_unless_changeable(current)
    text = Path(args.template).read_text()
    template, prefix = stack_steps.parse(text), stacks.prefix(args.stage)
    adopted = tables.find_to_adopt(aws, template, deployed, prefix)
    given = {"Prefix": prefix, **traffic.keep_serving(aws, stack, template, deployed), **secrets(template),
             **dict(it.split("=", 1) for it in args.parameters)}
    changed = update(aws, args, stack, (text, stack_steps.steps(template, deployed, prefix, adopted)), deployed, given)
    if traffic.aliases(template):
        changed |= traffic.release(aws, args, stack)
        artifacts.mark_unused(aws, stacks.parameters(stacks.find(aws, stack))["ArtifactBucket"])
    if not changed:
        print(f"{stack} is up to date")
    for output in stacks.find(aws, stack).get("Outputs", []):
        print(f"{output['OutputKey']}={output['OutputValue']}")


def secrets(template):
    """Parameters that come from the environment, so that no other user of the machine sees them as arguments."""
    return {parameter: os.environ[variable] for parameter, variable in SECRETS.items()
            if variable in os.environ and parameter in template["Parameters"]}


def update(aws, args, stack, templates, deployed, given):
    """One template after the other; the last as the file has it. False where there was nothing to change."""
    (text, steps), changed = templates, False
    for number, step in enumerate(steps, 1):
        if len(steps) > 1:
            print(f"update {number} of {len(steps)}")
        tables.wait_for_indexes(aws, stack, stack_steps.changed_tables(step, deployed))
        body = text if number == len(steps) else json.dumps(step, separators=(",", ":"))
        try:
            changed |= change_sets.change(
                aws, args, stack, given, step.get("Parameters", {}), ImportExistingResources=True,
                RollbackConfiguration=traffic.UNWATCHED,
                **change_sets.in_request(aws, given.get("ArtifactBucket"), body))
        except Failed as error:
            made = f" The {number - 1} updates before it stay." if number > 1 else ""
            raise Failed(f"{error}{made}") from error
        deployed = step
    return changed


def repair(aws, args):
    drift.repair(aws, args)


def rollback_code(aws, args):
    traffic.roll_back(aws, args, stacks.name(args.stage))


def common_options():
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--stage", required=True)
    common.add_argument("--endpoint")
    common.add_argument("--expect-account")
    common.add_argument("--yes", action="store_true", help="run changes without asking")
    common.add_argument("--tag", action="append", default=[], help="KEY=VALUE, of the stack and all in it")
    common.add_argument("--watch", type=int, default=0, help="minutes that the release's alarm is watched")
    common.add_argument("--no-alarm-topic", action="store_true")
    return common


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    common = common_options()
    steps = parser.add_subparsers(required=True)

    def add(run):
        step = steps.add_parser(run.__name__.replace("_", "-"), parents=[common])
        step.set_defaults(run=run)
        return step

    add(check).add_argument("parameters", nargs="*", metavar="NAME=VALUE")
    step = add(package)
    step.add_argument("--zips", required=True)
    step.add_argument("--definition", required=True)
    step.add_argument("--bucket")
    step = add(deploy)
    step.add_argument("--template", required=True)
    step.add_argument("--part", help="of another stack than the main one: http-api or page")
    step.add_argument("parameters", nargs="*", metavar="NAME=VALUE")
    add(repair)
    add(rollback_code)
    args = parser.parse_args()
    try:
        aws = Aws(args.endpoint)
        if args.run is not check:
            guard.refuse_other_account(aws, args.expect_account)
        args.run(aws, args)
    except (Failed, BotoCoreError, ClientError) as error:
        print(f"{args.run.__name__.replace('_', '-')}: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
