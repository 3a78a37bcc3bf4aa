import type { EventPage, EventView } from "../api/contract/event.ts";
import type { ExplanationView } from "../api/contract/explanation.ts";
import type { RenderList, RenderView } from "../api/contract/render.ts";
import type { RequestPage, RequestView } from "../api/contract/request.ts";
import type { Connection } from "./connection.ts";
import { usage } from "./exit-codes.ts";

/** The calls that only read, for every command that shows something. */

export async function readRequest({ transport }: Connection, id: string): Promise<RequestView> {
  return (await transport.insist({ method: "GET", path: pathOf(id) }, soon())) as RequestView;
}

export async function readExplanation({ transport }: Connection, id: string): Promise<ExplanationView> {
  return (await transport.insist({ method: "GET", path: `${pathOf(id)}/explanation` }, soon())) as ExplanationView;
}

export async function readPage(
  { transport }: Connection,
  query: { [name: string]: string | number | undefined },
): Promise<RequestPage> {
  return (await transport.insist({ method: "GET", path: "/v1/requests", query }, soon())) as RequestPage;
}

/** All of a request's audit events, page by page. */
export async function readEvents({ transport }: Connection, id: string): Promise<EventView[]> {
  const events: EventView[] = [];
  let after: string | undefined;
  do {
    const query = { after };
    const page = (await transport.insist({ method: "GET", path: `${pathOf(id)}/events`, query }, soon())) as EventPage;
    events.push(...page.items);
    after = page.nextCursor ?? undefined;
  } while (after !== undefined);
  return events;
}

export async function readRenders({ transport }: Connection, id: string): Promise<RenderList> {
  return (await transport.insist({ method: "GET", path: `${pathOf(id)}/renders` }, soon())) as RenderList;
}

export async function readRender({ transport }: Connection, id: string, messageId: string): Promise<RenderView> {
  const path = `${pathOf(id)}/renders/${encodeURIComponent(messageId)}`;
  return (await transport.insist({ method: "GET", path }, soon())) as RenderView;
}

function pathOf(id: string): string {
  if (!/^req_[A-Za-z0-9_-]{1,100}$/.test(id)) throw usage(`"${id}" is not a request id.`, "It begins with req_.");
  return `/v1/requests/${id}`;
}

/** A person waits at the terminal: try again for a few seconds, then say that nobody answers. */
function soon(): { giveUpAt: number } {
  return { giveUpAt: Date.now() + 5_000 };
}
