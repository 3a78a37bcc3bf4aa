-- Two roles that run processes; the migrator (an operator's connection) owns the tables.
-- What is insert-only is so because nobody below may do anything else to it.

revoke all on all tables in schema public from public;
revoke all on schema public from public;
grant usage on schema public to countersign_app, countersign_executor;

-- The app role: API and workflow worker.
grant select on
  configurations, submissions, requests, journal, evaluations, messages, audit_events, executions, outcomes,
  freezes, resolutions, credentials, sessions, sign_in_links
to countersign_app;
grant insert on
  submissions, requests, journal, evaluations, messages, audit_events, executions,
  freezes, resolutions, credentials, sessions, sign_in_links
to countersign_app;
grant update on requests to countersign_app;
-- A credential, session or link can end or be used; whose it is never changes.
grant update (revoked_at, last_used_at) on credentials to countersign_app;
grant update (ended_at) on sessions to countersign_app;
grant update (consumed_at) on sign_in_links to countersign_app;

-- The executor's role: it reads what the gate judges, and writes that it started and how it ended.
grant select on
  configurations, submissions, requests, journal, evaluations, messages, audit_events, executions, outcomes,
  freezes, resolutions
to countersign_executor;
grant insert on executions, outcomes, audit_events to countersign_executor;

-- Whoever may say "started" must not be able to say "never", and the other way round.
alter table executions enable row level security;
create policy executions_read on executions for select to countersign_app, countersign_executor using (true);
create policy executions_never on executions for insert to countersign_app with check (status = 'never');
create policy executions_claim on executions for insert to countersign_executor with check (status = 'claimed');

-- Each role writes its own streams of the audit log.
alter table audit_events enable row level security;
create policy audit_events_read on audit_events for select to countersign_app, countersign_executor using (true);
create policy audit_events_app on audit_events for insert to countersign_app
  with check (stream = 'administration' or stream = 'request:' || request_id);
create policy audit_events_executor on audit_events for insert to countersign_executor
  with check (stream = 'execution:' || request_id);
