#!/usr/bin/env python3
"""Checks in the templates what cfn-lint and an emulator cannot see.

Usage: check_policies.py [TEMPLATE MEMBER_TEMPLATE DEFINITION]

Prints one line per finding, and exits with 1 if there is any.
"""

import json
import re
import sys
from pathlib import Path

import yaml

INFRA = Path(__file__).resolve().parent
ROOT = INFRA.parent

# --- What must be there ---

KEYS = {
    "TargetAccountsTable": ["accountId"],
    "SourceServerInventoryTable": ["sourceServerArn", "stagingAccountId"],
    "DrsRegionStatusTable": ["region"],
    "AccountRegionStatusTable": ["accountId", "region"],
    "InventoryChangesTable": ["subject", "at"],
    "ProtectionGroupsTable": ["groupId"],
    "RecoveryPlansTable": ["planId"],
}
NAMES = {
    "TargetAccountsTable": "target-accounts",
    "SourceServerInventoryTable": "source-server-inventory",
    "DrsRegionStatusTable": "drs-region-status",
    "AccountRegionStatusTable": "account-region-status",
    "InventoryChangesTable": "inventory-changes",
    "ProtectionGroupsTable": "protection-groups",
    "RecoveryPlansTable": "recovery-plans",
}
INDEXES = {
    "SourceServerInventoryTable": {
        "SourceAccountIndex": ["sourceAccountId", "sourceServerArn"],
        "StagingAccountIndex": ["stagingAccountId", "sourceServerArn"],
        "ReplicationRegionIndex": ["replicationRegion", "sourceServerArn"],
        "ListingIndex": ["listedIn", "sourceServerArn"],
        "AttentionIndex": ["attention", "sourceServerArn"],
    },
    "AccountRegionStatusTable": {
        "RegionIndex": ["region", "accountId"],
        "TroubleIndex": ["trouble", "accountId"],
    },
    "InventoryChangesTable": {"DayIndex": ["day", "at"]},
}
# What an index holds beside the keys; any other holds everything.
PROJECTIONS = {
    "ListingIndex": ["contentHash", "missingSince"],
    "AttentionIndex": ["sourceServerID", "hostname", "sourceAccountId", "replicationRegion", "listedIn",
                       "replicationState", "lagDuration", "lastSeen", "lastLaunch", "drill", "readiness",
                       "readinessReasons", "missingSince", "instanceId", "lastUpdated"],
    "RegionIndex": ["status", "serverCount", "errorCode", "errorMessage", "counts"],
    "TroubleIndex": ["status", "serverCount", "counts", "errorCode", "errorMessage",
                     "failingSince", "removalHeld"],
    "DayIndex": ["kind", "before", "after", "syncId"],
}

# --- What each role may do, and the call that needs it ---

# Where the code makes a call: the file, and the call as it is written there.
INVENTORY = "crates/inventory/src/"
SYNC = "crates/sync/src/"
LEGACY = "crates/legacy/src/"
ACCOUNTS = (SYNC + "accounts.rs", ".scan()")
SEGMENT = (INVENTORY + "servers/page/segment.rs", "Listing::of_index(table, index, ")
DRS = ("crates/aws/src/drs_page.rs", ".describe_source_servers()")
EC2 = (SYNC + "ec2.rs", ".describe_instances()")
DRILLS = "crates/aws/src/drills.rs"
ORGANIZATION = "crates/aws/src/organizations.rs"
# Protection groups and recovery plans are changed by one flow.
RECORDS = {
    "dynamodb:Scan": (INVENTORY + "record.rs", "Listing::of_table_as_it_is_now(table)"),
    "dynamodb:GetItem": (INVENTORY + "record.rs", "get(table, kind.key, "),
    "dynamodb:PutItem": (INVENTORY + "record.rs", "put_if(table, kind.key, "),
    "dynamodb:DeleteItem": (INVENTORY + "record.rs", "delete_if(table, key, "),
}
READ_RECORDS = {action: RECORDS[action] for action in ("dynamodb:Scan", "dynamodb:GetItem")}
# What Lambda, or Step Functions, does in the role's name.
LAMBDA = STATES = (None, None)
TEMPLATE = "infra/template.yaml"
MEMBER_TEMPLATE = "infra/member-account.yaml"
DEFINITION = "infra/sync.asl.json"

# What Step Functions wants of a role whose machine writes to a log group.
LOG_DELIVERY = (
    "logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies", "logs:DescribeLogGroups",
)

# role -> resource -> action -> the call.
NEEDED = {
    "QueryHandlerRole": {
        "TargetAccountsTable": {
            "dynamodb:Scan": ACCOUNTS,
            "dynamodb:GetItem": (LEGACY + "ec2.rs", ".get_item()"),
        },
        "SourceServerInventoryTable": {
            "dynamodb:Scan": (SYNC + "adopt.rs", ".scan()"),
            "dynamodb:Query": (
                INVENTORY + "servers/one.rs", 'Listing::of_partition(table, "sourceServerArn", ',
            ),
            "dynamodb:BatchGetItem": (SYNC + "current_rows.rs", "read_batch("),
            "dynamodb:BatchWriteItem": (SYNC + "batches.rs", ".batch_write_item()"),
            "dynamodb:UpdateItem": (SYNC + "absence.rs", ".update_item()"),
            "dynamodb:DeleteItem": (SYNC + "absence.rs", ".delete_item()"),
        },
        "SourceServerInventoryTable/index/SourceAccountIndex": {"dynamodb:Query": SEGMENT},
        "SourceServerInventoryTable/index/StagingAccountIndex": {"dynamodb:Query": SEGMENT},
        "SourceServerInventoryTable/index/ReplicationRegionIndex": {"dynamodb:Query": SEGMENT},
        "SourceServerInventoryTable/index/ListingIndex": {
            "dynamodb:Query": (
                SYNC + "listing_index.rs", 'Listing::of_index(table, LISTING_INDEX, "listedIn", ',
            ),
        },
        "SourceServerInventoryTable/index/AttentionIndex": {"dynamodb:Query": SEGMENT},
        "AccountRegionStatusTable": {
            "dynamodb:Query": (
                SYNC + "ledger/entries.rs", 'Listing::of_partition(table, "accountId", ',
            ),
            "dynamodb:GetItem": (SYNC + "ledger/last.rs", ".get_item()"),
            "dynamodb:BatchGetItem": (SYNC + "ledger/looks.rs", "read_batch("),
            "dynamodb:UpdateItem": (SYNC + "ledger/own_attributes.rs", ".update_item()"),
            "dynamodb:DeleteItem": (SYNC + "retire.rs", ".delete_item()"),
        },
        "AccountRegionStatusTable/index/RegionIndex": {
            "dynamodb:Query": (
                SYNC + "roll_up.rs", 'Listing::of_index(table, REGION_INDEX, "region", ',
            ),
        },
        "AccountRegionStatusTable/index/TroubleIndex": {
            "dynamodb:Query": (
                SYNC + "troubles.rs", 'Listing::of_index(table, TROUBLE_INDEX, "trouble", ',
            ),
        },
        "InventoryChangesTable": {
            "dynamodb:Query": (
                INVENTORY + "changes/walk.rs", 'Listing::of_partition(self.table, "subject", ',
            ),
            "dynamodb:BatchWriteItem": (SYNC + "tell.rs", "batches.write(items, "),
        },
        "InventoryChangesTable/index/DayIndex": {
            "dynamodb:Query": (
                INVENTORY + "changes/walk.rs", 'Listing::of_index(self.table, DAY_INDEX, "day", ',
            ),
        },
        "DrsRegionStatusTable": {
            "dynamodb:Scan": (SYNC + "finish.rs", "Listing::of_table(&run.start.region_status)"),
            "dynamodb:PutItem": (SYNC + "roll_up.rs", ".put_item()"),
            "dynamodb:DeleteItem": (SYNC + "roll_up.rs", ".delete_item()"),
        },
        "ProtectionGroupsTable": READ_RECORDS,
        "RecoveryPlansTable": READ_RECORDS,
        "role/${MemberRoleName}": {
            "sts:AssumeRole": (SYNC + "credentials/session.rs", ".assume_role()"),
        },
        "*": {
            "drs:DescribeSourceServers": DRS,
            "ec2:DescribeInstances": EC2,
            # Where READ_DRILLS is true.
            "drs:DescribeRecoveryInstances": (DRILLS, ".describe_recovery_instances()"),
            "drs:DescribeJobs": (DRILLS, ".describe_jobs()"),
            # What `check_account` says of regions that are not enabled.
            "account:ListRegions": ("crates/aws/src/enabled_regions.rs", ".list_regions()"),
        },
        "HubEventBus": {"events:PutEvents": ("crates/lambda/src/bus.rs", ".put_events()")},
        # Where SyncRequests is true.
        "the default event bus": {
            "events:PutEvents": ("crates/lambda/src/sync_request.rs", ".put_once("),
        },
        "ReportBucket/ReportPrefix": {
            "s3:PutObject": ("crates/api/src/query/bucket.rs", ".put_object()"),
        },
        "QueryHandlerLogGroup": {"logs:CreateLogStream": LAMBDA, "logs:PutLogEvents": LAMBDA},
        "DeadLetterQueue": {"sqs:SendMessage": LAMBDA},
    },
    "DataManagementHandlerRole": {
        "TargetAccountsTable": {
            "dynamodb:Scan": ACCOUNTS,
            "dynamodb:GetItem": (INVENTORY + "accounts.rs", "get(table, KEY, "),
            "dynamodb:PutItem": (INVENTORY + "accounts.rs", "put_if(table, KEY, "),
            "dynamodb:UpdateItem": (INVENTORY + "accounts.rs", "update_if(table, (KEY, "),
            "dynamodb:DeleteItem": (INVENTORY + "accounts.rs", "delete_if(table, (KEY, "),
        },
        "ProtectionGroupsTable": RECORDS,
        "RecoveryPlansTable": RECORDS,
        "SourceServerInventoryTable/index/ReplicationRegionIndex": {
            "dynamodb:Query": (
                INVENTORY + "protection_groups/resolve.rs", "query_servers(inventory, ",
            ),
        },
        # As of when each server of a group is known; approvals and acknowledgements.
        "AccountRegionStatusTable": {
            "dynamodb:BatchGetItem": (INVENTORY + "picture/entries.rs", "read_all("),
            "dynamodb:GetItem": (INVENTORY + "removals/approve.rs", ".get_item()"),
            "dynamodb:UpdateItem": (INVENTORY + "removals/acknowledge.rs", ".update_item()"),
            "dynamodb:PutItem": (INVENTORY + "discovery/record.rs", ".put_item()"),
        },
        # Where DiscoverAccounts is not off: as the hub itself, or as the role that is named.
        "*": {
            "organizations:DescribeOrganization": (ORGANIZATION, ".describe_organization()"),
            "organizations:ListAccounts": (ORGANIZATION, ".list_accounts()"),
            "organizations:ListAccountsForParent": (ORGANIZATION, ".list_accounts_for_parent()"),
            "organizations:ListOrganizationalUnitsForParent": (
                ORGANIZATION, ".list_organizational_units_for_parent()",
            ),
            "organizations:ListTagsForResource": (ORGANIZATION, ".list_tags_for_resource()"),
        },
        "OrganizationRoleArn": {
            "sts:AssumeRole": (INVENTORY + "discovery/organization.rs", "get_cross_account_session("),
        },
        "DataManagementHandlerLogGroup": {
            "logs:CreateLogStream": LAMBDA, "logs:PutLogEvents": LAMBDA,
        },
        "DeadLetterQueue": {"sqs:SendMessage": LAMBDA},
    },
    "ReadHandlerRole": {
        "TargetAccountsTable": {"dynamodb:Scan": ACCOUNTS},
        "SourceServerInventoryTable": {
            "dynamodb:Query": (
                INVENTORY + "servers/one.rs", 'Listing::of_partition(table, "sourceServerArn", ',
            ),
            "dynamodb:BatchGetItem": (INVENTORY + "servers/troubled.rs", "read_all(table, "),
        },
        "SourceServerInventoryTable/index/SourceAccountIndex": {"dynamodb:Query": SEGMENT},
        "SourceServerInventoryTable/index/StagingAccountIndex": {"dynamodb:Query": SEGMENT},
        "SourceServerInventoryTable/index/ReplicationRegionIndex": {"dynamodb:Query": SEGMENT},
        "SourceServerInventoryTable/index/ListingIndex": {"dynamodb:Query": SEGMENT},
        "SourceServerInventoryTable/index/AttentionIndex": {"dynamodb:Query": SEGMENT},
        "AccountRegionStatusTable": {
            "dynamodb:Query": (
                INVENTORY + "picture/account.rs", 'Listing::of_partition(&tables.ledger, "accountId", ',
            ),
            "dynamodb:BatchGetItem": (INVENTORY + "picture/entries.rs", "read_all("),
        },
        "AccountRegionStatusTable/index/RegionIndex": {
            "dynamodb:Query": (
                INVENTORY + "picture/entries.rs", 'Listing::of_index(ledger, REGION_INDEX, "region", ',
            ),
        },
        "AccountRegionStatusTable/index/TroubleIndex": {
            "dynamodb:Query": (
                INVENTORY + "picture/whole.rs", 'Listing::of_index(ledger, TROUBLE_INDEX, "trouble", ',
            ),
        },
        "InventoryChangesTable": {
            "dynamodb:Query": (
                INVENTORY + "changes/walk.rs", 'Listing::of_partition(self.table, "subject", ',
            ),
        },
        "InventoryChangesTable/index/DayIndex": {
            "dynamodb:Query": (
                INVENTORY + "changes/walk.rs", 'Listing::of_index(self.table, DAY_INDEX, "day", ',
            ),
        },
        "DrsRegionStatusTable": {"dynamodb:Scan": (INVENTORY + "picture/regions.rs", "scan(table)")},
        "ProtectionGroupsTable": READ_RECORDS,
        "RecoveryPlansTable": READ_RECORDS,
        "ReadHandlerLogGroup": {"logs:CreateLogStream": LAMBDA, "logs:PutLogEvents": LAMBDA},
    },
    "SyncScheduleRole": {
        "SyncStateMachine": {
            "states:StartExecution": (TEMPLATE, "Arn: !GetAtt SyncStateMachine.Arn"),
        },
    },
    "SyncStateMachineRole": {
        "QueryHandlerLive": {"lambda:InvokeFunction": (DEFINITION, ":states:::lambda:invoke")},
        "SyncStateMachine": {
            "states:ListExecutions": (DEFINITION, ":states:::aws-sdk:sfn:listExecutions"),
            "states:StartExecution": (DEFINITION, '"Mode": "DISTRIBUTED"'),
        },
        "SyncStateMachine/executions": {
            "states:DescribeExecution": STATES, "states:StopExecution": STATES,
        },
        "*": {action: STATES for action in LOG_DELIVERY},
    },
    "MemberRole": {
        "*": {
            "drs:DescribeSourceServers": DRS,
            "ec2:DescribeInstances": EC2,
            # By the parameter ReadDrills.
            "drs:DescribeRecoveryInstances": (DRILLS, ".describe_recovery_instances()"),
            "drs:DescribeJobs": (DRILLS, ".describe_jobs()"),
            # What `check_account` says of regions that are not enabled.
            "account:ListRegions": ("crates/aws/src/enabled_regions.rs", ".list_regions()"),
        },
    },
    "DrsEventsRole": {
        "HubEventBusArn": {"events:PutEvents": (MEMBER_TEMPLATE, "Arn: !Ref HubEventBusArn")},
    },
}
# By the parameters SubnetIds and KmsKeyArn: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
NETWORK = (
    "ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface", "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses",
)
for _role in ("QueryHandlerRole", "DataManagementHandlerRole", "ReadHandlerRole"):
    NEEDED[_role]["KmsKeyArn"] = {"kms:Decrypt": LAMBDA}
    NEEDED[_role].setdefault("*", {}).update(dict.fromkeys(NETWORK, LAMBDA))
# Actions that AWS does not let be limited to a resource, or that are for network interfaces yet to be made.
WITHOUT_RESOURCE = {
    "drs:DescribeSourceServers", "ec2:DescribeInstances", "drs:DescribeRecoveryInstances",
    "drs:DescribeJobs", "account:ListRegions", "organizations:DescribeOrganization",
    "organizations:ListAccounts", "organizations:ListAccountsForParent",
    "organizations:ListOrganizationalUnitsForParent", "organizations:ListTagsForResource",
    *LOG_DELIVERY, *NETWORK,
}
# Parameters of the member account's template that a hub's call has to know one of.
EXTERNAL_IDS = ("ExternalId", "PreviousExternalId")
# The services that may assume a role.
SERVICES = {
    "QueryHandlerRole": "lambda", "DataManagementHandlerRole": "lambda", "ReadHandlerRole": "lambda",
    "SyncScheduleRole": "events", "SyncStateMachineRole": "states",
    "DrsEventsRole": "events",
}
CALLS = {
    (role, resource, action): call
    for role, resources in NEEDED.items()
    for resource, actions in resources.items()
    for action, call in actions.items()
}

METRICS = "crates/lambda/src/metrics"
SYNC_REQUEST = "crates/lambda/src/sync_request.rs"
DRS_EVENTS = "crates/lambda/src/event/drs.rs"
RUNBOOKS = "docs/runbooks"


# --- Reading CloudFormation's YAML: `!Ref X` becomes {"Ref": "X"}, and so on ---

class Loader(yaml.SafeLoader):
    """SafeLoader that keeps CloudFormation's short tags."""


def _short_tag(loader, suffix, node):
    kind = {yaml.ScalarNode: loader.construct_scalar, yaml.SequenceNode: loader.construct_sequence,
            yaml.MappingNode: loader.construct_mapping}[type(node)]
    value = kind(node) if isinstance(node, yaml.ScalarNode) else kind(node, deep=True)
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if name == "Fn::GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {name: value}


Loader.add_multi_constructor("!", _short_tag)


def load(path):
    return yaml.load(Path(path).read_text(), Loader)  # noqa: S506: a SafeLoader


def of_type(template, *types):
    resources = template["Resources"].items()
    return {name: it.get("Properties", {}) for name, it in resources if it["Type"] in types}


def as_list(value):
    return value if isinstance(value, list) else [value]


# --- Checks. Each yields findings. ---

def check_tables(template):
    tables = of_type(template, "AWS::DynamoDB::Table")
    for name in sorted(KEYS.keys() ^ tables.keys()):
        yield f"{name}: {'is missing' if name in KEYS else 'is no table of the contract'}"
    for name in KEYS.keys() & tables.keys():
        table = tables[name]
        # Retain alone would also keep the empty tables of a stack whose creation failed, and these
        # would be in the way of the next try.
        for policy, value in (("DeletionPolicy", "RetainExceptOnCreate"),
                              ("UpdateReplacePolicy", "Retain")):
            if template["Resources"][name].get(policy) != value:
                yield f"{name}: {policy} is not {value}"
        if table.get("TableName") != {"Fn::Sub": "${Prefix}-" + NAMES[name]}:
            yield f"{name}: is not named ${{Prefix}}-{NAMES[name]}"
        if table.get("BillingMode") != "PAY_PER_REQUEST":
            yield f"{name}: is not billed on demand"
        if table.get("DeletionProtectionEnabled") is not True:
            yield f"{name}: is not protected against deletion"
        if table.get("TimeToLiveSpecification") != {"AttributeName": "TTL", "Enabled": True}:
            yield f"{name}: has no time to live in TTL"
        recovery = table.get("PointInTimeRecoverySpecification", {})
        if recovery.get("PointInTimeRecoveryEnabled") is not True:
            yield f"{name}: has no point-in-time recovery"
        if not all(it.get("SSEEnabled") is True for it in variants(table.get("SSESpecification", {}))):
            yield f"{name}: is not encrypted"
        yield from check_keys(name, table)


def check_keys(name, table):
    if key_names(table) != KEYS[name]:
        yield f"{name}: its key is {key_names(table)}, not {KEYS[name]}"
    given = table.get("GlobalSecondaryIndexes", [])
    indexes = {index["IndexName"]: key_names(index) for index in given}
    if indexes != INDEXES.get(name, {}):
        yield f"{name}: its indexes are {indexes}, not {INDEXES.get(name, {})}"
    for index in given:
        held = PROJECTIONS.get(index["IndexName"])
        wanted = ({"ProjectionType": "INCLUDE", "NonKeyAttributes": held} if held
                  else {"ProjectionType": "ALL"})
        if index.get("Projection") != wanted:
            yield f"{name}: index {index['IndexName']} does not project {held or 'everything'}"
    used = set(KEYS[name]).union(*INDEXES.get(name, {}).values())
    defined = {it["AttributeName"]: it["AttributeType"] for it in table["AttributeDefinitions"]}
    if defined != {attribute: "S" for attribute in used}:
        yield f"{name}: its key attributes are {defined}, not strings {sorted(used)}"


def key_names(holder):
    order = {"HASH": 0, "RANGE": 1}
    schema = sorted(holder.get("KeySchema", []), key=lambda part: order[part["KeyType"]])
    return [part["AttributeName"] for part in schema]


def check_dead_letters(template):
    for name, rule in of_type(template, "AWS::Events::Rule").items():
        for target in targets(rule):
            if "Arn" not in target.get("DeadLetterConfig", {}):
                yield f"{name}: target {target.get('Id')} has no dead-letter queue"
            if not 0 < target.get("RetryPolicy", {}).get("MaximumRetryAttempts", 185) <= 5:
                yield f"{name}: target {target.get('Id')} has no retry policy of at most 5 attempts"
    configs = of_type(template, "AWS::Lambda::EventInvokeConfig")
    scheduled = {str(target["Arn"].get("Ref"))
                 for rule in of_type(template, "AWS::Events::Rule").values()
                 for target in targets(rule)}
    aliases = of_type(template, "AWS::Lambda::Alias")
    for name in sorted(scheduled & aliases.keys()):
        alias = aliases[name]
        config = next((it for it in configs.values() if it["FunctionName"] == alias["FunctionName"]
                       and it["Qualifier"] == alias["Name"]), {})
        if "Destination" not in config.get("DestinationConfig", {}).get("OnFailure", {}):
            yield f"{name}: is invoked by a schedule and has no destination for what fails"
        if config.get("MaximumRetryAttempts") not in (0, 1):
            yield f"{name}: may be retried more than once"
    for name, queue in of_type(template, "AWS::SQS::Queue").items():
        if queue.get("SqsManagedSseEnabled") is not True and "KmsMasterKeyId" not in queue:
            yield f"{name}: is not encrypted"
        if queue.get("MessageRetentionPeriod") != 1209600:
            yield f"{name}: does not keep messages for 14 days"


def targets(rule):
    """What a rule may call, under whatever condition."""
    for target in rule.get("Targets", []):
        yield from variants(target)


def variants(value):
    """A value, under whatever condition."""
    return value["Fn::If"][1:] if isinstance(value, dict) and "Fn::If" in value else [value]


def check_live(template):
    """Who calls a function past its alias gets a release before it was tried."""
    functions = of_type(template, "AWS::Lambda::Function")
    aliases = of_type(template, "AWS::Lambda::Alias")
    for name in functions:
        alias = aliases.get(f"{name}Live", {})
        version = {"FunctionName": {"Ref": name}, "FunctionVersion": {"Ref": f"{name}Version"}, "Name": "live"}
        if {key: alias.get(key) for key in version} != version:
            yield f"{name}: has no alias live of the version that the parameter {name}Version names"
    for name, permission in of_type(template, "AWS::Lambda::Permission").items():
        if permission["FunctionName"].get("Ref") not in aliases:
            yield f"{name}: is for a function, and not for its alias"
    for name, rule in of_type(template, "AWS::Events::Rule").items():
        for target in targets(rule):
            if target["Arn"].get("Fn::GetAtt", [""])[0] in functions:
                yield f"{name}: target {target['Id']} is a function, and not its alias"
    for name, machine in of_type(template, "AWS::StepFunctions::StateMachine").items():
        if machine.get("DefinitionSubstitutions", {}).get("QueryHandlerArn") != {"Ref": "QueryHandlerLive"}:
            yield f"{name}: calls a function, and not its alias"


def check_state_machine(template, text):
    """What Step Functions would only say when the machine is made, or when it runs."""
    for name, machine in of_type(template, "AWS::StepFunctions::StateMachine").items():
        given = machine.get("DefinitionSubstitutions", {}).keys()
        for value in sorted(given ^ set(re.findall(r"\$\{(\w+)\}", text))):
            yield f"{name}: the value {value} is {'not used' if value in given else 'not given'}"
        definition = json.loads(substituted(text, dict.fromkeys(given, "1")))
        if "TimeoutSeconds" not in definition:
            yield f"{name}: may run for ever, and keep every later execution from its work"
        yield from check_states(name, definition)
        log = machine.get("LoggingConfiguration", {}).get("Destinations")
        if not log:
            yield f"{name}: logs nowhere"


def substituted(text, values):
    """The definition as CloudFormation makes it: with values in place of `${NAME}`."""
    return re.sub(r"\$\{(\w+)\}", lambda found: values.get(found[1], found[0]), text)


def check_states(name, machine):
    states = machine["States"]
    follow = {machine["StartAt"]}
    for state in states.values():
        follow |= {state[key] for key in ("Next", "Default") if key in state}
        follow |= {it["Next"] for key in ("Choices", "Catch") for it in state.get(key, [])}
    for state in sorted(follow ^ states.keys()):
        yield f"{name}: the state {state!r} is {'missing' if state in follow else 'never entered'}"
    for title, state in states.items():
        if state["Type"] == "Task" and "lambda:invoke" in state["Resource"]:
            for retrier in state.get("Retry", [{"ErrorEquals": ["nothing"]}]):
                if not all(error.startswith("Lambda.") for error in retrier["ErrorEquals"]):
                    yield f"{name}: {title!r} is tried again on more, or less, than Lambda's own errors"
        if state["Type"] == "Map":
            if state.get("ToleratedFailurePercentage") != 100:
                yield f"{name}: in {title!r} one account's failure ends the others"
            if "MaxConcurrency" not in state:
                yield f"{name}: {title!r} has no limit"
            yield from check_states(name, state["ItemProcessor"])


def check_log_groups(template):
    groups = of_type(template, "AWS::Logs::LogGroup")
    for name, group in groups.items():
        if "RetentionInDays" not in group:
            yield f"{name}: has no retention"
    for name, function in of_type(template, "AWS::Lambda::Function").items():
        group = function.get("LoggingConfig", {}).get("LogGroup", {}).get("Ref")
        if group not in groups:
            yield f"{name}: does not log to a log group of the template"


def check_metrics(template, source):
    """An alarm on a metric that nobody sends would never ring."""
    sent = set(re.findall(r"^    (\w+): (?:Option<)?(?:u64|Duration)>?,$", source, re.M))
    sent = {"".join(part.capitalize() for part in name.split("_")) for name in sent}
    for name, alarm in of_type(template, "AWS::CloudWatch::Alarm").items():
        if alarm.get("Namespace") == "DrsInventory" and alarm["MetricName"] not in sent:
            yield f"{name}: nothing sends the metric {alarm['MetricName']}"
    for shown in re.findall(r'\[ "(?:DrsInventory|\.)", "(\w+)"', dashboards(template)):
        if shown not in sent:
            yield f"the dashboard shows the metric {shown}, which nothing sends"


def check_events(template, member, source):
    """Events that the function takes for none are forwarded in vain; a bus that anyone may use floods it."""
    read = set(re.findall(r'"(DRS [A-Z][^"]+)"', source))
    for where in (template, member):
        rule = where["Resources"].get("DrsEvents", {}).get("Properties", {})
        wanted = rule.get("EventPattern", {})
        if wanted.get("source") != ["aws.drs"] or not set(wanted.get("detail-type", [])) <= read:
            yield f"DrsEvents: {wanted} are not the events that query-handler reads"
        if not wanted.get("detail-type"):
            yield "DrsEvents: takes every event of DRS"
    for name, policy in of_type(template, "AWS::Events::EventBusPolicy").items():
        only = policy["Statement"].get("Condition", {}).get("StringEquals", {})
        if not only.get("aws:PrincipalOrgID") and not only.get("aws:PrincipalAccount"):
            yield f"{name}: anyone may put events on the bus"


def check_runbooks(template, root):
    """Whoever an alarm wakes looks for a file of its name; that of two alarms may be one."""
    index = (root / RUNBOOKS / "README.md").read_text()
    for name, alarm in of_type(template, "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm").items():
        title = alarm["AlarmName"]["Fn::Sub"].removeprefix("${Prefix}-")
        if not (root / RUNBOOKS / f"{title}.md").is_file() and f"`{title}`" not in index:
            yield f"{name}: docs/runbooks has none for {title}"


def check_alarms(template):
    """Whoever was told of an alarm wants to be told of its end."""
    for name, alarm in of_type(template, "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm").items():
        if not alarm.get("AlarmActions") or alarm.get("OKActions") != alarm["AlarmActions"]:
            yield f"{name}: tells nobody, or not of its end"


def check_installation(template):
    """Without its dimension a metric of another installation in the account would ring the alarm."""
    handler = template["Resources"].get("QueryHandler", {}).get("Properties", {})
    if handler.get("Environment", {}).get("Variables", {}).get("INSTALLATION") != {"Ref": "Prefix"}:
        yield "QueryHandler: INSTALLATION is not the prefix"
    for name, alarm in of_type(template, "AWS::CloudWatch::Alarm").items():
        of_this = alarm.get("Dimensions") == [{"Name": "Installation", "Value": {"Ref": "Prefix"}}]
        if alarm.get("Namespace") == "DrsInventory" and not of_this:
            yield f"{name}: rings for every installation in the account"
    for shown in re.findall(r'\[ "(?:DrsInventory|\.)", "\w+"[^\]]*\]', dashboards(template)):
        if '"Installation", "${Prefix}"' not in shown and '".", "."' not in shown:
            yield f"the dashboard shows {shown} of every installation in the account"


def dashboards(template):
    return "".join(it["DashboardBody"]["Fn::Sub"][0]
                   for it in of_type(template, "AWS::CloudWatch::Dashboard").values())


def resource_name(arn):
    """The template's own name of a resource in a policy."""
    if isinstance(arn, str):
        return arn
    if "Fn::GetAtt" in arn:
        return arn["Fn::GetAtt"][0]
    if "Ref" in arn:
        return arn["Ref"]
    text = arn.get("Fn::Sub", str(arn))
    table = re.fullmatch(r"\$\{(\w+)\.Arn\}(/index/.+)", text)
    if table:
        return table[1] + table[2]
    # The machine's role cannot refer to the machine, which refers to its role.
    if text.endswith(":${AWS::Region}:${AWS::AccountId}:stateMachine:${Prefix}-sync"):
        return "SyncStateMachine"
    if text.endswith(":${AWS::Region}:${AWS::AccountId}:execution:${Prefix}-sync:*"):
        return "SyncStateMachine/executions"
    if text == "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/default":
        return "the default event bus"
    # Whatever the prefix, and nothing else of the bucket.
    if text == "arn:${AWS::Partition}:s3:::${ReportBucket}/${ReportPrefix}*":
        return "ReportBucket/ReportPrefix"
    role = re.fullmatch(r"arn:\$\{AWS::Partition\}:iam::\*:(role/\$\{MemberRoleName\})", text)
    return role[1] if role else text


def where_it_is_made(value):
    """What stands there where its condition holds."""
    return value["Fn::If"][1] if isinstance(value, dict) and "Fn::If" in value else value


def grants(template):
    """(role, resource, action, statement) of every statement that allows something."""
    for role, properties in of_type(template, "AWS::IAM::Role").items():
        for policy in map(where_on, properties.get("Policies", [])):
            for statement in policy["PolicyDocument"]["Statement"]:
                statement = where_it_is_made(statement)
                for action in as_list(statement.get("Action", ["NotAction"])):
                    for resource in as_list(statement.get("Resource", ["NotResource"])):
                        yield role, resource_name(resource), action, statement


def where_on(policy):
    """A policy that a condition adds, as it is where the condition holds."""
    return policy["Fn::If"][1] if "Fn::If" in policy else policy


def check_policies(template, root=ROOT):
    roles = of_type(template, "AWS::IAM::Role")
    for role, properties in roles.items():
        if properties.get("ManagedPolicyArns"):
            yield f"{role}: has managed policies, which allow more than is listed here"
    for name in of_type(template, "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        yield f"{name}: put policies into the roles themselves, where this check reads them"
    seen = set()
    for role, resource, action, statement in grants(template):
        grant = (role, resource, action)
        seen.add(grant)
        text = f"{role}: {action} on {resource}"
        if "*" in action:
            yield f"{text}: an action with a wildcard"
        elif "*" in resource and action not in WITHOUT_RESOURCE:
            yield f"{text}: a resource with a wildcard"
        elif grant not in CALLS:
            yield f"{text}: no call is known that needs it"
    for role, resource, action in sorted(CALLS.keys() - seen):
        if role in roles:
            yield f"{role}: lacks {action} on {resource}, which the code calls"
    for (role, resource, action), (file, call) in CALLS.items():
        if role in roles and file and not calls(root / file, call):
            yield f"{role}: {action} on {resource} is said to be needed by {call} in {file}: it is not there"


# All that somebody with the right to read may make the function do.
READS = {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"}
WRITES_ITS_LOG = {"logs:CreateLogStream", "logs:PutLogEvents"}
# Tables with a row for each account, region, group or plan: they do not grow with the servers.
MAY_BE_SCANNED = {"TargetAccountsTable", "DrsRegionStatusTable", "ProtectionGroupsTable", "RecoveryPlansTable"}


def check_reads(template):
    """Beside `check_policies`, whose list may grow: what is on none of these lists is more than to read."""
    for role, resource, action, _ in grants(template):
        if role != "ReadHandlerRole" or action in READS:
            continue
        if action == "dynamodb:Scan" and resource in MAY_BE_SCANNED:
            continue
        if action in NETWORK or (action, resource) == ("kms:Decrypt", "KmsKeyArn"):
            continue
        if not (action in WRITES_ITS_LOG and resource == "ReadHandlerLogGroup"):
            yield f"{role}: {action} on {resource} is more than reads that stay as small as they are"


def check_sync_requests(template, source):
    """A rule that waits for what nobody sends makes a sync that was promised never begin."""
    sent = re.findall(r'^const (?:SOURCE|DETAIL_TYPE): &str = "(.+)";$', source, re.M)
    pattern = template["Resources"].get("SyncRequested", {}).get("Properties", {}).get("EventPattern", {})
    if [pattern.get("source"), pattern.get("detail-type")] != [[it] for it in sent]:
        yield f"SyncRequested: waits for {pattern}, and what is sent is {sent}"
    if pattern.get("account") != [{"Ref": "AWS::AccountId"}]:
        yield "SyncRequested: another account can ask for a sync"
    if pattern.get("detail") != {"installation": [{"Ref": "Prefix"}]}:
        yield "SyncRequested: another installation's request starts a sync"
    for role, resource, _, statement in grants(template):
        only = where_it_is_made(statement.get("Condition", {})).get("StringEquals", {})
        if resource == "the default event bus" and only != dict(
                zip(("events:source", "events:detail-type"), sent, strict=True)):
            yield f"{role}: may put other events than requests for a sync on the default event bus"


def calls(path, call):
    return path.is_file() and call in path.read_text()


def check_trust(template):
    for role, properties in of_type(template, "AWS::IAM::Role").items():
        for statement in properties["AssumeRolePolicyDocument"]["Statement"]:
            principal = statement.get("Principal")
            if principal == {"Service": f"{SERVICES.get(role)}.amazonaws.com"}:
                continue
            if not isinstance(principal, dict) or "*" in str(principal):
                yield f"{role}: anyone may assume it"
            conditions = statement.get("Condition", {})
            accepted = conditions.get("StringEquals", {}).get("sts:ExternalId", [])
            accepted = [id for it in variants(accepted) for id in as_list(it)]
            if not accepted or any(it.get("Ref") not in EXTERNAL_IDS for it in accepted):
                yield f"{role}: can be assumed without the external id"
            if not conditions.get("ArnLike", {}).get("aws:PrincipalArn"):
                yield f"{role}: can be assumed by more than the hub's role"
    for name in EXTERNAL_IDS:
        external_id = template.get("Parameters", {}).get(name, {})
        if external_id.get("Default") or (external_id and external_id.get("NoEcho") is not True):
            yield f"{name}: has a default, or is shown"


def check_boundaries(template):
    """A company that wants a boundary on every role refuses the one that has none."""
    boundary = {"Fn::If": ["HasPermissionsBoundary", {"Ref": "PermissionsBoundaryArn"}, {"Ref": "AWS::NoValue"}]}
    for role, properties in of_type(template, "AWS::IAM::Role").items():
        if properties.get("PermissionsBoundary") != boundary:
            yield f"{role}: has no permissions boundary where the parameter names one"


def check_table_variables(template):
    """A function that is not told of a table fails at its first call."""
    for function, properties in of_type(template, "AWS::Lambda::Function").items():
        variables = properties.get("Environment", {}).get("Variables", {})
        for table, name in NAMES.items():
            variable = name.replace("-", "_").upper() + "_TABLE"
            if variables.get(variable) != {"Ref": table}:
                yield f"{function}: {variable} is not the table {table}"


def check_member_role(template):
    handler = template["Resources"].get("QueryHandler", {}).get("Properties", {})
    variables = handler.get("Environment", {}).get("Variables", {})
    if variables.get("MEMBER_ROLE_NAME") != {"Ref": "MemberRoleName"}:
        yield "QueryHandler: MEMBER_ROLE_NAME is not the role that it may assume"


def check_all(template, member, definition, root=ROOT):
    yield from check_tables(template)
    yield from check_dead_letters(template)
    yield from check_live(template)
    yield from check_boundaries(template)
    yield from check_boundaries(member)
    yield from check_state_machine(template, definition)
    yield from check_log_groups(template)
    yield from check_table_variables(template)
    yield from check_member_role(template)
    yield from check_reads(template)
    yield from check_sync_requests(template, (root / SYNC_REQUEST).read_text())
    yield from check_metrics(template, "".join(it.read_text() for it in sorted((root / METRICS).glob("*.rs"))))
    yield from check_installation(template)
    yield from check_alarms(template)
    yield from check_runbooks(template, root)
    yield from check_events(template, member, (root / DRS_EVENTS).read_text().split("#[cfg(test)]")[0])
    for it in (template, member):
        yield from check_policies(it, root)
        yield from check_trust(it)
    for role in ("QueryHandlerRole", "DataManagementHandlerRole", "ReadHandlerRole"):
        if role not in template["Resources"]:
            yield f"{role}: is missing"
    if "ExternalId" not in member.get("Parameters", {}):
        yield "ExternalId: is no parameter of the member account's template"


def main(arguments):
    paths = arguments or [INFRA / "template.yaml", INFRA / "member-account.yaml", INFRA / "sync.asl.json"]
    if len(paths) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    template, member, definition = paths
    findings = list(check_all(load(template), load(member), Path(definition).read_text()))
    print("\n".join(findings) or f"{len(CALLS)} grants; no finding")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
