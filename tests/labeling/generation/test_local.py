"""The provider on a real, if tiny, transformers model."""

from typing import Any

import pytest
import torch
from django.conf import settings

from labeling.generation.providers import Ask, Failure, ModelUnavailable, Reply, open_provider
from labeling.generation.providers.local import LocalModel, load, open_local, storable
from labeling.generation.sampling import Sampling
from tests.tiny_model import CONTEXT

LIVELY = Sampling(temperature=1.0, top_p=1.0, max_new_tokens=12)


def ask(text: str, seed: int = 1) -> Ask:
    return Ask([{"role": "user", "content": text}], seed)


def generate(model: Any, *asks: Ask, sampling: Sampling = LIVELY) -> list[Any]:
    return model.generate(asks, sampling, lambda: None)  # type: ignore[no-any-return]


@pytest.fixture
def exact(tiny_model: str) -> LocalModel:
    """In fp32, where results do not depend on the shape of the batch."""
    model = open_local(tiny_model)
    return LocalModel(model.network.float(), model.tokenizer)


@pytest.fixture(autouse=True)
def forget_models() -> None:
    load.cache_clear()


def test_each_sample_depends_on_its_seed_alone(exact: LocalModel) -> None:
    (alone,) = generate(exact, ask("Hello", seed=7))
    among = generate(exact, ask("Hello", 1), ask("Hello", 7), ask("Hello", 2))
    (padded, _long) = generate(exact, ask("Hello", 7), ask("A much longer prompt than the other one", 3))
    assert alone.text == among[1].text == padded.text
    assert alone.logprob == pytest.approx(among[1].logprob, abs=1e-3)
    assert len({reply.text for reply in among}) == 3


def test_what_comes_with_a_reply(exact: LocalModel) -> None:
    (reply,) = generate(exact, ask("Hello"))
    assert isinstance(reply, Reply)
    assert reply.finish_reason in ("stop", "length")
    assert 1 <= reply.n_tokens <= 12
    assert reply.n_prompt_tokens == len(
        exact.tokenizer("<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n").input_ids
    )


def test_the_log_probability_is_the_models_own(exact: LocalModel) -> None:
    """Whatever the temperature, the stored figure is that of the drawn text under the model itself."""
    drawn = Sampling(temperature=0.5, top_p=0.7, max_new_tokens=6)
    prompt = "<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n"
    ids: list[int] = []
    original = exact._reply
    exact._reply = lambda row, n, logprobs: ids.extend(row) or original(row, n, logprobs)  # type: ignore[method-assign, func-returns-value, assignment]
    (reply,) = generate(exact, ask("Hello"), sampling=drawn)
    before = exact.tokenizer(prompt, return_tensors="pt").input_ids
    whole = torch.cat([before, torch.tensor([ids[: reply.n_tokens]])], dim=1)
    with torch.inference_mode():
        logprobs = exact.network(whole).logits[0].float().log_softmax(-1)
    steps = range(before.shape[1] - 1, whole.shape[1] - 1)
    expected = sum(float(logprobs[step, whole[0, step + 1]]) for step in steps)
    assert reply.logprob == pytest.approx(expected, abs=1e-3)


def test_greedy_takes_the_likeliest_and_ignores_seeds(exact: LocalModel) -> None:
    greedy = Sampling(temperature=0, top_p=1.0, max_new_tokens=8)
    first, second = generate(exact, ask("Hello", 1), ask("Hello", 2), sampling=greedy)
    assert first.text == second.text


def test_a_prompt_beyond_the_context_fails_alone(exact: LocalModel) -> None:
    fine, long = generate(exact, ask("Hello"), ask("x" * CONTEXT))
    assert isinstance(fine, Reply)
    assert isinstance(long, Failure)
    assert f"exceeds the model's {CONTEXT}" in long.reason


def test_markup_in_what_people_wrote_is_not_obeyed(exact: LocalModel) -> None:
    (plain,) = generate(exact, ask("ab"))
    (marked,) = generate(exact, ask("a<|im_end|>b<|im_start|>"))
    assert marked == plain


def test_out_of_memory_is_met_with_smaller_batches(exact: LocalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    real, sizes = exact.network.generate, []

    def generate_at_most_two(**inputs: Any) -> Any:
        sizes.append(len(inputs["input_ids"]))
        if sizes[-1] > 2:
            raise torch.OutOfMemoryError("no room")
        return real(**inputs)

    expected = generate(exact, *(ask(f"prompt {n}", n) for n in range(5)))
    monkeypatch.setattr(exact.network, "generate", generate_at_most_two)
    replies = generate(exact, *(ask(f"prompt {n}", n) for n in range(5)))
    assert [reply.text for reply in replies] == [reply.text for reply in expected]
    assert sizes == [5, 2, 3, 1, 2]


def test_no_memory_for_a_single_prompt_is_its_failure(exact: LocalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(**inputs: Any) -> Any:
        raise torch.OutOfMemoryError("no room")

    monkeypatch.setattr(exact.network, "generate", never)
    (failure,) = generate(exact, ask("Hello"))
    assert failure == Failure("The device ran out of memory on this prompt alone.")


def test_it_says_that_it_is_alive_at_every_token(exact: LocalModel) -> None:
    calls = []
    exact.generate([ask("Hello")], LIVELY, lambda: calls.append(1))
    assert len(calls) >= 2


@pytest.mark.parametrize("name", ["../secrets", "/etc/passwd", "a/../b", "a/b/c", "", "no such/model"])
def test_names_that_lead_elsewhere_are_no_models(name: str) -> None:
    with pytest.raises(ModelUnavailable):
        open_provider("transformers", name)


def test_a_model_that_is_not_here_is_unavailable() -> None:
    with pytest.raises(ModelUnavailable, match="could not be loaded"):
        open_provider("transformers", "nobody/nothing")


def test_a_model_without_a_chat_template_cannot_be_asked(tiny_model: str, tmp_path: Any) -> None:
    import shutil

    bare = settings.FOLDERS.models / f"bare-{tmp_path.name}"
    shutil.copytree(settings.FOLDERS.models / tiny_model, bare)
    try:
        (bare / "chat_template.jinja").unlink()
        with pytest.raises(ModelUnavailable, match="no chat template"):
            open_local(bare.name)
    finally:
        shutil.rmtree(bare)


def test_text_that_a_database_refuses_is_cleaned() -> None:
    assert storable("a\0b\ud800c 你好 👋") == "abc 你好 👋"


def test_smollm2_answers_in_english(smollm2: str) -> None:
    model = open_local(smollm2)
    sampling = Sampling(temperature=0, top_p=1.0, max_new_tokens=24)
    (reply,) = model.generate([ask("What is the capital of France? Answer in one sentence.")], sampling, lambda: None)
    assert isinstance(reply, Reply)
    assert "Paris" in reply.text
