/* A form that the server gives back as it understands it, each time something in it is changed. What somebody is changing must not
   be replaced by the answer to what they said before, so that answer is waited for no longer; who then leaves it as it was asks
   again. */

for (const asking of document.querySelectorAll(".asking")) {
  let isAnswered = true;
  asking.addEventListener("input", () => window.htmx.trigger(asking, "htmx:abort"));
  asking.addEventListener("htmx:xhr:abort", () => (isAnswered = false));
  asking.addEventListener("change", () => (isAnswered = true));
  asking.addEventListener("focusout", () => isAnswered || window.htmx.trigger(asking, "change"));
}
