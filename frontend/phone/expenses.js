// What somebody spent for a session: asked about before it, said after it, and how it stands. It is
// money, so nothing of it waits on the phone: without a network it says so.
import { useEffect, useRef, useState } from "preact/hooks";
import { newKey } from "../shared/kept.js";
import { Ask, Fact, Heading, Pair, When } from "./parts.js";
import { call, view } from "./store.js";
import { html, lang, t } from "./told.js";

const TOLD = { "Accept-Language": lang }; // a refusal is said in the language of the app

export function Expenses({ id, moved }) {
  const [of, set] = useState(null);
  const [failed, fail] = useState("");
  const said = useRef(null);
  const [saved, save] = useState("");
  const read = async () => {
    const answer = await call("GET", `/app/expenses?booking=${id}&lang=${lang}`, undefined, TOLD);
    const wrong = answer.message ?? answer.failed ?? (answer.booking ? "" : t("signed-out"));
    fail(wrong);
    if (!wrong) set(answer);
  };
  useEffect(() => {
    read(); // and again when there is a network again
  }, [view.fresh]);
  const done = async () => {
    await read();
    save(t("saved"));
    said.current.focus(); // what was tapped may be gone
  };
  const here = view.state.jobs.some((one) => one.id === id); // older ones stand in the pay alone
  return html`
    <p><a class="back" href=${here ? `#job/${id}` : "#pay"}>${t("back")}</a></p>
    <${Heading} moved=${moved}>${t("expenses")}<//>
    ${of && html`<p><${Pair} of=${of} /></p><${When} of=${of} />`}
    <p ref=${said} tabindex="-1" role="status" class=${saved && "note good"}>${saved}</p>
    <p role="status" class=${failed && "note bad"}>${failed}</p>
    ${of?.expenses.length === 0 && html`<p>${t("expenses-none")}</p>`}
    ${of?.expenses.map((one) => html`<${One} key=${one.id} one=${one} of=${of} done=${done} />`)}
    ${of?.way && html`<${Another} of=${of} done=${done} />`}`;
}

function One({ one, of, done }) {
  return html`
    <article aria-labelledby=${one.id}>
      <h2 id=${one.id}>${one.kind} <b class="money"><bdi>${one.amount}</bdi></b></h2>
      <p class="state">${one.state_text}</p>
      <dl>
        <${Fact} name=${t("expense-until")}>${one.answer_by && html`<bdi>${one.answer_by}</bdi>`}<//>
        <${Fact} name=${t("expense-granted")}>${one.granted && html`<b class="money"><bdi>${one.granted}</bdi></b>`}<//>
        <${Fact} name=${t("expense-reason")}>${one.reason && html`<bdi class="words">${one.reason}</bdi>`}<//>
        <${Fact} name=${t("expense-receipt")}>${one.receipt && html`<bdi>${one.receipt}</bdi>`}<//>
        <${Fact} name=${t("expense-note")}>${one.note && html`<bdi class="words">${one.note}</bdi>`}<//>
      </dl>
      ${one.may_spend && html`<${Form} of=${of} agreed=${one} path=${`/v1/expenses/${one.id}/submit`} done=${done} />`}
      ${one.may_withdraw && html`<${Withdraw} one=${one} done=${done} />`}
    </article>`;
}

function Withdraw({ one, done }) {
  const [asking, ask] = useState(false);
  const [failed, fail] = useState("");
  const withdraw = async () => {
    ask(false);
    const answer = await call("POST", `/v1/expenses/${one.id}/withdraw`, {}, TOLD);
    fail(answer.message ?? answer.failed ?? "");
    if (!answer.failed) await done();
  };
  return html`
    ${asking
      ? html`<${Ask} title=${t("expense-withdraw-ask")} answers=${[[true, t("yes")]]} onAnswer=${withdraw} onClose=${() => ask(false)} />`
      : html`<button class="plain" onClick=${() => ask(true)}>${t("expense-withdraw")}</button>`}
    <p role="status">${failed}</p>`;
}

/** What can be said of others now: asked about before the session, said after it began. */
function Another({ of, done }) {
  const asks = of.way === "ask";
  return html`
    <section aria-labelledby="another">
      <h2 id="another">${t(asks ? "expense-ask" : "expense-spent")}</h2>
      ${of.way === "late" && html`<p>${t("expense-late")}</p>`}
      ${asks && html`<p>${t("expense-ask-hint")}</p>`}
      ${of.way !== "late" && of.limit &&
      html`<p>${t("expense-limit", { amount: of.limit })} ${!asks && t("expense-missed")}</p>`}
      ${asks && html`<p>${t("expense-answer", { time: of.answer_by })}</p>`}
      ${of.way !== "late" && html`<${Form} of=${of} path=${`/v1/bookings/${of.booking}/expenses`} done=${done} />`}
    </section>`;
}

/** The form of one; of what was `agreed` it is said what was spent. */
function Form({ of, agreed, path, done }) {
  const [wrong, tell] = useState({});
  const sending = useRef(false);
  const last = useRef({}); // what was sent and not answered, with its key
  const send = async (event) => {
    event.preventDefault();
    if (sending.current) return;
    sending.current = true;
    const form = event.target;
    const body = JSON.stringify(filled(new FormData(form), of, agreed));
    if (last.current.body !== body) last.current = { body, key: newKey() };
    const answer = await call("POST", path, JSON.parse(body), { ...TOLD, "Idempotency-Key": last.current.key });
    if (!answer.failed || answer.code) last.current = {};
    tell(answer.failed ? refused(answer) : {});
    if (!answer.failed) {
      form.reset();
      await done();
    }
    sending.current = false;
  };
  const own = agreed?.id ?? "new";
  return html`
    <form onSubmit=${send}>
      ${agreed ? html`<h3>${t("expense-spent")}</h3>` : html`<label class="field">${t("expense-kind")}
        <select name="kind">${of.kinds.map(([kind, text]) => html`<option value=${kind}>${text}</option>`)}</select>
      </label>`}
      <${Text} own=${own} name="amount" text=${t("expense-amount", { currency: of.currency })} wrong=${wrong} most=15
        required inputmode="decimal" dir="ltr" usual=${agreed?.usual} />
      ${(agreed || of.way === "spend") &&
      html`<${Text} own=${own} name="receipt" text=${t("expense-receipt")} wrong=${wrong} most=100 hint=${t("expense-receipt-hint")} />`}
      <${Text} own=${own} name="note" text=${t("expense-note")} wrong=${wrong} most=2000 />
      <p role="alert">${wrong.form}</p>
      <button class="yes wide">${t("expense-send")}</button>
    </form>`;
}

/** A field with its name, and what is wrong with it beside it. */
function Text({ own, name, text, wrong, most, hint, usual, ...rest }) {
  const id = `${own}-${name}`;
  const problem = wrong[name];
  return html`
    <p class="field">
      <label for=${id}>${text}</label>
      <input id=${id} name=${name} maxlength=${most} autocomplete="off" defaultValue=${usual} ...${rest}
        aria-invalid=${problem ? "true" : undefined} aria-describedby=${`${id}-about`} />
      <span id=${`${id}-about`}>
        ${hint && html`<small class="quiet">${hint}</small>`}
        <span role="alert">${problem && html`<span class="note bad line">${problem}</span>`}</span>
      </span>
    </p>`;
}

/** What the API is told. */
function filled(form, { way, currency, decimals }, agreed) {
  const some = (name) => form.get(name)?.trim() || null;
  const amount = { amount_minor: minor(form.get("amount"), decimals), currency };
  const about = { amount, receipt: some("receipt"), note: some("note") };
  return agreed ? about : { kind: form.get("kind"), beforehand: way === "ask", ...about };
}

/** An amount in minor units, in whichever digits; what is none goes as it is, to be refused. */
function minor(text, decimals) {
  const plain = text.replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (one) => one.charCodeAt(0) & 15).replace(/\s/g, "");
  const [, whole, part = ""] = /^(\d{1,9})(?:[.,\u066b](\d*))?$/.exec(plain) ?? [];
  if (whole === undefined || part.length > decimals) return text;
  return Number(whole + part.padEnd(decimals, "0"));
}

/** Return a refusal by the field it is about. */
function refused({ message, failed, pointer = "", code }) {
  const about = code === "needs-approval-beforehand" ? "amount" : pointer.split("/")[1];
  const field = ["amount", "receipt", "note"].includes(about) ? about : "form";
  return { [field]: message ?? failed };
}
