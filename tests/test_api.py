"""The interface for programs: who gets what, in which shape, and that its schema says so."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django.live_server_helper import LiveServer

from config.api.schema import make_schema
from evaluation.agreement.report import report_agreement
from evaluation.enough.report import report_enough
from evaluation.scores.report import report_scores
from labeling.api.errors import answer as answer_to
from labeling.errors import Refused
from labeling.people.models import AccessToken, User
from labeling.people.tokens import issue, revoke
from labeling.projects.create_project import add_instrument
from labeling.projects.models import Membership, Project, Status
from labeling.projects.questions import Question
from labeling.projects.roles import Role
from tests.embedded import ROOT
from tests.factories import (
    RANKING,
    bearer,
    make_endpoint,
    make_member,
    make_project,
    make_prompt,
    make_task,
    make_user,
    rank,
)
from tests.test_access import BY_TOKEN, IN_PROJECT, address_of, patterns

pytestmark = pytest.mark.django_db

MOST = 20
FOUND = (200, 404)
"""404: the one row that the address names does not exist."""

NO_SUCH_ROW = 10**9
FILES = {"api-dataset-rows", "api-dataset-archive"}
"""What has no shape of ours."""

CODES = {400: "invalid", 401: "token_missing", 403: "permission_denied", 404: "not_found"}
PATHS: dict[str, Any] = make_schema()["paths"]


FLAGS = [*RANKING, Question("flags", "flags", "Flags", options={"flags": {"rude": "Rude"}})]


def label(project: Project, size: int = 3, **answers: object) -> None:
    """So many people rank, and answer what else there is, about so many tasks."""
    endpoints = [make_endpoint(project) for _n in range(2)]
    people = [make_member(project) for _n in range(size)]
    for number in range(size):
        task = make_task(project, endpoints=endpoints, overlap=size)
        for person in people:
            rank(task, person, [1, 2] if number else [2, 1], **answers)


def compute(project: Project) -> None:
    report_agreement(project=project)
    report_scores(project=project)


@pytest.fixture
def project() -> Project:
    return make_project("demo", RANKING)


@pytest.fixture
def lead(project: Project) -> User:
    return make_member(project, Role.LEAD, "lead")


@pytest.fixture
def flagged(project: Project, lead: User) -> Project:
    """Three people compare and flag the responses of two endpoints to three prompts, one of them of a use case."""
    add_instrument(project=project, questions=FLAGS)
    endpoints = [make_endpoint(project, name) for name in ("m0", "m1")]
    people = [make_member(project, username=name) for name in ("ann", "ben", "cal")]
    for number in range(3):
        prompt = make_prompt(project, use_case="" if number else "chat")
        task = make_task(project, endpoints=endpoints, overlap=3, prompt=prompt)
        for place, person in enumerate(people):
            rank(task, person, [1, 2] if number else [2, 1], flags={"rude": [place == 0, number > 1]})
    return project


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """What a command says of the project."""

    def run(name: str, *argv: str) -> Any:
        capsys.readouterr()
        call_command(name, "--project", "demo", "--json", *argv)
        return json.loads(capsys.readouterr().out)

    return run


@pytest.fixture
def ask(client: Client, lead: User) -> Callable[..., Any]:
    """What the lead's program is told; `expecting` is the status, and the schema is held to each answer."""
    token = bearer(lead)

    def asked(address: str, expecting: int = 200, **headers: str) -> Any:
        answer = client.get(address, headers=token | headers)
        assert answer.status_code == expecting, answer.content
        return checked(answer)

    return asked


def checked(answer: Any) -> Any:
    """The content of an answer, if it has the shape that the schema gives for its address and status."""
    assert answer["Content-Type"] == "application/json"
    said = answer.json()
    template = re.sub(r"/projects/[^/]+/", "/projects/{slug}/", answer.wsgi_request.path)
    template = re.sub(r"/\d+/", "/{snapshot_id}/", template)
    described = PATHS[template]["get"]["responses"][str(answer.status_code)]["content"]["application/json"]["schema"]
    has_shape(said, described)
    if answer.status_code >= 400:
        assert said["error"]["message"]
    return said


def has_shape(said: Any, described: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator({**described, "components": make_schema()["components"]}).validate(said)


# Who gets what


@pytest.mark.parametrize("name", sorted(BY_TOKEN))
def test_every_state_of_a_token(name: str, client: Client, project: Project, lead: User) -> None:
    past = timezone.now() - timedelta(days=2)
    states: dict[str, Callable[[AccessToken], object]] = {
        "token_revoked": lambda token: revoke(token=token),
        "token_expired": lambda token: AccessToken.objects.filter(pk=token.pk).update(
            created_at=past, expires_at=past + timedelta(days=1)
        ),
        "account_closed": lambda token: User.objects.filter(pk=lead.pk).update(is_active=False),
    }
    shown = {"token_unknown": "Bearer concord_none", "token_missing": "Basic a2ltOnNlY3JldA=="}
    for code, spoil in states.items():
        token, secret = issue(user=lead, name="a test")
        assert client.get(address_of(name, project), headers={"Authorization": f"bearer {secret}"}).status_code in FOUND
        spoil(token)
        shown[code] = f"Bearer {secret}"
    for code, header in shown.items():
        answer = client.get(address_of(name, project), headers={"Authorization": header})
        assert (answer.status_code, checked(answer)["error"]["code"]) == (401, code)
        assert answer["WWW-Authenticate"] == 'Bearer realm="Concord", error="invalid_token"'
    without = client.get(address_of(name, project))
    assert (without.status_code, checked(without)["error"]["code"]) == (401, "token_missing")
    assert without["WWW-Authenticate"] == 'Bearer realm="Concord"'


@pytest.mark.parametrize("name", sorted(BY_TOKEN & set(IN_PROJECT)))
def test_refusals_have_one_shape(name: str, client: Client, project: Project) -> None:
    other = make_project()
    for role in Role:
        headers = bearer(make_member(project, role))
        for address, statuses in ((project, {*FOUND, 403}), (other, {404}), (Project(slug="none"), {404})):
            answer = client.get(address_of(name, address), headers=headers)
            assert answer.status_code in statuses
            if answer.status_code != 200 or name not in FILES:
                said = checked(answer)
                assert answer.status_code == 200 or said["error"]["code"] == CODES[answer.status_code]
            assert "private" in answer["Cache-Control"]
            assert "Authorization" in answer["Vary"]


def test_who_was_removed_gets_nothing_by_an_older_token(ask: Callable[..., Any], project: Project, lead: User) -> None:
    assert ask("/api/v1/projects/demo/")["role"] == "lead"
    Membership.objects.filter(user=lead).update(status=Status.REMOVED)
    ask("/api/v1/projects/demo/", expecting=404)
    assert ask("/api/v1/projects/")["results"] == []


# What they get


def test_projects_are_ones_own_with_ones_role(client: Client, ask: Callable[..., Any], lead: User) -> None:
    other, foreign = make_project(), make_project()
    Membership.objects.create(project=other, user=lead, role=Role.ANNOTATOR)
    rows = ask("/api/v1/projects/")["results"]
    assert [(row["slug"], row["role"]) for row in rows] == [("demo", "lead"), (other.slug, "annotator")]
    admin = bearer(make_user(is_superuser=True))
    found = checked(client.get("/api/v1/projects/", headers=admin))["results"]
    assert {(row["slug"], row["role"]) for row in found} == {
        (one.slug, "lead") for one in (*Project.objects.exclude(pk=foreign.pk), foreign)
    }


def test_a_project_says_what_it_asks(ask: Callable[..., Any], lead: User) -> None:
    said = ask("/api/v1/projects/demo/")
    assert (said["slug"], said["role"]) == ("demo", "lead")
    ranking = {"name": "ranking", "kind": "ranking", "title": "Rank the responses", "required": True}
    assert said["questions"] == [ranking]
    Membership.objects.create(project=make_project("bare", []), user=lead, role=Role.ANNOTATOR)
    assert ask("/api/v1/projects/bare/")["questions"] == []


def test_progress(ask: Callable[..., Any], project: Project, printed: Callable[..., Any]) -> None:
    label(project, 2)
    make_task(project, overlap=3)
    said = ask("/api/v1/projects/demo/progress/?seed=3")
    counts = said.pop("counts")
    assert (counts["tasks"], counts["tasks_done"], counts["responses"]) == (3, 2, 7)
    assert (said["seats"]["filled"], said["seats"]["left"], said["forecast"]["seed"]) == (4, 3, 3)
    assert in_utc(said) == in_utc(printed("progress", "--seed", "3"))


def in_utc(progress: dict[str, Any]) -> dict[str, Any]:
    people = [{**one, "last": datetime.fromisoformat(one["last"])} for one in progress["people"]]
    return progress | {"people": people}


COMPUTED = {
    "agreement/?statistic=cohen_kappa": "agreement --statistic cohen_kappa",
    "agreement/?statistic=icc&question=rude&by=endpoint": "agreement --statistic icc --question rude --by endpoint",
    "agreement/?statistic=gwet_ac&level=ratio": "agreement --statistic gwet_ac --level ratio",
    "agreement/?statistic=cohen_kappa&seed=7&annotators=ann&annotators=ben": (
        "agreement --statistic cohen_kappa --seed 7 --annotators ann ben"
    ),
    "agreement/?statistic=gwet_ac&from=2026-01-02&to=9999-12-30": (
        "agreement --statistic gwet_ac --from 2026-01-02 --to 9999-12-30"
    ),
    "agreement/?to=2026-01-02T03:04:05Z": "agreement --to 2026-01-02T03:04:05Z",
    "scores/?question=rude": "scores --question rude",
    "scores/?score=length_controlled&baseline=m1": "scores --score length_controlled --baseline m1",
    "scores/?score=bradley_terry&anchor=m1&seed=5": "scores --score bradley_terry --anchor m1 --seed 5",
    "scores/?score=elo&by=use_case&annotators=cal": "scores --score elo --by use_case --annotators cal",
}


def test_what_is_computed_is_what_commands_compute(
    ask: Callable[..., Any], flagged: Project, printed: Callable[..., Any]
) -> None:
    for address, command in COMPUTED.items():
        said, by_command = ask(f"/api/v1/projects/demo/{address}"), printed(*command.split())
        assert said == by_command | {"computed_at": None}, address
        assert said["rows"] or address.startswith("agreement/?to="), address


def test_stored_agreement(ask: Callable[..., Any], flagged: Project, printed: Callable[..., Any]) -> None:
    report_agreement(project=flagged)
    said, by_command = ask("/api/v1/projects/demo/agreement/"), printed("agreement")
    of_two = [row for row in by_command["rows"] if row["annotators"]]
    assert {row["statistic"] for row in of_two} == {"cohen_kappa"}
    assert said["rows"] == [row for row in by_command["rows"] if not row["annotators"]]
    assert (said["n_annotations"], said["seed"], said["majority"]) == (9, 0, by_command["majority"])
    assert said["computed_at"]
    found = {"rude": {"flags.rude"}, "flags": {"flags.rude"}, "flags.rude": {"flags.rude"}, "ranking": {"ranking"}}
    for question, names in found.items():
        some = ask(f"/api/v1/projects/demo/agreement/?question={question}&statistic=gwet_ac")
        assert some["computed_at"] == said["computed_at"]
        assert {row["question"] for row in some["rows"]} == names
    everywhere = ask("/api/v1/projects/demo/agreement/?statistic=agreement_with_ties")["rows"]
    assert everywhere == printed("agreement", "--statistic", "agreement_with_ties")["rows"]
    assert len(everywhere) == 2

    report = ask("/api/v1/projects/demo/agreement/report/")
    assert [one["question"] for one in report["questions"]] == ["ranking", "flags.rude"]
    ranking = report["questions"][0]
    assert ranking["figures"] == [row for row in said["rows"] if row["question"] == "ranking"]
    assert {row["part"] for row in ranking["parts"]["use_case"]} == {"chat", ""}
    assert [row["annotators"] for row in ranking["between"]] == [["ann", "ben"], ["ann", "cal"], ["ben", "cal"]]
    assert [(row["equal"], row["n"]) for row in ranking["between"]] == [(3, 3)] * 3
    assert sum(map(sum, ranking["confusion"])) == 9
    assert [(one["annotator"], one["n_labels"]) for one in report["annotators"]] == [("ann", 3), ("ben", 3), ("cal", 3)]
    assert report["annotators"][0]["agreement"]["value"] == 1
    assert report["together"]["position"]["n"] == 9


def test_stored_scores(ask: Callable[..., Any], flagged: Project, printed: Callable[..., Any]) -> None:
    report_scores(project=flagged)
    said = ask("/api/v1/projects/demo/scores/")
    assert said["rows"] == printed("scores")["rows"]
    assert said["computed_at"]
    rates = ask("/api/v1/projects/demo/scores/?score=flag_rate")["rows"]
    assert rates == [row for row in said["rows"] if row["score"] == "flag_rate.rude"]
    assert [row["endpoint"] for row in rates] == ["m0", "m1"]

    report = ask("/api/v1/projects/demo/scores/report/")
    assert report["endpoints"] == ["m0", "m1"]
    assert report["figures"] == said["rows"]
    assert {row["part"] for row in report["parts"]["use_case"]} == {"chat", ""}
    assert [(row["first"], row["second"], row["won"]) for row in report["matrix"]] == [("m0", "m1", 6), ("m1", "m0", 3)]
    at_equal_length = [(row["baseline"], row["endpoint"]) for row in report["lengths"]]
    assert at_equal_length == [("m0", "m0"), ("m0", "m1"), ("m1", "m0"), ("m1", "m1")]
    margin = next(row for row in report["paired"] if row["score"] == "margin")
    assert (margin["first"], margin["second"], margin["n"]) == ("m0", "m1", 3)
    assert margin["value"] == pytest.approx(1 / 3)


def test_enough(ask: Callable[..., Any], flagged: Project, printed: Callable[..., Any]) -> None:
    report_enough(project=flagged)
    said = ask("/api/v1/projects/demo/enough/?width=0.05&power=0.9&first=m0")
    by_command = printed("enough", "--width", "0.05", "--power", "0.9", "--first", "m0")
    assert by_command["pairs"]
    assert {name: said[name] for name in by_command} == by_command
    assert (said["n_annotations"], len(said["times"])) == (9, 10)
    some = ask("/api/v1/projects/demo/enough/?score=win_rate_adjusted")
    assert [(row["score"], row["endpoint"]) for row in some["rows"]] == [
        ("win_rate_adjusted", "m0"),
        ("win_rate_adjusted", "m1"),
    ]


def test_a_report_is_the_file_of_the_command(
    ask: Callable[..., Any], flagged: Project, printed: Callable[..., Any], tmp_path: Path
) -> None:
    file = tmp_path / "report.md"
    printed("report", "--format", "markdown", "--names", "--out", str(file))
    said = ask("/api/v1/projects/demo/report/?format=markdown&names=true")
    assert said["content"] == file.read_text()
    assert (said["name"], said["content_type"]) == ("demo-report.md", "text/markdown; charset=utf-8")
    assert "ann" in said["content"]
    by_number = ask("/api/v1/projects/demo/report/")
    assert by_number["name"] == "demo-report.html"
    assert "Annotator 1" in by_number["content"]


def test_distributions_of_ratings(ask: Callable[..., Any], lead: User) -> None:
    rated = make_project("rated", [*RANKING, Question("quality", "likert", "Quality", options={"low": 1, "high": 3})])
    Membership.objects.create(project=rated, user=lead, role=Role.LEAD)
    task = make_task(rated, endpoints=[make_endpoint(rated, name) for name in ("m0", "m1")])
    rank(task, make_member(rated), [1, 2], quality=[3, 1])
    report_scores(project=rated)
    (scale,) = ask("/api/v1/projects/rated/scores/report/")["distributions"]
    assert (scale["question"], scale["domain"]) == ("quality", [1, 2, 3])
    assert scale["endpoints"] == [{"endpoint": "m0", "counts": [0, 0, 1]}, {"endpoint": "m1", "counts": [1, 0, 0]}]


def test_consensus_comes_by_pages(ask: Callable[..., Any], flagged: Project, printed: Callable[..., Any]) -> None:
    by_command = printed("consensus")
    pages = [ask("/api/v1/projects/demo/consensus/?limit=2")]
    while pages[-1]["next"]:
        pages.append(ask(pages[-1]["next"]))
    assert [len(page["rows"]) for page in pages] == [2, 2, 2]
    assert [row for page in pages for row in page["rows"]] == by_command["rows"]
    assert all(page["flags"] == by_command["flags"] for page in pages)
    rude = ask("/api/v1/projects/demo/consensus/?question=rude")
    assert (len(rude["rows"]), rude["next"]) == (3, None)
    assert ask("/api/v1/projects/demo/consensus/?cursor=none:1")["rows"] == []


def test_before_anything_was_computed(ask: Callable[..., Any]) -> None:
    nothing: dict[str, Any] = {"project": "demo", "computed_at": None, "n_annotations": None, "seed": None, "rows": []}
    assert ask("/api/v1/projects/demo/agreement/") == nothing | {"majority": None}
    assert ask("/api/v1/projects/demo/scores/") == nothing
    for address in ("agreement/report", "scores/report", "enough"):
        said = ask(f"/api/v1/projects/demo/{address}/")
        assert (said["computed_at"], said["n_annotations"]) == (None, None)


def test_lists_come_by_pages(ask: Callable[..., Any], project: Project, lead: User) -> None:
    names = ["lead"] + [make_member(project).username for _n in range(4)]
    Membership.objects.filter(user__username=names[2]).update(status=Status.REMOVED)
    pages = [ask("/api/v1/projects/demo/members/?limit=2")]
    while pages[-1]["next"]:
        pages.append(ask(pages[-1]["next"]))
    assert [[row["name"] for row in page["results"]] for page in pages] == [names[:2], names[2:4], names[4:]]
    assert pages[1]["results"][0] == {"name": names[2], "role": "annotator", "status": "removed"}
    assert pages[0]["previous"] is None
    assert [row["name"] for row in ask(pages[2]["previous"])["results"]] == names[2:4]
    for _n in range(2):
        Membership.objects.create(project=make_project(), user=lead, role=Role.REVIEWER)
    first = ask("/api/v1/projects/?limit=2")
    assert len(first["results"]) == 2
    assert len(ask(first["next"])["results"]) == 1


def test_what_has_not_changed_is_not_sent_again(client: Client, lead: User, project: Project) -> None:
    label(project, 2)
    report_agreement(project=project)
    token = bearer(lead)
    address = "/api/v1/projects/demo/agreement/"
    first = client.get(address, headers=token)
    same = client.get(address, headers=token | {"If-None-Match": first["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    assert same["ETag"] == first["ETag"]
    report_agreement(project=project)
    assert client.get(address, headers=token | {"If-None-Match": first["ETag"]}).status_code == 200
    stranger = bearer(make_user())
    assert client.get(address, headers=stranger | {"If-None-Match": first["ETag"]}).status_code == 404


def test_no_address_asks_the_database_much(client: Client) -> None:
    asked: dict[str, list[int]] = {name: [] for name in BY_TOKEN}
    for size in (2, 3):
        project = make_project(questions=RANKING)
        label(project, size)
        compute(project)
        report_enough(project=project)
        lead = make_member(project, Role.LEAD)
        for _n in range(size):
            Membership.objects.create(project=make_project(), user=lead, role=Role.LEAD)
        token = bearer(lead)
        client.get(reverse("api-projects"), headers=token)  # which notes, for a minute, that the token is in use
        for name in asked:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address_of(name, project), headers=token).status_code in FOUND
            asked[name].append(len(queries))
    for name, (small, large) in asked.items():
        assert large <= MOST, name
        assert large <= small, f"{name}: {small} queries, and {large} when there is more"


# What is refused


@pytest.mark.parametrize(
    ("address", "field", "why"),
    [
        ("projects/?page=2", "page", "There is no such parameter. There are: cursor, limit."),
        ("projects/demo/?x=1", "x", "This address has no parameters."),
        ("projects/demo/agreement/?format=csv", "format", "There are: by, annotators, from, to, seed, question, "),
        ("projects/demo/agreement/report/?question=x", "question", "This address has no parameters."),
        ("projects/demo/agreement/?level=high", "level", "not a valid choice"),
        ("projects/demo/agreement/?by=colour", "by", "not a valid choice"),
        ("projects/demo/agreement/?seed=-1", "seed", "greater than or equal to 0"),
        ("projects/demo/agreement/?from=monday", "from", "is no date"),
        ("projects/demo/scores/?to=2026-11-31", "to", "is no date"),
        ("projects/demo/enough/?width=nan", "width", "valid number"),
        ("projects/demo/enough/?power=1", "power", "less than or equal to 0.999"),
        ("projects/demo/report/?format=pdf", "format", "not a valid choice"),
        ("projects/demo/consensus/?cursor=7", "cursor", "does not match"),
        ("projects/demo/agreement/?statistic=kappa", "statistic", "not a valid choice"),
        ("projects/demo/agreement/?question=%00", "question", "Null characters"),
        ("projects/demo/scores/?score=glory", "score", "not a valid choice"),
        ("projects/demo/members/?limit=0", "limit", "greater than or equal to 1"),
        ("projects/demo/members/?limit=201", "limit", "less than or equal to 200"),
        ("projects/demo/members/?limit=many", "limit", "valid integer"),
        ("projects/?cursor=nonsense", "cursor", "Invalid cursor"),
        ("projects/?cursor=cD0lMDA=", "cursor", "Invalid cursor"),  # p=%00
        ("projects/demo/members/?cursor=cD1h", "cursor", "Invalid cursor"),  # p=a
    ],
)
def test_parameters_are_checked(address: str, field: str, why: str, ask: Callable[..., Any]) -> None:
    error = ask(f"/api/v1/{address}", expecting=400)["error"]
    assert error["code"] == "invalid"
    assert list(error["fields"]) == [field]
    assert why in error["fields"][field][0]
    assert error["message"].startswith(f"{field}: ")


def test_a_cursor_beyond_all_numbers_is_an_empty_page(ask: Callable[..., Any]) -> None:
    assert ask("/api/v1/projects/?cursor=cD0xMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA=")["results"] == []


NAMES = sorted({one["name"] for path in PATHS.values() for one in path["get"]["parameters"]})


def test_what_is_not_there_is_refused(ask: Callable[..., Any], flagged: Project) -> None:
    report_agreement(project=flagged)
    report_enough(project=flagged)
    unanswered = "Nobody has answered a question “style”. Answered are: ranking, flags.rude."
    refused = {
        "agreement/?question=style": unanswered,
        "agreement/?question=style&seed=1": unanswered,
        "agreement/?annotators=ann&annotators=zoe": "The project has no annotator zoe.",
        "scores/?question=style": unanswered,
        "scores/?baseline=gpt": "There is no endpoint “gpt”. There are: m0, m1.",
        "enough/?score=glory": "Nothing is foreseen of “glory”, but of: agreement_without_ties, bradley_terry, ",
        "enough/?first=m0&second=gpt": "There is no endpoint “gpt”. There are: m0, m1.",
        "consensus/?question=style": "No answers to “style” compare or flag responses.",
    }
    for address, why in refused.items():
        error = ask(f"/api/v1/projects/demo/{address}", expecting=409)["error"]
        assert error["code"] == "refused"
        assert error["message"].startswith(why)


@given(
    address=st.sampled_from(sorted(PATHS)),
    asked=st.dictionaries(
        st.one_of(st.sampled_from(NAMES), st.text(max_size=5)),
        st.one_of(st.text(max_size=20), st.integers().map(str), st.sampled_from(["ranking", "win_rate", "0001-01-01"])),
        max_size=3,
    ),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_asked_the_schema_says_what_comes(
    client: Client, project: Project, lead: User, address: str, asked: dict[str, str]
) -> None:
    token, secret = issue(user=lead, name="a test")
    whole = address.format(slug="demo", snapshot_id=NO_SUCH_ROW)
    answer = client.get(whole, asked, headers={"Authorization": f"Bearer {secret}"})
    revoke(token=token)
    assert answer.status_code in ((400, 404) if "{snapshot_id}" in address else (200, 400, 409))
    if not answer.streaming:
        checked(answer)


def test_what_no_view_answers_has_the_shape_of_failures(client: Client, lead: User, project: Project) -> None:
    token = bearer(lead)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE evaluation_scorereport RENAME TO gone")
    client.raise_request_exception = False
    many = "&".join(f"x{n}=1" for n in range(1001))
    answers = [
        (404, "not_found", client.get("/api/v1/nothing/", headers=token)),
        (404, "not_found", client.get("/api/v2/projects/")),
        (405, "method_not_allowed", client.post("/api/v1/projects/", headers=token)),
        (405, "method_not_allowed", client.options("/api/v1/projects/demo/", headers=token)),
        (405, "method_not_allowed", client.delete("/api/v1/projects/demo/", headers=token)),
        (405, "method_not_allowed", client.post("/api/v1/schema/")),
        (406, "not_acceptable", client.get("/api/v1/projects/", headers=token | {"Accept": "text/html"})),
        (400, "bad_request", client.get(f"/api/v1/projects/?{many}", headers=token)),
        (400, "bad_request", client.get("/api/v1/projects/", headers=token | {"Host": "elsewhere.example"})),
        (500, "server_error", client.get("/api/v1/projects/demo/scores/", headers=token)),
    ]
    for status, code, answer in answers:
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
        assert answer["Content-Type"] == "application/json"
        has_shape(answer.json(), {"$ref": "#/components/schemas/ErrorAnswer"})


def test_what_a_verb_refuses_is_said_in_its_words() -> None:
    answer = answer_to(Refused("Nobody has answered that."), {})
    assert answer is not None
    assert (answer.status_code, answer.data) == (
        409,
        {"error": {"code": "refused", "message": "Nobody has answered that."}},
    )
    assert answer_to(ValueError("a mistake of ours"), {}) is None


def test_people_still_get_pages_of_errors(client: Client) -> None:
    assert "<html" in client.get("/nothing/").text


def test_failures_are_said_in_the_readers_language(client: Client, lead: User, project: Project) -> None:
    chinese = bearer(lead) | {"Accept-Language": "zh-CN"}
    for address in ("/api/v1/projects/demo/members/?limit=0", "/api/v1/projects/nowhere/"):
        message = client.get(address, headers=chinese).json()["error"]["message"]
        assert re.search(r"[\u4e00-\u9fff]", message), message


# What is said of it


def test_the_schema_is_valid_and_lists_every_address(client: Client) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", os.devnull)
    served = client.get(reverse("api-schema"))
    assert served.json() == make_schema()
    slug = Project(slug="slug")
    ours = {address_of(str(pattern.name), slug) for pattern in patterns() if pattern.name in BY_TOKEN}
    assert {path.format(slug="slug", snapshot_id=NO_SUCH_ROW) for path in PATHS} == ours
    assert make_schema()["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    for operation in operations():
        assert operation["summary"]
        assert operation["description"]
        assert operation["security"] == [{"token": []}]
        assert {"200", "400", "401"} <= set(operation["responses"])
        assert all(one.get("description") for one in operation.get("parameters", []))


def operations() -> Iterator[dict[str, Any]]:
    for methods in PATHS.values():
        yield from methods.values()


def test_the_page_shows_every_operation_and_leads_to_every_shape(client: Client) -> None:
    page = client.get(reverse("api-docs")).text
    assert all(operation["summary"] in page for operation in operations())
    assert all(path in page for path in PATHS)
    targets = set(re.findall(r'href="#([A-Za-z]+)"', page))
    assert set(make_schema()["components"]["schemas"]) <= targets
    assert all(f'id="{target}"' in page for target in targets - {"main"})


@pytest.mark.django_db(transaction=True)
def test_the_examples_of_the_document_run(live_server: LiveServer) -> None:
    project = make_project("demo", RANKING)
    label(project)
    compute(project)
    _token, secret = issue(user=make_member(project, Role.LEAD, "kim"), name="a test")
    asking = (ROOT / "docs" / "api.md").read_text().partition("## Asking")[2]
    commands = {"sh": ["sh", "-ec"], "python": [sys.executable, "-c"]}
    environment = {"PATH": os.environ["PATH"], "CONCORD": live_server.url, "TOKEN": secret}
    printed = {}
    for language, command in commands.items():
        (example,) = re.findall(rf"```{language}\n(.*?)```", asking, re.DOTALL)
        done = subprocess.run([*command, example], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        printed[language] = done.stdout
    assert '"statistic":"krippendorff_alpha"' in printed["sh"]
    assert "kim lead active" in printed["python"]
