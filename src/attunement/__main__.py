"""The command line as a module: ``python -m attunement``."""

import sys

from attunement.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
