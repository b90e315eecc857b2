"""The bucket of the functions' zips, of the state machine's definition and of large templates.

What no stack names any more is marked, and the bucket's life cycle takes it away. A zip that is named is
never marked: one is looked at a day after it was uploaded at the earliest, so that of a deployment under
way elsewhere is left alone, and each deployment uploads what it names anew.
"""

import datetime
import hashlib
import json
import zipfile
from pathlib import Path

from botocore.exceptions import ClientError

from deployment.aws import Failed

# The zip of each function, and the parameter of its key.
ZIPS = {"query-handler": "QueryHandlerKey", "data-management-handler": "DataManagementHandlerKey",
        "read-handler": "ReadHandlerKey"}
DEFINITION = "SyncDefinitionKey"
# Begin the keys of what is marked when it is no longer named.
MARKED = (*(f"{name}/" for name in ZIPS), "signed/", "sync/")
UNUSED = {"Key": "drs-inventory", "Value": "unused"}
DAYS_KEPT = 90
RULES = [
    {"ID": "drs-inventory-earlier-versions", "Status": "Enabled", "Filter": {"Prefix": ""},
     "NoncurrentVersionExpiration": {"NoncurrentDays": DAYS_KEPT},
     "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}},
    # Becomes an earlier version, which is kept for its time.
    {"ID": "drs-inventory-unused", "Status": "Enabled", "Filter": {"Tag": UNUSED}, "Expiration": {"Days": 1}},
    # CloudFormation has its own copy.
    {"ID": "drs-inventory-templates", "Status": "Enabled", "Filter": {"Prefix": "templates/"},
     "Expiration": {"Days": 30}},
]
TLS_ONLY = "DrsInventoryTlsOnly"


def package(aws, args):
    """Uploads the zips and the state machine's definition, and prints the parameters that name them."""
    zips = {name: Path(args.zips) / f"{name}.zip" for name in ZIPS}
    definition = Path(args.definition)
    for path in [*zips.values(), definition]:
        if not path.is_file():
            raise Failed(f"{path} is not there")
    s3, account = aws.client("s3"), aws.account()
    bucket = args.bucket or own_bucket(aws, account)
    if not args.bucket:
        make_bucket(s3, bucket, aws, account)
    print(f"ArtifactBucket={bucket}")

    def put(parameter, key, path):
        s3.put_object(Bucket=bucket, Key=key, Body=path.read_bytes(), ExpectedBucketOwner=account)
        print(f"{parameter}={key}")

    for name, path in zips.items():
        put(ZIPS[name], f"{name}/{content_hash(path)}.zip", path)
    put(DEFINITION, f"sync/{hashlib.sha256(definition.read_bytes()).hexdigest()}.asl.json", definition)


def own_bucket(aws, account):
    return f"drs-inventory-artifacts-{account}-{aws.region}"


def content_hash(path):
    """Of what is in the zip: unchanged code is no change of the stack. A zip also has times in it."""
    digest = hashlib.sha256()
    with zipfile.ZipFile(path) as it:
        for entry in sorted(it.infolist(), key=lambda entry: entry.filename):
            digest.update(f"{entry.filename} {entry.external_attr} {entry.file_size} ".encode())
            digest.update(it.read(entry))
    return digest.hexdigest()


def make_bucket(s3, bucket, aws, account):
    """One that is there already, and is this account's, gets the same settings; rules of others stay."""
    where = {} if aws.region == "us-east-1" else {
        "CreateBucketConfiguration": {"LocationConstraint": aws.region}}
    try:
        s3.create_bucket(Bucket=bucket, **where)
    except s3.exceptions.BucketAlreadyOwnedByYou:
        pass
    of_it = {"Bucket": bucket, "ExpectedBucketOwner": account}
    s3.put_public_access_block(**of_it, PublicAccessBlockConfiguration={
        "BlockPublicAcls": True, "IgnorePublicAcls": True,
        "BlockPublicPolicy": True, "RestrictPublicBuckets": True})
    s3.put_bucket_encryption(**of_it, ServerSideEncryptionConfiguration={
        "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]})
    s3.put_bucket_versioning(**of_it, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_lifecycle_configuration(**of_it, LifecycleConfiguration={"Rules": [
        *(it for it in rules_of(s3, of_it) if it.get("ID") not in [ours["ID"] for ours in RULES]), *RULES]})
    s3.put_bucket_policy(**of_it, Policy=json.dumps({"Version": "2012-10-17", "Statement": [
        *(it for it in statements_of(s3, of_it) if it.get("Sid") != TLS_ONLY), tls_only(s3, bucket)]}))


def rules_of(s3, of_it):
    return there(lambda: s3.get_bucket_lifecycle_configuration(**of_it)["Rules"], "NoSuchLifecycleConfiguration")


def statements_of(s3, of_it):
    return there(lambda: json.loads(s3.get_bucket_policy(**of_it)["Policy"])["Statement"], "NoSuchBucketPolicy")


def there(read, missing):
    """A list that a bucket has; empty where S3 says that it has none."""
    try:
        return read()
    except ClientError as error:
        if error.response["Error"]["Code"] == missing:
            return []
        raise


def tls_only(s3, bucket):
    arn = f"arn:{s3.meta.partition}:s3:::{bucket}"
    return {"Sid": TLS_ONLY, "Effect": "Deny", "Principal": "*", "Action": "s3:*",
            "Resource": [arn, f"{arn}/*"], "Condition": {"Bool": {"aws:SecureTransport": "false"}}}


def mark_unused(aws, bucket):
    """Of the installation's own bucket: what no stack of account and region names."""
    account = aws.account()
    if bucket != own_bucket(aws, account):
        return
    s3, named = aws.client("s3"), names(aws, bucket)
    of_it = {"Bucket": bucket, "ExpectedBucketOwner": account}
    yesterday = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    for prefix in MARKED:
        for page in s3.get_paginator("list_objects_v2").paginate(**of_it, Prefix=prefix):
            for it in page.get("Contents", []):
                if it["Key"] in named:
                    if UNUSED in s3.get_object_tagging(**of_it, Key=it["Key"])["TagSet"]:
                        s3.delete_object_tagging(**of_it, Key=it["Key"])
                elif it["LastModified"] < yesterday:
                    s3.put_object_tagging(**of_it, Key=it["Key"], Tagging={"TagSet": [UNUSED]})


def names(aws, bucket):
    """The keys that stacks name, whatever the stacks are called."""
    pages = aws.client("cloudformation").get_paginator("describe_stacks").paginate()
    found = set()
    for stack in (it for page in pages for it in page["Stacks"]):
        given = {it["ParameterKey"]: it.get("ParameterValue") for it in stack.get("Parameters", [])}
        if given.get("ArtifactBucket") == bucket:
            found |= {given.get(parameter) for parameter in (*ZIPS.values(), DEFINITION)}
    return found
