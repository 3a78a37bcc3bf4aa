/** The part of Block Kit that we draw with: small, closed, and plain data. */
export type PlainText = { type: "plain_text"; text: string; emoji: false };
/** For our own words only; `verbatim` keeps Slack from finding links and names in them. */
export type Mrkdwn = { type: "mrkdwn"; text: string; verbatim: true };

export type RichTextElement = { type: "text"; text: string; style?: { bold?: true; italic?: true } };
type RichTextPart = {
  type: "rich_text_section" | "rich_text_preformatted" | "rich_text_quote";
  elements: RichTextElement[];
};

export type Confirm = {
  title: PlainText;
  text: PlainText;
  confirm: PlainText;
  deny: PlainText;
  style?: "primary" | "danger";
};
export type Button = {
  type: "button";
  action_id: string;
  text: PlainText;
  value?: string;
  url?: string;
  style?: "primary" | "danger";
  confirm?: Confirm;
};

export type Option = { text: PlainText; value: string; description?: PlainText };
type InputElement =
  | { type: "static_select"; action_id: string; placeholder: PlainText; options: Option[] }
  | { type: "radio_buttons"; action_id: string; options: Option[]; initial_option: Option }
  | { type: "checkboxes"; action_id: string; options: Option[] }
  | { type: "plain_text_input"; action_id: string; multiline: boolean; max_length: number; placeholder?: PlainText };

type Fields = { type: "section"; fields: Mrkdwn[] };
type Section = { type: "section"; text: PlainText | Mrkdwn; accessory?: Button };
type Drawn =
  | { type: "header"; text: PlainText }
  | { type: "divider" }
  | Section
  | Fields
  | { type: "context"; elements: (PlainText | Mrkdwn)[] }
  | { type: "actions"; elements: Button[] }
  | { type: "rich_text"; elements: RichTextPart[] }
  | { type: "input"; label: PlainText; optional: boolean; hint?: PlainText; element: InputElement };
export type Block = Drawn & { block_id?: string };

export type Message = { text: string; blocks: Block[] };

export type Modal = {
  type: "modal";
  callback_id: string;
  private_metadata: string;
  title: PlainText;
  submit?: PlainText;
  close: PlainText;
  blocks: Block[];
};
export type Home = { type: "home"; callback_id: string; private_metadata: string; blocks: Block[] };
export type View = Modal | Home;

/** `plain` for clients that draw no rich text and no dates. */
export type Style = "classic" | "plain";
