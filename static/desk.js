/* The desk without a framework of its own: htmx swaps parts of pages, this tells whether they are live. */
"use strict";

const QUIET_TOO_LONG = 15000; // the server beats every 5 s
const byData = (name) => document.querySelectorAll(`[data-${name}]`);

/* --- Live or not: only a message of the last seconds counts ------------------------------------------------------- */
let heard = 0;

function showLive(state) {
  for (const sign of byData("live")) {
    if (sign.dataset.state === state) continue;
    sign.dataset.state = state;
    const on = state === "live";
    const dot = document.createElement("span");
    dot.setAttribute("aria-hidden", "true");
    dot.textContent = on ? "● " : "○ ";
    sign.replaceChildren(dot, on ? sign.dataset.on : sign.dataset.off);
  }
}

function hear() {
  heard = Date.now();
  showLive("live");
}

function follow(source) {
  for (const name of ["changed", "beat"]) source.addEventListener(name, hear);
}

document.addEventListener("htmx:sseOpen", (event) => {
  const source = event.detail.source;
  if (source.deskFollows) return;
  source.deskFollows = true;
  follow(source);
});
document.addEventListener("htmx:sseError", () => showLive("lost"));
if (byData("live").length) {
  setInterval(() => {
    if (heard && Date.now() - heard > QUIET_TOO_LONG) showLive("lost");
  }, 1000);
  setTimeout(() => {
    if (!heard) showLive("lost");
  }, QUIET_TOO_LONG);
  // A tab that slept has an old connection and an old picture.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && heard && Date.now() - heard > QUIET_TOO_LONG) location.reload();
  });
}

/* --- The number of those in need of help stands in the menu and in the title -------------------------------------- */
document.addEventListener("htmx:afterSwap", (event) => {
  const count = event.target.querySelector("[data-help-count]");
  const shown = document.getElementById("help-count");
  if (!count || !shown) return;
  shown.textContent = count.dataset.helpCount === "0" ? "" : count.dataset.helpCount;
});

/* --- What somebody unfolded stays so when its part of the page comes anew ------------------------------------------ */
let unfolded = [];
document.addEventListener("htmx:beforeSwap", (event) => {
  unfolded = [...event.target.querySelectorAll("details[open][id]")].map((each) => each.id);
});
document.addEventListener("htmx:afterSwap", () => {
  for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
});

/* --- What is left of a time: the server writes its end, and says when it is over ---------------------------------- */
function showLeft() {
  for (const end of byData("until")) {
    const seconds = Math.max(0, Math.round((Date.parse(end.dataset.until) - Date.now()) / 1000));
    end.textContent = end.dataset.left.replace("{seconds}", seconds);
  }
}
document.addEventListener("htmx:afterSwap", showLeft);
setInterval(showLeft, 1000);
showLeft();

/* --- Keyboard: / searches, Escape leaves the search ---------------------------------------------------------------- */
document.addEventListener("keydown", (event) => {
  const search = document.querySelector("[data-search]");
  const typing = event.target.closest("input, textarea, select");
  if (event.key === "/" && search && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    search.focus();
    search.select();
  }
  if (event.key === "Escape" && event.target === search) search.blur();
});

/* --- Copy, print, menu, theme --------------------------------------------------------------------------------------- */
async function copy(button) {
  const text = button.dataset.copy;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copyByHand(text);
  }
  const before = [...button.childNodes];
  button.replaceChildren("✓ " + button.dataset.copied);
  setTimeout(() => button.replaceChildren(...before), 1500);
}

/* On plain HTTP there is no clipboard interface; a selected field still copies. */
function copyByHand(text) {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "sr";
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

function toggleTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  document.cookie = `stationlink_theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax`;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.copy !== undefined) copy(button);
  if (button.dataset.print !== undefined) window.print();
  if (button.dataset.menu !== undefined) {
    button.setAttribute("aria-expanded", button.getAttribute("aria-expanded") === "true" ? "false" : "true");
  }
  if (button.dataset.themeToggle !== undefined) {
    event.preventDefault();
    toggleTheme();
  }
});
document.documentElement.classList.add("js");
