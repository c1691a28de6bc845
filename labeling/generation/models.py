from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from labeling.generation.keys import decrypted, encrypted
from labeling.generation.marks import Mark
from labeling.generation.problems import Problem, say
from labeling.generation.sampling import MODEL_NAME, Sampling, Source
from labeling.projects.models import Project
from labeling.prompts.models import Prompt
from labeling.prompts.text_length import LENGTH_POSSIBLE, CharacterCount
from labeling.prompts.use_cases import UseCase

MOST_SAMPLES = 64
MOST_CONCURRENCY = 256
LONGEST = 32768

MILLION = 1_000_000
"""Tokens that a price is for."""


class Provider(models.TextChoices):
    """How an endpoint's responses come about."""

    LOCAL = "local", _("a model on this machine")
    OPENAI = "openai", _("a chat-completions server")
    FILE = "file", _("imported responses")


class EndpointState(models.TextChoices):
    UNKNOWN = "unknown", _("not asked yet")
    LOADING = "loading", _("loading")
    REACHABLE = "reachable", _("reachable")
    FAILING = "failing", _("failing")


class WithSampling(models.Model):
    """How responses are drawn."""

    temperature = models.FloatField(default=1.0)  # 0 is greedy
    top_p = models.FloatField(default=1.0)
    max_new_tokens = models.PositiveIntegerField(
        default=256, validators=[MinValueValidator(1), MaxValueValidator(LONGEST)]
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=models.Q(temperature=0) | models.Q(temperature__gte=0.01, temperature__lte=5),
                name="%(class)s_temperature_sane",
                violation_error_message=_("The temperature is 0 (greedy), or from 0.01 to 5."),
            ),
            models.CheckConstraint(
                condition=models.Q(top_p__gte=0.01, top_p__lte=1),
                name="%(class)s_top_p_sane",
                violation_error_message=_("Top-p is from 0.01 to 1."),
            ),
            models.CheckConstraint(
                condition=models.Q(max_new_tokens__gte=1, max_new_tokens__lte=LONGEST),
                name="%(class)s_length_sane",
                violation_error_message=_("A response has 1 to 32,768 new tokens."),
            ),
        ]

    @property
    def sampling(self) -> Sampling:
        return Sampling(self.temperature, self.top_p, self.max_new_tokens)


class WithProblem(models.Model):
    """What went wrong, if anything did."""

    problem = models.CharField(max_length=20, blank=True)  # a Problem
    problem_detail = models.JSONField(default=dict, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=models.Q(problem__in=["", *Problem.values]), name="%(class)s_problem_known"
            )
        ]

    @property
    def said_problem(self) -> str:
        """In the language of whoever reads it."""
        return say(self.problem, self.problem_detail)


class Endpoint(WithSampling, WithProblem):
    """A model that can be asked, and how responses are drawn from it where a run does not say otherwise.

    Once it has answered, its provider, model, revision and system prompt stay: others are another endpoint.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="endpoints")
    name = models.CharField(max_length=100)
    provider = models.CharField(max_length=16, choices=Provider)
    model = models.CharField(max_length=200, blank=True)
    revision = models.CharField(max_length=100, blank=True)  # of a model at a hub
    base_url = models.CharField(max_length=300, blank=True)  # of a server, up to and with /v1
    encrypted_key = models.TextField(blank=True)
    system = models.TextField(blank=True)  # for prompts that bring no system prompt
    takes_images = models.BooleanField(default=False)
    concurrency = models.PositiveSmallIntegerField(
        default=8, validators=[MinValueValidator(1), MaxValueValidator(MOST_CONCURRENCY)]
    )  # requests under way at a server
    prompt_price = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True)  # a million tokens
    response_price = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True)  # the same
    state = models.CharField(max_length=16, choices=EndpointState, default=EndpointState.UNKNOWN)
    state_at = models.DateTimeField(db_default=Now())
    resting_until = models.DateTimeField(null=True, blank=True)  # a server that had enough is left alone
    rests = models.PositiveSmallIntegerField(default=0)  # one after the other, without an answer between
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["name"]
        constraints = [
            *WithSampling.Meta.constraints,
            *WithProblem.Meta.constraints,
            models.UniqueConstraint(
                fields=["project", "name"],
                name="endpoint_name_once",
                violation_error_message=_("The project has an endpoint of this name already."),
            ),
            models.CheckConstraint(condition=models.Q(provider__in=Provider.values), name="endpoint_provider_known"),
            models.CheckConstraint(condition=models.Q(state__in=EndpointState.values), name="endpoint_state_known"),
            models.CheckConstraint(
                condition=models.Q(concurrency__gte=1, concurrency__lte=MOST_CONCURRENCY),
                name="endpoint_concurrency_sane",
            ),
            models.CheckConstraint(
                condition=models.Q(prompt_price__isnull=True, response_price__isnull=True)
                | models.Q(
                    prompt_price__isnull=False, response_price__isnull=False, prompt_price__gte=0, response_price__gte=0
                ),
                name="endpoint_prices_sane",
                violation_error_message=_("Give both prices, neither below 0, or none."),
            ),
            models.CheckConstraint(
                condition=models.Q(provider=Provider.FILE)
                | (~models.Q(model="") & (models.Q(provider=Provider.LOCAL) ^ ~models.Q(base_url=""))),
                name="endpoint_can_be_reached",
                violation_error_message=_(
                    "A chat-completions server needs an address, and a model on this machine has none."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.provider == Provider.LOCAL:
            RegexValidator(MODEL_NAME, _("Name a folder or a GGUF file of var/models, or owner/name at a model hub."))(
                self.model
            )

    @property
    def key(self) -> str:
        return decrypted(self.encrypted_key)

    @key.setter
    def key(self, key: str) -> None:
        self.encrypted_key = encrypted(key)

    @property
    def source(self) -> Source:
        return Source(
            provider=self.provider,
            model=self.model,
            revision=self.revision,
            base_url=self.base_url,
            key=self.key,
            concurrency=self.concurrency,
            takes_images=self.takes_images,
        )

    @property
    def is_resting(self) -> bool:
        return self.resting_until is not None and self.resting_until > timezone.now()

    def cost(self, n_prompt_tokens: int | None, n_tokens: int | None) -> Decimal | None:
        """In whatever money the prices are; None where they or the counts are not known."""
        if self.prompt_price is None or self.response_price is None or n_prompt_tokens is None or n_tokens is None:
            return None
        return (self.prompt_price * n_prompt_tokens + self.response_price * n_tokens) / MILLION


class SamplingParams(WithSampling):
    """An endpoint with the values that responses were drawn with. Rows are only added."""

    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="params")

    class Meta:
        constraints = [
            *WithSampling.Meta.constraints,
            models.UniqueConstraint(
                fields=["endpoint", "temperature", "top_p", "max_new_tokens"], name="sampling_params_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint}, temperature {self.temperature:g}, top-p {self.top_p:g}, {self.max_new_tokens} tokens"


@dataclass(frozen=True)
class SampleCounts:
    """How many samples of a run are in which state."""

    waiting: int = 0
    claimed: int = 0
    done: int = 0
    failed: int = 0
    cancelled: int = 0
    redrawn: int = 0
    """Of all these, how many are in the place of one that was nearly another's twin."""

    @property
    def total(self) -> int:
        return self.waiting + self.claimed + self.done + self.failed + self.cancelled

    @property
    def left(self) -> int:
        return self.waiting + self.claimed

    @property
    def are_over(self) -> bool:
        return not self.left


class RunState(models.TextChoices):
    """What its lead wants of it."""

    ACTIVE = "active", _("active")
    PAUSED = "paused", _("paused")
    CANCELLED = "cancelled", _("cancelled")


class GenerationRun(models.Model):
    """An order of responses to many prompts, from one or several endpoints."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="runs")
    per_prompt = models.PositiveSmallIntegerField(null=True)  # K drawn from the parts' samples; null: all of them
    language = models.CharField(max_length=35, blank=True)  # only prompts in this language
    use_case = models.CharField(max_length=16, choices=UseCase, blank=True)  # only prompts of this use case
    n_ordered = models.PositiveIntegerField(default=0)  # samples when it began; a later run may take over what failed
    seed = models.PositiveBigIntegerField()
    state = models.CharField(max_length=16, choices=RunState, default=RunState.ACTIVE)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=RunState.values), name="run_state_known"),
            models.CheckConstraint(
                condition=models.Q(per_prompt__isnull=True) | models.Q(per_prompt__gte=1, per_prompt__lte=MOST_SAMPLES),
                name="run_per_prompt_sane",
            ),
        ]

    def __str__(self) -> str:
        return f"run {self.pk}"


class RunPartQuerySet(models.QuerySet["RunPart"]):
    def stranded(self, asleep: timedelta) -> "RunPartQuerySet":
        """With samples to draw that nobody is drawing, and no worker woken for `asleep`."""
        now = timezone.now()
        mine = Sample.objects.filter(run=models.OuterRef("run"), params=models.OuterRef("params"))
        return self.filter(
            models.Exists(mine.claimable()),
            ~models.Exists(mine.live()),
            models.Q(params__endpoint__resting_until__isnull=True) | models.Q(params__endpoint__resting_until__lte=now),
            run__state=RunState.ACTIVE,
            woken_at__lt=now - asleep,
        )


class RunPart(models.Model):
    """What a run asks of one endpoint with one kind of sampling: what one worker takes on at a time."""

    run = models.ForeignKey(GenerationRun, models.CASCADE, related_name="parts")
    params = models.ForeignKey(SamplingParams, models.CASCADE, related_name="+")
    samples = models.PositiveSmallIntegerField()  # for each prompt, or to draw from
    woken_at = models.DateTimeField(db_default=Now())  # when a worker was last called

    objects = RunPartQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "params"], name="run_part_once"),
            models.CheckConstraint(
                condition=models.Q(samples__gte=1, samples__lte=MOST_SAMPLES), name="run_part_samples_sane"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.samples} of {self.params}"

    def sample_set(self) -> "SampleQuerySet":
        return Sample.objects.filter(run=self.run_id, params=self.params_id)


class SampleState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    CLAIMED = "claimed", _("being written")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


class SampleQuerySet(models.QuerySet["Sample"]):
    def claimable(self) -> "SampleQuerySet":
        now = timezone.now()
        is_due = models.Q(not_before__isnull=True) | models.Q(not_before__lte=now)
        return self.filter(
            models.Q(is_due, state=SampleState.WAITING) | models.Q(state=SampleState.CLAIMED, leased_until__lt=now)
        )

    def live(self) -> "SampleQuerySet":
        """Being drawn by somebody at this moment."""
        return self.filter(state=SampleState.CLAIMED, leased_until__gte=timezone.now())

    def pending(self) -> "SampleQuerySet":
        return self.filter(state__in=[SampleState.WAITING, SampleState.CLAIMED])

    def put_back(self, **changes: Any) -> int:
        """To wait for another worker."""
        return self.update(state=SampleState.WAITING, claim=None, leased_until=None, **changes)

    def anew(self, **changes: Any) -> int:
        """To wait as if they had never been tried."""
        untried = {"problem": "", "problem_detail": {}, "attempts": 0, "setbacks": 0, "not_before": None}
        return self.put_back(**untried, **changes)


class Sample(WithProblem):
    """One response to be drawn: a row that a worker claims, renews and fills, or loses to another worker."""

    run = models.ForeignKey(GenerationRun, models.CASCADE)
    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="+")  # that of params
    params = models.ForeignKey(SamplingParams, models.CASCADE, related_name="+")
    prompt = models.ForeignKey(Prompt, models.CASCADE, related_name="samples")
    number = models.PositiveSmallIntegerField()  # 0 … K-1
    redraw = models.PositiveSmallIntegerField(default=0)  # 1 …: in the place of one that was nearly another's twin
    seed = models.PositiveBigIntegerField()
    size = models.PositiveIntegerField(default=0)  # characters of the conversation: those of a size go together
    state = models.CharField(max_length=16, choices=SampleState, default=SampleState.WAITING)
    claim = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)  # that a worker did not survive
    setbacks = models.PositiveSmallIntegerField(default=0)  # that the server was to blame for
    not_before = models.DateTimeField(null=True)  # when to ask again

    objects = SampleQuerySet.as_manager()

    class Meta:
        constraints = [
            *WithProblem.Meta.constraints,
            models.UniqueConstraint(fields=["params", "prompt", "number", "redraw"], name="sample_once"),
            models.CheckConstraint(condition=models.Q(state__in=SampleState.values), name="sample_state_known"),
            models.CheckConstraint(
                condition=models.Q(state=SampleState.CLAIMED, claim__isnull=False, leased_until__isnull=False)
                | models.Q(~models.Q(state=SampleState.CLAIMED), claim__isnull=True, leased_until__isnull=True),
                name="sample_claimed_or_not",
            ),
            models.CheckConstraint(
                condition=models.Q(problem="") | ~models.Q(state=SampleState.DONE), name="sample_done_without_problem"
            ),
            models.CheckConstraint(
                condition=~models.Q(problem="") | ~models.Q(state=SampleState.FAILED), name="sample_failed_with_problem"
            ),
        ]
        indexes = [
            models.Index(
                fields=["run", "params", "attempts", "size", "prompt", "number"],
                condition=models.Q(state__in=["waiting", "claimed"]),
                name="sample_pending",
            ),
            models.Index(fields=["claim"], condition=models.Q(state="claimed"), name="sample_claim"),
            models.Index(
                fields=["endpoint", "leased_until"], condition=models.Q(state="claimed"), name="sample_under_way"
            ),
            models.Index(fields=["run", "state"], name="sample_states"),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint}, prompt {self.prompt_id}, sample {self.number}"


class SentPrompt(models.Model):
    """A prompt as a model got it, with its chat template; shared by the responses to it."""

    digest = models.CharField(max_length=64, unique=True)
    text = models.TextField()

    def __str__(self) -> str:
        return self.text[:80]


class Response(models.Model):
    """A candidate answer to a prompt. Drawn ones fill exactly one sample; imported ones have none."""

    prompt = models.ForeignKey(
        Prompt, models.CASCADE, related_name="responses", db_index=False
    )  # imported_response_once begins with it
    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="responses")
    sample = models.ForeignKey(Sample, models.CASCADE, null=True, related_name="+", db_index=False)
    text = models.TextField(blank=True)  # a model may answer with nothing
    characters = CharacterCount(editable=False)
    digest = models.CharField(max_length=64)  # of the text
    marks = ArrayField(models.CharField(max_length=16, choices=Mark), default=list, db_default=[], blank=True)
    sent = models.ForeignKey(SentPrompt, models.PROTECT, null=True, related_name="+", db_index=False)
    revision = models.CharField(max_length=200, blank=True, default="", db_default="")  # as its provider knows
    seeded = models.BooleanField(null=True)  # whether the text follows from the sample's seed
    finish_reason = models.CharField(
        max_length=32, blank=True, default="", db_default=""
    )  # stop, length, or as a server says
    n_prompt_tokens = models.PositiveIntegerField(null=True)
    n_tokens = models.PositiveIntegerField(null=True)
    logprob = models.FloatField(null=True)  # nats, summed over the tokens, before temperature and top-p
    seconds = models.FloatField(null=True)
    cost = models.DecimalField(max_digits=20, decimal_places=8, null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["prompt", "endpoint", "digest", "sample"],
                nulls_distinct=False,  # what was imported has no sample, so it is told apart by its text alone
                name="imported_response_once",
            ),
            models.UniqueConstraint(
                fields=["sample"], condition=models.Q(sample__isnull=False), name="sample_filled_once"
            ),
            models.CheckConstraint(condition=LENGTH_POSSIBLE, name="response_length_possible"),
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "created_at"], condition=models.Q(sample__isnull=False), name="response_drawn"
            ),
            models.Index(fields=["sent"], condition=models.Q(sent__isnull=False), name="response_sent"),
        ]

    def __str__(self) -> str:
        return self.text[:80]

    @property
    def said_marks(self) -> list[str]:
        return [str(Mark(mark).label) for mark in self.marks]


class TrialQuerySet(models.QuerySet["Trial"]):
    def waiting(self) -> "TrialQuerySet":
        """For a worker to take them on."""
        return self.filter(began_at=None, ended_at=None)


class Trial(WithProblem):
    """A question that a lead puts to an endpoint to see what it says; the answer is no candidate."""

    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="trials")
    prompt = models.TextField()
    text = models.TextField(blank=True)  # so far
    finish_reason = models.CharField(max_length=32, blank=True)
    n_tokens = models.PositiveIntegerField(null=True)
    seconds = models.FloatField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = TrialQuerySet.as_manager()

    class Meta:
        constraints = [*WithProblem.Meta.constraints]

    def __str__(self) -> str:
        return self.prompt[:80]


def count_samples(runs: Iterable[GenerationRun]) -> dict[int, SampleCounts]:
    """The samples of each run, by its id."""
    ids = [run.pk for run in runs]
    found: dict[int, dict[str, int]] = {pk: {} for pk in ids}
    states = Sample.objects.filter(run__in=ids).values_list("run_id", "state")
    redrawn = models.Count("pk", filter=models.Q(redraw__gt=0))
    for run_id, state, n, n_redrawn in states.annotate(n=models.Count("pk"), n_redrawn=redrawn).order_by():
        found[run_id][state] = n
        found[run_id]["redrawn"] = found[run_id].get("redrawn", 0) + n_redrawn
    return {pk: SampleCounts(**counts) for pk, counts in found.items()}
