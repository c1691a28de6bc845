from django import forms
from django.utils.translation import gettext_lazy as _

from labeling.assignment.models import FEWEST_COMPARED, MOST_COMPARED, MOST_OVERLAP


class TasksForm(forms.Form):
    responses = forms.IntegerField(
        label=_("Responses to a task"), min_value=FEWEST_COMPARED, max_value=MOST_COMPARED, initial=4
    )
    overlap = forms.IntegerField(label=_("Annotators to a task"), min_value=1, max_value=MOST_OVERLAP, initial=3)
    standing = forms.BooleanField(label=_("Go on as responses arrive"), required=False)
