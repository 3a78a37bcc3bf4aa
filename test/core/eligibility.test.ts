import { describe, expect, it } from "vitest";
import { step } from "../../core/deliberation.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Verb } from "../../core/message.ts";
import { at, DATA, held, pending, reached, SECURITY, say, says, starting } from "./fixture.ts";

const when = at(1000);
const codeOf = (verb: Verb, by: `person:${string}` | `agent:${string}`, tweak = {}, state = pending()) =>
  say(state, verb, by, when, tweak).answer?.code;

describe("who cannot answer", () => {
  it.each(["approve", "deny", "flag", "extend"] as const)("%s: neither owner, nor the one it is for", (verb) => {
    expect(codeOf(verb, "person:owner")).toBe("REVIEW_OWNER_EXCLUDED");
    expect(codeOf(verb, "person:asker")).toBe("REVIEW_OWN_REQUEST");
  });

  it("the requester cannot approve, when the requester is a person", () => {
    const state = { ...pending(), parties: { requester: "person:ana" as const, owner: null, onBehalfOf: null } };
    expect(codeOf("approve", "person:ana", {}, state)).toBe("REVIEW_OWN_REQUEST");
  });

  it("a second account of the owner cannot approve", () => {
    expect(codeOf("approve", "person:owner", { via: "person:owner2" })).toBe("REVIEW_OWNER_EXCLUDED");
    expect(codeOf("approve", "person:ana", { via: "person:owner" })).toBe("REVIEW_OWNER_EXCLUDED");
  });

  it("an agent cannot review, stop or release, and withdraws only its own request", () => {
    for (const verb of ["approve", "deny", "flag", "extend"] as const) {
      expect(codeOf(verb, "agent:etl", { groups: [DATA] })).toBe("REVIEW_NOT_A_PERSON");
    }
    expect(codeOf("stop", "agent:etl", {}, starting())).toBe("REVIEW_NOT_A_PERSON");
    expect(codeOf("release", "agent:etl", { groups: ["group:auditors"] }, held())).toBe("REVIEW_NOT_A_PERSON");
    expect(codeOf("withdraw", "agent:other", { groups: ["group:operators"] })).toBe("REVIEW_NOT_ALLOWED");
  });

  it("somebody in none of the groups is not eligible, an operator included", () => {
    expect(codeOf("approve", "person:nobody")).toBe("REVIEW_NOT_ELIGIBLE");
    expect(codeOf("approve", "person:ops")).toBe("REVIEW_NOT_ELIGIBLE");
    expect(codeOf("deny", "person:aud")).toBe("REVIEW_NOT_ELIGIBLE");
  });

  it("a group the policy excludes cannot answer, even with the right group beside it", () => {
    const state = pending({ excludeGroups: [SECURITY] });
    expect(codeOf("approve", "person:dia", {}, state)).toBe("REVIEW_EXCLUDED_BY_POLICY");
  });

  it("only through a channel the policy accepts", () => {
    const state = pending({ channels: ["page"] });
    expect(codeOf("approve", "person:ana", { channel: "api" }, state)).toBe("REVIEW_CHANNEL_NOT_ALLOWED");
    expect(codeOf("approve", "person:ana", { channel: "page" }, state)).toBe("REVIEW_REQUIREMENT_MET");
  });

  it("an outsider can neither withdraw nor stop", () => {
    expect(codeOf("withdraw", "person:ana")).toBe("REVIEW_NOT_ALLOWED");
    expect(codeOf("stop", "person:nobody", {}, starting())).toBe("REVIEW_NOT_ALLOWED");
  });
});

describe("what an answer needs", () => {
  it.each(["deny", "flag"] as const)("%s needs a reason code a reviewer may choose", (verb) => {
    expect(codeOf(verb, "person:ana", { reason: null })).toBe("REVIEW_REASON_REQUIRED");
    expect(codeOf(verb, "person:ana", { reason: "POLICY_DENIED" })).toBe("REVIEW_REASON_UNKNOWN");
    expect(codeOf(verb, "person:ana", { reason: "toString" })).toBe("REVIEW_REASON_UNKNOWN");
    expect(codeOf(verb, "person:ana", { reason: "ORG_TICKET_MISSING" })).toBe("ORG_TICKET_MISSING");
  });

  it("some codes need a note, and a flag always does", () => {
    expect(codeOf("deny", "person:ana", { reason: "REVIEW_UNSAFE", note: null })).toBe("REVIEW_UNSAFE");
    expect(codeOf("deny", "person:ana", { reason: "REVIEW_OTHER", note: "  " })).toBe("REVIEW_NOTE_REQUIRED");
    expect(codeOf("deny", "person:ana", { reason: "REVIEW_SUSPICIOUS", note: null })).toBe("REVIEW_NOTE_REQUIRED");
    expect(codeOf("flag", "person:ana", { reason: "REVIEW_UNSAFE", note: null })).toBe("REVIEW_NOTE_REQUIRED");
    const flag = { reason: "REVIEW_UNSAFE", note: "" };
    expect(codeOf("approve", "person:ana", { flag })).toBe("REVIEW_NOTE_REQUIRED");
  });

  it("names exactly this action, and for an approval exactly these facts", () => {
    expect(codeOf("approve", "person:ana", { digest: "sha256:other" })).toBe("REVIEW_DIGEST_CHANGED");
    expect(codeOf("withdraw", "agent:etl", { digest: "sha256:other" })).toBe("REVIEW_DIGEST_CHANGED");
    expect(codeOf("approve", "person:ana", { factsDigest: "sha256:old" })).toBe("REVIEW_PREVIEW_CHANGED");
    expect(codeOf("approve", "person:ana", { factsDigest: null })).toBe("REVIEW_PREVIEW_CHANGED");
    expect(codeOf("deny", "person:ana", { factsDigest: "sha256:old" })).toBe("REVIEW_UNSAFE");
  });

  it("a refused message changes nothing and is told once", () => {
    const state = pending();
    const refused = say(state, "approve", "person:nobody", when);
    expect(refused.state).toBe(state);
    expect(refused.happened).toMatchObject([
      { type: "review.refused", by: "person:nobody", reasons: [{ code: "REVIEW_NOT_ELIGIBLE" }] },
    ]);
  });

  it("a message whose verb is not the one it is delivered as is refused", () => {
    const event = { ...says("approve", "person:ana", when), kind: "deny" as const };
    expect(step(pending(), event, when).answer?.recorded).toBe(false);
  });
});

describe("the same message", () => {
  it("twice is one event, and is told how things stand", () => {
    const message = says("approve", "person:ana", when);
    const once = step(pending(), message, when);
    const twice = step(once.state, message, at(2000));
    expect(twice).toEqual({
      state: once.state,
      answer: { recorded: true, code: "REVIEW_REQUIREMENT_MET" },
      effects: [],
      happened: [],
    });
  });

  it("is one event also after the end", () => {
    const message = says("deny", "person:ana", when);
    const ended = step(pending(), message, when).state;
    expect(step(ended, message, when).answer).toEqual({ recorded: true, code: "REVIEW_UNSAFE" });
    expect(say(ended, "approve", "person:ben", when).answer?.code).toBe("REVIEW_ALREADY_DECIDED");
  });

  it("sent while it is being settled is not called recorded before it is", () => {
    const message = says("deny", "person:ben", when);
    const settling = reached(starting(), [message, when]);
    expect(step(settling, message, when).answer).toEqual({ recorded: false, code: "REVIEW_BUSY" });
  });
});

describe("too many messages", () => {
  const full = () => ({ ...pending(), seen: Array.from({ length: LIMITS.messagesPerRequest }, (_, i) => `old-${i}`) });

  it("are refused", () => {
    expect(codeOf("approve", "person:ana", {}, full())).toBe("REVIEW_TOO_MANY");
    expect(codeOf("extend", "person:ana", {}, full())).toBe("REVIEW_TOO_MANY");
  });

  it("never keep anybody from saying no", () => {
    expect(codeOf("deny", "person:ana", {}, full())).toBe("REVIEW_UNSAFE");
    expect(codeOf("withdraw", "agent:etl", {}, full())).toBe("REVIEW_WITHDRAWN");
  });
});
