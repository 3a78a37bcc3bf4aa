import type { Block, Modal } from "./blocks.ts";
import { SLACK_LIMITS } from "./limits.ts";
import { plain } from "./text.ts";

/** What a form is for, as `countersign.<what>`: its callback id. */
export const VIEWS = { details: "countersign.details", deny: "countersign.deny", flag: "countersign.flag" } as const;

/** `token` says which request the view is about and whose it is; the caller mints it. */
export function modal(
  view: keyof typeof VIEWS,
  title: string,
  submit: string | null,
  token: string,
  blocks: Block[],
): Modal {
  return {
    type: "modal",
    callback_id: VIEWS[view],
    private_metadata: token,
    title: plain(title, SLACK_LIMITS.viewTitle),
    ...(submit === null ? {} : { submit: plain(submit, SLACK_LIMITS.viewButton) }),
    close: plain(submit === null ? "Close" : "Go back", SLACK_LIMITS.viewButton),
    blocks,
  };
}
