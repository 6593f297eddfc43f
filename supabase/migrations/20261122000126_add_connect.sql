-- From the consent at Google to a connected channel.

create table private.oauth_states (
  state_hash text not null,
  id uuid not null,
  user_id uuid not null,
  channel_id uuid,
  code_verifier text not null,
  return_to text,
  taken_at timestamptz,
  finished_channel_id uuid,
  expires_at timestamptz not null,
  created_at timestamptz not null default clock_timestamp(),
  constraint oauth_states_pkey primary key (state_hash),
  constraint oauth_states_code_verifier_check check (code_verifier like 'v1.%.%.%'),
  constraint oauth_states_user_id_fkey foreign key (user_id) references public.users (id) on delete cascade,
  constraint oauth_states_channel_id_fkey foreign key (channel_id) references public.channels (id) on delete cascade,
  constraint oauth_states_finished_channel_id_fkey foreign key (finished_channel_id)
    references public.channels (id) on delete cascade
);
comment on column private.oauth_states.id is 'The row as the encryption of its verifier knows it.';
comment on column private.oauth_states.taken_at is 'When its user came back with it. A state is taken once.';
comment on column private.oauth_states.finished_channel_id is
  'What came of it: the same user may ask again, because an answer can be lost.';
comment on table private.oauth_states is
  'One row per consent that was started: the state''s SHA-256, the user it is bound to and the encrypted PKCE '
  'verifier. Used once, and gone ten minutes after its start.';
create index oauth_states_user_id_idx on private.oauth_states (user_id);
create index oauth_states_channel_id_idx on private.oauth_states (channel_id);
create index oauth_states_finished_channel_id_idx on private.oauth_states (finished_channel_id);
alter table private.oauth_states enable row level security;

create function private.require_staying_user(p_user uuid) returns void
language plpgsql set search_path = '' as $$
declare
  v_user public.users;
begin
  -- Erasing and deleting wait for this transaction; whoever comes after them is refused.
  select * into v_user from public.users where id = p_user for share;
  if v_user.id is null then
    perform private.refuse(401, 'token_invalid',
      'The account of this access token no longer exists. Sign in again.');
  elsif v_user.erasing_at is not null then
    perform private.refuse(409, 'invalid_state', 'This account is being erased, so nothing new is connected to it.');
  end if;
end
$$;
comment on function private.require_staying_user(uuid) is
  'Refuses who is being erased, or gone, and keeps everybody else from it until the end of the transaction.';

create function engine.begin_connect(
  p_user uuid, p_id uuid, p_state_hash text, p_code_verifier text, p_channel uuid, p_return_to text
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_expires timestamptz := private.now() + interval '10 minutes';
begin
  perform private.require_staying_user(p_user);
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
  'Stores a started consent for ten minutes: only the hash of its state, and the PKCE verifier encrypted. p_channel: '
  'reconnect this one.';

create function engine.take_state(p_state_hash text, p_user uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_state private.oauth_states;
begin
  perform private.require_staying_user(p_user);
  -- The state alone is nobody's consent: it may have been sent to somebody else. Of two who come at once one waits.
  select * into v_state from private.oauth_states
  where state_hash = p_state_hash and user_id = p_user and expires_at >= private.now() for no key update;
  if v_state.finished_channel_id is null and v_state.taken_at > private.now() - interval '30 seconds' then
    perform private.refuse(409, 'request_in_progress', 'This consent is being finished. Ask again in a moment.');
  end if;
  if v_state.id is null or (v_state.taken_at is not null and v_state.finished_channel_id is null) then
    perform private.refuse(400, 'state_expired',
      'This consent was started more than ten minutes ago, was used already, or was started by someone else. Connect '
      'the channel again.');
  end if;
  update private.oauth_states set taken_at = private.now() where state_hash = p_state_hash and taken_at is null;
  return jsonb_build_object(
    'id', v_state.id, 'code_verifier', v_state.code_verifier, 'return_to', v_state.return_to,
    'finished', (select to_jsonb(c) from public.channels c where c.id = v_state.finished_channel_id));
end
$$;
comment on function engine.take_state(text, uuid) is
  'Takes a started consent of this user, once. One that was finished says with which channel.';

create function engine.is_grant_unused(p_google_account text, p_youtube_channel text) returns boolean
language sql stable security definer set search_path = '' as $$
  select p_google_account is not null and not exists (
    select from public.channels c join private.channel_credentials k on k.channel_id = c.id
    -- A channel that is being erased may still have videos to withdraw; its erasure ends the grant.
    where c.state in ('connected', 'erasing')
      and (k.google_account = p_google_account or c.youtube_channel_id = p_youtube_channel))
$$;
comment on function engine.is_grant_unused(text, text) is
  'Whether no channel here lives on a Google account or is this YouTube channel, so that a grant which led to nothing '
  'may be ended: ending one token ends all that the account allowed this project. False for an unknown account.';

create function engine.finish_connect(
  p_user uuid, p_state uuid, p_channel jsonb, p_credentials jsonb
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid := (p_channel ->> 'id')::uuid;
  v_state private.oauth_states;
  v_channel public.channels;
  v_new boolean;
begin
  perform private.require_staying_user(p_user);
  select * into v_state from private.oauth_states
  where id = p_state and user_id = p_user and taken_at is not null and finished_channel_id is null for no key update;
  if v_state.id is null then
    perform private.refuse(400, 'state_expired', 'This consent was not started by you. Connect the channel again.');
  end if;
  if v_state.channel_id <> v_id then
    perform private.refuse(409, 'channel_mismatch', format(
      'Consent was given for the YouTube channel "%s", but this reconnects "%s". Connect again and pick that channel '
      'at Google, or connect the other one as a new channel.', p_channel ->> 'title',
      (select title from public.channels where id = v_state.channel_id)));
  end if;
  perform private.lock_step('channel.sync', v_id);
  insert into public.channels (id, youtube_channel_id, title, time_zone)
  values (v_id, p_channel ->> 'youtube_channel_id', p_channel ->> 'title',
    (select time_zone from public.users where id = p_user))
  on conflict on constraint channels_pkey do nothing;
  v_new := found;
  select * into v_channel from public.channels where id = v_id for no key update;
  if v_channel.state = 'erasing' then
    perform private.refuse(409, 'invalid_state',
      'This channel is still being erased. Connect it again in a few minutes.');
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
     google_account, refreshed_at)
  values (
    v_id, p_user, p_credentials ->> 'refresh_token', p_credentials ->> 'access_token',
    (p_credentials ->> 'access_token_expires_at')::timestamptz,
    array(select jsonb_array_elements_text(p_credentials -> 'granted_scopes')),
    (p_credentials ->> 'permission_expires_at')::timestamptz, p_credentials ->> 'google_account', private.now())
  on conflict on constraint channel_credentials_pkey do update
  set owner_id = excluded.owner_id,
      -- Google leaves the refresh token out when it thinks we have one; ours stays with the owner it is bound to.
      refresh_token = coalesce(excluded.refresh_token,
        case when c.owner_id = excluded.owner_id then c.refresh_token end),
      access_token = excluded.access_token, access_token_expires_at = excluded.access_token_expires_at,
      granted_scopes = excluded.granted_scopes, permission_expires_at = excluded.permission_expires_at,
      google_account = excluded.google_account, refreshed_at = excluded.refreshed_at,
      token_version = c.token_version + 1, refresh_lease_id = null, refresh_lease_until = null;
  if (select refresh_token from private.channel_credentials where channel_id = v_id) is null then
    perform private.refuse(400, 'consent_failed',
      'Google gave no lasting permission. Remove this app at https://myaccount.google.com/permissions and connect the '
      'channel again.');
  end if;
  update public.channels
  set title = p_channel ->> 'title', handle = p_channel ->> 'handle', thumbnail_url = p_channel ->> 'thumbnail_url',
      uploads_playlist_id = p_channel ->> 'uploads_playlist_id',
      subscriber_count = (p_channel ->> 'subscriber_count')::bigint, features = p_channel -> 'features',
      state = 'connected', state_reason = null, version = version + 1
  where id = v_id;
  if (p_channel #>> '{features,read}')::boolean then
    insert into private.channel_syncs as s (channel_id, requested_at) values (v_id, private.now())
    on conflict on constraint channel_syncs_pkey do update set requested_at = excluded.requested_at;
    update public.channels
    set sync = jsonb_build_object('state', 'queued', 'videos_found', coalesce(sync -> 'videos_found', '0'),
      'videos_synced', coalesce(sync -> 'videos_synced', '0'))
    where id = v_id;
    perform private.enqueue_step('sync', 'channel.sync', v_id, v_id);
  end if;
  update private.oauth_states set finished_channel_id = v_id where state_hash = v_state.state_hash;
  perform private.log_event(case when v_new then 'channel.connected' else 'channel.reconnected' end, 'info', 'channels',
    format('The channel "%s" was connected.', p_channel ->> 'title'), jsonb_build_object('channel_id', v_id), p_user);
  select * into v_channel from public.channels where id = v_id;
  return to_jsonb(v_channel) || jsonb_build_object('new', v_new);
end
$$;
comment on function engine.finish_connect(uuid, uuid, jsonb, jsonb) is
  'Makes or reconnects a channel with its encrypted tokens and starts its synchronisation. History, settings and '
  'members stay. p_state: the consent, which this user has taken. Refuses another channel than the one being '
  'reconnected, one that another user connected, and a user who is being erased.';
