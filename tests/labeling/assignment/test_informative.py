"""The order by which tasks come first that narrow the scores most."""

import random
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import combinations

import pytest
from django.db import IntegrityError, connection, transaction

from labeling.assignment import queue
from labeling.assignment.change_settings import change_settings
from labeling.assignment.claim import claim, claim_another
from labeling.assignment.informative import Weights, draw_endpoints
from labeling.assignment.make_tasks import make_tasks
from labeling.assignment.models import PairWeight, Seat, Task, TaskResponse
from labeling.assignment.weigh_pairs import weigh_pairs
from labeling.generation.models import Endpoint
from labeling.projects.models import Project, TaskOrder
from tests.factories import (
    RANKING,
    make_endpoint,
    make_member,
    make_project,
    make_prompt,
    make_response,
    make_task,
    rank,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    """With three endpoints, of which tasks are given out by what they narrow."""
    project = make_project(questions=RANKING)
    project.task_order = TaskOrder.INFORMATIVE
    project.save()
    for name in "abc":
        make_endpoint(project, name)
    return project


def endpoints(project: Project, names: Sequence[str]) -> list[Endpoint]:
    found = {endpoint.name: endpoint for endpoint in project.endpoints.all()}
    return [found[name] for name in names]


def ask(project: Project, *groups: str, times: int = 1) -> None:
    """Tasks with a response of each endpoint, a letter one, of every group."""
    for _n in range(times):
        for names in groups:
            prompt = make_prompt(project)
            for endpoint in endpoints(project, names):
                make_response(prompt, endpoint)
    for size in sorted({len(names) for names in groups}, reverse=True):
        make_tasks(project=project, responses=size, overlap=1, seed=1)


def weigh(project: Project, **weights: float) -> None:
    """Of pairs, as ab=0.5."""
    ids = {names: tuple(endpoint.pk for endpoint in endpoints(project, names)) for names in weights}
    weigh_pairs(project=project, weights={ids[names]: weight for names, weight in weights.items()})  # type: ignore[misc]


def queued(project: Project) -> list[str]:
    """Whose responses the open tasks have, as they come."""
    names: dict[int, list[str]] = {}
    for task, name in TaskResponse.objects.filter(task__project=project).values_list(
        "task", "response__endpoint__name"
    ):
        names.setdefault(task, []).append(name)
    seats = Seat.objects.filter(project=project, submitted_at=None).order_by("place", "pk")
    return ["".join(sorted(names[task])) for task in seats.values_list("task_id", flat=True)]


def tasks_in_order(project: Project) -> list[int]:
    return list(Seat.objects.filter(project=project).order_by("place", "pk").values_list("task_id", flat=True))


def test_tasks_come_with_probability_by_weight(project: Project) -> None:
    ask(project, "ab", "ac", "bc", times=80)
    weigh(project, ab=0.8, ac=0.15, bc=0.05)
    first = Counter(queued(project)[:50])
    assert first["ab"] >= 25
    assert first["ac"] + first["bc"] >= 1, "a draw, and no sorting"
    weigh(project, ab=0.05, ac=0.15, bc=0.8)
    assert Counter(queued(project)[:50])["bc"] >= 25


def test_every_set_of_weights_is_another_draw(project: Project) -> None:
    ask(project, "ab", times=20)
    weigh(project, ab=1)
    first = tasks_in_order(project)
    weigh(project, ab=1)
    assert tasks_in_order(project) != first
    again = tasks_in_order(project)
    queue.arrange(project)
    assert tasks_in_order(project) == again


def test_before_anything_is_known_the_order_is_uniform(project: Project) -> None:
    ask(project, "ab", "ac", "bc", times=60)
    first = Counter(queued(project)[:60])
    assert min(first["ab"], first["ac"], first["bc"]) >= 6
    assert tasks_in_order(project) != sorted(tasks_in_order(project))


def test_what_is_not_known_yet_counts_like_the_greatest_that_is(project: Project) -> None:
    weigh(project, ab=0.01, ac=0.01, bc=0.98)
    make_endpoint(project, "d")
    ask(project, "ab", "bc", "bd", times=40)
    first = Counter(queued(project)[:40])
    assert first["ab"] <= 5
    assert first["bd"] >= 5


def test_a_set_is_worth_its_pairs_for_what_has_to_be_read(project: Project) -> None:
    ask(project, "ab", "abc", times=3)
    weigh(project, ab=0.5, ac=0.3, bc=0.2)
    arrival = "SELECT place / -ln((hashint8extended(task_id, %s)::float8 + 2 ^ 63) / 2 ^ 64) FROM labeling_seat"
    with connection.cursor() as cursor:
        cursor.execute(f"{arrival} ORDER BY place", [PairWeight.objects.latest("pk").pk])
        found = {names: 1 / slowness for names, (slowness,) in zip(queued(project), cursor.fetchall(), strict=True)}
    assert found == {"ab": pytest.approx(0.5 / 2), "abc": pytest.approx((0.5 + 0.3 + 0.2) / 3)}


def test_responses_of_one_endpoint_tell_nothing_of_two_and_come_last(project: Project) -> None:
    ask(project, "aa", "ab", times=10)
    weigh(project, ab=0.001)
    assert queued(project) == ["ab"] * 10 + ["aa"] * 10


def test_only_so_many_are_put_in_front_and_the_others_stay(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "FRONT", 10)
    ask(project, "ab", "bc", times=40)
    weigh(project, ab=1000, bc=0.001)
    assert queued(project)[:10] == ["ab"] * 10
    before = dict(Seat.objects.values_list("pk", "place"))
    weigh(project, ab=0.001, bc=1000)
    assert queued(project)[:10] == ["bc"] * 10
    after = dict(Seat.objects.values_list("pk", "place"))
    assert sum(before[seat] == after[seat] for seat in before) >= 80 - 20
    behind = Counter(queued(project)[10:40])
    assert min(behind["ab"], behind["bc"]) >= 3


def test_new_tasks_race_with_those_that_wait(project: Project) -> None:
    ask(project, "ab", times=30)
    weigh(project, ab=0.0001, ac=0.9998, bc=0.0001)
    ask(project, "ac", times=10)
    assert Counter(queued(project)[:10])["ac"] >= 8


def test_another_order_gives_no_heed_to_weights(project: Project) -> None:
    ask(project, "ab", "bc", times=10)
    weigh(project, ab=1e-6, bc=1)
    project.task_order = TaskOrder.TOGETHER
    change_settings(project=project, changed=["task_order"])
    weigh(project, ab=1e-6, bc=1)
    assert tasks_in_order(project) == sorted(tasks_in_order(project))
    project.task_order = TaskOrder.INFORMATIVE
    change_settings(project=project, changed=["task_order"])
    assert queued(project)[:9] == ["bc"] * 9


def test_who_goes_on_gets_what_has_come_to_the_front(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "FRONT", 5)
    ask(project, "ab", "bc", times=20)
    weigh(project, ab=0.999, bc=0.001)
    ann = make_member(project)
    seat = claim(project=project, user=ann)
    assert seat is not None
    rank(seat.task, ann, [1, 2])
    weigh(project, ab=0.001, bc=0.999)
    Seat.objects.filter(pk=seat.pk).update(place=queue.AHEAD)  # as if it had stood where the front ends
    seat.refresh_from_db()
    with transaction.atomic():
        following = claim_another(project, ann, after=seat, beside={seat.task_id})
    assert following is not None
    place = following.place
    assert not Seat.objects.free().filter(project=project, place__lt=place).exists()


@pytest.mark.django_db(transaction=True)
def test_weighing_does_not_wait_for_who_is_at_work(project: Project) -> None:
    """Who submits holds a seat and may want another, so to hold those and wait for theirs would be a deadlock."""
    ask(project, "ab", times=6)
    taken = Seat.objects.earliest("pk")
    done = threading.Event()

    def weighs() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '5s'")
        weigh(project, ab=1)
        done.set()
        connection.close()

    with transaction.atomic():
        Seat.objects.select_for_update(no_key=True).get(pk=taken.pk)
        before = dict(Seat.objects.values_list("pk", "place"))
        thread = threading.Thread(target=weighs)
        thread.start()
        thread.join()
        assert done.is_set()
    after = dict(Seat.objects.values_list("pk", "place"))
    assert [seat for seat in before if before[seat] == after[seat]] == [taken.pk]


def test_weights_are_replaced_whole_or_not_at_all(project: Project) -> None:
    weigh(project, ab=0.7, ac=0.2, bc=0.1)
    weigh(project, ab=0.4, bc=0.6)
    stored = PairWeight.objects.order_by("pk").values_list("first__name", "second__name", "weight")
    assert list(stored) == [("a", "b", 0.4), ("b", "c", 0.6)]
    for wrong in ({"ba": 1.0}, {"aa": 1.0}, {"ab": 0.0}, {"ab": -1.0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            weigh(project, **wrong)
        assert list(stored.all()) == [("a", "b", 0.4), ("b", "c", 0.6)]


def test_a_removed_endpoint_takes_its_weights_along(project: Project) -> None:
    ask(project, "ab", times=3)
    weigh(project, ab=0.2, ac=0.4, bc=0.4)
    project.endpoints.get(name="c").delete()
    assert PairWeight.objects.count() == 1
    queue.arrange(project)
    assert len(queued(project)) == 3


def test_other_projects_have_other_weights(project: Project) -> None:
    other = make_project(questions=RANKING)
    task = make_task(other, n_responses=2)
    place = task.seats.earliest("pk").place
    ask(project, "ab", "bc", times=10)
    weigh(project, ab=0.999, bc=0.001)
    assert task.seats.earliest("pk").place == place
    weigh_pairs(project=other, weights={})
    assert PairWeight.objects.filter(project=project).count() == 2


ABC = Weights({(1, 2): 0.9, (1, 3): 0.06, (2, 3): 0.04})


def drawn_many(names: Sequence[int], n: int, weights: Weights) -> Counter[tuple[int, ...]]:
    draw = random.Random(5)
    return Counter(tuple(sorted(draw_endpoints(draw, names, n, weights))) for _n in range(2000))


def test_a_pair_is_drawn_with_probability_by_its_weight() -> None:
    found = drawn_many([1, 2, 3], 2, ABC)
    for pair, weight in ABC.known.items():
        assert found[pair] / 2000 == pytest.approx(weight, abs=0.03)


def test_whoever_is_drawn_third_goes_by_pairs_with_the_first_two() -> None:
    """1 and 2 are drawn first nearly always; 3 has three times the weight with them that 4 has."""
    rest = {(1, 3): 0.03, (2, 3): 0.03, (1, 4): 0.01, (2, 4): 0.01, (3, 4): 0.0001}
    found = drawn_many([1, 2, 3, 4], 3, Weights({(1, 2): 5.0, **rest}))
    assert found[1, 2, 3] / found[1, 2, 4] == pytest.approx(3, rel=0.25)


def test_without_weights_every_pair_is_as_likely() -> None:
    found = drawn_many([1, 2, 3, 4], 2, Weights({}))
    for pair in combinations([1, 2, 3, 4], 2):
        assert found[pair] / 2000 == pytest.approx(1 / 6, abs=0.04)


@pytest.mark.parametrize(("names", "n", "count"), [([7], 3, 1), ([1, 2, 3], 5, 3), ([1, 2, 3], 1, 1), ([], 2, 0)])
def test_no_more_are_drawn_than_there_are_or_are_wanted(names: list[int], n: int, count: int) -> None:
    drawn = draw_endpoints(random.Random(1), names, n, ABC)
    assert len(drawn) == len(set(drawn)) == count
    assert set(drawn) <= set(names)


def answered(project: Project, prompts: int, samples: int = 1) -> None:
    for _n in range(prompts):
        prompt = make_prompt(project)
        for endpoint in endpoints(project, "abc"):
            for _sample in range(samples):
                make_response(prompt, endpoint)


def made(project: Project) -> Counter[str]:
    return Counter(queued(project))


def test_tasks_are_made_of_responses_by_weight(project: Project) -> None:
    weigh(project, ab=0.96, ac=0.02, bc=0.02)
    answered(project, 40)
    make_tasks(project=project, responses=2, overlap=1, seed=3)
    assert made(project)["ab"] >= 30


@pytest.mark.parametrize("prepare", [lambda _project: None, lambda project: weigh(project, ab=1, ac=1, bc=1)])
def test_tasks_are_made_uniformly_where_nothing_tells_pairs_apart(
    prepare: Callable[[Project], None], project: Project
) -> None:
    prepare(project)
    answered(project, 60)
    make_tasks(project=project, responses=2, overlap=1, seed=3)
    assert min(made(project).values()) >= 5
    assert len(made(project)) == 3


def test_in_another_order_tasks_are_made_without_heed_to_weights(project: Project) -> None:
    weigh(project, ab=0.98, ac=0.01, bc=0.01)
    Project.objects.update(task_order=TaskOrder.UNIFORM)
    answered(project, 60)
    make_tasks(project=project, responses=2, overlap=1, seed=3)
    assert made(project)["ab"] <= 40


def test_what_is_drawn_by_weight_follows_from_the_seed(project: Project) -> None:
    weigh(project, ab=0.5, ac=0.3, bc=0.2)
    answered(project, 12)

    def drawn(seed: int) -> list[tuple[int, int]]:
        Task.objects.all().delete()
        make_tasks(project=project, responses=2, overlap=1, seed=seed)
        rows = TaskResponse.objects.order_by("task__prompt", "position")
        return list(rows.values_list("task__prompt_id", "response_id"))

    assert drawn(1) == drawn(1) != drawn(2)


def test_where_endpoints_are_few_they_take_turns(project: Project) -> None:
    weigh(project, ab=0.98, ac=0.01, bc=0.01)
    answered(project, 5, samples=3)
    make_tasks(project=project, responses=4, overlap=1, seed=3)
    assert all(set(names) == {"a", "b", "c"} and len(names) == 4 for names in queued(project))
