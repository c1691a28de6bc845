"""Near-duplicates: who is whose twin, in any order of arrival, and as often as one asks."""

import random
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from labeling.projects.models import Project
from labeling.prompts.families import find_families
from labeling.prompts.look_into import ensure_families, examine, examine_some
from labeling.prompts.models import Fingerprint, Prompt
from labeling.prompts.similarity import as_sets, columns, similarities
from labeling.prompts.twins import (
    CLOSEST,
    LIKELY,
    MINIMA,
    NEAR,
    SHINGLE,
    Shingles,
    candidates,
    normalized,
    shingles,
    signature,
)
from tests.factories import image_bytes, make_image, make_project, make_prompt

POEM = "Write a poem about the sea at night, in the style of a sailor who has been away from home for long."
SUM = "Explain to a child of seven why leaves turn yellow and red in autumn, without a single technical term."
CHINESE = "请用通俗易懂的语言，向一个七岁的孩子解释为什么树叶在秋天会变黄变红，不要使用任何专业术语。"


def families_of(project: Project) -> set[frozenset[str]]:
    """The texts that belong together."""
    found = defaultdict(set)
    for prompt in project.prompts.exclude(family=""):
        found[prompt.family].add(prompt.text)
    return {frozenset(texts) for texts in found.values()}


def looked_into(*texts: str) -> Project:
    project = make_project()
    for text in texts:
        make_prompt(project, text)
    ensure_families(project=project)
    return project


def similarity(left: Shingles, right: Shingles) -> float:
    (found,) = similarities(as_sets([columns(left), columns(right)]), np.array([[0, 1]]))
    return float(found)


@given(st.text())
def test_white_space_around_is_no_difference(text: str) -> None:
    assert np.array_equal(shingles(text), shingles(f"\t{text}　\n"))


@given(st.text(), st.text())
def test_similarity_is_that_of_the_sets(left: str, right: str) -> None:
    def pieces(text: str) -> set[str]:
        padded = normalized(text).ljust(SHINGLE, "\0")
        return {padded[place : place + SHINGLE] for place in range(len(padded) - SHINGLE + 1)}

    ours, theirs = pieces(left), pieces(right)
    assert similarity(shingles(left), shingles(right)) == len(ours & theirs) / len(ours | theirs)


def test_signatures_tell_how_alike_texts_are() -> None:
    draw = random.Random(5)
    words = [f"{draw.randrange(10**6)}" for _n in range(300)]
    for kept in (60, 180, 270):
        other = " ".join([*words[:kept], *(f"{draw.randrange(10**6)}" for _n in range(300 - kept))])
        left, right = shingles(" ".join(words)), shingles(other)
        alike = (signature(left) == signature(right)).mean()
        assert alike == pytest.approx(similarity(left, right), abs=0.16)


def test_every_pair_of_twins_is_found_among_many() -> None:
    """And hardly any others, so that few texts have to be compared."""
    draw = random.Random(1)
    vocabulary = [f"word{n}" for n in range(500)]
    texts = [" ".join(draw.choices(vocabulary, k=30)) for _n in range(400)]
    texts += [text.replace("word1", "Wort1", 1) for text in texts[:100]]
    given = np.array([signature(shingles(text)) for text in texts])
    assert given.shape == (500, MINIMA)
    pairs = {tuple(pair) for pair in candidates(given, np.ones(500, bool)).tolist()}
    twins = {(n, 400 + n) for n in range(100) if similarity(shingles(texts[n]), shingles(texts[400 + n])) >= NEAR}
    assert twins <= pairs
    assert len(pairs) < 150


def of_few_words(draw: random.Random, n: int) -> list[str]:
    words = ["".join(draw.choices("etaoinshrdlucmwfgypb", k=draw.randint(2, 9))) for _n in range(20)]
    return [" ".join(draw.choices(words, k=30)) for _n in range(n)]


def test_twins_are_found_among_thousands_of_the_same_words() -> None:
    """Though each may be the twin of thousands, and is paired with few."""
    texts = of_few_words(random.Random(2), 6000)
    texts += [f"{text[:40]} and {text[40:]}" for text in texts[3000:3400]]
    found = [shingles(text) for text in texts]
    pairs = candidates(np.array([signature(one) for one in found]), np.ones(6400, bool))
    twins = {(3000 + n, 6000 + n) for n in range(400) if similarity(found[3000 + n], found[6000 + n]) >= NEAR}
    assert len(twins) == 400
    assert twins <= {tuple(pair) for pair in pairs.tolist()}
    assert np.bincount(pairs[:, 1]).max() == CLOSEST


def test_of_each_prompt_the_most_alike_come_first() -> None:
    given = np.array([signature(shingles(text)) for text in of_few_words(random.Random(2), 2000)])
    pairs = candidates(given, np.ones(2000, bool))
    alike = (given[pairs[:, 0]] == given[pairs[:, 1]]).mean(axis=1)
    assert (pairs[:, 0] < pairs[:, 1]).all()
    assert np.array_equal(np.lexsort((-alike, pairs[:, 1])), np.arange(len(pairs)))
    assert alike.min() >= LIKELY


@pytest.mark.django_db
def test_prompts_that_are_nearly_the_same_are_a_family() -> None:
    twins = [POEM, POEM.upper(), f"{POEM} Thanks", f"  {POEM.replace('.', '!')}"]
    chinese = [CHINESE, CHINESE.replace("七岁", "八岁"), f"{CHINESE}谢谢"]
    project = looked_into(*twins, SUM, *chinese)
    assert families_of(project) == {frozenset(twins), frozenset(chinese)}
    assert project.prompts.get(text=SUM).family == ""
    assert {prompt.family for prompt in project.prompts.filter(text__in=twins)} == {
        project.prompts.get(text=POEM).digest
    }


@pytest.mark.django_db
def test_short_prompts_are_not_all_alike() -> None:
    project = looked_into(
        "1+1=?", "1+2=?", "Hi", "hi!", "Hello", "你好", "你好吗", "ok", "no", "写一首诗", "写一首歌", "Ｈｉ"
    )
    assert families_of(project) == {frozenset(["Hi", "Ｈｉ"])}


@pytest.mark.django_db
def test_it_does_not_matter_when_prompts_come() -> None:
    """A prompt that is like two families makes them one, named by its oldest."""
    project = looked_into(POEM, f"{POEM} And now, please, do take your time for it and tell me what you think.")
    assert families_of(project) == set()
    make_prompt(project, f"{POEM} And now, please, do take your")
    ensure_families(project=project)
    assert {prompt.family for prompt in project.prompts.all()} == {project.prompts.earliest("pk").digest}
    make_prompt(project, SUM)
    examine(project_id=project.pk)
    assert project.prompts.get(text=SUM).family == ""
    assert Fingerprint.objects.filter(compared=False).count() == 0


@pytest.mark.django_db
def test_looking_twice_changes_nothing_and_costs_nothing(django_assert_max_num_queries: object) -> None:
    project = looked_into(POEM, f"{POEM}!", SUM)
    before = list(project.prompts.order_by("pk").values())
    with django_assert_max_num_queries(10):  # type: ignore[operator]
        examine(project_id=project.pk)
    assert list(project.prompts.order_by("pk").values()) == before
    assert find_families(project_id=project.pk) == 0


@pytest.mark.django_db
def test_other_images_and_other_projects_make_other_prompts() -> None:
    project, other = make_project(), make_project()
    content = image_bytes()
    question = "What can be seen in this picture, and where was it taken?"
    for one in (project, other):
        make_prompt(one, question)
    for shown in (content, content, image_bytes()):
        make_image(make_prompt(project, f"{question} {'!' * project.prompts.count()}"), shown)
    for one in (project, other):
        ensure_families(project=one)
    with_images = list(project.prompts.order_by("pk"))[1:]
    assert [prompt.family != "" for prompt in with_images] == [True, True, False]
    assert not Prompt.objects.get(project=other).family


@pytest.mark.django_db
def test_what_thousands_begin_with_alike_is_compared_in_time() -> None:
    project = looked_into(*(f"{POEM} Number {n}." for n in range(300)))
    assert len(families_of(project)) == 1


@pytest.mark.django_db
def test_what_may_be_alike_many_times_is_read_once(django_assert_max_num_queries: object) -> None:
    texts = of_few_words(random.Random(4), 300)
    project = looked_into()
    for text in [*texts, *(f"{text} and" for text in texts[:20])]:
        make_prompt(project, text)
    while examine_some(project.pk):
        pass
    with django_assert_max_num_queries(11):  # type: ignore[operator]
        assert find_families(project_id=project.pk) == 320
    assert {frozenset([text, f"{text} and"]) for text in texts[:20]} <= families_of(project)


@pytest.mark.django_db
def test_it_does_not_matter_how_much_has_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labeling.prompts.shelf.ROOM", 0)
    monkeypatch.setattr("labeling.prompts.shelf.AT_ONCE", 1)
    monkeypatch.setattr("labeling.prompts.similarity.AT_ONCE", 1)
    monkeypatch.setattr("labeling.prompts.families.PART", 2)
    chinese = [CHINESE, CHINESE.replace("七岁", "八岁"), f"{CHINESE}谢谢"]
    twins = [f"{POEM} Number {n}." for n in range(20)]
    project = looked_into(SUM, *twins, *chinese)
    assert families_of(project) == {frozenset(twins), frozenset(chinese)}


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_find_what_one_would() -> None:
    project = make_project()
    pairs = [(f"{n} {POEM[:n]} {SUM[n:]}", f"{n} {POEM[:n]} {SUM[n:]} Thanks") for n in range(0, 80, 4)]
    for text in [text for pair in pairs for text in pair]:
        make_prompt(project, text)

    def work(act: Callable[[], None]) -> None:
        act()
        connection.close()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, [lambda: examine(project_id=project.pk), lambda: ensure_families(project=project)] * 3))
    assert not project.prompts.unseen().exists()
    assert not Fingerprint.objects.filter(compared=False).exists()
    found = dict(project.prompts.values_list("text", "family"))
    assert all(found[first] == found[second] != "" for first, second in pairs)
