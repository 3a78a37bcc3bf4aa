import type { RequestView } from "../../api/contract/request.ts";
import { renderHead, renderRequirement } from "../render-request.ts";
import { styled } from "../terminal.ts";
import type { TemporalPlace } from "./servers.ts";
import type { Place } from "./start.ts";

export type Links = {
  /** The request's page, signing in on the way; by the name of whom it signs in. */
  pages: { name: string; url: string }[];
  temporal: string | null;
  docs: string;
  /** The double's page, and whom to act as there, one after the other. */
  slack: { people: string[]; url: string } | null;
};

/** The workflow's own page: an id leads to its newest run. */
export function workflowUrl({ uiUrl, namespace }: TemporalPlace, requestId: string): string | null {
  if (uiUrl === null) return null;
  return `${uiUrl}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(requestId)}`;
}

/** Where Temporal's UI sends payloads to be read in clear; the secret in it works from this machine only. */
export function codecEndpoint(apiUrl: string, token: string): string {
  return `${apiUrl}/codec/${token}`;
}

/** One page link for each slot that is open, signing in somebody who can fill it. */
export async function linksOf(request: RequestView, place: Place): Promise<Links> {
  const names = new Set<string>();
  for (const slot of request.requirement?.slots ?? []) {
    const candidates = [slot.from, ...slot.widenedTo].flatMap((group) => place.members(group));
    const free = candidates.find((name) => !names.has(name)) ?? candidates[0];
    if (slot.missing > 0 && free !== undefined) names.add(free);
  }
  const pages: Links["pages"] = [];
  for (const name of names) {
    const link = await place.credentials.signInLink(`person:${name}`);
    pages.push({ name, url: `${link}&next=${encodeURIComponent(new URL(request.reviewUrl).pathname)}` });
  }
  const slack = place.slack === null ? null : { url: place.slack.url, people: [...names].map(place.slack.called) };
  return { pages, slack, temporal: workflowUrl(place.temporal, request.id), docs: `${place.apiUrl}/docs` };
}

/** What a person does next, on the page or here. */
export function renderLinks(request: RequestView, found: boolean, links: Links): string[] {
  return [
    "",
    styled("bold", found ? "This request was pending before and still is:" : "The demo's agent asked:"),
    ...renderHead(request),
    ...renderRequirement(request, Date.now()),
    "",
    ...links.pages.map(({ name, url }) => `${`Answer as ${name}`.padEnd(18)} ${styled("cyan", url)}`),
    ...(links.slack === null
      ? []
      : [
          `${"In Slack (double)".padEnd(18)} ${styled("cyan", links.slack.url)}`,
          `${"".padEnd(18)} choose ${links.slack.people.join(", then ")} at "Act as", at the top; press a button of the card, or type /approvals help`,
        ]),
    ...(links.temporal === null ? [] : [`${"In Temporal".padEnd(18)} ${styled("cyan", links.temporal)}`]),
    `${"API docs".padEnd(18)} ${styled("cyan", links.docs)}`,
    ...links.pages.map(
      ({ name }) => `${"Or here".padEnd(18)} npm run countersign -- review ${request.id} approve --as ${name}`,
    ),
    "",
  ];
}
