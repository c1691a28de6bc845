/* What differs between two texts, word by word (Myers 1986, O(ND)); Chinese and the like character by character. */

const MOST_EDITS = 1500;
const UNIT = /\s+|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[\p{L}\p{M}\p{N}_'’]+|./gsu;

const unitsOf = (text) => text.match(UNIT) ?? [];

/* [{kind: "same" | "added" | "removed", text}], from one text to another. */
function difference(before, after) {
  const one = unitsOf(before);
  const other = unitsOf(after);
  const trail = walk(one, other);
  if (!trail) return [...whole("removed", one), ...whole("added", other)];
  const steps = [];
  let x = one.length;
  let y = other.length;
  for (let edits = trail.length - 1; edits > 0; edits--) {
    const ends = trail[edits];
    const diagonal = x - y;
    const isDown = diagonal === -edits || (diagonal !== edits && ends.get(diagonal - 1) < ends.get(diagonal + 1));
    const from = isDown ? diagonal + 1 : diagonal - 1;
    const start = ends.get(from);
    while (x > start + (isDown ? 0 : 1) && y > start - from + (isDown ? 1 : 0)) {
      steps.push(["same", one[--x]]);
      y--;
    }
    steps.push(isDown ? ["added", other[--y]] : ["removed", one[--x]]);
  }
  while (x > 0) steps.push(["same", one[--x]]);
  return joined(steps.reverse());
}

const whole = (kind, units) => (units.length ? [{ kind, text: units.join("") }] : []);

/* For each number of edits, how far each diagonal reached before it; undefined when the texts have little in common. */
function walk(one, other) {
  const reached = new Map([[1, 0]]);
  const trail = [];
  for (let edits = 0; edits <= Math.min(one.length + other.length, MOST_EDITS); edits++) {
    trail.push(new Map(reached));
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const isDown =
        diagonal === -edits || (diagonal !== edits && reached.get(diagonal - 1) < reached.get(diagonal + 1));
      let x = isDown ? reached.get(diagonal + 1) : reached.get(diagonal - 1) + 1;
      let y = x - diagonal;
      while (x < one.length && y < other.length && one[x] === other[y]) {
        x++;
        y++;
      }
      reached.set(diagonal, x);
      if (x >= one.length && y >= other.length) return trail;
    }
  }
  return undefined;
}

function joined(steps) {
  const parts = [];
  for (const [kind, text] of steps) {
    if (parts.at(-1)?.kind === kind) parts.at(-1).text += text;
    else parts.push({ kind, text });
  }
  return parts;
}

const TAGS = { same: "span", added: "ins", removed: "del" };

function write(place, parts) {
  place.replaceChildren(
    ...parts.map(({ kind, text }) => Object.assign(document.createElement(TAGS[kind]), { textContent: text })),
  );
}

const sourceOf = (card) => card.querySelector(".response-text .source");

/* In every other response, what it has (ins) and lacks (del) beside the current one. */
export function markDifferences(desk, isOn) {
  const current = desk.cards[Math.max(0, desk.current)];
  for (const card of desk.cards) {
    const place = sourceOf(card);
    if (!place) continue;
    place.dataset.text ??= place.textContent;
    const base = sourceOf(current)?.dataset.text ?? "";
    if (isOn && card !== current) write(place, difference(base, place.dataset.text));
    else place.textContent = place.dataset.text;
  }
}

/* Below an edited response: what was changed, as it is typed. */
export function followChanges(form) {
  const area = form.querySelector("[data-refinement] textarea");
  const of = form.querySelector("[data-of]");
  const place = form.querySelector("[data-changes]");
  const original = () =>
    form.querySelector(`.response[data-letter="${of.value}"] .response-text .source`)?.textContent ?? "";
  const update = () => {
    place.hidden = area.value === original();
    write(place, difference(original(), area.value));
  };
  let begun = original();
  of.addEventListener("change", () => {
    if (area.value === begun) area.value = original();
    begun = original();
    update();
  });
  area.addEventListener("input", update);
  update();
}
