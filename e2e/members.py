"""The member accounts: roles from the real template, real instances, DRS servers that name them."""

from emulator import HUB, REGION

PAYMENTS, STAGING, WEB, BIG = "222222222222", "333333333333", "444444444444", "555555555555"
ROLE = "DRSOrchestrationRole"
# Accounts that the state machine syncs beside the first three: twenty in all.
FLEET = [f"6000000000{number:02}" for number in range(1, 18)]
SERVERS_OF_FLEET = 3
# The one of them whose role cannot be assumed.
BROKEN = FLEET[8]
# The account of an installation from before there was a ledger.
EARLIER = "777777777777"
SERVERS_OF_EARLIER = 7
EXTERNAL_IDS = {account: f"external-id-of-{account}"
                for account in (PAYMENTS, STAGING, WEB, BIG, EARLIER, *FLEET)}
MANY = 3000
# Servers of the hub itself, which is no target here: the suite for real AWS asks for them.
OF_HUB = 50


def role_arn(account):
    return f"arn:aws:iam::{account}:role/{ROLE}"


def create_roles(emulator, template, hub_roles):
    """The stacks that an administrator deploys in member accounts. `hub_roles`: account -> the role
    that it trusts."""
    for account, hub_role in hub_roles.items():
        parameters = {"HubAccountId": HUB, "HubRoleName": hub_role,
                      "ExternalId": EXTERNAL_IDS[account], "RoleName": ROLE}
        emulator.client("cloudformation", account).create_stack(
            StackName="member", TemplateBody=template, Capabilities=["CAPABILITY_NAMED_IAM"],
            Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()])
    for account in hub_roles:
        emulator.client("cloudformation", account).get_waiter("stack_create_complete").wait(
            StackName="member", WaiterConfig={"Delay": 1})


def run_instance(emulator, account, region, name):
    """An instance with a network and tags, as EC2 itself tells of it."""
    ec2 = emulator.client("ec2", account, region)
    subnet = ec2.describe_subnets()["Subnets"][0]
    group = ec2.create_security_group(GroupName=name, Description=name, VpcId=subnet["VpcId"])
    image = ec2.describe_images()["Images"][0]["ImageId"]
    instance = ec2.run_instances(
        ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1,
        SubnetId=subnet["SubnetId"], SecurityGroupIds=[group["GroupId"]],
        TagSpecifications=[{"ResourceType": "instance", "Tags": [
            {"Key": "Name", "Value": name}, {"Key": "tier", "Value": f"{account} & co"}]}],
    )["Instances"][0]
    told = ec2.describe_instances(InstanceIds=[instance["InstanceId"]])
    return told["Reservations"][0]["Instances"][0]


def source_server(account, region, number, *, name, origin=None, origin_region=None,
                  staging=None, instance=None):
    """A DRS source server. `instance` is its id, if the server is an EC2 instance."""
    server_id = f"s-{number:017x}"
    hints = {"hostname": name, "fqdn": f"{name}.example.com"}
    if instance:
        hints["awsInstanceID"] = instance
    return {
        "sourceServerID": server_id,
        "arn": f"arn:aws:drs:{region}:{account}:source-server/{server_id}",
        "agentVersion": "6.5.1",
        "tags": {"Name": name},
        "dataReplicationInfo": {"dataReplicationState": "CONTINUOUS", "lagDuration": "PT2M"},
        "lifeCycle": {"lastSeenByServiceDateTime": "2026-11-01T10:00:00.000000+00:00"},
        "stagingArea": {"status": "EXTENDED" if staging else "NOT_EXTENDED",
                        "stagingAccountID": staging or account},
        "sourceCloudProperties": {"originAccountID": origin or account,
                                  "originRegion": origin_region or region},
        "sourceProperties": {
            "identificationHints": hints,
            "cpus": [{"modelName": "Xeon", "cores": 4}],
            "disks": [{"deviceName": "/dev/sda1", "bytes": 107374182400},
                      {"deviceName": "/dev/sdb", "bytes": 1099511627776}],
            "ramBytes": 17179869184,
            "networkInterfaces": [{"macAddress": "0a:00:00:00:00:01",
                                   "ips": [f"10.1.{number // 256 % 256}.{number % 256}"],
                                   "isPrimary": True}],
            "os": {"fullString": "Amazon Linux 2023"},
        },
    }


def make_world(instances):
    """What the simulator serves. `instances`: name -> instance of EC2."""
    ids = {name: instance["InstanceId"] for name, instance in instances.items()}
    many = [source_server(BIG, REGION, 0x1000 + n, name=f"many-{n}", instance=f"i-{n:017x}")
            for n in range(MANY)]
    drs = {
        PAYMENTS: {
            REGION: [source_server(PAYMENTS, REGION, 1, name="pay-db", instance=ids["pay-db"])],
            "eu-west-1": [source_server(PAYMENTS, "eu-west-1", 2, name="pay-eu", instance=ids["pay-eu"])],
        },
        STAGING: {
            # A server of the target that replicates through its staging account, and one of its own.
            REGION: [source_server(STAGING, REGION, 3, name="pay-app", origin=PAYMENTS,
                                   staging=STAGING, instance=ids["pay-app"]),
                     source_server(STAGING, REGION, 4, name="stage", instance=ids["stage"])],
        },
        WEB: {
            REGION: [source_server(WEB, REGION, 5, name="web", instance=ids["web"]),
                     source_server(WEB, REGION, 6, name="on-premises")],
        },
        BIG: {REGION: many},
        EARLIER: {REGION: [source_server(EARLIER, REGION, 0x200 + n, name=f"earlier-{n}")
                           for n in range(SERVERS_OF_EARLIER)]},
        HUB: {REGION: [source_server(HUB, REGION, 0x100 + n, name=f"hub-{n}") for n in range(OF_HUB)]},
    }
    for number, account in enumerate(FLEET):
        drs[account] = {REGION: [
            source_server(account, REGION, 0x4000 + 16 * number + n, name=f"fleet-{number}-{n}")
            for n in range(SERVERS_OF_FLEET)]}
    accounts = {
        account: {"drs": {region: {"pageSize": 200, "sourceServers": servers}
                          for region, servers in regions.items()}}
        for account, regions in drs.items()
    }
    accounts[HUB]["drs"]["me-south-1"] = {"fault": {
        "status": 403, "code": "UnrecognizedClientException", "message": "not enabled"}}
    return {"hubAccountId": HUB, "accounts": accounts}


# name -> (account, region) of the instances that EC2 is asked for.
INSTANCES = {"pay-db": (PAYMENTS, REGION), "pay-eu": (PAYMENTS, "eu-west-1"),
             "pay-app": (PAYMENTS, REGION), "stage": (STAGING, REGION), "web": (WEB, REGION)}
