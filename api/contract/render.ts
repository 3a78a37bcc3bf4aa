import { z } from "zod";
import { CHANNELS, VERBS } from "../../core/message.ts";
import { DigestText, Named, Time } from "./primitives.ts";

/** What was in front of somebody who answered, as the renderer was given it. */
export const RenderView = z
  .object({
    requestId: z.string(),
    messageId: z.string(),
    verb: z.enum(VERBS),
    /** The account or person that answered. */
    principal: z.string(),
    channel: z.enum(CHANNELS),
    /** Where it was shown: our id of the surface, the conversation and the message in it. */
    surface: z.string(),
    conversation: z.string().nullable(),
    message: z.string().nullable(),
    /** The digest of what was shown, as it was signed with the answer. */
    shown: DigestText,
    /** Name and version of the renderer that drew it. */
    renderer: z.string(),
    /** What it was drawn from. Drawing it again gives exactly what was shown. */
    drawing: z.object({ kind: z.string(), input: z.unknown() }),
    shownAt: Time,
    answeredAt: Time,
  })
  .meta({ id: "Render" });
export type RenderView = z.output<typeof RenderView>;

/** Answers of which it is kept what was shown. */
export const RenderList = z
  .object({
    items: z.array(
      z.object({
        messageId: z.string(),
        verb: z.enum(VERBS),
        /** Whose account it was. */
        by: Named.nullable(),
        principal: z.string(),
        channel: z.enum(CHANNELS),
        shown: DigestText,
        answeredAt: Time,
      }),
    ),
  })
  .meta({ id: "RenderList" });
export type RenderList = z.output<typeof RenderList>;
