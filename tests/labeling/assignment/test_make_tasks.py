import pytest

from labeling.assignment.jobs import sweep
from labeling.assignment.make_tasks import extend_plan, make_tasks
from labeling.assignment.models import Seat, Task, TaskPlan, TaskResponse
from labeling.errors import Refused
from labeling.projects.models import Project
from tests.factories import make_endpoint, make_project, make_prompt, make_response, make_run

pytestmark = pytest.mark.django_db


def make_answered_project(prompts: int = 4, endpoints: int = 2, samples: int = 2) -> Project:
    project = make_project()
    asked = [make_endpoint(project, f"m{n}") for n in range(endpoints)]
    for _n in range(prompts):
        prompt = make_prompt(project)
        for endpoint in asked:
            for _sample in range(samples):
                make_response(prompt, endpoint)
    return project


def drawn(project: Project) -> dict[int, list[int]]:
    rows = TaskResponse.objects.filter(task__project=project).order_by("task__prompt", "position")
    tasks: dict[int, list[int]] = {}
    for prompt, response in rows.values_list("task__prompt_id", "response_id"):
        tasks.setdefault(prompt, []).append(response)
    return tasks


def test_a_task_for_every_prompt_with_overlap_seats() -> None:
    project = make_answered_project()
    _plan, n_tasks = make_tasks(project=project, responses=3, overlap=3)
    assert n_tasks == 4
    assert Seat.objects.counted().count() == 12
    assert all(len(set(responses)) == 3 for responses in drawn(project).values())


def test_the_seed_decides_what_is_drawn() -> None:
    project = make_answered_project(prompts=6)
    make_tasks(project=project, responses=2, overlap=1, seed=11)
    first = drawn(project)
    Task.objects.all().delete()
    make_tasks(project=project, responses=2, overlap=1, seed=11)
    assert drawn(project) == first
    Task.objects.all().delete()
    make_tasks(project=project, responses=2, overlap=1, seed=12)
    assert drawn(project) != first


def test_responses_are_spread_over_endpoints() -> None:
    project = make_answered_project(prompts=8, endpoints=3, samples=4)
    make_tasks(project=project, responses=3, overlap=1)
    per_task = TaskResponse.objects.values_list("task", "response__endpoint").distinct().count()
    assert per_task == 8 * 3


def test_no_two_responses_of_a_task_read_the_same() -> None:
    project = make_project()
    prompt = make_prompt(project)
    for endpoint in (make_endpoint(project), make_endpoint(project), make_endpoint(project)):
        make_response(prompt, endpoint, "the same")
    with pytest.raises(Refused, match="3 different responses"):
        make_tasks(project=project, responses=3, overlap=1)
    make_response(prompt, make_endpoint(project), "another")
    make_tasks(project=project, responses=2, overlap=1)
    texts = TaskResponse.objects.values_list("response__text", flat=True)
    assert sorted(texts) == ["another", "the same"]


def test_making_them_again_makes_no_second_ones() -> None:
    project = make_answered_project()
    make_tasks(project=project, responses=3, overlap=2)
    with pytest.raises(Refused):
        make_tasks(project=project, responses=3, overlap=2)
    assert Task.objects.count() == 4
    assert TaskPlan.objects.count() == 1


def test_a_prompt_waits_until_all_its_responses_are_there() -> None:
    project = make_answered_project(prompts=2, endpoints=2, samples=1)
    run = make_run(make_endpoint(project, model="tiny"), 1)
    plan, n_tasks = make_tasks(project=project, responses=2, overlap=1, standing=True)
    assert n_tasks == 0
    run.sample_set.filter(pk=run.sample_set.first().pk).update(state="failed", problem="no_memory")  # type: ignore[union-attr]
    assert extend_plan(plan=plan) == 1


def test_a_standing_plan_goes_on_and_the_last_one_stands() -> None:
    project = make_project()
    first, _none = make_tasks(project=project, responses=2, overlap=1, standing=True)
    second, _none = make_tasks(project=project, responses=2, overlap=3, standing=True)
    prompt = make_prompt(project)
    for endpoint in (make_endpoint(project), make_endpoint(project)):
        make_response(prompt, endpoint)
    sweep()
    task = Task.objects.get()
    assert task.plan == second
    assert task.seats.count() == 3
    first.refresh_from_db()
    assert not first.standing
    sweep()
    assert Task.objects.count() == 1


@pytest.mark.parametrize(("responses", "overlap"), [(1, 1), (10, 1), (2, 0), (2, 101)])
def test_sizes_out_of_range(responses: int, overlap: int) -> None:
    with pytest.raises(Refused):
        make_tasks(project=make_answered_project(), responses=responses, overlap=overlap)


def test_a_project_without_questions_has_no_tasks() -> None:
    with pytest.raises(Refused, match="asks no questions yet"):
        make_tasks(project=make_project(questions=[]), responses=2, overlap=1)
