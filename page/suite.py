#!/usr/bin/env python3
"""The page, in a real browser: every link, every figure, every way in that must stay shut.

.ci/page makes the Python environment and the program, and runs this.
"""

import argparse
import signal
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

import changes
import crawl
import door
import figures
import hostile
import looks
import pictures
from program import Program, Serve

# Debian's Chromium looks for its makers' servers otherwise.
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
           "--disable-component-update", "--disable-sync", "--no-first-run"]


class Suite:
    """What the checks share: the program, stores that were filled once, and a browser."""

    def __init__(self, program, folder, browser, axe):
        self.program, self.folder, self.browser = program, Path(folder), browser
        self.axe = Path(axe).read_text()
        self.demo, self.hostile = self.folder / "demo.db", self.folder / "hostile.db"
        program.demo(self.demo)
        program.sync(self.hostile, hostile.world(), hostile.ACCOUNT_NAMES)
        with self.serve(self.hostile, "--allow-changes") as serve:
            group = serve.send("POST", "/protection-groups", {
                "groupName": hostile.GROUP, "description": hostile.SCRIPT, "region": "us-east-1",
                "sourceServerIds": ["s-00000000000000001"]})
            serve.send("POST", "/recovery-plans", {
                "planName": hostile.GROUP, "description": hostile.BIDI,
                "waves": [{"waveName": "<b onclick=alert(1)>first</b>", "protectionGroupIds": [group["groupId"]]}]})

    def serve(self, store, *options):
        return Serve(self.program, store, *options)

    def context(self, serve, **options):
        """A browser that has opened the printed address, or the same key in a cookie of its own."""
        context = self.browser.new_context(**options)
        if not hasattr(serve, "cookies"):
            page = context.new_page()
            page.goto(serve.address)
            page.close()
            serve.cookies = context.cookies()
        else:
            context.add_cookies(serve.cookies)
        return context


CHECKS = [*crawl.CHECKS, *figures.CHECKS, *looks.CHECKS, *changes.CHECKS, *door.CHECKS]


def run(suite, only):
    failed, checks = 0, [check for check in CHECKS if (only or "") in check.__name__]
    for check in checks:
        started, sentence = time.monotonic(), check.__name__.replace("_", " ")
        try:
            said = check(suite)
        except Exception as error:  # the others are still to be seen
            failed += 1
            print(f"FAILED  {sentence}: {type(error).__name__}: {error}", flush=True)
            continue
        print(f"ok  {sentence}{': ' + said if said else ''} ({time.monotonic() - started:.1f} s)", flush=True)
    print(f"\npage: {len(checks) - failed} passed, {failed} failed")
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True)
    parser.add_argument("--axe", required=True, help="axe.min.js")
    parser.add_argument("--only", help="checks with this in their names")
    parser.add_argument("--pictures", action="store_true", help="write docs/pictures, and check nothing")
    options = parser.parse_args()
    # A `with` ends properly on SIGTERM, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=OPTIONS)
        suite = Suite(Program(options.program, folder), folder, browser, options.axe)
        return pictures.take(suite) if options.pictures else run(suite, options.only)


if __name__ == "__main__":
    sys.exit(main())
