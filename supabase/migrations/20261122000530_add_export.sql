-- Taking out everything that is held about a user.
--
-- What is taken out is data, not code: `private.export_sources` says for each table which rows are a user's, and a
-- test reads the catalogue and fails for a table that is neither there nor on a named list of what holds nobody's
-- data.

create table private.export_sources (
  name text not null,
  scope text not null,
  position integer not null,
  relation text not null,
  condition text not null,
  key text[] not null,
  hidden text[] not null default '{}',
  columns text[],
  page_rows integer not null default 1000,
  constraint export_sources_pkey primary key (name, scope),
  constraint export_sources_position_key unique (position),
  constraint export_sources_scope_check check (scope in ('user', 'channel')),
  constraint export_sources_key_check check (cardinality(key) > 0),
  constraint export_sources_page_rows_check check (page_rows > 0)
);
comment on table private.export_sources is
  'What GET /api/me/export reads, in this order. Written by migrations only: a migration that adds a table with '
  'somebody''s data adds its source here.';
comment on column private.export_sources.name is 'The table''s name in the take-out.';
comment on column private.export_sources.scope is 'user: read once. channel: read for each channel that the user owns.';
comment on column private.export_sources.relation is
  'The table t. One that does not exist on this project is passed over.';
comment on column private.export_sources.condition is 'SQL over t that picks the rows; $1 is the user, $2 the channel.';
comment on column private.export_sources.key is
  'Columns that are never null and order the picked rows without ties, so that pages follow each other.';
comment on column private.export_sources.hidden is
  'Columns that stay behind: ciphertext, hashes of secrets, addresses that are as good as passwords.';
comment on column private.export_sources.columns is
  'Only these columns, where the table is not ours; null for all but the hidden ones.';
comment on column private.export_sources.page_rows is 'How many rows make a page of a few hundred kilobytes.';
alter table private.export_sources enable row level security;

insert into private.export_sources (position, name, scope, relation, condition, key, hidden, columns, page_rows) values
  (10, 'account', 'user', 'auth.users', 't.id = $1', '{id}', '{}',
    '{id,email,phone,created_at,updated_at,last_sign_in_at,email_confirmed_at,phone_confirmed_at,raw_user_meta_data,'
    'raw_app_meta_data}', 1),
  (20, 'sign_ins', 'user', 'auth.sessions', 't.user_id = $1', '{id}', '{}',
    '{id,created_at,updated_at,refreshed_at,not_after,user_agent,ip}', 1000),
  (30, 'identities', 'user', 'auth.identities', 't.user_id = $1', '{id}', '{}',
    '{provider,identity_data,email,created_at,updated_at,last_sign_in_at}', 100),
  (40, 'profile', 'user', 'public.users', 't.id = $1', '{id}', '{}', null, 1),
  (50, 'memberships', 'user', 'public.channel_members', 't.user_id = $1', '{channel_id}', '{}', null, 1000),
  (60, 'usage', 'user', 'public.usage_counters', 't.user_id = $1', '{period}', '{}', null, 1000),
  (70, 'log', 'user', 'public.system_logs', 't.user_id = $1', '{created_at,id}', '{}', null, 1000),
  (80, 'requests', 'user', 'private.idempotency_keys', 't.user_id = $1', '{operation,key}', '{}', null, 100),
  (90, 'limits', 'user', 'private.rate_limits', 't.user_id = $1', '{class}', '{}', null, 100),
  (95, 'plan_changes', 'user', 'private.operator_changes', 't.user_id = $1', '{id}', '{made_by}', null, 1000),
  (100, 'calendar_address', 'user', 'private.calendar_feeds', 't.user_id = $1', '{user_id}', '{secret_hash}', null, 1),
  (110, 'started_consents', 'user', 'private.oauth_states', 't.user_id = $1', '{id}', '{state_hash,code_verifier}',
    null, 100),
  (120, 'connections', 'user', 'private.channel_credentials', 't.owner_id = $1', '{channel_id}',
    '{refresh_token,access_token,refresh_lease_id}', null, 1000),
  (130, 'webhook_endpoints', 'user', 'public.webhook_endpoints', 't.user_id = $1', '{id}', '{}', null, 100),
  (140, 'webhook_secrets', 'user', 'private.webhook_secrets',
    't.endpoint_id in (select e.id from public.webhook_endpoints e where e.user_id = $1)', '{id}', '{secret}',
    null, 100),
  (145, 'programs', 'user', 'public.agents', 't.user_id = $1', '{id}', '{}', null, 100),
  (147, 'program_offers', 'user', 'private.agent_offers', 't.user_id = $1', '{id}', '{token_hash,digest}', null, 200),
  (150, 'webhook_deliveries', 'user', 'public.webhook_deliveries', 't.user_id = $1', '{created_at,id}', '{}',
    null, 200),
  -- What the user made on channels of others.
  (200, 'content', 'user', 'public.generated_content', 't.created_by = $1 and t.channel_id <> all ($3)',
    '{created_at,id}', '{}', null, 100),
  (210, 'renders', 'user', 'public.renders', 't.requested_by = $1 and t.channel_id <> all ($3)', '{created_at,id}',
    '{}', null, 100),
  (220, 'uploads', 'user', 'public.scheduled_uploads', 't.created_by = $1 and t.channel_id <> all ($3)',
    '{created_at,id}', '{}', null, 100),
  (300, 'channels', 'channel', 'public.channels', 't.id = $2', '{id}', '{}', null, 1),
  (310, 'members', 'channel', 'public.channel_members', 't.channel_id = $2', '{user_id}', '{}', null, 1000),
  (315, 'brand_voices', 'channel', 'public.brand_voices', 't.channel_id = $2', '{version}', '{}', null, 100),
  (320, 'synchronisation', 'channel', 'private.channel_syncs', 't.channel_id = $2', '{channel_id}', '{}', null, 1),
  (330, 'work', 'channel', 'private.steps', 't.channel_id = $2', '{id}', '{}', null, 500),
  (340, 'content', 'channel', 'public.generated_content', 't.channel_id = $2', '{created_at,id}', '{}', null, 100),
  (350, 'model_answers', 'channel', 'private.generation_calls',
    't.content_id in (select c.id from public.generated_content c where c.channel_id = $2)', '{content_id,call}', '{}',
    null, 50),
  (360, 'renders', 'channel', 'public.renders', 't.channel_id = $2', '{created_at,id}', '{}', null, 100),
  (370, 'render_jobs', 'channel', 'private.render_jobs',
    't.render_id in (select r.id from public.renders r where r.channel_id = $2)', '{render_id}',
    '{callback_hash,file_url,file_etag}', null, 500),
  (380, 'uploads', 'channel', 'public.scheduled_uploads', 't.channel_id = $2', '{created_at,id}', '{}', null, 100),
  (382, 'quota', 'channel', 'private.quota_shares', 't.channel_id = $2', '{quota_day,bucket}', '{holder}', null, 1000),
  (383, 'quota_calls', 'channel', 'private.quota_reservations', 't.channel_id = $2', '{created_at,id}', '{holder}',
    null, 1000),
  (385, 'unclaimed_videos', 'channel', 'private.unclaimed_videos', 't.channel_id = $2', '{youtube_video_id}', '{}',
    null, 1000),
  (387, 'releases', 'channel', 'private.operator_changes', 't.channel_id = $2', '{id}', '{made_by}', null, 1000),
  (390, 'upload_sessions', 'channel', 'private.upload_sessions',
    't.upload_id in (select u.id from public.scheduled_uploads u where u.channel_id = $2)', '{id}', '{session_uri}',
    null, 500),
  (400, 'videos', 'channel', 'public.videos', 't.channel_id = $2', '{youtube_video_id}', '{}', null, 250),
  (410, 'content_catalyst_scores', 'channel', 'public.performance_scores',
    't.channel_id = $2 and private.setting(''derived_metrics_accepted_at'') is not null', '{video_id}', '{}',
    null, 500),
  (420, 'snapshots', 'channel', 'public.video_snapshots', 't.channel_id = $2', '{observed_at,video_id,basis}', '{}',
    null, 4000);

create function private.without_scores(p_row jsonb) returns jsonb
language sql stable set search_path = '' as $$
  select case
    when jsonb_typeof(p_row -> 'inspired_by') = 'array' and private.setting('derived_metrics_accepted_at') is null then
      p_row || jsonb_build_object('inspired_by',
        (select coalesce(jsonb_agg(i - 'score' - 'multiplier' - 'label' - 'notice'), '[]')
          from jsonb_array_elements(p_row -> 'inspired_by') i))
    else p_row end
$$;
comment on function private.without_scores(jsonb) is
  'A piece of content, without the scores it was shown when scores are hidden (again).';

create function private.export_rows(
  p_source private.export_sources, p_relation regclass, p_user uuid, p_channel uuid, p_owned uuid[], p_key jsonb,
  p_limit integer
) returns table (
  lines text, rows bigint, last_key jsonb
)
language plpgsql set search_path = '' as $$
declare
  v_columns text := (select string_agg(format('t.%I', k), ', ' order by n)
    from unnest((p_source).key) with ordinality as k (k, n));
  v_bounds text := (
    select string_agg(format('($4 ->> %s)::%s', n - 1, pg_catalog.format_type(a.atttypid, a.atttypmod)), ', '
    order by n)
    from unnest((p_source).key) with ordinality as k (k, n)
    join pg_catalog.pg_attribute a on a.attrelid = p_relation and a.attname = k.k and not a.attisdropped);
  v_row text := case
    when (p_source).columns is null then format('to_jsonb(t) - %L::text[]', (p_source).hidden)
    else format('(select coalesce(jsonb_object_agg(c.key, c.value), ''{}'') from jsonb_each(to_jsonb(t)) c where c.key '
      '= any (%L::text[]))',
      (p_source).columns) end;
begin
  return query execute format(
    'select string_agg(format(''{"table":%%s,"row":%%s}'', %L, p.line), E''\n'' order by p.n), count(*), '
    '  (array_agg(p.key order by p.n desc))[1] '
    'from (select private.without_scores(%s)::text as line, jsonb_build_array(%s) as key, row_number() over (order by '
    '%s) as n '
    '  from %s t where (%s) and %s order by %s limit $5) p',
    to_json((p_source).name), v_row, v_columns, v_columns, p_relation, (p_source).condition,
    case when p_key is null then 'true' else format('(%s) > (%s)', v_columns, v_bounds) end, v_columns)
  using p_user, p_channel, p_owned, p_key, p_limit;
end
$$;
comment on function private.export_rows(private.export_sources, regclass, uuid, uuid, uuid[], jsonb, integer) is
  'The rows of one source after a key, each as a line of the take-out.';

create function engine.export_page(p_user uuid, p_after jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_owned uuid[] := array(select channel_id from public.channel_members where user_id = p_user and role = 'owner'
    order by channel_id);
  v_position integer;
  v_channel uuid;
  v_key jsonb;
  v_source private.export_sources;
  v_relation regclass;
  v_limit integer;
  v_page record;
  v_room double precision := 1;
  v_lines text[] := '{}';
  v_rows jsonb := '{}';
begin
  v_position := coalesce((p_after ->> 'position')::integer, 0);
  v_channel := (p_after ->> 'channel')::uuid;
  v_key := case jsonb_typeof(p_after -> 'key') when 'array' then p_after -> 'key' end;
  loop
    select * into v_source from private.export_sources where position >= v_position order by position limit 1;
    exit when v_source.name is null;
    if v_source.position <> v_position then
      v_position := v_source.position;
      v_channel := null;
      v_key := null;
    end if;
    -- A cursor goes through the caller's hands: only their own channels are ever looked at.
    if v_source.scope = 'channel' and (v_channel is null or v_channel <> all (v_owned)) then
      v_key := null;
      v_channel := (select c from unnest(v_owned) c where v_channel is null or c > v_channel order by c limit 1);
    end if;
    v_relation := to_regclass(v_source.relation);
    if v_relation is null or (v_source.scope = 'channel' and v_channel is null) then
      v_position := v_position + 1;
      v_channel := null;
      v_key := null;
      continue;
    end if;
    v_limit := greatest(1, ceil(v_room * v_source.page_rows))::integer;
    select * into v_page from private.export_rows(v_source, v_relation, p_user, v_channel, v_owned, v_key, v_limit);
    if v_page.rows > 0 then
      v_lines := v_lines || v_page.lines;
      v_rows := v_rows || jsonb_build_object(v_source.name,
        coalesce((v_rows ->> v_source.name)::bigint, 0) + v_page.rows);
      v_room := v_room - v_page.rows::double precision / v_source.page_rows;
      v_key := v_page.last_key;
    end if;
    if v_page.rows < v_limit then
      -- This source is at its end, for this channel at least.
      v_key := null;
      if v_source.scope = 'channel' then
        v_channel := (select c from unnest(v_owned) c where c > v_channel order by c limit 1);
      end if;
      if v_source.scope = 'user' or v_channel is null then
        v_position := v_position + 1;
        v_channel := null;
      end if;
    end if;
    exit when v_room <= 0.01;
  end loop;
  return jsonb_build_object(
    'lines', array_to_string(v_lines, E'\n'), 'rows', v_rows,
    'scores_shown', private.setting('derived_metrics_accepted_at') is not null, 'next', case when v_source.name is null
      then null
      else jsonb_build_object('position', v_position, 'channel', v_channel, 'key', v_key) end);
exception
  -- Nothing here but a cursor comes from outside.
  when data_exception then
    perform private.refuse(400, 'invalid_query', 'The cursor is not one that an export gave. Start again without it.');
    return null;
end
$$;
comment on function engine.export_page(uuid, jsonb) is
  'One page of everything that is held about a user and the channels they own: {"lines", "rows", "next"}; pass next '
  'as p_after. A page has a few hundred kilobytes whatever the tables hold.';

create table private.running_exports (
  id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  ends_at timestamptz not null,
  constraint running_exports_pkey primary key (id),
  constraint running_exports_user_id_fkey foreign key (user_id) references public.users (id) on delete cascade
);
comment on table private.running_exports is
  'Exports that are being sent. One whose process died stands here until it would have had to end.';
create index running_exports_user_id_idx on private.running_exports (user_id);
alter table private.running_exports enable row level security;

create function engine.begin_export(p_user uuid) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid;
begin
  perform from public.users where id = p_user for no key update;
  delete from private.running_exports where ends_at < clock_timestamp();
  if (select count(*) from private.running_exports where user_id = p_user) >= 2 then
    perform private.refuse(429, 'rate_limited', 'Two exports of yours are running. Wait until one of them has ended.');
  end if;
  insert into private.running_exports (user_id, ends_at) values (p_user, clock_timestamp() + interval '5 minutes')
  returning id into v_id;
  return v_id;
end
$$;
comment on function engine.begin_export(uuid) is
  'Lets a user take out what is theirs, twice at a time at most: each may take minutes.';

create function engine.end_export(p_export uuid) returns void
language sql security definer set search_path = '' as $$
  delete from private.running_exports where id = p_export
$$;
