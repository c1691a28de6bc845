/* Ranking by dragging and by keyboard, on top of radio buttons that work without any of this.
   A letter chooses a response, a digit ranks it and goes on to the next without a rank; equal ranks are ties.
   A chip, in the ranking or on its response, can be dragged to a rank. */

const desk = document.querySelector("[data-ranking-desk]");
const rows = [...desk.querySelectorAll("[data-ranking] [data-letter]")];
const cards = [...desk.querySelectorAll(".response[data-letter]")];
let current = 0;

function choose(index) {
  current = index;
  for (const group of [rows, cards]) group.forEach((one, place) => one.classList.toggle("current", place === index));
  cards[index]?.scrollIntoView({ block: "nearest" });
}

function rankOf(row) {
  return row.querySelector("input:checked")?.value;
}

function rank(row, value) {
  const radio = row.querySelector(`input[value="${value}"]`);
  if (!radio) return;
  radio.checked = true;
  radio.dispatchEvent(new Event("change", { bubbles: true }));
}

function goOn() {
  const order = rows.map((_row, place) => (current + 1 + place) % rows.length);
  const open = order.find((place) => !rankOf(rows[place]));
  if (open !== undefined) choose(open);
}

function isTyping(target) {
  return target.matches("textarea, select, input:not([type=radio], [type=checkbox])");
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    desk.requestSubmit();
    return;
  }
  if (!rows.length || isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  const letter = rows.findIndex((row) => row.dataset.letter === event.key.toUpperCase());
  if (letter >= 0) {
    choose(letter);
  } else if (/^[1-9]$/.test(event.key) && Number(event.key) <= rows.length) {
    rank(rows[current], event.key);
    goOn();
  } else {
    return;
  }
  event.preventDefault();
});

for (const [place, row] of rows.entries()) row.addEventListener("focusin", () => choose(place));
for (const [place, card] of cards.entries()) card.addEventListener("pointerdown", () => rows.length && choose(place));

/* Dragging */

function laneUnder(row, x, y) {
  const ranking = row.closest("[data-ranking]").getBoundingClientRect();
  if (y < ranking.top - 24 || y > ranking.bottom + 24) return undefined;
  return [...row.querySelectorAll(".lane")].find((lane) => {
    const box = lane.getBoundingClientRect();
    return x >= box.left && x <= box.right;
  });
}

function drag(event, row) {
  const grip = event.target.closest("[data-grip]");
  const start = { x: event.clientX, y: event.clientY };
  let ghost;
  let lane;

  function move(moved) {
    if (!ghost && Math.hypot(moved.clientX - start.x, moved.clientY - start.y) < 5) return;
    if (!ghost) {
      ghost = desk.appendChild(Object.assign(document.createElement("span"), { className: "chip ghost" }));
      ghost.textContent = row.dataset.letter;
      document.body.classList.add("dragging");
    }
    ghost.style.transform = `translate(${moved.clientX - 12}px, ${moved.clientY - 12}px)`;
    lane?.classList.remove("over");
    lane = laneUnder(row, moved.clientX, moved.clientY);
    lane?.classList.add("over");
  }

  function end(ended) {
    grip.removeEventListener("pointermove", move);
    document.body.classList.remove("dragging");
    lane?.classList.remove("over");
    if (ghost) {
      ghost.remove();
      if (lane && ended.type === "pointerup") rank(row, lane.querySelector("input").value);
      // the click that ends a drag would choose the rank the chip was taken from
      const swallow = (click) => click.preventDefault();
      document.addEventListener("click", swallow, { capture: true, once: true });
      setTimeout(() => document.removeEventListener("click", swallow, { capture: true }));
    }
  }

  grip.setPointerCapture(event.pointerId);
  grip.addEventListener("pointermove", move);
  grip.addEventListener("pointerup", end, { once: true });
  grip.addEventListener("pointercancel", end, { once: true });
}

desk.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest("[data-grip]");
  const letter = grip?.closest("[data-letter]").dataset.letter;
  const row = rows.find((one) => one.dataset.letter === letter);
  if (row && event.button === 0) drag(event, row);
});

for (const hint of desk.querySelectorAll("[data-needs-script]")) hint.hidden = !rows.length;
if (rows.length) choose(Math.max(0, rows.findIndex((row) => !rankOf(row))));
