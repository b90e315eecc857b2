"""The DRS simulator beside the emulator, which does not know DRS."""

import re
import subprocess
import time
from pathlib import Path

from emulator import stop


class Simulator:
    """Use as a context. It asks the emulator whose key a request is signed with."""

    def __init__(self, program, scratch, emulator):
        self.program, self.emulator = program, emulator
        self.world = Path(scratch) / "world.json"
        self.log = Path(scratch) / "simulator.log"
        self.process, self.endpoint = None, None

    def __enter__(self):
        return self

    def restart(self):
        """Serves what is in the world file now, at the same place."""
        if self.process:
            stop(self.process)
        port = self.endpoint.rsplit(":", 1)[1] if self.endpoint else "0"
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                [self.program, "sim", "--world", self.world, "--port", port,
                 "--accounts-from", self.emulator.endpoint], stdout=log, stderr=log)
        for _ in range(100):
            found = re.search(r"serving .* on (http://[0-9.:]+)", self.log.read_text())
            if found:
                self.endpoint = found[1]
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError(f"the simulator did not start:\n{self.log.read_text()[-2000:]}")

    def __exit__(self, *_):
        if self.process:
            stop(self.process)
