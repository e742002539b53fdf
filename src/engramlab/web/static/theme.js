// Runs before the page is drawn, so that it never flashes in the wrong colours: those that were
// chosen last, else those that the system asks for.
(() => {
  const kept = (() => { try { return localStorage.getItem("engramlab-theme"); } catch { return null; } })();
  const chosen = kept === "light" || kept === "dark";
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const root = document.documentElement.dataset;
  root.theme = chosen ? kept : dark ? "dark" : "light";
  if (!chosen) root.follows = "system";
})();
