/**
 * The storm's policy, said a second time and by hand, so that the checker owes nothing to the code it checks.
 * Who may fill which place, by rule; one person fills one place; nobody who asked or answers for it counts.
 */
const OWNERS = ["person:alice", "person:bob"];
const PROTECTION = ["person:bob", "person:carol"];

const PLACES: { [rule: number]: string[][] } = { 1001: [], 1002: [OWNERS], 1003: [OWNERS, PROTECTION], 1004: [OWNERS] };

/** What cannot run at all has no places. */
export function placesOf(rule: number): string[][] | null {
  return PLACES[rule] ?? null;
}

/** Can these people fill every place, each at most one of them? */
export function fills(places: string[][], people: ReadonlySet<string>): boolean {
  const [place, ...rest] = places;
  if (place === undefined) return true;
  return place.some((person) => people.has(person) && fills(rest, without(people, person)));
}

function without(people: ReadonlySet<string>, person: string): Set<string> {
  return new Set([...people].filter((one) => one !== person));
}

/** Accounts of the chat, by the person they belong to. */
const ACCOUNTS: { [account: string]: string } = {
  "slack:T0DOUBLE1/U0ALICE01": "person:alice",
  "slack:T0DOUBLE1/U0BOB0001": "person:bob",
  "slack:T0DOUBLE1/U0CAROL01": "person:carol",
};

export function personOf(principal: string): string {
  return ACCOUNTS[principal] ?? principal;
}
