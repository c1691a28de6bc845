"""What can go wrong with a response that was ordered. Stored as a code with details, and said in the reader's words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Problem(models.TextChoices):
    NOT_A_NAME = "not_a_name", _("“%(model)s” is not a model's name.")
    NOT_LOADED = "not_loaded", _("The model %(model)s could not be loaded: %(why)s")
    NO_TEMPLATE = "no_template", _("The model %(model)s has no chat template, so it cannot be asked.")
    TOO_LONG = (
        "too_long",
        _("The prompt has %(n)d tokens; with %(m)d more for the response it exceeds the model's %(context)d."),
    )
    NO_MEMORY = "no_memory", _("The device ran out of memory on this prompt alone.")
    NO_IMAGES = "no_images", _("The prompt has images, and this endpoint takes none.")
    TEMPLATE = "template", _("The model's chat template does not take this conversation: %(why)s")
    BROKE = "broke", _("An error that nobody foresaw: %(why)s")
    NOBODY = "nobody", _("No worker answered within ten minutes.")
    GIVEN_UP = "given_up", _("Given up: the worker died on it %(n)d times.")

    REFUSED_ADDRESS = (
        "refused_address",
        _("%(host)s leads to %(address)s, which this site's operator would have to allow (CONCORD_MODEL_NETWORKS)."),
    )
    NOT_AN_ADDRESS = (
        "not_an_address",
        _("“%(address)s” is not the address of a server: http:// or https://, and a name."),
    )
    KEY_LOST = "key_lost", _("The key cannot be read: it was encrypted with other CONCORD_ENCRYPTION_KEYS.")
    NOT_A_KEY = "not_a_key", _("The key has characters that no key has.")
    REDIRECTED = "redirected", _("%(host)s sends elsewhere (%(status)d), which is not followed.")
    NO_SUCH_HOST = "no_such_host", _("There is no server called %(host)s.")
    NO_ANSWER = "no_answer", _("%(host)s does not answer: %(why)s")
    TOO_SLOW = "too_slow", _("%(host)s did not answer within %(seconds)d seconds.")
    BROKEN_OFF = "broken_off", _("The answer of %(host)s broke off.")
    NOT_UNDERSTOOD = "not_understood", _("What %(host)s answered is not what a chat-completions server sends.")
    THROTTLED = "throttled", _("%(host)s asks for fewer requests (429).")
    SERVER_ERROR = "server_error", _("%(host)s answered with an error (%(status)d).")
    NO_ACCESS = "no_access", _("%(host)s refuses the key (%(status)d).")
    NO_SUCH_MODEL = "no_such_model", _("%(host)s knows no model “%(model)s”, or is no chat-completions server (404).")
    REFUSED = "refused", _("%(host)s refuses this request (%(status)d%(code)s).")


@dataclass(frozen=True)
class Trouble:
    """A problem with what its sentence names: numbers and short texts, which may come from a server or a model."""

    problem: Problem
    detail: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return str(self.problem.label) % self.detail


def say(problem: str, detail: Mapping[str, Any]) -> str:
    """A stored problem in the language of whoever reads it; nothing where there is none."""
    return str(Trouble(Problem(problem), detail)) if problem else ""
