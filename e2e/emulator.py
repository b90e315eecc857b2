"""ministack, an AWS emulator: started in an environment of its own, stopped without a trace."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import boto3
from botocore.config import Config

REGION = "us-east-1"
HUB = "111111111111"


class Emulator:
    """Use as a context. It listens on the loopback interface only."""

    def __init__(self, scratch):
        self.home = Path(scratch) / "emulator"
        self.log = self.home / "log"
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        (self.home / "tmp").mkdir(parents=True)
        program = Path(sys.executable).with_name("ministack")
        with open(self.log, "w") as log:
            self.process = subprocess.Popen([program], stdout=log, stderr=log, env=self.environment())
        try:
            self._wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def environment(self):
        # Functions inherit it, so nothing of the machine's own may be in it, credentials least.
        home = str(self.home)
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": home, "TMPDIR": f"{home}/tmp",
            "STATE_DIR": f"{home}/state", "S3_DATA_DIR": f"{home}/s3",
            "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(self.port),
            "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0",
            "AUTH": "true", "MINISTACK_ACCOUNT_ID": HUB,
        }

    def _wait_until_ready(self):
        for _ in range(300):
            if self.process.poll() is not None:
                raise RuntimeError(f"the emulator ended at once:\n{self.log.read_text()[-2000:]}")
            try:
                with urllib.request.urlopen(f"{self.endpoint}/_ministack/health", timeout=5):
                    return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"the emulator did not start in time:\n{self.log.read_text()[-2000:]}")

    def __exit__(self, *_):
        stop(self.process)
        # The functions' processes are its children. One that outlived it would be left behind.
        for pid in self.function_processes():
            os.kill(pid, signal.SIGKILL)

    def client(self, service, account=HUB, region=REGION):
        """A client of the root of an account: the emulator takes 12 digits for its access key."""
        config = Config(retries={"max_attempts": 2}, read_timeout=900)
        return boto3.client(service, endpoint_url=self.endpoint, region_name=region,
                            aws_access_key_id=account, aws_secret_access_key="test", config=config)

    def function_processes(self, name=None):
        """Process ids of functions that are warm."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                variables = (entry / "environ").read_bytes().split(b"\0")
            except OSError:
                continue
            names = [it.split(b"=", 1)[1].decode() for it in variables
                     if it.startswith(b"AWS_LAMBDA_FUNCTION_NAME=")]
            ours = f"STATE_DIR={self.home}/state".encode() in variables
            if ours and names and name in (None, names[0]):
                found.append(int(entry.name))
        return found


def stop(process):
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port():
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        return it.getsockname()[1]
