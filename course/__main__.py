"""`python -m course` is the command `course`, for where the command itself is not on the path."""

import sys

from .cli import main

sys.exit(main())
