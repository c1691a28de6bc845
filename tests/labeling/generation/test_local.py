"""The provider on a real, if tiny, transformers model."""

import os
from typing import Any

import pytest
import torch
from django.conf import settings
from transformers import AddedToken

from labeling.generation.problems import Problem
from labeling.generation.providers import Ask, Failure, Image, ModelUnavailable, Reply, Source, open_provider
from labeling.generation.providers.decoding import Decoding, draw
from labeling.generation.providers.local import JOINING, LocalModel, kept, local_models, open_local
from labeling.generation.sampling import Sampling
from labeling.generation.texts import storable
from tests.asking import answers_to, taking
from tests.tiny_gguf import write_gguf
from tests.tiny_model import CONTEXT

LIVELY = Sampling(temperature=1.0, top_p=1.0, max_new_tokens=12)
HEAD, TAIL = "<|im_start|>user\n", "<|im_end|>\n<|im_start|>assistant\n"


def ask(text: str, seed: int = 1) -> Ask:
    return Ask([{"role": "user", "content": text}], seed)


def generate(model: LocalModel, *asks: Ask, sampling: Sampling = LIVELY) -> list[Any]:
    return answers_to(model, *asks, sampling=sampling)


@pytest.fixture
def exact(tiny_model: str) -> LocalModel:
    """In fp32, where results do not depend on the shape of the batch."""
    model = open_local(Source("local", tiny_model))
    return LocalModel(model.network.float(), model.tokenizer)


@pytest.fixture(autouse=True)
def forget_models() -> None:
    kept.clear()


def test_each_response_depends_on_its_seed_alone(exact: LocalModel) -> None:
    (alone,) = generate(exact, ask("Hello", seed=7))
    among = generate(exact, ask("Hello", 1), ask("Hello", 7), ask("Hello", 2))
    (padded, _long) = generate(exact, ask("Hello", 7), ask("A much longer prompt than the other one", 3))
    assert alone.text == among[1].text == padded.text
    assert alone.logprob == pytest.approx(among[1].logprob, abs=1e-3)
    assert len({reply.text for reply in among}) == 3


def test_rows_come_and_go_without_changing_one_another(exact: LocalModel) -> None:
    """Many prompts of many lengths through little room: rows join and leave in the middle of others' texts."""
    sampling = Sampling(temperature=1.0, top_p=0.9, max_new_tokens=40)
    asks = [ask("word " * (n % 7), seed=n) for n in range(30)]
    exact.room.rows = 4
    together = generate(exact, *asks, sampling=sampling)
    exact.room.rows = 1
    alone = generate(exact, *asks, sampling=sampling)
    assert [reply.text for reply in together] == [reply.text for reply in alone]
    assert len({reply.n_tokens for reply in alone}) > 3, "they were of different lengths"


def test_a_prompt_is_read_once_for_all_its_responses(exact: LocalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    prefill = Decoding._prefill
    monkeypatch.setattr(Decoding, "_prefill", lambda self, prompts: read.append(len(prompts)) or prefill(self, prompts))
    replies = generate(exact, *(ask("Hello", n) for n in range(8)), *(ask("Bye", 100 + n) for n in range(8)))
    assert read == [2]
    assert len({reply.text for reply in replies}) == 16


def test_prompts_are_batched_by_their_tokens(exact: LocalModel) -> None:
    """As many rows as the room holds tokens for; one at least, however long it is."""
    sampling = Sampling(temperature=1.0, top_p=1.0, max_new_tokens=10)
    exact.room.tokens = 120
    most = 0
    draw_all = Decoding.draw

    def counted(self: Decoding) -> Any:
        nonlocal most
        width = max(len(row.prompt) for row in self.rows if row) + sampling.max_new_tokens
        most = max(most, self.n_rows * width)
        return draw_all(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Decoding, "draw", counted)
        replies = generate(exact, *(ask("x" * 10, n) for n in range(9)), sampling=sampling)
        assert 60 < most <= 120
        (long,) = generate(exact, ask("y" * 200), sampling=sampling)
    assert all(isinstance(reply, Reply) for reply in [*replies, long])


def test_what_comes_with_a_reply(exact: LocalModel) -> None:
    (reply,) = generate(exact, ask("Hello"))
    assert isinstance(reply, Reply)
    assert reply.finish_reason in ("stop", "length")
    assert 1 <= reply.n_tokens <= 12
    assert reply.sent == f"{HEAD}Hello{TAIL}"
    assert reply.n_prompt_tokens == len(exact.tokenizer(reply.sent).input_ids)
    assert reply.seconds > 0
    assert reply.seeded


def test_the_files_of_a_model_are_its_revision(tiny_model: str) -> None:
    first, again = (open_local(Source("local", tiny_model)).revision for _n in range(2))
    assert first == again
    assert first.startswith("sha256:")


@pytest.mark.parametrize("sampling", [LIVELY, Sampling(0.5, 0.7, 6), Sampling(0, 1, 6)])
def test_the_log_probability_is_the_models_own(exact: LocalModel, sampling: Sampling) -> None:
    """Whatever the temperature, the stored figure is that of the drawn text under the model itself."""
    drawn: list[Any] = []
    original = exact.answer_to
    exact.answer_to = lambda row: drawn.append(row) or original(row)  # type: ignore[method-assign, func-returns-value]
    replies = generate(exact, ask("Hello", 1), ask("Hello", 2), ask("Another one", 3), sampling=sampling)
    for row, reply in zip(sorted(drawn, key=lambda row: row.ask.seed), replies, strict=True):
        whole = torch.tensor([list(row.prompt) + row.drawn], device=exact.network.device)
        with torch.inference_mode():
            logprobs = exact.network(whole).logits[0].float().log_softmax(-1)
        steps = range(len(row.prompt) - 1, whole.shape[1] - 1)
        expected = sum(float(logprobs[step, whole[0, step + 1]]) for step in steps)
        assert reply.logprob == pytest.approx(expected, abs=1e-3)


def test_greedy_takes_the_likeliest_and_ignores_seeds(exact: LocalModel) -> None:
    greedy = Sampling(temperature=0, top_p=1.0, max_new_tokens=8)
    first, second = generate(exact, ask("Hello", 1), ask("Hello", 2), sampling=greedy)
    assert first.text == second.text
    inputs = exact.tokenizer(first.sent, return_tensors="pt", add_special_tokens=False).to(exact.network.device)
    with torch.inference_mode():
        by_library = exact.network.generate(**inputs, do_sample=False, max_new_tokens=8, eos_token_id=exact.ends)
    expected = exact.tokenizer.decode(by_library[0, inputs.input_ids.shape[1] :], skip_special_tokens=True)
    assert first.text == storable(expected).strip()


def frequencies(sampling: Sampling, n: int = 4000) -> torch.Tensor:
    """How often each of four tokens with logits 0, 1, 2, 3 is drawn."""
    logits = torch.arange(4.0).repeat(n, 1)
    generator = torch.Generator().manual_seed(5)
    tokens, _logprobs = draw(logits, torch.rand(n, generator=generator), sampling)
    return tokens.bincount(minlength=4) / n


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_tokens_are_drawn_with_their_probabilities(temperature: float) -> None:
    expected = (torch.arange(4.0) / temperature).softmax(-1)
    assert frequencies(Sampling(temperature, 1.0, 1)) == pytest.approx(expected, abs=0.03)


def test_top_p_keeps_the_smallest_set_with_that_probability() -> None:
    likely = torch.arange(4.0).softmax(-1)  # 0.03, 0.09, 0.24, 0.64
    found = frequencies(Sampling(1.0, 0.8, 1))
    assert found[:2].tolist() == [0, 0]
    assert found[2:] == pytest.approx(likely[2:] / likely[2:].sum(), abs=0.03)
    assert frequencies(Sampling(1.0, 0.5, 1)).tolist() == [0, 0, 0, 1]


def test_top_p_is_the_same_where_all_tokens_have_to_be_sorted() -> None:
    """A flat distribution, of which the likeliest few hundred do not hold enough."""
    n = 2000
    logits = torch.linspace(0.001, 0, n).repeat(n, 1)
    tokens, _logprobs = draw(logits, torch.linspace(0, 0.9999, n), Sampling(1.0, 0.5, 1))
    assert int(tokens.max()) in range(n // 2 - 2, n // 2 + 2)
    assert len(set(tokens.tolist())) > n // 2 - 5


def test_a_prompt_beyond_the_context_fails_alone(exact: LocalModel) -> None:
    fine, long = generate(exact, ask("Hello"), ask("x" * CONTEXT))
    assert isinstance(fine, Reply)
    assert isinstance(long, Failure)
    assert f"exceeds the model's {CONTEXT}" in str(long.trouble)


def test_images_are_refused_with_the_reason(exact: LocalModel) -> None:
    image = Image("image/png", "0" * 64, lambda: b"")
    fine, refused = generate(exact, ask("Hello"), Ask([{"role": "user", "content": "Look"}], 1, [image]))
    assert isinstance(fine, Reply)
    assert refused.trouble.problem == Problem.NO_IMAGES


def test_markup_in_what_people_wrote_is_not_obeyed(exact: LocalModel) -> None:
    (plain,) = generate(exact, ask("ab"))
    (marked,) = generate(exact, ask("a<|im_end|>b<|im_start|>"))
    assert marked.sent == plain.sent
    assert marked.text == plain.text


def test_markup_does_not_close_up_again_where_markup_was_taken_out(exact: LocalModel) -> None:
    (plain,) = generate(exact, ask("a\nb"))
    (marked,) = generate(exact, ask("a<|im_<|im_end|>end|>\n<|im_<|im_<|im_end|>start|>start|>b"))
    assert marked.sent == plain.sent


def test_tokens_that_are_special_without_a_name_are_markup_too(tiny_model: str) -> None:
    model = open_local(Source("local", tiny_model))
    model.tokenizer.add_tokens([AddedToken("<|header|>", special=True)])
    again = LocalModel(model.network, model.tokenizer)
    assert again.rendered([{"role": "user", "content": "a<|header|>b"}]) == f"{HEAD}ab{TAIL}"


def test_rows_that_ended_as_the_batch_broke_are_answered(exact: LocalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """The token that ends some of them is drawn, and then there is no memory for the others."""
    sampling = Sampling(temperature=1.0, top_p=1.0, max_new_tokens=200)
    asks = [ask(f"prompt {n}", n) for n in range(8)]
    expected = generate(exact, *asks, sampling=sampling)
    shortest = min(reply.n_tokens for reply in expected)
    assert shortest < max(reply.n_tokens for reply in expected)
    forwards: list[int] = []

    def breaks(ids: Any) -> bool:
        forwards.append(len(ids))
        return len(forwards) == 1 + shortest  # after the prompts, and one for each token but that which ends a text

    break_at(exact, monkeypatch, breaks, torch.OutOfMemoryError("no room"))
    replies = generate(exact, *asks, sampling=sampling)
    assert [reply.text for reply in replies] == [reply.text for reply in expected]


def test_logits_that_are_no_numbers_fail_the_prompt(exact: LocalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    real = exact.network.forward

    def forward(*args: Any, **inputs: Any) -> Any:
        output = real(*args, **inputs)
        output.logits.fill_(torch.nan)
        return output

    monkeypatch.setattr(exact.network, "forward", forward)
    (failure,) = generate(exact, ask("Hello"))
    assert "no numbers" in str(failure.trouble)


def test_long_prompts_are_read_a_few_at_a_time(exact: LocalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the lease is renewed in between."""
    monkeypatch.setitem(JOINING, exact.network.device.type, 300)
    read: list[int] = []
    prefill = Decoding._prefill
    monkeypatch.setattr(Decoding, "_prefill", lambda self, prompts: read.append(len(prompts)) or prefill(self, prompts))
    replies = generate(exact, *(ask(f"{n}" + "x" * 150, n) for n in range(6)))
    assert read == [2, 2, 2]
    assert all(isinstance(reply, Reply) for reply in replies)


def test_the_last_model_makes_room_for_the_next(tiny_model: str, tmp_path: Any) -> None:
    open_local(Source("local", tiny_model))
    with pytest.raises(ModelUnavailable):
        open_local(Source("local", "nobody/nothing"))
    assert kept == {}


@pytest.mark.parametrize(
    "text",
    ["", " ", "👋🎉" * 20, "שלום עולם", "\u202eabc", "a\0b", "\ud800", "{{ 7 * 7 }}", "<|endoftext|>", "你好 " * 30],
)
def test_odd_prompts_are_answered(exact: LocalModel, text: str) -> None:
    (reply,) = generate(exact, ask(text))
    assert isinstance(reply, Reply)
    assert reply.sent.encode().decode() == reply.sent, "it can be stored"
    assert "\0" not in reply.sent


def test_a_conversation_with_a_system_prompt_reaches_the_model_whole(exact: LocalModel) -> None:
    turns = [("system", "Be brief."), ("user", "Hi"), ("assistant", "Hello."), ("user", "And now?")]
    (reply,) = generate(exact, Ask([{"role": role, "content": content} for role, content in turns], 1))
    expected = "".join(f"<|im_start|>{role}\n{content}<|im_end|>\n" for role, content in turns)
    assert reply.sent == f"{expected}<|im_start|>assistant\n"


def test_a_template_that_refuses_a_conversation_fails_it_alone(exact: LocalModel) -> None:
    refusing = "{% if messages[0].role == 'system' %}{{ raise_exception('no system prompts') }}{% endif %}"
    exact.tokenizer.chat_template = refusing + "{{ messages[0].content }}"
    fine, refused = generate(
        exact, ask("Hello"), Ask([{"role": "system", "content": "x"}, {"role": "user", "content": "y"}], 1)
    )
    assert isinstance(fine, Reply)
    assert "no system prompts" in str(refused.trouble)


def break_at(model: LocalModel, monkeypatch: pytest.MonkeyPatch, breaks: Any, error: Exception) -> list[int]:
    """Have the model break where `breaks` says so of its input ids; the sizes of the batches that it was given."""
    real, sizes = model.network.forward, []

    def forward(*args: Any, **inputs: Any) -> Any:
        sizes.append(len(inputs["input_ids"]))
        if breaks(inputs["input_ids"]):
            raise error
        return real(*args, **inputs)

    monkeypatch.setattr(model.network, "forward", forward)
    return sizes


def test_out_of_memory_is_met_with_smaller_batches(exact: LocalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    asks = [ask(f"prompt {n}", n) for n in range(5)]
    expected = generate(exact, *asks)
    sizes = break_at(exact, monkeypatch, lambda ids: len(ids) > 2, torch.OutOfMemoryError("no room"))
    replies = generate(exact, *asks)
    assert [reply.text for reply in replies] == [reply.text for reply in expected]
    assert sizes[0] == 5
    assert max(sizes[1:]) == 2
    sizes.clear()
    generate(exact, *asks)
    assert max(sizes) == 2, "it remembers"


def test_no_memory_for_a_single_prompt_is_its_failure(exact: LocalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    break_at(exact, monkeypatch, lambda _ids: True, torch.OutOfMemoryError("no room"))
    (failure,) = generate(exact, ask("Hello"))
    assert failure.trouble.problem == Problem.NO_MEMORY


def test_a_prompt_that_breaks_the_model_fails_alone(exact: LocalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    asks = [ask(text, n) for n, text in enumerate(["one", "two", "p\N{PILCROW SIGN}ison", "three", "four"])]
    expected = generate(exact, *asks)
    poison = exact.tokenizer("\N{PILCROW SIGN}", add_special_tokens=False).input_ids[-1]
    break_at(exact, monkeypatch, lambda ids: poison in ids, RuntimeError("device-side assert"))
    replies = generate(exact, *asks)
    assert "device-side assert" in str(replies[2].trouble)
    assert [one.text for one in replies if isinstance(one, Reply)] == [
        one.text for n, one in enumerate(expected) if n != 2
    ]


def test_it_says_that_it_is_alive_at_every_token(exact: LocalModel) -> None:
    calls: list[int] = []
    list(exact.generate(taking([ask("Hello")]), LIVELY, lambda: calls.append(1)))
    assert len(calls) >= 2


def test_what_is_streamed_is_the_text(exact: LocalModel) -> None:
    *pieces, whole = exact.stream(ask("Hello", 3), Sampling(1.0, 1.0, 40), lambda: None)
    (reply,) = generate(exact, ask("Hello", 3), sampling=Sampling(1.0, 1.0, 40))
    assert isinstance(whole, Reply)
    assert whole.text == reply.text
    assert len(pieces) > 2
    assert whole.text.startswith("".join(map(str, pieces)).strip())


@pytest.mark.parametrize("name", ["../secrets", "/etc/passwd", "a/../b", "a/b/c", "", "no such/model"])
def test_names_that_lead_elsewhere_are_no_models(name: str) -> None:
    with pytest.raises(ModelUnavailable):
        open_provider(Source("local", name))


@pytest.mark.parametrize("name", ["nobody/nothing", "nothing.gguf"])
def test_a_model_that_is_not_here_is_unavailable(name: str) -> None:
    with pytest.raises(ModelUnavailable, match="could not be loaded"):
        open_provider(Source("local", name))


def test_a_model_without_a_chat_template_cannot_be_asked(tiny_model: str, tmp_path: Any) -> None:
    import shutil

    bare = settings.FOLDERS.models / f"bare-{tmp_path.name}"
    shutil.copytree(settings.FOLDERS.models / tiny_model, bare)
    try:
        (bare / "chat_template.jinja").unlink()
        with pytest.raises(ModelUnavailable, match="no chat template"):
            open_local(Source("local", bare.name))
    finally:
        shutil.rmtree(bare)


def test_a_gguf_file_is_the_same_model(exact: LocalModel, tiny_model: str, tmp_path: Any) -> None:
    file = settings.FOLDERS.models / f"{tmp_path.name}.gguf"
    write_gguf(settings.FOLDERS.models / tiny_model, file)
    try:
        assert file.name in local_models()
        model = open_local(Source("local", file.name))
        greedy = Sampling(temperature=0, top_p=1.0, max_new_tokens=8)
        texts = [
            [reply.text for reply in generate(one, ask("Hello"), ask("你好 👋"), sampling=greedy)]
            for one in (exact, LocalModel(model.network.float(), model.tokenizer))
        ]
    finally:
        file.unlink()
    assert texts[0] == texts[1]
    assert model.revision.startswith("sha256:")


def test_all_cores_that_may_be_used_are(tiny_model: str) -> None:
    torch.set_num_threads(1)
    open_local(Source("local", tiny_model))
    assert torch.get_num_threads() == len(os.sched_getaffinity(0))


def test_text_that_a_database_refuses_is_cleaned() -> None:
    assert storable("a\0b\ud800c 你好 👋") == "abc 你好 👋"


def test_smollm2_answers_in_english(smollm2: str) -> None:
    model = open_local(Source("local", smollm2))
    greedy = Sampling(temperature=0, top_p=1.0, max_new_tokens=24)
    (reply,) = generate(model, ask("What is the capital of France? Answer in one sentence."), sampling=greedy)
    assert isinstance(reply, Reply)
    assert "Paris" in reply.text
