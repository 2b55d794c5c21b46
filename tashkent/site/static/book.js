// What the other files in this folder share. Everything on a page stands there without a script.

for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => print());
}

// Paper is light, whatever the screen is.
const root = document.documentElement;
let onScreen;
matchMedia("print").addEventListener("change", ({ matches }) => {
  if (matches) onScreen = root.dataset.theme;
  root.dataset.theme = matches ? "light" : onScreen;
});

// One small box for whatever is told on hover and focus.
const hint = document.createElement("div");
hint.id = "tk-hint";
hint.className = "tk-hint";
hint.setAttribute("role", "tooltip");
hint.hidden = true;
document.querySelector("main").append(hint);

let hinted; // the element that the box speaks of, where it may be left and come back to

function showHint(content, box, element) {
  hinted = element;
  hint.replaceChildren(content);
  hint.hidden = false;
  placeHint(box);
}

function placeHint(box) {
  const { width, height } = hint.getBoundingClientRect();
  const left = Math.max(8, Math.min(box.left, root.clientWidth - width - 8));
  const below = box.bottom + 8 + height <= root.clientHeight || box.top < height + 16;
  hint.style.left = `${left}px`;
  hint.style.top = `${below ? box.bottom + 8 : box.top - height - 8}px`;
}

function hideHint() {
  hint.hidden = true;
  hinted?.removeAttribute("aria-describedby");
  hinted = undefined;
}

function hideHintSoon() {
  setTimeout(() => {
    if (!hint.matches(":hover") && !hinted?.matches(":hover, :focus-visible")) hideHint();
  }, 150);
}

hint.addEventListener("pointerleave", hideHintSoon);
addEventListener("keydown", (event) => event.key === "Escape" && hideHint());
addEventListener("pointerdown", (event) => hint.contains(event.target) || hideHint());
// What the keyboard came to by scrolling keeps its hint.
const followHint = () => {
  if (hinted?.matches(":focus-visible")) placeHint(hinted.getBoundingClientRect());
  else hideHint();
};
addEventListener("scroll", followHint, { passive: true, capture: true });

// One line that a screen reader reads out when it changes.
const spoken = document.createElement("p");
spoken.className = "tk-unseen";
spoken.setAttribute("role", "status");
document.querySelector("main").append(spoken);

function say(text) {
  spoken.textContent = text;
}

// From disk a browser refuses to read the other pages, from which the search takes its excerpts.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
