#!/usr/bin/env python3
"""No credential reaches code of others: build scripts, macros, tests. And the same program is the same zip."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parent
ROOT = SCRIPTS.parent
sys.path.insert(0, str(ROOT / "e2e"))
from emulator import HUB, REGION, Emulator  # noqa: E402

# As it stands in no file of the checkout: whoever looks for it finds what was planted, and nothing else.
PLANTED = "planted" + "-secret"

# Stands before cargo. What it is told to test passes, and what it is told to build it makes of nothing.
RECORDER = """#!/usr/bin/env bash
{ echo "$*"; env; cat "$HOME/.aws/credentials" 2>&1; } > "RECORDS/$(date +%s%N)"
while [ $# -gt 0 ]; do
  case $1 in
    --bin=*) bins+=("${1#--bin=}") ;;
    --lambda-dir) folder=$2 ;;
  esac
  shift
done
for bin in ${bins[@]+"${bins[@]}"}; do mkdir -p "$folder/$bin"; echo made > "$folder/$bin/bootstrap"; done
"""

BUILD_SCRIPT = """
fn main() {
    let mut seen: Vec<String> = std::env::vars().map(|(name, value)| format!("{name}={value}")).collect();
    for path in [".aws/credentials", ".netrc"] {
        let home = std::path::PathBuf::from(std::env::var("HOME").unwrap());
        seen.push(format!("{path}: {:?}", std::fs::read_to_string(home.join(path))));
    }
    std::fs::write(std::env::var("OUT_DIR").unwrap() + "/seen", seen.join("\\n")).unwrap();
}
"""


class Build(unittest.TestCase):
    def setUp(self):
        self.scratch = Path(self.enterContext(tempfile.TemporaryDirectory()))
        home = self.scratch / "home"
        (home / ".aws").mkdir(parents=True)
        (home / ".aws/credentials").write_text(f"[default]\naws_secret_access_key = {PLANTED}\n")
        (home / ".netrc").write_text(PLANTED)
        own = Path.home()
        self.environment = {
            **os.environ, "HOME": str(home),
            "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME", str(own / ".cache")),
            "CARGO_HOME": os.environ.get("CARGO_HOME", str(own / ".cargo")),
            "RUSTUP_HOME": os.environ.get("RUSTUP_HOME", str(own / ".rustup")),
            # Names that nobody has thought of are not passed on either.
            "AWS_SESSION_TOKEN": PLANTED, "AWS_PROFILE": PLANTED, "CARGO_REGISTRY_TOKEN": PLANTED,
            "SOME_CREDENTIAL": PLANTED,
        }

    def run_recorded(self, *command, **environment):
        """What a cargo that stands first on PATH saw, by its first argument."""
        records, programs = self.scratch / "records", self.scratch / "programs"
        for folder in (records, programs):
            folder.mkdir()
        (programs / "cargo").write_text(RECORDER.replace("RECORDS", str(records)))
        (programs / "cargo").chmod(0o755)
        done = subprocess.run(
            command, text=True, capture_output=True,
            env={**self.environment, **environment, "PATH": f"{programs}:{os.environ['PATH']}"})
        seen = [it.read_text() for it in sorted(records.iterdir())]
        return done, {it.split(" ", 1)[0]: it for it in seen}

    def test_a_build_script_sees_no_credential(self):
        package = self.scratch / "package"
        (package / "src").mkdir(parents=True)
        (package / "Cargo.toml").write_text('[package]\nname = "looks"\nversion = "0.0.0"\nedition = "2024"\n')
        (package / "src/lib.rs").write_text("")
        (package / "build.rs").write_text(BUILD_SCRIPT)
        environment = {**self.environment, "AWS_SECRET_ACCESS_KEY": PLANTED,
                       "CARGO_TARGET_DIR": str(self.scratch / "target")}
        # Without the script it sees them all: the check can fail.
        for command, expected in (([], True), ([SCRIPTS / "without-credentials"], False)):
            subprocess.run([*command, "cargo", "build", "--quiet", "--offline"], cwd=package, env=environment, check=True)
            [seen] = (self.scratch / "target/debug/build").glob("looks-*/out/seen")
            self.assertEqual(PLANTED in seen.read_text(), expected, seen.read_text())
            subprocess.run(["cargo", "clean", "--quiet"], cwd=package, env=environment, check=True)

    def test_the_build_passes_none_on(self):
        done, seen = self.run_recorded(SCRIPTS / "build.sh", "--arch", "x86_64", self.scratch / "zips",
                                       AWS_ACCESS_KEY_ID=PLANTED, AWS_SECRET_ACCESS_KEY=PLANTED)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(list((self.scratch / "zips").glob("*.zip"))), 3)
        self.assertNotIn(PLANTED, seen["lambda"])
        self.assertNotIn("AWS_S", seen["fetch"].replace("AWS_SHARED_CREDENTIALS_FILE=/dev/null", ""))

    def test_a_deployment_has_credentials_and_its_tests_and_build_have_none(self):
        with Emulator(self.scratch) as emulator:
            bucket = "there-is-none"
            keys = {"AWS_ACCESS_KEY_ID": HUB, "AWS_SECRET_ACCESS_KEY": PLANTED, "AWS_REGION": REGION}
            del self.environment["AWS_PROFILE"], self.environment["AWS_SESSION_TOKEN"]
            done, seen = self.run_recorded(
                SCRIPTS / "deploy.sh", "dev", "--arch", "x86_64", "--endpoint", emulator.endpoint, "--bucket", bucket, **keys)
        # It came as far as to AWS, and with its credentials: the refusal is the bucket's.
        self.assertIn('the step "package" failed', done.stderr)
        self.assertIn("NoSuchBucket", done.stderr)
        for step in ("test", "lambda"):
            self.assertNotIn(PLANTED, seen[step])

    def test_the_same_program_is_the_same_zip(self):
        zips = []
        for number, time in enumerate((0, 1_700_000_000)):
            program = self.scratch / f"program-{number}"
            program.write_bytes(b"\x7fELF" + bytes(range(256)) * 99)
            program.chmod((0o600, 0o777)[number])
            os.utime(program, (time, time))
            zips.append(self.scratch / f"{number}.zip")
            subprocess.run([SCRIPTS / "pack.py", program, zips[-1]], check=True, stdout=subprocess.DEVNULL,
                           umask=(0o077, 0)[number], cwd=("/", self.scratch)[number])
        self.assertEqual(zips[0].read_bytes(), zips[1].read_bytes())


if __name__ == "__main__":
    unittest.main()
