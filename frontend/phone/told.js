// Texts and markup. Whatever is told comes from the server in the reader's language; a value in a
// sentence is set apart (FSI … PDI), so that it does not turn the words around it.
import htm from "htm";
import { h } from "preact";

export const html = htm.bind(h);

const { dataset } = document.getElementById("app");
const texts = JSON.parse(dataset.texts);

export const languages = JSON.parse(dataset.languages); // {code: its own name}
export const { comma } = dataset; // what stands between facts
export const lang = document.documentElement.lang;

/** Return a text; `values` fill its holes. */
export function t(name, values = {}) {
  return (texts[name] ?? name).replace(/\{(\w+)\}/g, (_, hole) => `\u2068${values[hole] ?? ""}\u2069`);
}

/** Return the text for a problem's code. */
export function trouble(code) {
  return texts[`failed-${code}`] ?? texts.failed;
}
