"""Which annotations somebody asks about, in the words of a command or of an address."""

from argparse import ArgumentParser
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NoReturn

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from evaluation.comparisons import Scope
from labeling.errors import Refused
from labeling.projects.models import Project

MOST_NAMED = 20

SCOPE = ["annotators", "since", "until"]
"""What `scope_of` takes, by the names that commands give it."""


def add_scope(parser: ArgumentParser) -> None:
    parser.add_argument("--annotators", nargs="+", default=(), metavar="NAME", help="only what these people said")
    parser.add_argument("--from", dest="since", metavar="DATE", help="only what was said on this day or later")
    parser.add_argument("--to", dest="until", metavar="DATE", help="only what was said up to and with this day")


def scope_of(
    project: Project, *, annotators: Collection[str] = (), since: str | None = None, until: str | None = None
) -> Scope:
    """Raises Refused for an annotator that the project does not have, and for what is no date."""
    names = frozenset(annotators)
    known = set(project.memberships.filter(user__username__in=names).values_list("user__username", flat=True))
    if unknown := sorted(names - known):
        raise Refused(_("The project has no annotator %(names)s.") % {"names": ", ".join(unknown[:MOST_NAMED])})
    return Scope(names, moment(since, ends=False), moment(until, ends=True))


def refuse_unanswered(question: str, answered: Sequence[str]) -> NoReturn:
    """answered: the names of the questions that were."""
    known = ", ".join(answered) or "–"
    raise Refused(
        _("Nobody has answered a question “%(name)s”. Answered are: %(known)s.") % {"name": question, "known": known}
    )


def moment(text: str | None, *, ends: bool) -> datetime | None:
    """A day, from its beginning or, where it `ends` something, to its end; or a moment. In the site's time zone.

    Raises Refused for anything else, and beyond the years 1 to 9999.
    """
    if not text:
        return None
    try:
        day, exactly = parse_date(text), parse_datetime(text)
        if day is not None:
            exactly = datetime.combine(day + timedelta(days=ends and day < date.max), time())
        if exactly is not None:
            return (exactly if timezone.is_aware(exactly) else timezone.make_aware(exactly)).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Refused(_("“%(text)s” is no date: write it like 2026-11-22 or 2026-11-22T09:30:00Z.") % {"text": text})
