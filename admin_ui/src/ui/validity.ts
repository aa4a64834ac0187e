/** What the browser finds wrong with a field is said in the page's language, whatever the browser's own is. */
import i18next from "i18next";

type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

export function startValidity(): void {
  document.addEventListener(
    "invalid",
    ({ target }) => {
      if (!isControl(target)) return;
      target.setCustomValidity(""); // what was said before is no fault of the field
      target.setCustomValidity(wrongWith(target));
    },
    true,
  );
  for (const changed of ["input", "change"])
    document.addEventListener(
      changed,
      ({ target }) => isControl(target) && target.setCustomValidity(""),
      true,
    );
}

function wrongWith(control: Control): string {
  const t = i18next.getFixedT(null, "frame", "invalid");
  const { valid, valueMissing, tooShort, typeMismatch, patternMismatch } = control.validity;
  if (valid) return "";
  if (valueMissing) return t(control instanceof HTMLSelectElement ? "choose" : "missing");
  if (tooShort && "minLength" in control)
    return t("short", { least: control.minLength, length: control.value.length });
  if (typeMismatch) return t(control.type === "email" ? "email" : "url");
  if (patternMismatch) return [t("form"), hintOf(control)].filter(Boolean).join(" ");
  if (control instanceof HTMLInputElement && control.min !== "" && control.max !== "")
    return t("number", { least: control.min, most: control.max });
  return control.validationMessage;
}

function hintOf(control: Control): string {
  const hint = document.getElementById(control.getAttribute("aria-describedby")?.split(" ")[0] ?? "");
  return control.title || (hint?.textContent ?? "");
}

const isControl = (target: EventTarget | null): target is Control =>
  target instanceof HTMLInputElement ||
  target instanceof HTMLTextAreaElement ||
  target instanceof HTMLSelectElement;
