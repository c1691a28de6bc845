import pytest

from labeling.audit import AuditEntry
from labeling.errors import Refused
from labeling.generation.models import GenerationRun, Sample, SampleState
from labeling.generation.start_run import sample_seed, start_run
from labeling.projects.models import Project
from tests.factories import make_endpoint, make_project, make_prompt

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    project = make_project()
    for language in ("en", "en", "zh-Hans"):
        make_prompt(project, language=language)
    return project


def test_a_row_for_every_sample(project: Project) -> None:
    run = start_run(endpoint=make_endpoint(project, model="tiny"), samples=2, seed=5)
    assert run.sample_set.count() == 6
    assert len(set(run.sample_set.values_list("seed", flat=True))) == 6
    assert AuditEntry.objects.get().detail["rows"] == 6


def test_seeds_can_be_repeated(project: Project) -> None:
    run = start_run(endpoint=make_endpoint(project, model="tiny"), samples=1, seed=5)
    for sample in run.sample_set.select_related("prompt"):
        assert sample.seed == sample_seed(5, sample.prompt.digest, 0)


def test_only_what_is_missing(project: Project) -> None:
    endpoint = make_endpoint(project, model="tiny")
    start_run(endpoint=endpoint, samples=1)
    make_prompt(project)
    assert start_run(endpoint=endpoint, samples=2).sample_set.count() == 3 + 2


def test_what_failed_is_tried_again(project: Project) -> None:
    endpoint = make_endpoint(project, model="tiny")
    start_run(endpoint=endpoint, samples=1)
    failed = Sample.objects.first()
    assert failed is not None
    Sample.objects.filter(pk=failed.pk).update(state=SampleState.FAILED, error="it broke", attempts=3)
    again = start_run(endpoint=endpoint, samples=1)
    sample = again.sample_set.get()
    assert (sample.pk, sample.state, sample.error, sample.attempts) == (failed.pk, SampleState.WAITING, "", 0)


def test_one_language(project: Project) -> None:
    run = start_run(endpoint=make_endpoint(project, model="tiny"), samples=1, language="zh-Hans")
    assert run.sample_set.count() == 1


@pytest.mark.parametrize(
    ("sampling", "samples", "language", "reason"),
    [
        ({"temperature": 0}, 2, "", "greedy"),
        ({}, 0, "", "1 to 64 samples"),
        ({}, 65, "", "1 to 64 samples"),
        ({}, 1, "fr", "no prompts"),
    ],
)
def test_what_cannot_be(project: Project, sampling: dict[str, float], samples: int, language: str, reason: str) -> None:
    endpoint = make_endpoint(project, model="tiny", **sampling)
    with pytest.raises(Refused, match=reason):
        start_run(endpoint=endpoint, samples=samples, language=language)
    assert not GenerationRun.objects.exists()


def test_imported_endpoints_cannot_be_asked(project: Project) -> None:
    with pytest.raises(Refused, match="were imported"):
        start_run(endpoint=make_endpoint(project), samples=1)


def test_nothing_left_to_do(project: Project) -> None:
    endpoint = make_endpoint(project, model="tiny")
    start_run(endpoint=endpoint, samples=1)
    with pytest.raises(Refused, match="already"):
        start_run(endpoint=endpoint, samples=1)
    assert GenerationRun.objects.count() == 1
