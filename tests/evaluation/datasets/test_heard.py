"""What a card says of annotators is what the pages say of them."""

import random
from pathlib import Path

import pytest

from evaluation.comparisons import read_annotations
from evaluation.datasets.examples import Stream
from evaluation.datasets.heard import Heard
from evaluation.datasets.reading import labels, one_moment
from evaluation.datasets.recipe import recipe_of
from evaluation.datasets.write import write_dataset
from evaluation.stats.agreement import estimate
from tests.factories import make_endpoint, make_member, make_project, make_prompt, make_task, rank

pytestmark = pytest.mark.django_db(transaction=True)


def test_agreement_is_that_of_the_pages(tmp_path: Path) -> None:
    project, draw = make_project(), random.Random(5)
    endpoints, people = [make_endpoint(project) for _n in range(3)], [make_member(project) for _n in range(4)]
    prompts = [make_prompt(project, f"Prompt {number}") for number in range(15)]
    for number in range(30):
        task = make_task(project, endpoints=endpoints[: 2 + number % 2], prompt=prompts[number * 7 % 15])
        for person in draw.sample(people, number % 5):
            rank(task, person, draw.choices([1, 2], k=2 + number % 2))
    recipe = recipe_of({"format": "trl-preference"})
    said = read_annotations(project, labels(recipe))
    expected = estimate(said.measures[0].labels(), "krippendorff_alpha", "nominal")
    with one_moment():
        stream = Stream(project, recipe)
        for _row in stream:
            pass
        write_dataset(project=project, recipe=recipe, out=tmp_path / "out")
    found = stream.heard.agreement()
    assert (found.value, found.n_pairs) == (pytest.approx(expected.value), expected.n_pairs)
    assert (found.low, found.high) == (pytest.approx(expected.low), pytest.approx(expected.high))
    assert (len(stream.heard.people), stream.heard.n_annotations) == (len(said.annotators), said.n_annotations)
    assert f"α (nominal) {expected.value:.3f}" in (tmp_path / "out" / "README.md").read_text()


def test_agreement_of_nobody_is_undefined() -> None:
    assert Heard().agreement().undefined


def test_prompts_alone_are_of_nobody(tmp_path: Path) -> None:
    project = make_project()
    rank(make_task(project, endpoints=[make_endpoint(project) for _n in range(2)]), make_member(project), [1, 2])
    with one_moment():
        write_dataset(project=project, recipe=recipe_of({"format": "trl-prompt"}), out=tmp_path / "out")
    card = (tmp_path / "out" / "README.md").read_text()
    assert "- Nobody:" in card
    assert "annotations, in Concord" not in card
