import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from labeling.collection.kinds import KINDS
from labeling.projects.presets import Preset

LONGEST_DAY = 24 * 3600 * 1000


class SubmissionForm(forms.Form):
    """What comes with the answers, which each question's kind reads for itself.

    What does not read is left out rather than refused: it must not keep an annotation from being stored.
    """

    client_id = forms.UUIDField()
    guideline = forms.IntegerField(required=False)
    active_ms = forms.IntegerField(required=False, min_value=0, max_value=LONGEST_DAY)
    version = forms.IntegerField(required=False, min_value=0, max_value=2**53)

    def circumstances(self) -> dict[str, object]:
        self.full_clean()
        read = {name: self.cleaned_data.get(name) for name in self.fields}
        return read | {"client_id": read["client_id"] or uuid.uuid4()}


class QuestionForm(forms.Form):
    """What a lead says of a question of any kind."""

    title = forms.CharField(label=_("Question"), max_length=200)
    required = forms.BooleanField(label=_("An answer is required"), required=False)


FIRST_OPTIONS: dict[str, dict[str, Any]] = {
    "likert": {"low": 1, "high": 7, "low_label": "", "high_label": ""},
    "pairwise": {"levels": 1, "tie": True, "both_bad": False},
    "flags": {"flags": {"fails_instruction": "Fails to follow the instruction or task"}, "when": {}},
    "prompt_flags": {"flags": {"ambiguous": "Ambiguous"}},
}
"""What a new question of a kind begins with."""


class NewQuestionForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=[(name, kind.label) for name, kind in KINDS.items()])
    title = forms.CharField(label=_("Question"), max_length=200)

    def first_options(self) -> dict[str, Any]:
        return FIRST_OPTIONS.get(self.cleaned_data["kind"], {})


class PresetForm(forms.Form):
    preset = forms.ChoiceField(
        label=_("Preset"), choices=[choice for choice in Preset.choices if choice[0] != Preset.IMPORTED]
    )
