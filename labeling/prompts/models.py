from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Length, Now
from django.db.models.lookups import Exact
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from labeling.projects.models import Project
from labeling.projects.personal_data import Treatment
from labeling.prompts.kinds_of_data import PersonalData
from labeling.prompts.text_length import LENGTH_POSSIBLE, CharacterCount
from labeling.prompts.twins import MINIMA
from labeling.prompts.use_cases import UseCase


class MediaType(models.TextChoices):
    """What browsers show everywhere. SVG is not among them: it is a document, which can hold scripts."""

    PNG = "image/png", "PNG"
    JPEG = "image/jpeg", "JPEG"
    WEBP = "image/webp", "WebP"
    GIF = "image/gif", "GIF"


MOST_IMAGES = 8
"""In one prompt."""

CLOSED_DOMAIN = {UseCase.CLOSED_QA, UseCase.SUMMARIZATION, UseCase.EXTRACT, UseCase.REWRITE}
"""Use cases whose prompts bring along what the answer is to be drawn from."""


class Clearance(models.TextChoices):
    """What became of a prompt that holds personal data."""

    HELD = "held", _("waits for a decision")
    CLEARED = "cleared", _("used as it is")
    MASKED = "masked", _("masked")


class PromptQuerySet(models.QuerySet["Prompt"]):
    def usable(self) -> "PromptQuerySet":
        """What models may be asked and tasks made of: not what is held, or still to be looked into where some is."""
        unseen = models.Q(looked_at=None) & ~models.Q(project__personal_data=Treatment.NOTHING)
        return self.exclude(clearance=Clearance.HELD).exclude(unseen)

    def held(self) -> "PromptQuerySet":
        return self.filter(clearance=Clearance.HELD)

    def unused(self) -> "PromptQuerySet":
        """Those that no model was asked and no task was made of."""
        return self.filter(tasks=None, samples=None)

    def unseen(self) -> "PromptQuerySet":
        """Those that nobody has looked into yet (look_into.py)."""
        return self.filter(looked_at=None)

    def with_images(self) -> "PromptQuerySet":
        return self.prefetch_related(models.Prefetch("images", to_attr="shown_images"))  # type: ignore[no-redef]


class Prompt(models.Model):
    """What a model is asked: a last user turn, and what came before it."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="prompts", db_index=False)  # prompt_once has it
    text = models.TextField()
    characters = CharacterCount(editable=False)
    history = models.JSONField(
        default=list, db_default=[], blank=True
    )  # earlier turns, [{"role": "user"|"assistant", "content": str}]
    system = models.TextField(blank=True, default="", db_default="")
    source = models.CharField(max_length=200, blank=True, default="", db_default="")
    owner = models.CharField(max_length=200, blank=True, default="", db_default="")  # splits and caps go by it
    use_case = models.CharField(max_length=16, choices=UseCase, blank=True, default="", db_default="")
    language = models.CharField(max_length=35, blank=True, default="", db_default="")  # BCP 47
    reference = models.TextField(blank=True, default="", db_default="")
    constraints = models.JSONField(
        default=list, db_default=[], blank=True
    )  # checkable ones, as in IFEval: [{"id": str, "kwargs": {…}}]
    metadata = models.JSONField(default=dict, db_default={}, blank=True)
    digest = models.CharField(max_length=64)  # of system, history, text and images, as they came in
    created_at = models.DateTimeField(db_default=Now())
    looked_at = models.DateTimeField(null=True)  # when what follows was found
    language_detected = models.BooleanField(default=False, db_default=False)  # rather than stated with the prompt
    personal = ArrayField(
        models.CharField(max_length=8, choices=PersonalData), default=list, db_default=[], blank=True
    )  # the kinds of personal data that it holds, or held before it was masked
    clearance = models.CharField(max_length=8, choices=Clearance, default="", db_default="", blank=True)
    family = models.CharField(
        max_length=64, default="", db_default="", blank=True
    )  # the digest of the oldest of all that are nearly the same; "" where it is alone
    objects = PromptQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "digest"], name="prompt_once"),
            models.CheckConstraint(condition=LENGTH_POSSIBLE, name="prompt_length_possible"),
            models.CheckConstraint(
                condition=models.Q(use_case__in=["", *UseCase.values]), name="prompt_use_case_known"
            ),
            models.CheckConstraint(
                condition=models.Q(language_detected=False) | ~models.Q(language=""), name="prompt_language_detected"
            ),
            models.CheckConstraint(
                condition=models.Q(personal__contained_by=PersonalData.values), name="prompt_personal_known"
            ),
            models.CheckConstraint(
                condition=models.Q(clearance="") | models.Q(clearance__in=Clearance.values, personal__len__gt=0),
                name="prompt_clearance_of_something",
            ),
        ]
        indexes = [
            models.Index(fields=["project", "id"], condition=models.Q(looked_at=None), name="prompt_unseen"),
            models.Index(fields=["project", "id"], condition=models.Q(clearance="held"), name="prompt_held"),
            models.Index(fields=["project", "family"], condition=~models.Q(family=""), name="prompt_family"),
        ]

    def __str__(self) -> str:
        return self.text[:80]

    @cached_property
    def shown_images(self) -> list["PromptImage"]:
        return list(self.images.all())

    @property
    def kinds(self) -> list[PersonalData]:
        """Of the personal data in it."""
        return [PersonalData(kind) for kind in self.personal]

    @property
    def flags(self) -> set[str]:
        """The prompt flags (Ouyang et al. 2022, table 7) that it is known to carry before anybody reads it."""
        given = self.metadata.get("flags", [])
        known = {flag for flag in given if isinstance(flag, str)} if isinstance(given, list) else set()
        if self.use_case in CLOSED_DOMAIN:
            known.add("closed_domain")
        if self.constraints:
            known.add("other_constraints")
        return known

    @property
    def messages(self) -> list[dict[str, str]]:
        """The whole conversation, as chat models take it."""
        system = [{"role": "system", "content": self.system}] if self.system else []
        return [*system, *self.history, {"role": "user", "content": self.text}]


class Fingerprint(models.Model):
    """By which prompts are found that are nearly the same as another (twins.py)."""

    prompt = models.OneToOneField(Prompt, models.CASCADE, primary_key=True, related_name="fingerprint")
    signature = models.BinaryField(max_length=MINIMA)
    compared = models.BooleanField(default=False)  # with all others of the project that are

    class Meta:
        constraints = [models.CheckConstraint(condition=Exact(Length("signature"), MINIMA), name="fingerprint_whole")]
        indexes = [models.Index(fields=["prompt"], condition=models.Q(compared=False), name="fingerprint_uncompared")]

    def __str__(self) -> str:
        return f"fingerprint of prompt {self.prompt_id}"


class PromptImage(models.Model):
    """An image in the last user turn of a prompt."""

    prompt = models.ForeignKey(Prompt, models.CASCADE, related_name="images")
    position = models.PositiveSmallIntegerField()  # 0 …
    sha256 = models.CharField(max_length=64)  # of the file, by which it is asked for
    media_type = models.CharField(max_length=16, choices=MediaType)
    width = models.PositiveIntegerField()  # pixels, as browsers show it
    height = models.PositiveIntegerField()
    file = models.FileField(upload_to="images")  # shared with all prompts that show the same

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["prompt", "position"], name="prompt_image_once"),
            models.CheckConstraint(condition=models.Q(position__lt=MOST_IMAGES), name="prompt_images_few"),
            models.CheckConstraint(condition=models.Q(media_type__in=MediaType.values), name="prompt_image_type_known"),
        ]
        indexes = [models.Index(fields=["sha256"], name="prompt_image_content")]

    def __str__(self) -> str:
        return f"image {self.position + 1} of prompt {self.prompt_id}"
