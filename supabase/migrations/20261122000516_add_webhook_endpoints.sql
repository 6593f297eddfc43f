-- Where users have events of their channels sent, and what the deliveries are signed with.

create function private.webhook_event_types() returns text[]
language sql immutable set search_path = '' as $$
  select array[
    'channel.connected', 'channel.disconnected', 'channel.erased', 'channel.purge_pending', 'channel.reconnected',
    'ping',
    'render.cancelled', 'render.failed', 'render.outcome_unknown', 'render.ready', 'render.requested', 'render.started',
    'upload.cancelled', 'upload.failed', 'upload.needs_attention', 'upload.on_youtube', 'upload.outcome_unknown',
    'upload.published', 'upload.rescheduled', 'upload.scheduled', 'upload.started', 'upload.withdrawal_failed']
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
  constraint webhook_endpoints_channel_id_fkey foreign key (channel_id)
    references public.channels (id) on delete cascade,
  constraint webhook_endpoints_url_check check (char_length(url) between 1 and 2048),
  constraint webhook_endpoints_description_check check (char_length(description) between 1 and 200),
  constraint webhook_endpoints_events_check check (events <@ private.webhook_event_types()),
  constraint webhook_endpoints_state_check check (state in ('enabled', 'disabled')),
  constraint webhook_endpoints_state_reason_check check ((state = 'enabled') = (state_reason is null)),
  constraint webhook_endpoints_failures_check check (failures >= 0)
);
comment on table public.webhook_endpoints is 'Addresses to which a user has events of their channels sent.';
comment on column public.webhook_endpoints.channel_id is
  'Only events of this channel; null for every channel the user is a member of.';
comment on column public.webhook_endpoints.events is 'Only these events; empty for all.';
comment on column public.webhook_endpoints.state_reason is
  'Why it is disabled: by_user, gone (it answered 410), failing (for five days), restored (it waits for a new secret).';
comment on column public.webhook_endpoints.failures is 'Attempts that failed since the last one that did not.';
comment on column public.webhook_endpoints.resume_at is 'A failing endpoint is left alone until then, whatever is due.';
comment on column public.webhook_endpoints.version is 'Counts edits; the ETag of the resource.';
create index webhook_endpoints_user_id_idx on public.webhook_endpoints (user_id, created_at, id);
create index webhook_endpoints_channel_id_idx on public.webhook_endpoints (channel_id);
create trigger webhook_endpoints_touch before update on public.webhook_endpoints
  for each row execute function private.touch_updated_at();
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
  constraint webhook_secrets_endpoint_id_fkey foreign key (endpoint_id)
    references public.webhook_endpoints (id) on delete cascade,
  constraint webhook_secrets_secret_check check (secret like 'v1.%.%.%')
);
comment on table private.webhook_secrets is
  'What deliveries are signed with, encrypted by the functions (bound to this row and the endpoint''s owner). One '
  'without an end for each endpoint, and those that were replaced a short while ago: every one of them signs.';
create unique index webhook_secrets_endpoint_id_current_key on private.webhook_secrets (endpoint_id)
  where expires_at is null;
create index webhook_secrets_endpoint_id_idx on private.webhook_secrets (endpoint_id, created_at desc);
alter table private.webhook_secrets enable row level security;
