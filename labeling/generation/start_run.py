"""Order responses from an endpoint."""

import hashlib
import secrets

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from labeling.audit import record
from labeling.errors import Refused
from labeling.generation.models import MOST_SAMPLES, Endpoint, GenerationRun, Provider, Sample, SampleState
from labeling.generation.wake import wake
from labeling.people.models import User
from labeling.projects.models import Project
from labeling.prompts.models import Prompt

BATCH = 2000


def draw_seed() -> int:
    """A fresh seed that fits PostgreSQL's bigint."""
    return secrets.randbits(63)


@transaction.atomic
def start_run(
    *, endpoint: Endpoint, samples: int, language: str = "", seed: int | None = None, by: User | None = None
) -> GenerationRun:
    """Bring every prompt of the endpoint's project up to `samples` responses from it, and call a worker.

    Samples that failed before are tried again. Raises Refused when nothing can or need be done.
    """
    refuse_impossible(endpoint, samples)
    project = Project.objects.select_for_update(no_key=True).get(pk=endpoint.project_id)
    prompts = project.prompts.filter(language=language) if language else project.prompts.all()
    if not prompts.exists():
        raise Refused(_("There are no prompts to answer yet: import some first."))
    run = GenerationRun.objects.create(
        endpoint=endpoint,
        samples=samples,
        language=language,
        seed=draw_seed() if seed is None else seed,
        created_by=by,
    )
    n_samples = add_samples(run, prompts) + retry_failed(run, prompts)
    if not n_samples:
        raise Refused(
            _("Every prompt has %(n)d responses from %(endpoint)s already.") % {"n": samples, "endpoint": endpoint}
        )
    record("run.started", actor=by, project_id=project.pk, endpoint=endpoint.name, samples=samples, rows=n_samples)
    wake(run.pk)
    return run


def refuse_impossible(endpoint: Endpoint, samples: int) -> None:
    if endpoint.provider == Provider.FILE:
        raise Refused(
            _("The responses of %(endpoint)s were imported; it cannot be asked for more.") % {"endpoint": endpoint}
        )
    if not 1 <= samples <= MOST_SAMPLES:
        raise Refused(_("Ask for 1 to %(n)d samples.") % {"n": MOST_SAMPLES})
    if samples > 1 and endpoint.temperature == 0:
        raise Refused(
            _("%(endpoint)s is greedy (temperature 0) and gives one text only: ask for 1 sample.")
            % {"endpoint": endpoint}
        )


def add_samples(run: GenerationRun, prompts: QuerySet[Prompt]) -> int:
    """Make the samples the prompts lack; the number of them."""
    known = set(Sample.objects.filter(endpoint=run.endpoint, prompt__in=prompts).values_list("prompt_id", "number"))
    missing = (
        Sample(run=run, endpoint=run.endpoint, prompt_id=pk, number=number, seed=sample_seed(run.seed, digest, number))
        for pk, digest in prompts.order_by("pk").values_list("pk", "digest").iterator()
        for number in range(run.samples)
        if (pk, number) not in known
    )
    return len(Sample.objects.bulk_create(missing, batch_size=BATCH))


def retry_failed(run: GenerationRun, prompts: QuerySet[Prompt]) -> int:
    failed = Sample.objects.filter(
        endpoint=run.endpoint, prompt__in=prompts, number__lt=run.samples, state=SampleState.FAILED
    )
    return failed.update(run=run, state=SampleState.WAITING, error="", attempts=0)


def sample_seed(run_seed: int, prompt_digest: str, number: int) -> int:
    """The same for the same run seed, prompt and number in any database; below 2**63."""
    drawn = hashlib.sha256(f"{run_seed}:{prompt_digest}:{number}".encode()).digest()
    return int.from_bytes(drawn[:8], "big") >> 1
