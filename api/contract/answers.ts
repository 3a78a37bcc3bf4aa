import { Problem } from "./problem.ts";

/** What every call may answer beside its own. */
export const PROBLEMS = {
  default: {
    description: "Every error, as problem+json (RFC 9457).",
    content: { "application/problem+json": { schema: Problem } },
  },
};

export const BEARER = [{ bearer: [] }];
