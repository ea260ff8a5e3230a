// What somebody earned: this month and the one before, job by job; and for which sessions they may
// still say what they spent.
import { useEffect, useState } from "preact/hooks";
import { keep, kept } from "../shared/kept.js";
import { Save } from "./files.js";
import { Rows } from "./jobs.js";
import { Heading } from "./parts.js";
import { call } from "./store.js";
import { comma, html, lang, t } from "./told.js";

export function Pay({ moved }) {
  const [months, set] = useState(null);
  const [spendable, offer] = useState([]); // without a network nothing can be said of them
  useEffect(() => {
    (async () => {
      const answer = await call("GET", `/app/pay?lang=${lang}`);
      if (answer.failed) return set((await kept("pay")) ?? []);
      await keep("pay", answer.months);
      offer(answer.spendable ?? []);
      return set(answer.months);
    })();
  }, []);
  return html`
    <${Heading} moved=${moved}>${t("pay")}<//>
    ${months === null ? html`<p>${t("loading")}</p>` : months.map((one) => html`<${Month} key=${one.month} of=${one} />`)}
    ${months?.length === 0 && html`<p>${t("needs-network")}</p>`}
    ${spendable.length > 0 &&
    html`<details class="more"><summary>${t("expenses")}</summary><${Rows} of=${spendable} to="expenses" /></details>`}`;
}

function Month({ of }) {
  return html`
    <section aria-labelledby=${of.month}>
      <h2 id=${of.month}>${of.month_text}</h2>
      ${of.lines.length === 0 && html`<p>${t("pay-none")}</p>`}
      ${of.lines.length > 0 &&
      html`
        <p class="total">${t("pay-total")} <b class="money"><bdi>${of.total}</bdi></b></p>
        <p class="quiet">${of.number ? t("pay-issued", { number: of.number }) : t("pay-draft")}</p>
        <ul class="rows">${of.lines.map((one) => html`<${Line} of=${one} />`)}</ul>
        <${Save} path=${of.file} name=${of.month} text=${t("pay-file")} />`}
    </section>`;
}

function Line({ of }) {
  const about = html`
    <b>${of.day}</b> ${of.language}${comma}${of.mode}
    <small>${[of.kind, of.spent, of.site, of.minutes].filter(Boolean).join(" · ")}${of.disputed && html` · ${t("pay-disputed")}`}</small>`;
  return html`
    <li class="row">
      ${of.expenses ? html`<a href=${`#expenses/${of.expenses}`}>${about}</a>` : html`<span>${about}</span>`}
      <span class="money">${of.amount ? html`<bdi>${of.amount}</bdi>` : html`<small>${t("pay-unpriced")}</small>`}</span>
    </li>`;
}
