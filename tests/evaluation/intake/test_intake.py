"""The data page: every number against a count by hand."""

import csv
import io
import random
from collections import Counter
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import translation

from evaluation.intake.charts import by_size, charts, language_name
from evaluation.intake.read import MOST_NAMES, read
from labeling.people.models import User
from labeling.projects.models import Project
from labeling.projects.personal_data import Treatment
from labeling.projects.roles import Role
from labeling.prompts.look_into import examine
from tests.conftest import at
from tests.factories import make_endpoint, make_member, make_project, make_prompt, make_response

pytestmark = pytest.mark.django_db

WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]


@pytest.fixture
def project() -> Project:
    """Some prompts of all kinds, beside another project's."""
    draw = random.Random(7)
    project = make_project()
    make_prompt(make_project(), owner="somebody else", source="elsewhere")
    endpoints = [make_endpoint(project, name) for name in ("first", "second")]
    for number in range(60):
        text = " ".join(draw.choices(WORDS, k=draw.randint(6, 30)))
        given = {"language": draw.choice(["", "", "zh-Hans"]), "use_case": draw.choice(["", "chat", "open_qa"])}
        prompt = make_prompt(
            project, text, owner=f"owner {draw.randrange(20)}", source=draw.choice(["", "web"]), **given
        )
        for endpoint in endpoints[: number % 3]:
            make_response(prompt, endpoint, text * (number % 4 + 1))
    examine(project_id=project.pk)
    return project


def test_what_came_in_is_what_one_counts_by_hand(project: Project) -> None:
    make_prompt(project, "Not looked into yet", system="Be brief.")
    found, prompts = read(project), list(project.prompts.all())
    assert (found.totals.prompts, found.totals.unseen, found.totals.conversations) == (61, 1, 1)
    for named, column in [(found.sources, "source"), (found.use_cases, "use_case"), (found.languages, "language")]:
        counted = Counter(getattr(prompt, column) for prompt in prompts)
        del counted[""]
        assert [(name, n) for name, n, _part in named.names] == sorted(
            counted.items(), key=lambda one: (-one[1], one[0])
        )
        assert (named.n_names, named.named, named.others) == (len(counted), counted.total(), 0)
    detected = Counter(prompt.language for prompt in prompts if prompt.language_detected)
    assert {name: part for name, _n, part in found.languages.names if part} == detected
    assert Counter(dict(found.lengths)) == Counter(len(prompt.text) for prompt in prompts)
    sizes = Counter(Counter(prompt.family for prompt in prompts if prompt.family).values())
    assert dict(found.families) == sizes
    assert found.in_families == sum(prompt.family != "" for prompt in prompts)


def test_of_many_owners_those_with_most_prompts_are_shown(project: Project) -> None:
    found = read(project).owners
    counted = Counter(project.prompts.values_list("owner", flat=True))
    assert len(found.names) == MOST_NAMES
    assert found.n_names == len(counted)
    assert found.others == 60 - sum(n for _owner, n in counted.most_common(MOST_NAMES))
    chart = next(chart for chart in charts(read(project)) if chart.name == "owners")
    assert chart.rows[-1][0] == f"{found.n_names - MOST_NAMES} others"
    assert sum(int(row[1] or 0) for row in chart.rows) == 60


def test_responses_of_each_endpoint_and_how_long_they_are(project: Project) -> None:
    for one in read(project).responses:
        lengths = sorted(
            len(text) for text in project.endpoints.get(name=one.endpoint).responses.values_list("text", flat=True)
        )
        assert one.n == len(lengths)
        assert one.lengths[2] == lengths[(len(lengths) - 1) // 2]
        assert lengths[0] <= one.lengths[0] <= one.lengths[4] <= lengths[-1]


def test_personal_data_is_counted_by_kind(project: Project) -> None:
    Project.objects.update(personal_data=Treatment.HOLD)
    make_prompt(project, "Write to ann@example.org or +49 30 901820")
    make_prompt(project, "Write to bob@example.org")
    examine(project_id=project.pk)
    found = read(project)
    assert (found.totals.personal, found.totals.held, found.totals.masked) == (2, 2, 0)
    assert found.kinds == [("email", 2, 2), ("phone", 1, 1)]


def test_families_are_classed_by_their_size() -> None:
    given = [(2, 5), (3, 1), (9, 2), (10, 1), (99, 1), (100, 1), (5000, 1)]
    assert list(by_size(given)) == [(2, 2, 5), (3, 3, 1), (5, 9, 2), (10, 99, 2), (100, None, 2)]


def test_languages_are_named_in_the_readers_language() -> None:
    assert [language_name(code) for code in ("de", "zh-Hans", "tlh-xx-yy", "x")] == [
        *["German", "Chinese (Simplified)", "tlh-xx-yy", "x"]
    ]
    with translation.override("zh-hans"):
        assert language_name("de") == "德语"


def test_the_page_shows_every_chart_with_its_files(project: Project, sign_in: Callable[[User], Client]) -> None:
    client = sign_in(make_member(project, Role.LEAD))
    page = client.get(at("data", project))
    names = [chart.name for chart in page.context["charts"]]
    assert {"use-cases", "languages", "sources", "owners", "prompt-lengths", "responses", "response-lengths"} <= {
        *names
    }
    for name in names:
        assert client.get(at("data-file", project, name=name, ending="svg")).text.startswith("<svg")
        rows = list(csv.reader(io.StringIO(client.get(at("data-file", project, name=name, ending="csv")).text)))
        assert len(rows) > 1
    assert client.get(at("data-file", project, name="none", ending="svg")).status_code == 404


def test_while_prompts_are_looked_into_the_page_says_so(sign_in: Callable[[User], Client]) -> None:
    project = make_project()
    client = sign_in(make_member(project, Role.LEAD))
    assert "Nothing came in yet" in client.get(at("data", project)).text
    make_prompt(project)
    part = client.get(at("data", project), headers={"HX-Request": "true"}).text
    assert "1 prompt is still to be looked into" in part
    assert 'hx-trigger="every 10s"' in part
    assert "<html" not in part
    examine(project_id=project.pk)
    assert "hx-get" not in client.get(at("data", project), headers={"HX-Request": "true"}).text
