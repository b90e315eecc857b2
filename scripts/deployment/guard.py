"""What is looked at before anything is made."""

from deployment import stacks
from deployment.aws import Failed

# A stage whose alarms somebody has to hear.
PRODUCTION = "prod"


def check(aws, args):
    """Refuses another account, a stack that cannot be changed now, and a production that nobody watches."""
    refuse_other_account(aws, args.expect_account)
    identity = aws.client("sts").get_caller_identity()
    print(f"account {identity['Account']}, region {aws.region}, as {identity['Arn']}")
    current = stacks.find(aws, stacks.name(args.stage))
    if current and not stacks.is_new(current):
        stacks.refuse_unless_changeable(current)
    if not current or stacks.is_new(current):
        refuse_names_of_another_region(aws, args.stage)
    if args.stage == PRODUCTION and not args.no_alarm_topic:
        check_alarm_topic(args.parameters, current)


def refuse_other_account(aws, expected):
    """Every command does it for itself, before it does anything else."""
    identity = aws.client("sts").get_caller_identity() if expected else {}
    if expected and identity["Account"] != expected:
        raise Failed(f"the credentials are of account {identity['Account']} ({identity['Arn']}), and not of "
                     f"{expected}; nothing was made")


def refuse_names_of_another_region(aws, stage):
    """Names of roles are global in an account. So is that of the dashboard, and CloudWatch replaces one that is
    there: CloudFormation would take the other region's over, and delete it when the creation fails."""
    role = f"{stacks.name(stage)}-query-handler"
    iam = aws.client("iam")
    try:
        iam.get_role(RoleName=role)
    except iam.exceptions.NoSuchEntityException:
        return
    raise Failed(f"there is no stack {stacks.name(stage)} in {aws.region}, but its role {role} is there: the STAGE "
                 "is used in another region of this account. Take another one, such as "
                 f"{stage}{aws.region.replace('-', '')}; nothing was made")


def check_alarm_topic(given, current):
    given = dict(it.split("=", 1) for it in given)
    kept = {it["ParameterKey"]: it["ParameterValue"] for it in (current or {}).get("Parameters", [])}
    if not given.get("AlarmTopicArn", kept.get("AlarmTopicArn")):
        raise Failed("nobody would be told of alarms: give --parameter AlarmTopicArn=ARN of an SNS topic, "
                     "or say --no-alarm-topic")
