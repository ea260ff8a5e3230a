// Small pieces that several screens are made of.
import { useEffect, useRef } from "preact/hooks";
import { pending, view } from "./store.js";
import { html, t, trouble } from "./told.js";

/** The heading of a screen; it takes the focus when the screen is opened. */
export function Heading({ children, moved }) {
  const here = useRef(null);
  useEffect(() => {
    if (moved) here.current.focus();
  }, []);
  return html`<h1 ref=${here} tabindex="-1">${children}</h1>`;
}

/** A fact with its name, where there is one. */
export const Fact = ({ name, children }) =>
  children && html`<div class="fact"><dt>${name}</dt><dd>${children}</dd></div>`;

/** When a session is: the day, from when to when, and by which city's clock. */
export const When = ({ of, here }) => html`
  <p class="when" ref=${here}>
    <span>${of.day}</span>
    <b><bdi>${of.times}</bdi></b>
    ${of.city && html`<small>${t("local-time", { city: of.city })}</small>`}
  </p>`;

export const Pair = ({ of }) => html`
  <bdi>${of.languages[0]}</bdi> – <bdi>${of.languages[1]}</bdi>`;

/** What became of something that was said: not sent yet, or why it was refused. */
export function Fate({ about }) {
  if (pending(about)) {
    const text = view.out ? "not-sent-out" : view.tries ? "not-sent" : "sending";
    return html`<p class="note wait" role="status">${t(text)}</p>`;
  }
  const outcome = view.outcomes[about];
  if (!outcome || outcome.ok) return null;
  return html`<p class="note bad" role="alert">${trouble(outcome.code)}</p>`;
}

/** A question with a few answers, each one tap; `answers` are [value, text]. */
export function Ask({ title, hint, answers, onAnswer, onClose }) {
  const here = useRef(null);
  useEffect(() => here.current.focus(), []);
  return html`
    <section class="ask" aria-labelledby="ask">
      <h3 id="ask" ref=${here} tabindex="-1">${title}</h3>
      ${hint && html`<p>${hint}</p>`}
      <div class="answers">
        ${answers.map(([value, text]) => html`<button onClick=${() => onAnswer(value)}>${text}</button>`)}
        <button class="plain" onClick=${onClose}>${t("back")}</button>
      </div>
    </section>`;
}
