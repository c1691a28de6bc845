"""Endpoints in the order of a rating, with the figures that are stored of each."""

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from typing import Any

Stored = Mapping[str, Any]


class Standings:
    """content: of a report. rating: the score that orders the endpoints; the first there is where nothing was compared.

    Endpoints are numbered as in the report.
    """

    def __init__(self, content: Stored, rating: str) -> None:
        self.content, self.rating = content, rating
        self.names: list[str] = [name for _pk, name in content["endpoints"]]
        self.figures: dict[str, list[Stored]] = defaultdict(list)
        for figure in content["figures"]:
            self.figures[figure["score"]].append(figure)

    @cached_property
    def order(self) -> list[int]:
        """The best first; those without a value last."""
        values = [one["value"] for one in self.figures.get(self.rating) or next(iter(self.figures.values()))]
        known = [number for number, value in enumerate(values) if value is not None]
        others = [number for number, value in enumerate(values) if value is None]
        return [*sorted(known, key=lambda number: -values[number]), *others]

    @cached_property
    def compared(self) -> list[int]:
        """Those that were compared with another, the best first."""
        rates = self.figures.get("win_rate")
        return [number for number in self.order if rates[number]["n"]] if rates else []

    @property
    def never_compared(self) -> list[str]:
        """Where others were."""
        return [self.names[number] for number in self.order if number not in self.compared] if self.compared else []

    def of(self, score: str) -> list[tuple[str, Stored]]:
        """The figures of a score, each with its endpoint's name, of those that have labels."""
        figures = self.figures[score]
        return [(self.names[number], figures[number]) for number in self.order if figures[number]["n"]]
