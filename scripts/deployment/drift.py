"""What was changed by hand is found, and put back as the template has it.

An update does not look at a resource that is the same in both templates. CloudFormation's drift-aware
change sets do: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/drift-aware-change-sets.html
What they leave (an emulator knows none of them) takes two updates: one to a template that says what is
there, and one back.
"""

import copy
import json
import time

from deployment import change_sets, stacks, traffic
from deployment.aws import Failed

MINUTES = 20


def repair(aws, args):
    """All stacks of the installation that are there, by their own templates and parameters."""
    names = [stacks.name(args.stage, part) for part in (None, "http-api", "page")]
    found = [stack for stack in names if not stacks.is_new(stacks.find(aws, stack))]
    if not found:
        raise Failed(f"there is no stack {stacks.name(args.stage)} to repair")
    for stack in found:
        stacks.refuse_unless_changeable(stacks.find(aws, stack))
        repair_stack(aws, args, stack)
        template = stacks.template(aws, stack)
        if not traffic.aliases(template):
            continue
        if not traffic.is_what_serves(aws, stack, template):
            print(f"the functions of {stack} hold other code than what serves, as after a release that was taken back: "
                  "it is not released; deploy the code that is to serve")
        elif not traffic.release(aws, args, stack):
            print(f"what serves in {stack} is what the functions are")


def repair_stack(aws, args, stack):
    drifted = detect(aws, stack)
    if not drifted:
        print(f"{stack} is as its template says")
        return
    tell(stack, drifted)
    template = stacks.template(aws, stack)
    change_sets.change(aws, args, stack, {}, template.get("Parameters", {}), f"{stack}, back to its template",
                       UsePreviousTemplate=True, DeploymentMode="REVERT_DRIFT", RollbackConfiguration=traffic.UNWATCHED)
    if left := detect(aws, stack):
        there_and_back(aws, args, stack, template, left)
        left = detect(aws, stack)
    if left:
        tell(stack, left)
        raise Failed(f"{stack} is not yet as its template says: {', '.join(it['LogicalResourceId'] for it in left)}. "
                     "Where a resource is DELETED, or a secret parameter's value was changed, nothing but a "
                     "drift-aware change set puts it back, and this one did not: do it by hand")
    print(f"{stack} is as its template says again")


def detect(aws, stack):
    """The resources that are not as the template says. Types that CloudFormation cannot check are not among them."""
    cloudformation = aws.client("cloudformation")
    detection = cloudformation.detect_stack_drift(StackName=stack)["StackDriftDetectionId"]
    deadline = time.monotonic() + MINUTES * 60
    while True:
        told = cloudformation.describe_stack_drift_detection_status(StackDriftDetectionId=detection)
        if told["DetectionStatus"] != "DETECTION_IN_PROGRESS":
            break
        if time.monotonic() > deadline:
            raise Failed(f"CloudFormation did not find out in {MINUTES} min how {stack} drifted; nothing was changed "
                         "meanwhile, so try again")
        time.sleep(0.2 if aws.endpoint else 5)
    if told["DetectionStatus"] == "DETECTION_FAILED":
        print(f"not all of {stack} could be checked: {told.get('DetectionStatusReason', 'no reason given')}")
    found, token = [], {}
    while True:  # boto3 has no paginator for it
        page = cloudformation.describe_stack_resource_drifts(
            StackName=stack, StackResourceDriftStatusFilters=["MODIFIED", "DELETED"], **token)
        found += page["StackResourceDrifts"]
        if not page.get("NextToken"):
            return found
        token = {"NextToken": page["NextToken"]}


def tell(stack, drifted):
    """Where it differs. No values: a variable may be a secret."""
    print(f"{stack} was changed by hand:")
    for it in drifted:
        paths = ", ".join(each["PropertyPath"] for each in it.get("PropertyDifferences", []))
        print(f"{it['StackResourceDriftStatus']:>8} {it['ResourceType']} {it['LogicalResourceId']}"
              f"{': ' + paths if paths else ''}", flush=True)


def there_and_back(aws, args, stack, template, drifted):
    there, secrets = copy.deepcopy(template), secret_parameters(template)
    for it in drifted:
        actual = json.loads(it.get("ActualProperties", "{}"))
        for each in it.get("PropertyDifferences", []):
            properties = there["Resources"][it["LogicalResourceId"]]["Properties"]
            set_actual(properties, actual, each["PropertyPath"].strip("/").split("/"), secrets)
    if there == template:
        return
    bucket = stacks.parameters(stacks.find(aws, stack)).get("ArtifactBucket")

    def change(title, step):
        where = change_sets.in_request(aws, bucket, json.dumps(step, separators=(",", ":")))
        change_sets.change(aws, args, stack, {}, template.get("Parameters", {}), f"{stack}, {title}", **where,
                           RollbackConfiguration=traffic.UNWATCHED)

    change("to what is there", there)
    try:
        change("back to its template", template)
    except Failed as error:
        raise Failed(f"{error}. The template of {stack} says now what is there, so no drift is seen any more: deploy "
                     "the stack") from error


def secret_parameters(template):
    return {name for name, it in template.get("Parameters", {}).items() if it.get("NoEcho") in (True, "true")}


def set_actual(holder, actual, path, secrets):
    """Puts what is there in place of what the template says, as deep as the template's own text goes."""
    key, *rest = path
    if isinstance(holder, list):
        key = int(key)
    there = key < len(holder) if isinstance(holder, list) else key in holder
    value = actual[key] if (key in actual if isinstance(actual, dict) else key < len(actual)) else None
    if rest and there and is_plain(holder[key]) and value is not None:
        set_actual(holder[key], value, rest, secrets)
    elif there and any(f'"{name}"' in json.dumps(holder[key]) for name in secrets):
        return  # a secret would be in the template for everybody to read
    elif not there and isinstance(holder, dict) and is_variables(actual):
        holder[key] = "set by hand"  # what somebody added may be a secret, too; it goes with the way back
    elif value is not None and isinstance(holder, list) and not there:
        holder.append(value)
    elif value is not None:
        holder[key] = value
    elif there:
        holder.pop(key)


def is_variables(actual):
    """Whether this is the map of a function's variables: texts by names in capitals."""
    return bool(actual) and all(isinstance(value, str) and name == name.upper() for name, value in actual.items())


def is_plain(value):
    """Whether it is a list or a map of the template, and no function."""
    return isinstance(value, list) or isinstance(value, dict) and not any(
        name in ("Ref", "Condition") or name.startswith("Fn::") for name in value)
