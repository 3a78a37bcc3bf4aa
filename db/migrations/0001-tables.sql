-- One table a concept; the column comments live in db/schema, which a test compares with this file.

create table configurations (
  version    integer primary key check (version > 0),
  digest     text not null,
  content    json not null,
  jws        text not null,
  applied_at timestamptz not null
);

create table submissions (
  request_id text primary key,
  digest     text not null,
  content    json not null,
  jws        text not null,
  at         timestamptz not null
);

create table requests (
  id                text primary key references submissions (request_id),
  seq               integer not null,
  requester         text not null,
  owner             text,
  on_behalf_of      text,
  requester_name    text not null,
  owner_name        text,
  action_type       text not null,
  target            text not null,
  environment       text not null,
  title             text not null,
  search            text not null,
  recorded_status   text not null,
  deadline_at       timestamptz,
  waiting_for       text[] not null,
  approvals_missing integer not null,
  state             json,
  outcome           json,
  created_at        timestamptz not null,
  updated_at        timestamptz not null
);
create index requests_newest on requests (created_at desc, id desc);
create index requests_requester on requests (requester, created_at desc);
create index requests_recorded_status on requests (recorded_status, created_at desc);
create index requests_waiting_for on requests using gin (waiting_for);

create table journal (
  request_id text not null references submissions (request_id),
  seq        integer not null check (seq >= 0),
  entry      json not null,
  at         timestamptz not null,
  primary key (request_id, seq)
);

create table evaluations (
  request_id            text not null,
  seq                   integer not null,
  facts_digest          text not null,
  facts                 json,
  description           json,
  evaluation            json,
  configuration_version integer,
  at                    timestamptz not null,
  primary key (request_id, seq),
  constraint evaluations_journal_fkey foreign key (request_id, seq) references journal (request_id, seq)
);

create table messages (
  request_id text not null,
  seq        integer not null,
  message_id text not null,
  verb       text not null,
  principal  text not null,
  content    json not null,
  jws        text not null,
  at         timestamptz not null,
  primary key (request_id, seq),
  constraint messages_once unique (request_id, message_id),
  constraint messages_journal_fkey foreign key (request_id, seq) references journal (request_id, seq)
);

create table audit_events (
  id         bigint generated always as identity primary key,
  stream     text not null,
  seq        integer not null,
  part       integer not null,
  request_id text,
  at         timestamptz not null,
  type       text not null,
  by         text,
  reasons    json not null,
  data       json not null,
  body       text not null,
  digest     text not null,
  constraint audit_events_once unique (stream, seq, part)
);
create index audit_events_request on audit_events (request_id, id);

create table executions (
  request_id            text not null references submissions (request_id),
  attempt               integer not null check (attempt > 0),
  status                text not null check (status in ('claimed', 'never')),
  at                    timestamptz not null,
  agent                 text,
  action_type           text,
  target                text,
  execute_by            timestamptz,
  policy_digest         text,
  configuration_version integer,
  primary key (request_id, attempt)
);
-- At most one attempt of a request ever claims.
create unique index executions_one_claim on executions (request_id) where status <> 'never';
create index executions_claimed on executions (at) where status = 'claimed';

create table outcomes (
  request_id text primary key,
  attempt    integer not null,
  status     text not null check (status in ('succeeded', 'failed', 'unknown')),
  report     json not null,
  at         timestamptz not null,
  constraint outcomes_execution_fkey foreign key (request_id, attempt) references executions (request_id, attempt)
);

create table freezes (
  id          text primary key,
  kind        text not null check (kind in ('freeze', 'lift')),
  lifts       text references freezes (id),
  agent       text,
  action_type text,
  target      text,
  by          text not null,
  content     json not null,
  jws         text not null,
  at          timestamptz not null,
  check ((kind = 'lift') = (lifts is not null))
);
create index freezes_lifts on freezes (lifts);

create table resolutions (
  request_id text primary key references submissions (request_id),
  outcome    text not null check (outcome in ('succeeded', 'failed')),
  by         text not null,
  content    json not null,
  jws        text not null,
  at         timestamptz not null
);

create table credentials (
  id           text primary key,
  hash         text not null constraint credentials_hash_key unique,
  kind         text not null check (kind in ('agent-key', 'person-token')),
  principal    text not null,
  scopes       text[] not null,
  created_at   timestamptz not null,
  expires_at   timestamptz,
  revoked_at   timestamptz,
  last_used_at timestamptz
);

create table sessions (
  id         text primary key,
  hash       text not null constraint sessions_hash_key unique,
  person     text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at   timestamptz
);
create index sessions_expires on sessions (expires_at);

create table sign_in_links (
  hash        text primary key,
  person      text not null,
  created_at  timestamptz not null,
  expires_at  timestamptz not null,
  consumed_at timestamptz
);
