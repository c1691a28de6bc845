"""How the labeling goes: every number against a count by hand, and the page that shows them."""

import csv
import io
import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from statistics import median

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from evaluation.progress import jobs
from evaluation.progress.charts import sparks
from evaluation.progress.count import count
from evaluation.progress.keep_tallies import SETTLED, keep_tallies
from evaluation.progress.measure import measure
from evaluation.progress.models import Tally
from labeling.assignment.claim import claim
from labeling.assignment.models import Seat, SeatKind, Task
from labeling.collection.models import Annotation, Origin
from labeling.people.models import User
from labeling.projects.models import Project
from labeling.projects.roles import Role
from tests.conftest import at
from tests.evaluation.progress.labels import add_label
from tests.factories import make_endpoint, make_member, make_project, make_task

pytestmark = pytest.mark.django_db


def make_tasks(project: Project, n: int, overlap: int) -> list[Task]:
    endpoints = [make_endpoint(project), make_endpoint(project)]
    return [make_task(project, endpoints=endpoints, overlap=overlap) for _n in range(n)]


def days_ago(n: int, hour: int = 12) -> datetime:
    return timezone.localtime().replace(hour=hour, minute=0, second=0, microsecond=0) - timedelta(days=n)


@pytest.fixture
def project() -> Project:
    """Some weeks of work of all kinds, drawn at random, with what is no work of theirs among it."""
    draw = random.Random(3)
    project = make_project()
    people = [make_member(project) for _n in range(4)]
    kinds = [SeatKind.COUNTED] * 6 + [SeatKind.SURPLUS, SeatKind.GOLD, SeatKind.EXAM]
    for task in make_tasks(project, 12, overlap=4):
        for person in people[: draw.randint(1, 4)]:
            moment = days_ago(draw.randint(1, 40), draw.randrange(24))
            revised = [moment + timedelta(days=1)] * draw.choice([0, 0, 0, 1])
            seconds = draw.choice([None, *range(10, 90, 7)])
            origin = draw.choice([Origin.SCREEN, Origin.SCREEN, Origin.SCREEN, Origin.FILE])
            add_label(task, person, moment, seconds, draw.choice(kinds), origin, revised)
        if draw.random() < 0.3:
            add_label(task, people[0], days_ago(2), kind=SeatKind.DECISION)
    other = make_project()
    add_label(make_task(other), people[0], days_ago(3))
    return project


def at_work(project: Project) -> list[Annotation]:
    """By hand: one after the other."""
    said = Annotation.objects.filter(seat__project=project).select_related("seat")
    beside = (SeatKind.EXAM, SeatKind.DECISION)
    return [one for one in said if one.origin == Origin.SCREEN and one.seat.kind not in beside]


def test_days_weeks_and_people_are_those_counted_by_hand(project: Project) -> None:
    found = measure(project)
    labels: Counter[date] = Counter()
    filled: Counter[date] = Counter()
    seconds: defaultdict[date, float] = defaultdict(float)
    people: defaultdict[date, set[int | None]] = defaultdict(set)
    of_person: Counter[int | None] = Counter()
    for one in at_work(project):
        day = timezone.localdate(one.submitted_at)
        seconds[day] += (one.active_ms or 0) / 1000
        people[day].add(one.seat.holder_id)
        if one.revision == 1:
            labels[day] += 1
            filled[day] += one.seat.kind == SeatKind.COUNTED
            of_person[one.seat.holder_id] += 1
    assert found.days[0].start == min(seconds)
    assert found.days[-1].start == found.today == timezone.localdate()
    assert len(found.days) == (found.today - min(seconds)).days + 1
    for day in found.days:
        seen = (day.labels, day.filled, day.people, day.seconds)
        assert seen == (labels[day.start], filled[day.start], len(people[day.start]), pytest.approx(seconds[day.start]))
    assert {week.start.isoweekday() for week in found.weeks} == {1}
    assert sum(week.labels for week in found.weeks) == labels.total() == sum(one.labels for one in found.people)
    week = found.weeks[-2]
    inside = [day for day in people if timedelta(0) <= day - week.start < timedelta(7)]
    assert week.people == len(set().union(*(people[day] for day in inside)))
    assert {one.user: one.labels for one in found.people} == of_person
    assert found.hours == pytest.approx(sum(seconds.values()) / 3600)


def test_times_are_of_what_was_submitted_first(project: Project) -> None:
    found = measure(project)
    first = [one for one in at_work(project) if one.revision == 1 and one.active_ms is not None]
    assert found.spread.n == len(first)
    assert found.spread.median == median(one.active_ms / 1000 for one in first if one.active_ms is not None)
    for person in found.people:
        own = [one.active_ms / 1000 for one in first if one.seat.holder_id == person.user and one.active_ms is not None]
        assert person.times.median == (median(own) if own else None)
        last = max(one.submitted_at for one in at_work(project) if one.seat.holder_id == person.user)
        assert person.last == last


def test_recent_days_of_people_end_with_today(project: Project) -> None:
    person = User.objects.get(pk=measure(project).people[0].user)
    (task,) = make_tasks(project, 1, overlap=9)
    others = make_tasks(project, 3, overlap=1)
    add_label(task, person, timezone.now())
    for n, other in enumerate(others):
        add_label(other, person, days_ago(n * 7))
    (one,) = [one for one in measure(project).people if one.user == person.pk]
    assert one.today == one.recent[-1] == 2
    assert one.week == sum(one.recent[-8:-1])
    assert len(one.recent) == 28


def test_seats_are_in_one_state_each() -> None:
    project = make_project()
    people = [make_member(project) for _n in range(3)]
    first, second, third, fourth = make_tasks(project, 4, overlap=2)
    add_label(first, people[0], days_ago(2))
    back = add_label(first, people[1], days_ago(2), origin=Origin.FILE, seconds=None)
    Seat.objects.filter(pk=back.pk).update(returned_at=timezone.now())
    add_label(first, people[2], days_ago(1), kind=SeatKind.SURPLUS)
    add_label(second, people[0], days_ago(1), kind=SeatKind.GOLD)
    add_label(third, people[0], days_ago(1), kind=SeatKind.DECISION)
    assert claim(project=project, user=make_member(project)) is not None
    lost = fourth.seats.filter(holder=None).first()
    assert lost is not None
    Seat.objects.filter(pk=lost.pk).update(holder=people[2], leased_until=days_ago(1))
    found = measure(project)
    seats = found.seats
    assert (seats.free, seats.leased, seats.filled, seats.returned, seats.surplus, seats.gold) == (5, 1, 2, 1, 1, 1)
    assert (seats.left, seats.wanted, found.imported) == (6, 8, 1)


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles"])
def test_days_begin_at_midnight_in_the_zone_of_the_settings(zone: str) -> None:
    project = make_project()
    (task,) = make_tasks(project, 1, overlap=2)
    noon = datetime.now(UTC).replace(hour=12, minute=0) - timedelta(days=3)
    with timezone.override(zone):
        midnight = timezone.localtime(noon).replace(hour=0, minute=0, second=0, microsecond=0)
        add_label(task, make_member(project), midnight - timedelta(seconds=1))
        add_label(task, make_member(project), midnight)
        days = measure(project).days
    assert [day.labels for day in days[:2]] == [1, 1]
    assert days[1].start == midnight.date()


def steady(project: Project, per_day: int = 2, days: int = 14) -> None:
    """As many seats filled every day, by somebody else each."""
    people = [make_member(project) for _n in range(per_day)]
    for ago, task in enumerate(make_tasks(project, days, overlap=per_day + 1), 1):
        for person in people:
            add_label(task, person, days_ago(ago))


def test_steady_work_ends_on_a_certain_day() -> None:
    project = make_project()
    steady(project)
    found = measure(project)
    assert (found.seats.left, found.a_day, found.a_day_before) == (14, 2, 2)
    end = found.today + timedelta(days=6)
    assert (found.earliest, found.finish, found.latest) == (end, end, end)
    assert found.hours_left == pytest.approx(14 * 30 / 3600)


def test_imported_labels_fill_seats_and_say_nothing_of_the_work() -> None:
    project = make_project()
    (task,) = make_tasks(project, 1, overlap=2)
    add_label(task, make_member(project), datetime(2019, 5, 1, tzinfo=UTC), seconds=None, origin=Origin.FILE)
    found = measure(project)
    assert (found.seats.filled, found.imported, found.people) == (1, 1, [])
    assert [day.labels for day in found.days] == [0]
    assert (found.a_day, found.hours, found.hours_left) == (None, 0, None)


def test_what_was_counted_before_is_not_counted_again(project: Project) -> None:
    """The tally and what came since are together what a count of all is, wherever the tally ends."""
    settled = Annotation.objects.filter(seat__project=project, submitted_at__lt=timezone.now() - SETTLED)
    in_order = settled.filter(origin=Origin.SCREEN).order_by("pk").values_list("pk", flat=True)
    whole = measure(project)
    for last in (in_order[0], in_order[len(in_order) // 2], in_order[len(in_order) - 1]):
        rows = count(project, timezone.get_current_timezone_name(), until=last)
        kept = {"last_annotation": last, "zone": timezone.get_current_timezone_name(), "rows": rows}
        Tally.objects.update_or_create(project=project, defaults=kept)
        found = measure(project)
        assert (found.days, found.weeks, found.people, found.spread) == (
            whole.days,
            whole.weeks,
            whole.people,
            whole.spread,
        )
    Tally.objects.all().delete()
    keep_tallies(most_uncounted=0)
    assert Tally.objects.get(project=project).last_annotation == settled.filter(origin="screen").latest("pk").pk
    assert measure(project).people == whole.people


def test_a_tally_of_another_zone_is_not_used(project: Project) -> None:
    whole = measure(project)
    Tally.objects.create(project=project, last_annotation=2**62, zone="Asia/Tokyo", rows=[])
    assert measure(project).days == whole.days


def test_small_projects_and_fresh_labels_are_left_to_the_page(project: Project) -> None:
    jobs.sweep()
    assert not Tally.objects.exists()
    keep_tallies(most_uncounted=0)
    kept = Tally.objects.get(project=project)
    (task,) = make_tasks(project, 1, overlap=1)
    add_label(task, make_member(project), timezone.now())
    keep_tallies(most_uncounted=0)
    kept.refresh_from_db()
    assert kept.last_annotation < Annotation.objects.latest("pk").pk


def bars(path: str) -> dict[float, float]:
    """Of a spark: where each bar is, and how high."""
    drawn = (one.split("V") for one in path.split("M") if one)
    return {float(start.split(" ")[0]): 10 - float(top) for start, top in drawn}


def test_sparks_are_on_one_scale(project: Project) -> None:
    people = measure(project).people
    for person, path in zip(people, sparks(people), strict=True):
        most = max(max(one.recent) for one in people)
        wanted = {place + 0.5: 10 * n / most for place, n in enumerate(person.recent) if n}
        assert bars(path) == pytest.approx(wanted, abs=0.06)


@pytest.fixture
def lead(sign_in: Callable[[User], Client], project: Project) -> Client:
    return sign_in(make_member(project, Role.LEAD))


def read_csv(client: Client, project: Project, name: str) -> list[list[str]]:
    answer = client.get(f"{at('progress', project)}{name}.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert name in answer.headers["Content-Disposition"]
    return list(csv.reader(io.StringIO(answer.getvalue().decode())))


def test_the_page_says_it_all(lead: Client, project: Project) -> None:
    found = measure(project)
    page = lead.get(at("progress", project)).text
    for person in found.people:
        assert f'<a href="{at("member", project, user_id=person.user)}">{person.name}</a>' in page
    assert f"{found.seats.filled}" in page
    assert page.count("<figure") == 2
    assert "style=" not in page
    part = lead.get(at("progress", project), headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert "Seats left" in part


def test_tables_and_charts_can_be_taken_along(lead: Client, project: Project) -> None:
    found = measure(project)
    days = read_csv(lead, project, "days")
    assert [row[:3] for row in days[1:]] == [
        [day.start.isoformat(), str(day.labels), str(day.filled)] for day in found.days
    ]
    people = read_csv(lead, project, "people")
    assert [(row[0], int(row[3])) for row in people[1:]] == [(one.name, one.labels) for one in found.people]
    by_day = read_csv(lead, project, "people-by-day")
    assert sum(int(row[2]) for row in by_day[1:]) == sum(one.labels for one in found.people)
    assert {row[1] for row in by_day[1:]} == {one.name for one in found.people}
    assert len(read_csv(lead, project, "seats-filled")) > 28
    assert lead.get(f"{at('progress', project)}active-time.svg").headers["Content-Type"] == "image/svg+xml"
    for missing in ("days.svg", "nothing.csv", "active-time.pdf"):
        assert lead.get(f"{at('progress', project)}{missing}").status_code == 404


def test_the_command_prints_the_same(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    found = measure(project, seed=5)
    call_command("progress", "--project", project.slug, "--seed", "5", "--json")
    said = json.loads(capsys.readouterr().out)
    assert said["seats"]["filled"] == found.seats.filled
    assert said["forecast"] == {
        "day": found.finish and found.finish.isoformat(),
        "low": found.earliest and found.earliest.isoformat(),
        "high": found.latest and found.latest.isoformat(),
        "undefined": None,
        "n_days": 28,
        "seed": 5,
    }
    assert [row["labels"] for row in said["days"]] == [day.labels for day in found.days]
    assert {row["name"]: row["labels"] for row in said["people"]} == {one.name: one.labels for one in found.people}
    call_command("progress", "--project", project.slug)
    assert f"{found.seats.left} are left; all filled: about" in capsys.readouterr().out


def test_where_there_is_nothing_the_page_says_so(sign_in: Callable[[User], Client]) -> None:
    project = make_project()
    client = sign_in(make_member(project, Role.LEAD))
    assert "No tasks yet" in client.get(at("progress", project)).text
    make_task(project)
    assert "Nobody has labeled here yet" in client.get(at("progress", project)).text


def test_who_is_no_member_has_no_page_to_link_to(lead: Client, project: Project) -> None:
    admin = User.objects.create_superuser("root", password="correct horse")
    add_label(make_task(project), admin, days_ago(1))
    page = lead.get(at("progress", project)).text
    assert '<th scope="row">root</th>' in page


def test_who_works_most_now_comes_first(project: Project) -> None:
    order = [(-one.week, -one.labels) for one in measure(project).people]
    assert order == sorted(order)
