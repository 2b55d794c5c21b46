// A locator shows what its passage says, a term what it means, on hover and on focus.
for (const link of document.querySelectorAll("a.tk-locator[title], [data-hint]")) {
  if (link.title) {
    link.dataset.hint = link.title; // the browser's own box would show beside ours
    link.removeAttribute("title");
  }
  let waiting;
  const show = (y) => {
    const lines = [...link.getClientRects()]; // a link may go on in the next line
    const line = lines.find(({ top, bottom }) => top <= y && y <= bottom) ?? lines[0];
    showHint(link.dataset.hint, line, link);
    link.setAttribute("aria-describedby", hint.id);
  };
  link.addEventListener("pointerenter", ({ pointerType, clientY }) => {
    if (pointerType === "mouse") waiting = setTimeout(() => show(clientY), 100);
  });
  link.addEventListener("pointerleave", () => {
    clearTimeout(waiting);
    if (hinted === link) hideHintSoon();
  });
  link.addEventListener("focus", () => link.matches(":focus-visible") && show());
  link.addEventListener("blur", () => hinted === link && hideHint());
}
