import { spelt } from "../../channels/duration.ts";
import { actionHeading } from "../../channels/status-words.ts";
import { LIMITS } from "../../core/limits.ts";
import { literal, literalBlock } from "../../privacy/literal.ts";
import type { EventView } from "../contract/event.ts";
import type { ExplanationView } from "../contract/explanation.ts";
import type { RequestView } from "../contract/request.ts";
import { answerForms } from "./answer-forms.ts";
import { html, type Markup } from "./html.ts";
import { document, type Visitor } from "./layout.ts";
import { requirementPart } from "./requirement-part.ts";
import { timeline } from "./timeline.ts";
import { fromNow, statusWords } from "./words.ts";

export type RequestPage = {
  request: RequestView;
  events: EventView[];
  explanation: ExplanationView | null;
  visitor: NonNullable<Visitor>;
  /** Said at the top, once: what became of the answer that was just sent. */
  notice: { tone: "good" | "bad"; text: string; next: string | null } | null;
  temporalUrl: string | null;
  now: number;
};

/** Everything a person needs to decide, in the order they need it. A pure function of what is recorded. */
export function requestPage(page: RequestPage): string {
  const { request, visitor } = page;
  const title = request.preview ? literal(request.preview.title, 200) : request.action.type;
  const body = html`
    ${notice(page)}
    ${heading(request, title, page.now)}
    <div class="columns">
      <div>
        ${request.preview ? whatWillRun(request) : asAsked(request)}
        ${whyPart(request)}
        ${requirementPart(request, page.now)}
        ${answerForms(request, visitor.csrf)}
        ${endPart(request)}
      </div>
      <aside>
        ${whoPart(request)}
        ${timeline(page.events, page.now)}
        ${explanationPart(page.explanation)}
        ${finePrint(page)}
      </aside>
    </div>`;
  return document({ title, visitor, live: { id: request.id, revision: request.revision } }, body);
}

function notice({ notice }: RequestPage): Markup {
  if (notice === null) return null;
  return html`<div class=${`notice ${notice.tone}`} role="alert">
    <strong>${notice.text}</strong>${notice.next === null ? null : html` <span>${notice.next}</span>`}
  </div>`;
}

function heading(request: RequestView, title: string, now: number): Markup {
  const words = statusWords(request.status);
  const { deadlineAt } = request;
  const waits = request.status === "pending" && deadlineAt !== null;
  return html`<header class=${`state ${words.tone}`}>
    <p class="status"><span class="badge">${words.word}</span> ${words.means}</p>
    <h1>${title}</h1>
    ${
      waits
        ? html`<p>
            If nobody answers, it expires <time datetime=${deadlineAt}>${fromNow(deadlineAt, now)}</time> and does not
            run.
          </p>`
        : null
    }
  </header>`;
}

function whatWillRun({ status, preview, action, target, environment }: RequestView): Markup {
  if (preview === null) return null;
  return html`<section aria-labelledby="what">
    <h2 id="what">${actionHeading(status)}</h2>
    ${preview.warnings.map((warning) => html`<p class="warning">${literal(warning)}</p>`)}
    <pre tabindex="0"><code>${literalBlock(preview.body.text, LIMITS.argumentsBytes)}</code></pre>
    <dl class="facts">
      <div><dt>Action</dt><dd>${action.type}</dd></div>
      <div><dt>Target</dt><dd>${target} <small>(${environment})</small></dd></div>
      ${preview.fields
        .filter((field) => field.label !== "Target" && field.label !== "Environment")
        .map((field) => html`<div><dt>${field.label}</dt><dd>${literal(field.value)}</dd></div>`)}
    </dl>
  </section>`;
}

function asAsked({ arguments: args, action, target }: RequestView): Markup {
  return html`<section aria-labelledby="what">
    <h2 id="what">What was asked</h2>
    <pre tabindex="0"><code>${literalBlock(JSON.stringify(args, null, 2), LIMITS.argumentsBytes)}</code></pre>
    <dl class="facts">
      <div><dt>Action</dt><dd>${action.type}</dd></div>
      <div><dt>Target</dt><dd>${target}</dd></div>
    </dl>
  </section>`;
}

function whyPart({ reasons, justification }: RequestView): Markup {
  return html`<section aria-labelledby="why">
    <h2 id="why">Why it was stopped</h2>
    <ul class="reasons">
      ${reasons.map(
        (reason) => html`<li>
          ${reason.text} <small><code>${reason.code}</code>${reason.rule ? html` · rule ${reason.rule}` : null}</small>
          ${reason.note ? html`<br /><q>${literal(reason.note)}</q>` : null}
        </li>`,
      )}
    </ul>
    <p class="agent-says">Agent says (not checked):</p>
    <blockquote class="agent">${justification ? literalBlock(justification) : "nothing"}</blockquote>
  </section>`;
}

function whoPart({ requester, owner, onBehalfOf, run }: RequestView): Markup {
  return html`<section aria-labelledby="who">
    <h2 id="who">Who asks</h2>
    <dl class="facts narrow">
      <div><dt>Agent</dt><dd>${requester.name} <small>${requester.id}</small></dd></div>
      ${owner ? html`<div><dt>Owner</dt><dd>${owner.name} <small>cannot answer</small></dd></div>` : null}
      ${onBehalfOf ? html`<div><dt>For</dt><dd>${onBehalfOf.name} <small>cannot answer</small></dd></div>` : null}
      ${run ? html`<div><dt>Run</dt><dd>${literal(run, 80)} <small>(not checked)</small></dd></div>` : null}
    </dl>
  </section>`;
}

function endPart({ decision, execution, resolution }: RequestView): Markup {
  if (decision === null && execution === null) return null;
  const took =
    execution?.startedAt && execution.endedAt
      ? spelt(Math.round((Date.parse(execution.endedAt) - Date.parse(execution.startedAt)) / 1_000))
      : null;
  return html`<section aria-labelledby="end">
    <h2 id="end">${decision === null ? "The run" : "How it ended"}</h2>
    ${
      decision === null
        ? null
        : html`<ul class="reasons">
            ${decision.reasons.map(
              (reason) => html`<li>
                ${reason.text} <small><code>${reason.code}</code></small>
                ${reason.note ? html`<br /><q>${literal(reason.note)}</q>` : null}
              </li>`,
            )}
          </ul>
          <p>
            Decided by ${decision.by}${
              decision.people.length > 0 ? `: ${decision.people.map((person) => person.name).join(", ")}` : null
            }.
          </p>`
    }
    ${
      execution === null
        ? html`<p>The action did not run.</p>`
        : html`<dl class="facts">
            <div><dt>Execution</dt><dd>${execution.status}${took === null ? null : ` in ${took}`}</dd></div>
            ${execution.detail ? html`<div><dt>Detail</dt><dd>${literal(execution.detail)}</dd></div>` : null}
            ${resultRows(execution.result)}
          </dl>`
    }
    ${
      resolution === null
        ? null
        : html`<p>
            Resolved as <strong>${resolution.outcome}</strong> by ${resolution.by.name}: <q>${literal(resolution.note)}</q>
          </p>`
    }
  </section>`;
}

function resultRows(result: unknown): Markup {
  if (typeof result !== "object" || result === null) return null;
  return Object.entries(result).map(([label, value]) => {
    const text = typeof value === "string" ? value : Array.isArray(value) ? value.join(", ") : JSON.stringify(value);
    return html`<div><dt>${label}</dt><dd class="long">${literal(text)}</dd></div>`;
  });
}

function explanationPart(explanation: ExplanationView | null): Markup {
  if (explanation === null) return null;
  return html`<details>
    <summary>How the policy came to this</summary>
    <pre tabindex="0"><code>${literalBlock(explanation.text, LIMITS.factsBytes)}</code></pre>
  </details>`;
}

function finePrint({ request, temporalUrl }: RequestPage): Markup {
  return html`<details>
    <summary>Fine print</summary>
    <dl class="facts narrow">
      <div><dt>Request</dt><dd class="long"><code>${request.id}</code></dd></div>
      <div><dt>Digest of the action</dt><dd class="long"><code>${request.digest}</code></dd></div>
      <div><dt>Digest of the facts</dt><dd class="long"><code>${request.factsDigest ?? "–"}</code></dd></div>
      <div><dt>Asked</dt><dd>${request.createdAt}</dd></div>
    </dl>
    ${temporalUrl === null ? null : html`<p><a href=${temporalUrl} rel="noreferrer">This workflow in Temporal</a></p>`}
  </details>`;
}
