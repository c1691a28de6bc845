from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from labeling.audit import AuditEntry
from labeling.errors import Refused
from labeling.generation import estimate as estimating
from labeling.generation import start_run as start_run_module
from labeling.generation.estimate import estimate
from labeling.generation.models import GenerationRun, Response, Sample, SampleState
from labeling.generation.problems import Problem
from labeling.generation.sampling import Sampling
from labeling.generation.seeds import sample_seed
from labeling.generation.start_run import Wanted, start_run
from labeling.projects.models import Project
from tests.factories import make_endpoint, make_project, make_prompt, make_run

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


@pytest.fixture
def project() -> Project:
    project = make_project()
    for language in ("en", "en", "zh-Hans"):
        make_prompt(project, language=language)
    return project


def test_a_row_for_every_sample(project: Project) -> None:
    run = make_run(make_endpoint(project, model="tiny"), 2, seed=5)
    assert run.sample_set.count() == 6
    assert len(set(run.sample_set.values_list("seed", flat=True))) == 6
    assert AuditEntry.objects.get().detail["rows"] == 6


def test_seeds_can_be_repeated(project: Project) -> None:
    run = make_run(make_endpoint(project, model="tiny"), 1, seed=5)
    for sample in run.sample_set.select_related("prompt", "params"):
        assert sample.seed == sample_seed(5, sample.params, sample.prompt.digest, 0)


def test_only_what_is_missing(project: Project) -> None:
    endpoint = make_endpoint(project, model="tiny")
    make_run(endpoint, 1)
    make_prompt(project)
    assert make_run(endpoint, 2).sample_set.count() == 3 + 2


def test_what_failed_is_tried_again(project: Project) -> None:
    endpoint = make_endpoint(project, model="tiny")
    make_run(endpoint, 1)
    failed = Sample.objects.first()
    assert failed is not None
    Sample.objects.filter(pk=failed.pk).update(state=SampleState.FAILED, problem=Problem.NO_MEMORY, attempts=3)
    again = make_run(endpoint, 1)
    sample = again.sample_set.get()
    assert (sample.pk, sample.state, sample.problem, sample.attempts) == (failed.pk, SampleState.WAITING, "", 0)


def test_one_language(project: Project) -> None:
    run = make_run(make_endpoint(project, model="tiny"), 1, language="zh-Hans")
    assert run.sample_set.count() == 1


@pytest.mark.parametrize("temperature", [7.0, -1.0, 1e-45, float("nan"), float("inf")])
def test_values_out_of_range_are_refused(project: Project, temperature: float) -> None:
    wanted = [Wanted(make_endpoint(project, model="tiny"), 1, Sampling(temperature, 1.0, 8))]
    with pytest.raises(Refused, match=r"from 0\.01 to 5"):
        start_run(project=project, wanted=wanted)


def test_more_than_a_run_may_have_is_refused(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start_run_module, "MOST_ORDERED", 5)
    endpoint = make_endpoint(project, model="tiny")
    with pytest.raises(Refused, match="Order 5 responses at most at once; these are 6"):
        make_run(endpoint, 2)
    assert start_run(project=project, wanted=[Wanted(endpoint, 2)], per_prompt=1).sample_set.count() == 3


def test_a_mix_takes_no_more_of_what_failed_than_it_lacks(project: Project) -> None:
    endpoint = make_endpoint(project, model="tiny")
    make_run(endpoint, 5)
    Sample.objects.update(state=SampleState.CANCELLED)
    run = start_run(project=project, wanted=[Wanted(endpoint, 5)], per_prompt=2)
    assert run.sample_set.count() == 3 * 2
    assert set(run.sample_set.values_list("state", flat=True)) == {SampleState.WAITING}


@pytest.mark.parametrize(
    ("sampling", "samples", "language", "reason"),
    [
        ({"temperature": 0}, 2, "", "greedy"),
        ({}, 0, "", "1 to 64 samples"),
        ({}, 65, "", "1 to 64 samples"),
        ({}, 1, "fr", "No prompt has this language"),
    ],
)
def test_what_cannot_be(project: Project, sampling: dict[str, float], samples: int, language: str, reason: str) -> None:
    endpoint = make_endpoint(project, model="tiny", **sampling)
    with pytest.raises(Refused, match=reason):
        make_run(endpoint, samples, language=language)
    assert not GenerationRun.objects.exists()


def test_imported_endpoints_cannot_be_asked(project: Project) -> None:
    with pytest.raises(Refused, match="were imported"):
        make_run(make_endpoint(project), 1)


def test_nothing_left_to_do(project: Project) -> None:
    endpoint = make_endpoint(project, model="tiny")
    make_run(endpoint, 1)
    with pytest.raises(Refused, match="already"):
        make_run(endpoint, 1)
    assert GenerationRun.objects.count() == 1


def two_temperatures(project: Project) -> list[Wanted]:
    """Two endpoints, one of them at two temperatures: five samples in all."""
    calm, lively = make_endpoint(project, model="tiny"), make_endpoint(project, model="tiny")
    return [
        Wanted(calm, 1, Sampling(0, 1, 64)),
        Wanted(lively, 2, Sampling(0.7, 0.9, 64)),
        Wanted(lively, 2, Sampling(1.2, 0.9, 64)),
    ]


def test_several_endpoints_and_temperatures(project: Project) -> None:
    run = start_run(project=project, wanted=two_temperatures(project))
    assert run.sample_set.count() == 3 * 5
    assert run.parts.count() == 3
    assert len(set(run.sample_set.values_list("seed", flat=True))) == 15
    found = set(run.sample_set.values_list("params__temperature", "number"))
    assert found == {(0, 0), (0.7, 0), (0.7, 1), (1.2, 0), (1.2, 1)}


def test_a_mix_is_drawn_for_each_prompt_by_the_runs_seed(project: Project) -> None:
    for _n in range(20):
        make_prompt(project)
    wanted = two_temperatures(project)
    run = start_run(project=project, wanted=wanted, per_prompt=3, seed=5)

    def drawn(run: GenerationRun) -> dict[str, list[tuple[float, int]]]:
        rows = run.sample_set.order_by("params__temperature", "number")
        mixes: dict[str, list[tuple[float, int]]] = {}
        for digest, temperature, number in rows.values_list("prompt__digest", "params__temperature", "number"):
            mixes.setdefault(digest, []).append((temperature, number))
        return mixes

    first = drawn(run)
    assert {len(mix) for mix in first.values()} == {3}
    assert len({tuple(mix) for mix in first.values()}) > 3, "not the same for all"
    Sample.objects.all().delete()
    assert drawn(start_run(project=project, wanted=wanted, per_prompt=3, seed=5)) == first


def test_the_same_mix_again_makes_nothing_twice(project: Project) -> None:
    wanted = two_temperatures(project)
    start_run(project=project, wanted=wanted, per_prompt=3)
    with pytest.raises(Refused, match="already"):
        start_run(project=project, wanted=wanted, per_prompt=3)
    assert start_run(project=project, wanted=wanted, per_prompt=4).sample_set.count() == 3


def test_one_use_case(project: Project) -> None:
    make_prompt(project, use_case="chat")
    assert make_run(make_endpoint(project, model="tiny"), 1, use_case="chat").sample_set.count() == 1


def test_what_cannot_be_mixed(project: Project) -> None:
    endpoint, foreign = make_endpoint(project, model="tiny"), make_endpoint(make_project(), model="tiny")
    for wanted, per_prompt, reason in [
        ([], None, "Choose an endpoint"),
        ([Wanted(foreign, 1)], None, "of this project"),
        ([Wanted(endpoint, 1), Wanted(endpoint, 2)], None, "asked twice"),
        ([Wanted(endpoint, 2)], 3, "From 2 samples, 1 to 2"),
    ]:
        with pytest.raises(Refused, match=reason):
            start_run(project=project, wanted=wanted, per_prompt=per_prompt)
    assert not GenerationRun.objects.exists()


def test_an_estimate_before_anything_was_asked(project: Project) -> None:
    endpoint = make_endpoint(
        project, model="tiny", max_new_tokens=100, prompt_price=Decimal(1), response_price=Decimal(10)
    )
    found = estimate(project=project, wanted=[Wanted(endpoint, 4)])
    assert (found.responses, found.response_tokens, found.seconds) == (12, 1200, None)
    assert found.prompt_tokens > 0
    assert float(found.cost or 0) == pytest.approx((found.prompt_tokens + 10 * 1200) / 1e6)
    half = estimate(project=project, wanted=[Wanted(endpoint, 4)], per_prompt=2)
    assert half.responses == 6
    assert estimate(project=project, wanted=[Wanted(make_endpoint(project, model="tiny"), 1)]).cost is None


def test_an_estimate_learns_from_what_was_drawn_and_leaves_out_what_is_there(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = make_endpoint(project, model="tiny", max_new_tokens=100)
    run = make_run(endpoint, 1)
    began = timezone.now()
    for n, sample in enumerate(run.sample_set.all()):
        Response.objects.create(
            prompt=sample.prompt,
            endpoint=endpoint,
            sample=sample,
            digest="0",
            n_tokens=20,
            created_at=began + 2 * n * SECOND,
        )
    found = estimate(project=project, wanted=[Wanted(endpoint, 3)])
    assert (found.responses, found.response_tokens) == (6, 600), "three tell nothing yet"
    monkeypatch.setattr(estimating, "FEW", 3)
    found = estimate(project=project, wanted=[Wanted(endpoint, 3)])
    assert (found.responses, found.response_tokens) == (6, 120)
    assert found.seconds == pytest.approx(6 / (3 / 4))


def test_an_estimate_of_what_would_be_refused_is_refused(project: Project) -> None:
    endpoint = make_endpoint(project, model="tiny")
    for samples, temperature in ((2, 0.0), (1, 9.0), (-3, 1.0)):
        with pytest.raises(Refused):
            estimate(project=project, wanted=[Wanted(endpoint, samples, Sampling(temperature, 1, 8))])


def test_an_estimate_of_a_mix_that_is_there_is_nothing(project: Project) -> None:
    wanted = two_temperatures(project)
    start_run(project=project, wanted=wanted, per_prompt=3)
    assert estimate(project=project, wanted=wanted, per_prompt=3).responses == 0
    assert estimate(project=project, wanted=wanted, per_prompt=4).responses == 3
