"""`python -m app`: the command line."""

import sys

from app.cli import packages  # noqa: F401  first: it tells a Python that lacks our packages so, in one line
from app.cli.parser import main

if __name__ == "__main__":
    sys.exit(main())
