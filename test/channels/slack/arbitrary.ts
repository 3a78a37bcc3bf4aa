import fc from "fast-check";
import type { CardSource } from "../../../channels/card.ts";
import { open, step } from "../../../core/deliberation.ts";
import type { Deliberation } from "../../../core/deliberation-types.ts";
import type { Evaluation } from "../../../core/evaluation.ts";
import { STATUSES } from "../../../core/status.ts";
import { anyDay, anyOpening } from "../../core/arbitrary.ts";
import { OPENED } from "../../core/fixture.ts";
import { DIGEST, source } from "../fixture.ts";

/** A letter our own text never uses: where it stands, an agent's text stands. */
export const MARK = "Ж";

const SNIPPETS = [
  "<!channel>",
  "<@U1>",
  "<http://x|y>",
  "```",
  "*bold* _it_ ~no~ `code`",
  "\u202eevil\u2066",
  "✅ Approved",
  "&&&<<<>>>",
  ":white_check_mark:",
  "\ud800",
  "a\u0301\u0301\u0301\u0301\u0301",
  "\n\n\t",
  "password=hunter2hunter2",
  "漢字".repeat(50),
];

/** Whatever an agent could send, each piece marked. */
export const anyAgentText: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.constantFrom(...SNIPPETS), fc.string({ unit: "binary", maxLength: 40 })), { maxLength: 8 })
  .chain((pieces) =>
    fc.constantFrom(1, 1, 1, 1, 1, 1, 1, 1, 1, 20, 20, 300).map((times) =>
      pieces
        .map((piece) => `${MARK}${piece}${MARK}`)
        .join("")
        .repeat(times),
    ),
  );

const anyState: fc.Arbitrary<{ state: Deliberation; evaluation: Evaluation }> = fc
  .tuple(anyOpening, anyDay)
  .map(([opening, day]) => {
    let now = OPENED;
    let { state } = open(opening);
    for (const { event, waitMs } of day) {
      now += waitMs;
      state = step(state, event, now).state;
    }
    return { state, evaluation: opening.evaluation };
  });

/** Any request at any moment of any day, with whatever an agent, a database or a person wrote into it. */
export const anySource: fc.Arbitrary<CardSource> = fc
  .record({
    reached: anyState,
    status: fc.constantFrom(...STATUSES),
    text: anyAgentText,
    other: anyAgentText,
    fields: fc.array(anyAgentText, { maxLength: 12 }),
    warnings: fc.array(anyAgentText, { maxLength: 12 }),
    described: fc.boolean(),
    began: fc.boolean(),
  })
  .map(({ reached, status, text, other, fields, warnings, described, began }) => {
    const state = noted(reached.state, other);
    const report = began
      ? {
          status: "failed" as const,
          code: "EXEC_FAILED",
          detail: text,
          result: { [other]: text, n: [1] },
          startedAt: OPENED,
          endedAt: OPENED,
        }
      : null;
    const preview = {
      title: text,
      fields: fields.map((value, index) => ({ label: `Fact ${index}`, value })),
      body: { label: "Statement", language: "sql" as const, text },
      warnings,
    };
    const description = described ? { facts: { data: { labels: [text] } }, preview } : null;
    const base = source();
    return source({
      status,
      state: status === "evaluating" ? null : state,
      evaluation: reached.evaluation,
      description,
      report,
      outcome: state.outcome,
      previous: {
        reasons: [{ code: "EXEC_PREVIEW_DRIFT", rule: null, note: text }],
        description: { facts: {}, preview: { ...preview, fields: preview.fields.slice(1), warnings: [] } },
        evaluation: null,
      },
      submission: {
        ...base.submission,
        digest: DIGEST,
        action: { type: "postgres.export", target: other, arguments: { statement: text, [other]: [text] } },
        justification: text,
        run: other,
      },
    });
  });

/** The same state, with notes that say what an agent might. */
function noted(state: Deliberation, note: string): Deliberation {
  const reasons = <T extends { note: string | null }>(all: T[]) => all.map((one) => ({ ...one, note }));
  const outcome = state.outcome && { ...state.outcome, reasons: reasons(state.outcome.reasons) };
  return {
    ...state,
    outcome,
    reasons: reasons(state.reasons),
    reviews: reasons(state.reviews),
    flags: reasons(state.flags),
  };
}
