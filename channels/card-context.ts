import type { Configuration } from "../config/configuration.ts";
import type { ChannelName } from "../core/message.ts";
import { type AccountId, agentOf, type GroupId, isPerson, type PersonId, personBehind } from "../core/principal.ts";
import { sentenceOf } from "../core/reason-codes.ts";
import type { CardContext } from "./card.ts";

/** What the configuration in force adds to a card in one place. */
export function cardContext(
  configuration: Pick<Configuration, "directory" | "slack" | "reasonCodes">,
  place: {
    channel: ChannelName;
    publicUrl: string;
    because: GroupId[];
    accounts: ReadonlyMap<PersonId, AccountId>;
    standIns: ReadonlyMap<PersonId, PersonId>;
  },
): CardContext {
  const { directory, reasonCodes, slack } = configuration;
  const { channel, publicUrl, because, accounts, standIns } = place;
  return {
    ...{ channel, publicUrl, because },
    allowDecisions: slack?.allowDecisions ?? false,
    nameOf: (id) => (isPerson(id) ? personBehind(directory, id)?.name : agentOf(directory, id)?.name) ?? id,
    accountOf: (id) => accounts.get(id) ?? null,
    standInOf: (id) => standIns.get(id) ?? null,
    sentenceOf: (code) => reasonCodes.find((own) => own.code === code)?.sentence ?? sentenceOf(code),
  };
}
