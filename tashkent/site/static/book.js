// What the other files in this folder share. Everything on a page stands there without a script.

for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => print());
}

// One small box for whatever is told on hover and focus.
const hint = document.createElement("div");
hint.id = "tk-hint";
hint.className = "tk-hint";
hint.setAttribute("role", "tooltip");
hint.hidden = true;
document.querySelector("main").append(hint);

function showHint(content, box) {
  hint.replaceChildren(content);
  hint.hidden = false;
  const { width, height } = hint.getBoundingClientRect();
  const room = document.documentElement;
  const left = Math.max(8, Math.min(box.left, room.clientWidth - width - 8));
  const below = box.bottom + 8 + height <= room.clientHeight || box.top < height + 16;
  hint.style.left = `${left}px`;
  hint.style.top = `${below ? box.bottom + 8 : box.top - height - 8}px`;
}

function hideHint() {
  hint.hidden = true;
}

addEventListener("keydown", (event) => event.key === "Escape" && hideHint());
addEventListener("scroll", hideHint, { passive: true, capture: true });

// One line that a screen reader reads out when it changes.
const spoken = document.createElement("p");
spoken.className = "visually-hidden";
spoken.setAttribute("aria-live", "polite");
document.querySelector("main").append(spoken);

function say(text) {
  spoken.textContent = text;
}
