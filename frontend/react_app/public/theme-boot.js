// Runs before the first paint, so that a dark room never flashes white. Mirrors src/theme/colorScheme.ts.
(function () {
  var choice = null;
  try {
    choice = window.localStorage.getItem("titan.theme");
  } catch {
    // Storage may be forbidden; the system's choice is the answer then.
  }
  var dark = choice === "dark" || (choice !== "light" && window.matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
})();
