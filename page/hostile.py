"""A world whose host names, tags and messages are written by somebody who means harm."""

SCRIPT = '"><script>window.broken = 1</script><img src=x onerror="window.broken = 1">'
BIDI = "evil\u202egnp.exe\u2066\u2069"
FORMULA = "=cmd|' /C calc'!A0"
LONG = "n" * 255
ESCAPE = "web\u001b[2J\u0007-01"
NAMES = [SCRIPT, BIDI, FORMULA, LONG, ESCAPE, "", "'\"&lt;b>", "javascript:window.broken=1", "+1", "@SUM(1)"]
ACCOUNT, OTHER = "222222222222", "333333333333"
ROLE = "arn:aws:iam::{}:role/DRSOrchestrationRole"
ACCOUNT_NAMES = {ACCOUNT: "<b onclick=alert(1)>payments</b>", OTHER: BIDI}
GROUP = '</title><script>window.broken = 1</script>'


def server(number, name):
    id = f"s-{number:017x}"
    instance = f"i-{number:017x}"
    return {
        "sourceServerID": id,
        "arn": f"arn:aws:drs:us-east-1:{ACCOUNT}:source-server/{id}",
        "tags": {"Name": name, SCRIPT: SCRIPT},
        "sourceProperties": {
            "identificationHints": {"hostname": name, "fqdn": f"{name}.example", "awsInstanceID": instance},
            "os": {"fullString": SCRIPT}, "cpus": [{"cores": 2, "modelName": SCRIPT}], "ramBytes": 4294967296,
            "disks": [{"deviceName": "/dev/xvda", "bytes": 8589934592}], "networkInterfaces": [],
            "lastUpdatedDateTime": "@-2m",
        },
        "sourceCloudProperties": {"originAccountID": ACCOUNT, "originRegion": "us-east-1"},
        "stagingArea": {"stagingAccountID": ACCOUNT, "status": "EXTENDED"},
        "dataReplicationInfo": {
            "dataReplicationState": ["CONTINUOUS", "STALLED", "DISCONNECTED", SCRIPT][number % 4],
            "lagDuration": "PT30M",
            "dataReplicationError": {"error": "AGENT_NOT_SEEN", "rawError": SCRIPT},
        },
        "lifeCycle": {"lastSeenByServiceDateTime": "@-2m"},
    }


def instance(number):
    tags = [{"Key": "Name", "Value": SCRIPT}, {"Key": FORMULA, "Value": BIDI}]
    if number == 1:
        # More than DynamoDB takes into an item, with 400 KB.
        tags += [{"Key": f"tag-{it:04}", "Value": "v" * 250} for it in range(1500)]
    return {"InstanceId": f"i-{number:017x}", "VpcId": "vpc-1", "SubnetId": "subnet-1",
            "InstanceType": "m5.large", "State": {"Name": "running"}, "Tags": tags}


def world():
    servers = [server(number, name) for number, name in enumerate(NAMES, 1)]
    fault = {"status": 403, "code": "AccessDeniedException", "message": f"{SCRIPT} {BIDI} is not authorized"}
    accounts = {id: {"roles": {"DRSOrchestrationRole": {}}, "drs": {}, "ec2": {}} for id in (ACCOUNT, OTHER)}
    accounts[ACCOUNT]["drs"]["us-east-1"] = {"sourceServers": servers}
    accounts[ACCOUNT]["ec2"]["us-east-1"] = {"instances": [instance(number) for number in range(1, len(NAMES) + 1)]}
    accounts[OTHER]["drs"]["us-east-1"] = {"fault": fault}
    return {"hubAccountId": "111111111111", "accounts": accounts,
            "targetAccounts": [{"accountId": id, "roleArn": ROLE.format(id)} for id in (ACCOUNT, OTHER)]}
