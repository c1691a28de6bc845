"""What came in, counted in PostgreSQL."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np
from django.db import connection

from labeling.projects.models import Project

MOST_NAMES = 12
"""Of sources, owners and languages, those with most prompts; the others are counted together."""

TOTALS = """
SELECT count(*) AS prompts, count(*) FILTER (WHERE looked_at IS NULL) AS unseen,
    count(*) FILTER (WHERE system <> '' OR history <> '[]') AS conversations,
    count(*) FILTER (WHERE personal <> '{}') AS personal, count(*) FILTER (WHERE clearance = 'held') AS held,
    count(*) FILTER (WHERE clearance = 'masked') AS masked
FROM labeling_prompt WHERE project_id = %s
"""
NAMES = """
SELECT {column}, count(*), count(*) FILTER (WHERE {part}), count(*) OVER (), (sum(count(*)) OVER ())::bigint
FROM labeling_prompt WHERE project_id = %s AND {column} <> '' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %s
"""
LENGTHS = "SELECT characters, count(*) FROM labeling_prompt WHERE project_id = %s GROUP BY 1 ORDER BY 1"
FAMILIES = """
SELECT size, count(*) FROM (
    SELECT count(*) AS size FROM labeling_prompt WHERE project_id = %s AND family <> '' GROUP BY family
) AS family GROUP BY 1 ORDER BY 1
"""
KINDS = """
SELECT kind, count(*), count(*) FILTER (WHERE clearance = 'held') FROM labeling_prompt, unnest(personal) AS kind
WHERE project_id = %s AND personal <> '{}' GROUP BY 1 ORDER BY 2 DESC, 1
"""
RESPONSES = """
SELECT endpoint_id, characters, count(*) FROM labeling_response WHERE endpoint_id = ANY (%s::bigint[])
GROUP BY 1, 2 ORDER BY 1, 2
"""
"""The few different lengths: PostgreSQL would sort all responses for their quantiles."""

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class Totals:
    """Of prompts."""

    prompts: int
    unseen: int
    """Not looked into yet."""
    conversations: int
    personal: int
    held: int
    masked: int


@dataclass(frozen=True)
class Named:
    """How many prompts have each name of something."""

    names: Sequence[tuple[str, int, int]]
    """Those with most prompts; each with all of its prompts, and those of them that are counted apart."""
    n_names: int
    named: int
    """Prompts that have any."""

    @property
    def others(self) -> int:
        return self.named - sum(n for _name, n, _part in self.names)


@dataclass(frozen=True)
class Answered:
    endpoint: str
    n: int
    lengths: Sequence[int]
    """The characters that 5, 25, 50, 75 and 95 % of the responses do not exceed."""


@dataclass(frozen=True)
class Intake:
    totals: Totals
    sources: Named
    use_cases: Named
    languages: Named
    """Those detected are counted apart."""
    owners: Named
    lengths: Sequence[tuple[int, int]]
    """Characters, and prompts that have so many in their last turn."""
    families: Sequence[tuple[int, int]]
    """Prompts, and families that have so many."""
    kinds: Sequence[tuple[str, int, int]]
    """Of personal data; the prompts in which it was found, and those of them that are held."""
    responses: Sequence[Answered]

    @property
    def in_families(self) -> int:
        return sum(size * n for size, n in self.families)

    @property
    def n_families(self) -> int:
        return sum(n for _size, n in self.families)

    @property
    def n_responses(self) -> int:
        return sum(one.n for one in self.responses)


def read(project: Project) -> Intake:
    totals = Totals(*rows_of(TOTALS, project.pk)[0])
    return Intake(
        totals=totals,
        sources=named(project, "source"),
        use_cases=named(project, "use_case"),
        languages=named(project, "language", part="language_detected"),
        owners=named(project, "owner"),
        lengths=rows_of(LENGTHS, project.pk),
        families=rows_of(FAMILIES, project.pk),
        kinds=rows_of(KINDS, project.pk) if totals.personal else [],
        responses=read_responses(project),
    )


def named(project: Project, column: str, part: str = "false") -> Named:
    rows = rows_of(NAMES.format(column=column, part=part), project.pk, MOST_NAMES)
    n_names, n_named = rows[0][3:] if rows else (0, 0)
    return Named([row[:3] for row in rows], n_names, n_named)


def read_responses(project: Project) -> list[Answered]:
    """Endpoints with most responses first."""
    names = dict(project.endpoints.values_list("pk", "name"))
    found = groupby(rows_of(RESPONSES, list(names)), key=itemgetter(0))
    answered = [answered_by(names[endpoint], rows) for endpoint, rows in found]
    return sorted(answered, key=lambda one: (-one.n, one.endpoint))


def answered_by(endpoint: str, rows: Iterable[Any]) -> Answered:
    _endpoints, lengths, counts = zip(*rows, strict=True)
    upto = np.cumsum(counts)
    places = np.searchsorted(upto, [share * upto[-1] for share in QUANTILES])
    return Answered(endpoint, int(upto[-1]), [lengths[place] for place in places.tolist()])


def rows_of(query: str, *values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        rows: list[Any] = cursor.fetchall()
        return rows
