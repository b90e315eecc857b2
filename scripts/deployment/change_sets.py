"""A change of a stack: made as a change set, shown, asked about, run, and what became of it."""

import hashlib
import sys
import time

from botocore.exceptions import ClientError, WaiterError

from deployment import stacks
from deployment.aws import Failed

# Bytes of a template in a request; from a bucket it may be 1 MB. Source: CloudFormation quotas.
LARGEST_IN_REQUEST = 51200
# How long a change may take, beside the time that CloudFormation watches alarms after it.
MINUTES_OF_A_CHANGE = 30
# Whose loss is felt: tables hold the rows, and other accounts trust roles by their names.
PRECIOUS = ("AWS::DynamoDB::Table", "AWS::IAM::Role")


def change(aws, args, stack, given, known, title="", **more):
    """Makes the change set, shows it, asks, and runs it. False where there is nothing to change.

    `given` are parameters and values; others of `known` keep theirs. `more` goes to CreateChangeSet."""
    cloudformation, current = aws.client("cloudformation"), stacks.find(aws, stack)
    new = stacks.is_new(current)
    tags = {"Tags": [dict(zip(("Key", "Value"), it.split("=", 1))) for it in args.tag]} if args.tag else {}
    change_set = cloudformation.create_change_set(
        StackName=stack, ChangeSetName=f"deploy-{time.time_ns()}", ChangeSetType="CREATE" if new else "UPDATE",
        Capabilities=["CAPABILITY_NAMED_IAM"], Parameters=parameters(given, known, {} if new else current),
        **tags, **more)["Id"]
    try:
        if not is_ready(cloudformation, change_set):
            discard(aws, stack, change_set, new)
            return False
        changes = changes_of(cloudformation, change_set)
        show(changes, title or stack)
        ask(args, stack, changes)
    except BaseException:
        discard(aws, stack, change_set, new)
        raise
    run(aws, stack, change_set, more.get("RollbackConfiguration", {}).get("MonitoringTimeInMinutes", 0))
    return True


def parameters(given, known, current):
    """What is given, else the value of the last deployment, else the template's default."""
    if unknown := sorted(given.keys() - known):
        raise Failed(f"the template has no parameter {', '.join(unknown)}")
    kept = stacks.parameters(current).keys() & set(known) - given.keys()
    return ([{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()]
            + [{"ParameterKey": key, "UsePreviousValue": True} for key in sorted(kept)])


def in_request(aws, bucket, body):
    """Where CloudFormation finds a template: in the request, or in the bucket of the zips."""
    if len(body.encode()) <= LARGEST_IN_REQUEST:
        return {"TemplateBody": body}
    if not bucket:
        raise Failed("the template is too large for a request: give ArtifactBucket=NAME, where it has room")
    s3, key = aws.client("s3"), f"templates/{hashlib.sha256(body.encode()).hexdigest()}"
    s3.put_object(Bucket=bucket, Key=key, Body=body.encode(), ExpectedBucketOwner=aws.account())
    return {"TemplateURL": f"{s3.meta.endpoint_url}/{bucket}/{key}"}


def is_ready(cloudformation, change_set):
    """Waits for the change set. False where there is nothing to change."""
    try:
        cloudformation.get_waiter("change_set_create_complete").wait(
            ChangeSetName=change_set, WaiterConfig={"Delay": 2, "MaxAttempts": 300})
        return True
    except WaiterError:
        told = cloudformation.describe_change_set(ChangeSetName=change_set)
        reason = told.get("StatusReason", "")
        if "didn't contain changes" in reason or "No updates are to be performed" in reason:
            return False
        raise Failed(f"the changes cannot be made, and none was: {told['Status']} {reason}") from None


def changes_of(cloudformation, change_set):
    pages = cloudformation.get_paginator("describe_change_set").paginate(ChangeSetName=change_set)
    return [it["ResourceChange"] for page in pages for it in page.get("Changes", [])]


def show(changes, title):
    print(f"changes of {title}:")
    for it in changes:
        told = {detail["Target"].get("Name") or detail["Target"].get("Attribute") for detail in it.get("Details", [])}
        what = ", ".join(sorted(name for name in told if name))
        print(f"{it['Action']:>8} {it['ResourceType']} {it['LogicalResourceId']}{': ' + what if what else ''}"
              f"{'  ' + fate(it).upper() if fate(it) else ''}")
    for it in lost(changes):
        print(f"\n!!! {it['ResourceType']} {it['LogicalResourceId']} ({it.get('PhysicalResourceId', 'not known')}) "
              f"{fate(it)}", flush=True)
    sys.stdout.flush()


def fate(resource):
    """What becomes of a resource that does not stay what it is."""
    if resource["Action"] == "Remove":
        return "leaves the stack and stays" if resource.get("PolicyAction") == "Retain" else "is deleted"
    return {"True": "is replaced", "Conditional": "may be replaced"}.get(resource.get("Replacement"), "")


def lost(changes):
    return [it for it in changes if it["ResourceType"] in PRECIOUS and fate(it)]


def ask(args, stack, changes):
    """--yes, or somebody on a terminal; the stack's name in full where a table or role would not stay."""
    if args.yes:
        return
    if not sys.stdin.isatty():
        raise Failed("nobody was asked, so nothing was changed: there is no terminal; --yes runs the change as it "
                     "is shown")
    wanted = stack if lost(changes) else "yes"
    print(f"Run it? Type {wanted}: ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip() != wanted:
        raise Failed(f"the answer was not {wanted}, so this change was not run")


def discard(aws, stack, change_set, new):
    """Takes a change set away that was not run, and the stack that holds it where there was none. Somebody else may
    have made a stack of it meanwhile."""
    cloudformation = aws.client("cloudformation")
    try:
        cloudformation.delete_change_set(ChangeSetName=change_set)
        current = stacks.find(aws, stack)
        if new and current and current["StackStatus"] == "REVIEW_IN_PROGRESS":
            cloudformation.delete_stack(StackName=current["StackId"])
    except ClientError as error:
        print(f"the change set {change_set} could not be deleted: {error}", file=sys.stderr)


def run(aws, stack, change_set, watched):
    """`watched`: minutes that CloudFormation watches alarms for, before it says that it is done."""
    cloudformation = aws.client("cloudformation")
    before = {event["EventId"] for event in events(cloudformation, stack)}
    cloudformation.execute_change_set(ChangeSetName=change_set)
    deadline = time.monotonic() + (MINUTES_OF_A_CHANGE + watched) * 60
    while is_at_work(cloudformation, stack, change_set) and time.monotonic() < deadline:
        time.sleep(0.5 if aws.endpoint else 3)
    current = stacks.find(aws, stack)
    if not current or current["StackStatus"] not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        became = stacks.state(current) if current else "it is gone"
        raise Failed(f"{stack} was not changed as shown: {became}. {first_failure(cloudformation, stack, before)}")


def is_at_work(cloudformation, stack, change_set):
    """Both are asked: right after the start the stack may still show the state of before."""
    try:
        told = cloudformation.describe_change_set(ChangeSetName=change_set)["ExecutionStatus"]
        if told in ("AVAILABLE", "EXECUTE_IN_PROGRESS"):
            return True
    except ClientError as error:
        # One that was run may be gone at once.
        if not error.response["Error"]["Code"].startswith("ChangeSetNotFound"):
            raise
    current = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    return current["StackStatus"].endswith("_IN_PROGRESS")


def events(cloudformation, stack):
    pages = cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack)
    return [event for page in pages for event in page["StackEvents"]]


def first_failure(cloudformation, stack, before):
    """The first is the cause; what follows is cancelled because of it. Of an alarm only the stack itself tells."""
    new = [event for event in events(cloudformation, stack) if event["EventId"] not in before]
    for ending in ("FAILED", "ROLLBACK_IN_PROGRESS"):
        told = [event for event in new
                if event["ResourceStatus"].endswith(ending) and event.get("ResourceStatusReason")]
        if told:
            # The newest comes first, and times may be the same.
            cause = min(reversed(told), key=lambda event: event["Timestamp"])
            return f"The cause: {cause['LogicalResourceId']}: {cause['ResourceStatusReason'].strip()}"
    return "CloudFormation gives no reason."
