import type { Fields } from "./driver.ts";
import {
  countProblems,
  duplicates,
  isFields,
  listOf,
  type Problems,
  stringProblems,
  textProblems,
  unknownFields,
} from "./text-rules.ts";

export type Place = "actions" | "accessory" | "input" | "context";

const ALLOWED: Record<Place, string[]> = {
  actions: ["button", "static_select", "overflow", "checkboxes", "radio_buttons", "datepicker", "timepicker"],
  accessory: [
    "button",
    "static_select",
    "overflow",
    "checkboxes",
    "radio_buttons",
    "datepicker",
    "timepicker",
    "image",
  ],
  input: [
    "plain_text_input",
    "static_select",
    "checkboxes",
    "radio_buttons",
    "datepicker",
    "timepicker",
    "number_input",
  ],
  context: ["image", "mrkdwn", "plain_text"],
};

/** What Slack's reference says of each interactive element. */
export function elementProblems(where: string, element: unknown, place: Place): Problems {
  if (!isFields(element)) return [`${where}: no element`];
  const type = String(element.type);
  if (!ALLOWED[place].includes(type)) return [`${where}: unsupported type ${type}`];
  if (place === "context" && type !== "image") return textProblems(where, element, 3_000);
  if (type === "image") {
    return [
      ...unknownFields(where, element, ["type", "image_url", "alt_text"]),
      ...stringProblems(`${where}/image_url`, element.image_url, 3_000, true),
      ...stringProblems(`${where}/alt_text`, element.alt_text, 2_000, true),
    ];
  }
  return [
    ...stringProblems(`${where}/action_id`, element.action_id, 255),
    ...(element.confirm === undefined ? [] : confirmProblems(`${where}/confirm`, element.confirm)),
    ...(element.placeholder === undefined
      ? []
      : textProblems(`${where}/placeholder`, element.placeholder, 150, "plain")),
    ...specificProblems(where, type, element),
  ];
}

function specificProblems(where: string, type: string, element: Fields): Problems {
  const common = ["type", "action_id", "confirm", "focus_on_load"];
  switch (type) {
    case "button":
      return buttonProblems(where, element);
    case "overflow":
      return [
        ...unknownFields(where, element, [...common, "options"]),
        ...optionsProblems(`${where}/options`, element.options, 5, "plain"),
      ];
    case "static_select":
      return [
        ...unknownFields(where, element, [...common, "options", "option_groups", "initial_option", "placeholder"]),
        ...selectProblems(where, element),
      ];
    case "checkboxes":
    case "radio_buttons":
      return [
        ...unknownFields(where, element, [...common, "options", "initial_option", "initial_options"]),
        ...optionsProblems(`${where}/options`, element.options, 10),
        ...initialProblems(where, element),
      ];
    case "plain_text_input":
      return inputProblems(where, element);
    default:
      return [];
  }
}

function buttonProblems(where: string, element: Fields): Problems {
  const known = ["type", "action_id", "text", "value", "url", "style", "confirm", "accessibility_label"];
  const style = element.style;
  return [
    ...unknownFields(where, element, known),
    ...textProblems(`${where}/text`, element.text, 75, "plain"),
    ...stringProblems(`${where}/value`, element.value, 2_000),
    ...stringProblems(`${where}/url`, element.url, 3_000),
    ...stringProblems(`${where}/accessibility_label`, element.accessibility_label, 75),
    ...(style === undefined || style === "primary" || style === "danger" ? [] : [`${where}/style: ${String(style)}`]),
    ...(typeof element.url === "string" && !/^https?:\/\//.test(element.url) ? [`${where}/url: no web address`] : []),
  ];
}

function inputProblems(where: string, element: Fields): Problems {
  const known = ["type", "action_id", "initial_value", "multiline", "min_length", "max_length"];
  const within = (name: string, value: unknown, least: number) =>
    value === undefined || (typeof value === "number" && value >= least && value <= 3_000) ? [] : [`${where}/${name}`];
  return [
    ...unknownFields(where, element, [...known, "dispatch_action_config", "focus_on_load", "placeholder"]),
    ...within("min_length", element.min_length, 0),
    ...within("max_length", element.max_length, 1),
    ...stringProblems(`${where}/initial_value`, element.initial_value, 3_000),
  ];
}

function selectProblems(where: string, element: Fields): Problems {
  if ((element.options === undefined) === (element.option_groups === undefined)) {
    return [`${where}: either options or option_groups`];
  }
  if (element.options !== undefined) {
    return [...optionsProblems(`${where}/options`, element.options, 100), ...initialProblems(where, element)];
  }
  return [
    ...countProblems(`${where}/option_groups`, element.option_groups, 1, 100),
    ...listOf(element.option_groups).flatMap((group, at) => [
      ...textProblems(`${where}/option_groups/${at}/label`, group.label, 75, "plain"),
      ...optionsProblems(`${where}/option_groups/${at}/options`, group.options, 100),
    ]),
  ];
}

/** What is chosen at first has to be one of the options, letter by letter. */
function initialProblems(where: string, element: Fields): Problems {
  const options = listOf(element.options).map((option) => JSON.stringify(option));
  const initial = element.initial_option === undefined ? listOf(element.initial_options) : [element.initial_option];
  return initial
    .filter((option) => !options.includes(JSON.stringify(option)))
    .map((option) => `${where}: ${JSON.stringify(option)} is initial and no option`);
}

function optionsProblems(where: string, options: unknown, most: number, kind: "any" | "plain" = "any"): Problems {
  return [
    ...countProblems(where, options, 1, most),
    ...duplicates(
      `${where}/value`,
      listOf(options).map(({ value }) => value),
    ),
    ...listOf(options).flatMap((option, at) => [
      ...unknownFields(`${where}/${at}`, option, ["text", "value", "description", "url"]),
      ...textProblems(`${where}/${at}/text`, option.text, 75, kind),
      ...stringProblems(`${where}/${at}/value`, option.value, 150, true),
      ...(option.description === undefined ? [] : textProblems(`${where}/${at}/description`, option.description, 75)),
      ...stringProblems(`${where}/${at}/url`, option.url, 3_000),
    ]),
  ];
}

function confirmProblems(where: string, confirm: unknown): Problems {
  if (!isFields(confirm)) return [`${where}: no confirmation`];
  const style = confirm.style;
  return [
    ...unknownFields(where, confirm, ["title", "text", "confirm", "deny", "style"]),
    ...textProblems(`${where}/title`, confirm.title, 100, "plain"),
    ...textProblems(`${where}/text`, confirm.text, 300),
    ...textProblems(`${where}/confirm`, confirm.confirm, 30, "plain"),
    ...textProblems(`${where}/deny`, confirm.deny, 30, "plain"),
    ...(style === undefined || style === "primary" || style === "danger" ? [] : [`${where}/style: ${String(style)}`]),
  ];
}
