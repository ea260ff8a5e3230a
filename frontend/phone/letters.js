// How large the letters are on this phone, where what the phone itself is set to does not do.
import { useState } from "preact/hooks";
import { keep, kept } from "../shared/kept.js";
import { html, t } from "./told.js";

const SIZES = { usual: "", large: "130%", larger: "170%" };
let chosen = "usual";

/** Show the letters as they were chosen here. */
export async function enlarge() {
  choose((await kept("letters")) ?? "usual");
}

function choose(size) {
  chosen = size;
  document.documentElement.style.fontSize = SIZES[size] ?? "";
}

export function Letters() {
  const [size, set] = useState(chosen);
  const change = async (event) => {
    choose(event.target.value);
    set(chosen);
    await keep("letters", chosen);
  };
  return html`
    <label class="field">${t("letters")}
      <select value=${size} onChange=${change}>
        ${Object.keys(SIZES).map((one) => html`<option value=${one} selected=${one === size}>${t(`letters-${one}`)}</option>`)}
      </select>
    </label>`;
}
