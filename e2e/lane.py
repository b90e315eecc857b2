#!/usr/bin/env python3
"""The end-to-end lane: the sync as it runs in production, on an AWS emulator.

.ci/e2e makes the Python environment and the programs, and runs this.
"""

import argparse
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from emulator import HUB, REGION, Emulator
from handlers import Handlers
from simulator import Simulator
from steps import STACK, STEPS, Lane


def deploy_environment(scratch):
    """The environment of scripts/deploy.sh: this one, with the emulator's credentials."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {**kept, "AWS_ACCESS_KEY_ID": HUB, "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": REGION,
            "TMPDIR": scratch, "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


def run(lane):
    for number, step in enumerate(STEPS):
        started = time.monotonic()
        said = step(lane)
        sentence = step.__name__.replace("_", " ")
        print(f"ok  {sentence}{': ' + said if said else ''} ({time.monotonic() - started:.1f} s)", flush=True)
    return number + 1


def last_words(lane):
    """What helps to find out why a step failed."""
    for name in (lane.simulator.log, lane.emulator.log):
        if name.is_file():
            print(f"-- end of {name.name}\n{name.read_text()[-1500:]}", file=sys.stderr)
    try:
        logged = lane.emulator.client("logs").filter_log_events(
            logGroupName=f"/aws/lambda/{STACK}-query-handler")["events"]
        print("-- end of query-handler's log", file=sys.stderr)
        for event in logged[-15:]:
            print(event["message"][:1000], file=sys.stderr)
    except Exception as error:  # the failure itself matters more
        print(f"no log of query-handler: {error}", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True, help="drs-inventory, for its simulator")
    parser.add_argument("--prebuilt", type=Path, help="folder with the zips of the functions")
    options = parser.parse_args()
    # A `with` ends properly on SIGTERM, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory() as scratch, Emulator(scratch) as emulator:
        options.deploy_environment = deploy_environment(scratch)
        with Simulator(options.program, scratch, emulator) as simulator:
            lane = Lane(emulator, simulator, Handlers(emulator, STACK), options)
            try:
                passed = run(lane)
            except BaseException:
                last_words(lane)
                raise
    print(f"\nend-to-end: {passed} passed, 0 failed")


if __name__ == "__main__":
    main()
