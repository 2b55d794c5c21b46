// A chooser shows one of its sections; the choice is kept in the address: #state=GEO
for (const chooser of document.querySelectorAll("[data-chooser]")) {
  const name = chooser.dataset.chooser;
  const menu = chooser.querySelector("select");
  const sections = [...chooser.querySelectorAll("section[data-option]")];
  const chosen = () => new URLSearchParams(location.hash.slice(1));

  const show = (option) => {
    menu.value = option;
    for (const section of sections) {
      section.classList.toggle("tk-chosen", section.dataset.option === option);
    }
  };
  const follow = () => {
    const option = chosen().get(name);
    if (!sections.some((section) => section.dataset.option === option)) return;
    show(option);
    chooser.scrollIntoView();
  };

  show(menu.value);
  follow();
  menu.addEventListener("change", () => {
    const all = chosen();
    for (const [key, value] of [...all]) if (!value) all.delete(key); // the place on the page
    all.set(name, menu.value);
    history.replaceState(null, "", `#${all}`);
    show(menu.value);
  });
  addEventListener("hashchange", follow);
}
