// What the pages gain where scripts run; none of them needs it.

// A second click on a button that has sent its form does nothing; the form comes back to life with the page.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "1";
  form.setAttribute("aria-busy", "true");
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  }
});

// A menu closes when the reader turns to something else, and by Escape, which gives the focus back to its button.
const closeMenus = (except) => {
  for (const menu of document.querySelectorAll(".menu[open]")) if (menu !== except) menu.open = false;
};
document.addEventListener("click", (event) => closeMenus(event.target.closest(".menu")));
document.addEventListener("focusin", (event) => closeMenus(event.target.closest(".menu")));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.activeElement?.closest(".menu[open]")?.querySelector("summary").focus();
  closeMenus();
});

// How much of a limited text is used: figures only, so that they need no language.
for (const area of document.querySelectorAll("textarea[data-limit]")) {
  const counter = document.createElement("span");
  counter.className = "form-text counter";
  counter.setAttribute("aria-hidden", "true");
  area.after(counter);
  const count = () => { counter.textContent = `${area.value.length} / ${area.dataset.limit}`; };
  area.addEventListener("input", count);
  count();
}

// A text to copy gains its button, which needs a script and a page that may write to the clipboard.
for (const button of document.querySelectorAll("[data-copies]")) {
  const text = button.closest("section").querySelector("textarea");
  if (!navigator.clipboard) continue;
  button.parentElement.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text.value);
    button.nextElementSibling.textContent = button.dataset.copies;
  });
}

// The filters come again with each choice; what was unfolded among them stays so, or the focus would be lost with it.
document.addEventListener("htmx:oobBeforeSwap", ({ target, detail }) => {
  for (const opened of target.querySelectorAll("details[open][id]")) {
    detail.fragment.querySelector(`#${opened.id}`)?.setAttribute("open", "");
  }
});

// Faults first: the summary of a form that came back takes the focus.
document.querySelector(".error-summary")?.focus();
