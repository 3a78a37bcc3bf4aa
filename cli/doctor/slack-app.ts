import { createHmac } from "node:crypto";
import type { WebClient } from "@slack/web-api";
import { slackFailure } from "../../channels/slack/failure.ts";
import type { SlackSettings } from "../../config/configuration.ts";
import { literal } from "../../privacy/literal.ts";
import { nextStep, type SlackShell, slackClient } from "../slack-access.ts";
import { type Finding, notChecked, ok, wrong } from "./check.ts";
import { SCOPES } from "./slack-scopes.ts";

/** Does the token work, in the workspace that is configured, and may it do what we need? */
export async function checkToken(web: WebClient, slack: SlackSettings | null): Promise<Finding[]> {
  const check = "bot token";
  let answer: Awaited<ReturnType<WebClient["auth"]["test"]>>;
  try {
    answer = await web.auth.test();
  } catch (error) {
    const failure = slackFailure(error);
    if (failure.kind === "refused") return [wrong(check, `Slack says ${failure.code}`, nextStep(failure))];
    return [
      wrong("Slack", `does not answer: ${failure.code}`, "Check SLACK_API_URL and the way there, then try again."),
    ];
  }
  const { team_id: team, user } = answer;
  if (slack !== null && team !== slack.team) {
    const fix = "Give it the token of the app in that workspace, or correct slack.team in countersign.yaml.";
    return [wrong(check, `is of the workspace ${literal(team ?? "?")}, and slack.team is ${slack.team}`, fix)];
  }
  const found = ok(check, `answers as ${literal(user ?? "?")} in the workspace ${literal(team ?? "?")}`);
  return [found, scopeFinding(answer.response_metadata?.scopes ?? null, slack)];
}

/** Socket Mode: can a socket be opened? HTTP: does our address take what Slack signs, and nothing else? */
export async function checkInbound(shell: SlackShell): Promise<Finding[]> {
  const { appToken, signingSecret, publicUrl } = shell;
  if (appToken !== null && signingSecret !== null) {
    const fix =
      "Keep SLACK_SIGNING_SECRET for HTTP or SLACK_APP_TOKEN for Socket Mode; the API does not start with both.";
    return [wrong("way in", "a signing secret and an app token are both set", fix)];
  }
  if (appToken !== null) return [await checkSocket(appToken, shell.apiUrl)];
  if (signingSecret === null) return [notChecked("way in", "set SLACK_SIGNING_SECRET or SLACK_APP_TOKEN")];
  if (publicUrl === null) return [notChecked("request URL", "set COUNTERSIGN_PUBLIC_URL")];
  return checkRequestUrl(`${publicUrl}/slack/events`, signingSecret);
}

function scopeFinding(given: string[] | null, slack: SlackSettings | null): Finding {
  if (given === null) return notChecked("scopes", "this Slack does not say which scopes the token has");
  const missing = SCOPES.filter(({ scope, needed }) => (slack === null || needed(slack)) && !given.includes(scope));
  if (missing.length === 0) return ok("scopes", "everything that is needed");
  const list = missing.map(({ scope, why }) => `${scope} (${why})`).join(", ");
  return wrong("scopes", `missing: ${list}`, "Add them under OAuth & Permissions and install the app again.");
}

async function checkSocket(appToken: string, apiUrl: string): Promise<Finding> {
  try {
    await slackClient(appToken, apiUrl).apps.connections.open();
    return ok("socket", "Slack opens one for the app token");
  } catch (error) {
    const { code } = slackFailure(error);
    const fix = "Switch Socket Mode on and make an app-level token with the scope connections:write.";
    return wrong("socket", `Slack says ${literal(code)}`, fix);
  }
}

/** As Slack checks an address when it is typed in, once with a signature and once without. */
async function checkRequestUrl(url: string, secret: string): Promise<Finding[]> {
  const check = "request URL";
  const challenge = "countersign-doctor";
  const body = JSON.stringify({ type: "url_verification", challenge });
  const time = String(Math.floor(Date.now() / 1000));
  const mac = createHmac("sha256", secret).update(`v0:${time}:${body}`).digest("hex");
  const signed = await post(url, body, { "x-slack-request-timestamp": time, "x-slack-signature": `v0=${mac}` });
  if (signed === null) {
    const fix = "Start the API with SLACK_* set, and let Slack reach COUNTERSIGN_PUBLIC_URL; or use Socket Mode.";
    return [wrong(check, `nothing answers at ${url}`, fix)];
  }
  if (signed.status === 401 || signed.status === 403) {
    const fix = "Give the API the signing secret of this app; and let its clock follow NTP.";
    return [wrong(check, `${url} does not take what our signing secret signs (${signed.status})`, fix)];
  }
  if (signed.status !== 200 || !signed.text.includes(challenge)) {
    const fix = "Is this the Countersign API, with SLACK_* set, and does nothing on the way change the body?";
    return [wrong(check, `${url} answers ${signed.status} with something else`, fix)];
  }
  const unsigned = await post(url, body, {});
  if (unsigned === null || unsigned.status < 400) {
    const fix = "Something before the API answers in its place: let it pass the call on as it comes.";
    return [wrong(check, `${url} takes what nobody has signed`, fix)];
  }
  return [ok(check, `${url} takes what Slack signs, and nothing else`)];
}

async function post(url: string, body: string, headers: Record<string, string>) {
  try {
    const answer = await fetch(url, {
      ...{ method: "POST", body, redirect: "manual", signal: AbortSignal.timeout(5_000) },
      headers: { "content-type": "application/json", ...headers },
    });
    return { status: answer.status, text: await answer.text() };
  } catch {
    return null;
  }
}
