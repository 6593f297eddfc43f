-- Outbound webhooks: users are told what becomes of their renders, uploads and connections.
--
-- An event is written in the transaction that changes the state it tells of, by triggers, so neither can be without the
-- other. One step for each endpoint sends its deliveries one after the other: an endpoint that is slow or dead holds up
-- nobody else's. The body is stored as it is signed and sent; the id stays the same however often it is sent.

-- Queue --------------------------------------------------------------------------------------------------------------

-- Of its own, so that a backlog of synchronisations does not hold up the news.
select pgmq.create('notify');
alter table private.steps
  drop constraint steps_queue_check,
  add constraint steps_queue_check check (queue in ('sync', 'score', 'render', 'publish', 'notify', 'maintenance'));
select cron.schedule('prune-notify-archive', '21 3 * * *', $$delete from pgmq.a_notify where archived_at < now() - interval '7 days'$$);

-- Endpoints ----------------------------------------------------------------------------------------------------------

create function private.webhook_event_types() returns text[]
language sql immutable set search_path = '' as $$
  select array[
    'channel.connected', 'channel.disconnected', 'channel.erased', 'channel.purge_pending', 'channel.reconnected',
    'ping',
    'render.cancelled', 'render.failed', 'render.outcome_unknown', 'render.ready', 'render.requested', 'render.started',
    'upload.cancelled', 'upload.failed', 'upload.needs_attention', 'upload.on_youtube', 'upload.outcome_unknown', 'upload.published',
    'upload.rescheduled', 'upload.scheduled', 'upload.started']
$$;
comment on function private.webhook_event_types() is
  'Every event there is. The functions'' code holds the same list, and a test compares the two.';

create table public.webhook_endpoints (
  id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  channel_id uuid,
  url text not null,
  description text,
  events text[] not null default '{}',
  state text not null default 'enabled',
  state_reason text,
  failures integer not null default 0,
  failing_since timestamptz,
  resume_at timestamptz,
  last_delivered_at timestamptz,
  version bigint not null default 1,
  created_at timestamptz not null default private.now(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint webhook_endpoints_pkey primary key (id),
  constraint webhook_endpoints_user_id_fkey foreign key (user_id) references public.users (id) on delete cascade,
  constraint webhook_endpoints_channel_id_fkey foreign key (channel_id) references public.channels (id) on delete cascade,
  constraint webhook_endpoints_url_check check (char_length(url) between 1 and 2048),
  constraint webhook_endpoints_description_check check (char_length(description) between 1 and 200),
  constraint webhook_endpoints_events_check check (events <@ private.webhook_event_types()),
  constraint webhook_endpoints_state_check check (state in ('enabled', 'disabled')),
  constraint webhook_endpoints_state_reason_check check ((state = 'enabled') = (state_reason is null)),
  constraint webhook_endpoints_failures_check check (failures >= 0)
);
comment on table public.webhook_endpoints is 'Addresses to which a user has events of their channels sent.';
comment on column public.webhook_endpoints.channel_id is 'Only events of this channel; null for every channel the user is a member of.';
comment on column public.webhook_endpoints.events is 'Only these events; empty for all.';
comment on column public.webhook_endpoints.state_reason is 'Why it is disabled: by_user, gone (it answered 410), failing (for five days).';
comment on column public.webhook_endpoints.failures is 'Attempts that failed since the last one that did not.';
comment on column public.webhook_endpoints.resume_at is 'A failing endpoint is left alone until then, whatever is due.';
comment on column public.webhook_endpoints.version is 'Counts edits; the ETag of the resource.';
create index webhook_endpoints_user_id_idx on public.webhook_endpoints (user_id, created_at, id);
create index webhook_endpoints_channel_id_idx on public.webhook_endpoints (channel_id);
create trigger webhook_endpoints_touch before update on public.webhook_endpoints for each row execute function private.touch_updated_at();
alter table public.webhook_endpoints enable row level security;
grant select on public.webhook_endpoints to authenticated;
create policy "users see their own endpoints" on public.webhook_endpoints
  for select to authenticated using (user_id = (select auth.uid()));

create table private.webhook_secrets (
  id uuid not null,
  endpoint_id uuid not null,
  secret text not null,
  expires_at timestamptz,
  created_at timestamptz not null default private.now(),
  constraint webhook_secrets_pkey primary key (id),
  constraint webhook_secrets_endpoint_id_fkey foreign key (endpoint_id) references public.webhook_endpoints (id) on delete cascade,
  constraint webhook_secrets_secret_check check (secret like 'v1.%.%.%')
);
comment on table private.webhook_secrets is
  'What deliveries are signed with, encrypted by the functions (bound to this row and the endpoint''s owner). One without an end for each '
  'endpoint, and those that were replaced a short while ago: every one of them signs.';
create unique index webhook_secrets_endpoint_id_current_key on private.webhook_secrets (endpoint_id) where expires_at is null;
create index webhook_secrets_endpoint_id_idx on private.webhook_secrets (endpoint_id, created_at desc);
alter table private.webhook_secrets enable row level security;

create table public.webhook_deliveries (
  id uuid not null default gen_random_uuid(),
  endpoint_id uuid not null,
  user_id uuid not null,
  channel_id uuid,
  event_id text not null,
  event_type text not null,
  body text not null,
  state text not null default 'pending',
  tries integer not null default 0,
  attempts jsonb not null default '[]',
  next_attempt_at timestamptz,
  delivered_at timestamptz,
  forget boolean not null default false,
  created_at timestamptz not null default private.now(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint webhook_deliveries_pkey primary key (id),
  constraint webhook_deliveries_endpoint_id_event_id_key unique (endpoint_id, event_id),
  constraint webhook_deliveries_endpoint_id_fkey foreign key (endpoint_id) references public.webhook_endpoints (id) on delete cascade,
  constraint webhook_deliveries_user_id_fkey foreign key (user_id) references public.users (id) on delete cascade,
  constraint webhook_deliveries_channel_id_fkey foreign key (channel_id) references public.channels (id) on delete cascade,
  constraint webhook_deliveries_event_type_check check (event_type = any (private.webhook_event_types())),
  constraint webhook_deliveries_state_check check (state in ('pending', 'delivered', 'failed')),
  constraint webhook_deliveries_next_attempt_at_check check ((state = 'pending') = (next_attempt_at is not null)),
  constraint webhook_deliveries_tries_check check (tries >= 0)
);
comment on table public.webhook_deliveries is 'One event for one endpoint: what is sent, how often it was tried, what came of it. Kept for 30 days.';
comment on column public.webhook_deliveries.event_id is 'webhook-id: the same for every endpoint and every attempt.';
comment on column public.webhook_deliveries.body is 'The bytes that are signed and sent, whatever is serialised how later.';
comment on column public.webhook_deliveries.tries is 'Attempts of this round; a replay begins a new one.';
comment on column public.webhook_deliveries.attempts is
  'The last 30: [{"at", "outcome", "status", "latency_ms"}]. An attempt is noted before it is made; `interrupted` is one whose end nobody saw.';
comment on column public.webhook_deliveries.forget is 'It tells of something that was erased: the row goes when it is over.';
create index webhook_deliveries_endpoint_id_next_attempt_at_idx on public.webhook_deliveries (endpoint_id, next_attempt_at, id)
  where state = 'pending';
create index webhook_deliveries_user_id_created_at_idx on public.webhook_deliveries (user_id, created_at desc, id desc);
create index webhook_deliveries_channel_id_idx on public.webhook_deliveries (channel_id);
create index webhook_deliveries_created_at_idx on public.webhook_deliveries (created_at);
create trigger webhook_deliveries_touch before update on public.webhook_deliveries for each row execute function private.touch_updated_at();
alter table public.webhook_deliveries enable row level security;
grant select on public.webhook_deliveries to authenticated;
create policy "users see what is sent to their endpoints" on public.webhook_deliveries
  for select to authenticated using (user_id = (select auth.uid()));

create function private.prune_webhooks() returns void
language sql set search_path = '' as $$
  delete from public.webhook_deliveries where state <> 'pending' and created_at < private.now() - interval '30 days';
  delete from private.webhook_secrets where expires_at < private.now();
$$;
select cron.schedule('prune-webhooks', '50 3 * * *', 'select private.prune_webhooks()');

insert into private.export_sources (position, name, scope, relation, condition, key, hidden, page_rows) values
  (130, 'webhook_endpoints', 'user', 'public.webhook_endpoints', 't.user_id = $1', '{id}', '{}', 100),
  (140, 'webhook_secrets', 'user', 'private.webhook_secrets',
    't.endpoint_id in (select e.id from public.webhook_endpoints e where e.user_id = $1)', '{id}', '{secret}', 100),
  (150, 'webhook_deliveries', 'user', 'public.webhook_deliveries', 't.user_id = $1', '{created_at,id}', '{}', 200);

create function private.end_webhook_step() returns trigger
language plpgsql set search_path = '' as $$
begin
  perform private.cancel_step('webhook.deliver', old.id);
  delete from private.steps where kind = 'webhook.deliver' and subject_id = old.id;
  return null;
end
$$;
create trigger webhook_endpoints_end_step after delete on public.webhook_endpoints
  for each row execute function private.end_webhook_step();

-- Events -------------------------------------------------------------------------------------------------------------

create function private.webhook_body(p_type text, p_data jsonb) returns text
language sql stable set search_path = '' as $$
  select json_build_object('type', p_type,
    'timestamp', to_char(private.now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'data', jsonb_strip_nulls(p_data))::text
$$;

create function private.new_webhook_event_id() returns text
language sql volatile set search_path = '' as $$
  -- No dot: it parts the id from the timestamp in what is signed.
  select 'msg_' || replace(gen_random_uuid()::text, '-', '')
$$;

create function private.emit_webhook(p_type text, p_channel uuid, p_data jsonb, p_forget boolean default false) returns void
language plpgsql set search_path = '' as $$
declare
  v_endpoint record;
  v_event text;
  v_body text;
begin
  -- In one order, so that two events for the same endpoints do not wait for each other.
  for v_endpoint in
    select e.id, e.user_id, e.channel_id from public.webhook_endpoints e
    join public.channel_members m on m.user_id = e.user_id and m.channel_id = p_channel
    where e.state = 'enabled' and (e.channel_id is null or (e.channel_id = p_channel and not p_forget))
      and (cardinality(e.events) = 0 or p_type = any (e.events))
    order by e.id
  loop
    v_event := coalesce(v_event, private.new_webhook_event_id());
    v_body := coalesce(v_body, private.webhook_body(p_type, p_data));
    -- Step before subject, as everywhere.
    perform private.enqueue_step('notify', 'webhook.deliver', v_endpoint.id, v_endpoint.channel_id);
    insert into public.webhook_deliveries (endpoint_id, user_id, channel_id, event_id, event_type, body, next_attempt_at, forget)
    values (v_endpoint.id, v_endpoint.user_id, case when not p_forget then p_channel end, v_event, p_type, v_body, private.now(), p_forget);
  end loop;
end
$$;
comment on function private.emit_webhook(text, uuid, jsonb, boolean) is
  'Writes an event for every endpoint that wants to know, inside the transaction that makes it true. p_forget: it tells of an erasure, so '
  'nothing of it is kept once it was told.';

create function private.emit_render() returns trigger
language plpgsql set search_path = '' as $$
declare
  v_type text;
begin
  v_type := case
    when tg_op = 'INSERT' then 'render.requested'
    when new.state = old.state then null
    when new.state = 'queued' then 'render.started'
    when new.state in ('ready', 'failed', 'cancelled') then 'render.' || new.state
    when new.state in ('submit_unknown', 'timed_out_unknown') then 'render.outcome_unknown' end;
  if v_type is not null then
    perform private.emit_webhook(v_type, new.channel_id, jsonb_build_object(
      'id', new.id, 'channel_id', new.channel_id, 'content_id', new.content_id, 'state', new.state,
      'error', case when new.error is not null then jsonb_build_object('code', new.error -> 'code', 'message', new.error -> 'message') end));
  end if;
  return null;
end
$$;
create trigger renders_emit after insert or update of state on public.renders for each row execute function private.emit_render();

create function private.emit_upload() returns trigger
language plpgsql set search_path = '' as $$
declare
  v_type text;
begin
  v_type := case
    when new.state = 'draft' then null
    when tg_op = 'INSERT' then 'upload.scheduled'
    when new.state <> old.state then case new.state
      when 'uploading' then 'upload.started'
      -- On its way again after it stood still.
      when 'scheduled' then case when old.state in ('draft', 'needs_attention') then 'upload.scheduled' end
      when 'on_youtube' then 'upload.on_youtube'
      when 'published' then 'upload.published'
      when 'needs_attention' then 'upload.needs_attention'
      when 'outcome_unknown' then 'upload.outcome_unknown'
      when 'cancelled' then 'upload.cancelled'
      when 'failed' then 'upload.failed' end
    when new.publish_at is distinct from old.publish_at then 'upload.rescheduled' end;
  if v_type is not null then
    perform private.emit_webhook(v_type, new.channel_id, jsonb_build_object(
      'id', new.id, 'channel_id', new.channel_id, 'render_id', new.render_id, 'state', new.state, 'reason', new.reason,
      'title', new.title, 'publish_at', new.publish_at, 'youtube_video_id', new.youtube_video_id));
  end if;
  return null;
end
$$;
create trigger scheduled_uploads_emit after insert or update of state, publish_at on public.scheduled_uploads
  for each row execute function private.emit_upload();

create function private.emit_channel(p_type text, p_channel public.channels, p_more jsonb default '{}', p_forget boolean default false)
returns void
language sql set search_path = '' as $$
  select private.emit_webhook(p_type, p_channel.id, p_more || jsonb_build_object(
    'id', p_channel.id, 'youtube_channel_id', p_channel.youtube_channel_id, 'title', p_channel.title, 'state', p_channel.state,
    'reason', p_channel.state_reason), p_forget)
$$;

create function private.emit_connection() returns trigger
language plpgsql set search_path = '' as $$
begin
  -- With its credentials a channel is connected; its owner is there by then.
  if tg_table_name = 'channel_credentials' then
    perform private.emit_channel('channel.connected', c) from public.channels c where c.id = new.channel_id;
  elsif tg_op = 'DELETE' then
    perform private.emit_channel('channel.erased', old, '{"state": "erased"}', true);
    return old;
  elsif old.state = 'connected' and new.state = 'disconnected' then
    perform private.emit_channel('channel.disconnected', new);
  elsif old.state = 'disconnected' and new.state = 'connected' then
    perform private.emit_channel('channel.reconnected', new);
  end if;
  return null;
end
$$;
create trigger channel_credentials_emit after insert on private.channel_credentials
  for each row execute function private.emit_connection();
create trigger channels_emit after update of state on public.channels for each row execute function private.emit_connection();
-- Before: afterwards nobody is a member.
create trigger channels_emit_erased before delete on public.channels for each row execute function private.emit_connection();

-- What users do ------------------------------------------------------------------------------------------------------

create function private.own_endpoint(p_user uuid, p_endpoint uuid, p_version bigint default null) returns public.webhook_endpoints
language plpgsql set search_path = '' as $$
declare
  v_endpoint public.webhook_endpoints;
begin
  if not exists (select from public.webhook_endpoints where id = p_endpoint and user_id = p_user) then
    perform private.refuse(404, 'not_found', 'No such object.');
  end if;
  -- Step before subject, as everywhere.
  perform private.lock_step('webhook.deliver', p_endpoint);
  select * into v_endpoint from public.webhook_endpoints where id = p_endpoint and user_id = p_user for no key update;
  if v_endpoint.id is null then
    perform private.refuse(404, 'not_found', 'No such object.');
  end if;
  if p_version is not null and p_version <> v_endpoint.version then
    perform private.refuse(412, 'version_mismatch', 'The endpoint has changed since you read it. Read it again and repeat the request.');
  end if;
  return v_endpoint;
end
$$;
comment on function private.own_endpoint(uuid, uuid, bigint) is 'An endpoint of this user, locked; 404 for anybody else''s.';

create function engine.create_webhook_endpoint(p_user uuid, p_idempotency jsonb default null, p_endpoint jsonb default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_answer jsonb;
  v_channel uuid := (p_endpoint ->> 'channel_id')::uuid;
  v_endpoint public.webhook_endpoints;
begin
  v_answer := private.begin_request(p_user, 'webhooks.endpoints.create', p_idempotency);
  if v_answer is not null then
    return v_answer;
  end if;
  perform from public.users where id = p_user for no key update;
  if v_channel is not null and not exists (select from public.channel_members where channel_id = v_channel and user_id = p_user) then
    perform private.refuse(404, 'not_found', 'No such object.');
  end if;
  if (select count(*) from public.webhook_endpoints where user_id = p_user) >= 10 then
    perform private.refuse(409, 'limit_reached', 'You have ten endpoints already. Delete one, or change its address.');
  end if;
  insert into public.webhook_endpoints (id, user_id, channel_id, url, description, events)
  values ((p_endpoint ->> 'id')::uuid, p_user, v_channel, p_endpoint ->> 'url', p_endpoint ->> 'description',
    array(select distinct e from jsonb_array_elements_text(coalesce(p_endpoint -> 'events', '[]')) e order by e))
  returning * into v_endpoint;
  insert into private.webhook_secrets (id, endpoint_id, secret)
  values ((p_endpoint ->> 'secret_id')::uuid, v_endpoint.id, p_endpoint ->> 'secret');
  return private.end_request(p_user, 'webhooks.endpoints.create', p_idempotency, to_jsonb(v_endpoint));
end
$$;
comment on function engine.create_webhook_endpoint(uuid, jsonb, jsonb) is
  'Makes an endpoint with its first, encrypted, secret: {"id", "secret_id", "secret", "url", "description", "events", "channel_id"}.';

create function private.disable_webhook(p_endpoint public.webhook_endpoints, p_reason text) returns public.webhook_endpoints
language plpgsql set search_path = '' as $$
declare
  v_endpoint public.webhook_endpoints;
begin
  delete from public.webhook_deliveries where endpoint_id = p_endpoint.id and state = 'pending' and forget;
  update public.webhook_deliveries set state = 'failed', next_attempt_at = null
  where endpoint_id = p_endpoint.id and state = 'pending';
  update public.webhook_endpoints set state = 'disabled', state_reason = p_reason, resume_at = null, version = version + 1
  where id = p_endpoint.id returning * into v_endpoint;
  if p_reason <> 'by_user' then
    perform private.log_event('webhook.disabled', 'warning', 'webhooks',
      case p_reason
        when 'gone' then 'A webhook endpoint answered that it is gone (410). Nothing is sent there any more; enable it again if that was a mistake.'
        else 'A webhook endpoint has failed for five days. Nothing is sent there any more; mend it, enable it again, and replay what it missed.' end,
      jsonb_build_object('endpoint_id', v_endpoint.id, 'channel_id', v_endpoint.channel_id, 'reason', p_reason,
        'failing_since', v_endpoint.failing_since), v_endpoint.user_id);
  end if;
  return v_endpoint;
end
$$;

create function engine.update_webhook_endpoint(p_user uuid, p_endpoint uuid default null, p_version bigint default null, p_changes jsonb default null)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_endpoint public.webhook_endpoints := private.own_endpoint(p_user, p_endpoint, p_version);
begin
  update public.webhook_endpoints
  set url = coalesce(p_changes ->> 'url', url),
      description = case when p_changes ? 'description' then p_changes ->> 'description' else description end,
      events = case when p_changes ? 'events'
        then array(select distinct e from jsonb_array_elements_text(p_changes -> 'events') e order by e) else events end,
      version = version + 1
  where id = v_endpoint.id
  returning * into v_endpoint;
  if (p_changes ->> 'enabled')::boolean and v_endpoint.state = 'disabled' then
    update public.webhook_endpoints
    set state = 'enabled', state_reason = null, failures = 0, failing_since = null, resume_at = null
    where id = v_endpoint.id returning * into v_endpoint;
  elsif not (p_changes ->> 'enabled')::boolean and v_endpoint.state = 'enabled' then
    v_endpoint := private.disable_webhook(v_endpoint, 'by_user');
  elsif p_changes ? 'url' then
    -- Another address has not failed yet.
    update public.webhook_endpoints set failures = 0, failing_since = null, resume_at = null
    where id = v_endpoint.id returning * into v_endpoint;
  end if;
  return to_jsonb(v_endpoint);
end
$$;
comment on function engine.update_webhook_endpoint(uuid, uuid, bigint, jsonb) is
  'Changes url, description, events, enabled; fields that are absent stay. Disabling ends what is still to be sent.';

create function engine.delete_webhook_endpoint(p_user uuid, p_endpoint uuid default null, p_version bigint default null) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_endpoint public.webhook_endpoints := private.own_endpoint(p_user, p_endpoint, p_version);
begin
  delete from public.webhook_endpoints where id = v_endpoint.id;
end
$$;

create function engine.rotate_webhook_secret(
  p_user uuid, p_idempotency jsonb default null, p_endpoint uuid default null, p_secret_id uuid default null, p_secret text default null, p_end_old boolean default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_answer jsonb;
  v_endpoint public.webhook_endpoints;
  v_until timestamptz := private.now() + interval '24 hours';
begin
  v_answer := private.begin_request(p_user, 'webhooks.endpoints.rotate', p_idempotency);
  if v_answer is not null then
    return v_answer;
  end if;
  v_endpoint := private.own_endpoint(p_user, p_endpoint);
  if p_end_old then
    delete from private.webhook_secrets where endpoint_id = v_endpoint.id;
  else
    update private.webhook_secrets set expires_at = v_until where endpoint_id = v_endpoint.id and expires_at is null;
    -- A receiver looks at a few signatures only.
    delete from private.webhook_secrets where endpoint_id = v_endpoint.id and (expires_at <= private.now() or id not in (
      select id from private.webhook_secrets where endpoint_id = v_endpoint.id order by created_at desc, id limit 3));
  end if;
  insert into private.webhook_secrets (id, endpoint_id, secret) values (p_secret_id, v_endpoint.id, p_secret);
  return private.end_request(p_user, 'webhooks.endpoints.rotate', p_idempotency,
    jsonb_build_object('endpoint_id', v_endpoint.id, 'old_accepted_until', case when p_end_old then null else v_until end));
end
$$;
comment on function engine.rotate_webhook_secret(uuid, jsonb, uuid, uuid, text, boolean) is
  'Gives an endpoint a new secret. The old ones sign beside it for 24 hours, three at most; p_end_old: they end at once.';

create function engine.webhook_secret(p_user uuid, p_endpoint uuid default null) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_secret jsonb;
begin
  select jsonb_build_object('id', s.id, 'secret', s.secret, 'owner_id', e.user_id) into v_secret
  from private.webhook_secrets s join public.webhook_endpoints e on e.id = s.endpoint_id
  where e.id = p_endpoint and e.user_id = p_user and s.expires_at is null;
  if v_secret is null then
    perform private.refuse(404, 'not_found', 'No such object.');
  end if;
  return v_secret;
end
$$;
comment on function engine.webhook_secret(uuid, uuid) is
  'The encrypted secret of an endpoint, for the answer of the request that made it and for that of its repetition.';

create function engine.test_webhook_endpoint(p_user uuid, p_endpoint uuid default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_endpoint public.webhook_endpoints := private.own_endpoint(p_user, p_endpoint);
  v_delivery public.webhook_deliveries;
begin
  if v_endpoint.state <> 'enabled' then
    perform private.refuse(409, 'invalid_state', 'The endpoint is disabled. Enable it before you try it.');
  end if;
  perform private.enqueue_step('notify', 'webhook.deliver', v_endpoint.id, v_endpoint.channel_id);
  update public.webhook_endpoints set resume_at = null where id = v_endpoint.id;
  insert into public.webhook_deliveries (endpoint_id, user_id, channel_id, event_id, event_type, body, next_attempt_at)
  values (v_endpoint.id, p_user, v_endpoint.channel_id, private.new_webhook_event_id(), 'ping',
    private.webhook_body('ping', jsonb_build_object('endpoint_id', v_endpoint.id)), private.now())
  returning * into v_delivery;
  return to_jsonb(v_delivery);
end
$$;
comment on function engine.test_webhook_endpoint(uuid, uuid) is 'Has a `ping` sent, whatever events the endpoint wants.';

create function engine.replay_webhook_delivery(p_user uuid, p_delivery uuid default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_endpoint public.webhook_endpoints;
  v_delivery public.webhook_deliveries;
begin
  select * into v_delivery from public.webhook_deliveries where id = p_delivery and user_id = p_user;
  if v_delivery.id is null then
    perform private.refuse(404, 'not_found', 'No such object.');
  end if;
  v_endpoint := private.own_endpoint(p_user, v_delivery.endpoint_id);
  if v_endpoint.state <> 'enabled' then
    perform private.refuse(409, 'invalid_state', 'The endpoint is disabled. Enable it before you replay what it missed.');
  end if;
  perform private.enqueue_step('notify', 'webhook.deliver', v_endpoint.id, v_endpoint.channel_id);
  update public.webhook_endpoints set resume_at = null where id = v_endpoint.id;
  update public.webhook_deliveries set state = 'pending', tries = 0, next_attempt_at = private.now()
  where id = p_delivery returning * into v_delivery;
  if v_delivery.id is null then
    perform private.refuse(404, 'not_found', 'No such object.');
  end if;
  return to_jsonb(v_delivery);
end
$$;
comment on function engine.replay_webhook_delivery(uuid, uuid) is
  'Has an event sent again, now, with its id and its bytes. The receiver knows it by its id.';

revoke all on function engine.create_webhook_endpoint(uuid, jsonb, jsonb), engine.update_webhook_endpoint(uuid, uuid, bigint, jsonb),
  engine.delete_webhook_endpoint(uuid, uuid, bigint), engine.rotate_webhook_secret(uuid, jsonb, uuid, uuid, text, boolean),
  engine.webhook_secret(uuid, uuid), engine.test_webhook_endpoint(uuid, uuid), engine.replay_webhook_delivery(uuid, uuid)
  from public, anon, authenticated;
grant execute on function engine.create_webhook_endpoint(uuid, jsonb, jsonb), engine.update_webhook_endpoint(uuid, uuid, bigint, jsonb),
  engine.delete_webhook_endpoint(uuid, uuid, bigint), engine.rotate_webhook_secret(uuid, jsonb, uuid, uuid, text, boolean),
  engine.webhook_secret(uuid, uuid), engine.test_webhook_endpoint(uuid, uuid), engine.replay_webhook_delivery(uuid, uuid)
  to service_role;

-- What the step does -------------------------------------------------------------------------------------------------

create function private.webhook_retry(p_try integer) returns interval
language sql immutable set search_path = '' as $$
  select (array['5 seconds', '5 minutes', '30 minutes', '2 hours', '5 hours', '10 hours', '14 hours', '20 hours', '24 hours']::interval[])[p_try]
$$;
comment on function private.webhook_retry(integer) is 'How long after this failed try the next one comes; null after the last, a good three days later.';

create function engine.open_webhook(p_step uuid, p_fence bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_now timestamptz := private.now();
  v_endpoint public.webhook_endpoints;
  v_delivery public.webhook_deliveries;
begin
  perform private.hold_step(p_step, p_fence);
  select e.* into v_endpoint from public.webhook_endpoints e join private.steps s on s.subject_id = e.id
  where s.id = p_step for no key update of e;
  if v_endpoint.id is null or v_endpoint.state <> 'enabled' then
    return '{"state": "idle"}';
  end if;
  select * into v_delivery from public.webhook_deliveries
  where endpoint_id = v_endpoint.id and state = 'pending' order by next_attempt_at, id limit 1 for no key update;
  if v_delivery.id is null then
    return '{"state": "idle"}';
  elsif greatest(v_delivery.next_attempt_at, v_endpoint.resume_at) > v_now then
    return jsonb_build_object('state', 'wait',
      'seconds', extract(epoch from greatest(v_delivery.next_attempt_at, v_endpoint.resume_at) - v_now));
  end if;
  -- The attempt is written down before it is made: one that kills its process counts, too.
  update public.webhook_deliveries
  set tries = tries + 1,
      attempts = case when jsonb_array_length(attempts) < 30 then attempts else attempts - 0 end
        || jsonb_build_array(jsonb_build_object('at', v_now, 'outcome', 'interrupted'))
  where id = v_delivery.id returning * into v_delivery;
  return jsonb_build_object(
    'state', 'send', 'delivery_id', v_delivery.id, 'event_id', v_delivery.event_id, 'body', v_delivery.body, 'url', v_endpoint.url,
    'owner_id', v_endpoint.user_id,
    'secrets', (select coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'secret', s.secret) order by s.created_at desc), '[]')
      from private.webhook_secrets s where s.endpoint_id = v_endpoint.id and (s.expires_at is null or s.expires_at > v_now)));
end
$$;
comment on function engine.open_webhook(uuid, bigint) is
  'What an endpoint is sent next: {"state": send | wait | idle, …}. Counts the attempt.';

create function engine.record_webhook(p_step uuid, p_fence bigint, p_delivery uuid default null, p_attempt jsonb default null, p_retry_after double precision default null)
returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_now timestamptz := private.now();
  v_outcome text := p_attempt ->> 'outcome';
  v_endpoint public.webhook_endpoints;
  v_delivery public.webhook_deliveries;
  v_wait interval;
  -- `least` passes over nulls.
  v_asked interval := case when p_retry_after is not null then make_interval(secs => least(p_retry_after, 86400)) end;
begin
  perform private.hold_step(p_step, p_fence);
  select e.* into v_endpoint from public.webhook_endpoints e join private.steps s on s.subject_id = e.id
  where s.id = p_step for no key update of e;
  update public.webhook_deliveries set attempts = jsonb_set(attempts, '{-1}', (attempts -> -1) || p_attempt)
  where id = p_delivery and endpoint_id = v_endpoint.id and jsonb_array_length(attempts) > 0
  returning * into v_delivery;
  if v_delivery.id is null then
    return;
  end if;
  if v_outcome = 'delivered' then
    update public.webhook_deliveries set state = 'delivered', delivered_at = v_now, next_attempt_at = null where id = p_delivery;
    update public.webhook_endpoints set failures = 0, failing_since = null, resume_at = null, last_delivered_at = v_now
    where id = v_endpoint.id;
  else
    v_wait := private.webhook_retry(v_delivery.tries) * (0.9 + 0.2 * random());
    update public.webhook_deliveries
    set state = case when v_wait is null then 'failed' else state end,
        next_attempt_at = case when v_wait is not null then v_now + greatest(v_wait, v_asked) end
    where id = p_delivery and state = 'pending';
    update public.webhook_endpoints
    set failures = failures + 1, failing_since = coalesce(failing_since, v_now),
        resume_at = v_now + greatest(make_interval(secs => least(600, 5 * 2 ^ least(failures, 10))), v_asked)
    where id = v_endpoint.id returning * into v_endpoint;
    if v_endpoint.state = 'enabled' and v_outcome = 'gone' then
      perform private.disable_webhook(v_endpoint, 'gone');
    elsif v_endpoint.state = 'enabled' and v_endpoint.failing_since <= v_now - interval '5 days' then
      perform private.disable_webhook(v_endpoint, 'failing');
    end if;
  end if;
  delete from public.webhook_deliveries where id = p_delivery and forget and state <> 'pending';
end
$$;
comment on function engine.record_webhook(uuid, bigint, uuid, jsonb, double precision) is
  'What came of an attempt: {"outcome": delivered | gone | …, "status", "latency_ms"}. A failed one is tried again by the schedule, and the '
  'endpoint is left alone for a while, longer each time.';

create function private.on_dead_webhook_deliver(p_subject uuid, p_error jsonb) returns void
language plpgsql set search_path = '' as $$
begin
  -- What ended every one of its processes is given up; what waits behind it is not.
  delete from public.webhook_deliveries
  where endpoint_id = p_subject and state = 'pending' and forget and attempts #>> '{-1,outcome}' = 'interrupted';
  update public.webhook_deliveries set state = 'failed', next_attempt_at = null
  where endpoint_id = p_subject and state = 'pending' and attempts #>> '{-1,outcome}' = 'interrupted';
  if exists (select from public.webhook_deliveries where endpoint_id = p_subject and state = 'pending') then
    perform private.enqueue_step('notify', 'webhook.deliver', p_subject,
      (select channel_id from public.webhook_endpoints where id = p_subject), interval '5 minutes');
  end if;
end
$$;

revoke all on function engine.open_webhook(uuid, bigint), engine.record_webhook(uuid, bigint, uuid, jsonb, double precision)
  from public, anon, authenticated;
grant execute on function engine.open_webhook(uuid, bigint), engine.record_webhook(uuid, bigint, uuid, jsonb, double precision) to service_role;
