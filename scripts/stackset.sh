#!/usr/bin/env bash
# The role of infra/member-account.yaml in every account of organizational units: scripts/stack_set.py
# says how it is used, and does it.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
python=$(cd "$root" && scripts/python-env infra/requirements.txt)
exec "$python/bin/python" "$root/scripts/stack_set.py" "$@"
