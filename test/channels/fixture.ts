import type { CardContext, CardSource } from "../../channels/card.ts";
import type { Deliberation } from "../../core/deliberation-types.ts";
import type { Description } from "../../core/evaluation.ts";
import { sentenceOf } from "../../core/reason-codes.ts";
import type { Status } from "../../core/status.ts";
import { AGENT, at, pending, reviewing } from "../core/fixture.ts";

/** One request of one agent, as a chat would show it; each test tweaks one thing. */
export const DIGEST = `sha256:${"ab12".repeat(16)}` as const;

export function description(tweak: Partial<Description["preview"]> = {}, labels: string[] = []): Description {
  return {
    facts: { data: { rows: 12_400, labels } },
    preview: {
      title: "Export 12,400 rows of customers",
      fields: [
        { label: "Target", value: "crm" },
        { label: "Environment", value: "staging" },
        { label: "Rows", value: "about 12,400 rows (estimate); at most 20,000 rows" },
      ],
      body: { label: "Statement", language: "sql", text: "select id, city from customers" },
      warnings: [],
      ...tweak,
    },
  };
}

export function source(tweak: Partial<CardSource> = {}): CardSource {
  return {
    id: "req_1",
    status: "pending",
    submission: {
      version: 1,
      requestId: "req_1",
      requester: AGENT,
      onBehalfOf: "person:asker",
      action: {
        type: "postgres.export",
        target: "crm",
        arguments: { statement: "select id, city from customers", format: "csv", maxRows: 20_000 },
      },
      digest: DIGEST,
      justification: "The quarterly report needs them.",
      run: "run-7",
      credentialId: "key-1",
      submittedAt: at(0),
    },
    environment: "staging",
    names: { requester: "Reporting bot", owner: "Olivia Owner" },
    state: pending({ channels: ["page", "api", "slack"] }),
    evaluation: reviewing(),
    description: description(),
    outcome: null,
    report: null,
    revision: 3,
    ...tweak,
  };
}

/** The card's source at a state of the deliberation, as the record has it. */
export function sourceAt(state: Deliberation, tweak: Partial<CardSource> = {}): CardSource {
  return source({
    state,
    status: statusOf(state),
    outcome: state.outcome,
    report: state.outcome?.report ?? null,
    ...tweak,
  });
}

export function context(tweak: Partial<CardContext> = {}): CardContext {
  return {
    channel: "slack",
    publicUrl: "https://countersign.example",
    allowDecisions: true,
    because: ["group:data"],
    nameOf: (id) => NAMES[id] ?? id,
    accountOf: (id) => (id === "person:ana" ? "slack:T9/U9ANA" : null),
    standInOf: () => null,
    sentenceOf,
    ...tweak,
  };
}

const NAMES: { [id: string]: string } = {
  "agent:etl": "Reporting bot",
  "person:ana": "Ana Alves",
  "person:ben": "Ben Brown",
  "person:asker": "Asha Asker",
  "person:aud": "Audrey Auditor",
};

function statusOf(state: Deliberation): Status {
  if (state.outcome) return state.outcome.status;
  return state.phase === "settling" || state.phase === "ended" ? "starting" : state.phase;
}
