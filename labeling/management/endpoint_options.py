"""What the commands that add and change endpoints take."""

import os
from argparse import ArgumentParser, ArgumentTypeError
from decimal import Decimal, InvalidOperation
from typing import Any

from labeling.errors import Refused

DEFAULTS: dict[str, Any] = {"temperature": 1.0, "top_p": 1.0, "max_new_tokens": 256}


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("--revision", help="of a model at a hub: a branch, tag or commit")
    parser.add_argument("--base-url", metavar="URL", help="of a server, up to and with /v1")
    parser.add_argument("--key-from", metavar="VARIABLE", help="the environment variable that holds the server's key")
    parser.add_argument("--system", metavar="TEXT", help="the system prompt of prompts that bring none")
    parser.add_argument("--temperature", type=float, help="0 is greedy (default: 1)")
    parser.add_argument("--top-p", type=float, help="in (0, 1] (default: 1)")
    parser.add_argument("--max-new-tokens", type=int, help="default: 256")
    parser.add_argument("--concurrency", type=int, metavar="N", help="requests under way at a server (default: 8)")
    parser.add_argument("--takes-images", action="store_true", default=None, help="images in prompts go along")
    parser.add_argument("--prompt-price", type=price, metavar="P", help="of a million prompt tokens")
    parser.add_argument("--response-price", type=price, metavar="P", help="of a million response tokens")


def price(given: str) -> Decimal:
    try:
        return Decimal(given)
    except InvalidOperation:
        raise ArgumentTypeError(f"{given!r} is no number") from None


FIELDS = [
    *["revision", "base_url", "system", "temperature", "top_p", "max_new_tokens"],
    *["concurrency", "takes_images", "prompt_price", "response_price"],
]


def given(options: dict[str, Any]) -> dict[str, Any]:
    """Those that were given, with the key. Raises Refused where its variable is not set."""
    found = {name: options[name] for name in FIELDS if options[name] is not None}
    if variable := options["key_from"]:
        if not os.environ.get(variable):
            raise Refused(f"The environment variable {variable} is not set, or empty.")
        found["key"] = os.environ[variable]
    return found
