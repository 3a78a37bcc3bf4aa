import { and, asc, eq, lt } from "drizzle-orm";
import type { JournalEntry, RecordInput } from "../activities/types.ts";
import type { Deliberation, Outcome } from "../core/deliberation-types.ts";
import { CountersignError } from "../core/errors.ts";
import { standingOf } from "../core/escalation.ts";
import { AUDITORS, type GroupId, type Instant } from "../core/principal.ts";
import type { Submission } from "../core/request.ts";
import type { Transaction } from "./client.ts";
import { evaluations } from "./schema/evaluations.ts";
import { journal } from "./schema/journal.ts";
import { requests } from "./schema/requests.ts";
import { submissions } from "./schema/submissions.ts";

type Row = typeof requests.$inferInsert;

/**
 * Brings the row that pages and lists read up to this entry, if it is behind or not there.
 * Answers whether anything moved.
 */
export async function project(transaction: Transaction, input: RecordInput): Promise<boolean> {
  const { requestId, seq } = input;
  const [row] = await transaction.select({ seq: requests.seq }).from(requests).where(eq(requests.id, requestId));
  if (row && row.seq >= seq) return false;
  const current = standing(input);
  if (!row) {
    const beginning = await beginningOf(transaction, requestId);
    await transaction.insert(requests).values({ ...beginning, ...current });
    return true;
  }
  const title = input.description === null ? {} : { title: plain(input.description.preview.title) };
  await transaction
    .update(requests)
    .set({ ...current, ...title })
    .where(and(eq(requests.id, requestId), lt(requests.seq, seq)));
  return true;
}

/** What changes with every entry. */
function standing({ seq, entry, state, outcome }: RecordInput) {
  return {
    seq,
    state,
    outcome,
    recordedStatus: recordedStatus(state, outcome),
    ...attention(outcome === null ? state : null),
    ...concern(state),
    updatedAt: entry.at,
  } satisfies Partial<Row>;
}

function recordedStatus(state: Deliberation | null, outcome: Outcome | null): Row["recordedStatus"] {
  const ended = outcome ?? state?.outcome ?? null;
  if (ended !== null) return ended.status;
  if (state === null) return "evaluating";
  switch (state.phase) {
    case "pending":
    case "held":
    case "starting":
      return state.phase;
    case "settling":
      return "starting";
    case "ended":
      throw new CountersignError("INTERNAL", `${state.requestId} ended without an outcome.`);
    default:
      return state.phase satisfies never;
  }
}

type Attention = { waitingFor: GroupId[]; approvalsMissing: number; deadlineAt: Instant | null };

/** Who has to do something now, and by when. */
function attention(state: Deliberation | null): Attention {
  if (state === null) return { waitingFor: [], approvalsMissing: 0, deadlineAt: null };
  const lacking = standingOf(state).filter((slot) => slot.missing > 0);
  const approvalsMissing = lacking.reduce((sum, slot) => sum + slot.missing, 0);
  if (state.phase === "held") {
    return { waitingFor: [AUDITORS], approvalsMissing, deadlineAt: state.hold?.expiresAt ?? null };
  }
  if (state.phase !== "pending") return { waitingFor: [], approvalsMissing: 0, deadlineAt: state.executeBy };
  const groups = lacking.flatMap((slot) => [slot.from, ...(state.widened[slot.slot] ?? [])]);
  return { waitingFor: [...new Set(groups)], approvalsMissing, deadlineAt: state.deadlineAt };
}

type Concern = Pick<Row, "asked" | "answered" | "keptOut">;

/** Who may read it because they are asked or have answered, and who of them cannot answer now. */
function concern(state: Deliberation | null): Concern {
  if (state === null) return { asked: [], answered: [], keptOut: [] };
  const { requirement, widened, reviews, parties, flags, phase } = state;
  const asked = (requirement?.slots ?? []).flatMap((slot, index) => [slot.from, ...(widened[index] ?? [])]);
  const answered = reviews.map((review) => review.person);
  const tied = [parties.requester, parties.owner, parties.onBehalfOf].filter((one) => one !== null);
  // A hold is ended by auditors, and by none who put it up; whoever has answered before may still be one.
  const done = phase === "held" ? flags.filter((flag) => flag.held).map((flag) => flag.by) : answered;
  return {
    asked: [...new Set(asked)],
    answered: [...new Set(answered)],
    keptOut: [...new Set([...tied, ...(requirement?.excludeGroups ?? []), ...done])],
  };
}

/** What never changes, from the submission and the first entry; the title from what was shown last. */
async function beginningOf(transaction: Transaction, requestId: string) {
  const [first] = await transaction
    .select({ submission: submissions.content, entry: journal.entry })
    .from(submissions)
    .innerJoin(journal, and(eq(journal.requestId, submissions.requestId), eq(journal.seq, 0)))
    .where(eq(submissions.requestId, requestId));
  if (!first) throw new CountersignError("HISTORY_FORKED", `${requestId} has no recorded beginning.`);
  const { submission, entry } = first;
  const { action, requester, onBehalfOf, justification } = submission;
  const who = partiesIn(entry, submission);
  const search = [requestId, action.type, action.target, who.requesterName, justification ?? ""].join("\n");
  const shown = await titleShown(transaction, requestId);
  return {
    id: requestId,
    requester,
    onBehalfOf,
    ...who,
    actionType: action.type,
    target: action.target,
    title: shown ?? plain(`${action.type} on ${action.target}`),
    search: plain(search),
    createdAt: entry.at,
  } satisfies Partial<Row>;
}

function partiesIn({ cause }: JournalEntry, { requester }: Submission) {
  if (cause.kind !== "submitted") return { owner: null, requesterName: requester, ownerName: null, environment: "" };
  const { parties, names, environment } = cause;
  const ownerName = names.owner === null ? null : plain(names.owner);
  return { owner: parties.owner, requesterName: plain(names.requester), ownerName, environment };
}

async function titleShown(transaction: Transaction, requestId: string): Promise<string | null> {
  const rows = await transaction
    .select({ description: evaluations.description })
    .from(evaluations)
    .where(eq(evaluations.requestId, requestId))
    .orderBy(asc(evaluations.seq));
  const shown = rows.flatMap((row) => (row.description === null ? [] : [row.description.preview.title])).at(-1);
  return shown === undefined ? null : plain(shown);
}

/** A text column cannot hold a NUL. */
function plain(text: string): string {
  return text.replaceAll("\0", "\uFFFD");
}
