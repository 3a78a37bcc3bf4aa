/** What one look found. `not checked` is neither good nor bad: what it needs was not given. */
export type Finding =
  | { check: string; result: "ok"; detail: string }
  | { check: string; result: "wrong"; detail: string; fix: string }
  | { check: string; result: "not checked"; detail: string };

/** What the checks look at; each from the environment, or from a running `npm start`. */
export type Surroundings = {
  apiUrl: string | null;
  databaseUrl: string | null;
  temporal: { address: string; namespace: string } | null;
  trustFile: string | null;
  signingKeyFiles: string[];
  payloadKeyringFile: string | null;
  now: () => number;
};

export function ok(check: string, detail: string): Finding {
  return { check, result: "ok", detail };
}

export function wrong(check: string, detail: string, fix: string): Finding {
  return { check, result: "wrong", detail, fix };
}

export function notChecked(check: string, detail: string): Finding {
  return { check, result: "not checked", detail };
}

/** A clock that is further off than this refuses answers given just before a deadline. */
export function clockFinding(check: string, theirs: number, ours: number, allowedSeconds: number): Finding {
  const seconds = Math.abs(theirs - ours) / 1000;
  const detail = `${seconds.toFixed(1)} s apart from this machine`;
  // Both clocks are read to the second, and the call takes time too.
  if (seconds <= allowedSeconds + 1) return ok(check, detail);
  return wrong(check, `${detail}; at most ${allowedSeconds} s are tolerated`, "Let both machines follow NTP.");
}
