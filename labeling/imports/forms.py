from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from labeling.imports.brings import Brings
from labeling.imports.guess import OFFERED, guessed_columns
from labeling.imports.keep_file import ACCEPTED
from labeling.imports.shapes import SHAPES
from labeling.imports.understand import Understanding

BY_COLUMNS = "columns"
LABELS = {
    "prompt": _("Prompt"),
    "system": _("System prompt"),
    "reference": _("Reference"),
    "use_case": _("Use case"),
    "language": _("Language"),
    "source": _("Source"),
    "owner": _("Who sent it in"),
    "messages": _("Conversation"),
    "constraints": _("Constraints"),
    "metadata": _("Metadata"),
    "images": _("Images"),
    "responses": _("List of responses"),
    "responses.1.model": _("Model of the first response"),
    "responses.1.text": _("First response"),
    "responses.2.model": _("Model of the second response"),
    "responses.2.text": _("Second response"),
    "annotator": _("Annotator"),
    "preference": _("Preference"),
    "comment": _("Comment"),
    "created_at": _("Time"),
}


class FileForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ",".join(ACCEPTED)}),
    )
    mapping = forms.FileField(
        label=_("Mapping"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".yaml,.yml,.json"}),
        help_text=_("For judgments in files that say it otherwise: a YAML or JSON file."),
    )


class UnderstandingForm(forms.Form):
    """How a file is understood. What it brings follows from the shape, where there is one."""

    shape = forms.ChoiceField(label=_("Format"))
    brings = forms.ChoiceField(label=_("What to import"), choices=Brings.choices, required=False)

    def __init__(self, data: Any, *, guessed: Understanding, known: Sequence[str]) -> None:
        self.guessed = guessed
        self.known = known
        chosen = data if data and "shape" in data else None
        super().__init__(chosen, initial={"shape": guessed.shape or BY_COLUMNS, "brings": guessed.brings})
        shapes = [(shape.key, shape.label) for shape in SHAPES.values()]
        self.fields["shape"].choices = [*shapes, (BY_COLUMNS, _("Columns, chosen below"))]  # type: ignore[attr-defined]
        self.by_columns = self["shape"].value() == BY_COLUMNS
        if self.by_columns:
            self._offer_columns()

    def _offer_columns(self) -> None:
        value = self["brings"].value()
        brings = Brings(value) if value in Brings.values else self.guessed.brings
        guessed = guessed_columns(brings, self.known)
        columns = [("", "–"), *((name, name) for name in self.known)]
        if self.is_bound:  # what the page did not ask before is as guessed
            self.data = {
                **{f"column-{name}": "".join(found) for name, found in guessed.items()},
                **dict(self.data.items()),
                "brings": brings.value,
            }
        for name in OFFERED[brings]:
            initial = "".join(guessed[name])
            self.fields[f"column-{name}"] = forms.ChoiceField(
                label=LABELS[name], choices=columns, required=False, initial=initial
            )

    def columns(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("column-")]

    def understanding(self) -> Understanding:
        """As chosen; as guessed where nothing was."""
        if self.guessed.mapping or (self.is_bound and not self.is_valid()):
            return self.guessed
        given = self.cleaned_data if self.is_bound else {name: self[name].initial for name in self.fields}
        if given["shape"] != BY_COLUMNS:
            return Understanding(SHAPES[given["shape"]].brings, given["shape"])
        columns = {
            name.removeprefix("column-"): [column] if column else []
            for name, column in given.items()
            if name.startswith("column-")
        }
        return Understanding(Brings(given["brings"]), columns=columns)
