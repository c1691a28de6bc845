/* Nothing submitted is lost: what the server may not have yet waits in this browser, and goes from whatever page of ours
   its writer opens next. Each letter is an entry of its own, so that tabs do not overwrite one another's. */

export const RETRY = 4_000;
export const SLOWLY = 60_000;
const PATIENCE = 60_000;
const HAS_IT = 200;
const HAS_IT_ALREADY = 204;
const REFUSES_IT = 422;
const PASSES = [408, 429];

const own = `concord:${document.body.dataset.user}:`;
const words = Object.assign({}, ...[...document.querySelectorAll("[data-words]")].map((one) => one.dataset));
const told = document.querySelector("[data-saved]");
const waits = document.querySelector("[data-waits]");

export function tell(word, values = {}) {
  told.textContent = word ? words[word].replace(/\{(\w+)\}/g, (_all, name) => values[name]) : "";
  told.dataset.state = word;
}

/* What this browser keeps */

export const draftKey = (project, task) => `${own}${project}:draft:${task}`;

/* False: a browser without storage, or a full one. */
export function keep(key, value) {
  try {
    if (value === undefined) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

export function kept(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function keptKeys() {
  try {
    return Object.keys(localStorage);
  } catch {
    return [];
  }
}

/* Talking to the server */

export class SignedOut extends Error {}
export class Untaken extends Error {}

export const token = () => document.querySelector("[name=csrfmiddlewaretoken]").value;

/* Answers only what means that the server has read it; else it throws: SignedOut, Untaken, or what may pass by itself. */
export async function post(address, fields, headers = {}) {
  const answer = await fetch(address, {
    method: "POST",
    body: new URLSearchParams(fields),
    headers: { "X-CSRFToken": token(), "X-Ahead": tasksHere(), ...headers },
    redirect: "manual",
    signal: AbortSignal.timeout(PATIENCE),
  });
  if ([HAS_IT, HAS_IT_ALREADY, REFUSES_IT].includes(answer.status)) return answer;
  if (answer.type === "opaqueredirect") throw new SignedOut();
  if (answer.status < 400 || answer.status >= 500 || PASSES.includes(answer.status)) throw new Error(answer.status);
  throw new Untaken(answer.status);
}

/* Letters */

const isLetter = (key) => key.startsWith(own) && key.includes(":outbox:");
const keyOf = (letter) => `${own}${letter.project}:outbox:${letter.id}`;
const unkept = new Map(); // where storage has no place

const letters = () =>
  [...unkept.values(), ...keptKeys().filter(isLetter).map(kept)]
    .filter(Boolean)
    .sort((one, other) => one.at - other.at);

export const isWaiting = (id) => letters().some((letter) => id === undefined || letter.id === id);

export function send(letter) {
  const dated = { ...letter, at: Date.now() };
  if (keep(keyOf(dated), dated)) return;
  if (!unkept.size) addEventListener("beforeunload", (event) => unkept.size && event.preventDefault());
  unkept.set(dated.id, dated);
}

function drop(letter) {
  unkept.delete(letter.id);
  keep(keyOf(letter), undefined);
}

/* Answers that were refused are a draft again. */
function takeBack(letter) {
  const key = draftKey(letter.project, letter.task);
  if ((kept(key)?.version ?? 0) < letter.at) keep(key, { version: letter.at, fields: letter.fields });
}

/* What the page is told: of each letter that `arrived`, and that there was a try. It says which tasks it `holds`. */

let page = { holds: () => [], arrived: arrivedAnywhere, tried: () => undefined };
let refused;

export function serve(handlers) {
  page = handlers;
}

/* On a page that has no place for the task itself. */
export function arrivedAnywhere(letter, answer) {
  if (answer.status === REFUSES_IT) refused ??= letter;
  if (refused) linkTo(refused);
  else tell("delivered");
}

function linkTo(letter) {
  const link = document.createElement("a");
  link.href = letter.address.replace(/submit\/$/, "");
  link.textContent = words.refused;
  told.replaceChildren(link);
  told.dataset.state = "refused";
}

const NO_PLACE = "none";

function tasksHere() {
  const held = page.holds();
  return held.length ? [...new Set([...held, ...letters().map((letter) => letter.task)])].join(",") : NO_PLACE;
}

/* Sending, oldest first */

let hindrance = "";
let flushing;
let timer;

/* What keeps letters here: "waiting" for the network, "signedOut", "untaken" by the server, or "" when all are gone. */
export function flush() {
  flushing ??= inTurn(async () => {
    try {
      return await sendAll();
    } finally {
      flushing = undefined;
    }
  });
  return flushing;
}

const inTurn = (work) => (navigator.locks ? navigator.locks.request(`${own}outbox`, work) : work());

async function sendAll() {
  clearTimeout(timer);
  const before = hindrance;
  hindrance = await hindranceOf(sendEach());
  waits.hidden = !hindrance;
  if (hindrance) {
    tellWaiting();
    timer = setTimeout(flush, hindrance === "untaken" ? SLOWLY : RETRY);
  } else if (before && !refused) {
    tell("delivered");
  }
  page.tried(hindrance);
  return hindrance;
}

async function sendEach() {
  const untaken = new Set(); // a later letter about the same task must not overtake
  let letter;
  while ((letter = letters().find((one) => !untaken.has(one.address)))) {
    const answer = await post(letter.address, letter.fields).catch((wrong) => {
      if (!(wrong instanceof Untaken)) throw wrong;
      untaken.add(letter.address);
    });
    if (!answer) continue;
    if (answer.status === REFUSES_IT) takeBack(letter);
    drop(letter);
    await page.arrived(letter, answer);
  }
  if (untaken.size) throw new Untaken();
}

export async function hindranceOf(attempt) {
  try {
    await attempt;
    return "";
  } catch (wrong) {
    if (wrong instanceof SignedOut) return "signedOut";
    return wrong instanceof Untaken ? "untaken" : "waiting";
  }
}

function tellWaiting() {
  tell(hindrance, { n: letters().length });
}

export function tellSaved() {
  if (hindrance) tellWaiting();
  else tell(isWaiting() ? "sending" : "saved");
}

/* Another tab has written a letter, or brought one. */
addEventListener("storage", ({ key }) => {
  if (!key || !isLetter(key)) return;
  clearTimeout(timer);
  timer = setTimeout(flush, isWaiting() ? RETRY : 0);
});
addEventListener("online", flush);

const answered = document.querySelector("[data-answered]");
if (answered) keep(draftKey(answered.dataset.project, answered.dataset.answered), undefined);
if (!document.querySelector("[data-workplace]")) flush();
