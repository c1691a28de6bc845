"""What a paper says of scores, from the stored report."""

from collections.abc import Iterator
from itertools import combinations

from django.utils.translation import gettext as _

from evaluation import wording
from evaluation.notation import interval, rounded
from evaluation.paper.blocks import Block, Cell, Drawn, Reasons, Section, Table, Words, whole, words
from evaluation.scores.leaderboard import met
from evaluation.scores.page import TIES, Page
from evaluation.scores.reading import differences
from evaluation.scores.tables import Table as Parts

RATINGS = [*(rating for rating, _title in TIES.values()), "style_controlled"]


def sections(found: Page) -> Iterator[Section]:
    for title, blocks in (
        (_("Leaderboard"), leaderboard(found)),
        (_("Each against each"), matrix(found)),
        (_("Ratings"), ratings(found)),
        (_("Following the instruction, and errors"), verdicts(found)),
        *((title, by_parts(tables)) for title, tables in found.parts),
        (_("Two side by side"), side_by_side(found)),
        (_("All scores"), all_scores(found)),
    ):
        if made := list(blocks):
            yield Section(title, made)


def leaderboard(found: Page) -> Iterator[Block]:
    if found.groups:
        yield Words(_("The rank is 1 + the number of models whose interval lies wholly above."))
    if len(found.groups) > 1:
        yield Words(
            _(
                "These endpoints fall into groups that were never compared with one another: each has a table of its "
                "own, and ratings of one say nothing about another."
            )
        )
    for group in found.groups:
        yield Drawn([group.chart], is_told=True)
        reasons = Reasons()
        rows = []
        for one in group.rows:
            number = found.names.index(one.name)
            cells = [reasons.cell(found.standings.figures[score][number], score) for score in RATINGS]
            rows.append([words(one.name), whole(one.figure["rank"]), *cells, whole(one.figure["n"])])
        columns = [str(wording.SCORES[score]) for score in RATINGS]
        yield Table("", [_("Endpoint"), _("Rank"), *columns, "n"], rows, reasons.notes)
    if never := found.standings.never_compared:
        yield Words(_("Never compared with another: %(names)s.") % {"names": ", ".join(never)})


def matrix(found: Page) -> Iterator[Block]:
    if found.matrix_chart is None:
        return
    yield Drawn([found.matrix_chart], is_told=True)
    reasons = Reasons()
    rows = [
        [
            words(two.name),
            words(two.other),
            *map(whole, (two.won, two.tied, two.lost)),
            reasons.cell(two.rate, "win_rate_adjusted"),
            reasons.cell(two.at_equal_length, "length_controlled"),
        ]
        for one, other in combinations(found.standings.compared, 2)
        for two in [met(found.standings, one, other)]
    ]
    head = [_("First"), _("Second"), _("Won"), _("Tied"), _("Lost")]
    shares = [str(wording.SCORES[score]) for score in ("win_rate_adjusted", "length_controlled")]
    yield Table("", [*head, *shares], rows, [_("Of the first against the second."), *reasons.notes])


def ratings(found: Page) -> Iterator[Block]:
    for spread in found.spreads:
        yield Drawn([spread.chart])
        reasons = Reasons()
        rows = [
            [words(name), whole(one["rank"]), reasons.cell(one, "likert"), whole(one["n"])] for name, one in spread.rows
        ]
        yield Table(spread.chart.title, [_("Endpoint"), _("Rank"), _("Mean rating"), "n"], rows, reasons.notes)


def verdicts(found: Page) -> Iterator[Block]:
    drawn = [*(one.chart for one in found.verdicts), *(table.chart for table in [found.flags] if table)]
    if drawn:
        yield Drawn(drawn)


def by_parts(tables: list[Parts]) -> Iterator[Block]:
    yield Drawn([table.chart for table in tables], is_told=True)
    for table in tables:
        reasons = Reasons()
        rows = [[words(label), *(reasons.cell(one, table.score) for one in figures)] for label, figures in table.rows]
        yield Table(table.chart.title, ["", *table.columns], rows, reasons.notes)


def side_by_side(found: Page) -> Iterator[Block]:
    rows = [
        [
            words(f"{found.names[first]} – {found.names[second]}"),
            words(one.title),
            Cell(one.value or "–", one.interval),
            Cell("–" if one.p is None else rounded(one.p, 4)),
            words(one.sentence),
        ]
        for first, second in combinations(found.side_by_side, 2)
        for one in differences(found.standings.content["paired"], found.names, first, second, found.titles)
    ]
    if rows:
        yield Words(
            _(
                "Differences are of prompts that both answered, the first less the second; each prompt counts once, "
                "however many labels it has. Of twenty differences that are none, one looks clear by chance."
            )
        )
        yield Table("", [_("Two endpoints"), _("Score"), _("Difference"), "p", _("In words")], rows)


def all_scores(found: Page) -> Iterator[Block]:
    reasons, titles = Reasons(), found.titles | wording.flag_titles(found.questions)
    rows = [
        [
            words(wording.score_name(score, titles)),
            words(found.names[number]),
            whole(one["rank"]),
            reasons.cell(one, score),
            Cell(interval(one["wilson"], score)),
            whole(one["n"]),
        ]
        for score, figures in found.standings.figures.items()
        for number in found.standings.order
        for one in [figures[number]]
    ]
    notes = [_("Wilson's interval takes all labels to be independent."), *reasons.notes]
    yield Table("", [_("Score"), _("Endpoint"), _("Rank"), _("Value"), _("Wilson's interval"), "n"], rows, notes)
