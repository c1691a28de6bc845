from django.db import models
from django.db.models.functions import Now
from django.utils.functional import cached_property

from labeling.projects.models import Project
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


class Prompt(models.Model):
    """What a model is asked: a last user turn, and what came before it."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="prompts")
    text = models.TextField()
    history = models.JSONField(
        default=list, blank=True
    )  # earlier turns, [{"role": "user"|"assistant", "content": str}]
    system = models.TextField(blank=True)
    source = models.CharField(max_length=200, blank=True)
    owner = models.CharField(max_length=200, blank=True)  # who sent it in: splits and caps go by owner
    use_case = models.CharField(max_length=16, choices=UseCase, blank=True)
    language = models.CharField(max_length=35, blank=True)  # BCP 47
    reference = models.TextField(blank=True)
    constraints = models.JSONField(
        default=list, blank=True
    )  # checkable ones, as in IFEval: [{"id": str, "kwargs": {…}}]
    metadata = models.JSONField(default=dict, blank=True)
    digest = models.CharField(max_length=64)  # of system, history, text and images
    created_at = models.DateTimeField(db_default=Now())
    given_images: list["PromptImage"]  # not stored yet, as `prompt_of` makes them

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "digest"], name="prompt_once"),
            models.CheckConstraint(
                condition=models.Q(use_case__in=["", *UseCase.values]), name="prompt_use_case_known"
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]

    @cached_property
    def shown_images(self) -> list["PromptImage"]:
        return list(self.images.all())

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
