"""`python -m config.embedded`: what `make run` starts."""

import os
from pathlib import Path

from config.embedded.supervisor import main

if __name__ == "__main__":
    raise SystemExit(main(dict(os.environ), Path(__file__).resolve().parent.parent.parent))
