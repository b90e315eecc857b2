"""Clients for one account and region, and how a step says that it failed."""

import os

import boto3


class Failed(Exception):
    """What went wrong, in one sentence, and what to do."""


class Aws:
    """Clients for the account and region of the SDK's usual settings."""

    def __init__(self, endpoint):
        # boto3 alone does not read AWS_REGION, which every other SDK does.
        region = os.environ.get("AWS_REGION") or boto3.Session().region_name
        if not region:
            raise Failed("no region is set: set AWS_REGION")
        self.region = region
        self.endpoint = endpoint

    def client(self, service):
        return boto3.client(service, region_name=self.region, endpoint_url=self.endpoint)

    def account(self):
        return self.client("sts").get_caller_identity()["Account"]
