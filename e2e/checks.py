"""What a row must hold, from what DRS and EC2 say."""


def expect(condition, sentence, *facts):
    if not condition:
        raise AssertionError(" ".join([sentence, *map(repr, facts)]))


def expect_equal(actual, expected, sentence):
    expect(actual == expected, f"{sentence}: it is", actual, "and should be", expected)


def network_of(instance):
    return {
        "vpcId": instance["VpcId"], "subnetId": instance["SubnetId"],
        "privateIp": instance["PrivateIpAddress"],
        "securityGroups": [group["GroupId"] for group in instance["SecurityGroups"]],
        "instanceProfile": instance.get("IamInstanceProfile", {}).get("Arn", ""),
    }


def tags_of(instance):
    return {tag["Key"]: tag["Value"] for tag in instance["Tags"]}


def expect_rows(rows, world, instances, accounts):
    """Every server of the world's accounts is there, with all that DRS and EC2 know of it."""
    servers = {server["sourceProperties"]["identificationHints"]["hostname"]: (region, server)
               for account in accounts
               for region, it in world["accounts"][account]["drs"].items()
               for server in it["sourceServers"]}
    expect_equal(sorted(rows), sorted(servers), "the servers of the inventory")
    for name, (region, server) in servers.items():
        row, cloud = rows[name], server["sourceCloudProperties"]
        instance_id = server["sourceProperties"]["identificationHints"].get("awsInstanceID", "")
        for attribute, value in [
            ("sourceServerArn", server["arn"]),
            ("sourceServerID", server["sourceServerID"]),
            ("stagingAccountId", server["stagingArea"]["stagingAccountID"]),
            ("sourceAccountId", cloud["originAccountID"]),
            ("sourceRegion", cloud["originRegion"]),
            ("replicationRegion", region),
            ("replicationState", "CONTINUOUS"), ("lagDuration", "PT2M"),
            ("fqdn", f"{name}.example.com"), ("instanceId", instance_id),
            ("cpuModel", "Xeon"), ("cpuCores", 4), ("ramBytes", 17179869184),
            ("totalStorageBytes", 107374182400 + 1099511627776),
            ("osName", "Amazon Linux 2023"), ("macAddress", "0a:00:00:00:00:01"),
            ("primaryIp", server["sourceProperties"]["networkInterfaces"][0]["ips"][0]),
        ]:
            expect_equal(row.get(attribute), value, f"{name}: {attribute}")
        if instance_id:
            expect_equal(row.get("networkConfig"), network_of(instances[name]), f"{name}: networkConfig")
            expect_equal(row.get("sourceTags"), tags_of(instances[name]), f"{name}: sourceTags")
        else:
            expect("networkConfig" not in row, f"{name}: is no instance and has a networkConfig")
