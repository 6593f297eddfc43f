-- Where the synchronisation of each channel stands, and how a user asks for one.

create table private.channel_syncs (
  channel_id uuid not null,
  pass bigint not null default 0,
  kind text,
  phase text not null default 'idle',
  page_token text,
  pass_started_at timestamptz,
  requested_at timestamptz,
  requests timestamptz[] not null default '{}',
  full_at timestamptz,
  refresh_at timestamptz,
  data_through date,
  formats_refusal text,
  formats_refused_at timestamptz,
  formats_reason text,
  formats_unknown bigint not null default 0,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint channel_syncs_pkey primary key (channel_id),
  constraint channel_syncs_channel_id_fkey foreign key (channel_id) references public.channels (id) on delete cascade,
  constraint channel_syncs_kind_check check (kind in ('full', 'refresh', 'checkpoints')),
  constraint channel_syncs_phase_check check (
    phase in ('idle', 'identity', 'catalogue', 'verify', 'counters', 'formats', 'curves'))
);
comment on table private.channel_syncs is
  'Where a channel''s synchronisation stands, so that one that was interrupted goes on where it stopped. What users '
  'see of it is channels.sync.';
comment on column private.channel_syncs.pass is 'Number of the pass over the catalogue that runs or ran last.';
comment on column private.channel_syncs.page_token is
  'The page of the uploads playlist that comes next; null at its start.';
comment on column private.channel_syncs.requests is 'When users asked for one, in the last hour.';
comment on column private.channel_syncs.data_through is 'Last day that Analytics had processed.';
comment on column private.channel_syncs.formats_refusal is
  'The code with which Analytics last refused to tell formats, at formats_refused_at.';
comment on column private.channel_syncs.formats_unknown is
  'Videos whose format Analytics should have told by now and did not, as the last pass left them.';
comment on column private.channel_syncs.formats_reason is
  'Why they are unknown: refused, or not_told where Analytics leaves most of them out; null while all is well.';
create trigger channel_syncs_touch before update on private.channel_syncs
  for each row execute function private.touch_updated_at();
alter table private.channel_syncs enable row level security;

create function engine.request_sync(p_user uuid, p_idempotency jsonb, p_channel uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_answer jsonb;
  v_channel public.channels;
  v_now timestamptz := private.now();
  v_requests timestamptz[];
begin
  v_answer := private.begin_request(p_user, 'syncChannel', p_idempotency);
  if v_answer is not null then
    return v_answer;
  end if;
  perform private.require_role(p_user, p_channel, array['owner', 'editor']);
  perform private.lock_step('channel.sync', p_channel);
  select * into v_channel from public.channels where id = p_channel for no key update;
  if v_channel.state <> 'connected' then
    perform private.refuse(409, 'channel_disconnected',
      'The channel is not connected to YouTube. Connect it again first.');
  elsif not coalesce((v_channel.features ->> 'read')::boolean, false) then
    perform private.refuse(403, 'feature_unavailable',
      'Permission to read the channel was not given. Connect it again and tick "View your YouTube account".');
  end if;
  select array(select r from unnest(requests) r where r > v_now - interval '1 hour' order by r) into v_requests
  from private.channel_syncs where channel_id = p_channel;
  -- All channels live on the same quota.
  if cardinality(v_requests) >= 6 then
    perform private.refuse(429, 'rate_limited', format(
      'A channel is synchronised six times an hour at the most when it is asked for. Ask again after %s.',
      to_char((v_requests[1] + interval '1 hour') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')));
  end if;
  v_requests := coalesce(v_requests, '{}') || v_now;
  insert into private.channel_syncs as s (channel_id, requested_at, requests) values (p_channel, v_now, v_requests)
  on conflict on constraint channel_syncs_pkey
    do update set requested_at = excluded.requested_at, requests = excluded.requests;
  if coalesce(v_channel.sync ->> 'state', '') not in ('running', 'waiting') then
    update public.channels set sync = sync || '{"state": "queued", "reason": null}' where id = p_channel returning *
    into v_channel;
  end if;
  perform private.enqueue_step('sync', 'channel.sync', p_channel, p_channel);
  return private.end_request(p_user, 'syncChannel', p_idempotency, to_jsonb(v_channel));
end
$$;
