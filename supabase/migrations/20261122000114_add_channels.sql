-- Connected YouTube channels and who is on them.

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
comment on column public.channels.features is
  'What the granted scopes allow, by name: read, upload, manage, analytics.';
comment on column public.channels.sync is 'Progress and cursor of the catalogue''s synchronisation.';
comment on column public.channels.last_scored_at is 'When a scoring pass over all videos last ended.';
comment on column public.channels.purge_at is
  'When the channel is erased unless Google confirms its permission before; null while there is nothing to fear. See '
  'private.purge_unverified.';
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
create trigger channel_members_touch before update on public.channel_members
  for each row execute function private.touch_updated_at();

create function private.my_channels() returns setof uuid
language plpgsql stable security definer set search_path = '' as $$
begin
  return query select channel_id from public.channel_members where user_id = (select auth.uid());
end
$$;
comment on function private.my_channels() is
  'Channels of the caller. Definer, because a policy that reads channel_members inside its own policy would recurse.';
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
  'Refuses with 404 when the user is not on the channel (a foreign object and an absent one look alike), with 403 '
  'when the role is too low.';

create function private.hold_channel(p_channel uuid) returns public.channels
language plpgsql set search_path = '' as $$
declare
  v_channel public.channels;
begin
  select * into v_channel from public.channels where id = p_channel for share;
  perform private.require_found(v_channel.id);
  if v_channel.state = 'erasing' then
    perform private.refuse(409, 'channel_disconnected', 'This channel is being erased.');
  end if;
  return v_channel;
end
$$;
comment on function private.hold_channel(uuid) is
  'A channel for which work is about to be written down. Its erasure begins after that or before: it settles and '
  'withdraws what it sees, so nothing may come in between.';

create function engine.update_channel(p_user uuid, p_channel uuid, p_version bigint, p_changes jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_channel public.channels;
begin
  perform private.require_role(p_user, p_channel, array['owner', 'editor']);
  select * into v_channel from public.channels where id = p_channel for no key update;
  perform private.require_version(p_version, v_channel.version,
    'The channel''s settings have changed since you read them. Read them again and repeat the change.');
  if p_changes ? 'time_zone' and not private.is_time_zone(p_changes ->> 'time_zone') then
    perform private.refuse(422, 'invalid_body',
      'time_zone must be the name of an IANA time zone, for example Europe/Berlin.', '/time_zone');
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
