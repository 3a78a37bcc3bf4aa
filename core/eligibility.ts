import type { AdmittedMessage, Deliberation, Parties } from "./deliberation-types.ts";
import { LIMITS } from "./limits.ts";
import { AUDITORS, type Instant, isPerson, OPERATORS, type PersonId } from "./principal.ts";
import { fits, isFree } from "./quorum.ts";
import { isReasonCode, REASON_CODES, type ReasonCode, reviewerCodes } from "./reason-codes.ts";

/** Why a message is refused; null when it is not. */
export type Refusal = ReasonCode | null;

/** People tied to the request: they asked, own who asked, or it was asked for them. */
export function excludedPeople({ requester, owner, onBehalfOf }: Parties): PersonId[] {
  return [requester, owner, onBehalfOf].filter((one): one is PersonId => one !== null && isPerson(one));
}

export function mayApprove(state: Deliberation, message: AdmittedMessage): Refusal {
  return (
    mayReview(state, message) ??
    approvalReason(message.reason) ??
    followUp(message) ??
    (message.factsDigest === state.factsDigest ? null : "REVIEW_PREVIEW_CHANGED")
  );
}

export function mayDeny(state: Deliberation, message: AdmittedMessage): Refusal {
  return mayReview(state, message) ?? chosenReason(message.reason, message.note) ?? followUp(message);
}

/** Reviewers and auditors may flag; a flag always says why in words. */
export function mayFlag(state: Deliberation, message: AdmittedMessage): Refusal {
  const { reason, note } = flagOf(message);
  const who = isAuditor(message) ? mayJudge(state, message) : mayReview(state, message);
  return who ?? chosenReason(reason, note) ?? (hasText(note) ? null : "REVIEW_NOTE_REQUIRED");
}

export function mayWithdraw(state: Deliberation, { by, groups }: AdmittedMessage): Refusal {
  const { requester, owner } = state.parties;
  if (by === requester || by === owner) return null;
  return isPerson(by) && groups.includes(OPERATORS) ? null : "REVIEW_NOT_ALLOWED";
}

/** Stopping is always the safe direction, so a person who asked may stop as well. */
export function mayStop(state: Deliberation, message: AdmittedMessage): Refusal {
  if (!isPerson(message.by)) return "REVIEW_NOT_A_PERSON";
  if (mayWithdraw(state, message) === null) return null;
  return mayReview(state, message) === null ? null : "REVIEW_NOT_ALLOWED";
}

export function mayExtend(state: Deliberation, message: AdmittedMessage): Refusal {
  const refusal = mayReview(state, message);
  if (refusal) return refusal;
  const { requirement, deadlineAt, openedAt } = state;
  const { extendSeconds } = message;
  if (!requirement || deadlineAt === null) return "REVIEW_NOT_PENDING";
  if (extendSeconds === null || !Number.isInteger(extendSeconds) || extendSeconds < 1) return "REVIEW_NOT_ALLOWED";
  const latest = openedAt + requirement.maxTimeoutSeconds * 1000;
  return deadlineAt + extendSeconds * 1000 > latest ? "REVIEW_EXTENSION_TOO_LONG" : null;
}

/** Release and reject: auditors who did not put up the hold themselves. */
export function mayEndHold(state: Deliberation, message: AdmittedMessage): Refusal {
  const refusal = mayJudge(state, message);
  if (refusal) return refusal;
  if (!isAuditor(message)) return "REVIEW_NOT_ELIGIBLE";
  const flaggers = state.flags.filter((flag) => flag.held).map((flag) => flag.by);
  return flaggers.some((one) => one === message.by) ? "REVIEW_FLAGGER_EXCLUDED" : null;
}

/** What counts is when the person answered, not when the answer was taken. */
export function inTime(message: AdmittedMessage, until: Instant | null): Refusal {
  if (until === null || message.signedAt <= until + LIMITS.clockSkewSeconds * 1000) return null;
  return "REVIEW_AFTER_DEADLINE";
}

/** The flag a message carries: its own when it is one, else the follow-up beside an answer. */
export function flagOf(message: AdmittedMessage): { reason: string | null; note: string | null } {
  if (message.verb !== "flag") return message.flag ?? { reason: null, note: null };
  return { reason: message.reason ?? message.flag?.reason ?? null, note: message.note ?? message.flag?.note ?? null };
}

/** Eligible for some slot, filled or not: an answer more does no harm, and a deny must always be heard. */
function mayReview(state: Deliberation, message: AdmittedMessage): Refusal {
  const refusal = mayJudge(state, message);
  if (refusal) return refusal;
  const { requirement, widened } = state;
  if (!requirement) return "REVIEW_NOT_ELIGIBLE";
  const places = (message.standsFor ?? []).filter((one) => isFree(requirement, one, excludedPeople(state.parties)));
  const groups = [...message.groups, ...places.flatMap((one) => one.groups)];
  const eligible = requirement.slots.some((_, slot) => fits(requirement, widened, slot, groups));
  return eligible ? null : "REVIEW_NOT_ELIGIBLE";
}

/** A person, not tied to the request, not excluded, through a channel the policy accepts. */
function mayJudge(state: Deliberation, { by, via, groups, channel }: AdmittedMessage): Refusal {
  if (!isPerson(by)) return "REVIEW_NOT_A_PERSON";
  const { requester, owner, onBehalfOf } = state.parties;
  const accounts: string[] = [by, via];
  if (accounts.includes(requester) || (onBehalfOf && accounts.includes(onBehalfOf))) return "REVIEW_OWN_REQUEST";
  if (owner && accounts.includes(owner)) return "REVIEW_OWNER_EXCLUDED";
  const { requirement } = state;
  if (!requirement) return null;
  if (groups.some((group) => requirement.excludeGroups.includes(group))) return "REVIEW_EXCLUDED_BY_POLICY";
  return requirement.channels.includes(channel) ? null : "REVIEW_CHANNEL_NOT_ALLOWED";
}

function followUp({ flag }: AdmittedMessage): Refusal {
  if (!flag) return null;
  return chosenReason(flag.reason, flag.note) ?? (hasText(flag.note) ? null : "REVIEW_NOTE_REQUIRED");
}

function chosenReason(reason: string | null, note: string | null): Refusal {
  if (reason === null || reason === "") return "REVIEW_REASON_REQUIRED";
  if (isOrganisationCode(reason)) return null;
  if (!isReasonCode(reason) || !reviewerCodes().includes(reason)) return "REVIEW_REASON_UNKNOWN";
  return REASON_CODES[reason].noteRequired && !hasText(note) ? "REVIEW_NOTE_REQUIRED" : null;
}

/** An approval needs no reason; one that speaks against the action would be a contradiction. */
function approvalReason(reason: string | null): Refusal {
  const fine = reason === null || reason === "REVIEW_APPROVED" || isOrganisationCode(reason);
  return fine ? null : "REVIEW_REASON_UNKNOWN";
}

function isOrganisationCode(reason: string): boolean {
  return /^ORG_[A-Z0-9_]+$/.test(reason);
}

function isAuditor(message: AdmittedMessage): boolean {
  return message.groups.includes(AUDITORS);
}

function hasText(note: string | null): boolean {
  return note !== null && note.trim() !== "";
}
