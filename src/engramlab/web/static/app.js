// The shell: tabs, the page that the address names, light and dark.
import { h } from "./lib/dom.js";
import { problemList, say } from "./lib/messages.js";
import { isDark, onTheme, setDark } from "./lib/colours.js";
import { watchQueue } from "./lib/queue.js";

const PAGES = [
  ["design", "Design", () => import("./pages/design.js")],
  ["run", "Run", () => import("./pages/run.js")],
  ["see", "See", () => import("./pages/see.js")],
  ["live", "Live", () => import("./pages/live.js")],
  ["learn", "Learn", () => import("./pages/learn.js")],
  ["analyse", "Analyse", () => import("./pages/analyse.js")],
  ["evidence", "Evidence", () => import("./pages/evidence.js")],
];

const root = document.getElementById("page");
const tabs = document.getElementById("tabs");
let leave = null; // what the page shown wants done before it goes
let shown = 0; // so that a page that loads slowly does not replace a later one

for (const [name, title] of PAGES) {
  tabs.append(h("li", {}, h("a", { href: `#/${name}`, id: `tab-${name}` }, title)));
}

async function show() {
  const [name, ...parts] = location.hash.replace(/^#\/?/, "").split("/").map(decode);
  const entry = PAGES.find(([known]) => known === name);
  if (!entry) {
    location.replace("#/design");
    return;
  }
  const number = ++shown;
  for (const [other] of PAGES) {
    const tab = document.getElementById(`tab-${other}`);
    if (other === name) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  document.getElementById(`tab-${name}`).scrollIntoView({ block: "nearest", inline: "nearest" });
  document.title = `${entry[1]} · engramlab`;
  await leave?.();
  leave = null;
  const place = h("div", { class: `page page-${name}` });
  root.replaceChildren(place);
  try {
    const page = await entry[2]();
    if (number !== shown) return;
    const cleanup = await page.render(place, parts);
    if (number === shown) leave = cleanup ?? null;
    else cleanup?.();
  } catch (error) {
    console.error(error);
    place.replaceChildren(problemList(error));
  }
}

function decode(part) {
  try { return decodeURIComponent(part); } catch { return part; }
}

const button = document.getElementById("theme");
function label() {
  button.replaceChildren(isDark() ? "☀" : "☾");
  button.setAttribute("aria-label", isDark() ? "Light colours" : "Dark colours");
  button.title = button.getAttribute("aria-label");
}
button.addEventListener("click", () => setDark(!isDark()));
onTheme(label);
label();

document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault(); // the address names a page, so it cannot name a place in it
  root.focus();
});
addEventListener("unhandledrejection", (event) => { console.error(event.reason); say(event.reason); });
addEventListener("hashchange", show);
watchQueue(document.getElementById("queue-status"));
show();
// All pages at once, so that one can still be opened while the server is being restarted.
for (const [, , load] of PAGES) load().catch((error) => console.warn(error));
