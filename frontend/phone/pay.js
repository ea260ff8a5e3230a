// What somebody earned: this month and the one before, job by job.
import { useEffect, useState } from "preact/hooks";
import { keep, kept } from "../shared/kept.js";
import { Heading } from "./parts.js";
import { call } from "./store.js";
import { comma, html, lang, t } from "./told.js";

export function Pay({ moved }) {
  const [months, set] = useState(null);
  useEffect(() => {
    (async () => {
      const answer = await call("GET", `/app/pay?lang=${lang}`);
      if (answer.failed) return set((await kept("pay")) ?? []);
      await keep("pay", answer.months);
      return set(answer.months);
    })();
  }, []);
  return html`
    <${Heading} moved=${moved}>${t("pay")}<//>
    ${months === null ? html`<p>${t("loading")}</p>` : months.map((one) => html`<${Month} key=${one.month} of=${one} />`)}
    ${months?.length === 0 && html`<p>${t("needs-network")}</p>`}`;
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
        <${File} of=${of} />`}
    </section>`;
}

const Line = ({ of }) => html`
  <li class="row">
    <span>
      <b>${of.day}</b> ${of.language}${comma}${of.mode}
      <small>${[of.kind, of.site, of.minutes].filter(Boolean).join(" · ")}${of.disputed && html` · ${t("pay-disputed")}`}</small>
    </span>
    <span class="money">${of.amount ? html`<bdi>${of.amount}</bdi>` : html`<small>${t("pay-unpriced")}</small>`}</span>
  </li>`;

function File({ of }) {
  const [failed, fail] = useState("");
  const save = async () => {
    const answer = await call("GET", of.file, undefined, { Accept: "application/pdf" });
    fail(answer.failed ?? "");
    if (answer.file) download(answer.file, `${of.month}.pdf`);
  };
  return html`
    <button class="wide" onClick=${save}>${t("pay-file")}</button>
    <p role="status">${failed}</p>`;
}

function download(file, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
