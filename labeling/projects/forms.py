from django import forms
from django.utils.translation import gettext_lazy as _

from labeling.projects.guidelines import LONGEST
from labeling.projects.models import slug_validator
from labeling.projects.presets import Preset
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
