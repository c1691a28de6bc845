/* A reviewer's page: the same desk and keys as for labeling, but nothing is sent before they decide. */

import { Desk, isTyping } from "./desk.js";

const desk = new Desk(document.querySelector("[data-desk]"));

if (desk.form.querySelector("[data-refinement]")) {
  import("./differences.js").then(({ followChanges }) => followChanges(desk.form));
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return desk.form.requestSubmit();
  const held = event.ctrlKey || event.metaKey || event.altKey || event.shiftKey;
  if (held || event.isComposing || isTyping(event.target) || event.defaultPrevented) return undefined;
  if (desk.press(event)) event.preventDefault();
  return undefined;
});
