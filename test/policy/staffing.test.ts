import { expect, test } from "vitest";
import type { Directory, GroupId, PersonId } from "../../core/principal.ts";
import { staffingFindings } from "../../policy/staffing.ts";
import { compile, policy, review, TYPE } from "./fixture.ts";

type Name = [name: string, groups: string[], sameAs?: string];

function directory(people: Name[], owner: string): Directory {
  return {
    groups: [],
    people: people.map(([name, groups, sameAs]) => ({
      id: `person:${name}`,
      name,
      email: null,
      groups: groups.map((group): GroupId => `group:${group}`),
      active: true,
      sameAs: sameAs === undefined ? null : (`person:${sameAs}` as PersonId),
      accounts: [],
    })),
    agents: [{ id: "agent:bot", name: "bot", owner: `person:${owner}`, groups: [], active: true }],
  };
}

const two = [{ from: "group:data-owners" }, { from: "group:data-protection" }];
const told = (people: Name[], owner: string, fields: object = { approvals: two }) =>
  staffingFindings(
    compile(policy([review("a", undefined, fields as { [field: string]: unknown })])),
    [TYPE],
    directory(people, owner),
  ).map((finding) => finding.message);

const alice: Name = ["alice", ["data-owners"]];
const carol: Name = ["carol", ["data-protection"]];
const both: Name = ["bob", ["data-owners", "data-protection"]];

test("a review that two different people can fill is fine", () => {
  expect(told([alice, carol], "dana")).toEqual([]);
});

test("one person in two groups does not fill two slots", () => {
  expect(told([both], "dana")).toEqual([expect.stringContaining("not enough different people")]);
});

test("a second account is not a second person", () => {
  expect(told([both, ["bob-private", ["data-owners"], "bob"]], "dana")).toHaveLength(1);
});

test("an agent whose owner is the only reviewer could never be approved", () => {
  expect(told([alice, carol], "carol")).toEqual([expect.stringContaining("when agent:bot asks")]);
});

test("people who come in by escalation count", () => {
  const escalate = [{ after: "1h", to: "group:security" }];
  const approvals = [{ from: "group:data-owners", escalate }];
  expect(told([["grace", ["security"]]], "dana", { approvals })).toEqual([]);
});

test("people of an excluded group do not count", () => {
  const people: Name[] = [["alice", ["data-owners", "security"]]];
  expect(
    told(people, "dana", { approvals: [{ from: "group:data-owners" }], exclude: ["group:security"] }),
  ).toHaveLength(1);
});
