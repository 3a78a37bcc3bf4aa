import { groupName } from "../../channels/line.ts";
import type { RequestView } from "../contract/request.ts";
import { html, type Markup } from "./html.ts";
import { fromNow } from "./words.ts";

/** Who must answer, who has, and who is still missing. */
export function requirementPart(request: RequestView, now: number): Markup {
  const { requirement, status } = request;
  if (requirement === null) return null;
  const missing = requirement.slots.reduce((sum, slot) => sum + slot.missing, 0);
  const needed = requirement.slots.reduce((sum, slot) => sum + slot.count, 0);
  return html`<section aria-labelledby="needs">
    <h2 id="needs">Who must approve <small>${needed - missing} of ${needed}</small></h2>
    <ul class="slots">
      ${requirement.slots.map(
        (slot) => html`<li class=${slot.missing === 0 ? "filled" : "open"}>
          <strong>${slot.count} of ${[slot.from, ...slot.widenedTo].map(groupName).join(" or ")}</strong>
          ${slot.filledBy.map(
            (person) =>
              html`<span class="by">✓ ${person.name} <small>via ${person.channel}, ${fromNow(person.at, now)}</small></span>`,
          )}
          ${slot.missing > 0 ? html`<span class="missing">${slot.missing} missing</span>` : null}
        </li>`,
      )}
    </ul>
    ${status === "held" ? heldLine(request, now) : null}
    ${flagLines(request, now)}
  </section>`;
}

function heldLine({ hold }: RequestView, now: number): Markup {
  if (hold === null) return null;
  return html`<p class="warning">
    Held since ${hold.by.name} flagged it. Auditors release or reject it; if none does, it expires
    ${" "}<time datetime=${hold.expiresAt}>${fromNow(hold.expiresAt, now)}</time> and does not run.
  </p>`;
}

function flagLines({ flags }: RequestView, now: number): Markup {
  return flags.map(
    (flag) =>
      html`<p class="flag">⚑ ${flag.by.name}, ${fromNow(flag.at, now)}: <code>${flag.reason}</code> <q>${flag.note}</q></p>`,
  );
}
