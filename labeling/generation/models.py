from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from labeling.generation.sampling import MODEL_NAME, Sampling
from labeling.projects.models import Project
from labeling.prompts.models import Prompt

MOST_SAMPLES = 64


class Provider(models.TextChoices):
    """How an endpoint's responses come about."""

    TRANSFORMERS = "transformers", _("a model on this machine, run by transformers")
    FILE = "file", _("imported responses")


class Endpoint(models.Model):
    """A model with its sampling settings. It is never changed: other settings are another endpoint."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="endpoints")
    name = models.CharField(max_length=100)
    provider = models.CharField(max_length=16, choices=Provider)
    model = models.CharField(
        max_length=200,
        blank=True,
        validators=[RegexValidator(MODEL_NAME, _("Name a folder of var/models, or owner/name at a model hub."))],
    )
    temperature = models.FloatField(default=1.0)  # 0 is greedy
    top_p = models.FloatField(default=1.0)
    max_new_tokens = models.PositiveIntegerField(default=256)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"],
                name="endpoint_name_once",
                violation_error_message=_("The project has an endpoint of this name already."),
            ),
            models.CheckConstraint(
                condition=models.Q(temperature__gte=0, temperature__lte=5),
                name="endpoint_temperature_sane",
                violation_error_message=_("The temperature is from 0 (greedy) to 5."),
            ),
            models.CheckConstraint(
                condition=models.Q(top_p__gt=0, top_p__lte=1),
                name="endpoint_top_p_sane",
                violation_error_message=_("Top-p is above 0 and at most 1."),
            ),
            models.CheckConstraint(
                condition=models.Q(max_new_tokens__gte=1, max_new_tokens__lte=32768),
                name="endpoint_length_sane",
                violation_error_message=_("A response has 1 to 32,768 new tokens."),
            ),
            models.CheckConstraint(condition=models.Q(provider__in=Provider.values), name="endpoint_provider_known"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def sampling(self) -> Sampling:
        return Sampling(self.temperature, self.top_p, self.max_new_tokens)


@dataclass(frozen=True)
class SampleCounts:
    """How many samples of a run are in which state."""

    waiting: int = 0
    claimed: int = 0
    done: int = 0
    failed: int = 0

    @property
    def total(self) -> int:
        return self.waiting + self.claimed + self.done + self.failed

    @property
    def are_over(self) -> bool:
        return not self.waiting and not self.claimed


class RunQuerySet(models.QuerySet["GenerationRun"]):
    def stranded(self, asleep: timedelta) -> "RunQuerySet":
        """With samples to draw that nobody is drawing, and no worker woken for `asleep`."""
        now = timezone.now()
        samples = Sample.objects.filter(run=models.OuterRef("pk"))
        return self.filter(
            models.Exists(samples.claimable()),
            ~models.Exists(samples.filter(state=SampleState.CLAIMED, leased_until__gte=now)),
            woken_at__lt=now - asleep,
        )


class GenerationRun(models.Model):
    """A request for up to K samples from one endpoint for each of many prompts."""

    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="runs")
    samples = models.PositiveSmallIntegerField()  # K
    language = models.CharField(max_length=35, blank=True)  # only prompts in this language
    seed = models.PositiveBigIntegerField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    woken_at = models.DateTimeField(db_default=Now())  # when a worker was last called

    objects = RunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(samples__gte=1, samples__lte=MOST_SAMPLES), name="run_samples_sane"
            )
        ]

    def __str__(self) -> str:
        return f"{self.endpoint} #{self.pk}"


class SampleState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    CLAIMED = "claimed", _("being written")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")


class SampleQuerySet(models.QuerySet["Sample"]):
    def claimable(self) -> "SampleQuerySet":
        return self.filter(
            models.Q(state=SampleState.WAITING) | models.Q(state=SampleState.CLAIMED, leased_until__lt=timezone.now())
        )

    def pending(self) -> "SampleQuerySet":
        return self.filter(state__in=[SampleState.WAITING, SampleState.CLAIMED])


class Sample(models.Model):
    """One response to be drawn: a row that a worker claims, renews and fills, or loses to another worker."""

    run = models.ForeignKey(GenerationRun, models.CASCADE)
    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="+")
    prompt = models.ForeignKey(Prompt, models.CASCADE, related_name="samples")
    number = models.PositiveSmallIntegerField()  # 0 … K-1
    seed = models.PositiveBigIntegerField()
    state = models.CharField(max_length=8, choices=SampleState, default=SampleState.WAITING)
    claim = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)

    objects = SampleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "prompt", "number"], name="sample_once"),
            models.CheckConstraint(condition=models.Q(state__in=SampleState.values), name="sample_state_known"),
            models.CheckConstraint(
                condition=models.Q(state=SampleState.CLAIMED, claim__isnull=False, leased_until__isnull=False)
                | models.Q(~models.Q(state=SampleState.CLAIMED), claim__isnull=True, leased_until__isnull=True),
                name="sample_claimed_or_not",
            ),
            models.CheckConstraint(
                condition=models.Q(error="") | ~models.Q(state=SampleState.DONE), name="sample_done_without_error"
            ),
        ]
        indexes = [
            models.Index(
                fields=["run", "prompt", "number"],
                condition=models.Q(state__in=["waiting", "claimed"]),
                name="sample_pending",
            )
        ]

    def __str__(self) -> str:
        return f"{self.endpoint}, prompt {self.prompt_id}, sample {self.number}"


class Response(models.Model):
    """A candidate answer to a prompt. Drawn ones fill exactly one sample; imported ones have none."""

    prompt = models.ForeignKey(Prompt, models.CASCADE, related_name="responses")
    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="responses")
    sample = models.OneToOneField(Sample, models.CASCADE, null=True)
    text = models.TextField(blank=True)  # a model may answer with nothing
    digest = models.CharField(max_length=64)  # of the text
    finish_reason = models.CharField(max_length=16, blank=True)  # stop | length
    n_prompt_tokens = models.PositiveIntegerField(null=True)
    n_tokens = models.PositiveIntegerField(null=True)
    logprob = models.FloatField(null=True)  # nats, summed over the tokens, before temperature and top-p
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["prompt", "endpoint", "digest"],
                condition=models.Q(sample__isnull=True),
                name="imported_response_once",
            )
        ]

    def __str__(self) -> str:
        return self.text[:80]


def count_samples(runs: Iterable[GenerationRun]) -> dict[int, SampleCounts]:
    """The samples of each run, by its id."""
    ids = [run.pk for run in runs]
    found: dict[int, dict[str, int]] = {pk: {} for pk in ids}
    states = Sample.objects.filter(run__in=ids).values_list("run_id", "state")
    for run_id, state, n in states.annotate(n=models.Count("pk")).order_by():
        found[run_id][state] = n
    return {pk: SampleCounts(**counts) for pk, counts in found.items()}
