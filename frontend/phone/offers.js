// What somebody is asked: an area and no address; yes and no are one tap each.
import { useState } from "preact/hooks";
import { Ask, Fact, Fate, Heading, Pair, When } from "./parts.js";
import { useSeen } from "./seen.js";
import { now, pending, say, view } from "./store.js";
import { comma, html, t } from "./told.js";

const REASONS = ["no-not-free", "no-too-far", "no-topic", "no-pay", "no-conflict-interest"];
const SOON = 15 * 60_000; // ms

export function Offers({ moved }) {
  const { offers } = view.state;
  const open = offers.filter((one) => one.state === "open" || view.outcomes[one.id]?.ok);
  const ended = offers.filter((one) => !open.includes(one));
  const gone = Object.keys(view.outcomes).filter(
    (id) => id.startsWith("off_") && !offers.some((one) => one.id === id),
  );
  return html`
    <${Heading} moved=${moved}>${t("offers")}<//>
    ${gone.map((id) => html`<${Result} key=${id} outcome=${view.outcomes[id]} />`)}
    ${!open.length && html`<p>${t("no-offers")}</p><p class="quiet">${t("no-offers-hint")}</p>`}
    ${open.length > 0 && html`<p class="quiet">${t("first-yes")}</p>`}
    ${open.map((one) => html`<${Offer} key=${one.id} offer=${one} />`)}
    ${ended.length > 0 && html`<h2>${t("earlier-offers")}</h2>`}
    ${ended.map((one) => html`<${Ended} key=${one.id} offer=${one} />`)}`;
}

function Offer({ offer }) {
  const [asking, ask] = useState(false);
  const here = useSeen(offer);
  const outcome = view.outcomes[offer.id];
  const path = `/v1/offers/${offer.id}`;
  const decline = (reason) => {
    ask(false);
    say(offer.id, "decline", `${path}/decline`, reason ? { reason: t(reason) } : {});
  };
  if (outcome && outcome.code !== "interpreter-is-busy") return html`<${Result} outcome=${outcome} />`;
  return html`
    <article id=${offer.id} aria-labelledby=${`h-${offer.id}`}>
      <h2 id=${`h-${offer.id}`}><${Pair} of=${offer} /></h2>
      <${When} of=${offer} here=${here} />
      <dl>
        <${Fact} name=${offer.mode_text}>${offer.area ?? offer.minutes}<//>
        <${Fact} name=${t("topic")}>${offer.topic}<//>
        <${Fact} name=${t("you-earn")}>
          ${offer.pay ? html`<b class="money"><bdi>${offer.pay}</bdi></b>` : t("pay-unknown")}
        <//>
        ${offer.briefing && html`<p>${t("briefing", { minutes: offer.briefing })}</p>`}
        <${AnswerBy} offer=${offer} />
      </dl>
      <${Fate} about=${offer.id} />
      ${asking
        ? html`<${Ask}
            title=${t("why-no")}
            answers=${[["", t("no-reason")], ...REASONS.map((one) => [one, t(one)])]}
            onAnswer=${decline}
            onClose=${() => ask(false)}
          />`
        : !pending(offer.id) &&
          html`<div class="yes-no">
            <button class="yes" onClick=${() => say(offer.id, "accept", `${path}/accept`)}>${t("accept")}</button>
            <button onClick=${() => ask(true)}>${t("decline")}</button>
          </div>`}
    </article>`;
}

function AnswerBy({ offer }) {
  const soon = Date.parse(offer.answer_by) - now() < SOON;
  return html`
    <${Fact} name=${t("answer-by")}>
      <b class=${soon ? "soon" : ""}><bdi>${offer.answer_by_text}</bdi></b>
      ${soon && html` <small>${t("soon")}</small>`}
    <//>`;
}

/** What the server answered to a yes or a no: never less than this. */
function Result({ outcome }) {
  const { verb, ok, code, answer } = outcome;
  if (verb === "decline" && ok) return html`<p class="note" role="status">${t("declined")}</p>`;
  if (verb === "accept" && ok) {
    return html`
      <p class="note good" role="status">
        <b>${t("you-have-it")}</b> <a href=${`#job/${answer.id}`}>${t("see-job")}</a>
      </p>`;
  }
  const ends = { "offer-taken": "taken", "offer-expired": "expired", "offer-withdrawn": "withdrawn" };
  return html`<p class="note" role="status">${t(ends[code] ?? "failed")}</p>`;
}

const Ended = ({ offer }) => html`
  <article id=${offer.id} class="ended">
    <h3><${Pair} of=${offer} /></h3>
    <p class="quiet">${offer.day}${comma}<bdi>${offer.times}</bdi></p>
    <p>${t(offer.state)}</p>
  </article>`;
