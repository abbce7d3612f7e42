// Names for the admin's search-as-you-type fields: select2 leaves its box without one while nothing is chosen.
const nameBoxes = () => {
  for (const select of document.querySelectorAll("select.admin-autocomplete")) {
    const label = select.labels?.[0]?.textContent.trim().replace(/:$/, "");
    if (!label) continue;
    for (const box of select.parentElement.querySelectorAll(".select2-selection, .select2-selection__rendered")) {
      box.setAttribute("aria-label", [label, box.textContent.replace("×", "").trim()].filter(Boolean).join(": "));
      box.removeAttribute("aria-labelledby");
    }
  }
};
window.addEventListener("load", nameBoxes);
document.addEventListener("formset:added", () => setTimeout(nameBoxes));
// select2 tells of a choice through jQuery alone, which the admin keeps under a name of its own.
window.addEventListener("load", () => window.django?.jQuery(document).on("change", ".admin-autocomplete", () => setTimeout(nameBoxes)));
