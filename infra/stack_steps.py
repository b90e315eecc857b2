"""The templates that lead from a deployed stack to a new template, one update after the other.

CloudFormation refuses an update that makes or deletes two indexes of one table, because DynamoDB
takes them one at a time: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html
A table that is new gets all its indexes at once.

A new table is protected against deletion only by the update after the one that makes it. Else
CloudFormation could not take it away again where that one fails, and it would be in the way of the
next try.

A new table is made under its name in full: only then CloudFormation takes over one that is there already.
Such a table is as the template says from the start, so that no update has to touch it.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
"""

import copy
import json

import yaml

import check_policies


def parse(body):
    """A template as boto3 or a file has it: YAML, JSON, or read already."""
    if isinstance(body, str):
        return yaml.load(body, check_policies.Loader)  # noqa: S506: a SafeLoader
    return json.loads(json.dumps(body))


def steps(template, deployed, prefix, adopted=()):
    """The last is `template`. `deployed` is the template of the stack; empty where there is none. `adopted`
    are the tables that are there already, by their logical ids."""
    found = [next_step(template, deployed, prefix, adopted)]
    while found[-1] != template:
        found.append(next_step(template, found[-1], prefix, adopted))
    return found


def changed_tables(step, deployed):
    """The tables that an update changes; DynamoDB refuses it while an index of theirs is built."""
    before, after = tables(deployed), tables(step)
    return sorted(name for name in before.keys() & after.keys() if before[name] != after[name])


def next_step(template, deployed, prefix, adopted):
    """`template`, with as much of each table as one update may change."""
    step, before = copy.deepcopy(template), tables(deployed)
    for name, table in tables(step).items():
        if name not in before:
            if name not in adopted:
                table.pop("DeletionProtectionEnabled", None)
            table["TableName"] = table_name(table, prefix)
        elif beside_indexes(before[name]) != beside_indexes(table):
            set_indexes(table, before[name], before[name].get("GlobalSecondaryIndexes", []))
        else:
            set_indexes(table, before[name], one_index_changed(table, before[name]))
    return step


def tables(template):
    return check_policies.of_type({"Resources": {}, **template}, "AWS::DynamoDB::Table")


def table_name(table, prefix):
    """In full. The template has it as `!Sub "${Prefix}-..."`."""
    name = table["TableName"]
    return name["Fn::Sub"].replace("${Prefix}", prefix) if isinstance(name, dict) else name


def beside_indexes(table):
    """What DynamoDB changes by a call of its own, which it refuses while an index is built."""
    return {key: value for key, value in table.items()
            if key not in ("GlobalSecondaryIndexes", "AttributeDefinitions")}


def by_name(table):
    return {index["IndexName"]: index for index in table.get("GlobalSecondaryIndexes", [])}


def one_index_changed(table, before):
    """The indexes after one deletion, else one creation; an index that differs is deleted first."""
    wanted, there = by_name(table), by_name(before)
    for name in there:
        if wanted.get(name) != there[name]:
            return [index for index in there.values() if index["IndexName"] != name]
    missing = [index for name, index in wanted.items() if name not in there]
    if len(missing) > 1:
        return [*there.values(), missing[0]]
    return list(wanted.values())


def set_indexes(table, before, indexes):
    """DynamoDB wants every attribute of a key defined, and no other."""
    if indexes == table.get("GlobalSecondaryIndexes", []):
        return
    table.pop("GlobalSecondaryIndexes", None)
    if indexes:
        table["GlobalSecondaryIndexes"] = indexes
    used = {part["AttributeName"] for holder in (table, *indexes) for part in holder["KeySchema"]}
    defined = {it["AttributeName"]: it
               for it in before["AttributeDefinitions"] + table["AttributeDefinitions"]}
    table["AttributeDefinitions"] = [it for name, it in defined.items() if name in used]
