/* One task on the screen: which response is current, what a digit or a letter does to it, which stage is open.
   Everything is a form control, so nothing here is needed for the answers themselves. */

import { dragging } from "./dragging.js";

const FLAG_LETTERS = "JKLMNOPQRSTUVWXYZ";
const PROMPT = -1;

export const isTyping = (target) => target.matches("textarea, select, input:not([type=radio], [type=checkbox])");

const isAnswered = (group) => Boolean(group.querySelector("input:checked"));

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
    this.ranking = form.querySelector("[data-ranking]");
    this.rows = [...(this.ranking?.querySelectorAll("[data-letter]") ?? [])];
    this.choices = form.querySelector("[data-choices]");
    this.hint = form.querySelector("[data-hint]");
    this.hasOwnRanking = this.rows.some((row) => isAnswered(row));
    this.current = 0;
    this.scale = this.nextScale(0) ?? null;
    this.labelFlags();
    form.addEventListener("change", (event) => this.changed(event));
    form.addEventListener("focusin", (event) => this.focused(event.target));
    form.addEventListener("pointerdown", (event) => this.focused(event.target));
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

  mark() {
    this.prompt.classList.toggle("current", this.current === PROMPT);
    for (const group of [this.rows, this.cards]) {
      group.forEach((one, place) => one.classList.toggle("current", place === this.current));
    }
    const active = this.scale && this.current !== PROMPT ? this.scales[this.scale.card]?.[this.scale.number] : null;
    for (const scale of this.scales.flat()) scale.classList.toggle("active", scale === active);
    this.ranking?.classList.toggle("active", !active && this.current !== PROMPT);
    this.form.dispatchEvent(new CustomEvent("desk:current"));
  }

  focused(target) {
    const card = this.cards.findIndex((one) => one.contains(target));
    const row = this.rows.findIndex((one) => one.contains(target));
    if (this.prompt.querySelector("[data-flags-of]")?.contains(target)) this.choose(PROMPT, false);
    else if (row >= 0) {
      this.scale = null;
      this.choose(row, false);
    } else if (card >= 0) {
      const number = this.scales[card].findIndex((scale) => scale.contains(target));
      if (number >= 0) this.scale = { card, number };
      this.choose(card, false);
    }
  }

  chooseLetter(letter) {
    const place = this.cards.findIndex((card) => card.dataset.letter === letter);
    if (place >= 0) this.choose(place);
    return place >= 0;
  }

  step(by) {
    this.choose(this.current + by);
    return true;
  }

  /* Up and down go through the questions about the current response, and to the comparison below them. */
  stepQuestion(by) {
    const scales = this.scales[Math.max(0, this.current)] ?? [];
    if (!scales.length) return false;
    const number = (this.scale ? this.scale.number : scales.length) + by;
    if (number >= scales.length && (this.isLocked || !(this.ranking || this.choices))) return true;
    this.scale = number >= scales.length ? null : { card: Math.max(0, this.current), number: Math.max(0, number) };
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
    if (this.isLocked) return true;
    if (this.ranking) return this.rank(this.current, key, true);
    if (this.choices) {
      const radio = this.choices.querySelectorAll("input")[Number(key) - 1];
      check(radio);
      return Boolean(radio);
    }
    return false;
  }

  rate(key) {
    const { card, number } = this.scale;
    const radio = this.scales[card][number].querySelector(`input[value="${key}"]`);
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
    const open = all.filter((one) => !isAnswered(one.scale) && (this.hasStages || !(this.ranking || this.choices)));
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
      const order = this.rows.map((_row, step) => (place + 1 + step) % this.rows.length);
      const open = order.find((one) => !isAnswered(this.rows[one]));
      if (open !== undefined) this.choose(open);
    }
    return true;
  }

  /* Flags */

  labelFlags() {
    for (const group of this.form.querySelectorAll("[data-flags-of]")) {
      [...group.querySelectorAll(".check")].forEach((label, place) => {
        const letter = FLAG_LETTERS[place];
        if (!letter) return;
        label.dataset.letterKey = letter;
        label.append(Object.assign(document.createElement("kbd"), { textContent: letter }));
      });
    }
  }

  flag(letter) {
    const owner = this.current === PROMPT ? this.prompt : this.cards[this.current];
    const group = owner?.querySelector("[data-flags-of]");
    const box = group?.querySelector(`[data-letter-key="${letter}"]:not([hidden]) input`);
    if (!box) return false;
    group.open = true;
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
      this.mark();
    }
    this.update();
  }

  update() {
    this.showConditional();
    this.sumUpFlags();
    for (const questions of this.form.querySelectorAll("[data-ranking], [data-choices]")) {
      questions.inert = this.isLocked;
      questions.classList.toggle("locked", this.isLocked);
    }
    if (this.hasStages && !this.isLocked && !this.hasOwnRanking) this.rankByScores();
    this.hint.textContent = this.isLocked ? this.hint.dataset.locked : this.contradiction();
  }

  scores() {
    return this.scales.map((scales) => Number(scales[0]?.querySelector("input:checked")?.value ?? NaN));
  }

  rankByScores() {
    const scores = this.scores();
    const levels = [...new Set(scores)].sort((one, other) => other - one);
    this.rows.forEach((row, place) => {
      const radio = row.querySelector(`input[value="${levels.indexOf(scores[place]) + 1}"]`);
      if (radio) radio.checked = true;
    });
  }

  contradiction() {
    const scores = this.scores();
    const ranks = this.rows.map((row) => Number(row.querySelector("input:checked")?.value ?? NaN));
    for (let better = 0; better < this.rows.length; better++) {
      for (let worse = 0; worse < this.rows.length; worse++) {
        if (ranks[better] < ranks[worse] && scores[better] < scores[worse]) {
          const letters = { better: this.rows[better].dataset.letter, worse: this.rows[worse].dataset.letter };
          return this.hint.dataset.contradiction.replace(/\{(\w+)\}/g, (_all, name) => letters[name]);
        }
      }
    }
    return "";
  }

  /* What is still missing: a page that goes on before the server has answered must not do so in vain. */
  get isComplete() {
    return [...this.form.querySelectorAll("[data-required]")].every((group) => {
      const rows = group.querySelectorAll("[role=radiogroup]");
      if (rows.length) return [...rows].every(isAnswered);
      const text = group.querySelector("textarea, select");
      return text ? Boolean(text.value.trim()) : isAnswered(group);
    });
  }
}
