/* Nothing typed is lost: answers go to this browser at once and to the server soon after. */

import { RETRY, SLOWLY, draftKey, hindranceOf, keep, kept, post, tell, tellSaved, token } from "./outbox.js";

const IDLE = 120_000;
const SOON = 800;
const RENEW = 5 * 60_000;
const SETTLED = 20_000;
const SAID = { waiting: "local", signedOut: "signedOut", untaken: "localOnly" };

const workplace = document.querySelector("[data-workplace]");

export function fieldsOf(form) {
  return [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");
}

/* The draft of one desk */

export class Draft {
  constructor(form) {
    this.form = form;
    this.address = `${form.dataset.address}draft/`;
    this.key = draftKey(workplace.dataset.project, form.dataset.task);
    this.active = Number(form.dataset.active);
    this.version = Number(form.dataset.draft);
    this.due = Date.now() + SETTLED; // the page before this one may say only now that it is being left
    this.isUnsaved = false;
    this.shown();
    if (this.version) tellSaved();
    this.restore();
    form.addEventListener("input", () => this.touch());
    form.addEventListener("change", () => this.touch());
  }

  shown() {
    this.shownAt = performance.now();
  }

  get times() {
    return [
      ["active_ms", Math.round(this.active)],
      ["wall_ms", Math.round(performance.now() - this.shownAt)],
    ];
  }

  restore() {
    const local = kept(this.key);
    if (local?.isEntrusted && "submitted" in this.form.dataset) return void keep(this.key, undefined);
    if (!local || local.version <= this.version) return;
    const given = new Map();
    for (const [name, value] of local.fields) given.set(name, [...(given.get(name) ?? []), value]);
    for (const field of this.form.elements) {
      if (!field.name || field.type === "hidden") continue;
      const values = given.get(field.name) ?? [];
      if (field.type === "radio" || field.type === "checkbox") field.checked = values.includes(field.value);
      else field.value = values[0] ?? "";
    }
    this.version = local.version;
    this.isUnsaved = true;
    this.form.querySelector("[data-discard]")?.removeAttribute("hidden");
    this.schedule(0);
  }

  touch() {
    if ("plain" in this.form.dataset) this.isOver = false;
    this.version = Math.max(Date.now(), this.version + 1);
    this.isUnsaved = true;
    keep(this.key, { version: this.version, fields: fieldsOf(this.form) });
    tell("saving");
    this.form.querySelector("[data-discard]")?.removeAttribute("hidden");
    this.schedule(SOON);
  }

  schedule(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), delay);
  }

  /* What the server has already is not written again: it may be gone there, by another page or because it was discarded. */
  fields() {
    return [...fieldsOf(this.form), ["version", this.isUnsaved ? this.version : 0], ...this.times];
  }

  /* Answers whether the seat is still theirs. */
  async put() {
    this.due = Date.now() + RENEW;
    const { seat, revision } = await (await post(this.address, this.fields())).json();
    if (!this.isOver) this.showElsewhere(revision > Number(this.form.dataset.revision));
    return seat || revision > 0;
  }

  /* That this person has submitted the task from another page, or another device. */
  showElsewhere(is) {
    const notice = this.form.querySelector("[data-elsewhere]");
    if (notice) notice.hidden = !is;
  }

  async save() {
    if (this.isOver) return;
    const { version } = this;
    let isTheirs;
    const hindrance = await hindranceOf(this.put().then((answer) => (isTheirs = answer)));
    if (this.isOver) return;
    if (hindrance) {
      tell(SAID[hindrance]);
      this.schedule(hindrance === "untaken" ? SLOWLY : RETRY);
    } else if (version === this.version) {
      this.isUnsaved = false;
      keep(this.key, undefined);
      if (isTheirs) tellSaved();
      else tell("lost");
    }
  }

  /* The seat is kept for whoever is at it, also while they only read. */
  async renew() {
    const isTheirs = await this.put().catch(() => {
      this.due = Date.now() + SETTLED;
      return true;
    });
    if (!isTheirs && !this.isOver) tell("lost");
  }

  /* A second of work: the page in view, and somebody at it. */
  tick(isAtWork) {
    if (!isAtWork) return;
    this.active += 1000;
    if (Date.now() > this.due && !this.isOver) this.renew();
  }

  leave() {
    const body = new URLSearchParams([...this.fields(), ["leaving", "1"], ["csrfmiddlewaretoken", token()]]);
    navigator.sendBeacon(this.address, body);
  }

  /* The browser itself takes the form to the server: what is kept here goes only when a page says that it is there. */
  entrust() {
    this.rest();
    keep(this.key, { version: this.version, fields: fieldsOf(this.form), isEntrusted: true });
  }

  end() {
    this.rest();
    keep(this.key, undefined);
  }

  rest() {
    this.isOver = true;
    clearTimeout(this.timer);
  }
}

/* Active time */

let lastSign = Date.now();
for (const sign of ["pointermove", "pointerdown", "keydown", "wheel", "scroll", "touchstart"]) {
  addEventListener(sign, () => (lastSign = Date.now()), { passive: true, capture: true });
}

export function everySecond(tick) {
  setInterval(() => tick(!document.hidden && Date.now() - lastSign < IDLE), 1000);
}
