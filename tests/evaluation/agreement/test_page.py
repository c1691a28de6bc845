"""What the page of agreement shows."""

import io
import json
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from django.test import Client

from evaluation.agreement.models import AgreementReport
from evaluation.agreement.report import report_agreement
from labeling.collection.import_annotations import import_annotations
from labeling.people.models import User
from labeling.projects.models import Membership, Project
from labeling.projects.roles import Role
from labeling.prompts.files import ImportFile
from tests.conftest import at
from tests.factories import make_member, make_project
from tests.simulated import Person, simulate

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]

CHARTS = ["headline", "by-use-case", "by-language", "by-week", "annotators", "confusion"]
PEOPLE = [Person("anna"), Person("ben"), Person("chen"), Person("clicker", careless=True, seconds=9)]


@pytest.fixture
def project() -> Project:
    project = make_project()
    simulate(project, PEOPLE, {"base": 0.0, "sft": 1.0}, prompts=90, overlap=4)
    report_agreement(project=project)
    return project


@pytest.fixture
def lead(project: Project, sign_in: SignIn) -> Client:
    return sign_in(make_member(project, Role.LEAD))


def test_readings_stand_beside_chance_and_published_figures(project: Project, lead: Client) -> None:
    page = lead.get(at("agreement", project)).text
    (ranking, *_others) = AgreementReport.objects.get().content["measures"]
    figures = {figure["statistic"]: figure for figure in ranking["figures"]}
    assert f"{100 * figures['agreement_without_ties']['value']:.1f} %" in page
    assert "among the labelers of InstructGPT it was 73 to 77" in page
    assert "MT-bench 81 %" in page
    assert "Below Krippendorff" in page


def test_whoever_clicks_at_random_is_flagged_and_can_be_paused_from_there(project: Project, lead: Client) -> None:
    page = lead.get(at("agreement", project)).text
    row = page[page.index("clicker</a>") :]
    assert "random</span>" in row[: row.index("</tr>")]
    clicker = Membership.objects.get(user__username="clicker")
    lead.post(at("change-member", project, user_id=clicker.user_id), {"deed": "pause", "why": "Please read on."})
    clicker.refresh_from_db()
    assert clicker.status == "paused"


def test_another_question_can_be_looked_at(project: Project, lead: Client) -> None:
    page = lead.get(at("agreement", project), {"question": "overall"}).text
    assert '<option value="overall" selected>' in page
    assert "Intraclass correlation, one annotator" in page
    unknown = lead.get(at("agreement", project), {"question": "no such question"})
    assert '<option value="ranking" selected>' in unknown.text


def test_charts_are_there_to_be_kept(project: Project, lead: Client) -> None:
    for name in CHARTS:
        svg = lead.get(at("agreement-chart", project, name=name, ending="svg"))
        assert svg["Content-Type"] == "image/svg+xml"
        assert ElementTree.fromstring(svg.text).tag.endswith("svg")  # noqa: S314 (our own)
        table = lead.get(at("agreement-chart", project, name=name, ending="csv"))
        assert table["Content-Disposition"] == f'attachment; filename="{name}.csv"'
        assert len(table.text.splitlines()) > 1
    assert lead.get(at("agreement-chart", project, name="none-such", ending="svg")).status_code == 404
    assert lead.get(at("agreement-chart", project, name="headline", ending="exe")).status_code == 404


def test_what_people_disagree_on_is_one_click_from_a_decision(project: Project, lead: Client) -> None:
    most = project.tasks.order_by("-disagreement", "pk")[0]
    page = lead.get(at("agreement", project)).text
    assert f"{at('task', project, task_id=most.pk)}?shelf=disagreed" in page


def test_before_there_are_labels_it_says_so(sign_in: SignIn) -> None:
    project = make_project()
    page = sign_in(make_member(project, Role.LEAD)).get(at("agreement", project)).text
    assert "Agreement is measured soon after two people have labeled the same task." in page


def test_what_has_no_value_says_why(sign_in: SignIn) -> None:
    project = make_project()
    simulate(project, PEOPLE[:1], {"base": 0.0, "sft": 1.0}, prompts=10, overlap=1)
    report_agreement(project=project)
    page = sign_in(make_member(project, Role.LEAD)).get(at("agreement", project)).text
    assert "No item was labeled by two people." in page


def test_imported_labels_say_nothing_of_what_was_shown_first_or_of_drift() -> None:
    project = make_project(questions=[])
    responses = [{"model": model, "text": f"{model} says"} for model in ("m1", "m2")]
    rows = [
        {"prompt": f"p{number}", "responses": responses, "annotator": annotator, "ranks": [1, 2]}
        for number in range(12)
        for annotator in ("kim", "lee", "max")
    ]
    file = ImportFile(io.BytesIO("\n".join(map(json.dumps, rows)).encode()), "judged.jsonl")
    import_annotations(project=project, file=file)
    report_agreement(project=project)
    found = AgreementReport.objects.get(project=project).content["annotators"]
    for one in [*found["each"], found["together"]]:
        assert (one["position"]["value"], one["drift"]["value"]) == (None, None)
