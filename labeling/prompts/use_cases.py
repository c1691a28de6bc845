from django.db import models
from django.utils.translation import gettext_lazy as _


class UseCase(models.TextChoices):
    """What a prompt asks for (Ouyang et al. 2022, table 1)."""

    GENERATION = "generation", _("generation")
    OPEN_QA = "open_qa", _("open QA")
    CLOSED_QA = "closed_qa", _("closed QA")
    BRAINSTORMING = "brainstorming", _("brainstorming")
    CHAT = "chat", _("chat")
    REWRITE = "rewrite", _("rewrite")
    SUMMARIZATION = "summarization", _("summarization")
    CLASSIFICATION = "classification", _("classification")
    EXTRACT = "extract", _("extract")
    OTHER = "other", _("other")
