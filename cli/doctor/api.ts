import type { HealthView } from "../../api/contract/me.ts";
import { LIMITS } from "../../core/limits.ts";
import { literal } from "../../privacy/literal.ts";
import { clockFinding, type Finding, notChecked, ok, type Surroundings, wrong } from "./check.ts";

/** Does the API answer, is what it stands on there, and does its clock agree with ours? */
export async function checkApi({ apiUrl, now }: Surroundings): Promise<Finding[]> {
  if (apiUrl === null) return [notChecked("API", "set COUNTERSIGN_URL or pass --url")];
  let response: Response;
  try {
    response = await fetch(`${apiUrl.replace(/\/+$/, "")}/readyz`, { signal: AbortSignal.timeout(5_000) });
  } catch {
    return [wrong("API", `nothing answers at ${apiUrl}`, "Start the API, or correct COUNTERSIGN_URL.")];
  }
  const date = Date.parse(response.headers.get("date") ?? "");
  const clock = Number.isNaN(date) ? [] : [clockFinding("API clock", date, now(), LIMITS.clockSkewSeconds)];
  return [ok("API", `answers at ${apiUrl}`), ...(await readiness(response)), ...clock];
}

async function readiness(response: Response): Promise<Finding[]> {
  const health = (await response.json().catch(() => null)) as Partial<HealthView> | null;
  if (health === null || typeof health.checks !== "object") {
    return [
      wrong("API ready", `/readyz answered ${response.status} with something else`, "Is this the Countersign API?"),
    ];
  }
  return Object.entries(health.checks).map(([name, check]) =>
    check.ok
      ? ok(`API: ${literal(name)}`, literal(check.detail ?? "ready"))
      : wrong(`API: ${literal(name)}`, literal(check.detail ?? "not ready"), "The API's log says more."),
  );
}
