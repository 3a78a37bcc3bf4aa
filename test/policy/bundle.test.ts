import { expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { allow, compile, deny, policy, review } from "./fixture.ts";

const text = policy([deny("a", 'data.labels.exists(l, l == "x")'), review("b"), allow("c", "data.rows < 10")]);
const digest = (...texts: string[]) => compile(...texts).policyDigest;

test("comments, quoting, indentation and the order of keys leave no trace in the digest", () => {
  const json = parse(text) as { [key: string]: unknown };
  const turned = Object.fromEntries(Object.entries(json).reverse());
  const others = [
    `# a comment\n${text}`,
    JSON.stringify(json),
    stringify(turned, { defaultStringType: "QUOTE_DOUBLE", indent: 4 }),
    stringify(json, { collectionStyle: "flow" }),
  ];
  for (const other of others) expect(digest(other)).toBe(digest(text));
});

test("what is said in another way is the same", () => {
  expect(digest(text.replace("4h", "240m"))).toBe(digest(text));
});

test("the order of rules and of files leaves no trace in the digest", () => {
  const other = policy([deny("d")], {}, "other");
  expect(digest(text, other)).toBe(digest(other, text));
  expect(digest(policy([review("b"), deny("a")]))).toBe(digest(policy([deny("a"), review("b")])));
});

test("whatever changes what a policy says changes the digest", () => {
  const changes = [
    ["4h", "5h"],
    ['"x"', '"y"'],
    ["rows < 10", "rows < 11"],
    ["POLICY_DENIED", "BULK_EXPORT"],
    ["group:reviewers", "group:security"],
    ["name: test", "name: test2"],
  ];
  const all = [text, ...changes.map(([from = "", to = ""]) => text.replace(from, to))];
  expect(new Set(all.map((one) => digest(one))).size).toBe(all.length);
});
