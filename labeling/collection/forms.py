import uuid
from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext_lazy as _

from labeling.collection.kinds import KINDS
from labeling.collection.models import Verdict
from labeling.projects.presets import Preset
from labeling.projects.standards import HIGHEST_GRADE

LONGEST_DAY = 24 * 3600 * 1000


@dataclass(frozen=True)
class Sent:
    """What a page sends beside the answers."""

    client_id: uuid.UUID
    guideline: int | None
    active_ms: int | None
    wall_ms: int | None
    version: int | None


class SubmissionForm(forms.Form):
    """What comes with the answers, which each question's kind reads for itself.

    What does not read is left out rather than refused: it must not keep an annotation from being stored.
    """

    client_id = forms.UUIDField()
    guideline = forms.IntegerField(required=False)
    active_ms = forms.IntegerField(required=False, min_value=0, max_value=LONGEST_DAY)
    wall_ms = forms.IntegerField(required=False, min_value=0, max_value=LONGEST_DAY)
    version = forms.IntegerField(required=False, min_value=0, max_value=2**53)

    def sent(self) -> Sent:
        self.full_clean()
        read = {name: self.cleaned_data.get(name) for name in self.fields}
        return Sent(**read | {"client_id": read["client_id"] or uuid.uuid4()})


class QuestionForm(forms.Form):
    """What a lead says of a question of any kind."""

    title = forms.CharField(label=_("Question"), max_length=200)
    required = forms.BooleanField(label=_("An answer is required"), required=False)


class NewQuestionForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=[(name, kind.label) for name, kind in KINDS.items()])
    title = forms.CharField(label=_("Question"), max_length=200)


class PresetForm(forms.Form):
    preset = forms.ChoiceField(
        label=_("Preset"), choices=[choice for choice in Preset.choices if choice[0] != Preset.IMPORTED]
    )


class VerdictForm(forms.Form):
    verdict = forms.ChoiceField(choices=[(one.value, one.label) for one in (Verdict.ACCEPTED, Verdict.RETURNED)])
    note = forms.CharField(max_length=2000, required=False)


class GoldForm(forms.Form):
    in_exam = forms.BooleanField(label=_("In the exam"), required=False)
    in_work = forms.BooleanField(label=_("Among the work"), required=False, initial=True)
    explanation = forms.CharField(
        label=_("Why this is right"),
        max_length=10_000,
        required=False,
        help_text=_("Markdown, shown in the exam. Quote responses: their letters differ from person to person."),
        widget=forms.Textarea({"rows": 4}),
    )


class GradeForm(forms.Form):
    grade = forms.IntegerField(label=_("Grade, 1–7"), min_value=1, max_value=HIGHEST_GRADE)
