#!/usr/bin/env python3
"""scripts/sign.py against the emulator's AWS Signer. Its signed object is a receipt and no zip, so no
function is made of it."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parent
sys.path.insert(0, str(SCRIPTS.parent / "e2e"))
from emulator import HUB, REGION, Emulator  # noqa: E402

PROFILE = "drs_inventory"
BUCKET = "artifacts"
CODE = "ArtifactBucket={}\nQueryHandlerKey=query-handler/aa.zip\nReadHandlerKey=read-handler/bb.zip\n" \
       "SyncDefinitionKey=sync/cc.asl.json\n"


class Sign(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.emulator = cls.enterClassContext(Emulator(scratch))
        cls.signer, cls.s3 = cls.emulator.client("signer"), cls.emulator.client("s3")
        cls.signer.put_signing_profile(profileName=PROFILE, platformId="AWSLambda-SHA384-ECDSA")
        for bucket in (BUCKET, "unversioned"):
            cls.s3.create_bucket(Bucket=bucket)
            if bucket == BUCKET:
                cls.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
            for key in ("query-handler/aa.zip", "read-handler/bb.zip", "sync/cc.asl.json"):
                cls.s3.put_object(Bucket=bucket, Key=key, Body=b"PK")

    def sign(self, bucket=BUCKET, profile=PROFILE, code=CODE):
        environment = {"PATH": os.environ["PATH"], "AWS_ACCESS_KEY_ID": HUB, "AWS_SECRET_ACCESS_KEY": "test",
                       "AWS_REGION": REGION}
        return subprocess.run(
            [sys.executable, SCRIPTS / "sign.py", "--profile", profile, "--endpoint", self.emulator.endpoint],
            input=code.format(bucket), env=environment, text=True, capture_output=True)

    def jobs(self):
        return self.signer.list_signing_jobs()["jobs"]

    def test_1_functions_are_signed_and_the_rest_stays(self):
        done = self.sign()
        self.assertEqual(done.returncode, 0, done.stderr)
        said = dict(line.split("=", 1) for line in done.stdout.split())
        version = self.signer.get_signing_profile(profileName=PROFILE)["profileVersion"]
        self.assertEqual((said["ArtifactBucket"], said["SyncDefinitionKey"]), (BUCKET, "sync/cc.asl.json"))
        for name, source in (("QueryHandlerKey", "query-handler/aa"), ("ReadHandlerKey", "read-handler/bb")):
            self.assertRegex(said[name], f"^signed/{version}/{source}/[0-9a-f-]+\\.zip$")
            self.s3.head_object(Bucket=BUCKET, Key=said[name])
        self.assertEqual(len(self.jobs()), 2)
        # Again: nothing is signed anew, so the stack sees no change.
        again = self.sign()
        self.assertEqual(again.stdout, done.stdout)
        self.assertEqual(len(self.jobs()), 2)

    def test_2_a_profile_that_is_not_there_is_named(self):
        done = self.sign(profile="not_there")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("not_there", done.stderr)

    def test_3_a_bucket_without_versions_is_refused(self):
        done = self.sign(bucket="unversioned")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("put-bucket-versioning --bucket unversioned", done.stderr)

    def test_4_words_that_are_not_of_package_are_refused(self):
        done = self.sign(code="QueryHandlerKey=query-handler/aa.zip\n")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("ArtifactBucket", done.stderr)


if __name__ == "__main__":
    unittest.main()
