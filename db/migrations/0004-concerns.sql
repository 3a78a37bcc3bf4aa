-- Whom a request concerns and who cannot answer it, so that lists need not read what was deliberated.

alter table requests
  -- Groups that are asked: those of the requirement and those it was widened to.
  add column asked text[] not null default '{}',
  -- People whose newest answer stands.
  add column answered text[] not null default '{}',
  -- Principals and groups that cannot answer now: tied to the request, excluded, or done already.
  add column kept_out text[] not null default '{}';

-- Rows with escapes are left to their next entry: Postgres cannot look into every one of them.
update requests set
  asked = array(
    select slot ->> 'from' from json_array_elements(state -> 'requirement' -> 'slots') slot
    union
    select wider from json_array_elements(state -> 'widened') slot, json_array_elements_text(slot) wider
  ),
  answered = array(select distinct review ->> 'person' from json_array_elements(state -> 'reviews') review),
  kept_out = array(
    select party from unnest(array[requester, owner, on_behalf_of]) party where party is not null
    union
    select excluded from json_array_elements_text(state -> 'requirement' -> 'excludeGroups') excluded
    union
    select review ->> 'person' from json_array_elements(state -> 'reviews') review where recorded_status = 'pending'
    union
    select flag ->> 'by' from json_array_elements(state -> 'flags') flag
    where recorded_status = 'held' and flag ->> 'held' = 'true'
  )
where state is not null and position('\u' in state::text) = 0;

create index requests_asked on requests using gin (asked);
create index requests_answered on requests using gin (answered);
create index requests_updated on requests (updated_at desc);
