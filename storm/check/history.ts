/** What the storm writes down while it goes on: nothing here is read from the product's own record. */

/** How a request is meant to go; `rule` is the number by which the storm's policy tells them apart. */
export const COURSES = {
  allowed: { rule: 1001, ends: ["succeeded"] },
  approved: { rule: 1002, ends: ["succeeded"] },
  clicked: { rule: 1002, ends: ["succeeded"] },
  slow: { rule: 1002, ends: ["succeeded"] },
  denied: { rule: 1002, ends: ["denied"] },
  withdrawn: { rule: 1002, ends: ["withdrawn"] },
  held: { rule: 1002, ends: ["succeeded"] },
  contested: { rule: 1002, ends: ["succeeded", "denied"] },
  two: { rule: 1003, ends: ["succeeded"] },
  silent: { rule: 1004, ends: ["expired"] },
  forbidden: { rule: 1005, ends: ["denied"] },
} as const;

export type Course = keyof typeof COURSES;

export type Said = "ask" | "approve" | "deny" | "flag" | "release" | "withdraw" | "click";

/** One call over HTTP: what was asked, when, and what came back. */
export type Call = {
  /** Which request of the storm, by its number. */
  number: number;
  said: Said;
  by: string;
  askedAt: number;
  answeredAt: number;
  /** null: no answer, the connection broke. */
  status: number | null;
  requestId: string | null;
};

export type Disturbance = {
  process: string;
  how: "kill" | "pause";
  at: number;
  /** It took work again. */
  backAt: number;
};

export type Asked = { number: number; course: Course; marker: string };

export type History = {
  asked: Asked[];
  calls: Call[];
  disturbances: Disturbance[];
  startedAt: number;
  endedAt: number;
};
