from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from labeling.projects.guidelines import LONGEST
from labeling.projects.invitation_models import INVITED
from labeling.projects.message_models import LONGEST_MESSAGE
from labeling.projects.models import slug_validator
from labeling.projects.presets import Preset
from labeling.projects.prolific import ID, PARAMETERS
from labeling.projects.roles import Role


class ProjectForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=200)
    slug = forms.CharField(
        label=_("Address"),
        max_length=64,
        validators=[slug_validator],
        help_text=_("Lower-case letters, digits and hyphens; it cannot be changed later."),
    )
    description = forms.CharField(label=_("What it is for"), required=False, widget=forms.Textarea({"rows": 3}))
    preset = forms.ChoiceField(
        label=_("Questions"), choices=Preset.choices, widget=forms.RadioSelect, initial=Preset.INSTRUCTGPT
    )


class MemberForm(forms.Form):
    username = forms.CharField(label=_("User name"), max_length=150)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)


class GuidelinesForm(forms.Form):
    text = forms.CharField(
        label=_("Guidelines"),
        max_length=LONGEST,
        help_text=_("Markdown. A new version is shown to everybody before they go on."),
        widget=forms.Textarea({"rows": 16}),
        strip=False,
    )


class LinkForm(forms.Form):
    """What every invitation says."""

    name = "link"

    most_uses = forms.IntegerField(label=_("For how many people"), min_value=1, max_value=10_000, initial=10)
    days = forms.IntegerField(label=_("For how many days"), min_value=1, max_value=365, initial=14)
    held_out = forms.BooleanField(label=_("For evaluation only: their labels are never training data"), required=False)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id=f"{self.name}_%s")  # several forms are on one page


class InvitationForm(LinkForm):
    name = "invitation"
    role = forms.ChoiceField(label=_("Invited as"), choices=[(role.value, role.label) for role in INVITED])
    field_order = ["role"]


class StudyForm(LinkForm):
    name = "study"
    labels_wanted = forms.IntegerField(label=_("Labels to make, each"), min_value=1, max_value=10_000, initial=10)
    completion_code = forms.CharField(
        label=_("Completion code"),
        max_length=64,
        validators=[RegexValidator(ID, _("Letters, digits, hyphens and underscores only."))],
        help_text=_("As Prolific shows it where you set up the study."),
    )
    field_order = ["labels_wanted", "completion_code"]


class ParticipantForm(forms.Form):
    """What a link from Prolific carries, under the names it has there."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in PARAMETERS:
            self.fields[name] = forms.CharField(validators=[RegexValidator(ID)], widget=forms.HiddenInput)

    def participant(self) -> dict[str, str]:
        given = [self.cleaned_data[name] for name in PARAMETERS]
        return dict(zip(("external_id", "study", "session"), given, strict=True))


class MessageForm(forms.Form):
    text = forms.CharField(label=_("Message"), widget=forms.Textarea({"rows": 4, "maxlength": LONGEST_MESSAGE}))


class ReadForm(forms.Form):
    guideline = forms.IntegerField()
