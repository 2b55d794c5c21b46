// A chart comes to life when it comes near the screen: Vega draws it in its picture's place, with
// tooltips, selections and a way through its points by key. Where that fails the picture stays.
const folder = new URL("charts/", document.currentScript.src);
const loading = new Map();
const handed = new Map();
window.tashkentChart = (name, chart) => handed.set(name, chart);

function load(file) {
  if (!loading.has(file)) {
    const script = document.createElement("script");
    script.src = new URL(file, folder).href;
    loading.set(
      file,
      new Promise((resolve, reject) => {
        script.onload = resolve;
        script.onerror = () => reject(new Error(`${file} does not load`));
      }),
    );
    document.head.append(script);
  }
  return loading.get(file);
}

async function draw(figure, changes) {
  await Promise.all([load("vega.js"), load(`${figure.id}.js`)]);
  const place = document.createElement("div");
  return vegaEmbed(place, { ...structuredClone(handed.get(figure.id)), ...changes }, {
    mode: "vega",
    renderer: "svg",
    actions: false,
    logLevel: 1, // errors
    ast: true, // no code made from text: the page's policy forbids it
    defaultStyle: false,
    tooltip: (handler, event, item, value) => tell(value, event),
  });
}

function tell(value, event) {
  if (!value) return event?.pointerType === "touch" || hideHint(); // a finger cannot hover
  const { clientX: left, clientY: y } = event;
  showHint(described(value), { left: left + 8, top: y - 4, bottom: y + 8 });
}

function described(value) {
  if (typeof value !== "object") return document.createTextNode(value);
  const list = document.createElement("dl");
  for (const [name, text] of Object.entries(value)) {
    if (text === "" || text === null) continue;
    const [term, meaning] = ["dt", "dd"].map((tag) => document.createElement(tag));
    term.textContent = name;
    meaning.textContent = text;
    list.append(term, meaning);
  }
  return list;
}

async function bring(figure) {
  if (figure.dataset.alive) return;
  figure.dataset.alive = "coming";
  const box = figure.querySelector(".tk-picture");
  const picture = box.querySelector("svg");
  try {
    const { view } = await draw(figure, { title: undefined }); // it is the caption's
    const alive = view.container().querySelector("svg");
    for (const name of ["width", "height", "role", "aria-label"]) {
      alive.setAttribute(name, picture.getAttribute(name));
    }
    alive.style.minWidth = picture.style.minWidth;
    for (const part of alive.children) part.setAttribute("aria-hidden", "true");
    alive.addEventListener("click", (event) => tell(event.target.__data__?.tooltip, event)); // or a tap
    picture.replaceWith(alive);
    walk(box, alive);
    figure.dataset.alive = "yes";
  } catch {
    figure.dataset.alive = "failed";
  }
}

// Arrow keys go from point to point; Enter does what a click does, Escape what a double click does.
function walk(box, chart) {
  let at = -1;
  let here;
  const points = () => {
    const seen = new Map();
    for (const mark of chart.querySelectorAll("*")) {
      const told = mark.__data__?.tooltip;
      const key = told && JSON.stringify(told);
      if (told && !seen.has(key)) seen.set(key, mark);
    }
    return [...seen.values()];
  };
  const leave = () => {
    here?.classList.remove("tk-here");
    hideHint();
  };
  const go = (to) => {
    const all = points();
    if (!all.length) return;
    leave();
    at = (to + all.length) % all.length;
    here = all[at];
    here.classList.add("tk-here");
    here.scrollIntoView({ block: "nearest", inline: "nearest" });
    const told = here.__data__.tooltip;
    requestAnimationFrame(() => showHint(described(told), here.getBoundingClientRect()));
    const text = typeof told === "object" ? Object.entries(told).map((pair) => pair.join(": ")) : [told];
    say(`${at + 1} of ${all.length}. ${text.join("; ")}`);
  };
  const moves = {
    ArrowRight: () => go(at + 1),
    ArrowDown: () => go(at + 1),
    ArrowLeft: () => go(Math.max(at, 0) - 1),
    ArrowUp: () => go(Math.max(at, 0) - 1),
    Home: () => go(0),
    End: () => go(-1),
    Escape: () => chart.dispatchEvent(new MouseEvent("dblclick", { bubbles: true })),
    Enter: () => {
      const { left, top, width, height } = here.getBoundingClientRect();
      const spot = { clientX: left + width / 2, clientY: top + height / 2 };
      here.dispatchEvent(new MouseEvent("click", { bubbles: true, ...spot }));
    },
  };
  box.tabIndex = 0;
  box.setAttribute("role", "application");
  box.setAttribute("aria-roledescription", "chart; arrow keys go through its points");
  box.addEventListener("keydown", (event) => {
    if (!moves[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" && !here) return;
    event.preventDefault();
    moves[event.key]();
  });
  box.addEventListener("blur", leave);
}

// Save as a picture with its title, on white, or as the rows of its data.
function download(name, type, text) {
  const link = document.createElement("a");
  link.href = text instanceof Blob ? URL.createObjectURL(text) : `data:${type};charset=utf-8,${encodeURIComponent(text)}`;
  link.download = name;
  link.click();
}

async function pictured(figure) {
  const { view, finalize } = await draw(figure, { background: PALETTE.paper });
  const drawn = await view.toSVG();
  finalize();
  return drawn
    .replace(/var\(--tk-(\w+)\)/g, (_, name) => PALETTE[name])
    .replaceAll("currentColor", PALETTE.ink);
}

async function painted(text) {
  const picture = new Image();
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await picture.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [2 * picture.width, 2 * picture.height];
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

function commaSeparated(table) {
  const quoted = (cell) => {
    const text = cell.textContent.trim();
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [...table.rows].map((row) => `${[...row.cells].map(quoted).join(",")}\r\n`).join("");
}

const saving = {
  svg: async (figure, name) => download(`${name}.svg`, "image/svg+xml", await pictured(figure)),
  png: async (figure, name) => download(`${name}.png`, "", await painted(await pictured(figure))),
  csv: (figure, name) => {
    figure.querySelectorAll("table").forEach((table, number) => {
      download(`${name}${number ? `-${number + 1}` : ""}.csv`, "text/csv", commaSeparated(table));
    });
  },
};

const near = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      (window.requestIdleCallback ?? setTimeout)(() => bring(target));
    }
  },
  { rootMargin: "300px" },
);

for (const figure of document.querySelectorAll("figure.tk-chart")) {
  if (!navigator.connection?.saveData) near.observe(figure);
  figure.addEventListener("pointerenter", () => bring(figure), { once: true });
  figure.addEventListener("focusin", () => bring(figure), { once: true });
  const title = figure.querySelector(".tk-chart-title").textContent.toLowerCase();
  const name = title.match(/[\p{L}\d]+/gu).join("-").slice(0, 60);
  for (const button of figure.querySelectorAll("[data-save]")) {
    button.addEventListener("click", () => {
      Promise.resolve(saving[button.dataset.save](figure, name)).catch(() => say("It could not be saved"));
    });
  }
}
