"""Which version of each function serves: a new one is published and tried before the alias moves to it.

The versions are parameters of the stack, so a move is an update, and what CloudFormation takes back is
served as before. A version is code and variables as they were when it was published; roles and tables
are those of now.
"""

import json

from check_policies import of_type
from deployment import change_sets, stacks
from deployment.aws import Failed

# As an HTTP API with the authorizer AWS_IAM sends it.
HTTP_HEALTH = {
    "version": "2.0", "routeKey": "GET /health", "rawPath": "/health", "rawQueryString": "",
    "headers": {"accept": "application/json"}, "isBase64Encoded": False,
    "requestContext": {
        "accountId": "anonymous", "apiId": "smoke-test", "domainName": "smoke-test", "domainPrefix": "smoke-test",
        "routeKey": "GET /health", "stage": "$default", "requestId": "smoke-test",
        "time": "01/Jan/2026:00:00:00 +0000", "timeEpoch": 1767225600000,
        "authorizer": {"iam": {"userArn": "smoke-test"}},
        "http": {"method": "GET", "path": "/health", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1",
                 "userAgent": "smoke-test"},
    },
}
HTTP_LIST = {
    **HTTP_HEALTH, "routeKey": "GET /source-servers", "rawPath": "/source-servers", "rawQueryString": "limit=1",
    "queryStringParameters": {"limit": "1"},
    "requestContext": {
        **HTTP_HEALTH["requestContext"], "routeKey": "GET /source-servers",
        "http": {**HTTP_HEALTH["requestContext"]["http"], "path": "/source-servers"}},
}
# What each function is asked before it serves: nothing that changes anything.
SMOKE = {
    "query-handler": [{"operation": "health"}, {"operation": "get_source_server_inventory", "limit": 1},
                      {"operation": "get_overview"}],
    "data-management-handler": [{"operation": "list_protection_groups"}],
    "read-handler": [HTTP_HEALTH, HTTP_LIST],
}
ALARM = "live-errors"
VERSIONS_KEPT = 10
# Said each time: CloudFormation keeps the triggers of the update before.
UNWATCHED = {"RollbackTriggers": [], "MonitoringTimeInMinutes": 0}


def aliases(template):
    """Logical id of each function that has an alias -> the parameter of its version."""
    return {it["FunctionName"]["Ref"]: it["FunctionVersion"]["Ref"]
            for it in of_type({"Resources": {}, **template}, "AWS::Lambda::Alias").values()}


def before(parameter):
    return f"{parameter}Before"


def keep_serving(aws, stack, template, deployed):
    """Parameters that let what runs now serve on, in a stack from before there were aliases."""
    functions = of_type({"Resources": {}, **deployed}, "AWS::Lambda::Function")
    return {parameter: publish(aws, stacks.physical_id(aws, stack, function))
            for function, parameter in aliases(template).items()
            if function in functions and function not in aliases(deployed)}


def publish(aws, function):
    """The number of the version that is what the function is now. Lambda makes none where nothing changed."""
    client = aws.client("lambda")
    client.get_waiter("function_updated_v2").wait(FunctionName=function)
    version = client.publish_version(FunctionName=function)["Version"]
    client.get_waiter("function_active_v2").wait(FunctionName=f"{function}:{version}")
    return version


def release(aws, args, stack):
    """Publishes, tries, and lets serve. False where the versions that serve are what the functions are now."""
    template = stacks.template(aws, stack)
    names = {parameter: stacks.physical_id(aws, stack, function)
             for function, parameter in aliases(template).items()}
    serving = {parameter: version_that_serves(aws, function) for parameter, function in names.items()}
    versions = {parameter: publish(aws, function) for parameter, function in names.items()}
    replaced = {before(it): "none" if number == "$LATEST" else number for it, number in serving.items()}
    try:
        for parameter, function in names.items():
            smoke_test(aws, function, versions[parameter])
        changes = {**versions, **replaced}
        if versions == serving or not move(aws, args, stack, template, changes, watch(aws, args, stack)):
            return False
    except Failed as error:
        raise Failed(f"{error}. {what_serves(aws, names.values())}") from error
    for parameter, function in names.items():
        delete_early_versions(aws, function, {versions[parameter], replaced[before(parameter)]})
    return True


def version_that_serves(aws, function):
    """As the alias says, which somebody may have moved by hand."""
    return aws.client("lambda").get_alias(FunctionName=function, Name="live")["FunctionVersion"]


def is_what_serves(aws, stack, template):
    """Whether the code of each function is that of its alias. It is not after a release that failed or was taken
    back."""
    client = aws.client("lambda")
    names = [stacks.physical_id(aws, stack, function) for function in aliases(template)]
    code = [(client.get_function_configuration(FunctionName=name)["CodeSha256"],
             client.get_function_configuration(FunctionName=name, Qualifier="live")["CodeSha256"]) for name in names]
    return all(newest == live for newest, live in code)


def delete_early_versions(aws, function, needed):
    """Each has a copy of the code, and Lambda has room for 75 GB of it in a region. Source: Lambda quotas."""
    client = aws.client("lambda")
    pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=function)
    numbers = sorted((int(it["Version"]) for page in pages for it in page["Versions"] if it["Version"] != "$LATEST"))
    for number in numbers[:-VERSIONS_KEPT]:
        if str(number) not in needed:
            client.delete_function(FunctionName=function, Qualifier=str(number))


def what_serves(aws, functions):
    """As Lambda says now. Of a stack's first release, $LATEST: there is none before it."""
    numbers = {it: version_that_serves(aws, it) for it in functions}
    return f"Serving now: {', '.join(f'{function} version {number}' for function, number in numbers.items())}"


def roll_back(aws, args, stack):
    """Lets the versions of before serve, and remembers those of now as the ones before."""
    current, template = stacks.find(aws, stack), stacks.template(aws, stack)
    if stacks.is_new(current) or not aliases(template):
        raise Failed(f"{stack} has no versions to go back to")
    stacks.refuse_unless_changeable(current)
    kept, given = stacks.parameters(current), {}
    for parameter in aliases(template).values():
        if kept[before(parameter)] == "none":
            raise Failed(f"{stack} has had one release, so there is none to go back to")
        given |= {parameter: kept[before(parameter)], before(parameter): kept[parameter]}
    # Not watched: the alarm may still ring for the version that is left.
    if not move(aws, args, stack, template, given, UNWATCHED):
        raise Failed(f"the last release of {stack} changed no function, so there is nothing to go back to")
    print("The next deployment brings what is in the functions now, so correct it before.")


def move(aws, args, stack, template, given, watched):
    return change_sets.change(aws, args, stack, given, template["Parameters"], f"what serves in {stack}",
                              UsePreviousTemplate=True, RollbackConfiguration=watched)


def watch(aws, args, stack):
    """CloudFormation takes a move back where this alarm rings meanwhile. One that rings already would take
    back the release that mends it."""
    if not args.watch:
        return UNWATCHED
    alarm = f"{stack}-{ALARM}"
    found = aws.client("cloudwatch").describe_alarms(AlarmNames=[alarm])["MetricAlarms"]
    if not found or found[0]["StateValue"] == "ALARM":
        print(f"not watching: the alarm {alarm} {'rings already' if found else 'is not there'}")
        return UNWATCHED
    print(f"CloudFormation watches the alarm {alarm} for {args.watch} min, and takes the move back where it rings")
    return {"RollbackTriggers": [{"Arn": found[0]["AlarmArn"], "Type": "AWS::CloudWatch::Alarm"}],
            "MonitoringTimeInMinutes": args.watch}


def smoke_test(aws, function, version):
    """Asks one version for its health and for a list."""
    kind = next(kind for kind in SMOKE if function.endswith(f"-{kind}"))
    for event in SMOKE[kind]:
        answer = aws.client("lambda").invoke(FunctionName=function, Qualifier=version, Payload=json.dumps(event))
        text = answer["Payload"].read().decode()
        asked = event.get("routeKey") or event["operation"]
        print(f"{function} version {version}, {asked}: {text[:160]}", flush=True)
        refuse_bad_answer(f"{function} version {version}, asked for {asked},", text, answer.get("FunctionError"))


def refuse_bad_answer(who, text, function_error):
    try:
        body = json.loads(text)
        if isinstance(body, dict) and "body" in body:
            body = {"error": text} if body.get("statusCode") != 200 else json.loads(body["body"])
    except ValueError:
        body = None
    if function_error or not isinstance(body, dict) or "error" in body:
        raise Failed(f"{who} answered {text[:500]}")
    if body.get("status", "healthy") != "healthy":
        raise Failed(f"{who} is {body['status']}: {body.get('problems')}")
