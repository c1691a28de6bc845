import uuid
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from labeling.collection.kinds import KINDS
from labeling.collection.models import Verdict
from labeling.collection.moving.label_config import LARGEST as LARGEST_CONFIG
from labeling.collection.moving.open_source import open_source
from labeling.collection.moving.shape import Source, Tool
from labeling.projects.models import slug_validator
from labeling.projects.presets import Preset
from labeling.projects.standards import HIGHEST_GRADE
from labeling.prompts.archive import LARGEST_ARCHIVE

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


class MoveForm(forms.Form):
    """A project of another tool."""

    tool = forms.ChoiceField(
        label=pgettext_lazy("another tool", "From"),
        choices=Tool.choices,
        widget=forms.RadioSelect,
        initial=Tool.LABEL_STUDIO,
    )
    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,
        widget=forms.FileInput({"accept": ".json,.zip"}),
        help_text=_("From Label Studio its JSON; from Argilla a .zip of what to_disk wrote."),
    )
    config = forms.FileField(
        label=_("Labeling configuration, where it is from Label Studio"),
        required=False,
        widget=forms.FileInput({"accept": ".xml,.txt"}),
        help_text=_(
            "The XML in Settings → Labeling Interface → Code. It names every option, and what each question is about."
        ),
    )
    prompt = forms.CharField(label=_("Fields that are the prompt"), required=False, max_length=500)
    responses = forms.CharField(label=_("Fields that are responses"), required=False, max_length=500)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_ARCHIVE:
            raise forms.ValidationError(gettext("The file is larger than %(n)d MB.") % {"n": LARGEST_ARCHIVE // 2**20})
        return file

    def source(self) -> Source:
        """Of a valid form. Raises Refused."""
        given = self.cleaned_data
        config = given["config"].read(LARGEST_CONFIG + 1) if given["config"] else None
        keys = {
            name: [key.strip() for key in given[name].split(",") if key.strip()] for name in ("prompt", "responses")
        }
        return open_source(Tool(given["tool"]), given["file"], given["file"].name, config=config, **keys)


class NewHereForm(forms.Form):
    """What a project that moves here is called."""

    use_required_attribute = False  # the file can be looked at without

    name = forms.CharField(label=_("Name"), max_length=200)
    slug = forms.CharField(
        label=_("Address"),
        max_length=64,
        validators=[slug_validator],
        help_text=_("Lower-case letters, digits and hyphens. That of an earlier move brings what is new since."),
    )

    def __init__(self, data: Any, *, moves: bool) -> None:
        """Unless it moves, what was written so far stays, and is not judged yet."""
        super().__init__(data if moves else None, auto_id="here_%s", initial=data.dict())
        for field in self.fields.values():
            field.widget.attrs["form"] = "moving"  # which sends the file
