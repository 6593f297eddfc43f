-- The ground everything else stands on: who may see what, how state changes, how work is queued.
--
-- Three schemas. `public` is what a signed-in user may read under row level security. `engine` is exposed to the Data
-- API but granted to service_role alone. `private` is never exposed.

create schema if not exists engine;
create schema if not exists private;

comment on schema engine is
  'Functions that change state. They are security definer because no API role, service_role included, may write a table: '
  'calling one of them is the only way in, so no token and no key can reach around the rules.';
comment on schema private is 'Credentials, leases, limits and the queue''s bookkeeping. Never exposed to the Data API.';

revoke all on schema engine from public;
revoke all on schema private from public;
grant usage on schema engine to service_role;
grant usage on schema private to authenticated;

-- Old and new projects must behave alike: nothing is reachable unless a migration grants it.
alter default privileges for role postgres in schema public revoke all on tables from anon, authenticated, service_role;
alter default privileges for role postgres in schema public revoke all on functions from public, anon, authenticated, service_role;
alter default privileges for role postgres in schema public revoke all on sequences from anon, authenticated, service_role;
alter default privileges for role postgres revoke execute on functions from public;

-- Time ---------------------------------------------------------------------------------------------------------------

create table private.clock (
  singleton boolean not null default true,
  advance interval not null default interval '0',
  constraint clock_pkey primary key (singleton),
  constraint clock_singleton_check check (singleton)
);
comment on table private.clock is
  'How far the product''s clock stands before the real one. Zero everywhere but on a local stack whose tests move time; '
  'no function writes it.';
insert into private.clock (singleton) values (true);

create function private.now() returns timestamptz
language plpgsql stable security definer set search_path = '' as $$
begin
  return clock_timestamp() + (select advance from private.clock);
end
$$;
comment on function private.now() is 'The product''s time: the real clock plus the local stack''s offset.';
grant execute on function private.now() to authenticated;

create function private.touch_updated_at() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.updated_at := clock_timestamp();
  return new;
end
$$;

-- Refusals -----------------------------------------------------------------------------------------------------------

create function private.refuse(p_status integer, p_code text, p_detail text, p_pointer text default null) returns void
language plpgsql set search_path = '' as $$
begin
  raise exception using
    errcode = 'PT' || p_status,
    message = p_code,
    detail = p_detail,
    hint = coalesce(p_pointer, '');
end
$$;
comment on function private.refuse(integer, text, text, text) is
  'Ends the transaction with an HTTP status, the slug of a problem kind, a sentence for the user and a JSON pointer.';

-- Settings of the operator -------------------------------------------------------------------------------------------

create table private.settings (
  key text not null,
  value jsonb not null,
  updated_at timestamptz not null default clock_timestamp(),
  constraint settings_pkey primary key (key)
);
comment on table private.settings is
  'Settings of the operator, for example derived_metrics_accepted_at: the day on which YouTube''s derived-metrics '
  'amendment was accepted. Scores stay hidden without it.';

create function private.setting(p_key text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select value from private.settings where key = p_key);
end
$$;
grant execute on function private.setting(text) to authenticated;

-- Users --------------------------------------------------------------------------------------------------------------

create table public.users (
  id uuid not null,
  display_name text,
  time_zone text not null default 'UTC',
  plan jsonb not null default '{}',
  erasing_at timestamptz,
  version bigint not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint users_pkey primary key (id),
  constraint users_id_fkey foreign key (id) references auth.users (id) on delete cascade,
  constraint users_display_name_check check (char_length(display_name) between 1 and 80)
);
comment on table public.users is
  'One row for every auth.users row that used the product. Made on first use, because a hosted project promises no triggers on auth.';
comment on column public.users.plan is 'Limits that differ from the deployment''s defaults, by name.';
comment on column public.users.erasing_at is 'When the user asked to be erased; the row goes with the last channel.';
comment on column public.users.version is 'Counts edits; the ETag of the resource.';
create trigger users_touch before update on public.users for each row execute function private.touch_updated_at();
alter table public.users enable row level security;
grant select on public.users to authenticated;
create policy "users see themselves" on public.users
  for select to authenticated using (id = (select auth.uid()));

-- Channels and members -----------------------------------------------------------------------------------------------

create table public.channels (
  id uuid not null default gen_random_uuid(),
  youtube_channel_id text not null,
  title text not null,
  handle text,
  thumbnail_url text,
  uploads_playlist_id text,
  subscriber_count bigint,
  time_zone text not null default 'UTC',
  posting_slots jsonb not null default '[]',
  minimum_gap_minutes integer not null default 60,
  brand_voice jsonb not null default '{}',
  brand_voice_version integer not null default 1,
  banned_topics text[] not null default '{}',
  state text not null default 'connected',
  state_reason text,
  features jsonb not null default '{}',
  sync jsonb not null default '{}',
  last_synced_at timestamptz,
  last_scored_at timestamptz,
  purge_at timestamptz,
  purge_told_at timestamptz,
  version bigint not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint channels_pkey primary key (id),
  constraint channels_youtube_channel_id_key unique (youtube_channel_id),
  constraint channels_state_check check (state in ('connected', 'disconnected', 'erasing')),
  constraint channels_state_reason_check check (
    case state
      when 'connected' then state_reason is null
      when 'disconnected' then coalesce(state_reason, '') in ('grant_revoked', 'session_control')
      else coalesce(state_reason, '') = 'erasing'
    end),
  constraint channels_minimum_gap_minutes_check check (minimum_gap_minutes between 0 and 10080)
);
comment on table public.channels is 'A connected YouTube channel: the unit of ownership and sharing.';
comment on column public.channels.posting_slots is
  'Weekly slots in the channel''s own zone: [{"weekday": 1 (Monday) to 7, "time": "18:00"}]. Never minutes from UTC.';
comment on column public.channels.features is 'What the granted scopes allow, by name: read, upload, manage, analytics.';
comment on column public.channels.sync is 'Progress and cursor of the catalogue''s synchronisation.';
comment on column public.channels.last_scored_at is 'When a scoring pass over all videos last ended.';
comment on column public.channels.purge_at is
  'When the channel is erased unless Google confirms its permission before; null while there is nothing to fear. See private.purge_unverified.';
comment on column public.channels.purge_told_at is 'When its owners were told of that; nobody is erased without.';
comment on column public.channels.state_reason is 'Why the channel is not connected, as a slug; null while it is.';
create trigger channels_touch before update on public.channels for each row execute function private.touch_updated_at();

create table public.channel_members (
  channel_id uuid not null,
  user_id uuid not null,
  role text not null,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint channel_members_pkey primary key (channel_id, user_id),
  constraint channel_members_channel_id_fkey foreign key (channel_id) references public.channels (id) on delete cascade,
  constraint channel_members_user_id_fkey foreign key (user_id) references public.users (id) on delete cascade,
  constraint channel_members_role_check check (role in ('owner', 'editor', 'viewer'))
);
comment on table public.channel_members is 'A user''s role on a channel.';
create index channel_members_user_id_idx on public.channel_members (user_id, channel_id);
create trigger channel_members_touch before update on public.channel_members for each row execute function private.touch_updated_at();

create function private.my_channels() returns setof uuid
language plpgsql stable security definer set search_path = '' as $$
begin
  return query select channel_id from public.channel_members where user_id = (select auth.uid());
end
$$;
comment on function private.my_channels() is
  'Channels of the caller. Definer, because a policy that reads channel_members inside its own policy would recurse.';
revoke all on function private.my_channels() from public;
grant execute on function private.my_channels() to authenticated;

alter table public.channels enable row level security;
grant select on public.channels to authenticated;
create policy "members see their channels" on public.channels
  for select to authenticated using (id in (select private.my_channels()));

alter table public.channel_members enable row level security;
grant select on public.channel_members to authenticated;
create policy "members see who else is on their channels" on public.channel_members
  for select to authenticated using (channel_id in (select private.my_channels()));

create function private.require_role(p_user uuid, p_channel uuid, p_roles text[]) returns void
language plpgsql stable set search_path = '' as $$
declare
  v_role text;
begin
  select role into v_role from public.channel_members where channel_id = p_channel and user_id = p_user;
  if v_role is null then
    perform private.refuse(404, 'not_found', 'No such object.');
  elsif v_role <> all (p_roles) then
    perform private.refuse(403, 'role_too_low',
      format('Your role on this channel is %s; this needs %s.', v_role, array_to_string(p_roles, ' or ')));
  end if;
end
$$;
comment on function private.require_role(uuid, uuid, text[]) is
  'Refuses with 404 when the user is not on the channel (a foreign object and an absent one look alike), with 403 when the role is too low.';

create table private.channel_credentials (
  channel_id uuid not null,
  owner_id uuid not null,
  refresh_token text,
  access_token text,
  access_token_expires_at timestamptz,
  granted_scopes text[] not null default '{}',
  permission_expires_at timestamptz,
  token_version bigint not null default 1,
  refresh_lease_until timestamptz,
  refresh_lease_id uuid,
  refreshed_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint channel_credentials_pkey primary key (channel_id),
  constraint channel_credentials_refresh_token_check check (refresh_token like 'v1.%.%.%'),
  constraint channel_credentials_access_token_check check (access_token like 'v1.%.%.%'),
  constraint channel_credentials_channel_id_fkey foreign key (channel_id) references public.channels (id) on delete cascade,
  constraint channel_credentials_owner_id_fkey foreign key (owner_id) references public.users (id) on delete cascade
);
comment on table private.channel_credentials is
  'Google''s tokens of a channel, encrypted by the functions (v1.<key id>.<nonce>.<ciphertext>, bound to row and owner): '
  'the database, its logs and its backups only ever see ciphertext.';
comment on column private.channel_credentials.permission_expires_at is
  'When Google ends the permission by itself; null when it does not. Seven days after the consent: its project is still in testing.';
comment on column private.channel_credentials.token_version is
  'Grows with every new token: who was refused names the version it used, so that a hundred refusals lead to one refresh.';
comment on column private.channel_credentials.refresh_lease_until is 'Refreshing is single-flight: who holds the lease asks Google, all others wait.';
create index channel_credentials_owner_id_idx on private.channel_credentials (owner_id);
create trigger channel_credentials_touch before update on private.channel_credentials for each row execute function private.touch_updated_at();
alter table private.channel_credentials enable row level security;

create table private.oauth_states (
  state_hash text not null,
  id uuid not null,
  user_id uuid not null,
  channel_id uuid,
  code_verifier text not null,
  return_to text,
  expires_at timestamptz not null,
  created_at timestamptz not null default clock_timestamp(),
  constraint oauth_states_pkey primary key (state_hash),
  constraint oauth_states_code_verifier_check check (code_verifier like 'v1.%.%.%'),
  constraint oauth_states_user_id_fkey foreign key (user_id) references public.users (id) on delete cascade,
  constraint oauth_states_channel_id_fkey foreign key (channel_id) references public.channels (id) on delete cascade
);
comment on column private.oauth_states.id is 'The row as the encryption of its verifier knows it.';
comment on table private.oauth_states is
  'One row per consent that was started: the state''s SHA-256, the user it is bound to and the encrypted PKCE verifier. Used once, then gone.';
create index oauth_states_user_id_idx on private.oauth_states (user_id);
create index oauth_states_channel_id_idx on private.oauth_states (channel_id);
alter table private.oauth_states enable row level security;

-- Idempotency --------------------------------------------------------------------------------------------------------

create table private.idempotency_keys (
  user_id uuid not null,
  operation text not null,
  key text not null,
  fingerprint text not null,
  answer jsonb,
  created_at timestamptz not null default clock_timestamp(),
  constraint idempotency_keys_pkey primary key (user_id, operation, key),
  constraint idempotency_keys_user_id_fkey foreign key (user_id) references public.users (id) on delete cascade,
  constraint idempotency_keys_key_check check (char_length(key) between 1 and 255)
);
comment on table private.idempotency_keys is
  'The stored answer of every request that carried an Idempotency-Key, by user and operation. Kept for 24 hours.';
comment on column private.idempotency_keys.fingerprint is 'SHA-256 of method, path and body: the same key with another request is refused.';
create index idempotency_keys_created_at_idx on private.idempotency_keys (created_at);
alter table private.idempotency_keys enable row level security;

create function private.begin_request(p_user uuid, p_operation text, p_idempotency jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  v_row private.idempotency_keys;
begin
  if p_idempotency is null or p_idempotency = 'null'::jsonb then
    return null;
  end if;
  -- A twin that is still running holds this row: the insert waits for its commit and then finds the stored answer.
  insert into private.idempotency_keys (user_id, operation, key, fingerprint)
  values (p_user, p_operation, p_idempotency ->> 'key', p_idempotency ->> 'fingerprint')
  on conflict on constraint idempotency_keys_pkey do nothing;
  if found then
    return null;
  end if;
  select * into v_row from private.idempotency_keys
  where user_id = p_user and operation = p_operation and key = p_idempotency ->> 'key';
  if v_row.fingerprint is distinct from p_idempotency ->> 'fingerprint' then
    perform private.refuse(422, 'idempotency_key_reused',
      'This Idempotency-Key was used with another request. Send the same request again, or a new key.');
  end if;
  if v_row.answer is null then
    perform private.refuse(409, 'request_in_progress', 'A request with this Idempotency-Key is still running. Try again shortly.');
  end if;
  return v_row.answer;
end
$$;
comment on function private.begin_request(uuid, text, jsonb) is
  'Claims an idempotency key inside the caller''s transaction. Null: go on and end with private.end_request; otherwise the stored answer.';

create function private.end_request(p_user uuid, p_operation text, p_idempotency jsonb, p_answer jsonb) returns jsonb
language plpgsql set search_path = '' as $$
begin
  if p_idempotency is not null and p_idempotency <> 'null'::jsonb then
    update private.idempotency_keys set answer = p_answer
    where user_id = p_user and operation = p_operation and key = p_idempotency ->> 'key';
  end if;
  return p_answer;
end
$$;

-- Limits -------------------------------------------------------------------------------------------------------------

create table private.rate_limits (
  user_id uuid not null,
  class text not null,
  theoretical_arrival timestamptz not null,
  constraint rate_limits_pkey primary key (user_id, class),
  constraint rate_limits_user_id_fkey foreign key (user_id) references public.users (id) on delete cascade
);
comment on table private.rate_limits is
  'GCRA: one theoretical arrival time per user and route class. Exact under any number of callers, in one statement.';
alter table private.rate_limits enable row level security;

create function engine.admit(p_user uuid, p_class text default null, p_per_minute integer default null, p_burst integer default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_now timestamptz := clock_timestamp();
  v_interval interval := interval '1 minute' / p_per_minute;
  v_tolerance interval := v_interval * p_burst;
  v_arrival timestamptz;
  v_allowed boolean := true;
begin
  -- Nobody waits for the disk: a crash of the database costs some requests of the last moment their count. What commits after
  -- this, the change itself, takes it to the disk along.
  perform set_config('synchronous_commit', 'off', true);
  update private.rate_limits l set theoretical_arrival = greatest(l.theoretical_arrival, v_now) + v_interval
  where user_id = p_user and class = p_class and greatest(l.theoretical_arrival, v_now) + v_interval - v_now <= v_tolerance
  returning theoretical_arrival into v_arrival;

  if v_arrival is null then
    -- The first call of this user or class, or one too many: the same again for a row that may have to be made.
    begin
      insert into public.users (id) values (p_user) on conflict on constraint users_pkey do nothing;
      insert into private.rate_limits as l (user_id, class, theoretical_arrival)
      values (p_user, p_class, v_now + v_interval)
      on conflict on constraint rate_limits_pkey do update
        set theoretical_arrival = greatest(l.theoretical_arrival, v_now) + v_interval
        where greatest(l.theoretical_arrival, v_now) + v_interval - v_now <= v_tolerance
      returning theoretical_arrival into v_arrival;
    exception
      when foreign_key_violation then
        perform private.refuse(401, 'token_invalid', 'The account of this access token no longer exists. Sign in again.');
    end;
  end if;

  if v_arrival is null then
    v_allowed := false;
    select theoretical_arrival into v_arrival from private.rate_limits where user_id = p_user and class = p_class;
  end if;

  return jsonb_build_object(
    'allowed', v_allowed,
    'remaining', greatest(0, floor(extract(epoch from (v_now + v_tolerance - v_arrival)) / extract(epoch from v_interval)))::integer,
    -- Since when the user has changed nothing: what is kept of their answers may be given again only after a while.
    'quiet_seconds', (
      select extract(epoch from v_now - max(theoretical_arrival)) from private.rate_limits where user_id = p_user and class in ('write', 'spend')),
    'reset_seconds', ceil(greatest(0, extract(epoch from (v_arrival - v_now))))::integer,
    'retry_after_seconds',
      case when v_allowed then 0
      else ceil(greatest(0, extract(epoch from (v_arrival + v_interval - v_tolerance - v_now))))::integer end);
end
$$;
comment on function engine.admit(uuid, text, integer, integer) is
  'Lets one request of a user through or not (GCRA: p_per_minute sustained, p_burst at once), and makes the user''s row on first use.';
revoke all on function engine.admit(uuid, text, integer, integer) from public, anon, authenticated;
grant execute on function engine.admit(uuid, text, integer, integer) to service_role;

-- Pipeline -----------------------------------------------------------------------------------------------------------

do $$
begin
  if not exists (select from pg_catalog.pg_namespace where nspname = 'pgmq') then
    create extension pgmq;
  end if;
end
$$;

select pgmq.create(q) from unnest(array['sync', 'score', 'render', 'publish', 'maintenance', 'dead']) as q;

create table private.steps (
  id uuid not null default gen_random_uuid(),
  queue text not null,
  kind text not null,
  subject_id uuid not null,
  channel_id uuid,
  state text not null default 'waiting',
  message_id bigint,
  due_at timestamptz not null,
  attempts integer not null default 0,
  claims bigint not null default 0,
  max_attempts integer not null default 8,
  fence bigint not null default 0,
  claimed_by text,
  lease_until timestamptz,
  run_again boolean not null default false,
  reason text,
  last_error jsonb,
  request_id text,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint steps_pkey primary key (id),
  constraint steps_kind_subject_id_key unique (kind, subject_id),
  constraint steps_queue_check check (queue in ('sync', 'score', 'render', 'publish', 'maintenance')),
  constraint steps_state_check check (state in ('waiting', 'running', 'done', 'dead'))
);
comment on table private.steps is
  'Pipeline work, at least once: one row for each kind and subject. The queue''s message carries only this row''s id; what '
  'is to be done is decided from the subject''s own state.';
comment on column private.steps.attempts is 'Counted by the claim, so an attempt that kills its process counts too. Waiting gives it back.';
comment on column private.steps.claims is 'All claims ever, waiting included.';
comment on column private.steps.fence is 'Fencing token: grows with every claim; a write that carries an older one is refused.';
comment on column private.steps.request_id is 'The request that last made this step due, through whatever steps came between; null for the scheduler''s own.';
comment on column private.steps.run_again is 'Somebody asked for this step while it was running.';
create index steps_due_at_idx on private.steps (due_at) where state in ('waiting', 'running');
create index steps_channel_id_idx on private.steps (channel_id);
create trigger steps_touch before update on private.steps for each row execute function private.touch_updated_at();
alter table private.steps enable row level security;

create function private.request_id() returns text
language plpgsql stable set search_path = '' as $$
begin
  return substring(nullif(current_setting('request.headers', true), '')::jsonb ->> 'x-request-id' from '^[A-Za-z0-9._-]{8,64}$');
end
$$;
comment on function private.request_id() is
  'The request for which the functions make this call of the Data API: they send its id along. Null outside of one.';

create function private.enqueue_step(
  p_queue text, p_kind text, p_subject uuid, p_channel uuid, p_after interval default interval '0'
) returns uuid
language plpgsql set search_path = '' as $$
declare
  v_step private.steps;
  v_due timestamptz := private.now() + greatest(p_after, interval '0');
  v_visible timestamptz := clock_timestamp() + greatest(p_after, interval '0');
  v_request text := private.request_id();
  v_id uuid;
  v_message bigint;
begin
  loop
    select * into v_step from private.steps where kind = p_kind and subject_id = p_subject for no key update;
    exit when found;
    -- The id and the message come first, so that the row is written once.
    v_id := gen_random_uuid();
    v_message := pgmq.send(p_queue, jsonb_build_object('step', v_id), null::jsonb, v_visible);
    insert into private.steps (id, queue, kind, subject_id, channel_id, message_id, due_at, request_id)
    values (v_id, p_queue, p_kind, p_subject, p_channel, v_message, v_due, v_request)
    on conflict on constraint steps_kind_subject_id_key do nothing;
    if found then
      return v_id;
    end if;
    -- Somebody else made the step at this moment.
    perform pgmq.delete(p_queue, v_message);
  end loop;
  if v_step.state = 'running' then
    update private.steps set run_again = true, request_id = coalesce(v_request, request_id) where id = v_step.id;
  elsif v_step.state = 'waiting' and v_step.due_at <= v_due then
    null;
  elsif v_step.state = 'waiting' then
    update private.steps set due_at = v_due, request_id = coalesce(v_request, request_id) where id = v_step.id;
    perform pgmq.set_vt(v_step.queue, v_step.message_id, ceil(greatest(0, extract(epoch from p_after)))::integer);
  else
    v_message := pgmq.send(p_queue, jsonb_build_object('step', v_step.id), null::jsonb, v_visible);
    update private.steps
    set state = 'waiting', due_at = v_due, attempts = 0, last_error = null, reason = null, run_again = false, request_id = v_request,
      message_id = v_message
    where id = v_step.id;
  end if;
  return v_step.id;
end
$$;
comment on function private.enqueue_step(text, text, uuid, uuid, interval) is
  'Makes a step due, inside the transaction that changes its subject. Idempotent: an earlier due time wins; a running step runs again.';

create function private.lock_step(p_kind text, p_subject uuid) returns void
language plpgsql set search_path = '' as $$
begin
  perform from private.steps where kind = p_kind and subject_id = p_subject for no key update;
end
$$;
comment on function private.lock_step(text, uuid) is
  'First line of every request that makes a step due after it has locked the step''s subject: a running step holds itself first and its '
  'subject second, and two orders would deadlock.';

create function private.cancel_step(p_kind text, p_subject uuid) returns void
language plpgsql set search_path = '' as $$
declare
  v_step private.steps;
begin
  select * into v_step from private.steps where kind = p_kind and subject_id = p_subject for no key update;
  if v_step.id is null or v_step.state in ('done', 'dead') then
    return;
  end if;
  -- The fence moves on, so that a worker in the middle of the step finds its writes refused.
  update private.steps set state = 'done', fence = fence + 1, run_again = false, reason = 'cancelled' where id = v_step.id;
  perform pgmq.archive(v_step.queue, v_step.message_id);
end
$$;

create function private.hold_step(p_step uuid, p_fence bigint) returns void
language plpgsql set search_path = '' as $$
begin
  perform from private.steps where id = p_step and fence = p_fence and state = 'running' for no key update;
  if not found then
    perform private.refuse(409, 'stale_fence', 'This claim has been taken over.');
  end if;
end
$$;
comment on function private.hold_step(uuid, bigint) is
  'First line of every write that a step makes: locks the step and refuses a claim that is no longer the newest.';

create function private.bury_step(p_step private.steps, p_error jsonb) returns void
language plpgsql set search_path = '' as $$
declare
  v_hook text := 'on_dead_' || replace((p_step).kind, '.', '_');
begin
  update private.steps
  set state = 'dead', last_error = p_error, lease_until = null, claimed_by = null
  where id = (p_step).id;
  perform pgmq.send('dead', jsonb_build_object('step', (p_step).id, 'error', p_error));
  perform pgmq.archive((p_step).queue, (p_step).message_id);
  if exists (
    select from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'private' and p.proname = v_hook
  ) then
    execute format('select private.%I($1, $2)', v_hook) using (p_step).subject_id, p_error;
  end if;
end
$$;
comment on function private.bury_step(private.steps, jsonb) is
  'Dead-letters a step and, through private.on_dead_<kind>, moves its subject to the state that tells the user.';

create function private.has_message(p_queue text) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  case p_queue
    when 'publish' then return exists (select from pgmq.q_publish where vt <= clock_timestamp());
    when 'render' then return exists (select from pgmq.q_render where vt <= clock_timestamp());
    when 'notify' then return exists (select from pgmq.q_notify where vt <= clock_timestamp());
    when 'sync' then return exists (select from pgmq.q_sync where vt <= clock_timestamp());
    when 'score' then return exists (select from pgmq.q_score where vt <= clock_timestamp());
    when 'maintenance' then return exists (select from pgmq.q_maintenance where vt <= clock_timestamp());
  end case;
end
$$;
comment on function private.has_message(text) is
  'Whether a queue has a message to be read. pgmq.read plans its statement anew at each call, which for an empty queue is all the work there is.';

create function engine.claim_steps(p_worker text default null, p_queues text[] default null, p_limit integer default null, p_lease_seconds integer default null)
returns table (step_id uuid, fence bigint, kind text, subject_id uuid, channel_id uuid, attempt integer, late_seconds double precision, request_id text)
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  v_now timestamptz := private.now();
  v_queue text;
  v_messages bigint[];
  v_steps uuid[];
  v_claimed bigint[];
  v_message record;
  v_step private.steps;
  v_left integer := p_limit;
begin
  foreach v_queue in array p_queues loop
    exit when v_left <= 0;
    continue when not private.has_message(v_queue);
    v_claimed := '{}';
    select array_agg(m.msg_id), array_agg((m.message ->> 'step')::uuid) into v_messages, v_steps from pgmq.read(v_queue, p_lease_seconds, v_left) m;
    -- Whoever holds a step goes on to its message; a claim holds the message, and so must not wait for the step.
    for v_step in
      with free as (
        select s.id from unnest(v_messages, v_steps) as m (message_id, step_id)
        join private.steps s on s.id = m.step_id and s.message_id = m.message_id
        where s.state in ('waiting', 'running') and s.attempts < s.max_attempts
        for no key update of s skip locked
      )
      update private.steps s
      set state = 'running', attempts = s.attempts + 1, claims = s.claims + 1, fence = s.fence + 1, claimed_by = p_worker,
          lease_until = v_now + make_interval(secs => p_lease_seconds), run_again = false
      from free f where s.id = f.id
      returning s.*
    loop
      v_claimed := v_claimed || v_step.message_id;
      v_left := v_left - 1;
      step_id := v_step.id;
      fence := v_step.fence;
      kind := v_step.kind;
      subject_id := v_step.subject_id;
      channel_id := v_step.channel_id;
      attempt := v_step.attempts;
      late_seconds := extract(epoch from (v_now - v_step.due_at));
      request_id := v_step.request_id;
      return next;
    end loop;
    -- What is left was done or given up before its message was read, has used up its attempts, or is held by somebody now.
    for v_message in
      select m.id, m.step_id from unnest(v_messages, v_steps) as m (id, step_id) where m.id <> all (v_claimed)
    loop
      select * into v_step from private.steps s where s.id = v_message.step_id and s.message_id = v_message.id for no key update skip locked;
      if v_step.state in ('waiting', 'running') and v_step.attempts >= v_step.max_attempts then
        perform private.bury_step(v_step, coalesce(v_step.last_error, '{}') || jsonb_build_object(
          'code', 'attempts_exhausted', 'attempts', v_step.attempts));
      elsif exists (
        select from private.steps s where s.id = v_message.step_id and s.message_id = v_message.id and s.state in ('waiting', 'running'))
      then
        perform pgmq.set_vt(v_queue, v_message.id, 1);
      else
        perform pgmq.archive(v_queue, v_message.id);
      end if;
    end loop;
  end loop;
  -- Once a second: the row would otherwise make every worker wait for the others' commits.
  update private.heartbeats set beat_at = v_now, worker = p_worker
  where name in (
    select h.name from private.heartbeats h
    where h.name = 'dispatch' and (h.beat_at between v_now - interval '1 second' and v_now) is not true
    for no key update skip locked);
end
$$;
comment on function engine.claim_steps(text, text[], integer, integer) is
  'Claims due steps under a lease. Counts the attempt and moves the fence on in the same statement; a step that has used all '
  'its attempts is dead-lettered here, even when every one of them killed its process.';

create function engine.extend_lease(p_step uuid, p_fence bigint, p_lease_seconds integer default null) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_step private.steps;
begin
  update private.steps set lease_until = private.now() + make_interval(secs => p_lease_seconds)
  where id = p_step and fence = p_fence and state = 'running'
  returning * into v_step;
  if v_step.id is null then
    return false;
  end if;
  perform pgmq.set_vt(v_step.queue, v_step.message_id, p_lease_seconds);
  return true;
end
$$;

create function engine.finish_step(p_step uuid, p_fence bigint, p_outcome jsonb default null) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_step private.steps;
  v_after double precision := coalesce((p_outcome ->> 'after_seconds')::double precision, 0);
begin
  select * into v_step from private.steps where id = p_step and fence = p_fence and state = 'running' for no key update;
  if v_step.id is null then
    return false;
  end if;
  case p_outcome ->> 'result'
    when 'done' then
      if v_step.run_again then
        v_after := 0;
        update private.steps set attempts = 0, last_error = null, reason = null where id = v_step.id;
      else
        update private.steps
        set state = 'done', lease_until = null, claimed_by = null, last_error = null, reason = null where id = v_step.id;
        perform pgmq.archive(v_step.queue, v_step.message_id);
        return true;
      end if;
    when 'again' then
      update private.steps set attempts = 0, reason = p_outcome ->> 'reason' where id = v_step.id;
    when 'wait' then
      update private.steps set attempts = greatest(attempts - 1, 0), reason = p_outcome ->> 'reason' where id = v_step.id;
    when 'retry' then
      if v_step.attempts >= v_step.max_attempts then
        perform private.bury_step(v_step, p_outcome -> 'error');
        return true;
      end if;
      update private.steps set last_error = p_outcome -> 'error', reason = 'retry' where id = v_step.id;
    when 'give_up' then
      perform private.bury_step(v_step, p_outcome -> 'error');
      return true;
    else
      raise exception 'unknown outcome %', p_outcome ->> 'result';
  end case;
  if v_step.run_again then
    v_after := 0;
  end if;
  update private.steps
  set state = 'waiting', due_at = private.now() + make_interval(secs => v_after), lease_until = null, claimed_by = null, run_again = false
  where id = v_step.id;
  perform pgmq.set_vt(v_step.queue, v_step.message_id, ceil(v_after)::integer);
  return true;
end
$$;
comment on function engine.finish_step(uuid, bigint, jsonb) is
  'Ends a claim: {"result": done | again | wait | retry | give_up, "after_seconds", "reason", "error"}. '
  '`again` is progress and resets the attempts, `wait` gives this attempt back, `retry` keeps it. False: the claim was taken over.';

create function engine.turn_steps(
  p_worker text default null, p_queues text[] default null, p_limit integer default null, p_lease_seconds integer default null,
  p_ended jsonb default null
) returns table (step_id uuid, fence bigint, kind text, subject_id uuid, channel_id uuid, attempt integer, late_seconds double precision, request_id text)
language plpgsql security definer set search_path = '' as $$
declare
  v_done record;
begin
  -- Most ends are plain ones, and share three statements.
  for v_done in
    with locked as (
      select s.id
      from jsonb_to_recordset(p_ended) as e (step uuid, fence bigint, outcome jsonb)
      join private.steps s on s.id = e.step and s.fence = e.fence
      where s.state = 'running' and not s.run_again and e.outcome ->> 'result' = 'done'
      order by s.id for no key update of s
    ), done as (
      update private.steps s set state = 'done', lease_until = null, claimed_by = null, last_error = null, reason = null
      from locked l where s.id = l.id
      returning s.queue, s.message_id
    )
    select d.queue, array_agg(d.message_id) as messages from done d group by d.queue
  loop
    perform pgmq.archive(v_done.queue, v_done.messages);
  end loop;
  perform engine.finish_step(o.step, o.fence, o.outcome)
  from (
    select e.step, e.fence, e.outcome
    from jsonb_to_recordset(p_ended) as e (step uuid, fence bigint, outcome jsonb)
    join private.steps s on s.id = e.step and s.fence = e.fence and s.state = 'running'
    order by e.step offset 0) o;
  return query select * from engine.claim_steps(p_worker, p_queues, p_limit, p_lease_seconds);
end
$$;
comment on function engine.turn_steps(text, text[], integer, integer, jsonb) is
  'Ends claims ([{"step", "fence", "outcome"}], each as engine.finish_step does) and claims due steps, in one transaction: what a '
  'dispatcher does between two steps.';

create table private.heartbeats (
  name text not null,
  worker text,
  beat_at timestamptz,
  constraint heartbeats_pkey primary key (name)
);
comment on table private.heartbeats is 'When work was last done, so that health can report work and not merely a process that is up.';
alter table private.heartbeats enable row level security;
insert into private.heartbeats (name) values ('dispatch'), ('reconcile');

create function engine.pipeline_status() returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_now timestamptz := private.now();
begin
  -- One pass, and one clock for all of its rows: a queue of a hundred thousand is looked at every few seconds.
  return (
    select jsonb_build_object(
      'due', count(*) filter (where state = 'waiting' and due_at <= v_now),
      'running', count(*) filter (where state = 'running'),
      'waiting', count(*) filter (where state = 'waiting'),
      'dead', (select count(*) from private.steps where state = 'dead'),
      'oldest_due_seconds', extract(epoch from v_now - min(due_at) filter (where state = 'waiting' and due_at <= v_now)),
      'next_due_seconds', extract(epoch from min(case when state = 'running' then lease_until else due_at end) - v_now),
      'last_dispatch_at', (select beat_at from private.heartbeats where name = 'dispatch'))
    from private.steps where state in ('waiting', 'running'));
end
$$;
comment on function engine.pipeline_status() is 'What is due, what runs, when the next step is due, and when work was last claimed.';

revoke all on function engine.claim_steps(text, text[], integer, integer), engine.extend_lease(uuid, bigint, integer),
  engine.finish_step(uuid, bigint, jsonb), engine.turn_steps(text, text[], integer, integer, jsonb), engine.pipeline_status()
  from public, anon, authenticated;
grant execute on function engine.claim_steps(text, text[], integer, integer), engine.extend_lease(uuid, bigint, integer),
  engine.finish_step(uuid, bigint, jsonb), engine.turn_steps(text, text[], integer, integer, jsonb), engine.pipeline_status()
  to service_role;

-- Waking the dispatcher ----------------------------------------------------------------------------------------------

create function private.wake_dispatcher() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  v_url text;
  v_secret text;
begin
  if not exists (
    select from private.steps
    where (state = 'waiting' and due_at <= private.now()) or (state = 'running' and lease_until <= private.now())
  ) then
    return null;
  end if;
  select decrypted_secret into v_url from vault.decrypted_secrets where name = 'app_url';
  select decrypted_secret into v_secret from vault.decrypted_secrets where name = 'cron_secret';
  if v_url is null or v_secret is null then
    raise exception 'the vault secrets app_url and cron_secret are missing: set both, or nothing wakes the dispatcher';
  end if;
  return net.http_post(
    url := v_url || '/api/cron/dispatch',
    body := '{}'::jsonb,
    headers := jsonb_build_object('Content-Type', 'application/json', 'Authorization', 'Bearer ' || v_secret),
    timeout_milliseconds := 10000);
end
$$;
comment on function private.wake_dispatcher() is
  'Calls the dispatcher, through pg_net, only when a step is due or a lease has run out. The call is a hint: what it misses, the next minute finds.';

select cron.schedule('wake-dispatcher', '* * * * *', 'select private.wake_dispatcher()');
select cron.schedule('prune-idempotency-keys', '17 * * * *',
  $$delete from private.idempotency_keys where created_at < clock_timestamp() - interval '24 hours'$$);
select cron.schedule('prune-cron-history', '10 3 * * *',
  $$delete from cron.job_run_details where end_time < now() - interval '7 days'$$);
select cron.schedule('prune-queue-archives', '20 3 * * *', $$
  delete from pgmq.a_sync where archived_at < now() - interval '7 days';
  delete from pgmq.a_score where archived_at < now() - interval '7 days';
  delete from pgmq.a_render where archived_at < now() - interval '7 days';
  delete from pgmq.a_publish where archived_at < now() - interval '7 days';
  delete from pgmq.a_maintenance where archived_at < now() - interval '7 days'$$);

-- Log of what happened -----------------------------------------------------------------------------------------------

create table public.system_logs (
  id bigint generated always as identity,
  event_type text not null,
  severity text not null,
  source text not null,
  message text not null,
  details jsonb not null default '{}',
  user_id uuid,
  request_id text,
  created_at timestamptz not null default clock_timestamp(),
  constraint system_logs_pkey primary key (id),
  constraint system_logs_user_id_fkey foreign key (user_id) references public.users (id) on delete cascade,
  constraint system_logs_severity_check check (severity in ('debug', 'info', 'warning', 'error', 'critical'))
);
comment on table public.system_logs is 'Events worth telling the user they concern; kept for 30 days.';
create index system_logs_user_id_created_at_idx on public.system_logs (user_id, created_at desc);
create index system_logs_created_at_idx on public.system_logs (created_at);
alter table public.system_logs enable row level security;
grant select on public.system_logs to authenticated;
create policy "users see what concerns them" on public.system_logs
  for select to authenticated using (user_id = (select auth.uid()));
select cron.schedule('prune-system-logs', '30 3 * * *',
  $$delete from public.system_logs where created_at < now() - interval '30 days'$$);

create function private.log_event(
  p_type text, p_severity text, p_source text, p_message text, p_details jsonb default '{}', p_user uuid default null
) returns void
language sql set search_path = '' as $$
  insert into public.system_logs (event_type, severity, source, message, details, user_id, request_id)
  values (p_type, p_severity, p_source, p_message, p_details, p_user, private.request_id())
$$;

-- Profile ------------------------------------------------------------------------------------------------------------

create function private.is_time_zone(p_name text) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  perform pg_catalog.now() at time zone p_name;
  -- Postgres also takes abbreviations and offsets, which know nothing of summer time: only IANA's names are zones here.
  return p_name = 'UTC' or p_name ~ '^[A-Z][A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)+$';
exception
  when invalid_parameter_value then
    return false;
end
$$;

create function engine.update_profile(p_user uuid, p_version bigint default null, p_changes jsonb default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_user public.users;
begin
  select * into v_user from public.users where id = p_user for no key update;
  if v_user.id is null then
    perform private.refuse(404, 'not_found', 'No such object.');
  end if;
  if p_version is not null and p_version <> v_user.version then
    perform private.refuse(412, 'version_mismatch', 'Your profile has changed since you read it. Read it again and repeat the change.');
  end if;
  if p_changes ? 'time_zone' and not private.is_time_zone(p_changes ->> 'time_zone') then
    perform private.refuse(422, 'invalid_body', 'time_zone must be the name of an IANA time zone, for example Europe/Berlin.', '/time_zone');
  end if;
  update public.users
  set display_name = case when p_changes ? 'display_name' then p_changes ->> 'display_name' else display_name end,
      time_zone = coalesce(p_changes ->> 'time_zone', time_zone),
      version = version + 1
  where id = p_user
  returning * into v_user;
  return to_jsonb(v_user);
end
$$;
comment on function engine.update_profile(uuid, bigint, jsonb) is
  'Changes display_name (null clears it) and time_zone; fields that are absent stay. p_version: the ETag the caller read, null for any.';

-- Connecting a channel -----------------------------------------------------------------------------------------------

create function engine.begin_connect(
  p_user uuid, p_id uuid default null, p_state_hash text default null, p_code_verifier text default null, p_channel uuid default null, p_return_to text default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_expires timestamptz := private.now() + interval '10 minutes';
begin
  if p_channel is not null then
    perform private.require_role(p_user, p_channel, array['owner']);
    if (select state from public.channels where id = p_channel) = 'erasing' then
      perform private.refuse(409, 'invalid_state', 'This channel is being erased. Connect it anew when it is gone.');
    end if;
  end if;
  delete from private.oauth_states where expires_at < private.now();
  -- Whoever starts over and over keeps the newest few: abandoned consents are not a way to fill a table.
  delete from private.oauth_states where state_hash in (
    select state_hash from private.oauth_states where user_id = p_user order by expires_at desc offset 9);
  insert into private.oauth_states (state_hash, id, user_id, channel_id, code_verifier, return_to, expires_at)
  values (p_state_hash, p_id, p_user, p_channel, p_code_verifier, p_return_to, v_expires);
  return jsonb_build_object('expires_at', v_expires);
end
$$;
comment on function engine.begin_connect(uuid, uuid, text, text, uuid, text) is
  'Stores a started consent for ten minutes: only the hash of its state, and the PKCE verifier encrypted. p_channel: reconnect this one.';

create function engine.take_state(p_state_hash text default null, p_user uuid default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_state private.oauth_states;
begin
  -- Deleting is taking: of two callbacks with one state only one gets the row.
  delete from private.oauth_states
  where state_hash = p_state_hash and expires_at >= private.now() and (p_user is null or user_id = p_user)
  returning * into v_state;
  if v_state.id is null then
    perform private.refuse(400, 'state_expired',
      'This consent was started more than ten minutes ago, was used already, or was started by someone else. Connect the channel again.');
  end if;
  return to_jsonb(v_state) - 'state_hash';
end
$$;
comment on function engine.take_state(text, uuid) is
  'Takes a started consent, once. p_user: the signed-in caller, when the callback carries a token; then the state must be theirs.';

create table private.channel_syncs (
  channel_id uuid not null,
  pass bigint not null default 0,
  kind text,
  phase text not null default 'idle',
  page_token text,
  pass_started_at timestamptz,
  requested_at timestamptz,
  full_at timestamptz,
  refresh_at timestamptz,
  data_through date,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint channel_syncs_pkey primary key (channel_id),
  constraint channel_syncs_channel_id_fkey foreign key (channel_id) references public.channels (id) on delete cascade,
  constraint channel_syncs_kind_check check (kind in ('full', 'refresh', 'checkpoints')),
  constraint channel_syncs_phase_check check (
    phase in ('idle', 'identity', 'catalogue', 'verify', 'counters', 'formats', 'curves'))
);
comment on table private.channel_syncs is
  'Where a channel''s synchronisation stands, so that one that was interrupted goes on where it stopped. What users see of it is channels.sync.';
comment on column private.channel_syncs.pass is 'Number of the pass over the catalogue that runs or ran last.';
comment on column private.channel_syncs.page_token is 'The page of the uploads playlist that comes next; null at its start.';
comment on column private.channel_syncs.data_through is 'Last day that Analytics had processed.';
create trigger channel_syncs_touch before update on private.channel_syncs for each row execute function private.touch_updated_at();
alter table private.channel_syncs enable row level security;

create function engine.finish_connect(
  p_user uuid, p_expected uuid default null, p_channel jsonb default null, p_credentials jsonb default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid := (p_channel ->> 'id')::uuid;
  v_channel public.channels;
  v_new boolean;
begin
  if p_expected is not null and p_expected <> v_id then
    perform private.refuse(409, 'channel_mismatch', format(
      'Consent was given for the YouTube channel "%s", but this reconnects "%s". Connect again and pick that channel at Google, or connect the other one as a new channel.',
      p_channel ->> 'title', (select title from public.channels where id = p_expected)));
  end if;
  perform private.lock_step('channel.sync', v_id);
  insert into public.channels (id, youtube_channel_id, title, time_zone)
  values (v_id, p_channel ->> 'youtube_channel_id', p_channel ->> 'title', (select time_zone from public.users where id = p_user))
  on conflict on constraint channels_pkey do nothing;
  v_new := found;
  select * into v_channel from public.channels where id = v_id for no key update;
  if v_channel.state = 'erasing' then
    perform private.refuse(409, 'invalid_state', 'This channel is still being erased. Connect it again in a few minutes.');
  end if;
  if v_new then
    insert into public.channel_members (channel_id, user_id, role) values (v_id, p_user, 'owner');
  elsif not exists (
    select from public.channel_members where channel_id = v_id and user_id = p_user and role = 'owner'
  ) then
    perform private.refuse(409, 'channel_taken',
      'This YouTube channel is connected by another account. Ask its owner to add you or to disconnect it first.');
  end if;
  insert into private.channel_credentials as c
    (channel_id, owner_id, refresh_token, access_token, access_token_expires_at, granted_scopes, permission_expires_at,
     refreshed_at)
  values (
    v_id, p_user, p_credentials ->> 'refresh_token', p_credentials ->> 'access_token',
    (p_credentials ->> 'access_token_expires_at')::timestamptz,
    array(select jsonb_array_elements_text(p_credentials -> 'granted_scopes')),
    (p_credentials ->> 'permission_expires_at')::timestamptz, private.now())
  on conflict on constraint channel_credentials_pkey do update
  set owner_id = excluded.owner_id,
      -- Google leaves the refresh token out when it thinks we have one; ours can only be kept for the owner it is bound to.
      refresh_token = coalesce(excluded.refresh_token, case when c.owner_id = excluded.owner_id then c.refresh_token end),
      access_token = excluded.access_token, access_token_expires_at = excluded.access_token_expires_at,
      granted_scopes = excluded.granted_scopes, permission_expires_at = excluded.permission_expires_at,
      refreshed_at = excluded.refreshed_at,
      token_version = c.token_version + 1, refresh_lease_id = null, refresh_lease_until = null;
  if (select refresh_token from private.channel_credentials where channel_id = v_id) is null then
    perform private.refuse(400, 'consent_failed',
      'Google gave no lasting permission. Remove this app at https://myaccount.google.com/permissions and connect the channel again.');
  end if;
  update public.channels
  set title = p_channel ->> 'title', handle = p_channel ->> 'handle', thumbnail_url = p_channel ->> 'thumbnail_url',
      uploads_playlist_id = p_channel ->> 'uploads_playlist_id', subscriber_count = (p_channel ->> 'subscriber_count')::bigint,
      features = p_channel -> 'features', state = 'connected', state_reason = null, version = version + 1
  where id = v_id;
  if (p_channel #>> '{features,read}')::boolean then
    insert into private.channel_syncs as s (channel_id, requested_at) values (v_id, private.now())
    on conflict on constraint channel_syncs_pkey do update set requested_at = excluded.requested_at;
    update public.channels
    set sync = jsonb_build_object('state', 'queued', 'videos_found', coalesce(sync -> 'videos_found', '0'), 'videos_synced', coalesce(sync -> 'videos_synced', '0'))
    where id = v_id;
    perform private.enqueue_step('sync', 'channel.sync', v_id, v_id);
  end if;
  perform private.log_event(case when v_new then 'channel.connected' else 'channel.reconnected' end, 'info', 'channels',
    format('The channel "%s" was connected.', p_channel ->> 'title'), jsonb_build_object('channel_id', v_id), p_user);
  select * into v_channel from public.channels where id = v_id;
  return to_jsonb(v_channel) || jsonb_build_object('new', v_new);
end
$$;
comment on function engine.finish_connect(uuid, uuid, jsonb, jsonb) is
  'Makes or reconnects a channel with its encrypted tokens and starts its synchronisation. History, settings and members stay. '
  'Refuses another channel than the one being reconnected, and one that another user connected.';

create function engine.update_channel(p_user uuid, p_channel uuid default null, p_version bigint default null, p_changes jsonb default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_channel public.channels;
begin
  perform private.require_role(p_user, p_channel, array['owner', 'editor']);
  select * into v_channel from public.channels where id = p_channel for no key update;
  if p_version is not null and p_version <> v_channel.version then
    perform private.refuse(412, 'version_mismatch', 'The channel''s settings have changed since you read them. Read them again and repeat the change.');
  end if;
  if p_changes ? 'time_zone' and not private.is_time_zone(p_changes ->> 'time_zone') then
    perform private.refuse(422, 'invalid_body', 'time_zone must be the name of an IANA time zone, for example Europe/Berlin.', '/time_zone');
  end if;
  update public.channels
  set time_zone = coalesce(p_changes ->> 'time_zone', time_zone),
      posting_slots = coalesce(p_changes -> 'posting_slots', posting_slots),
      minimum_gap_minutes = coalesce((p_changes ->> 'minimum_gap_minutes')::integer, minimum_gap_minutes),
      -- What was written under an older voice keeps that voice's number.
      brand_voice_version = brand_voice_version
        + case when p_changes ? 'brand_voice' and p_changes -> 'brand_voice' <> brand_voice then 1 else 0 end,
      brand_voice = coalesce(p_changes -> 'brand_voice', brand_voice),
      banned_topics = case when p_changes ? 'banned_topics'
        then array(select jsonb_array_elements_text(p_changes -> 'banned_topics')) else banned_topics end,
      version = version + 1
  where id = p_channel
  returning * into v_channel;
  return to_jsonb(v_channel);
end
$$;
comment on function engine.update_channel(uuid, uuid, bigint, jsonb) is
  'Changes a channel''s settings; fields that are absent stay. p_version: the ETag the caller read, null for any.';

create function engine.request_sync(p_user uuid, p_idempotency jsonb default null, p_channel uuid default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_answer jsonb;
  v_channel public.channels;
begin
  v_answer := private.begin_request(p_user, 'channels.sync', p_idempotency);
  if v_answer is not null then
    return v_answer;
  end if;
  perform private.require_role(p_user, p_channel, array['owner', 'editor']);
  perform private.lock_step('channel.sync', p_channel);
  select * into v_channel from public.channels where id = p_channel for no key update;
  if v_channel.state <> 'connected' then
    perform private.refuse(409, 'channel_disconnected', 'The channel is not connected to YouTube. Connect it again first.');
  elsif not coalesce((v_channel.features ->> 'read')::boolean, false) then
    perform private.refuse(403, 'feature_unavailable',
      'Permission to read the channel was not given. Connect it again and tick "View your YouTube account".');
  end if;
  insert into private.channel_syncs as s (channel_id, requested_at) values (p_channel, private.now())
  on conflict on constraint channel_syncs_pkey do update set requested_at = excluded.requested_at;
  if coalesce(v_channel.sync ->> 'state', '') not in ('running', 'waiting') then
    update public.channels set sync = sync || '{"state": "queued", "reason": null}' where id = p_channel returning * into v_channel;
  end if;
  perform private.enqueue_step('sync', 'channel.sync', p_channel, p_channel);
  return private.end_request(p_user, 'channels.sync', p_idempotency, to_jsonb(v_channel));
end
$$;

-- Access tokens ------------------------------------------------------------------------------------------------------

create function engine.begin_refresh(p_channel uuid default null, p_refused_version bigint default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_row private.channel_credentials;
  v_channel public.channels;
begin
  select * into v_channel from public.channels where id = p_channel;
  select * into v_row from private.channel_credentials where channel_id = p_channel for no key update;
  if v_row.channel_id is null or v_channel.state <> 'connected' then
    return jsonb_build_object('state', 'disconnected', 'reason', coalesce(v_channel.state_reason, 'erasing'));
  end if;
  if v_row.access_token is not null and v_row.token_version is distinct from p_refused_version
     and v_row.access_token_expires_at > private.now() + interval '2 minutes' then
    return jsonb_build_object('state', 'valid', 'owner_id', v_row.owner_id, 'token', v_row.access_token,
      'version', v_row.token_version, 'features', v_channel.features);
  end if;
  -- A lease runs on the real clock: moving the product's time must not let two refresh at once.
  if v_row.refresh_lease_until > clock_timestamp() then
    return jsonb_build_object('state', 'wait');
  end if;
  update private.channel_credentials
  set refresh_lease_id = gen_random_uuid(), refresh_lease_until = clock_timestamp() + interval '30 seconds'
  where channel_id = p_channel
  returning * into v_row;
  return jsonb_build_object('state', 'refresh', 'owner_id', v_row.owner_id, 'token', v_row.refresh_token, 'lease', v_row.refresh_lease_id);
end
$$;
comment on function engine.begin_refresh(uuid, bigint) is
  'A channel''s access token: {"state": valid | refresh | wait | disconnected, …}. Only one caller at a time is told to refresh. '
  'p_refused_version: the token that YouTube did not accept; it is not handed out again.';

create function engine.finish_refresh(
  p_channel uuid default null, p_lease uuid default null, p_access_token text default null, p_expires_at timestamptz default null, p_refresh_token text default null, p_scopes text[] default null, p_features jsonb default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_row private.channel_credentials;
begin
  update private.channel_credentials
  set access_token = p_access_token, access_token_expires_at = p_expires_at,
      refresh_token = coalesce(p_refresh_token, refresh_token), granted_scopes = coalesce(p_scopes, granted_scopes),
      token_version = token_version + 1, refreshed_at = private.now(), refresh_lease_id = null, refresh_lease_until = null
  where channel_id = p_channel and refresh_lease_id = p_lease
  returning * into v_row;
  if v_row.channel_id is null then
    return jsonb_build_object('stored', false);
  end if;
  update public.channels set features = p_features where id = p_channel and p_features is not null and features <> p_features;
  return jsonb_build_object('stored', true, 'version', v_row.token_version,
    'features', (select features from public.channels where id = p_channel));
end
$$;

create function engine.abandon_refresh(p_channel uuid default null, p_lease uuid default null) returns void
language sql security definer set search_path = '' as $$
  update private.channel_credentials set refresh_lease_id = null, refresh_lease_until = null
  where channel_id = p_channel and refresh_lease_id = p_lease
$$;
comment on function engine.abandon_refresh(uuid, uuid) is 'Gives the lease back after a failure that says nothing about the grant.';

create function engine.mark_disconnected(p_channel uuid default null, p_lease uuid default null, p_reason text default null) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_row private.channel_credentials;
begin
  -- Only the holder of the lease may say so: a grant that was renewed meanwhile has nothing to do with this refusal.
  update private.channel_credentials
  set refresh_token = null, access_token = null, access_token_expires_at = null, refresh_lease_id = null, refresh_lease_until = null
  where channel_id = p_channel and refresh_lease_id = p_lease
  returning * into v_row;
  if v_row.channel_id is null then
    return false;
  end if;
  update public.channels
  set state = 'disconnected', state_reason = p_reason, version = version + 1,
      purge_at = greatest(purge_at, coalesce(v_row.refreshed_at, v_row.created_at) + interval '29 days'),
      sync = case when sync ->> 'state' in ('queued', 'running', 'waiting')
        then sync || jsonb_build_object('state', 'failed', 'reason', p_reason) else sync end
  where id = p_channel and state = 'connected';
  perform private.log_event('channel.disconnected', 'warning', 'channels', format(
    'Google no longer accepts the channel''s permission. Connect the channel again before %s; otherwise what is stored about it is erased then.',
    to_char((coalesce(v_row.refreshed_at, v_row.created_at) + interval '29 days') at time zone 'UTC', 'YYYY-MM-DD')),
    jsonb_build_object('channel_id', p_channel, 'reason', p_reason), v_row.owner_id);
  return true;
end
$$;
comment on function engine.mark_disconnected(uuid, uuid, text) is
  'Says that a grant is gone, and drops its tokens: they open nothing any more. Called only after Google''s invalid_grant.';

-- Erasure ------------------------------------------------------------------------------------------------------------

create function private.begin_erase(p_channel uuid) returns void
language plpgsql set search_path = '' as $$
declare
  v_step record;
begin
  -- Steps before their channel, as everywhere.
  perform from private.steps where channel_id = p_channel order by id for no key update;
  update public.channels set state = 'erasing', state_reason = 'erasing', version = version + 1
  where id = p_channel and state <> 'erasing';
  for v_step in select kind, subject_id from private.steps
    where channel_id = p_channel and kind <> 'channel.erase' and state in ('waiting', 'running')
  loop
    perform private.cancel_step(v_step.kind, v_step.subject_id);
  end loop;
  -- The request tries at once; this is for what it cannot finish.
  perform private.enqueue_step('maintenance', 'channel.erase', p_channel, p_channel, interval '15 seconds');
end
$$;

create function engine.begin_erase_channel(p_user uuid, p_channel uuid default null, p_version bigint default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_channel public.channels;
begin
  perform private.require_role(p_user, p_channel, array['owner']);
  perform from private.steps where channel_id = p_channel order by id for no key update;
  select * into v_channel from public.channels where id = p_channel for no key update;
  if p_version is not null and p_version <> v_channel.version then
    perform private.refuse(412, 'version_mismatch', 'The channel has changed since you read it. Read it again and repeat the request.');
  end if;
  perform private.begin_erase(p_channel);
  return engine.credentials_to_revoke(p_channel);
end
$$;
comment on function engine.begin_erase_channel(uuid, uuid, bigint) is
  'Stops all work on a channel, marks it as being erased and queues the rest. Answers with the encrypted token to revoke.';

create function engine.credentials_to_revoke(p_channel uuid default null) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(
    (select jsonb_build_object('channel_id', c.id, 'state', c.state, 'owner_id', k.owner_id, 'refresh_token', k.refresh_token)
     from public.channels c left join private.channel_credentials k on k.channel_id = c.id where c.id = p_channel),
    jsonb_build_object('channel_id', p_channel))
$$;

create function engine.erase_channel(p_channel uuid default null, p_revoked boolean default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_owners uuid[];
  v_owner uuid;
begin
  v_owners := array(select user_id from public.channel_members where channel_id = p_channel and role = 'owner');
  -- Steps before their channel, as everywhere.
  perform from private.steps where channel_id = p_channel order by id for no key update;
  if not exists (select from public.channels where id = p_channel and state = 'erasing' for no key update) then
    return jsonb_build_object('erased', false);
  end if;
  perform private.forget_channel(p_channel);
  delete from public.channels where id = p_channel;
  perform private.cancel_step('channel.erase', p_channel);
  delete from private.steps where channel_id = p_channel;
  foreach v_owner in array v_owners loop
    -- Without the channel's id: the line is about the user's wish, and nothing that refers to the channel stays.
    perform private.log_event('channel.erased', 'info', 'channels',
      'A channel and everything stored about it was erased.', jsonb_build_object('revoked', p_revoked), v_owner);
    perform private.finish_erase_user(v_owner);
  end loop;
  return jsonb_build_object('erased', true);
end
$$;
comment on function engine.erase_channel(uuid, boolean) is
  'Deletes a channel that is being erased, and everything that hangs on it. p_revoked: whether Google confirmed the end of the grant.';

create function private.finish_erase_user(p_user uuid) returns boolean
language plpgsql set search_path = '' as $$
begin
  if not exists (select from public.users where id = p_user and erasing_at is not null)
     or exists (
       select from public.channels c join public.channel_members m on m.channel_id = c.id
       where m.user_id = p_user and m.role = 'owner' and c.state = 'erasing')
  then
    return false;
  end if;
  delete from auth.users where id = p_user;
  return true;
end
$$;
comment on function private.finish_erase_user(uuid) is
  'Deletes the account of a user who asked for it, once no channel of theirs is left; everything else goes with it.';

create function engine.begin_erase_user(p_user uuid, p_version bigint default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_user public.users;
  v_channel uuid;
  v_channels jsonb := '[]';
begin
  select * into v_user from public.users where id = p_user for no key update;
  if v_user.id is null then
    perform private.refuse(404, 'not_found', 'No such object.');
  end if;
  if p_version is not null and p_version <> v_user.version then
    perform private.refuse(412, 'version_mismatch', 'Your profile has changed since you read it. Read it again and repeat the request.');
  end if;
  update public.users set erasing_at = coalesce(erasing_at, private.now()) where id = p_user;
  for v_channel in select channel_id from public.channel_members where user_id = p_user and role = 'owner' loop
    perform private.begin_erase(v_channel);
    v_channels := v_channels || jsonb_build_array(engine.credentials_to_revoke(v_channel));
  end loop;
  return jsonb_build_object('channels', v_channels, 'erased', private.finish_erase_user(p_user));
end
$$;
comment on function engine.begin_erase_user(uuid, bigint) is
  'Marks a user and every channel they own as being erased. Answers with the encrypted tokens to revoke; a user without channels is gone at once.';

revoke all on function engine.update_profile(uuid, bigint, jsonb), engine.begin_connect(uuid, uuid, text, text, uuid, text),
  engine.take_state(text, uuid), engine.finish_connect(uuid, uuid, jsonb, jsonb), engine.update_channel(uuid, uuid, bigint, jsonb),
  engine.request_sync(uuid, jsonb, uuid), engine.begin_refresh(uuid, bigint),
  engine.finish_refresh(uuid, uuid, text, timestamptz, text, text[], jsonb), engine.abandon_refresh(uuid, uuid),
  engine.mark_disconnected(uuid, uuid, text), engine.begin_erase_channel(uuid, uuid, bigint), engine.credentials_to_revoke(uuid),
  engine.erase_channel(uuid, boolean), engine.begin_erase_user(uuid, bigint)
  from public, anon, authenticated;
grant execute on function engine.update_profile(uuid, bigint, jsonb), engine.begin_connect(uuid, uuid, text, text, uuid, text),
  engine.take_state(text, uuid), engine.finish_connect(uuid, uuid, jsonb, jsonb), engine.update_channel(uuid, uuid, bigint, jsonb),
  engine.request_sync(uuid, jsonb, uuid), engine.begin_refresh(uuid, bigint),
  engine.finish_refresh(uuid, uuid, text, timestamptz, text, text[], jsonb), engine.abandon_refresh(uuid, uuid),
  engine.mark_disconnected(uuid, uuid, text), engine.begin_erase_channel(uuid, uuid, bigint), engine.credentials_to_revoke(uuid),
  engine.erase_channel(uuid, boolean), engine.begin_erase_user(uuid, bigint)
  to service_role;
