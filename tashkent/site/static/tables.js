// Tables sort by their headings, long ones are narrowed down by words and some by menus, which
// stand in the address (#actor=azerbaijan&kind=accession), and only a box that really scrolls is a
// stop for the keyboard.
const SORTED_FROM = 3; // rows
const PARTS = ["KF", "", "S", "EN", "fn"]; // of the report, in its order
const collator = new Intl.Collator("en", { numeric: true });
const textOf = (cell) => cell.textContent.trim();

// Sorting

const compareNumbers = (a, b) => a - b;
const toNumber = (cell) => parseFloat(textOf(cell).replaceAll(",", "").replace("−", "-"));
const toWords = (cell) => {
  const text = textOf(cell);
  const link = cell.querySelector(".tk-locator");
  if (!link || !text.startsWith(textOf(link))) return text;
  return `${PARTS.indexOf(text.match(/^[A-Za-z]*/)[0])} ${text}`;
};

/** The lowest heading over each column. */
const headingsOf = (table) => {
  const headings = [];
  for (const row of table.tHead?.rows ?? []) {
    let column = 0;
    for (const cell of row.cells) {
      const single = cell.matches("th") && cell.colSpan === 1 && !cell.querySelector("a");
      if (single && textOf(cell)) headings[column] = cell;
      column += cell.colSpan;
    }
  }
  return headings;
};

const sort = (table, rows, column, heading, direction) => {
  const numbers = heading.classList.contains("num");
  const [key, compare] = numbers ? [toNumber, compareNumbers] : [toWords, collator.compare];
  const sign = direction === "descending" ? -1 : 1;
  const filled = [];
  const empty = [];
  for (const row of rows) {
    const cell = row.cells[column];
    if (textOf(cell)) filled.push([key(cell), row]);
    else empty.push(row);
  }
  filled.sort(([a], [b]) => sign * compare(a, b));
  table.tBodies[0].append(...filled.map(([, row]) => row), ...empty);
};

const NEXT = { none: "ascending", ascending: "descending", descending: "none" };

for (const table of document.querySelectorAll("table:is(.dataframe, .tk-grid)")) {
  const rows = [...(table.tBodies[0]?.rows ?? [])];
  if (rows.length < SORTED_FROM || table.querySelector("tbody [rowspan]")) continue;
  const headings = headingsOf(table);
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "tk-sort";
    const words = heading.querySelector(":scope > p") ?? heading; // as docutils sets it
    button.append(...words.childNodes);
    words.append(button);
    heading.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const direction = NEXT[heading.getAttribute("aria-sort")];
      for (const other of headings.filter(Boolean)) other.setAttribute("aria-sort", "none");
      heading.setAttribute("aria-sort", direction);
      if (direction === "none") {
        table.tBodies[0].append(...rows);
        say("In the order as printed");
      } else {
        sort(table, rows, column, heading, direction);
        say(`Sorted by ${textOf(heading)}, ${direction}`);
      }
    });
  });
}

// Filters

const rowsAfter = (filter) => filter.nextElementSibling.querySelectorAll("tbody tr");
const FILTERED = {
  rows: rowsAfter,
  terms: rowsAfter,
  passages: (filter) => filter.parentElement.querySelectorAll(".tk-passage"),
};

/** Text as it is compared: without accents and the signs for soft letters, in capitals. */
const plain = (text) => text.normalize("NFD").replace(/[\p{M}'’‘ʹʺ]/gu, "").toUpperCase();

for (const filter of document.querySelectorAll("[data-filter]")) {
  const name = filter.dataset.filter;
  const items = [...FILTERED[name](filter)];
  const field = filter.querySelector("input");
  const count = filter.querySelector("output");
  const menus = [...filter.querySelectorAll("select")];
  let texts;

  const answers = (item) => menus.every(({ value, dataset, selectedOptions }) => {
    const cell = value && textOf(item.cells[dataset.column]);
    return !value || cell.split("; ").includes(selectedOptions[0].text);
  });
  const narrow = () => {
    texts ??= items.map((item) => plain(item.textContent));
    const words = plain(field.value).split(/\s+/);
    items.forEach((item, n) => {
      item.hidden = !answers(item) || !words.every((word) => texts[n].includes(word));
    });
    const left = items.filter((item) => !item.hidden).length;
    count.textContent = `${left < items.length ? `${left} of ` : ""}${items.length} ${name}`;
  };
  const note = () => {
    const asked = new URLSearchParams(location.hash.slice(1));
    for (const [key, value] of [...asked]) if (!value) asked.delete(key); // the place on the page
    for (const { value, dataset } of menus) {
      if (value) asked.set(dataset.asked, value);
      else asked.delete(dataset.asked);
    }
    const place = `${location.pathname}${location.search}`;
    history.replaceState(null, "", `${place}${String(asked) && `#${asked}`}`);
  };
  const showAll = () => {
    for (const one of [...menus, field]) one.value = "";
    narrow();
  };
  const follow = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (items.some((item) => item.hidden && item.contains(target))) {
      showAll(); // a link leads to what is hidden
      target.scrollIntoView();
    }
    const asked = new URLSearchParams(location.hash.slice(1));
    if (!menus.some(({ dataset }) => asked.has(dataset.asked))) return;
    for (const menu of menus) {
      menu.value = asked.get(menu.dataset.asked) ?? "";
      if (menu.selectedIndex < 0) menu.value = ""; // no such answer
    }
    narrow();
    filter.scrollIntoView();
  };

  count.textContent = `${items.length} ${name}`;
  if (menus.length) follow();
  for (const menu of menus) {
    menu.addEventListener("change", () => {
      narrow();
      note();
    });
  }
  field.addEventListener("input", narrow);
  filter.querySelector("button")?.addEventListener("click", () => {
    showAll();
    note();
  });
  addEventListener("hashchange", follow);
}

// Boxes that scroll

for (const box of document.querySelectorAll(".tk-scroll:not(.tk-picture)")) {
  const stop = ["tabindex", "role", "aria-label"].map((name) => [name, box.getAttribute(name)]);
  const observer = new ResizeObserver(() => {
    const scrolls = box.scrollWidth > box.clientWidth;
    for (const [name, value] of stop) {
      if (scrolls) box.setAttribute(name, value);
      else box.removeAttribute(name);
    }
  });
  observer.observe(box);
  observer.observe(box.firstElementChild);
}
