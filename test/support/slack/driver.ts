import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "../eventually.ts";

/** As Slack's API gives them; what a test looks at it looks up. */
export type Fields = { [field: string]: unknown };
export type SlackMessage = Fields & {
  ts: string;
  channel: string;
  user?: string;
  text: string;
  blocks?: Fields[];
  thread_ts?: string;
  /** Whom alone the message is shown to. */
  ephemeral_to?: string;
};
export type View = Fields & { id: string; callback_id?: string; blocks: Fields[]; hash?: string };
export type LogEntry = { time: number; direction: string; kind: string; summary: string; detail?: unknown };
/** What a person typed and chose in a modal: block id → action id → as Slack's `state.values` has it. */
export type Values = { [block: string]: { [action: string]: Fields } };
export type Submitted = { errors: { [block: string]: string } | null; modal: View[] };

/** What people do in Slack, and what they see there. */
export type Driver = {
  state(): Promise<Fields>;
  messages(channel: string): Promise<SlackMessage[]>;
  /** Every message of every conversation, direct ones and private answers included. */
  allMessages(): Promise<SlackMessage[]>;
  /** Waits for a message that satisfies `wanted`, newest first. */
  message(channel: string, wanted: (message: SlackMessage) => boolean, limitMs?: number): Promise<SlackMessage>;
  /** What only this person sees: private answers and direct messages. */
  privately(user: string): Promise<SlackMessage[]>;
  log(): Promise<LogEntry[]>;
  /** Uses an element of a message (a button; with `option`, an entry of a menu); its value is the one the message holds. */
  click(user: string, channel: string, ts: string, element: string | Find, option?: string): Promise<void>;
  /** An interaction made up by the test: whatever `action` says. */
  interact(user: string, channel: string, ts: string, action: Fields): Promise<void>;
  say(user: string, channel: string, text: string): Promise<void>;
  command(user: string, text: string, channel: string, command?: string): Promise<void>;
  openHome(user: string): Promise<void>;
  /** What the app shows this person as its home; null before it was opened. */
  home(user: string): Promise<View | null>;
  clickHome(user: string, element: string | Find, option?: string): Promise<void>;
  /** The stack of open modals, the one in front last. The double has one stack for everybody. */
  modal(): Promise<View[]>;
  /** Waits for a modal in front that satisfies `wanted`. */
  modalLike(wanted: (view: View) => boolean, limitMs?: number): Promise<View>;
  submit(user: string, values?: Values): Promise<Submitted>;
  close(user: string): Promise<void>;
};
export type Find = (element: Fields) => boolean;

export function createDriver(url: string): Driver {
  const get = async <T>(path: string) => (await fetch(`${url}/_control/${path}`)).json() as Promise<T>;
  const post = async (path: string, body: Fields) => {
    const response = await fetch(`${url}/_control/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
  };
  const snapshot = async () => (await openInterface(url)).done();
  const messages = async (channel: string) =>
    (await get<{ messages: SlackMessage[] }>(`messages/${encodeURIComponent(channel)}`)).messages;
  const home = async (user: string) => Object.values((await snapshot()).homeViews[user] ?? {})[0] ?? null;
  const modal = async () => (await snapshot()).modalStack;

  const driver: Driver = {
    ...{ messages, home, modal },
    state: () => get<Fields>("state"),
    allMessages: async () => Object.values((await snapshot()).messages).flat(),
    message: (channel, wanted, limitMs) =>
      eventually(
        `a message like that in ${channel}`,
        async () => (await messages(channel)).toReversed().find(wanted),
        limitMs,
      ),
    async privately(user) {
      const { messages, channels } = await snapshot();
      const direct = channels.filter((one) => one.is_im && one.members.includes(user)).map(({ id }) => id);
      return Object.values(messages)
        .flat()
        .filter((one) => one.ephemeral_to === user || direct.includes(one.channel))
        .sort((one, other) => one.ts.localeCompare(other.ts));
    },
    log: async () => (await get<{ log: LogEntry[] }>("log")).log,
    async click(user, channel, ts, element, option) {
      const message = (await messages(channel)).find((one) => one.ts === ts);
      if (message === undefined) throw new Error(`no message ${ts} in ${channel}`);
      await driver.interact(user, channel, ts, actionOf(message.blocks ?? [], element, option));
    },
    interact: (user, channel, messageTs, action) => post("interact", { user, channel, messageTs, action }),
    say: (user, channel, text) => post("message", { user, channel, text }),
    command: (user, text, channel, command = "/approvals") => post("command", { user, channel, command, text }),
    openHome: (user) => post("open-home", { user }),
    async clickHome(user, element, option) {
      const view = await home(user);
      if (view === null) throw new Error(`${user} has not opened the home`);
      const direct = (await snapshot()).channels.find((one) => one.is_im && one.members.includes(user));
      await driver.interact(user, direct?.id ?? "", "0", actionOf(view.blocks, element, option));
    },
    modalLike: (wanted, limitMs) =>
      eventually(
        "a modal like that",
        async () => {
          const front = (await modal()).at(-1);
          return front !== undefined && wanted(front) ? front : undefined;
        },
        limitMs,
      ),
    async submit(user, values = {}) {
      const open = await openInterface(url);
      const errors = await open.say({ t: "view_submit", user, values }, hasAnswered);
      open.done();
      return { errors, modal: await modal() };
    },
    async close(user) {
      const open = await openInterface(url);
      await open.say({ t: "view_close", user }, (event) => event.t === "view");
      open.done();
    },
  };
  return driver;
}

/** The action a click on this element sends, found in the blocks that are shown. */
export function actionOf(blocks: Fields[], element: string | Find, option?: string): Fields {
  const wanted: Find = typeof element === "string" ? (one) => one.action_id === element : element;
  for (const block of blocks) {
    const elements = [...((block.elements as Fields[]) ?? []), ...(block.accessory ? [block.accessory as Fields] : [])];
    const found = elements.find((one) => one.action_id !== undefined && wanted(one));
    if (found === undefined) continue;
    const { type, action_id, value, text } = found;
    const common = { type, action_id, block_id: block.block_id };
    if (option === undefined) return { ...common, value, text };
    const options = (found.options as Fields[]) ?? [];
    const selected_option = options.find((one) => one.value === option || (one.text as Fields)?.text === option);
    if (selected_option === undefined) throw new Error(`no option ${option} in ${JSON.stringify(options)}`);
    return { ...common, selected_option };
  }
  const known = blocks.flatMap((block) => ((block.elements as Fields[]) ?? []).map((one) => one.action_id));
  throw new Error(`no such element; there are ${JSON.stringify(known)}`);
}

/** The value of an input of a modal, keyed as Slack sends it. */
export function typed(view: View, block: string, given: string): Values {
  const input = view.blocks.find((one) => one.block_id === block);
  const element = input?.element as (Fields & { action_id: string; type: string; options?: Fields[] }) | undefined;
  if (element === undefined) throw new Error(`the modal has no input ${block}`);
  const { type, action_id } = element;
  if (type === "plain_text_input") return { [block]: { [action_id]: { type, value: given } } };
  const option = element.options?.find((one) => one.value === given);
  if (option === undefined) throw new Error(`${block} has no option ${given}`);
  const chosen = type === "checkboxes" ? { selected_options: [option] } : { selected_option: option };
  return { [block]: { [action_id]: { type, ...chosen } } };
}

/** All strings anywhere in these blocks, for what a reader can read. */
export function wordsOf(blocks: unknown): string {
  if (typeof blocks === "string") return blocks;
  if (Array.isArray(blocks)) return blocks.map(wordsOf).join("\n");
  if (typeof blocks !== "object" || blocks === null) return "";
  const skipped = new Set(["type", "block_id", "action_id", "value", "style", "private_metadata", "callback_id"]);
  return Object.entries(blocks)
    .filter(([key]) => !skipped.has(key))
    .map(([, value]) => wordsOf(value))
    .filter((text) => text !== "")
    .join("\n");
}

type Snapshot = {
  messages: { [channel: string]: SlackMessage[] };
  channels: { id: string; is_im: boolean; members: string[] }[];
  modalStack: View[];
  homeViews: { [user: string]: { [app: string]: View } };
};
type Interface = {
  /** Does something as the double's own page would, and waits until it is done; null or the errors shown. */
  say(what: Fields, isDone: (event: Fields) => boolean): Promise<{ [block: string]: string } | null>;
  done(): Snapshot;
};

/** The double's own page talks over a socket: first comes everything there is, then what changes. */
async function openInterface(url: string): Promise<Interface> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/ui`);
  const events: Fields[] = [];
  socket.addEventListener("message", ({ data }) => void events.push(JSON.parse(String(data)) as Fields));
  const first = await eventually("the double's interface", async () => events[0]);
  return {
    async say(what, isDone) {
      const from = events.length;
      socket.send(JSON.stringify(what));
      // The double waits 5 s for an acknowledgement over a socket, and logs none.
      await eventually("an answer", async () => events.slice(from).find(isDone), 6_000).catch(() => undefined);
      await sleep(20);
      const refused = events.slice(from).find((one) => one.t === "view_errors");
      return (refused?.errors as { [block: string]: string } | undefined) ?? null;
    },
    done() {
      socket.close();
      return first.state as Snapshot;
    },
  };
}

function hasAnswered({ entry: logged }: Fields): boolean {
  if (logged === undefined) return false;
  const entry = logged as Fields;
  if (entry.direction === "from_bot") return entry.kind === "interactive" || entry.kind === "ack";
  return entry.direction === "internal" && entry.kind !== "web_api";
}
