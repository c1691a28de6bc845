from django import forms
from django.utils.translation import gettext_lazy as _

from labeling.assignment.models import MOST_OVERLAP, SkipReason
from labeling.projects.models import TaskOrder
from labeling.projects.questions import FEWEST_RESPONSES, MOST_RESPONSES


class TasksForm(forms.Form):
    responses = forms.IntegerField(
        label=_("Responses to a task"), min_value=FEWEST_RESPONSES, max_value=MOST_RESPONSES, initial=4
    )
    overlap = forms.IntegerField(label=_("Annotators to a task"), min_value=1, max_value=MOST_OVERLAP, initial=3)
    per_owner = forms.IntegerField(
        label=_("At most this many prompts of one owner"),
        min_value=1,
        required=False,
        help_text=_("Who sent a prompt in is its owner; empty: all."),
    )
    standing = forms.BooleanField(label=_("Go on as responses arrive"), required=False)


class OrderForm(forms.Form):
    order = forms.ChoiceField(label=_("Which task is next"), choices=TaskOrder.choices)
    most_overlap = forms.IntegerField(
        label=_("One more annotator while they disagree, up to"),
        min_value=1,
        max_value=MOST_OVERLAP,
        required=False,
        help_text=_("Empty: as many as the plan says."),
    )


class SkipForm(forms.Form):
    reason = forms.ChoiceField(label=_("Why?"), choices=SkipReason.choices, widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("In your words"), max_length=1000, required=False, widget=forms.Textarea({"rows": 2})
    )

    def clean(self) -> dict[str, object]:
        cleaned = dict(super().clean() or {})
        if cleaned.get("reason") == SkipReason.OTHER and not cleaned.get("text"):
            self.add_error("text", _("Say what the reason is."))
        return cleaned
