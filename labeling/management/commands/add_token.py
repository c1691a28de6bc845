from argparse import ArgumentParser
from typing import Any

from labeling.console import ConcordCommand, Result
from labeling.errors import Refused
from labeling.people.models import User
from labeling.people.tokens import DEFAULT_DAYS, issue


class Command(ConcordCommand):
    help = "Make an access token, by which a program comes in as somebody."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", required=True, metavar="NAME", help="whose rights it has")
        parser.add_argument("--name", required=True, help="what it is for")
        parser.add_argument(
            "--days", type=int, default=DEFAULT_DAYS, help="how long it is valid (default: %(default)s)"
        )

    def work(self, **options: Any) -> Result:
        user = User.objects.filter(username=options["user"]).first()
        if user is None:
            raise Refused(f"There is no user “{options['user']}”.")
        token, secret = issue(user=user, name=options["name"], days=options["days"])
        return {
            "user": user.username,
            "name": token.name,
            "token": secret,
            "expires_at": token.expires_at.isoformat(),
        }

    def tell(self, result: Result) -> str:
        return f"“{result['name']}” of {result['user']}, until {result['expires_at'][:10]}: {result['token']}"
