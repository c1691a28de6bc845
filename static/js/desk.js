/* One task on the screen: which response and which question are current, what a digit or a letter does to them, which
   stage is open. Everything is a form control, so nothing here is needed for the answers themselves. */

const FLAG_LETTERS = "JKLMNOPQRSTUVWXYZ";
const PROMPT = -1;

export const isTyping = (target) => target.matches("textarea, select, input:not([type=radio], [type=checkbox])");

const isRanking = (comparison) => "ranking" in comparison.dataset;

/* What is answered one by one: a ranking's rows; a choice is one. */
const rowsOf = (comparison) => (isRanking(comparison) ? [...comparison.querySelectorAll("[data-letter]")] : [comparison]);

const withDigit = (group, digit) => group.querySelector(`[data-digit="${digit}"] input`);

const keyCap = (key) => Object.assign(document.createElement("kbd"), { textContent: key });

/* A value's key is the value itself, and 0 for 10; in scales that begin and end higher up, its place. */
function digitOf(values, place) {
  const isLow = values[0] <= 1 || values.at(-1) <= 9;
  const digit = isLow ? values[place] : place + 1;
  if (digit === 10 && !(isLow && values[0] === 0)) return "0";
  return digit <= 9 ? String(digit) : "";
}

const isAnswered = (group) => Boolean(group.querySelector("input:checked"));

function isAnsweredInFull(group) {
  const rows = group.querySelectorAll("[role=radiogroup]");
  if (rows.length) return [...rows].every(isAnswered);
  const text = group.querySelector("textarea, select");
  return text ? Boolean(text.value.trim()) : isAnswered(group);
}

function check(radio) {
  if (!radio || radio.checked) return;
  radio.checked = true;
  radio.dispatchEvent(new Event("change", { bubbles: true }));
}

export class Desk {
  constructor(form) {
    this.form = form;
    this.prompt = form.querySelector(".prompt");
    this.cards = [...form.querySelectorAll(".response[data-letter]")];
    this.scales = this.cards.map((card) => [...card.querySelectorAll("[data-scale]")]);
    this.comparisons = [...form.querySelectorAll("[data-ranking], [data-choices]")];
    this.hint = form.querySelector("[data-hint]");
    this.again = form.querySelector("[data-again]");
    this.hasOwnRanking = this.rows.some((row) => isAnswered(row));
    this.current = 0;
    this.turnedTo = null; // the comparison somebody went to by keys, until they answer it or go elsewhere
    this.scale = this.nextScale(0) ?? null;
    this.labelScales();
    this.labelFlags();
    form.addEventListener("change", (event) => this.changed(event));
    form.addEventListener("input", (event) => this.answered(event.target));
    form.addEventListener("focusin", (event) => this.focused(event.target));
    form.addEventListener("focusout", () => queueMicrotask(() => this.mark()));
    form.addEventListener("pointerdown", (event) => this.pointedAt(event.target));
    this.again.addEventListener("click", () => this.rankAgain());
    dragging(this);
    this.update();
    this.choose(this.scale ? this.scale.card : Math.max(0, this.rows.findIndex((row) => !isAnswered(row))), false);
  }

  /* Where one is */

  choose(place, scrolls = true) {
    const lowest = this.prompt.querySelector("[data-flags-of]") ? PROMPT : 0;
    this.current = Math.min(Math.max(place, lowest), Math.max(0, this.cards.length - 1));
    if (this.scale) this.scale = { card: Math.max(0, this.current), number: this.scale.number };
    if (scrolls) (this.cards[this.current] ?? this.prompt).scrollIntoView({ block: "nearest" });
    this.mark();
  }

  /* Of the questions that compare responses: the one with the focus, or the first without an answer, or the last. */
  get comparison() {
    const focused = this.comparisons.find((one) => one.contains(document.activeElement));
    const open = this.comparisons.find((one) => rowsOf(one).some((row) => !isAnswered(row)));
    return this.turnedTo ?? focused ?? open ?? this.comparisons.at(-1);
  }

  get ranking() {
    const { comparison } = this;
    return comparison && isRanking(comparison) ? comparison : this.comparisons.find(isRanking);
  }

  get rows() {
    return this.ranking ? rowsOf(this.ranking) : [];
  }

  /* The group of controls that a digit answers. */
  get asked() {
    if (this.scale && this.current !== PROMPT) return this.scales[this.scale.card]?.[this.scale.number];
    const { comparison } = this;
    const isOpen = comparison && !this.isLocked && !(isRanking(comparison) && this.current === PROMPT);
    return isOpen ? comparison : undefined;
  }

  mark() {
    const { asked, rows } = this;
    this.prompt.classList.toggle("current", this.current === PROMPT);
    this.cards.forEach((card, place) => card.classList.toggle("current", place === this.current));
    for (const row of this.comparisons.filter(isRanking).flatMap(rowsOf)) {
      row.classList.toggle("current", rows.indexOf(row) === this.current);
    }
    for (const group of [...this.scales.flat(), ...this.comparisons]) group.classList.toggle("active", group === asked);
    if (this.marked === this.current) return;
    this.marked = this.current;
    this.form.dispatchEvent(new CustomEvent("desk:current"));
  }

  focused(target) {
    this.turnedTo = null;
    const card = this.cards.findIndex((one) => one.contains(target));
    const comparison = this.comparisons.find((one) => one.contains(target));
    if (this.prompt.querySelector("[data-flags-of]")?.contains(target)) this.choose(PROMPT, false);
    else if (comparison) {
      this.scale = null;
      const row = rowsOf(comparison).findIndex((one) => one.contains(target));
      this.choose(isRanking(comparison) && row >= 0 ? row : this.current, false);
    } else if (card >= 0) {
      const number = this.scales[card].findIndex((scale) => scale.contains(target));
      if (number >= 0) this.scale = { card, number };
      this.choose(card, false);
    } else this.mark();
  }

  pointedAt(target) {
    this.focused(target);
    this.turnedTo = this.comparisons.find((one) => one.contains(target)) ?? null;
    this.mark();
  }

  chooseLetter(letter) {
    const place = this.cards.findIndex((card) => card.dataset.letter === letter);
    if (place >= 0) this.turnTo(place);
    return place >= 0;
  }

  step(by) {
    this.turnTo(this.current + by);
    return true;
  }

  /* Whoever chooses a response by keys is to rank it, where there is a ranking. */
  turnTo(place) {
    if (!this.scale && this.ranking) this.turnedTo = this.ranking;
    this.choose(place);
  }

  /* Up and down go through the questions about the current response, and to the comparisons below them. */
  stepQuestion(by) {
    const card = Math.max(0, this.current);
    const scales = this.scales[card] ?? [];
    const open = this.isLocked ? [] : this.comparisons;
    const last = scales.length + open.length - 1;
    if (last < 1) return scales.length > 0;
    const here = this.scale ? this.scale.number : scales.length + Math.max(0, open.indexOf(this.comparison));
    const next = Math.min(Math.max(here + by, 0), last);
    this.scale = next < scales.length ? { card, number: next } : null;
    this.turnedTo = open[next - scales.length] ?? null;
    this.mark();
    return true;
  }

  /* What a bare key does; false: nothing. */
  press({ key, target }) {
    if (/^[0-9]$/.test(key)) return this.digit(key);
    if (/^[a-z]$/i.test(key)) return this.chooseLetter(key.toUpperCase()) || this.flag(key.toUpperCase());
    if (target.matches("input[type=radio]")) return false;
    if (key === "ArrowLeft" || key === "ArrowRight") return this.step(key === "ArrowLeft" ? -1 : 1);
    const scrolls = target.matches(".response-text, .prompt");
    if ((key === "ArrowUp" || key === "ArrowDown") && !scrolls) return this.stepQuestion(key === "ArrowUp" ? -1 : 1);
    return false;
  }

  /* What a digit says */

  digit(key) {
    if (this.scale && this.current !== PROMPT) return this.rate(key);
    const { asked } = this;
    if (!asked) return this.isLocked;
    if (isRanking(asked)) return this.rank(this.current, key, true);
    const radio = withDigit(asked, key);
    if (!radio) return false;
    this.turnedTo = null;
    check(radio);
    this.mark();
    return true;
  }

  rate(key) {
    const { card, number } = this.scale;
    const radio = withDigit(this.scales[card][number], key);
    if (!radio) return false;
    check(radio);
    this.scale = this.nextScale(card, number + 1);
    if (this.scale) this.choose(this.scale.card);
    else this.choose(this.ranking ? 0 : this.current, false);
    return true;
  }

  /* The next scale without a value, looking first at what follows; none: what compares them is next. */
  nextScale(card, number = 0) {
    const all = this.scales.flatMap((scales, place) => scales.map((scale, index) => ({ scale, card: place, number: index })));
    const open = all.filter((one) => !isAnswered(one.scale) && (this.hasStages || !this.comparisons.length));
    const follows = (one) => one.card > card || (one.card === card && one.number >= number);
    return open.find(follows) ?? open[0] ?? null;
  }

  rank(place, value, goesOn = false) {
    const row = this.rows[place];
    const radio = row?.querySelector(`input[value="${value}"]`);
    if (!radio) return false;
    this.hasOwnRanking = true;
    check(radio);
    if (goesOn) {
      const { rows } = this;
      const order = rows.map((_row, step) => (place + 1 + step) % rows.length);
      const open = order.find((one) => !isAnswered(rows[one]));
      if (open === undefined) this.turnedTo = null;
      else this.choose(open);
    }
    this.mark();
    return true;
  }

  labelScales() {
    for (const scale of this.scales.flat()) {
      const labels = [...scale.querySelectorAll(".segment")];
      const values = labels.map((label) => Number(label.querySelector("input").value));
      labels.forEach((label, place) => {
        const digit = digitOf(values, place);
        label.dataset.digit = digit;
        if (digit && digit !== String(values[place])) label.lastElementChild.append(keyCap(digit));
      });
    }
  }

  /* Flags */

  labelFlags() {
    for (const owner of [this.prompt, ...this.cards]) {
      [...owner.querySelectorAll("[data-flags-of] .check")].slice(0, FLAG_LETTERS.length).forEach((label, place) => {
        label.dataset.letterKey = FLAG_LETTERS[place];
        label.append(keyCap(FLAG_LETTERS[place]));
      });
    }
  }

  flag(letter) {
    const owner = this.current === PROMPT ? this.prompt : this.cards[this.current];
    const box = owner?.querySelector(`[data-letter-key="${letter}"]:not([hidden]) input`);
    if (!box) return false;
    box.closest("[data-flags-of]").open = true;
    box.checked = !box.checked;
    box.dispatchEvent(new Event("change", { bubbles: true }));
    box.scrollIntoView({ block: "nearest" });
    return true;
  }

  showConditional() {
    const raised = new Set(this.prompt.dataset.flags.split(" "));
    for (const box of this.prompt.querySelectorAll("[data-prompt-flag]")) {
      if (box.checked) raised.add(box.dataset.promptFlag);
    }
    for (const label of this.form.querySelectorAll("[data-when]")) {
      label.hidden = !label.dataset.when.split(" ").some((flag) => raised.has(flag));
    }
  }

  sumUpFlags() {
    for (const group of this.form.querySelectorAll("[data-flags-of]")) {
      const raised = [...group.querySelectorAll(".check:not([hidden]) input:checked")];
      group.querySelector("[data-raised]").textContent = raised
        .map((box) => box.nextElementSibling.textContent)
        .join(" · ");
    }
  }

  /* Stages */

  get hasStages() {
    return "stages" in this.form.dataset;
  }

  get isLocked() {
    return this.hasStages && this.scales.flat().some((scale) => "required" in scale.dataset && !isAnswered(scale));
  }

  changed(event) {
    if (event.target.closest("[data-ranking]") && event.isTrusted) this.hasOwnRanking = true;
    if (event.target.closest("[data-scale]") && event.isTrusted && this.scale) {
      this.scale = this.nextScale(this.scale.card, this.scale.number + 1);
    }
    this.update();
    this.mark();
    this.answered(event.target);
  }

  /* What was wrong with an answer is said until it is given anew, in full. */
  answered(target) {
    for (const problem of this.form.querySelectorAll("[data-problem]")) {
      const fields = [...this.form.elements].filter(({ name }) => name.split(".")[0] === problem.dataset.problem);
      const asked = fields.map((field) => field.closest("[data-required]")).filter(Boolean);
      if (asked.length ? asked.every(isAnsweredInFull) : fields.includes(target)) problem.remove();
    }
  }

  update() {
    this.showConditional();
    this.sumUpFlags();
    for (const questions of this.comparisons) {
      questions.inert = this.isLocked;
      questions.classList.toggle("locked", this.isLocked);
    }
    if (this.hasStages && !this.isLocked && !this.hasOwnRanking) this.rankByScores();
    const contradictions = this.isLocked ? [] : this.contradictions();
    this.say(this.isLocked ? this.hint.dataset.locked : contradictions.join(" "), contradictions.length > 0);
    this.again.hidden = !contradictions.length || this.scores().some(isNaN);
    this.contradicted = this.ranking;
  }

  say(words, isWarning) {
    if (this.hint.textContent !== words) this.hint.textContent = words;
    this.hint.classList.toggle("warning", isWarning);
  }

  /* It is submitted, and there is no other to show. */
  wait() {
    this.say(this.hint.dataset.waits, true);
  }

  scores() {
    return this.scales.map((scales) => Number(scales[0]?.querySelector("input:checked")?.value ?? NaN));
  }

  rankByScores(ranking = this.ranking) {
    const scores = this.scores();
    const levels = [...new Set(scores)].filter((score) => !isNaN(score)).sort((one, other) => other - one);
    rowsOf(ranking).forEach((row, place) => {
      const radio = row.querySelector(`input[value="${levels.indexOf(scores[place]) + 1}"]`);
      if (radio) radio.checked = true;
    });
  }

  rankAgain() {
    const ranking = this.contradicted;
    this.rankByScores(ranking);
    ranking.querySelector("input:checked").focus();
    ranking.dispatchEvent(new Event("change", { bubbles: true }));
  }

  /* Every response that is ranked above some that were rated higher, with those. */
  contradictions() {
    const scores = this.scores();
    const ranks = this.rows.map((row) => Number(row.querySelector("input:checked")?.value ?? NaN));
    return this.rows.flatMap((row, better) => {
      const higher = this.rows.filter((_row, worse) => ranks[better] < ranks[worse] && scores[better] < scores[worse]);
      const letters = { better: row.dataset.letter, worse: higher.map((one) => one.dataset.letter).join(", ") };
      return letters.worse ? [this.hint.dataset.contradiction.replace(/\{(\w+)\}/g, (_all, name) => letters[name])] : [];
    });
  }

  /* What is still missing: a page that goes on before the server has answered must not do so in vain. */
  get isComplete() {
    return [...this.form.querySelectorAll("[data-required]")].every(isAnsweredInFull);
  }
}

/* A chip, in the ranking or on its response, is dragged to a rank. Clicks and keys do the same without this. */

function laneUnder(row, x, y) {
  const ranking = row.closest("[data-ranking]").getBoundingClientRect();
  if (y < ranking.top - 24 || y > ranking.bottom + 24) return undefined;
  return [...row.querySelectorAll(".lane")].find((lane) => {
    const box = lane.getBoundingClientRect();
    return x >= box.left && x <= box.right;
  });
}

function drag(event, desk, place) {
  const row = desk.rows[place];
  const grip = event.target.closest("[data-grip]");
  const start = { x: event.clientX, y: event.clientY };
  let ghost;
  let lane;

  function move(moved) {
    if (!ghost && Math.hypot(moved.clientX - start.x, moved.clientY - start.y) < 5) return;
    if (!ghost) {
      ghost = desk.form.appendChild(Object.assign(document.createElement("span"), { className: "chip ghost" }));
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
      if (lane && ended.type === "pointerup") desk.rank(place, lane.querySelector("input").value);
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

function dragging(desk) {
  desk.form.addEventListener("pointerdown", (event) => {
    const letter = event.target.closest("[data-grip]")?.closest("[data-letter]").dataset.letter;
    const place = desk.rows.findIndex((one) => one.dataset.letter === letter);
    if (letter && place >= 0 && event.button === 0 && !desk.isLocked) drag(event, desk, place);
  });
}
