import { LIMITS } from "../../core/limits.ts";
import { REASON_CODES, reviewerCodes } from "../../core/reason-codes.ts";
import type { RequestView } from "../contract/request.ts";
import { html, type Markup } from "./html.ts";

type Verb = RequestView["allowedVerbs"][number];

/** One form an answer, each with exactly the digests that this page shows; all work without JavaScript. */
export function answerForms(request: RequestView, csrf: string): Markup {
  const may = (verb: Verb) => request.allowedVerbs.includes(verb);
  if (request.allowedVerbs.length === 0) return null;
  const hidden = (verb: Verb) => hiddenFields(request, csrf, verb);
  const action = `/requests/${request.id}/answers`;
  return html`<section class="answers" aria-labelledby="answer">
    <h2 id="answer">Your answer</h2>
    ${may("approve") ? approveForm(action, hidden("approve"), request) : null}
    ${may("release") ? noteForm(action, hidden("release"), "Release the hold", "Release", "release") : null}
    ${may("deny") ? reasonForm(action, hidden("deny"), { verb: "deny", label: "Deny…", button: "Deny", note: false }) : null}
    ${may("reject") ? reasonForm(action, hidden("reject"), { verb: "reject", label: "Reject…", button: "Reject", note: false }) : null}
    ${may("flag") ? reasonForm(action, hidden("flag"), { verb: "flag", label: "Flag for auditors…", button: "Flag and hold", note: true }) : null}
    ${may("extend") ? extendForm(action, hidden("extend")) : null}
    ${may("stop") ? noteForm(action, hidden("stop"), "Stop it…", "Stop", "stop") : null}
    ${may("withdraw") ? noteForm(action, hidden("withdraw"), "Withdraw it…", "Withdraw", "withdraw") : null}
    ${may("resolve") ? resolveForm(`/requests/${request.id}/resolution`, csrf) : null}
  </section>`;
}

function hiddenFields({ digest, factsDigest }: RequestView, csrf: string, verb: Verb): Markup {
  return html`<input type="hidden" name="csrf" value=${csrf} />
    <input type="hidden" name="verb" value=${verb} />
    <input type="hidden" name="digest" value=${digest} />
    <input type="hidden" name="factsDigest" value=${factsDigest ?? ""} />`;
}

function approveForm(action: string, hidden: Markup, { requirement }: RequestView): Markup {
  const missing = requirement?.slots.reduce((sum, slot) => sum + slot.missing, 0) ?? 0;
  const then = missing > 1 ? `${missing - 1} more must approve before it runs.` : "It runs at once, exactly as shown.";
  return html`<form method="post" action=${action} class="approve">
    ${hidden}
    <button type="submit">Approve</button>
    <p>${then}</p>
  </form>`;
}

function reasonForm(
  action: string,
  hidden: Markup,
  { verb, label, button, note }: { verb: string; label: string; button: string; note: boolean },
): Markup {
  return html`<details class="answer">
    <summary>${label}</summary>
    <form method="post" action=${action}>
      ${hidden}
      <label>
        Reason
        <select name="reason" required>
          <option value="">Choose…</option>
          ${reviewerCodes().map(
            (code) => html`<option value=${code}>
              ${REASON_CODES[code].sentence}${"noteRequired" in REASON_CODES[code] ? " (note needed)" : ""}
            </option>`,
          )}
        </select>
      </label>
      ${noteField(note, verb === "flag" ? "Auditors read this." : "The agent is told this.")}
      <button type="submit" class=${verb === "flag" ? "secondary" : "contrast"}>${button}</button>
    </form>
  </details>`;
}

function noteForm(action: string, hidden: Markup, label: string, button: string, verb: string): Markup {
  return html`<details class="answer" open=${verb === "release"}>
    <summary>${label}</summary>
    <form method="post" action=${action}>
      ${hidden}${noteField(false, "Kept in the record.")}
      <button type="submit" class=${verb === "release" ? "" : "contrast"}>${button}</button>
    </form>
  </details>`;
}

function extendForm(action: string, hidden: Markup): Markup {
  return html`<details class="answer">
    <summary>Move the deadline…</summary>
    <form method="post" action=${action}>
      ${hidden}
      <label>
        By
        <select name="seconds" required>
          <option value="1800">30 minutes</option>
          <option value="3600">1 hour</option>
          <option value="14400">4 hours</option>
          <option value="86400">1 day</option>
        </select>
      </label>
      <button type="submit" class="secondary">Move it</button>
    </form>
  </details>`;
}

function resolveForm(action: string, csrf: string): Markup {
  return html`<form method="post" action=${action}>
    <input type="hidden" name="csrf" value=${csrf} />
    <fieldset>
      <legend>How did it end? Look at the target before you say.</legend>
      <label><input type="radio" name="outcome" value="succeeded" required /> It succeeded</label>
      <label><input type="radio" name="outcome" value="failed" required /> It failed</label>
    </fieldset>
    ${noteField(true, "How you know.")}
    <button type="submit">Resolve</button>
  </form>`;
}

function noteField(required: boolean, hint: string): Markup {
  return html`<label>
    Note${required ? "" : " (optional)"}
    <textarea name="note" rows="2" maxlength=${LIMITS.noteChars} required=${required}></textarea>
    <small>${hint}</small>
  </label>`;
}
