"""The whole way, as people go it, in the product as it is started."""

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_in
from tests.product import Product

N_PROMPTS = 6
PATIENCE = 60_000  # ms
OpenPage = Callable[..., Page]


@pytest.fixture
def product(tmp_path: Path, tiny_model: str) -> Iterator[Product]:
    made = Product(tmp_path / "var", "--no-demo")
    (made.folders.models / "tiny").unlink(missing_ok=True)
    (made.folders.models / "tiny").symlink_to(settings.FOLDERS.models / tiny_model)
    made.start()
    yield made
    made.stop()


def test_from_prompts_to_a_trained_step(
    product: Product, open_page: OpenPage, prompts_file: Path, tmp_path: Path, tiny_model: str
) -> None:
    product.manage("create_project", "first", "--preset", "imported")
    password = product.manage("add_user", "laura", "--project", "first", "--role", "lead")["password"]
    lead = open_page(product.address)
    sign_in(lead, "laura", password)

    set_up_project(lead)
    import_prompts(lead, prompts_file)
    generate(lead, tiny_model)
    make_tasks(lead)
    passwords = add_annotators(lead, "ann", "bo", "cy")
    for name, password in passwords.items():
        annotator = open_page(product.address)
        sign_in(annotator, name, password)
        label_everything(annotator)

    lead.goto("/p/journey/")
    expect(lead.get_by_text("18 of 18")).to_be_visible()
    for figures in "Agreement", "Win rates":
        panel = lead.locator(".panel", has=lead.get_by_role("heading", name=figures))
        expect(panel.get_by_text("From 18 annotations")).to_be_visible(timeout=PATIENCE)
    alpha = lead.locator(".figures > div", has_text="Krippendorff's α")
    reported = float(alpha.locator(".value").inner_text())
    rows = product.manage("agreement", "--project", "journey", "--question", "ranking")["rows"]
    computed = next(row["value"] for row in rows if row["statistic"] == "krippendorff_alpha")
    assert reported == pytest.approx(computed, abs=5e-4)
    expect(lead.locator("table.scores").get_by_text("wild")).to_be_visible()

    train_one_step(download(lead, tmp_path), tmp_path, str(settings.FOLDERS.models / tiny_model))


def set_up_project(lead: Page) -> None:
    lead.goto("/")
    lead.get_by_role("link", name="New project").click()
    lead.get_by_label("Name").fill("The journey")
    lead.get_by_label("Address").fill("journey")
    lead.get_by_role("button", name="Set up the project").click()
    expect(lead.get_by_role("heading", name="The journey")).to_be_visible()


def import_prompts(lead: Page, file: Path) -> None:
    lead.get_by_role("link", name="import prompts").click()
    lead.get_by_label("Drop a file here").set_input_files(file)
    lead.get_by_role("button", name="Look into it").click()
    lead.get_by_role("button", name="Import").click()
    expect(lead.get_by_text(f"Prompts imported: {N_PROMPTS}")).to_be_visible(timeout=PATIENCE)


def generate(lead: Page, model: str) -> None:
    for name, temperature in (("wild", "1.5"), ("mild", "0.5")):
        lead.get_by_role("link", name="Responses").first.click()
        lead.get_by_role("link", name="New endpoint").click()
        lead.get_by_label("Name").fill(name)
        lead.get_by_label("Model").fill(model)
        lead.get_by_label("Temperature").fill(temperature)
        lead.get_by_label("Most new tokens").fill("12")
        lead.get_by_role("button", name="Add").click()
    expect(lead.get_by_role("status").get_by_text("reachable")).to_be_visible(timeout=PATIENCE)
    try_it(lead)
    lead.get_by_role("link", name="Responses").first.click()
    lead.get_by_role("link", name="Generate responses").click()
    for name in ("wild", "mild"):
        lead.get_by_label(f"Samples, {name}").fill("2")
    expect(lead.locator(".facts").get_by_text(str(4 * N_PROMPTS), exact=True)).to_be_visible()
    lead.get_by_role("button", name="Generate").click()
    expect(lead.get_by_text(f"{4 * N_PROMPTS} of {4 * N_PROMPTS}")).to_be_visible(timeout=PATIENCE)
    lead.reload()
    lead.get_by_text("Where it came from").first.click()
    expect(lead.get_by_text("<|im_start|>assistant").first).to_be_visible()


def try_it(lead: Page) -> None:
    """What a model says comes by itself."""
    lead.get_by_label("Prompt", exact=True).fill("Hello")
    lead.get_by_role("button", name="Ask").click()
    expect(lead.locator("#trial").get_by_text("in ")).to_be_visible(timeout=PATIENCE)


def make_tasks(lead: Page) -> None:
    lead.get_by_role("link", name="Tasks").click()
    form = lead.locator("section", has=lead.get_by_role("heading", name="Make tasks"))
    form.get_by_label("Responses to a task").fill("4")
    form.get_by_label("Annotators to a task").fill("3")
    for mark in ("empty", "tells which model it is", "nearly the same as another"):
        form.get_by_label(mark).uncheck()
    form.get_by_role("button", name="Make tasks").click()
    expect(lead.get_by_text(f"{N_PROMPTS} tasks were made")).to_be_visible()


def add_annotators(lead: Page, *names: str) -> dict[str, str]:
    passwords = {}
    lead.get_by_role("link", name="People").click()
    for name in names:
        lead.get_by_label("User name").fill(name)
        lead.get_by_label("Role").select_option("annotator")
        lead.get_by_role("main").get_by_role("button", name="Add").click()
        said = lead.get_by_text(f"{name} is annotator now").inner_text()
        passwords[name] = said.partition("new account is ")[2].partition(":")[0]
    return passwords


def label_everything(page: Page) -> None:
    """By keyboard: two of the four tied in the second place, the better one by the length of its text."""
    for done in range(N_PROMPTS):
        expect(page.locator(".own")).to_contain_text(f"{done} in all")
        expect(page.locator("[data-ready]")).to_be_visible()
        expect(page.locator(".submit")).to_be_enabled()
        texts = page.locator(".response-text").all_inner_texts()
        order = sorted(range(4), key=lambda place: len(texts[place]))
        scores = dict(zip(order, "7553", strict=True))
        for place in range(4):
            page.keyboard.press(scores[place])
        page.keyboard.press("Control+Enter")
    expect(
        page.get_by_role("heading", name="Nothing is left").or_(page.get_by_role("heading", name="All tasks"))
    ).to_be_visible()


def download(lead: Page, folder: Path) -> Path:
    lead.get_by_role("link", name="New data set").click()
    for split in ("Validation", "Test"):  # all prompts are of one family, which goes to one split
        lead.get_by_label(f"{split} split, %").fill("0")
    lead.get_by_role("button", name="Write it").click()
    with lead.expect_download() as waited:
        lead.get_by_role("link", name="Download").click()
    archive = folder / "export.zip"
    waited.value.save_as(archive)
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder / "export")
    (exported,) = (folder / "export").iterdir()
    return exported


def train_one_step(folder: Path, scratch: Path, model: str) -> None:
    from datasets import load_dataset
    from transformers import AutoModelForSequenceClassification, AutoTokenizer
    from trl import RewardConfig, RewardTrainer

    data = load_dataset(str(folder), cache_dir=str(scratch / "cache"))
    tokenizer = AutoTokenizer.from_pretrained(model)
    network = AutoModelForSequenceClassification.from_pretrained(
        model, num_labels=1, pad_token_id=tokenizer.pad_token_id
    )
    config = RewardConfig(
        output_dir=str(scratch / "reward"), max_steps=1, per_device_train_batch_size=2, use_cpu=True, bf16=False,
        report_to="none",
    )  # fmt: skip
    trainer = RewardTrainer(model=network, processing_class=tokenizer, train_dataset=data["train"], args=config)
    assert trainer.train().global_step == 1
