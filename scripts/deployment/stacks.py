"""The stacks of an installation: what they are called, what they are like, and in which state."""

from botocore.exceptions import ClientError

import stack_steps
from deployment.aws import Failed

# What a state means, and what to do. Source: the statuses of a stack in CloudFormation's guide.
STATES = {
    "UPDATE_ROLLBACK_COMPLETE": "CloudFormation took this update back (UPDATE_ROLLBACK_COMPLETE)",
    "ROLLBACK_COMPLETE": "CloudFormation took the creation back (ROLLBACK_COMPLETE); the next deployment deletes "
                         "what is left of the stack and makes it anew",
    "UPDATE_ROLLBACK_FAILED": "it is half changed: CloudFormation could not take the update back "
                              "(UPDATE_ROLLBACK_FAILED). Mend what its events name, then run "
                              "`aws cloudformation continue-update-rollback --stack-name {stack}`, and deploy again",
    "ROLLBACK_FAILED": "it is half made: CloudFormation could not take the creation back (ROLLBACK_FAILED). Mend "
                       "what its events name, run `aws cloudformation delete-stack --stack-name {stack}`, and "
                       "deploy again: tables that are left are taken over",
    "CREATE_FAILED": "it is half made (CREATE_FAILED). Run `aws cloudformation delete-stack --stack-name {stack}`, "
                     "and deploy again: tables that are left are taken over",
    "DELETE_FAILED": "it is half deleted (DELETE_FAILED). Mend what its events name, run "
                     "`aws cloudformation delete-stack --stack-name {stack}`, and deploy again",
    "UPDATE_FAILED": "it is half changed (UPDATE_FAILED). Run "
                     "`aws cloudformation rollback-stack --stack-name {stack}`, and deploy again",
}
CHANGEABLE = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE",
              "IMPORT_ROLLBACK_COMPLETE", "ROLLBACK_COMPLETE")


def prefix(stage):
    return f"drs-inventory-{stage}"


def name(stage, part=None):
    """The name of the main stack, or of a part: http-api, page."""
    return f"{prefix(stage)}-{part}" if part else prefix(stage)


def find(aws, stack):
    try:
        return aws.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise


def is_new(current):
    return not current or current["StackStatus"] == "REVIEW_IN_PROGRESS"


def parameters(current):
    """Name and value of each parameter that a stack has. A secret's value is asterisks."""
    return {it["ParameterKey"]: it["ParameterValue"] for it in (current or {}).get("Parameters", [])}


def template(aws, stack):
    """As it was given: what CloudFormation takes the stack's resources to be like."""
    if is_new(find(aws, stack)):
        return {}
    return stack_steps.parse(aws.client("cloudformation").get_template(StackName=stack)["TemplateBody"])


def physical_id(aws, stack, logical_id):
    return aws.client("cloudformation").describe_stack_resource(
        StackName=stack, LogicalResourceId=logical_id)["StackResourceDetail"]["PhysicalResourceId"]


def state(current):
    """In words: never more than what CloudFormation said last."""
    status, stack = current["StackStatus"], current["StackName"]
    if status in STATES:
        return STATES[status].format(stack=stack)
    if status.endswith("_IN_PROGRESS"):
        return (f"CloudFormation is still at work on it ({status}). Look at "
                f"`aws cloudformation describe-stack-events --stack-name {stack}`, and deploy again when it ended")
    return f"it is in the state {status}"


def refuse_unless_changeable(current):
    if current["StackStatus"] not in CHANGEABLE:
        raise Failed(f"{current['StackName']} cannot be changed now: {state(current)}")


def remove_failed_creation(aws, stack):
    """All that a stack whose creation had failed can do is be deleted."""
    current = find(aws, stack)
    if current and current["StackStatus"] == "ROLLBACK_COMPLETE":
        print(f"deleting {stack}, whose creation had failed", flush=True)
        cloudformation = aws.client("cloudformation")
        cloudformation.delete_stack(StackName=stack)
        cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack)
