// Runs in every page before its own scripts: notes when the first chart shows, and when the first
// menu answers, that is, when choosing another option changes what stands beside it.
(() => {
  const CHARTS = "figure.tk-chart svg, .vega-embed canvas, .vega-embed svg";
  const MENUS = "[data-chooser] select, .jupyter-widgets select";
  const frame = () => new Promise(requestAnimationFrame);
  const shows = (element, size) => element.getBoundingClientRect().height > size;

  const choose = (menu, index) => {
    menu.selectedIndex = index;
    menu.dispatchEvent(new Event("input", { bubbles: true }));
    menu.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const answers = async (menu) => {
    const box = menu.closest("[data-chooser], .widget-vbox");
    const before = box.innerText;
    let changed = false;
    choose(menu, menu.options.length - 1);
    for (let tries = 0; tries < 20 && !changed; tries++) {
      await frame();
      changed = box.innerText !== before;
    }
    const at = performance.now();
    choose(menu, 0);
    return changed && at;
  };

  const menus = () => [...document.querySelectorAll(MENUS)].filter((menu) => shows(menu, 5));
  const charts = () => [...document.querySelectorAll(CHARTS)].filter((chart) => shows(chart, 40));

  const bench = { chart: null, answer: null };
  bench.charts = () => charts().length;
  bench.answering = async () => {
    let count = 0;
    for (const menu of menus()) count += (await answers(menu)) ? 1 : 0;
    return count;
  };
  window.bench = bench;

  const watchCharts = async () => {
    while (!charts().length) await frame();
    const painted = performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0;
    bench.chart = Math.max(performance.now(), painted);
  };
  const watchMenus = async () => {
    while (!bench.answer) {
      await frame();
      const [menu] = menus();
      if (menu) bench.answer = await answers(menu);
    }
  };
  const both = Promise.all([watchCharts(), watchMenus()]);
  bench.settled = (limit) => Promise.race([both, new Promise((resolve) => setTimeout(resolve, limit))]);
})();
