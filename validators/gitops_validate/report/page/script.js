"use strict";
(() => {
  const form = document.querySelector(".filter");
  const openTarget = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let above = target; above; above = above.parentElement) if (above.tagName === "DETAILS") above.open = true;
    if (target) target.scrollIntoView();
  };
  addEventListener("hashchange", openTarget);
  openTarget();
  if (!form) return;

  const findings = document.getElementById("findings");
  const cards = Array.from(findings.querySelectorAll(".card"), (node) => {
    const file = node.closest(".file");
    const path = file.querySelector(".path").textContent;
    return { node, file, data: node.dataset, environments: node.dataset.environment.split(" "), text: `${path} ${node.textContent}`.toLowerCase() };
  });
  const files = Array.from(findings.querySelectorAll(".file"), (node) => ({ node, open: node.open }));
  const scopes = findings.querySelectorAll(".scope");
  const none = findings.querySelector(".none");
  const status = form.querySelector("output");
  const { text, rule, environment } = form.elements;
  const severities = Array.from(form.querySelectorAll("[name=severity]"));
  form.hidden = false;

  const apply = () => {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = new Set(severities.filter((box) => box.checked).map((box) => box.value));
    let shown = 0;
    for (const card of cards) {
      const fits =
        wanted.has(card.data.severity) &&
        (!rule.value || card.data.rule === rule.value) &&
        (!environment.value || card.environments.includes(environment.value)) &&
        words.every((word) => card.text.includes(word));
      card.node.hidden = !fits;
      shown += fits;
    }
    const all = shown === cards.length;
    for (const file of files) {
      file.node.hidden = !file.node.querySelector(".card:not([hidden])");
      file.node.open = all ? file.open : shown <= 200;
    }
    for (const scope of scopes) scope.hidden = !scope.querySelector(".file:not([hidden])");
    none.hidden = shown > 0;
    const total = cards.length.toLocaleString("en");
    status.textContent = all ? total : `${shown.toLocaleString("en")} of ${total}`;
  };
  const reset = () => {
    form.reset();
    apply();
  };
  const step = (by) => {
    const visible = cards.filter((card) => !card.node.hidden);
    if (!visible.length) return;
    const here = visible.findIndex((card) => card.node === document.activeElement);
    const next = visible[here < 0 ? (by > 0 ? 0 : visible.length - 1) : (here + by + visible.length) % visible.length];
    next.file.open = true;
    next.node.focus();
  };

  let waiting = 0;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(apply, cards.length > 500 ? 120 : 0);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  findings.querySelector(".reset").addEventListener("click", reset);
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
  });
  apply();
})();
