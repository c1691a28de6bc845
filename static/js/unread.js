/* What a lead wrote to whoever is here. It goes once they say that they have read it, and the page stays as it is. */

import { post } from "./outbox.js";

const place = document.querySelector("[data-unread]");
const shown = new Set([...place.children].map((message) => message.id));
let heard = [];

/* What came with a part of the page; one who is at a task sees it with the next, so that nothing moves under them. */
export function hear(part) {
  heard = [...part.querySelectorAll("[data-unread] > *")];
}

export function showHeard() {
  for (const message of heard) {
    if (!shown.has(message.id)) place.append(message);
    shown.add(message.id);
  }
}

place.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const arrived = await post(form.action, []).catch(() => false);
  form.querySelector("[role=alert]").hidden = Boolean(arrived);
  if (!arrived) return;
  form.closest(".message").remove();
  document.getElementById("main").focus({ preventScroll: true });
});
