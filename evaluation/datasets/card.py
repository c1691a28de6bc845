"""The data set card: what a reader must know before training on the labels."""

from collections.abc import Iterator, Mapping
from string import Template
from typing import Any

import yaml
from django.utils.translation import override

from evaluation.datasets import recipe as choices
from evaluation.datasets.formats import FORMATS
from evaluation.datasets.formats.base import Shape
from evaluation.datasets.heard import Heard
from evaluation.datasets.recipe import Recipe
from evaluation.datasets.written import LEFT_OUT, Written
from labeling.projects.models import Project

SIZES = {1_000: "n<1K", 10_000: "1K<n<10K", 100_000: "10K<n<100K", 1_000_000: "100K<n<1M"}
LARGER = "n>1M"

BODY = Template(
    """# $name

$description

$about

## Who labeled, and how

$who

## How labels became rows

$choices

## What is in it

$rows

$left_out

| use case | rows |
| --- | ---: |
$use_cases

| language | rows |
| --- | ---: |
$languages

## Where rows come from

`manifest/` has a row for each row of the data, in the same order: the annotations, the task, the responses and the
generation runs behind it, by their numbers in the project, and the versions of the questions and guidelines. The same
labels and the same choices, which are in `recipe.json`, give the same bytes: `SHA256SUMS` says which.

## Known limits

$limits
"""
)


def card(project: Project, recipe: Recipe, written: Written, shape: Shape, heard: Heard) -> str:
    """The README.md of a data set, in English."""
    with override("en"):
        return f"---\n{header(project, recipe, written, shape)}---\n\n{body(project, recipe, written, heard)}"


def header(project: Project, recipe: Recipe, written: Written, shape: Shape) -> str:
    rows = FORMATS[recipe.format]
    languages = {language.split("-")[0].lower() for language in written.languages}
    about: dict[str, Any] = {
        "pretty_name": project.name,
        "license": recipe.license,
        "language": sorted(language for language in languages if 2 <= len(language) <= 3) or ["und"],
        "annotations_creators": ["expert-generated"],
        "language_creators": ["machine-generated"],
        "size_categories": [size_of(sum(written.rows.values()))],
        "task_categories": list(rows.task_categories),
        "tags": ["human-feedback", "preferences", recipe.format],
        "configs": [
            {
                "config_name": config,
                "data_files": [
                    {"split": split, "path": f"data/{'' if config == 'default' else f'{config}/'}{split}-*"}
                    for split in splits
                ],
            }
            for config, splits in written.configs.items()
        ],
    }
    if recipe.file_format == "parquet":
        features = [{"name": field.name, **feature(field.type)} for field in rows.schema(shape)]
        about["dataset_info"] = [
            {
                "config_name": config,
                "features": features,
                "splits": [{"name": split, "num_examples": n} for split, n in splits.items()],
            }
            for config, splits in written.configs.items()
        ]
    return yaml.safe_dump(about, sort_keys=False, allow_unicode=True)


def feature(kind: Any) -> dict[str, Any]:
    """A type of Arrow's as data set cards write it."""
    import pyarrow as pa

    if pa.types.is_list(kind):
        of = feature(kind.value_type)
        return {"list": of["dtype"] if of.keys() == {"dtype"} else of["struct"]}
    if pa.types.is_struct(kind):
        return {"struct": [{"name": field.name, **feature(field.type)} for field in kind]}
    return {"dtype": {"double": "float64"}.get(str(kind), str(kind))}


def size_of(n_rows: int) -> str:
    return next((size for limit, size in SIZES.items() if n_rows < limit), LARGER)


def body(project: Project, recipe: Recipe, written: Written, heard: Heard) -> str:
    return BODY.substitute(
        name=project.name,
        description=project.description or "Human preferences over the responses of language models.",
        about=FORMATS[recipe.format].about,
        who="\n".join(f"- {one}" for one in who(project, heard)),
        choices="\n".join(f"- {one}" for one in chosen(recipe)),
        rows="\n".join(
            f"- {config}: {', '.join(f'{split} {n:,}' for split, n in splits.items())} rows"
            for config, splits in written.configs.items()
        ),
        left_out=left_out(written),
        use_cases=table(written.use_cases),
        languages=table(written.languages),
        limits="\n".join(f"- {one}" for one in limits(recipe, written, heard)),
    )


def counted(n: int, one: str, several: str) -> str:
    return f"{n:,} {one if n == 1 else several}"


def who(project: Project, heard: Heard) -> Iterator[str]:
    if not heard.n_annotations:
        yield f"Nobody: it is of the prompts of the project `{project.slug}`, in Concord, whatever was said of them."
        return
    people = counted(len(heard.people), "person", "people")
    instrument = project.current_instrument()
    version = instrument.version if instrument else 0
    questions = ", ".join(f"`{one.name}` ({one.kind})" for one in instrument.questions) if instrument else "none"
    endpoints = counted(project.endpoints.count(), "model or setting", "models or settings")
    versions = ", ".join(map(str, sorted(heard.guidelines)))
    guidelines = f"version {versions}" if versions else "none, or not known"
    blind = "could see which" if project.reveals_models else "did not see which"
    yield (
        f"{people} gave {heard.n_annotations:,} annotations, in Concord, project `{project.slug}`. They are known here "
        f"by pseudonyms, if at all."
    )
    yield f"They answered version {version} of the questions: {questions}. Guidelines: {guidelines}."
    yield f"Responses are by {endpoints}; annotators {blind}, and saw them in an order drawn for each of them."
    yield f"Agreement on pairs of responses: {agreement(heard)}."


def chosen(recipe: Recipe) -> Iterator[str]:
    """What its maker chose, where it matters to the format."""
    of = FORMATS[recipe.format].of
    if of == "prompts":
        yield "All prompts of the project, labeled or not."
        return
    if of in ("pairs", "rankings"):
        yield f"Labels become {of} {choices.COMBINE[recipe.combine]}."
    if of == "pairs":
        yield f"Which pairs: {choices.PAIRS[recipe.pairs]}. Ties: {choices.TIES[recipe.ties]}."
        yield f"Margin: {choices.MARGINS[recipe.margin]}{f' (`{recipe.scale}`)' if recipe.scale else ''}."
        yield f"A response that an annotator edited is{'' if recipe.refinements else ' not'} a pair with what it was."
    if of == "labels":
        yield f"Desirable is what is {choices.DESIRABLE[recipe.desirable]}."
    if of == "texts":
        yield f"Answers to learn from: {', '.join(str(choices.TEXTS[one]) for one in recipe.texts) or 'none'}."
    yield "Where a reviewer decided a task, the decision counts alone."
    yield from filters(recipe)


def filters(recipe: Recipe) -> Iterator[str]:
    if recipe.without_flags:
        names = ", ".join(f"`{flag}`" for flag in recipe.without_flags)
        yield f"Left out are answers with one of the flags {names}, {choices.FLAGS_BY[recipe.flags_by]}."
    if recipe.min_annotators > 1 or recipe.min_agreement:
        share = f"{recipe.min_agreement:.0%}"
        yield f"At least {recipe.min_annotators} annotators a task, and {share} of them for an outcome."
    if recipe.decided_only:
        yield "Only what a reviewer decided."
    for name, is_in in (
        ("tasks with known answers", recipe.gold),
        ("surplus labels, which came when a task had enough", recipe.surplus),
        ("labels of annotators who are paused or removed", recipe.paused),
        ("labels for evaluations, which are those of certain tasks and of held-out annotators", recipe.evaluation),
    ):
        yield f"{'With' if is_in else 'Without'} {name}."
    if recipe.evaluation:
        yield "All that shares a prompt with labels for evaluations is in the test split."


def left_out(written: Written) -> str:
    if not any(written.left_out.values()):
        return "Nothing was left out."
    told = ", ".join(f"{LEFT_OUT[reason]} ({n:,})" for reason, n in written.left_out.items() if n)
    return f"Left out: {told}."


def table(counts: Mapping[str, int]) -> str:
    return "\n".join(f"| {name} | {n:,} |" for name, n in counts.items())


def limits(recipe: Recipe, written: Written, heard: Heard) -> Iterator[str]:
    shares = ", ".join(f"{split} {share:.0%}" for split, share in recipe.shares.items())
    yield (
        f"Splits ({shares}, seed {recipe.seed}) are drawn by the owner of the prompt, else by the prompt; a near-"
        f"duplicate of a prompt is in its split. There are {written.prompts:,} prompts."
    )
    if 0 < len(heard.people) < FEW_PEOPLE:
        yield f"It is the taste of {counted(len(heard.people), 'person', 'people')}."
    if FORMATS[recipe.format].of == "pairs" and recipe.ties == "drop":
        yield "Responses that people find equally good make no row, so its pairs are easier to tell apart than most."
    yield "Texts hold no images: where a prompt shows some, annotators saw them."
    if recipe.license == "unknown":
        yield "Nobody has said under which license it may be used."


FEW_PEOPLE = 10


def agreement(heard: Heard) -> str:
    if not heard.n_rankings:
        return "nobody compared responses"
    alpha = heard.agreement()
    if alpha.value is None:
        return f"Krippendorff's α is undefined ({alpha.undefined})"
    interval = f", 95 % interval {alpha.low:.3f} to {alpha.high:.3f}" if alpha.low is not None else ""
    return f"Krippendorff's α (nominal) {alpha.value:.3f}{interval}, from {alpha.n_pairs:,} pairs of labels"
