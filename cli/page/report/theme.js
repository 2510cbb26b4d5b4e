"use strict";

// Light or dark: as the browser wants it, until somebody presses the button.
function followTheme() {
  const use = (name) => { document.documentElement.dataset.theme = name; };
  use(matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  byId("theme-button").addEventListener("click", () =>
    use(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
}
