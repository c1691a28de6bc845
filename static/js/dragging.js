/* A chip, in the ranking or on its response, is dragged to a rank. Clicks and keys do the same without this. */

function laneUnder(row, x, y) {
  const ranking = row.closest("[data-ranking]").getBoundingClientRect();
  if (y < ranking.top - 24 || y > ranking.bottom + 24) return undefined;
  return [...row.querySelectorAll(".lane")].find((lane) => {
    const box = lane.getBoundingClientRect();
    return x >= box.left && x <= box.right;
  });
}

function drag(event, desk, place) {
  const row = desk.rows[place];
  const grip = event.target.closest("[data-grip]");
  const start = { x: event.clientX, y: event.clientY };
  let ghost;
  let lane;

  function move(moved) {
    if (!ghost && Math.hypot(moved.clientX - start.x, moved.clientY - start.y) < 5) return;
    if (!ghost) {
      ghost = desk.form.appendChild(Object.assign(document.createElement("span"), { className: "chip ghost" }));
      ghost.textContent = row.dataset.letter;
      document.body.classList.add("dragging");
    }
    ghost.style.transform = `translate(${moved.clientX - 12}px, ${moved.clientY - 12}px)`;
    lane?.classList.remove("over");
    lane = laneUnder(row, moved.clientX, moved.clientY);
    lane?.classList.add("over");
  }

  function end(ended) {
    grip.removeEventListener("pointermove", move);
    document.body.classList.remove("dragging");
    lane?.classList.remove("over");
    if (ghost) {
      ghost.remove();
      if (lane && ended.type === "pointerup") desk.rank(place, lane.querySelector("input").value);
      // the click that ends a drag would choose the rank the chip was taken from
      const swallow = (click) => click.preventDefault();
      document.addEventListener("click", swallow, { capture: true, once: true });
      setTimeout(() => document.removeEventListener("click", swallow, { capture: true }));
    }
  }

  grip.setPointerCapture(event.pointerId);
  grip.addEventListener("pointermove", move);
  grip.addEventListener("pointerup", end, { once: true });
  grip.addEventListener("pointercancel", end, { once: true });
}

export function dragging(desk) {
  desk.form.addEventListener("pointerdown", (event) => {
    const letter = event.target.closest("[data-grip]")?.closest("[data-letter]").dataset.letter;
    const place = desk.rows.findIndex((one) => one.dataset.letter === letter);
    if (letter && place >= 0 && event.button === 0 && !desk.isLocked) drag(event, desk, place);
  });
}
