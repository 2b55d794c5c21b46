// The book's own script, made of the files in this folder. Everything on a page stands there without it.
"use strict";

for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => print());
}
