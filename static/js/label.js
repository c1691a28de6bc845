/* The labeling page: shows a desk, keeps the next one at hand, and puts keys and buttons to work. */

import { Desk, isTyping } from "./desk.js";
import { Draft, everySecond, fieldsOf } from "./drafts.js";
import { commandOf, isOpen, openSheet, showKeys } from "./keys.js";
import { RETRY, arrivedAnywhere, flush, isWaiting, post, send, serve, tell, tellSaved } from "./outbox.js";
import { hear, showHeard } from "./unread.js";

const workplace = document.querySelector("[data-workplace]");
const { home, project } = workplace.dataset;
const tools = document.querySelector(".tools");
let desk;
let draft;
let ahead; // the form of the next task, while one is at hand
let isLeaving = false;
const sent = new Set(); // the tasks submitted from this page
const begun = new WeakMap(); // of each form that was shown, its desk and its draft

function formIn(html) {
  const part = new DOMParser().parseFromString(html, "text/html");
  hear(part);
  return part.querySelector("[data-desk]");
}

/* Desks come and go */

function begin(form) {
  const parts = { draft: new Draft(form), desk: new Desk(form) };
  begun.set(form, parts);
  form.addEventListener("submit", submit);
  // the second click of a double click falls on the next task
  form.querySelector(".submit").addEventListener("click", (event) => event.detail > 1 && event.preventDefault());
  form.addEventListener("desk:current", () => differences.checked && compare());
  form.querySelector("[data-refinement]") && refine(form);
  return parts;
}

function show(form) {
  const before = workplace.querySelector("[data-desk]");
  if (form !== before) before.replaceWith(form);
  ({ draft, desk } = begun.get(form) ?? begin(form));
  draft.shown();
  showKeys();
  if (differences.checked) compare();
  if (form === before) return;
  showHeard();
  scrollTo(0, 0);
  const skip = tools.querySelector("[data-skip] form");
  if (skip) skip.action = `${form.dataset.address}skip/`;
  draft.renew();
}

async function fetchAhead() {
  if ("submitted" in desk.form.dataset || "plain" in desk.form.dataset) return;
  const answer = await post(`${desk.form.dataset.address}ahead/`, []).catch(() => undefined);
  if (answer?.status === 200) keepAtHand(formIn(await answer.text()));
}

/* Answers cross one another on their way: a task that is on the screen, or was, is not one for later. */
function keepAtHand(form) {
  const isNew = form && form.dataset.task !== desk.form.dataset.task && !sent.has(form.dataset.task);
  if (isNew) ahead = form;
}

const isUnderSameGuidelines = (form) => form.dataset.guideline === desk.form.dataset.guideline;

document.getElementById("discard").addEventListener("submit", (event) => {
  stay(event);
  if (!event.defaultPrevented) draft.end();
});

/* Submitting: the next task is shown at once where it is at hand, and the answers follow in the background. */

function submit(event) {
  const { form } = desk;
  if ("plain" in form.dataset) return submitPlainly(form);
  event.preventDefault();
  if ("sent" in form.dataset) return undefined;
  form.dataset.sent = "";
  form.querySelector(".submit").disabled = true;
  const { task } = form.dataset;
  send({ project, task, id: idOf(form), address: form.action, fields: [...fieldsOf(form), ...draft.times] });
  draft.end();
  sent.add(task);
  tell("sending");
  return goOn(form);
}

function submitPlainly(form) {
  const { times } = draft;
  draft.entrust();
  form.addEventListener("formdata", ({ formData }) => times.forEach((one) => formData.set(...one)), { once: true });
}

const idOf = (form) => form.elements.client_id.value;

function goOn(form) {
  const isNext = ahead && desk.isComplete && isUnderSameGuidelines(ahead);
  if (isNext && !("submitted" in form.dataset)) {
    const next = ahead;
    ahead = undefined;
    show(next);
    linkBack(form);
    count(1);
  }
  flush();
}

const holds = () => [desk.form, ahead].filter(Boolean).map((form) => form.dataset.task);

/* Gone back to by its own address, while it was still on its way from the page before. */
const isLookedAtAgain = () => !("sent" in desk.form.dataset) && location.pathname === desk.form.dataset.address;

async function arrived(letter, answer) {
  if (letter.project !== project) return arrivedAnywhere(letter, answer);
  const form = answer.status === 204 ? undefined : formIn(await answer.text());
  const isShown = desk.form.dataset.task === letter.task;
  if (answer.status === 422) return takeBack(form, isShown);
  if (isShown) {
    if (isLookedAtAgain()) {
      draft.end();
      isLeaving = true;
      return location.reload();
    }
    const next = ahead ?? form;
    if (!next || "submitted" in desk.form.dataset) return leaveFor(afterEdit());
    if (!isUnderSameGuidelines(next)) return leaveFor(home);
    ahead = undefined;
    show(next);
    count(1);
    linkBackTo(letter);
    keepAtHand(form);
    if (!ahead) fetchAhead();
  } else {
    keepAtHand(form);
  }
  return tellSaved();
}

/* Where the task on the screen is one that was sent, there was no other to show. */
function tried(hindrance) {
  if (isLeaving || !("sent" in desk.form.dataset)) return;
  if (!isWaiting(idOf(desk.form))) leaveFor(afterEdit()); // another tab has brought it
  else if (hindrance === "waiting") desk.wait();
}

function leaveFor(address) {
  isLeaving = true;
  location.assign(address);
}

/* The answers were refused, so the task is shown again with what was wrong, and the one after it waits. */
function takeBack(form, isShown) {
  sent.delete(form.dataset.task);
  if (!isShown) {
    ahead = desk.form;
    count(-1);
  }
  show(form);
  form.querySelector("[role=alert]")?.scrollIntoView({ block: "nearest" });
  tell("");
}

const afterEdit = () => tools.querySelector("[data-forward]")?.href || home;

function count(by) {
  for (const shown of document.querySelectorAll("[data-today], [data-in-all]")) {
    shown.textContent = Number(shown.textContent) + by;
  }
  for (const bar of document.querySelectorAll("[data-own] progress")) bar.value += by;
}

function linkBack(form) {
  tools.querySelector("[data-back]").href = form.dataset.address;
}

function linkBackTo(letter) {
  tools.querySelector("[data-back]").href = letter.address.replace(/submit\/$/, "");
}

/* Tools */

const source = document.getElementById("source");
const differences = document.getElementById("differences");

async function compare() {
  const { markDifferences } = await import("./differences.js");
  markDifferences(desk, differences.checked);
  document.body.classList.toggle("comparing", differences.checked);
}

async function refine(form) {
  const { followChanges } = await import("./differences.js");
  followChanges(form);
}

source.checked = sessionStorage.getItem("concord:source") === "1";
source.addEventListener("change", () => sessionStorage.setItem("concord:source", source.checked ? "1" : "0"));
differences.addEventListener("change", compare);

function go(name) {
  tools.querySelector(`[data-${name}][href]`)?.click();
}

function chooseReason(key) {
  const reason = tools.querySelectorAll("[data-skip] input[type=radio]")[Number(key) - 1];
  reason?.click();
  reason?.focus();
  return Boolean(reason);
}

/* Without the network another page is an error of the browser, and what is here would be out of sight. */
function stay(event) {
  if (navigator.onLine) return;
  event.preventDefault();
  tell("offline");
}

/* The next page is to show what was just submitted, so what is on its way arrives first. */
async function follow(event) {
  const link = event.target.closest("a[href]:not([data-command])");
  if (!link) return;
  stay(event);
  if (event.defaultPrevented || !isWaiting() || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const hindrance = await Promise.race([flush(), new Promise((goOn) => setTimeout(goOn, RETRY))]);
  if (hindrance === "waiting") tell("offline");
  else if (!desk.form.querySelector("[data-problem]")) leaveFor(link.href);
}

for (const part of document.querySelectorAll(".bar, .tools")) {
  part.addEventListener("click", follow);
  part.addEventListener("submit", stay);
}

const COMMANDS = {
  submit: () => desk.form.requestSubmit(),
  prompt: () => desk.choose(-1),
  focus: () => desk.cards[desk.current]?.querySelector("[data-focus]").click(),
  source: () => source.click(),
  differences: () => differences.click(),
  write: () => desk.form.querySelector("textarea")?.focus(),
  back: () => go("back"),
  forward: () => go("forward"),
  skip: () => {
    const menu = tools.querySelector("[data-skip]");
    if (menu) menu.open = !menu.open;
    if (menu?.open) menu.querySelector("input[type=radio]").focus();
  },
  guidelines: () => {
    const panel = document.getElementById("guidelines");
    if (!panel) return tell("noGuidelines");
    panel.hidden = !panel.hidden;
    tools.querySelector("[aria-controls]").ariaExpanded = !panel.hidden;
    if (!panel.hidden) panel.focus();
    return undefined;
  },
  help: openSheet,
};

tools.addEventListener("click", (event) => {
  const command = event.target.closest("[data-command]")?.dataset.command;
  if (!command) return;
  event.preventDefault();
  COMMANDS[command]();
});

function act(event) {
  const command = commandOf(event);
  if (command) {
    COMMANDS[command]();
    return true;
  }
  if (event.key === "Escape") {
    if (isTyping(event.target)) event.target.blur();
    for (const menu of document.querySelectorAll(".menu[open]")) menu.open = false;
    for (const box of desk.form.querySelectorAll("[data-focus]:checked")) box.checked = false;
    return false;
  }
  if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return false;
  return tools.querySelector("[data-skip][open]") ? chooseReason(event.key) : desk.press(event);
}

document.addEventListener("keydown", (event) => {
  if (!isOpen() && !event.isComposing && !event.defaultPrevented && act(event)) event.preventDefault();
});

/* Begin */

for (const hidden of document.querySelectorAll("[data-needs-script]")) hidden.hidden = false;
serve({ holds, arrived, tried });
show(workplace.querySelector("[data-desk]"));
everySecond((isAtWork) => draft.tick(isAtWork));
addEventListener("pagehide", () => draft.isOver || draft.leave());
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  if (draft.isOver) location.reload();
  else draft.renew();
});
addEventListener("focus", () => draft.isOver || draft.renew());
addEventListener("online", () => draft.save());
flush();
fetchAhead();
workplace.dataset.ready = "";
