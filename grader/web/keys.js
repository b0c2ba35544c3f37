// Keys for the page on which answers are marked. Everything works without them too.
"use strict";

// Where nothing is written, criteria are folded away, and the keys pass them by.
const criteria = [...document.querySelectorAll("fieldset")].filter(
  (one) => !one.closest("details:not([open])"),
);
let at = -1;

function go(to) {
  if (!criteria.length) return;
  if (at >= 0) criteria[at].classList.remove("now");
  at = Math.max(0, Math.min(criteria.length - 1, to));
  criteria[at].classList.add("now");
  criteria[at].focus({ preventScroll: true });
  criteria[at].scrollIntoView({ block: "nearest" });
}

function inCriterion(selector) {
  return at < 0 ? null : criteria[at].querySelector(selector);
}

const actions = {
  j: () => go(at + 1),
  k: () => go(at - 1),
  c: () => inCriterion("[data-comment]")?.focus(),
  r: () => inCriterion("[data-new]")?.focus(),
};

document.addEventListener("keydown", (event) => {
  const field = event.target.closest("textarea, input[type=number]");
  if (event.key === "Escape" && field) {
    field.blur();
    return;
  }
  if (field || event.ctrlKey || event.altKey || event.metaKey) return;
  if (/^[1-9]$/.test(event.key) && at >= 0) {
    const level = criteria[at].querySelectorAll("input[type=radio]")[event.key - 1];
    if (level) level.checked = true;
  } else if (event.key in actions) {
    actions[event.key]();
  } else {
    // The last one wins: a page's own link stands behind those at the top.
    const found = [...document.querySelectorAll("[data-key]")];
    const meant = found.filter((one) => one.dataset.key === event.key).pop();
    if (!meant) return;
    meant.click();
  }
  event.preventDefault();
});

if (criteria.length) {
  const open = criteria.findIndex((one) => !one.querySelector("input[type=radio]:checked"));
  go(Math.max(0, open));
}
