"""Lists of flags, as leads write them: one a line, `name: label`."""

import re
from collections.abc import Iterable, Mapping

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

NAME = re.compile(r"[a-z][a-z0-9_]{0,59}\Z")
MOST = 40


class FlagsField(forms.CharField):
    """{name: label}; a line without a name is named after its label."""

    widget = forms.Textarea({"rows": 6})

    def __init__(self) -> None:
        help_text = gettext_lazy("One a line, as “name: label”; the name is what data sets call it.")
        super().__init__(label=gettext_lazy("Flags"), help_text=help_text)

    def to_python(self, value: str | None) -> dict[str, str]:  # type: ignore[override]
        flags: dict[str, str] = {}
        for line in (super().to_python(value) or "").splitlines():
            if not line.strip():
                continue
            name, colon, label = (part.strip() for part in line.partition(":"))
            if not colon:
                name, label = re.sub(r"\W+", "_", name.lower()).strip("_"), name
            if not NAME.match(name) or not label:
                raise forms.ValidationError(
                    _("“%(line)s”: write a name of small letters, digits and _, a colon, and what people read.")
                    % {"line": line.strip()}
                )
            if name in flags:
                raise forms.ValidationError(_("There are two flags named %(name)s.") % {"name": name})
            flags[name] = label
        if len(flags) > MOST:
            raise forms.ValidationError(_("A question has at most %(n)d flags.") % {"n": MOST})
        return flags


def as_lines(flags: Mapping[str, str]) -> str:
    return "\n".join(f"{name}: {label}" for name, label in flags.items())


def names(flags: Iterable[object]) -> str:
    return ", ".join(sorted(map(str, flags)))
