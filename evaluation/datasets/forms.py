from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from evaluation.datasets import recipe as choices
from evaluation.datasets.examples import asked_by, shape_of
from evaluation.datasets.formats import FORMATS
from evaluation.datasets.recipe import DEFAULTS, Recipe, recipe_of
from labeling.errors import Refused
from labeling.projects.models import Project

ALWAYS = ["format", "file_format"]
ABOUT_ROWS = {
    "pairs": ["combine", "pairs", "ties", "margin", "refinements"],
    "labels": ["desirable"],
    "texts": ["texts"],
    "rankings": ["combine"],
    "judgments": [],
    "prompts": [],
}
"""By what rows are of, the settings that matter."""

ABOUT_LABELS = ["min_annotators", "decided_only", "gold", "surplus", "paused", "evaluation"]
ABOUT_SPLITS = ["validation", "test", "seed", "by_use_case", "license"]
PERCENT = 100
IN_PERCENT = ("min_agreement", "validation", "test")


class RecipeForm(forms.Form):
    """Shows what matters to the chosen format; shares are in percent."""

    format = forms.ChoiceField(label=gettext_lazy("Format"))
    file_format = forms.ChoiceField(label=gettext_lazy("Files"))
    combine = forms.ChoiceField(label=gettext_lazy("Several annotators"), choices=choices.COMBINE)
    pairs = forms.ChoiceField(label=gettext_lazy("Pairs"), choices=choices.PAIRS)
    ties = forms.ChoiceField(label=gettext_lazy("Ties"), choices=choices.TIES)
    margin = forms.ChoiceField(label=gettext_lazy("Margin"), choices=choices.MARGINS, required=False)
    scale = forms.ChoiceField(label=gettext_lazy("Ratings that are scores"), required=False)
    refinements = forms.BooleanField(
        label=gettext_lazy("An edited response, with what it was, is a pair"), required=False
    )
    desirable = forms.ChoiceField(label=gettext_lazy("Desirable is what is"), choices=choices.DESIRABLE)
    texts = forms.MultipleChoiceField(
        label=gettext_lazy("Answers to learn from"),
        choices=choices.TEXTS,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    without_flags = forms.MultipleChoiceField(
        label=gettext_lazy("Leave out answers flagged as"), widget=forms.CheckboxSelectMultiple, required=False
    )
    flags_by = forms.ChoiceField(label=gettext_lazy("A flag counts"), choices=choices.FLAGS_BY)
    min_annotators = forms.IntegerField(
        label=gettext_lazy("At least so many annotators a task"), min_value=1, max_value=choices.MOST_ANNOTATORS
    )
    min_agreement = forms.IntegerField(
        label=gettext_lazy("At least so many of them agree, %"), min_value=0, max_value=PERCENT
    )
    decided_only = forms.BooleanField(label=gettext_lazy("Only what a reviewer decided"), required=False)
    gold = forms.BooleanField(label=gettext_lazy("Labels of tasks with known answers"), required=False)
    surplus = forms.BooleanField(label=gettext_lazy("Labels that came when a task had enough"), required=False)
    paused = forms.BooleanField(label=gettext_lazy("Labels of annotators who are paused or removed"), required=False)
    evaluation = forms.BooleanField(
        label=gettext_lazy("Labels for evaluations only, in the test split"), required=False
    )
    validation = forms.IntegerField(label=gettext_lazy("Validation split, %"), min_value=0, max_value=90)
    test = forms.IntegerField(label=gettext_lazy("Test split, %"), min_value=0, max_value=90)
    seed = forms.IntegerField(label=gettext_lazy("Seed of the splits"), min_value=0, max_value=choices.GREATEST_SEED)
    by_use_case = forms.BooleanField(label=gettext_lazy("A configuration for each use case"), required=False)
    license = forms.RegexField(
        label=gettext_lazy("License"),
        regex=r"^[a-z0-9.+-]+$",
        max_length=50,
        help_text=gettext_lazy("As hubs name it: cc-by-4.0, mit, other, unknown."),
    )

    def __init__(self, project: Project, data: Any = None) -> None:
        super().__init__(data or as_sent(DEFAULTS))
        self.project = project
        instruments = asked_by(project)
        questions = list(chain.from_iterable(instruments))
        self.shape = shape_of(instruments, Recipe())
        self.row_format = FORMATS.get(self.data.get("format", ""), FORMATS[Recipe.format])
        titles = {question.name: question.shown_title for question in questions}
        flags = {
            flag: _(label)
            for question in questions
            if question.kind == "flags"
            for flag, label in question.options["flags"].items()
        }
        known: dict[str, list[tuple[str, Any]]] = {
            "format": [(name, rows.title) for name, rows in FORMATS.items()],
            "file_format": [(name, FILES[name]) for name in self.row_format.files],
            "scale": [(name, titles[name]) for name in self.shape.scales],
            "without_flags": [(name, flags[name]) for name in self.shape.flags],
        }
        for name, one in known.items():
            cast(forms.ChoiceField, self.fields[name]).choices = one
        for name in set(self.fields) - set(self.shown()):
            del self.fields[name]

    def shown(self) -> list[str]:
        of = self.row_format.of
        about_rows = [*ABOUT_ROWS[of]]
        if "margin" in about_rows and not self.row_format.has_margin:
            about_rows.remove("margin")
        if of == "pairs":
            about_rows += ["scale"] if self.shape.scales else []
        if of == "prompts":
            return [*ALWAYS, *about_rows, *ABOUT_SPLITS]
        filters = ["without_flags", "flags_by"] if self.shape.flags and of in ("pairs", "labels", "texts") else []
        agreement = ["min_agreement"] if of == "pairs" else []
        return [*ALWAYS, *about_rows, *filters, *agreement, *ABOUT_LABELS, *ABOUT_SPLITS]

    def groups(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """The fields shown, under their headings."""
        labels = {*ABOUT_LABELS, "min_agreement", "without_flags", "flags_by"}
        for title, names in (
            (_("What"), {*self.fields} - labels - {*ABOUT_SPLITS}),
            (_("Which labels"), labels),
            (_("Splits and license"), {*ABOUT_SPLITS}),
        ):
            if fields := [self[name] for name in self.fields if name in names]:
                yield title, fields

    def clean(self) -> dict[str, Any]:
        cleaned = dict(super().clean() or {})
        if self.errors:
            return cleaned
        for name in IN_PERCENT:
            if name in cleaned:
                cleaned[name] /= PERCENT
        try:
            self.recipe = recipe_of(cleaned)
        except Refused as refused:
            self.add_error(None, str(refused))
        return cleaned


def settings_told(project: Project, recipe: Recipe) -> Iterator[tuple[str, str]]:
    """The settings that matter to the format, in the words of the form."""
    form = RecipeForm(project, as_sent(recipe.to_json()))
    for name, field in form.fields.items():
        value = form.data.get(name)
        if isinstance(field, forms.BooleanField):
            told = _("yes") if value else _("no")
        elif isinstance(field, forms.ChoiceField):
            labels = {key: str(label) for key, label in cast("list[tuple[str, Any]]", field.choices)}
            told = ", ".join(labels.get(str(one), str(one)) for one in (value if isinstance(value, list) else [value]))
        else:
            told = str(value)
        yield str(field.label), told or "–"


FILES = {"parquet": "Parquet", "jsonl": "JSON Lines", "csv": "CSV"}


def as_sent(settings: Mapping[str, Any]) -> dict[str, Any]:
    """As the form would send them."""
    given = {name: value for name, value in settings.items() if value is not False}
    return {**given, **{name: round(PERCENT * settings[name]) for name in IN_PERCENT}}
