// A locator shows what its passage says, a term what it means, on hover and on focus.
for (const link of document.querySelectorAll("a.tk-locator[title], [data-hint]")) {
  if (link.title) {
    link.dataset.hint = link.title; // the browser's own box would show beside ours
    link.removeAttribute("title");
  }
  let waiting;
  const show = () => {
    clearTimeout(waiting);
    const line = [...link.getClientRects()][0];
    showHint(link.dataset.hint, line);
    link.setAttribute("aria-describedby", hint.id);
  };
  const leave = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      if (hint.matches(":hover") || document.activeElement === link) return;
      link.removeAttribute("aria-describedby");
      hideHint();
    }, 150);
  };
  link.addEventListener("pointerenter", (event) => {
    if (event.pointerType === "mouse") waiting = setTimeout(show, 100);
  });
  link.addEventListener("pointerleave", leave);
  link.addEventListener("focus", () => link.matches(":focus-visible") && show());
  link.addEventListener("blur", () => {
    link.removeAttribute("aria-describedby");
    hideHint();
  });
}
hint.addEventListener("pointerleave", () => setTimeout(hideHint, 150));
