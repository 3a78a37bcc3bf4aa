import { allHandlersFinished, condition } from "@temporalio/workflow";
import type { Deliberation } from "../core/deliberation-types.ts";
import type { Inbox } from "./inbox.ts";

/** Answers whatever is left or still arrives, so that nobody waits for a workflow that has ended. */
export async function closeInbox(inbox: Inbox, state: Deliberation | null): Promise<void> {
  for (;;) {
    for (let item = inbox.take(); item !== null; item = inbox.take()) {
      const message = item.kind === "identified" ? item.item : item;
      if (message.kind !== "message") continue;
      const again = state?.seen.includes(message.signed.content.id) ?? false;
      const code = again ? (state?.outcome?.status ?? "ended") : "REVIEW_ALREADY_DECIDED";
      message.answer({ recorded: again, code });
    }
    if (allHandlersFinished()) return;
    await condition(() => inbox.size > 0 || allHandlersFinished());
  }
}
