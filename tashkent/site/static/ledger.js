// The ledger of claims is narrowed down by menus and by words; the menus stand in the address:
// #who=ivashov&hedge=possible
for (const bar of document.querySelectorAll(".tk-ledger")) {
  const claims = [...document.querySelectorAll(".tk-claim")];
  const menus = [...bar.querySelectorAll("[data-asked]")];
  const field = bar.querySelector("input");
  const count = bar.querySelector("output");
  const letters = (text) => text.normalize("NFD").replace(/[\p{M}'’‘]/gu, "").toUpperCase();
  const own = (claim) => letters([...claim.querySelectorAll(":scope > p")].map((p) => p.textContent).join(" "));
  let texts;

  const answers = (claim) => menus.every(
    ({ value, dataset }) => !value || claim.dataset[dataset.asked].split(" ").includes(value),
  );
  const narrow = () => {
    texts ??= claims.map(own);
    const words = letters(field.value).split(/\s+/);
    claims.forEach((claim, n) => {
      claim.hidden = !answers(claim) || !words.every((word) => texts[n].includes(word));
    });
    const left = claims.filter((claim) => !claim.hidden).length;
    count.textContent = `${left < claims.length ? `${left} of ` : ""}${claims.length} claims`;
  };
  const all = () => {
    for (const one of [...menus, field]) one.value = "";
    narrow();
  };
  const note = () => {
    const asked = new URLSearchParams();
    for (const { value, dataset } of menus) if (value) asked.set(dataset.asked, value);
    history.replaceState(null, "", `${location.pathname}${location.search}${String(asked) && `#${asked}`}`);
  };
  const follow = () => {
    const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (place) {
      if (place.getClientRects().length) return;
      all(); // a link leads to what is hidden
      place.scrollIntoView();
      return;
    }
    const asked = new URLSearchParams(location.hash.slice(1));
    if (!menus.some(({ dataset }) => asked.has(dataset.asked))) return;
    for (const menu of menus) {
      menu.value = asked.get(menu.dataset.asked) ?? "";
      if (menu.selectedIndex < 0) menu.value = ""; // no such answer
    }
    narrow();
  };

  count.textContent = `${claims.length} claims`;
  follow();
  for (const menu of menus) {
    menu.addEventListener("change", () => {
      narrow();
      note();
    });
  }
  field.addEventListener("input", narrow);
  bar.querySelector("button").addEventListener("click", () => {
    all();
    note();
  });
  addEventListener("hashchange", follow);
}
