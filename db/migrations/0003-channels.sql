-- Answers from accounts of chats, and the places where requests are shown there.

-- Who was behind the message of an account, as the channels process signed it.
alter table messages add column identification json, add column identification_jws text;

-- One place one request is shown. The row is written before the message is posted, so that after an unknown
-- outcome the message is looked for by this id instead of being posted again.
create table surfaces (
  id           text primary key,
  request_id   text not null references submissions (request_id),
  channel      text not null,
  conversation text not null,
  -- `card`: the request itself; `owner`: the note to the owner at its end.
  kind         text not null check (kind in ('card', 'owner')),
  -- A dead surface is replaced by one of the next generation.
  generation   integer not null check (generation > 0),
  status       text not null check (status in ('intended', 'posted', 'dead', 'refused')),
  -- A post was begun then and nobody knows whether it arrived: look before posting again.
  uncertain_since timestamptz,
  message      text,
  revision     integer,
  shown        text,
  -- Place of the newest audit event that the thread tells.
  told_until   bigint,
  -- What the last call was refused with or failed with, how many have in a row, and when to try again.
  error        text,
  failures     integer not null,
  retry_at     timestamptz,
  created_at   timestamptz not null,
  updated_at   timestamptz not null,
  constraint surfaces_once unique (request_id, channel, conversation, kind, generation)
);
create index surfaces_request on surfaces (request_id);

-- Every card that was drawn anywhere: what the renderer was given, so that it can be drawn again.
create table renders (
  surface_id text not null,
  shown      text not null,
  request_id text not null references submissions (request_id),
  renderer   text not null,
  drawing    json not null,
  at         timestamptz not null,
  primary key (surface_id, shown)
);
create index renders_request on renders (request_id, shown);

-- Replies in a surface's thread, written before they are posted like the surface itself.
create table surface_replies (
  id          text primary key,
  surface_id  text not null references surfaces (id),
  after_event bigint not null,
  until_event bigint not null,
  uncertain_since timestamptz,
  message     text,
  created_at  timestamptz not null,
  constraint surface_replies_once unique (surface_id, after_event)
);

-- How far each request has been announced, and by whom it is being announced this moment.
create table announcements (
  request_id  text primary key references submissions (request_id),
  -- Of the request, when its surfaces were last compared with it; 0 before the first time.
  revision    integer not null,
  -- It has ended and everything shows so: nothing is looked at again.
  final       boolean not null,
  leased_by   text,
  leased_till timestamptz,
  -- Something is left to be done: look again then, even if nothing has changed.
  retry_at    timestamptz
);
create index announcements_open on announcements (request_id) where not final;

-- When the next message may go into a conversation: one pace for every process.
create table conversation_paces (
  channel      text not null,
  conversation text not null,
  next_at      timestamptz not null,
  primary key (channel, conversation)
);

-- Accounts that people linked to themselves, as the API signed it. The newest link of an account holds.
create table account_links (
  id      text primary key,
  account text not null,
  person  text not null,
  content json not null,
  jws     text not null,
  at      timestamptz not null,
  ended_at timestamptz
);
create unique index account_links_one on account_links (account) where ended_at is null;

-- A token that one account asked for; whoever is signed in on the page and holds it links that account, once.
create table account_link_tokens (
  hash        text primary key,
  account     text not null,
  created_at  timestamptz not null,
  expires_at  timestamptz not null,
  consumed_at timestamptz
);

-- Who answers for whom while somebody is away, as the API signed it. Insert-only; the newest of a person holds.
create table delegations (
  id        text primary key,
  from_person text not null,
  to_person text,
  until     timestamptz not null,
  content   json not null,
  jws       text not null,
  at        timestamptz not null
);
create index delegations_from on delegations (from_person, at desc);

grant select on
  surfaces, renders, surface_replies, announcements, conversation_paces,
  account_links, account_link_tokens, delegations
to countersign_app;
grant insert on
  surfaces, renders, surface_replies, announcements, conversation_paces,
  account_links, account_link_tokens, delegations
to countersign_app;
grant update on surfaces, surface_replies, announcements, conversation_paces to countersign_app;
grant update (ended_at) on account_links to countersign_app;
grant update (consumed_at) on account_link_tokens to countersign_app;

-- The gate judges answers that somebody gave for somebody else.
grant select on delegations to countersign_executor;
