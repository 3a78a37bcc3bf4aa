import { type Planted, plant } from "./planted.ts";

/** Who may answer and what counts, broken on purpose. */
export const ANSWERS_BROKEN: Planted[] = [
  plant(
    "the owner is not excluded",
    "eligibility.ts",
    'if (owner && accounts.includes(owner)) return "REVIEW_OWNER_EXCLUDED";',
    "",
  ),
  plant("the requester is not excluded", "eligibility.ts", "if (accounts.includes(requester) ||", "if (false ||"),
  plant(
    "exclusion goes by account, not by person",
    "eligibility.ts",
    "const accounts: string[] = [by, via];",
    "const accounts: string[] = [via];",
  ),
  plant(
    "groups that the policy excludes may answer",
    "eligibility.ts",
    'return "REVIEW_EXCLUDED_BY_POLICY";',
    "return null;",
  ),
  plant(
    "delegates may stand for the excluded",
    "quorum.ts",
    "return !excluded.includes(one.person) && !one",
    "return !one",
  ),
  plant(
    "delegates may stand for excluded groups",
    "quorum.ts",
    " && !one.groups.some((group) => requirement.excludeGroups.includes(group));",
    ";",
  ),
  plant("a place counts for every delegate", "delegation.ts", "for (const one of places) taken.add(one.person);", ""),
  plant("a place counts beside its holder", "delegation.ts", "new Set<PersonId>(answered)", "new Set<PersonId>()"),
  plant(
    "slots are counted, not matched",
    "quorum.ts",
    "missing: count - filledBy.length };",
    "missing: count - Math.min(count, people.filter((one) => fits(requirement, widened, slot, one.groups)).length) };",
  ),
  plant(
    "people are seated greedily",
    "quorum.ts",
    "if (current === undefined || place(current, tried)) {",
    "if (current === undefined) {",
  ),
  plant(
    "one approval is enough",
    "quorum.ts",
    "all.every((one) => one.missing === 0)",
    "all.some((one) => one.missing === 0)",
  ),
  plant(
    "whoever may answer one slot may answer each",
    "quorum.ts",
    "group === from || wider.includes(group)",
    "true || group === from || wider.includes(group)",
  ),
  plant(
    "any channel is accepted",
    "eligibility.ts",
    'requirement.channels.includes(channel) ? null : "REVIEW_CHANNEL_NOT_ALLOWED"',
    "null",
  ),
];
