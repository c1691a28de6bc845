/* Which key does what. Commands can be given other keys; digits, letters of responses and letters of flags are fixed. */

import { isTyping } from "./desk.js";
import { token } from "./outbox.js";

const USUAL = {
  submit: "Ctrl+Enter",
  prompt: "Shift+P",
  focus: "Shift+F",
  source: "Shift+M",
  differences: "Shift+D",
  write: "Shift+C",
  back: "Shift+Z",
  forward: "Shift+Y",
  skip: "Shift+S",
  guidelines: "Shift+G",
  help: "?",
};
const sheet = document.querySelector("[data-keys-sheet]");
const own = JSON.parse(document.getElementById("own-keys").textContent);

function keyOf(command) {
  return own[command] ?? USUAL[command];
}

function nameOf(event) {
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  const isLetter = /^\p{L}$/u.test(key);
  const held = [
    (event.ctrlKey || event.metaKey) && "Ctrl",
    event.altKey && "Alt",
    event.shiftKey && (isLetter || key.length > 1) && "Shift",
  ];
  return [...held.filter(Boolean), key].join("+");
}

/* AltGr is how some keyboards write, though it looks like Ctrl+Alt. */
function writes(event) {
  const isHeld = (event.ctrlKey || event.altKey || event.metaKey) && !event.getModifierState("AltGraph");
  return isTyping(event.target) && !isHeld && !/^F([1-9]|1[0-2])$/.test(event.key);
}

export function commandOf(event) {
  if (writes(event)) return undefined;
  const pressed = nameOf(event);
  return Object.keys(USUAL).find((one) => keyOf(one) === pressed);
}

export function showKeys(root = document) {
  for (const shown of root.querySelectorAll("[data-key-of]")) shown.textContent = keyOf(shown.dataset.keyOf);
  for (const shown of root.querySelectorAll("[data-rebind]")) {
    shown.replaceChildren(Object.assign(document.createElement("kbd"), { textContent: keyOf(shown.dataset.rebind) }));
  }
}

/* The sheet */

export const isOpen = () => sheet.open;
export const openSheet = () => sheet.showModal();

let awaited;

function wantKeyFor(command) {
  awaited = command;
  sheet.querySelector("[data-press]").hidden = !command;
  for (const one of sheet.querySelectorAll("[data-rebind]")) {
    one.toggleAttribute("data-awaited", one.dataset.rebind === command);
  }
}

function complain(problem) {
  const place = sheet.querySelector("[data-keys-problem]");
  place.hidden = !problem;
  place.textContent = problem ? place.dataset[problem] : "";
}

async function rebind(command, key) {
  const taken = Object.keys(USUAL).some((other) => other !== command && keyOf(other) === key);
  if (taken || /^[A-Z0-9]$/.test(key)) return complain("taken");
  if (key === USUAL[command]) delete own[command];
  else own[command] = key;
  showKeys();
  const options = { method: "POST", body: JSON.stringify(own), headers: { "X-CSRFToken": token() } };
  const answer = await fetch(sheet.dataset.address, options).catch(() => undefined);
  return complain(answer?.ok ? "" : "unsaved");
}

sheet.addEventListener("click", (event) => {
  const button = event.target.closest("[data-rebind]");
  if (button) wantKeyFor(button.dataset.rebind);
});

sheet.addEventListener("keydown", (event) => {
  if (!awaited || ["Shift", "Control", "Alt", "Meta", "Tab"].includes(event.key)) return;
  event.preventDefault();
  const command = awaited;
  wantKeyFor(undefined);
  if (event.key !== "Escape") rebind(command, nameOf(event));
});
sheet.addEventListener("close", () => wantKeyFor(undefined));
