// Papers to keep: what a job or a month comes to, as the API makes them.
import { useState } from "preact/hooks";
import { call } from "./store.js";
import { html } from "./told.js";

/** A button that saves the PDF behind an address of the API. */
export function Save({ path, name, text }) {
  const [failed, fail] = useState("");
  const save = async () => {
    const answer = await call("GET", path, undefined, { Accept: "application/pdf" });
    fail(answer.failed ?? "");
    if (answer.file) download(answer.file, `${name}.pdf`);
  };
  return html`
    <button class="wide" onClick=${save}>${text}</button>
    <p role="status">${failed}</p>`;
}

function download(file, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
