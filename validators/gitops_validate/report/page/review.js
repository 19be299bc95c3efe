"use strict";
(() => {
  const aimed = () => document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const openTarget = () => {
    const target = aimed();
    for (let above = target; above; above = above.parentElement) if (above.tagName === "DETAILS") above.open = true;
    if (target) target.scrollIntoView();
  };
  addEventListener("hashchange", openTarget);
  openTarget();

  const section = document.getElementById("objects");
  const form = document.querySelector(".filter");
  if (!section || !form) return;
  const cards = Array.from(section.querySelectorAll(".object"), (node) => ({
    node,
    data: node.dataset,
    environments: node.dataset.environment.split(" "),
    text: `${node.closest(".file").querySelector(".path").textContent} ${node.textContent}`.toLowerCase(),
  }));
  const files = Array.from(section.querySelectorAll(".file"), (node) => ({
    node,
    cards: cards.filter((card) => node.contains(card.node)),
    count: node.querySelector("summary small"),
  }));
  const scopes = section.querySelectorAll(".scope");
  const none = section.querySelector(".none");
  const status = form.querySelector("output");
  const { text, action, kind, environment } = form.elements;
  const levels = Array.from(form.querySelectorAll("[name=level]"));
  const view = form.querySelector(".view");
  form.hidden = false;
  section.querySelector(".keys").hidden = false;

  const said = (number) => number.toLocaleString("en");
  const part = (shown, total) => (shown === total ? said(total) : `${said(shown)} of ${said(total)}`);
  const apply = () => {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = new Set(levels.filter((box) => box.checked).map((box) => box.value));
    let shown = 0;
    for (const card of cards) {
      const fits =
        wanted.has(card.data.level) &&
        (!action.value || card.data.action === action.value) &&
        (!kind.value || card.data.kind === kind.value) &&
        (!environment.value || card.environments.includes(environment.value)) &&
        words.every((word) => card.text.includes(word));
      card.node.hidden = !fits;
      shown += fits;
    }
    for (const file of files) {
      const fitting = file.cards.filter((card) => !card.node.hidden).length;
      file.node.hidden = !fitting;
      file.count.textContent = part(fitting, file.cards.length);
    }
    for (const scope of scopes) scope.hidden = !scope.querySelector(".file:not([hidden])");
    none.hidden = shown > 0;
    status.textContent = part(shown, cards.length);
  };
  const reset = () => {
    form.reset();
    apply();
  };
  const step = (by) => {
    const visible = cards.filter((card) => !card.node.hidden);
    if (!visible.length) return;
    const here = visible.findIndex((card) => card.node.contains(document.activeElement));
    const next = visible[here < 0 ? (by > 0 ? 0 : visible.length - 1) : (here + by + visible.length) % visible.length];
    next.node.closest(".file").open = true;
    next.node.open = true;
    const summary = next.node.querySelector("summary");
    summary.focus({ preventScroll: true });
    next.node.scrollIntoView({ block: "nearest" });
  };
  const turn = () => {
    const side = section.classList.toggle("side");
    view.setAttribute("aria-pressed", String(side));
  };
  const dim = () => {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  };

  let waiting = 0;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(apply, cards.length > 500 ? 120 : 0);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    apply();
    step(1);
  });
  view.addEventListener("click", turn);
  form.querySelector(".theme").addEventListener("click", dim);
  section.querySelector(".reset").addEventListener("click", reset);
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && event.target.type !== "checkbox";
    if (event.key === "Escape" && form.contains(event.target)) {
      reset();
      event.target.blur();
    } else if (typing) return;
    else if (event.key === "/") {
      event.preventDefault();
      text.focus();
    } else if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else if (event.key === "v") turn();
    else if (event.key === "t") dim();
  });
  addEventListener("hashchange", () => {
    if (!aimed()?.hidden) return;
    reset();
    openTarget();
  });
  apply();
})();
