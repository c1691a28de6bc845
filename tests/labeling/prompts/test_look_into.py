"""What a worker finds in prompts, what becomes of those that hold personal data, and what the database refuses."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from labeling.assignment.change_settings import change_settings
from labeling.assignment.make_tasks import make_tasks
from labeling.audit import AuditEntry
from labeling.errors import Refused
from labeling.people.models import User
from labeling.projects.models import Project
from labeling.projects.personal_data import Treatment
from labeling.projects.roles import Role
from labeling.prompts import jobs
from labeling.prompts.admit import within_cap
from labeling.prompts.decide import Decision, decide
from labeling.prompts.import_prompts import PromptStore
from labeling.prompts.look_into import ensure_families, examine
from labeling.prompts.models import Clearance, Prompt
from labeling.prompts.rows import prompt_of
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
    new_prompt,
)

pytestmark = pytest.mark.django_db

PERSONAL = "My address is ann@example.org, what shall I write to my boss?"
MASKED = "My address is [EMAIL], what shall I write to my boss?"


def treating(treatment: Treatment) -> Project:
    project = make_project()
    project.personal_data = treatment
    project.save()
    return project


def again(prompt: Prompt) -> Prompt:
    return Prompt.objects.get(pk=prompt.pk)


def test_a_language_is_detected_where_none_is_stated() -> None:
    project = make_project()
    german = make_prompt(project, "Was ist die Hauptstadt von Frankreich?")
    stated = make_prompt(project, "Was ist die Hauptstadt von Belgien?", language="nl")
    unsure = make_prompt(project, "1 + 1")
    examine(project_id=project.pk)
    found = [(one.language, one.language_detected) for one in map(again, (german, stated, unsure))]
    assert found == [("de", True), ("nl", False), ("", False)]
    assert not project.prompts.unseen().exists()


def test_personal_data_is_noted_and_used_unless_the_project_says_otherwise() -> None:
    project = make_project()
    prompt = make_prompt(project, PERSONAL)
    examine(project_id=project.pk)
    assert again(prompt).personal == ["email"]
    assert again(prompt).clearance == ""
    assert project.prompts.usable().count() == 1


def test_earlier_turns_and_system_prompts_are_looked_into_and_masked() -> None:
    project = treating(Treatment.MASK)
    turns = [{"role": "user", "content": "I am at 8.8.8.8"}, {"role": "assistant", "content": "ok"}]
    prompt = new_prompt(project, {"messages": [*turns, {"role": "user", "content": "And now?"}], "system": PERSONAL})
    prompt.save()
    examine(project_id=project.pk)
    found = again(prompt)
    assert (found.system, found.history[0]["content"], found.text) == (MASKED, "I am at [IP]", "And now?")
    assert (found.personal, found.clearance, found.digest) == (["email", "ip"], Clearance.MASKED, prompt.digest)


def test_held_prompts_are_not_used_until_a_lead_decides() -> None:
    project = treating(Treatment.HOLD)
    prompt, harmless = make_prompt(project, PERSONAL), make_prompt(project)
    endpoint = make_endpoint(project, model="tiny")
    with pytest.raises(Refused, match="still to be looked into"):
        make_run(endpoint)
    examine(project_id=project.pk)
    assert again(prompt).clearance == Clearance.HELD
    run = make_run(endpoint)
    assert {sample.prompt_id for sample in run.sample_set.all()} == {harmless.pk}
    decide(project=project, decision=Decision.USE)
    assert make_run(endpoint).sample_set.get().prompt_id == prompt.pk
    assert AuditEntry.objects.get(action="prompts.decided").detail == {"decision": "use", "prompt": None, "prompts": 1}


def test_no_task_is_made_of_a_held_prompt_though_it_has_responses() -> None:
    project = treating(Treatment.HOLD)
    endpoint = make_endpoint(project)
    prompts = [make_prompt(project, PERSONAL), make_prompt(project)]
    for prompt in prompts:
        for _n in range(2):
            make_response(prompt, endpoint)
    with pytest.raises(Refused):
        make_tasks(project=project, responses=2, overlap=1)
    make_tasks(project=project, responses=2, overlap=1, standing=True)
    examine(project_id=project.pk)
    _plan, n_tasks = make_tasks(project=project, responses=2, overlap=1)
    assert (n_tasks, project.tasks.get().prompt_id) == (1, prompts[1].pk)
    with pytest.raises(Refused, match="has answers"):
        decide(project=project, decision=Decision.MASK, prompt_id=prompts[0].pk)
    assert again(prompts[0]).clearance == Clearance.HELD


def test_a_lead_has_prompts_masked_or_dropped() -> None:
    project = treating(Treatment.HOLD)
    texts = [PERSONAL, f"{PERSONAL} Soon!", "Call +49 30 901820"]
    first, second, third = (make_prompt(project, text) for text in texts)
    examine(project_id=project.pk)
    assert decide(project=project, decision=Decision.MASK, prompt_id=first.pk) == 1
    assert decide(project=project, decision=Decision.DROP, prompt_id=third.pk) == 1
    with pytest.raises(Refused):
        decide(project=project, decision=Decision.USE, prompt_id=third.pk)
    assert again(first).text == MASKED
    assert again(second).text == texts[1]
    assert {prompt.pk for prompt in project.prompts.usable()} == {first.pk}
    ensure_families(project=project)
    assert again(first).family == again(second).family != ""


def test_another_setting_is_for_what_is_not_in_use_yet() -> None:
    project = make_project()
    waiting, asked = make_prompt(project, PERSONAL), make_prompt(project, f"{PERSONAL} Please!")
    labeled = make_task(project, prompt=make_prompt(project, f"{PERSONAL} Quick!")).prompt
    examine(project_id=project.pk)
    make_run(make_endpoint(project, model="tiny"))
    Prompt.objects.get(pk=waiting.pk).samples.all().delete()
    project.personal_data = Treatment.HOLD
    change_settings(project=project, changed=["personal_data"])
    assert {prompt.pk for prompt in project.prompts.usable()} == {asked.pk, labeled.pk}
    examine(project_id=project.pk)
    assert [again(one).clearance for one in (waiting, asked, labeled)] == ["held", "", ""]


def test_the_database_keeps_what_is_in_use_and_refuses_what_is_held() -> None:
    project = treating(Treatment.HOLD)
    answered = make_prompt(project)
    make_response(answered, make_endpoint(project))
    with pytest.raises(IntegrityError, match="is in use"), transaction.atomic():
        Prompt.objects.filter(pk=answered.pk).update(text="Another")
    held = make_prompt(project, PERSONAL)
    examine(project_id=project.pk)
    run = make_run(make_endpoint(project, model="tiny"))
    sample = run.sample_set.get()
    with pytest.raises(IntegrityError, match="held"), transaction.atomic():
        sample.__class__.objects.create(
            run=run, endpoint=sample.endpoint, params=sample.params, prompt=held, number=0, seed=1
        )
    plan, _n_tasks = make_tasks(project=project, responses=2, overlap=1, standing=True)
    with pytest.raises(IntegrityError, match="held"), transaction.atomic():
        project.tasks.create(instrument=project.current_instrument(), prompt=held, plan=plan, digest="")
    project.tasks.create(instrument=project.current_instrument(), prompt=held, digest="")  # as imports of labels do
    with pytest.raises(IntegrityError), transaction.atomic():
        Prompt.objects.filter(pk=answered.pk).update(clearance=Clearance.HELD)
    with pytest.raises(IntegrityError), transaction.atomic():
        Prompt.objects.filter(pk=answered.pk).update(language="", language_detected=True)


def test_what_a_lost_call_left_is_found_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    left, late = make_project(), make_project()
    make_project()
    for project in (left, late):
        make_prompt(project)
    left.prompts.update(created_at=timezone.now() - timedelta(minutes=1))
    called: list[Project] = []
    monkeypatch.setattr(jobs, "look_into", called.append)
    jobs.sweep()
    assert called == [left]
    jobs.look(left.pk)
    jobs.look(10**9)
    called.clear()
    jobs.sweep()
    assert called == []


def test_of_one_owner_only_so_many_are_taken_in() -> None:
    project = make_project()
    make_prompt(project, owner="ann")
    new = [
        prompt_of({"prompt": f"New {n}", "owner": owner})
        for n, owner in enumerate(["ann", "ann", "bob", "", "", "ann"])
    ]
    assert within_cap(project, new) == new
    project.most_of_owner = 2
    assert [prompt.text for prompt in within_cap(project, new)] == ["New 0", "New 2", "New 3", "New 4"]


def test_prompts_can_be_masked_before_they_are_stored() -> None:
    project = treating(Treatment.MASK)
    prompts = [prompt_of({"prompt": PERSONAL}), prompt_of({"prompt": "Hello"})]
    digests = [prompt.digest for prompt in prompts]
    PromptStore(project).put(prompts)
    examine(project_id=project.pk)
    found = list(project.prompts.order_by("pk"))
    assert [prompt.text for prompt in found] == [MASKED, "Hello"]
    assert [prompt.clearance for prompt in found] == [Clearance.MASKED, ""]
    assert (found[0].personal, [prompt.digest for prompt in found]) == (["email"], digests)


def test_the_page_shows_what_was_found_and_takes_decisions(sign_in: Callable[[User], Client]) -> None:
    project = treating(Treatment.HOLD)
    client = sign_in(make_member(project, Role.LEAD))
    assert "No prompt is held" in client.get(at("held-prompts", project)).text
    prompt = make_prompt(project, f"<b>{'long ' * 200}{PERSONAL}{' and so on' * 200}", owner="ann")
    examine(project_id=project.pk)
    page = client.get(at("held-prompts", project)).text
    assert '<mark title="e-mail address">ann@example.org</mark>' in page
    assert "<b>long" not in page
    assert len(page) < 20_000
    form = {"decision": "mask", "prompt_id": prompt.pk}
    answer = client.post(at("decide-held", project), form, follow=True)
    assert "1 prompt is masked." in answer.text
    answer = client.post(at("decide-held", project), form, follow=True)
    assert "somebody else decided" in answer.text
    assert client.post(at("decide-held", project), {"decision": "none"}).status_code == 302


def test_the_settings_say_what_is_done(sign_in: Callable[[User], Client]) -> None:
    project = make_project()
    client = sign_in(make_user(is_superuser=True))
    page = client.get(at("project-settings", project))
    form = {name: value for name, value in page.context["form"].initial.items() if value is not None}
    client.post(at("project-settings", project), {**form, "personal_data": "hold", "most_of_owner": "3"})
    project.refresh_from_db()
    assert (project.personal_data, project.most_of_owner) == (Treatment.HOLD, 3)
