"""What scripts/deploy.sh and scripts/stackset.sh do on AWS."""

import sys
from pathlib import Path

# The templates' own modules are beside the templates.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "infra"))
