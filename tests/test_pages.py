"""What people do in the pages, over HTTP and without JavaScript."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from labeling.assignment.claim import claim
from labeling.assignment.models import Task, TaskPlan
from labeling.audit import AuditEntry
from labeling.collection.models import Annotation
from labeling.generation.models import Endpoint, GenerationRun, Response, Sample, SentPrompt
from labeling.generation.try_endpoint import answer_trial
from labeling.people.models import User
from labeling.projects.models import Membership, Project
from labeling.projects.roles import Role
from tests.bringing import bring
from tests.conftest import at
from tests.factories import (
    make_endpoint,
    make_member,
    make_project,
    make_prompt,
    make_response,
    make_run,
    make_task,
    make_user,
    rank,
)

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture
def project() -> Project:
    return make_project()


@pytest.fixture
def lead(project: Project, sign_in: SignIn) -> Client:
    return sign_in(make_member(project, Role.LEAD))


def test_signing_in_and_out(client: Client) -> None:
    make_user("kim")
    wrong = client.post(reverse("sign-in"), {"username": "kim", "password": "wrong"})
    assert "correct username and password" in wrong.text
    right = client.post(reverse("sign-in"), {"username": "kim", "password": "correct horse"})
    assert right.url == reverse("home")  # type: ignore[attr-defined]
    client.post(reverse("sign-out"))
    assert client.get(reverse("home")).status_code == 302


def test_setting_up_a_project(lead: Client) -> None:
    form = {"name": "Helpful", "slug": "helpful", "description": "", "preset": "instructgpt"}
    answer = lead.post(reverse("new-project"), form)
    made = Project.objects.get(slug="helpful")
    assert answer.url == at("overview", made)  # type: ignore[attr-defined]
    assert made.current_instrument() is not None
    assert made.memberships.get().role == Role.LEAD
    again = lead.post(reverse("new-project"), form)
    assert again.status_code == 422
    assert "already a project at “helpful”" in again.text
    bad = lead.post(reverse("new-project"), form | {"slug": "Not An Address"})
    assert "lower-case letters" in bad.text


def test_bringing_somebody_in(lead: Client, project: Project) -> None:
    answer = lead.post(at("people", project), {"username": "kim", "role": "annotator"}, follow=True)
    user = User.objects.get(username="kim")
    assert Membership.objects.get(user=user, project=project).role == Role.ANNOTATOR
    password = answer.text.partition("The password of the new account is ")[2].partition(":")[0]
    assert user.check_password(password)
    lead.post(at("people", project), {"username": "kim", "role": "reviewer"})
    assert Membership.objects.get(user=user, project=project).role == Role.REVIEWER
    wrong = lead.post(at("people", project), {"username": "no spaces please", "role": "annotator"})
    assert wrong.status_code == 422
    assert "cannot be a user name" in wrong.text


def test_importing_prompts(lead: Client, project: Project) -> None:
    answer = bring(lead, project, "p.jsonl", b'{"prompt": "<script>alert(1)</script>"}\n')
    assert "Prompts imported: 1" in answer.text
    prompts = lead.get(at("prompts", project))
    assert "&lt;script&gt;alert(1)" in prompts.text
    assert "<script>alert(1)" not in prompts.text


def test_endpoints_and_runs(lead: Client, project: Project) -> None:
    form = {"name": "warm", "model": "tiny", "temperature": "0.7", "top_p": "0.9", "max_new_tokens": "16"}
    lead.post(at("new-endpoint", project), form)
    endpoint = Endpoint.objects.get(name="warm")
    again = lead.post(at("new-endpoint", project), form)
    assert "has an endpoint of this name already" in again.text
    for wrong in ({"model": "../etc"}, {"temperature": "9"}, {"top_p": "0"}, {"max_new_tokens": "0"}):
        answer = lead.post(at("new-endpoint", project), form | {"name": "other"} | wrong)
        assert answer.status_code == 422, wrong
    asked = {f"e{endpoint.pk}-samples": "2"}
    nothing = lead.post(at("new-run", project), asked)
    assert "There are no prompts to answer yet" in nothing.text
    make_prompt(project)
    none = lead.post(at("new-run", project), {})
    assert "Choose an endpoint" in none.text
    lead.post(at("new-run", project), asked)
    run = GenerationRun.objects.get()
    assert run.sample_set.count() == 2
    assert run.parts.get().params.sampling == endpoint.sampling
    foreign = make_endpoint(make_project(), model="tiny")
    assert lead.post(at("new-run", project), {f"e{foreign.pk}-samples": "1"}).status_code == 422
    assert "0 of 2" in lead.get(at("responses", project)).text


def test_a_mix_of_endpoints_and_temperatures(lead: Client, project: Project) -> None:
    make_prompt(project)
    calm, lively = make_endpoint(project, "calm", model="tiny"), make_endpoint(project, "lively", model="tiny")
    asked = {
        f"e{calm.pk}-samples": "1",
        f"e{lively.pk}-samples": "2",
        f"e{lively.pk}-temperatures": "0.7, 1.2",
        f"e{lively.pk}-max_new_tokens": "9",
        "per_prompt": "4",
    }
    estimated = lead.get(at("new-run", project), asked, headers={"HX-Request": "true"})
    assert ">4</dd>" in estimated.text
    wrong = lead.post(at("new-run", project), asked | {f"e{lively.pk}-temperatures": "warm"})
    assert "Write temperatures as numbers" in wrong.text
    lead.post(at("new-run", project), asked)
    run = GenerationRun.objects.get()
    assert run.sample_set.count() == 4
    found = run.parts.values_list("params__temperature", "params__max_new_tokens", "samples")
    assert set(found) == {(1.0, 256, 1), (0.7, 9, 2), (1.2, 9, 2)}


def test_a_run_is_paused_resumed_cancelled_and_tried_again(lead: Client, project: Project) -> None:
    make_prompt(project)
    run = make_run(make_endpoint(project, model="tiny"), 2)

    def change(name: str) -> str:
        return lead.post(at("change-run", project, run_id=run.pk), {"change": name}, follow=True).text

    assert "Paused" in change("pause")
    assert "there is nothing to change" in change("pause")
    assert "Waiting for a worker" in change("resume")
    assert "Cancelled" in change("cancel")
    assert run.sample_set.filter(state="cancelled").count() == 2
    assert "Waiting for a worker" in change("retry")


def test_what_a_later_run_took_over_is_said(lead: Client, project: Project) -> None:
    make_prompt(project)
    endpoint = make_endpoint(project, model="tiny")
    first = make_run(endpoint, 2)
    first.sample_set.update(state="failed", problem="no_memory")
    make_run(endpoint, 2)
    page = lead.get(at("run", project, run_id=first.pk)).text
    assert "2 that failed or were cancelled here went to a later run." in page


def test_what_failed_and_why_by_prompt(lead: Client, project: Project) -> None:
    make_prompt(project, text="A prompt that is too long.")
    run = make_run(make_endpoint(project, model="tiny"), 1)
    detail = {"n": 900, "m": 256, "context": 512}
    run.sample_set.update(state="failed", problem="too_long", problem_detail=detail)
    page = lead.get(at("run", project, run_id=run.pk), {"shelf": "failed"})
    assert "A prompt that is too long." in page.text
    assert "exceeds the model&#x27;s 512" in page.text
    lead.cookies["django_language"] = "zh-hans"
    assert "512" in lead.get(at("run", project, run_id=run.pk), {"shelf": "failed"}).text


def test_what_a_model_wrote_is_text_and_nothing_else(lead: Client, project: Project) -> None:
    """In lists of responses, trials, and reasons that quote a model or a server."""
    hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    prompt = make_prompt(project, text=hostile)
    endpoint = make_endpoint(
        project, model="tiny", problem="not_loaded", problem_detail={"model": hostile, "why": hostile}
    )
    run = make_run(endpoint, 2)
    first, second = run.sample_set.all()
    sent = SentPrompt.objects.create(digest="0" * 64, text=hostile)
    make_response(prompt, endpoint, hostile, sample=first, sent=sent, finish_reason=hostile[:32], revision=hostile)
    Sample.objects.filter(pk=second.pk).update(state="failed", problem="broke", problem_detail={"why": hostile})
    trial = endpoint.trials.create(prompt=hostile, text=hostile, created_by=User.objects.get(), ended_at=timezone.now())
    for address in (
        at("responses", project),
        at("run", project, run_id=run.pk),
        at("run", project, run_id=run.pk) + "?shelf=failed",
        at("endpoint", project, endpoint_id=endpoint.pk),
        at("trial", project, endpoint_id=endpoint.pk, trial_id=trial.pk),
    ):
        page = lead.get(address).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "&lt;script&gt;" in page, address


def test_a_server_is_added_changed_and_its_key_never_shown(lead: Client, project: Project) -> None:
    form = {
        "name": "hosted",
        "base_url": "https://api.example.com/v1",
        "model": "big",
        "key": "sk-very-secret",
        "concurrency": "4",
        "temperature": "1",
        "top_p": "1",
        "max_new_tokens": "16",
        "prompt_price": "2.5",
        "response_price": "10",
    }
    address = at("new-endpoint", project) + "?provider=openai"
    bad = lead.post(address, form | {"base_url": "ftp://files.example.com"})
    assert "is not the address of a server" in bad.text
    half = lead.post(address, form | {"prompt_price": ""})
    assert "Give both prices" in half.text
    lead.post(address, form)
    endpoint = Endpoint.objects.get()
    assert endpoint.key == "sk-very-secret"
    assert "secret" not in endpoint.encrypted_key
    changed = form | {"key": "", "concurrency": "16"}
    page = lead.post(at("endpoint", project, endpoint_id=endpoint.pk), changed, follow=True)
    assert "sk-very-secret" not in page.text
    endpoint.refresh_from_db()
    assert (endpoint.concurrency, endpoint.key) == (16, "sk-very-secret")
    assert "sk-very-secret" not in str(list(AuditEntry.objects.values()))


def test_a_key_does_not_go_along_to_another_server(lead: Client, project: Project) -> None:
    endpoint = make_endpoint(project, "hosted", provider="openai", model="big", base_url="https://api.example.com/v1")
    endpoint.key = "sk-1"
    endpoint.save()
    form = {
        "name": "hosted",
        "base_url": "https://api.example.com/v2",
        "model": "big",
        "key": "",
        "concurrency": "4",
        "temperature": "1",
        "top_p": "1",
        "max_new_tokens": "16",
    }
    lead.post(at("endpoint", project, endpoint_id=endpoint.pk), form)
    assert Endpoint.objects.get().key == "sk-1"
    lead.post(at("endpoint", project, endpoint_id=endpoint.pk), form | {"base_url": "https://elsewhere.example/v1"})
    assert Endpoint.objects.get().key == ""


def test_what_an_endpoint_is_cannot_be_changed_once_it_has_answered(lead: Client, project: Project) -> None:
    endpoint = make_endpoint(project, "warm", model="tinny")
    form = {"name": "warm", "model": "tiny", "temperature": "1", "top_p": "1", "max_new_tokens": "16"}
    assert lead.post(at("endpoint", project, endpoint_id=endpoint.pk), form).status_code == 302, "a slip can be mended"
    make_response(make_prompt(project), endpoint)
    form = {"name": "warm", "model": "other", "temperature": "1", "top_p": "1", "max_new_tokens": "16"}
    refused = lead.post(at("endpoint", project, endpoint_id=endpoint.pk), form)
    assert refused.status_code == 422
    assert "has answered already" in refused.text
    assert lead.post(at("endpoint", project, endpoint_id=endpoint.pk), form | {"model": "tiny"}).status_code == 302


def test_trying_an_endpoint(lead: Client, project: Project, tiny_model: str) -> None:
    endpoint = make_endpoint(project, model=tiny_model, max_new_tokens=8)
    page = lead.post(at("try-endpoint", project, endpoint_id=endpoint.pk), {"prompt": "Hello"}, follow=True)
    assert "Waiting for a worker" in page.text
    trial = endpoint.trials.get()
    answer_trial(trial_id=trial.pk)
    shown = lead.get(at("trial", project, endpoint_id=endpoint.pk, trial_id=trial.pk)).text
    assert "tokens in" in shown
    assert "hx-get" not in shown, "it asks no more"
    empty = lead.post(at("try-endpoint", project, endpoint_id=endpoint.pk), {"prompt": ""}, follow=True)
    assert "Write a prompt" in empty.text
    assert not Response.objects.exists()


def test_making_tasks(lead: Client, project: Project) -> None:
    nothing = lead.post(at("new-tasks", project), {"responses": "2", "overlap": "3"})
    assert nothing.status_code == 422
    assert "No prompt without a task has 2 different responses" in nothing.text
    prompt = make_prompt(project)
    for endpoint in (make_endpoint(project), make_endpoint(project)):
        make_response(prompt, endpoint)
    lead.post(at("new-tasks", project), {"responses": "2", "overlap": "3", "standing": "on"})
    assert Task.objects.get().seats.count() == 3
    assert TaskPlan.objects.get().standing


def test_labeling_without_javascript(project: Project, sign_in: SignIn) -> None:
    first, second = make_task(project), make_task(project)
    annotator = make_member(project)
    client = sign_in(annotator)
    assert "Look for a task" in client.get(at("label", project)).text
    client.post(at("next-task", project))
    page = client.get(at("label", project)).text
    assert first.prompt.text in page
    form = {"client_id": page.partition('name="client_id" value="')[2].partition('"')[0]}
    incomplete = client.post(
        at("submit-task", project, task_id=first.pk), form | {"ranking.0": "2", "overall.1": "6", "comment": "my words"}
    )
    assert incomplete.status_code == 422
    assert "Still without a rank: B, C" in incomplete.text
    assert "my words" in incomplete.text
    assert 'name="ranking.0" value="2" checked' in incomplete.text
    assert 'name="overall.1" value="6" checked' in incomplete.text
    assert form["client_id"] in incomplete.text
    scores = {"overall.0": "3", "overall.1": "6", "overall.2": "3"}
    flags = {"flags.harmful_advice.2": "on", "flags.hallucination.2": "on"}
    ranks = {"ranking.0": "2", "ranking.1": "1", "ranking.2": "2", **scores, **flags}
    client.post(at("submit-task", project, task_id=first.pk), form | ranks)
    annotation = Annotation.objects.get()
    assert annotation.answers["ranking"] == [2, 1, 2]
    assert annotation.answers["overall"] == [3, 6, 3]
    assert annotation.answers["flags"]["harmful_advice"] == [False, False, True]
    assert "hallucination" not in annotation.answers["flags"]  # asked of closed-domain prompts only
    assert second.prompt.text in client.get(at("label", project)).text
    client.post(at("submit-task", project, task_id=first.pk), form | ranks)
    assert Annotation.objects.count() == 1


def test_the_screen_is_blind(project: Project, sign_in: SignIn) -> None:
    endpoints = [make_endpoint(project, name) for name in ("secret-model-one", "secret-model-two")]
    task = make_task(project, endpoints=endpoints)
    client = sign_in(make_member(project))
    client.post(at("next-task", project))
    answer = client.get(at("label", project))
    seen = re.sub(r'(max|maxlength)="\d+"', "", answer.text) + str(answer.headers)
    assert "secret-model" not in seen
    for response in task.candidates.select_related("response"):
        assert response.response.text in seen
        assert f'"{response.response_id}"' not in seen


def order_a_response(project: Project) -> None:
    make_prompt(project)
    make_run(make_endpoint(project, model="tiny"), 1)


def finish_a_task(project: Project) -> None:
    rank(make_task(project, overlap=1), make_member(project), [1, 2, 3])


def have_somebody_else_at_it(project: Project) -> None:
    make_task(project, overlap=1)
    claim(project=project, user=make_member(project))


@pytest.mark.parametrize(
    ("prepare", "title"),
    [
        (lambda project: None, "There are no tasks yet"),
        (order_a_response, "The next task is on its way"),
        (finish_a_task, "All tasks are done"),
        (have_somebody_else_at_it, "Nothing is left for you just now"),
    ],
)
def test_who_waits_is_told_for_what(
    prepare: Callable[[Project], object], title: str, project: Project, sign_in: SignIn
) -> None:
    prepare(project)
    client = sign_in(make_member(project))
    assert title in client.get(at("label", project)).text
    part = client.post(at("next-task", project), headers={"HX-Request": "true"})
    assert title in part.text
    assert "<html" not in part.text


def test_a_task_that_comes_up_opens_by_itself(project: Project, sign_in: SignIn) -> None:
    make_task(project)
    answer = sign_in(make_member(project)).post(at("next-task", project), headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == at("label", project)


def test_pages_speak_chinese(lead: Client, project: Project) -> None:
    lead.post(reverse("language"), {"language": "zh-hans", "next": "/"})
    page = lead.get(at("overview", project)).text
    assert 'lang="zh-hans"' in page
    assert "概览" in page


def test_responses_carry_a_strict_policy(lead: Client, project: Project) -> None:
    policy = lead.get(at("overview", project)).headers["Content-Security-Policy"]
    assert "'unsafe-inline'" not in policy
    assert "'unsafe-eval'" not in policy
    assert "default-src 'none'" in policy


def test_a_refusal_without_a_form_is_a_page() -> None:
    from django.http import HttpRequest, HttpResponse

    from config.middleware import Refusals
    from labeling.errors import Refused

    request = HttpRequest()
    request.META["SERVER_NAME"] = "localhost"
    answer = Refusals(lambda _request: HttpResponse()).process_exception(request, Refused("not now"))
    assert answer is not None
    assert answer.status_code == 409
    assert "not now" in answer.text  # type: ignore[attr-defined]
