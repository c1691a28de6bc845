#!/usr/bin/env python
"""Concord's commands. Each finds PostgreSQL and the broker running, or starts the embedded ones for itself."""

import os
import sys


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        from config.commandline import execute
    except ImportError as missing:
        print(f"{missing}. Set Concord up first (make setup), then use .venv/bin/python manage.py", file=sys.stderr)
        return 1
    return execute(sys.argv)


if __name__ == "__main__":
    sys.exit(main())
