"""The data set card: what a reader must know before training on the labels."""

from dataclasses import dataclass, field
from string import Template

import yaml

from evaluation.comparisons import read_annotations
from evaluation.datasets.consensus import training_labels
from evaluation.datasets.formats import FORMATS
from evaluation.measures import Measure
from evaluation.reports import SEED
from evaluation.stats.agreement import estimate
from labeling.projects.models import Project
from labeling.prompts.splits import SHARES

SIZES = {1_000: "n<1K", 10_000: "1K<n<10K", 100_000: "10K<n<100K", 1_000_000: "100K<n<1M"}
LARGER = "n>1M"


@dataclass
class Written:
    """What a data set holds."""

    rows: dict[str, int] = field(default_factory=dict)
    """By split, without those that have none."""
    prompts: int = 0
    edits: int = 0
    """Rows whose better text is an edit of the worse one."""
    dropped_ties: int = 0
    """Pairs left out, as are the next."""
    dropped_twins: int = 0
    """Pairs whose two texts are the same."""
    files: dict[str, str] = field(default_factory=dict)
    """SHA-256 by path."""


BODY = Template(
    """# $name

$description

$about

## How it was made

- $n_annotators people gave $n_annotations annotations to $n_prompts prompts, in Concord, project `$slug`, with \
version $version of its questions ($questions).
- Responses are by $n_endpoints models or settings; annotators $blind, and saw them in an order drawn for each of them.
- Agreement on pairs of responses: $agreement.
- A pair is here when the outcome that most annotators of its task chose is that one response is better. Ties have no \
form here: $ties pairs where most chose a tie, or as many one outcome as another, were left out, and $twins pairs of \
equal texts. Where a reviewer decided a task, the decision counts alone. $edits rows are a response that an annotator \
edited, preferred to what it was.
- Labels of tasks for evaluation, and of held-out annotators, are not here.
- Splits are by the owner of the prompt, else by the prompt, so no prompt is in two: $splits.
"""
)


def card(project: Project, format: str, written: Written) -> str:
    """The README.md of a data set."""
    said, rows = read_annotations(project, training_labels()), written.rows
    instrument = project.current_instrument()
    assert instrument is not None  # there are annotations, and they answer its questions
    languages = project.prompts.exclude(language="").values_list("language", flat=True).distinct()
    header = {
        "pretty_name": project.name,
        "license": "unknown",
        "language": sorted({language.split("-")[0].lower() for language in languages}) or ["und"],
        "annotations_creators": ["expert-generated"],
        "language_creators": ["machine-generated"],
        "size_categories": [size_of(sum(rows.values()))],
        "task_categories": list(FORMATS[format].task_categories),
        "tags": ["human-feedback", "preferences", format],
        "configs": [
            {
                "config_name": "default",
                "data_files": [{"split": split, "path": f"data/{split}-*.parquet"} for split in rows],
            }
        ],
        "dataset_info": {
            "features": [{"name": field.name, "dtype": str(field.type)} for field in FORMATS[format].schema],
            "splits": [{"name": split, "num_examples": n} for split, n in rows.items()],
        },
    }
    body = BODY.substitute(
        name=project.name,
        description=project.description or "Human preferences over the responses of language models.",
        about=FORMATS[format].about,
        n_annotators=len(said.annotators),
        n_annotations=said.n_annotations,
        n_prompts=written.prompts,
        slug=project.slug,
        version=instrument.version,
        questions=", ".join(question.name for question in instrument.questions),
        n_endpoints=len(said.endpoints),
        agreement=agreement_sentence(said.measures),
        splits=", ".join(f"{split} {rows.get(split, 0)}" for split in SHARES),
        ties=written.dropped_ties,
        twins=written.dropped_twins,
        edits=written.edits,
        blind="could see which" if project.reveals_models else "did not see which",
    )
    return f"---\n{yaml.safe_dump(header, sort_keys=False, allow_unicode=True)}---\n\n{body}"


def size_of(n_rows: int) -> str:
    return next((size for limit, size in SIZES.items() if n_rows < limit), LARGER)


def agreement_sentence(measures: list[Measure]) -> str:
    pairs = next((measure for measure in measures if measure.of_pairs), None)
    if pairs is None:
        return "nobody compared responses"
    alpha = estimate(pairs.labels(), "krippendorff_alpha", pairs.level, seed=SEED)
    if alpha.value is None:
        return f"Krippendorff's α is undefined ({alpha.undefined})"
    interval = f", 95 % interval {alpha.low:.3f} to {alpha.high:.3f}" if alpha.low is not None else ""
    return f"Krippendorff's α (nominal) {alpha.value:.3f}{interval}, from {alpha.n_pairs} pairs of labels"
