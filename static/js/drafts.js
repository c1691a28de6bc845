/* Nothing typed is lost: answers go to this browser at once and to the server soon after; a submission waits here
   until the server has it. */

const IDLE = 120_000;
const SOON = 800;
const RETRY = 4_000;
const RENEW = 5 * 60_000;

const workplace = document.querySelector("[data-workplace]");
const words = document.querySelector("[data-words]").dataset;
const told = document.querySelector("[data-saved]");
const mine = `concord:${workplace.dataset.user}:${workplace.dataset.project}`;

export function tell(word, values = {}) {
  told.textContent = word ? words[word].replace(/\{(\w+)\}/g, (_all, name) => values[name]) : "";
  told.dataset.state = word;
}

function keep(key, value) {
  try {
    if (value === undefined) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // a browser without storage, or a full one: the server has the draft, as long as there is a network
  }
}

function kept(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function token() {
  return document.querySelector("[name=csrfmiddlewaretoken]").value;
}

export function fieldsOf(form) {
  return [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");
}

export async function post(address, fields, headers = {}) {
  const body = new URLSearchParams(fields);
  const answer = await fetch(address, {
    method: "POST",
    body,
    headers: { "X-CSRFToken": token(), ...headers },
    redirect: "manual",
  });
  if (answer.type === "opaqueredirect" || answer.status === 403) throw new SignedOut();
  if (answer.status >= 500) throw new Error(String(answer.status));
  return answer;
}

export class SignedOut extends Error {}

/* The draft of one desk */

export class Draft {
  constructor(form) {
    this.form = form;
    this.address = `${form.dataset.address}draft/`;
    this.key = `${mine}:draft:${form.dataset.task}`;
    this.active = Number(form.dataset.active);
    this.version = Number(form.dataset.draft);
    this.saved = this.version;
    this.renewed = Date.now();
    if (this.version) tell("saved");
    this.restore();
    form.addEventListener("input", () => this.touch());
    form.addEventListener("change", () => this.touch());
  }

  restore() {
    const local = kept(this.key);
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
    this.schedule(0);
  }

  touch() {
    this.version = Math.max(Date.now(), this.version + 1);
    keep(this.key, { version: this.version, fields: fieldsOf(this.form) });
    tell("saving");
    this.schedule(SOON);
  }

  schedule(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), delay);
  }

  fields() {
    return [...fieldsOf(this.form), ["version", this.version], ["active_ms", Math.round(this.active)]];
  }

  async save() {
    if (this.isOver) return;
    const version = this.version;
    this.renewed = Date.now();
    try {
      const answer = await (await post(this.address, this.fields())).json();
      if (this.isOver) return;
      this.saved = Math.max(this.saved, version);
      if (version === this.version) {
        keep(this.key, undefined);
        tell(answer.seat || "submitted" in this.form.dataset ? "saved" : "lost");
      }
    } catch (wrong) {
      if (this.isOver) return;
      tell(wrong instanceof SignedOut ? "signedOut" : "local");
      this.schedule(RETRY);
    }
  }

  /* A second of work: the page in view, and somebody at it. */
  tick(isAtWork) {
    if (!isAtWork) return;
    this.active += 1000;
    if (Date.now() - this.renewed > RENEW) this.save();
  }

  leave() {
    const body = new URLSearchParams([...this.fields(), ["leaving", "1"], ["csrfmiddlewaretoken", token()]]);
    navigator.sendBeacon(this.address, body);
  }

  end() {
    this.isOver = true;
    clearTimeout(this.timer);
    keep(this.key, undefined);
  }
}

/* What was submitted, and the server does not have yet */

const outboxKey = `${mine}:outbox`;
const outbox = kept(outboxKey) ?? [];
let flushing;

export function send(letter) {
  outbox.push(letter);
  keep(outboxKey, outbox);
}

export const isWaiting = () => outbox.length > 0;

/* Sends what waits, oldest first. `arrived(letter, answer)` hears of each; false: the network or the sign-in is gone. */
export function flush(headersOf, arrived) {
  flushing ??= (async () => {
    try {
      while (outbox.length) {
        const letter = outbox[0];
        const answer = await post(letter.address, letter.fields, headersOf(letter));
        outbox.shift();
        keep(outboxKey, outbox.length ? outbox : undefined);
        await arrived(letter, answer);
      }
      return true;
    } catch (wrong) {
      tell(wrong instanceof SignedOut ? "signedOut" : "waiting", { n: outbox.length });
      setTimeout(() => flush(headersOf, arrived), RETRY);
      return false;
    } finally {
      flushing = undefined;
    }
  })();
  return flushing;
}

/* Active time */

let lastSign = Date.now();
for (const sign of ["pointermove", "pointerdown", "keydown", "wheel", "scroll", "touchstart"]) {
  addEventListener(sign, () => (lastSign = Date.now()), { passive: true, capture: true });
}

export function everySecond(tick) {
  setInterval(() => tick(!document.hidden && Date.now() - lastSign < IDLE), 1000);
}
