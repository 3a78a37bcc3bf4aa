import { z } from "zod";
import { LIMITS } from "../../core/limits.ts";

/** What we read of what Slack sends; every other field stays unseen. */
export type Payload = ButtonPayload | SubmissionPayload | CommandPayload | HomePayload;

/** null: nothing we know. */
export function payloadOf(body: unknown): Payload | null {
  const parsed = Body.safeParse(body);
  return parsed.success ? parsed.data : null;
}

const id = z.string().min(1).max(50);
const ts = z.string().regex(/^\d{1,20}(\.\d{1,20})?$/);
const url = z.string().max(1000);
/** A trigger is there with whatever a person does, and lives 3 seconds. */
const triggerId = z.string().min(1).max(200);
const token = z.string().max(2000);

/** Present, and null for an app that a whole organisation installed. */
const team = z.object({ id }).nullable().optional();
const user = z.object({ id, team_id: id.nullable().optional() });
const enterpriseInstall = z.union([z.boolean(), z.enum(["true", "false"])]).optional();
const isSharedOutside = z.boolean().optional();
const channel = z.object({ id, is_ext_shared: isSharedOutside, is_shared: isSharedOutside }).optional();

const Container = z.discriminatedUnion("type", [
  z.object({ type: z.literal("message"), message_ts: ts, channel_id: id, is_ephemeral: z.boolean().optional() }),
  z.object({ type: z.literal("view"), view_id: id }),
]);

const Action = z.object({
  action_id: z.string().max(255),
  value: token.nullable().optional(),
  selected_option: z.object({ value: token }).nullable().optional(),
  action_ts: ts,
});

const View = z.object({
  id,
  callback_id: z.string().max(255).optional(),
  private_metadata: z.string().max(3000).default(""),
  hash: z.string().max(200).optional(),
});

const ButtonPayload = z.object({
  type: z.literal("block_actions"),
  ...{ team, user, api_app_id: id, is_enterprise_install: enterpriseInstall },
  container: Container,
  ...{ channel, trigger_id: triggerId.optional(), response_url: url.nullable().optional() },
  view: View.nullable().optional(),
  actions: z.array(Action).min(1).max(25),
});
export type ButtonPayload = z.output<typeof ButtonPayload>;

/** Inputs of a view: what was typed, or chosen. */
const Input = z.object({
  type: z.string().max(50),
  value: z.string().max(10_000).nullable().optional(),
  selected_option: z
    .object({ value: z.string().max(150) })
    .nullable()
    .optional(),
  selected_options: z
    .array(z.object({ value: z.string().max(150) }))
    .max(20)
    .optional(),
});
export type ViewInput = z.output<typeof Input>;

const Values = z.record(z.string().max(255), z.record(z.string().max(255), Input));

const SubmissionPayload = z.object({
  type: z.literal("view_submission"),
  ...{ team, user, api_app_id: id, is_enterprise_install: enterpriseInstall },
  view: View.extend({ state: z.object({ values: Values }).default({ values: {} }) }),
});
export type SubmissionPayload = z.output<typeof SubmissionPayload>;

const CommandPayload = z
  .object({
    command: z.string().startsWith("/").max(100),
    text: z.string().max(LIMITS.slackCommandChars).default(""),
    ...{ team_id: id, user_id: id, channel_id: id, api_app_id: id, is_enterprise_install: enterpriseInstall },
    response_url: url,
    trigger_id: triggerId.optional(),
  })
  .transform((body) => ({ type: "command" as const, ...body }));
export type CommandPayload = z.output<typeof CommandPayload>;

const HomePayload = z.object({
  type: z.literal("event_callback"),
  ...{ team_id: id.nullable().optional(), api_app_id: id, is_ext_shared_channel: isSharedOutside },
  authorizations: z
    .array(z.object({ team_id: id.nullable().optional(), is_enterprise_install: z.boolean().optional() }))
    .max(10)
    .default([]),
  event: z.object({ type: z.literal("app_home_opened"), user: id, tab: z.string().max(50).optional() }),
});
export type HomePayload = z.output<typeof HomePayload>;

const Body = z.union([ButtonPayload, SubmissionPayload, HomePayload, CommandPayload]);
