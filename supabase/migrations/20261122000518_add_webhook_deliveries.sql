-- One event for one endpoint, stored as it is signed and sent; its id stays the same however often it is sent.

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
  constraint webhook_deliveries_endpoint_id_fkey foreign key (endpoint_id)
    references public.webhook_endpoints (id) on delete cascade,
  constraint webhook_deliveries_user_id_fkey foreign key (user_id) references public.users (id) on delete cascade,
  constraint webhook_deliveries_channel_id_fkey foreign key (channel_id)
    references public.channels (id) on delete cascade,
  constraint webhook_deliveries_event_type_check check (event_type = any (private.webhook_event_types())),
  constraint webhook_deliveries_state_check check (state in ('pending', 'delivered', 'failed')),
  constraint webhook_deliveries_next_attempt_at_check check ((state = 'pending') = (next_attempt_at is not null)),
  constraint webhook_deliveries_tries_check check (tries >= 0)
);
comment on table public.webhook_deliveries is
  'One event for one endpoint: what is sent, how often it was tried, what came of it. Kept for 30 days.';
comment on column public.webhook_deliveries.event_id is 'webhook-id: the same for every endpoint and every attempt.';
comment on column public.webhook_deliveries.body is
  'The bytes that are signed and sent, whatever is serialised how later.';
comment on column public.webhook_deliveries.tries is 'Attempts of this round; a replay begins a new one.';
comment on column public.webhook_deliveries.attempts is
  'The last 30: [{"at", "outcome", "status", "latency_ms"}]. An attempt is noted before it is made; `interrupted` is '
  'one whose end nobody saw.';
comment on column public.webhook_deliveries.forget is
  'It tells of something that was erased: the row goes when it is over.';
create index webhook_deliveries_endpoint_id_next_attempt_at_idx on public.webhook_deliveries (endpoint_id,
  next_attempt_at, id)
  where state = 'pending';
create index webhook_deliveries_user_id_created_at_idx on public.webhook_deliveries (user_id, created_at desc, id desc);
create index webhook_deliveries_user_id_idx on public.webhook_deliveries (user_id) where state = 'pending';
create index webhook_deliveries_channel_id_idx on public.webhook_deliveries (channel_id);
create index webhook_deliveries_created_at_idx on public.webhook_deliveries (created_at);
create trigger webhook_deliveries_touch before update on public.webhook_deliveries
  for each row execute function private.touch_updated_at();
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

create function private.webhook_body(p_type text, p_data jsonb) returns text
language sql stable set search_path = '' as $$
  select json_build_object('type', p_type,
    'timestamp', to_char(private.now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
      'data', jsonb_strip_nulls(p_data))::text
$$;

create function private.new_webhook_event_id() returns text
language sql volatile set search_path = '' as $$
  -- No dot: it parts the id from the timestamp in what is signed.
  select 'msg_' || replace(gen_random_uuid()::text, '-', '')
$$;

create function private.webhooks_full(p_user uuid) returns boolean
language sql stable set search_path = '' as $$
  select count(*) >= 1000 from (
    select from public.webhook_deliveries where user_id = p_user and state = 'pending' limit 1000) pending
$$;
comment on function private.webhooks_full(uuid) is
  'Whether as many events wait for a user''s endpoints as may wait: 1,000. What happens meanwhile is not sent.';

create function private.emit_webhook(p_type text, p_channel uuid, p_data jsonb, p_forget boolean default false)
returns void
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
    if private.webhooks_full(v_endpoint.user_id) then
      continue;
    end if;
    v_event := coalesce(v_event, private.new_webhook_event_id());
    v_body := coalesce(v_body, private.webhook_body(p_type, p_data));
    -- Step before subject, as everywhere.
    perform private.enqueue_step('notify', 'webhook.deliver', v_endpoint.id, v_endpoint.channel_id);
    insert into public.webhook_deliveries (endpoint_id, user_id, channel_id, event_id, event_type, body,
      next_attempt_at, forget)
    values (v_endpoint.id, v_endpoint.user_id, case when not p_forget then p_channel end, v_event, p_type, v_body,
      private.now(), p_forget);
  end loop;
end
$$;
comment on function private.emit_webhook(text, uuid, jsonb, boolean) is
  'Writes an event for every endpoint that wants to know, inside the transaction that makes it true. p_forget: it '
  'tells of an erasure, so nothing of it is kept once it was told.';
