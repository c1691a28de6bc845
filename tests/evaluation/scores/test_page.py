"""The page of scores: it shows what is stored, of the endpoints that were asked for, and the pairs behind it."""

import csv
import html
import re
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from evaluation.scores.models import ScoreReport
from evaluation.scores.report import report_scores
from evaluation.scores.samples import MOST_SHOWN
from evaluation.templatetags.figures import figure
from labeling.collection.review import decide
from labeling.people.models import User
from labeling.projects.models import Project
from labeling.projects.questions import Question
from labeling.projects.roles import Role
from tests.conftest import at
from tests.factories import (
    RANKING,
    make_endpoint,
    make_member,
    make_project,
    make_prompt,
    make_task,
    rank,
)

pytestmark = pytest.mark.django_db

LIKERT = [Question("quality", "likert", "Quality", required=True, options={"low": 1, "high": 5})]


def compared(*ranks: Sequence[int], names: str = "ab", project: Project | None = None) -> Project:
    """A project in which one person ranked a task of these endpoints for each of `ranks`."""
    project = project or make_project(questions=RANKING)
    endpoints = [make_endpoint(project, name) for name in names]
    ann = make_member(project)
    for given in ranks:
        rank(make_task(project, endpoints=endpoints, overlap=1), ann, given)
    return project


@pytest.fixture
def rated() -> Project:
    """Rankings, ratings and flags by two people, on prompts of two use cases."""
    project = make_project()
    endpoints = [make_endpoint(project, name) for name in ("sft", "base", "模型")]
    people = [make_member(project) for _n in range(2)]
    for number in range(6):
        prompt = make_prompt(project, use_case="chat" if number % 2 else "open_qa", language="en")
        task = make_task(project, endpoints=endpoints, prompt=prompt)
        for person in people:
            ranks, overall = ([1, 2, 2], [6, 4, 5]) if number else ([2, 1, 3], [4, 5, 2])
            rank(task, person, ranks, overall=overall, flags={"fails_instruction": [False, number < 2, number == 3]})
    return project


@pytest.fixture
def lead(sign_in: Callable[[User], Client]) -> Callable[..., str]:
    """What a lead reads of a project's page of scores, spaces and marks set aside."""

    def read(project: Project, address: str = "scores", **asked: str) -> str:
        client = sign_in(make_member(project, Role.LEAD))
        answer = client.get(at(address, project), asked)
        assert answer.status_code == 200
        return answer.text

    return read


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def figures_of(report: ScoreReport, score: str) -> dict[str, Any]:
    names = [name for _pk, name in report.content["endpoints"]]
    return {names[one["endpoint"]]: one for one in report.content["figures"] if one["score"] == score}


def row_of(page: str, name: str, section: str) -> str:
    """Of the table in a section of the page."""
    _before, _id, rest = page.partition(f'id="{section}"')
    found = re.search(rf'<tr>(?:(?!</tr>).)*<th scope="row">{name}</th>.*?</tr>', rest, re.DOTALL)
    assert found, name
    return text_of(found[0])


def test_the_page_shows_what_is_stored(rated: Project, lead: Callable[..., str]) -> None:
    report = report_scores(project=rated)
    page = lead(rated)
    for score, section in {
        "bradley_terry": "leaderboard",
        "style_controlled": "leaderboard",
        "likert": "ratings",
    }.items():
        for name, stored in figures_of(report, score).items():
            assert figure(stored["value"], score) in row_of(page, name, section), (score, name)
    text = text_of(page)
    for title in (
        "Instruction following",
        "Error rate",
        "Fails to follow the instruction",
        "open QA",
        "Overall quality",
    ):
        assert title in text, title
    flagged = figures_of(report, "flag_rate.fails_instruction")["base"]
    assert figure(flagged["wilson"]["low"], "flag_rate") in text
    assert "By language" not in text, "there is one"


def test_ties_are_taken_as_one_likes(rated: Project, lead: Callable[..., str]) -> None:
    report = report_scores(project=rated)
    for ties, score in {"davidson": "bradley_terry_davidson", "rao_kupper": "bradley_terry_rao_kupper"}.items():
        page = lead(rated, ties=ties)
        for name, stored in figures_of(report, score).items():
            shown = stored["undefined"] or figure(stored["value"], score)
            assert shown in page.partition('id="leaderboard"')[2].partition("</section>")[0], (score, name)
        assert f'<option value="{ties}" selected>' in page


def test_any_endpoint_is_the_baseline(rated: Project, lead: Callable[..., str]) -> None:
    content = report_scores(project=rated).content
    for number, (_pk, baseline) in enumerate(content["endpoints"]):
        page = lead(rated, baseline=baseline)
        for other, (_other_pk, name) in enumerate(content["endpoints"]):
            if other == number:
                continue
            won, tied = (content["matrix"][one][other][number] for one in ("won", "tied"))
            row = row_of(page, name, "against").split()
            assert row[1:4] == [f"{won:g}", f"{tied:g}", f"{content['matrix']['won'][number][other]:g}"]
            shown = figure(content["matrix"]["rate"][other][number], "win_rate_adjusted")
            assert shown in " ".join(row)
    assert "Win rate against sft" in lead(rated, baseline="none such"), "an unknown one is as none"


def test_a_clear_difference_is_told(lead: Callable[..., str]) -> None:
    project = compared(*[[1, 2]] * 11)
    report_scores(project=project)
    text = text_of(lead(project, first="a", second="b"))
    assert "On the 11 prompts that both answered, a wins 100.0 of 100 comparisons more than b" in text
    assert re.search(r"Chance alone would bring such a difference in \d+ of 1,000 cases\.", text)
    turned = text_of(lead(project, first="b", second="a"))
    assert "−100.0" in turned
    assert "a wins 100.0 of 100 comparisons more than b" in turned
    assert "no finite rating fits" in text, "nor is there a rating where one always wins"


def test_an_unclear_difference_is_not(lead: Callable[..., str]) -> None:
    project = compared(*[[1, 2]] * 5, *[[2, 1]] * 3)
    report_scores(project=project)
    text = text_of(lead(project))
    assert "No difference can be told: on the 8 prompts that both answered, a wins 25.0 of 100" in text
    even = compared([1, 2], [2, 1])
    report_scores(project=even)
    assert "a and b come out even" in text_of(lead(even))


def test_only_the_busiest_are_set_side_by_side(lead: Callable[..., str]) -> None:
    project = compared([*range(1, 10)], [*range(9, 0, -1)], names="abcdefghi")
    compared([1, 2], [2, 1], names="yz", project=project)
    report_scores(project=project)
    page = lead(project, first="a", second="z")
    assert "Only the 10 endpoints with the most labels are set side by side; z is not among them." in text_of(page)
    assert "Choose two different endpoints." in lead(project, first="a", second="a")


def test_groups_that_never_met_have_tables_of_their_own(lead: Callable[..., str]) -> None:
    project = compared([1, 2], [2, 1])
    compared([1, 2], [2, 1], names="cd", project=project)
    make_endpoint(project, "idle")
    report_scores(project=project)
    page = lead(project, baseline="c")
    board = page.partition('id="leaderboard"')[2].partition("</section>")[0]
    tables = re.findall(r"<tbody>(?:(?!</tbody>).)*score-samples|<table class=\"board\">.*?</table>", board, re.DOTALL)
    assert [set(re.findall(r'<th scope="row">(\w+)</th>', table)) for table in tables] == [{"a", "b"}, {"c", "d"}]
    assert "Never compared with another: idle." in text_of(board)
    assert "The two were never compared with one another." in page


def test_ratings_alone_and_nothing_at_all(lead: Callable[..., str]) -> None:
    empty = make_project()
    assert "No figures yet" in lead(empty)
    make_task(empty)
    report_scores(project=empty)
    assert "No figures yet" in lead(empty), "there is a report, with nothing in it"
    project = make_project(questions=LIKERT)
    task = make_task(project, endpoints=[make_endpoint(project, "only")], overlap=1)
    rank(task, make_member(project), [1], ranking=[1], quality=[4])
    report_scores(project=project)
    page = lead(project)
    assert "4.00" in row_of(page, "only", "ratings")
    assert "Leaderboard" not in page
    assert "Two side by side" not in page


def test_charts_are_files(rated: Project, sign_in: Callable[[User], Client]) -> None:
    content = report_scores(project=rated).content
    client = sign_in(make_member(rated, Role.LEAD))
    page = client.get(at("scores", rated), {"baseline": "base"}).text
    names = set(re.findall(r"/scores/([\w-]+)\.svg\?", page))
    assert {"ratings-1", "matrix", "baseline", "ratings-overall", "flags", "use-case-likert"} <= names
    for name in names:
        answer = client.get(f"{at('scores', rated)}{name}.svg", {"baseline": "base"})
        assert answer["Content-Type"] == "image/svg+xml", name
    head, *rows = csv.reader(client.get(f"{at('scores', rated)}matrix.csv").text.splitlines())
    number = {name: place for place, (_pk, name) in enumerate(content["endpoints"])}
    for name, *rates in rows:
        stored = [content["matrix"]["rate"][number[name]][number[other]] for other in head[1:]]
        assert rates == ["" if rate is None else str(rate) for rate in stored]
    assert client.get(f"{at('scores', rated)}none.svg").status_code == 404


def with_a_report(project: Project) -> None:
    """Pairs are drawn by its seed, whatever it holds."""
    ScoreReport.objects.create(project=project, last_annotation=0, n_annotations=0, seconds=0)


def tasks_in(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'aria-labelledby="task-(\d+)"', page)]


def test_pairs_behind_a_number(lead: Callable[..., str]) -> None:
    project = compared([1, 2], [1, 2], [1, 1], [2, 1])
    with_a_report(project)
    won, also_won, tied, lost = project.tasks.order_by("pk").values_list("pk", flat=True)
    by_value = {"1": {won, also_won}, "0": {tied}, "-1": {lost}, "": {won, also_won, tied, lost}}
    for value, tasks in by_value.items():
        page = lead(project, "score-samples", score="win_rate", first="a", second="b", value=value)
        assert set(tasks_in(page)) == tasks, value
    other_way = lead(project, "score-samples", score="win_rate", first="b", value="1")
    assert tasks_in(other_way) == [lost]
    assert at("task", project, task_id=lost) in other_way


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"first": "nobody"},
        {"second": "nobody"},
        {"first": "a\0"},
        {"score": "nonsense"},
        {"by": "week"},
    ],
)
def test_samples_of_what_is_not_there(sign_in: Callable[[User], Client], asked: dict[str, str]) -> None:
    project = compared([1, 2])
    with_a_report(project)
    known = {"score": "win_rate", "first": "a"} if asked else {}
    client = sign_in(make_member(project, Role.LEAD))
    assert client.get(at("score-samples", project), known | asked).status_code == 404


def test_pairs_show_who_said_what(lead: Callable[..., str]) -> None:
    project = make_project(questions=RANKING)
    endpoints = [make_endpoint(project, name) for name in "ab"]
    task = make_task(project, endpoints=endpoints, texts=["**one** answer", "another <b>answer</b>"])
    anna, ben = (make_member(project, username=name) for name in ("anna", "ben"))
    rank(task, anna, [1, 2])
    rank(task, ben, [2, 1])
    with_a_report(project)
    page = lead(project, "score-samples", score="win_rate", first="a", second="b", value="1")
    assert "anna: first better ben: second better" in text_of(page)
    assert "<strong>one</strong>" in page
    assert "&lt;b&gt;" in page
    boss = make_member(project, Role.REVIEWER, "rosa")
    decide(task=task, answers={"ranking": [1, 1]}, by=boss, client_id=uuid.uuid4())
    page = lead(project, "score-samples", score="win_rate", first="a", second="b")
    assert "rosa (decision): tie" in text_of(page)
    assert "anna: " not in text_of(page), "the decision holds"


def test_as_many_pairs_as_can_be_read_always_the_same(lead: Callable[..., str]) -> None:
    project = compared(*[[1, 2]] * (MOST_SHOWN + 4), names="ab")
    compared([1, 2], names="ab", project=make_project(questions=RANKING))
    with_a_report(project)
    with CaptureQueriesContext(connection) as asked:
        first = tasks_in(lead(project, "score-samples", score="win_rate", first="a", second="b"))
    assert len(first) == len(set(first)) == MOST_SHOWN
    assert first != sorted(first), "by chance, not the oldest"
    assert tasks_in(lead(project, "score-samples", score="win_rate", first="a", second="b")) == first
    assert len(asked) <= 20, "signing in is among them"


def test_labels_behind_a_number(rated: Project, lead: Callable[..., str]) -> None:
    with_a_report(rated)
    first, *others = rated.tasks.order_by("pk").values_list("pk", flat=True)
    second, _third, fourth, *_rest = others
    expected = {
        ("likert", "sft", ""): {first, *others},
        ("likert", "sft", "4"): {first},
        ("likert", "sft", "6"): set(others),
        ("flag_rate.fails_instruction", "base", "1"): {first, second},
        ("instruction_following", "base", "0"): {first, second},
        ("error_rate", "模型", "1"): {fourth},
        ("error_rate", "sft", "1"): set(),
        ("instruction_following_weighted", "base", ""): {first, *others},
    }
    for (score, endpoint, value), tasks in expected.items():
        page = lead(rated, "score-samples", score=score, first=endpoint, value=value)
        assert set(tasks_in(page)) == tasks, (score, endpoint, value)
        assert page.count('<h3 class="response-head">') == len(tasks), "one response each"
    page = lead(rated, "score-samples", score="flag_rate.fails_instruction", first="base", value="1")
    assert re.search(r"Task \d+ \S+: yes \S+: yes", text_of(page))
    assert "base · Flagged: Fails to follow" in text_of(page)


def test_labels_of_a_part(rated: Project, lead: Callable[..., str]) -> None:
    with_a_report(rated)
    chats = set(rated.tasks.filter(prompt__use_case="chat").values_list("pk", flat=True))
    page = lead(rated, "score-samples", score="likert", first="sft", by="use_case", part="chat")
    assert set(tasks_in(page)) == chats
    assert "Mean rating · chat" in text_of(page)
    for by, part, found in [
        ("language", "en", 6),
        ("language", "de", 0),
        ("constraint", "", 6),
        ("constraint", "x", 0),
    ]:
        page = lead(rated, "score-samples", score="win_rate", first="sft", by=by, part=part)
        assert len(tasks_in(page)) == found, (by, part)


def test_samples_of_a_kind_of_constraint(lead: Callable[..., str]) -> None:
    project = make_project(questions=RANKING)
    endpoints, ann = [make_endpoint(project, name) for name in "ab"], make_member(project)
    tasks = {}
    for kind in ("length_constraints:number_words", "length_constraints_more:x", "keywords"):
        prompt = make_prompt(project, constraints=[{"id": kind, "kwargs": {}}])
        tasks[kind] = make_task(project, endpoints=endpoints, prompt=prompt)
        rank(tasks[kind], ann, [1, 2])
    with_a_report(project)
    for part in ("length_constraints", "keywords"):
        page = lead(project, "score-samples", score="win_rate", first="a", by="constraint", part=part)
        assert tasks_in(page) == [task.pk for kind, task in tasks.items() if kind.split(":")[0] == part]


def test_every_number_leads_to_samples(
    rated: Project, lead: Callable[..., str], sign_in: Callable[[User], Client]
) -> None:
    report_scores(project=rated)
    links = set(re.findall(r'href="([^"]*/scores/samples/[^"]*)"', lead(rated)))
    assert {"win_rate", "likert", "flag_rate.fails_instruction", "error_rate"} <= {
        name for link in links for name in re.findall(r"score=([\w.]+)", link)
    }
    assert any("part=chat" in link for link in links)
    client = sign_in(make_member(rated, Role.LEAD))
    for link in links:
        assert tasks_in(client.get(html.unescape(link)).text), link


def test_win_rates_on_the_overview(rated: Project, sign_in: Callable[[User], Client]) -> None:
    report = report_scores(project=rated)
    client = sign_in(make_member(rated, Role.LEAD))
    part = client.get(at("scores", rated), headers={"HX-Request": "true"}).text
    rates = figures_of(report, "win_rate")
    for name, stored in rates.items():
        assert figure(stored["value"], "win_rate") in row_of(f'id="x"{part}', name, "x")
    assert part.index("sft") < part.index("base")
