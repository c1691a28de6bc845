"""How large the drills are: whole with `make drills`, and smaller in every run of the tests."""

import os

WHOLE = os.environ.get("CONCORD_DRILLS") == "whole"


def so_many(whole: int, usual: int) -> int:
    return whole if WHOLE else usual
