"use strict";
// Opens the reader at the passage that the link cites. Without this script the
// browser's autofocus, or the link above the text, does.
const cited = document.querySelector(".paragraph.cited mark, .paragraph.cited");
if (cited && !location.hash) {
  cited.scrollIntoView({ block: "center" });
}

for (const form of document.querySelectorAll("form.ask")) {
  form.addEventListener("submit", () => {
    const button = form.querySelector("button");
    button.disabled = true;
    button.dataset.label = button.textContent;
    button.textContent = form.dataset.working;
  });
}
// A page that comes back from the browser's history can be asked again.
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("form.ask button[data-label]")) {
    button.disabled = false;
    button.textContent = button.dataset.label;
  }
});
