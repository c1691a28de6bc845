"""What a help desk brings: files as they come, and what a project holds once they are in."""

import csv
import io
import json
from itertools import product
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from labeling.imports.keep_file import keep_file
from labeling.imports.look import recognize
from labeling.imports.models import Import
from labeling.imports.run_import import order_import, run_import
from labeling.people.models import User
from labeling.projects.models import Project
from labeling.projects.personal_data import Treatment
from labeling.projects.roles import Role
from labeling.prompts.files import ImportFile
from labeling.prompts.look_into import examine
from tests.factories import make_member, make_project

Row = dict[str, Any]

TABLE_NAME = "helpdesk-november.csv"
TABLE = [
    ("question", "answer", "category", "lang", "channel", "customer"),
    (
        "My kettle switches itself off before the water boils. Is it broken?",
        "Most likely limescale on the sensor: boil it twice with citric acid, then rinse.",
        *("open_qa", "en", "web form", "c-2041"),
    ),
    (
        "我上周买的电饭煲内胆有划痕，可以换货吗？",
        "可以。签收后七天内，请在“我的订单”里申请换货，并上传一张照片。",
        *("open_qa", "zh", "聊天窗口", "c-1178"),
    ),
    (
        "Bitte fasse die Garantiebedingungen für den Staubsauger in drei Sätzen zusammen.",
        "Zwei Jahre Garantie auf Motor und Elektronik. Beutel und Filter sind ausgenommen. Der Kaufbeleg genügt.",
        *("summarization", "de", "e-mail", "c-0932"),
    ),
    (
        "Your courier left the parcel in the rain, and nobody answers the phone!",
        "",
        *("complaint", "en", "e-mail", "c-2207"),
    ),
    (
        "¿Puedo pagar la lavadora a plazos si vivo en Canarias?",
        "Sí, en tres o seis plazos sin intereses; el envío a Canarias se paga aparte.",
        *("open_qa", "es", "web form", "c-1790"),
    ),
    ("", "The spare blade is part no. 4402.", "closed_qa", "en", "phone notes", "c-2041"),
    (
        "هل يعمل جهاز القهوة على ٢٢٠ فولت؟",
        "نعم، يعمل على 220 إلى 240 فولت.",
        *("closed_qa", "ar", "web form", "c-2310"),
    ),
    (
        "食洗機の「E24」というエラーはどうすれば消えますか。",
        "排水フィルターを洗い、ホースの折れを直してから、電源を入れ直してください。",
        *("open_qa", "ja", "chat", "c-1544"),
    ),
    (
        "Rewrite this so that it sounds less cold: “Your claim was rejected.”",
        "We looked at your claim carefully. This time we cannot cover it, and here is what you can do instead.",
        *("rewrite", "english please", "web form", "c-0417"),
    ),
]

ASKED: dict[str, tuple[list[tuple[str, str]], list[str]]] = {
    "en": (
        [
            ("open_qa", "How does {} work, and what should I know before I sign up for it?"),
            ("brainstorming", "Give me ten ideas for a page that explains {} to people who are over seventy."),
            ("generation", "Write a polite reply to a customer who has waited two weeks to hear about {}."),
            ("rewrite", "Make this shorter and warmer: “With regard to {}, we regret that we cannot help you.”"),
        ],
        [
            *["paying in instalments", "the five-year warranty", "recycling an old fridge", "next-day delivery"],
            *["renting a washing machine", "the points of the loyalty card", "repairs at home", "returning a gift"],
        ],
    ),
    "zh": (
        [
            ("open_qa", "{}是怎么办理的？需要准备哪些材料？"),
            ("generation", "请给等了两周的顾客写一封得体的回信，说明{}的进度，不要作出承诺。"),
            ("summarization", "把下面这段关于{}的说明压缩成两句话，让第一次来的顾客也能看懂。"),
        ],
        ["以旧换新", "延长保修", "上门安装", "分期付款", "七天无理由退货", "发票补开"],
    ),
    "de": (
        [
            ("open_qa", "Was kostet {} und worauf muss ich dabei achten?"),
            ("extract", "Nenne alle Fristen, die in unseren Bedingungen für {} vorkommen."),
        ],
        ["die Reparatur vor Ort", "ein Leihgerät", "die Entsorgung der alten Waschmaschine", "der Umtausch ohne Beleg"],
    ),
    "es": (
        [("chat", "Hola, quería preguntar por {}. ¿Me lo puede explicar como a un niño?")],
        ["la garantía ampliada", "la recogida a domicilio", "el pago a plazos"],
    ),
    "ar": ([("open_qa", "كيف أطلب {} وكم يستغرق ذلك؟")], ["قطعة غيار", "فاتورة جديدة", "زيارة فني"]),
    "ja": (
        [("classification", "次の問い合わせは「{}」に当てはまりますか。理由も一文で答えてください。")],
        ["返品", "修理", "配送"],
    ),
}
"""By language: what is asked about, and about what."""

CHANNELS = ["web form", "e-mail", "web form", "chat", "phone notes"]
OWNERS = ["team Berlin", "team Shanghai", "team Austin", "team Shanghai", "team Cairo"]

AGAIN = [
    "How does paying in instalments work, and what should I know before I sign up for it",
    "how does paying in instalments work and what should I know before I sign up for it?",
    "以旧换新是怎么办理的？需要准备哪些材料",
    "Was kostet ein Leihgerät und worauf muss ich dabei achten??",
]
"""What is there already, but for a mark."""

PERSONAL = [
    ("en", "e-mail", "Hello, I am Joan. Please send the invoice to joan.mercer@fastmail.com, not to my work address."),
    ("de", "e-mail", "Bitte überweisen Sie die 49,90 € auf DE89 3704 0044 0532 0130 00, das Gerät ist zurück."),
    ("zh", "聊天窗口", "师傅到了请打 13812345678，我在家。收件邮箱是 li.wei@example.cn，发票也发到这里。"),
    ("en", "web form", "You charged 4111 1111 1111 1111 twice for one toaster. Give me back one of them."),
    (
        "en",
        "chat",
        "The app says “forbidden” when I call it from 8.8.8.8, with hf_abcdefghijklmnopqrstuvwxyzABCD.",
    ),
    ("es", "phone notes", "La señora Ruiz pide que la llamen al +34 612 34 56 78 después de las seis."),
]

CONVERSATION = [
    {"role": "system", "content": "You answer for a shop of household appliances. Promise nothing."},
    {"role": "user", "content": "The door of my oven does not close any more."},
    {"role": "assistant", "content": "I am sorry to hear that. Is the seal loose, or is it the hinge?"},
    {"role": "user", "content": "The hinge, I think. Can I change it myself?"},
]

ANSWERS = {
    "calm-135m": ["It is best to ask in the shop.", "I am a language model."],
    "sft-8b": [
        "You need your receipt and your customer number.",
        "It takes three to five working days, and you get a message as soon as it is done.",
        "If you have lost the receipt, the number on the back of the device is enough.",
    ],
    "dpo-8b": [
        "Here is how:\n\n1. Open “My orders” and choose the device.\n2. Say what it is about.",
        "3. Wait for our message, which comes within two working days.",
        "Nothing is charged before you have agreed to it, and you can change your mind for another fourteen days.",
        "If anything is unclear, write to us: we are happy to help.",
    ],
}
"""By model, the sentences that its answers are made of."""


def table() -> bytes:
    """Rows of which three have something wrong with them."""
    file = io.StringIO()
    csv.writer(file).writerows(TABLE)
    return file.getvalue().encode()


def lines(rows: list[Row]) -> bytes:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()


def prompts() -> list[Row]:
    rows: list[Row] = [
        {"prompt": text.format(about), "use_case": use_case, "language": language}
        for language, (asked, subjects) in ASKED.items()
        for (use_case, text), about in product(asked, subjects)
    ]
    rows += [{"prompt": text} for text in AGAIN]
    rows += [{"messages": CONVERSATION, "use_case": "chat", "language": "en"}]
    for n, row in enumerate(rows):
        row |= {"source": CHANNELS[n % len(CHANNELS)], "owner": OWNERS[n % len(OWNERS)]}
    return rows + [{"prompt": text, "language": language, "source": source} for language, source, text in PERSONAL]


def answered(rows: list[Row]) -> list[Row]:
    """Not every model has answered every prompt."""
    return [
        {
            **row,
            "responses": [
                {"model": model, "text": " ".join(sentences[: 1 + n % len(sentences)])}
                for model, sentences in list(ANSWERS.items())[n % 3 :]
            ],
        }
        for n, row in enumerate(rows)
    ]


def brought(project: Project, lead: User, name: str, content: bytes) -> Import:
    return keep_file(project=project, file=SimpleUploadedFile(name, content), mapping=None, by=lead)


def ordered(kept: Import, lead: User) -> Import:
    with kept.file.open("rb") as stream, ImportFile(stream, kept.name) as file:
        understanding = recognize(file)
    order_import(kept=kept, understanding=understanding, by=lead)
    return kept


def help_desk() -> Project:
    """Prompts and responses are in; a table is being looked at, and a file was refused."""
    project = make_project("helpdesk")
    Project.objects.filter(pk=project.pk).update(name="Help desk", personal_data=Treatment.HOLD)
    lead = make_member(project, Role.LEAD, "lead")
    rows = prompts()
    answers = answered(rows[: -len(PERSONAL)])
    for name, content in (
        ("questions-2025.jsonl", lines(rows)),
        ("answers-2025.jsonl", lines(answers)),
        ("phone-notes.csv", table()),
    ):
        run_import(import_id=ordered(brought(project, lead, name, content), lead).pk)
    examine(project_id=project.pk)
    return project


def being_imported(project: Project) -> Import:
    """A large file, of which about a third is read."""
    lead = User.objects.get(username="lead")
    kept = ordered(brought(project, lead, "chat-logs-2024.jsonl.gz", b"x"), lead)
    Import.objects.filter(pk=kept.pk).update(size=61_400_000, n_bytes=22_900_000, n_rows=184_500)
    return kept
