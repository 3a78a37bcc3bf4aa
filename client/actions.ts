import type { ActionArguments } from "../actions/catalogue.ts";

/** Action types this version knows; others (of a newer server) are accepted as plain text. */
export type KnownAction = keyof ActionArguments & string;
export type ActionType = KnownAction | (string & {});

/** Arguments an action takes; an unknown type takes any JSON object. */
export type ArgumentsOf<Type extends string> = Type extends KnownAction
  ? ActionArguments[Type]
  : { [name: string]: unknown };
