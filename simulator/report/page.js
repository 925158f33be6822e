"use strict";

// Exact values of what is pointed at or tapped.
const tip = document.getElementById("tip");
function showTip(event) {
  const shown = event.target.closest("[data-tip]");
  tip.hidden = !shown;
  if (!shown) return;
  tip.textContent = shown.dataset.tip;
  const left = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8);
  const below = event.clientY + 18 + tip.offsetHeight < innerHeight;
  tip.style.left = `${Math.max(8, left)}px`;
  tip.style.top = `${below ? event.clientY + 18 : event.clientY - tip.offsetHeight - 10}px`;
}
document.addEventListener("pointermove", showTip);
document.addEventListener("pointerdown", showTip);
document.addEventListener("scroll", () => { tip.hidden = true; }, { passive: true });

// Which alerts are listed.
const filters = document.getElementById("filters");
const alerts = [...document.querySelectorAll(".alert")];
if (filters) {
  const group = document.getElementById("filter-group");
  const words = document.getElementById("filter-words");
  const all = document.getElementById("open-all");
  const apply = () => {
    const wanted = words.value.trim().toLowerCase();
    for (const one of alerts) {
      const fits = !group.value || one.dataset.group === group.value;
      one.hidden = !fits || (wanted && !one.textContent.toLowerCase().includes(wanted));
    }
    document.getElementById("no-alert").hidden = alerts.some((one) => !one.hidden);
  };
  const label = () => { all.textContent = alerts.some((one) => !one.open) ? "Open all" : "Close all"; };
  filters.hidden = false;
  filters.addEventListener("submit", (event) => event.preventDefault());
  group.addEventListener("change", apply);
  words.addEventListener("input", apply);
  all.addEventListener("click", () => {
    const open = alerts.some((one) => !one.open);
    for (const one of alerts) one.open = open;
    label();
  });
}

// A link to an alert opens it; paper shows everything.
function openTarget() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target instanceof HTMLDetailsElement) target.open = true;
}
addEventListener("hashchange", openTarget);
openTarget();
let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("details:not([open])")];
  for (const one of closed) one.open = true;
});
addEventListener("afterprint", () => { for (const one of closed) one.open = false; });
