"""`python -m dealwright` is the command `dealwright`."""

from __future__ import annotations

import sys

from dealwright.cli import main

if __name__ == "__main__":
    sys.exit(main())
