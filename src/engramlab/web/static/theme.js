// Runs before the page is drawn, so that it never flashes in the wrong colours.
(() => {
  const kept = (() => { try { return localStorage.getItem("engramlab-theme"); } catch { return null; } })();
  if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
})();
