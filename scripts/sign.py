#!/usr/bin/env python3
"""Has AWS Signer sign the zips that `deploy_stack.py package` put into the bucket.

Reads what that printed on stdin and prints it again, with the keys of the signed zips in place of theirs.
A zip that the same version of the profile has signed before is not signed again: unchanged code stays no
change of the stack.

Usage: sign.py --profile NAME [--endpoint URL] < PARAMETERS
"""

import argparse
import os
import sys
from pathlib import PurePosixPath

import boto3
from botocore.exceptions import BotoCoreError, ClientError, WaiterError

SIGNED_HERE = "HandlerKey"
# Signer takes seconds for a zip of some megabytes.
WAIT = {"Delay": 3, "MaxAttempts": 100}


class Failed(Exception):
    """What went wrong, in one sentence."""


def sign_all(signer, s3, profile, lines):
    """The lines, a signed zip's key in place of each function's."""
    bucket = dict(it.partition("=")[::2] for it in lines).get("ArtifactBucket")
    if not bucket:
        raise Failed("stdin has no line ArtifactBucket=NAME; give it what `deploy_stack.py package` prints")
    version = profile_version(signer, profile)
    for line in lines:
        name, _, value = line.partition("=")
        yield f"{name}={signed(signer, s3, profile, version, bucket, value)}" if name.endswith(SIGNED_HERE) else line


def profile_version(signer, profile):
    found = signer.get_signing_profile(profileName=profile)
    if found.get("status", "Active") != "Active":
        raise Failed(f"the signing profile {profile} is {found['status']}; name one that is active")
    return found["profileVersion"]


def signed(signer, s3, profile, version, bucket, key):
    """The key of the signed zip, made where there is none yet."""
    prefix = f"signed/{version}/{PurePosixPath(key).with_suffix('')}/"
    if there := s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents"):
        return max(there, key=lambda it: it["LastModified"])["Key"]
    job = signer.start_signing_job(
        profileName=profile, source={"s3": {"bucketName": bucket, "key": key, "version": version_of(s3, bucket, key)}},
        destination={"s3": {"bucketName": bucket, "prefix": prefix}})["jobId"]
    try:
        signer.get_waiter("successful_signing_job").wait(jobId=job, WaiterConfig=WAIT)
    except WaiterError:
        reason = signer.describe_signing_job(jobId=job).get("statusReason", "it took too long")
        raise Failed(f"the signing job {job} of {key} did not end well: {reason}") from None
    return signer.describe_signing_job(jobId=job)["signedObject"]["s3"]["key"]


def version_of(s3, bucket, key):
    version = s3.head_object(Bucket=bucket, Key=key).get("VersionId")
    if not version:
        raise Failed(f"the bucket {bucket} keeps no versions, which AWS Signer needs: "
                     f"aws s3api put-bucket-versioning --bucket {bucket} --versioning-configuration Status=Enabled")
    return version


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profile", required=True, help="of AWS Signer, for the platform AWSLambda-SHA384-ECDSA")
    parser.add_argument("--endpoint", help="an emulator in place of AWS")
    args = parser.parse_args()
    # boto3 alone does not read AWS_REGION, which every other SDK does.
    region = os.environ.get("AWS_REGION") or boto3.Session().region_name
    try:
        if not region:
            raise Failed("no region is set: set AWS_REGION")
        signer, s3 = (boto3.client(it, region_name=region, endpoint_url=args.endpoint) for it in ("signer", "s3"))
        # All or nothing: half a list would deploy code of two releases.
        print("\n".join(list(sign_all(signer, s3, args.profile, sys.stdin.read().splitlines()))))
    except (Failed, BotoCoreError, ClientError) as error:
        print(f"sign: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
