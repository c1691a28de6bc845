from itertools import chain

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from labeling.assignment.models import MOST_OVERLAP, SkipReason
from labeling.generation.marks import Mark
from labeling.projects.models import Project
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
    for_evaluation = forms.BooleanField(
        label=_("For evaluation only"),
        required=False,
        help_text=_("Held-out annotators get these tasks and no others; what is said of them is never training data."),
    )
    leaves_out = forms.MultipleChoiceField(
        label=_("Leave out responses that are"),
        choices=Mark.choices,
        initial=[Mark.EMPTY, Mark.IDENTITY, Mark.TWIN],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("As they were marked when they were written."),
    )


class OverlapForm(forms.Form):
    overlap = forms.IntegerField(label=_("Annotators to a task"), min_value=1, max_value=MOST_OVERLAP)


SETTINGS = {
    _("Project"): ["name", "description", "reveals_models"],
    _("Prompts that come in"): ["personal_data", "most_of_owner"],
    _("Order of tasks"): ["task_order", "most_overlap"],
    _("Exam before work"): [
        *["requires_exam", "pass_comparisons", "pass_flags"],
        *["pass_ratings", "pass_demonstrations"],
    ],
    _("Gold among the work"): ["gold_rate", "gold_threshold", "gold_after"],
}
"""What can be set of a project, by heading."""


class SettingsForm(forms.ModelForm):  # type: ignore[type-arg]
    most_overlap = forms.IntegerField(
        label=_("One more annotator while they disagree, up to"),
        help_text=_("Empty: as many as the plan says."),
        min_value=1,
        max_value=MOST_OVERLAP,
        required=False,
    )

    most_of_owner = forms.IntegerField(
        label=_("At most this many prompts of one owner"),
        help_text=_("The first of each are taken in, the others are counted and left out. Empty: all."),
        min_value=1,
        required=False,
    )

    class Meta:
        model = Project
        fields = list(chain(*SETTINGS.values()))
        labels = {
            "name": _("Name"),
            "description": _("What it is for"),
            "reveals_models": _("Annotators see which model wrote what"),
            "task_order": _("Which task is next"),
            "personal_data": _("When personal data is found in a prompt"),
        }
        help_texts = {
            "personal_data": _(
                "E-mail addresses, phone numbers, bank accounts, payment cards, national ids, IP addresses, secret "
                "keys. Prompts that models were asked already stay as they are."
            ),
            "task_order": _(
                "What narrows the scores is known once people have labeled. Until then the order is random."
            ),
            "requires_exam": _("Its tasks are the gold marked for it; each is explained once it is answered."),
            "pass_comparisons": _("Pairs of responses judged as in the known answer, 0 to 1."),
            "pass_ratings": _("0: ratings do not count."),
            "gold_rate": _("0 to 0.5. Nobody can tell which tasks they are."),
        }
        widgets = {"description": forms.Textarea({"rows": 3})}

    def tell_exam(self, n_tasks: int) -> None:
        """How many tasks the exam has, beside whether there is one."""
        has = ngettext("It has %(n)d task.", "It has %(n)d tasks.", n_tasks) % {"n": n_tasks}
        if not n_tasks:
            has = gettext("It has no task yet, so nobody can pass it.")
        self.fields["requires_exam"].help_text = f"{self.fields['requires_exam'].help_text} {has}"

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Headings, with the fields below each."""
        return [(str(heading), [self[name] for name in names]) for heading, names in SETTINGS.items()]


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
