#!/usr/bin/env python3
"""Packs a program as a zip for Lambda. The same program gives the same bytes: no time, no owner, no
path of this machine is in the zip.

Usage: pack.py PROGRAM ZIP
"""

import hashlib
import stat
import sys
import zipfile
from pathlib import Path

# The first moment that a zip can name.
TIME = (1980, 1, 1, 0, 0, 0)
UNIX = 3


def pack(program, target):
    content = Path(program).read_bytes()
    # Lambda starts the file of this name.
    entry = zipfile.ZipInfo("bootstrap", TIME)
    entry.create_system = UNIX
    entry.external_attr = (stat.S_IFREG | 0o755) << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(target, "w") as it:
        it.writestr(entry, content, compresslevel=9)
    return len(content)


def main():
    program, target = sys.argv[1:]
    unpacked = pack(program, target)
    packed = Path(target).read_bytes()
    print(f"{Path(target).name}: {len(packed) / 1e6:.2f} MB, unpacked {unpacked / 1e6:.2f} MB, "
          f"sha256 {hashlib.sha256(packed).hexdigest()}")


if __name__ == "__main__":
    main()
