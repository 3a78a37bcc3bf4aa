import { actionSchemaOf } from "../actions/catalogue.ts";
import { type Configuration, configurationAsOf, executorQueue, targetOf } from "../config/configuration.ts";
import type { Delegation } from "../core/delegation.ts";
import { CountersignError } from "../core/errors.ts";
import { agentOf, isPerson } from "../core/principal.ts";
import type { Signed, Submission } from "../core/request.ts";
import { actionDigest } from "../crypto/digest.ts";
import type { Verifier } from "../crypto/types.ts";
import { delegationsUntil } from "../db/delegations.ts";
import type { WorkflowsContext } from "./context.ts";
import { holds, senderOf } from "./sender.ts";
import { standsForOf } from "./stand-in.ts";
import { partiesOf, rosterOf, standingOf } from "./standing.ts";
import { surfaceProblem } from "./surface-problem.ts";
import type { AdmitMessageInput, LocalActivities, MessageAdmission, SubmissionAdmission } from "./types.ts";

export function createAdmit(context: WorkflowsContext): Pick<LocalActivities, "admitSubmission" | "admitMessage"> {
  return {
    async admitSubmission(signed) {
      const { configuration } = await context.inForce();
      const problem = await submissionProblem(signed, configuration, context.verifier(configuration));
      if (problem !== null) return problem;
      return submissionStanding(signed.content, configuration, context.heartbeatSeconds);
    },
    async admitMessage(input) {
      const { configuration } = await context.inForce();
      const verifier = context.verifier(configuration);
      const { content } = input.signed;
      const refuse = (code: string) => ({ ok: false as const, code, by: String(content.principal).slice(0, 200) });
      // Before anything of it is used: what nobody signed may be of any shape, and a failure is tried again for ever.
      if (!(await holds("message", input.signed, verifier))) return refuse("REVIEW_SIGNATURE_INVALID");
      const stale = await surfaceProblem(context.db, content);
      if (stale !== null) return refuse(stale);
      const delegations = await delegationsUntil(context.db, content.signedAt);
      return admitMessage(input, configuration, verifier, delegations);
    },
  };
}

/** Used by the workflow's admission and by the gate: signature, digest, requester, target, action. */
export async function submissionProblem(
  signed: Signed<Submission>,
  configuration: Configuration,
  verifier: Verifier,
): Promise<(SubmissionAdmission & { ok: false }) | null> {
  const refuse = (code: string, detail: string) => ({ ok: false as const, code, detail });
  try {
    const { keyId } = await verifier.verify("submission", signed);
    const owner = programOf(configuration, keyId);
    if (owner !== null && owner !== signed.content.requester) {
      return refuse("SIGNATURE_INVALID", "a program's key signs for that program only");
    }
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    return refuse(error.code, error.detail);
  }
  const { action, digest, requester } = signed.content;
  if (actionDigest(action) !== digest) return refuse("SIGNATURE_INVALID", "the digest is not the action's");
  const standing = standingOf(configuration, requester);
  if (!standing.ok) return refuse("FORBIDDEN", "the requester is not active in the directory");
  const schema = actionSchemaOf(action.type);
  if (schema === null) return refuse("ACTION_UNKNOWN", "no such action type");
  const target = targetOf(configuration, action.target);
  if (target === null || target.kind !== schema.targetKind) return refuse("TARGET_UNKNOWN", "no such target");
  const settings = configuration.agents.find((agent) => agent.id === requester);
  if (settings && !allows(settings.actions, action.type)) return refuse("FORBIDDEN", "not an action of this agent");
  if (settings && !allows(settings.targets, action.target)) return refuse("FORBIDDEN", "not a target of this agent");
  if (!schema.arguments.safeParse(action.arguments).success) {
    return refuse("ARGUMENTS_INVALID", "the arguments do not fit the action");
  }
  return null;
}

/** Signature and identity of one message; the workflow's admission and the gate call it alike. */
export async function admitMessage(
  { signed, identification, requestId, openedAt, reviewers, groups }: AdmitMessageInput,
  inForce: Configuration,
  verifier: Verifier,
  delegations: Signed<Delegation>[],
): Promise<MessageAdmission> {
  const message = signed.content;
  const refuse = (code: string) => ({ ok: false as const, code, by: String(message.principal).slice(0, 200) });
  if (message.requestId !== requestId || !(await holds("message", signed, verifier))) {
    return refuse("REVIEW_SIGNATURE_INVALID");
  }
  const configuration = configurationAsOf(inForce, openedAt);
  const sender = await senderOf(message, identification, configuration, verifier);
  if (!sender.ok) return refuse(sender.code);
  const standing = standingOf(configuration, sender.principal);
  if (!standing.ok) return refuse(standing.code);
  const person = isPerson(standing.by) ? standing.by : null;
  const standsFor =
    person === null ? [] : await standsForOf(delegations, { configuration, verifier }, person, message.signedAt);
  const known = [...reviewers, ...(person === null ? [] : [person]), ...standsFor.map((one) => one.person)];
  const { id, verb, flag, reason, note, extendSeconds, digest, factsDigest, channel, signedAt, principal } = message;
  return {
    ok: true,
    message: {
      ...{ id, verb, flag, reason, note, extendSeconds, digest, factsDigest, channel, signedAt },
      ...{ by: standing.by, via: principal, name: standing.name, groups: standing.groups },
      ...(standsFor.length === 0 ? {} : { standsFor }),
      ...(identification === null || identification.content.off.length === 0
        ? {}
        : { off: identification.content.off }),
    },
    roster: rosterOf(configuration, groups, known),
  };
}

function submissionStanding(
  submission: Submission,
  configuration: Configuration,
  heartbeatSeconds: number,
): SubmissionAdmission & { ok: true } {
  const { requester, onBehalfOf, action } = submission;
  const target = targetOf(configuration, action.target);
  const schema = actionSchemaOf(action.type);
  if (target === null || schema === null) throw new CountersignError("TARGET_UNKNOWN", action.target);
  const parties = partiesOf(configuration, requester, onBehalfOf);
  const owner = configuration.directory.people.find((person) => person.id === parties.owner);
  const name = standingOf(configuration, requester);
  return {
    ok: true,
    parties,
    environment: target.environment,
    executorQueue: executorQueue(target.environment),
    maxRunSeconds: schema.maxRunSeconds,
    heartbeatSeconds,
    names: { requester: name.ok ? name.name : requester, owner: owner?.name ?? null },
  };
}

function programOf({ agents, directory }: Configuration, keyId: string): string | null {
  const agent = agents.find(({ keys }) => keys.some((key) => key.id === keyId));
  return agent ? (agentOf(directory, agent.id)?.id ?? agent.id) : null;
}

function allows(list: string[], name: string): boolean {
  return list.length === 0 || list.includes(name);
}
