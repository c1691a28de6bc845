"""Public files, taken in by a mapping, give the figures their sources printed: all by command."""

import csv
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from evaluation.stats.results import NO_VARIATION
from labeling.projects.presets import Preset

pytestmark = pytest.mark.django_db

MAPPINGS = Path(__file__).parent / "mappings"
Rows = list[dict[str, Any]]
Figures = Iterator[tuple[str, float]]
"""By what `expected_figures.csv` calls them."""


class Imported:
    """A project that one file was imported into, and what the commands say of it."""

    def __init__(self, run: Callable[..., Any], file: Path, mapping: str) -> None:
        self.run = run
        self.folder = file.parent
        run("create_project", "public", "--preset", Preset.IMPORTED)
        run("import_annotations", str(file), "--project", "public", "--mapping", str(MAPPINGS / mapping))

    def agreement(self, statistic: str, level: str = "nominal") -> Rows:
        asked = ["--statistic", statistic, "--level", level]
        rows: Rows = self.run("agreement", "--project", "public", *asked)["rows"]
        return rows

    def value(self, statistic: str, level: str = "nominal") -> float:
        """Over all annotators, of the only question."""
        (row,) = (row for row in self.agreement(statistic, level) if not row["annotators"])
        return float(row["value"])

    def scores(self, name: str) -> dict[str, dict[str, Any]]:
        """By endpoint."""
        rows = self.run("scores", "--project", "public", "--score", name)["rows"]
        return {row["endpoint"]: row for row in rows}

    def golden(self, name: str) -> Rows:
        with (self.folder / name).open(newline="") as file:
            return list(csv.DictReader(file))


def pandalm(here: Imported) -> Figures:
    said = here.run("agreement", "--project", "public", "--statistic", "cohen_kappa")
    for row in said["rows"]:
        if row["annotators"]:
            yield "Cohen kappa {} vs {}".format(*row["annotators"]), row["value"]
    for label, outcome in enumerate(("tie", "first", "second")):
        yield f"majority label count, label {label}", said["majority"]["preference"][outcome]
    yield "Fleiss kappa 3 raters", here.value("fleiss_kappa")
    yield "Krippendorff alpha nominal", here.value("krippendorff_alpha")


FLAGS = {
    "flags.guidelines": "Answer.a-1-guidelines.1",
    "flags.syntax": "Answer.a-2-syntax.1",
    "flags.superfluous": "Answer.a-3-superfluous.1",
    "flags.unsubstantiated": "Answer.a-5-unsubstantiated.1",
    "flags.incoherence": "Answer.a-6-incoherence.1",
}


def hanna(here: Imported) -> Figures:
    figures = {row["question"]: row for row in here.agreement("gwet_ac")}
    for name, flag in FLAGS.items():
        yield f"Gwet AC1 {flag}", figures[name]["value"]
        yield f"AC1 95% CI low {flag}", figures[name]["asymptotic"]["low"]
        yield f"AC1 95% CI high {flag}", figures[name]["asymptotic"]["high"]
    kappas = {row["question"]: row for row in here.agreement("fleiss_kappa")}
    never_raised = kappas["flags.incorrectness"]
    assert never_raised["value"] is None
    assert never_raised["undefined"] == NO_VARIATION


def krippendorff(here: Imported) -> Figures:
    for level in ("nominal", "ordinal", "interval", "ratio"):
        yield f"Krippendorff alpha {level}", here.value("krippendorff_alpha", level)


def gwet(here: Imported) -> Figures:
    yield "gwet unweighted", here.value("gwet_ac")
    yield "fleiss unweighted", here.value("fleiss_kappa")
    yield "krippendorff unweighted", here.value("krippendorff_alpha")
    yield "conger unweighted", here.value("conger_kappa")
    yield "bp unweighted", here.value("brennan_prediger")
    yield "percent agreement (avg over items with >=2)", here.value("percent_agreement")


def gcl(here: Imported) -> Figures:
    yield "Krippendorff alpha nominal", here.value("krippendorff_alpha")


def fleiss(here: Imported) -> Figures:
    yield "Fleiss kappa", here.value("fleiss_kappa")


def psychiatric(here: Imported) -> Figures:
    yield "Fleiss kappa", here.value("fleiss_kappa")
    yield "Brennan-Prediger", here.value("brennan_prediger")
    yield "Krippendorff alpha", here.value("krippendorff_alpha")
    yield "Gwet AC1", here.value("gwet_ac")


def sas(here: Imported) -> Figures:
    (simple,) = here.agreement("cohen_kappa")
    yield "Cohen kappa", simple["value"]
    yield "ASE", simple["asymptotic"]["standard_error"]
    yield "95% low", simple["asymptotic"]["low"]
    yield "95% high", simple["asymptotic"]["high"]
    yield "z (H0)", simple["asymptotic"]["z"]
    (weighted,) = here.agreement("cohen_kappa", "ordinal")
    yield "linear weighted kappa", weighted["value"]
    yield "weighted ASE", weighted["asymptotic"]["standard_error"]


def abstractors(here: Imported) -> Figures:
    yield "Gwet AC1", here.value("gwet_ac")
    yield "percent agreement", here.value("percent_agreement")
    yield "cohen", here.value("cohen_kappa")
    yield "bp", here.value("brennan_prediger")
    yield "krippendorff", here.value("krippendorff_alpha")


def ben_gerry(here: Imported) -> Figures:
    yield "gwet", here.value("gwet_ac")
    yield "fleiss", here.value("fleiss_kappa")
    yield "krippendorff", here.value("krippendorff_alpha")
    yield "conger", here.value("conger_kappa")
    yield "bp", here.value("brennan_prediger")


def abilities(here: Imported, reference: str) -> Figures:
    """Of a Bradley–Terry model, with that of the reference 0."""
    ratings = {name: row["value"] for name, row in here.scores("bradley_terry").items()}
    for name, rating in ratings.items():
        ability = (rating - ratings[reference]) * math.log(10) / 400
        if name != reference:
            yield f"BT log-ability {name} ({reference}=0)", ability


def evalica(here: Imported, name: str) -> Figures:
    golden: dict[str, dict[str, float]] = {}
    for row in here.golden(f"evalica_{name}_golden.csv"):
        golden.setdefault(row["algorithm"], {})[row["item"]] = float(row["score"])
    strengths = {item: 10 ** (row["value"] / 400) for item, row in here.scores("bradley_terry").items()}
    yield (
        "bradley_terry: max abs deviation from golden file (both rescaled to sum 1)",
        deviation(to_one(strengths), to_one(golden["bradley_terry"])),
    )
    for algorithm in ("elo", "counting", "average_win_rate"):
        found = {item: row["value"] for item, row in here.scores(algorithm).items()}
        yield f"{algorithm}: max abs deviation from golden file", deviation(found, golden[algorithm])


def to_one(scores: dict[str, float]) -> dict[str, float]:
    total = sum(scores.values())
    return {item: score / total for item, score in scores.items()}


def deviation(found: dict[str, float], golden: dict[str, float]) -> float:
    assert found.keys() == golden.keys()
    return max(abs(found[item] - score) for item, score in golden.items())


def llmfao(here: Imported) -> Figures:
    scores = here.scores("bradley_terry")
    ranked = sorted(scores, key=lambda model: -scores[model]["value"])
    published = here.golden("llmfao_published_leaderboard_gpt4.csv")
    equal = [row for row in published if int(row["rank"]) == ranked.index(row["model"]) + 1]
    yield "models whose BT rank equals the published rank (of 59)", len(equal)
    for model in ("GPT 3.5 Turbo", "GPT 4", "Weaver 12k"):
        yield f"comparisons of {model}", scores[model]["n"]


@dataclass(frozen=True)
class Published:
    file: str
    mapping: str
    figures: Callable[[Imported], Figures]


DATA_SETS = {
    "pandalm": Published("preferences/pandalm_testset_v1.json", "pandalm.yaml", pandalm),
    "hanna_user_study": Published("ratings/hanna_user_study.csv", "hanna_user_study.yaml", hanna),
    "krippendorff2011": Published("iaa/krippendorff2011_4coders_12units.csv", "krippendorff2011.yaml", krippendorff),
    "gwet2014_4raters": Published("iaa/gwet2014_4raters_12units.csv", "gwet2014_4raters.yaml", gwet),
    "gcl": Published("iaa/gcl_4coders_4units.csv", "gcl.yaml", gcl),
    "fleiss_wikipedia": Published("iaa/fleiss_wikipedia_10x5_counts.csv", "fleiss_wikipedia.yaml", fleiss),
    "sas_3x3": Published("iaa/sas_3x3_two_raters_counts.csv", "sas_3x3.yaml", sas),
    "psychiatric_15x5": Published("iaa/psychiatric_15x5_counts_6raters.csv", "psychiatric_15x5.yaml", psychiatric),
    "abstractors_3x3": Published("iaa/abstractors_3x3_counts.csv", "abstractors_3x3.yaml", abstractors),
    "ben_gerry_12x2": Published("iaa/ben_gerry_12x2_missing.csv", "ben_gerry_12x2.yaml", ben_gerry),
    "citations": Published(
        "bt/citations_stigler1994.csv", "citations.yaml", lambda here: abilities(here, "Biometrika")
    ),
    "baseball1987": Published(
        "bt/baseball_agresti1987.csv", "baseball1987.yaml", lambda here: abilities(here, "Baltimore")
    ),
    "evalica_food": Published("bt/evalica_food.csv", "evalica.yaml", lambda here: evalica(here, "food")),
    "evalica_simple": Published("bt/evalica_simple.csv", "evalica.yaml", lambda here: evalica(here, "simple")),
    "llmfao_gpt4": Published("preferences/llmfao_votes_gpt4.csv", "llmfao_gpt4.yaml", llmfao),
}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    def run_command(*argv: str) -> Any:
        capsys.readouterr()
        call_command(*argv, "--json")
        return json.loads(capsys.readouterr().out)

    return run_command


@pytest.fixture
def expected(shared_data: Path) -> Rows:
    with (shared_data / "expected_figures.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def half_of_the_last_digit(printed: str) -> float:
    return 0.5 * 10.0 ** -len(printed.partition(".")[2])


@pytest.mark.parametrize("name", DATA_SETS)
def test_a_public_file_gives_its_figures(name: str, run: Any, expected: Rows, shared_data: Path) -> None:
    chosen = DATA_SETS[name]
    figures = dict(chosen.figures(Imported(run, shared_data / chosen.file, chosen.mapping)))
    known = {row["statistic"]: row for row in expected if row["dataset"] == name}
    published = {statistic for statistic, row in known.items() if row["status"] == "reproduces"}
    assert published <= figures.keys() <= known.keys()
    for statistic, figure in figures.items():
        row = known[statistic]
        printed = row["published"] or row["recomputed"]
        assert figure == pytest.approx(float(printed), abs=half_of_the_last_digit(printed)), statistic


def test_no_published_figure_is_left_out(expected: Rows) -> None:
    assert {row["dataset"] for row in expected if row["status"] == "reproduces"} <= DATA_SETS.keys()
