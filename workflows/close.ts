import { allHandlersFinished, condition } from "@temporalio/workflow";
import type { Deliberation } from "../core/deliberation-types.ts";
import type { Inbox } from "./inbox.ts";

/** Answers whatever is left or still arrives, so that nobody waits for a workflow that has ended. */
export async function closeInbox(inbox: Inbox, state: Deliberation | null): Promise<void> {
  for (;;) {
    for (let item = inbox.take(); item !== null; item = inbox.take()) {
      if (item.kind !== "message") continue;
      const again = state?.seen.includes(item.signed.content.id) ?? false;
      const code = again ? (state?.outcome?.status ?? "ended") : "REVIEW_ALREADY_DECIDED";
      item.answer({ recorded: again, code });
    }
    if (allHandlersFinished()) return;
    await condition(() => inbox.size > 0 || allHandlersFinished());
  }
}
