/* A form that the server gives back as it understands it, each time something in it is changed. What somebody is changing must
   not be replaced by the answer to what they said before, so that answer is waited for no longer. */

for (const asking of document.querySelectorAll(".asking")) {
  asking.addEventListener("input", () => window.htmx.trigger(asking, "htmx:abort"));
}
