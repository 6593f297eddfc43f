-- Google's tokens of a channel, and who may renew them.

create table private.channel_credentials (
  channel_id uuid not null,
  owner_id uuid not null,
  refresh_token text,
  access_token text,
  access_token_expires_at timestamptz,
  granted_scopes text[] not null default '{}',
  permission_expires_at timestamptz,
  google_account text,
  token_version bigint not null default 1,
  refresh_lease_until timestamptz,
  refresh_lease_id uuid,
  refreshed_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint channel_credentials_pkey primary key (channel_id),
  constraint channel_credentials_refresh_token_check check (refresh_token like 'v1.%.%.%'),
  constraint channel_credentials_access_token_check check (access_token like 'v1.%.%.%'),
  constraint channel_credentials_channel_id_fkey foreign key (channel_id)
    references public.channels (id) on delete cascade
);
comment on table private.channel_credentials is
  'Google''s tokens of a channel, encrypted by the functions (v1.<key id>.<nonce>.<ciphertext>, bound to row and '
  'owner): the database, its logs and its backups only ever see ciphertext.';
comment on column private.channel_credentials.permission_expires_at is
  'When Google ends the permission by itself; null when it does not. Seven days after the consent: its project is '
  'still in testing.';
comment on column private.channel_credentials.owner_id is
  'To whom the tokens are bound. No foreign key: when an account is deleted behind our back, the tokens stay until the '
  'grant was ended with them.';
comment on column private.channel_credentials.google_account is
  'Hash of Google''s name for the account: all its grants end with any one of them. Null when Google did not say.';
comment on column private.channel_credentials.token_version is
  'Grows with every new token: who was refused names the version it used, so that a hundred refusals lead to one '
  'refresh.';
comment on column private.channel_credentials.refresh_lease_until is
  'Refreshing is single-flight: who holds the lease asks Google, all others wait.';
create index channel_credentials_google_account_idx on private.channel_credentials (google_account);
create trigger channel_credentials_touch before update on private.channel_credentials
  for each row execute function private.touch_updated_at();
alter table private.channel_credentials enable row level security;

create function engine.begin_refresh(p_channel uuid, p_refused_version bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_row private.channel_credentials;
  v_channel public.channels;
begin
  select * into v_channel from public.channels where id = p_channel;
  select * into v_row from private.channel_credentials where channel_id = p_channel for no key update;
  -- A channel that is being erased is still needed to withdraw its videos.
  if v_row.channel_id is null or v_channel.state not in ('connected', 'erasing') then
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
  return jsonb_build_object('state', 'refresh', 'owner_id', v_row.owner_id, 'token', v_row.refresh_token,
    'lease', v_row.refresh_lease_id);
end
$$;
comment on function engine.begin_refresh(uuid, bigint) is
  'A channel''s access token: {"state": valid | refresh | wait | disconnected, …}. Only one caller at a time is told '
  'to refresh. p_refused_version: the token that YouTube did not accept; it is not handed out again.';

create function engine.finish_refresh(
  p_channel uuid, p_lease uuid, p_access_token text, p_expires_at timestamptz, p_refresh_token text, p_scopes text[],
  p_features jsonb
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_row private.channel_credentials;
begin
  update private.channel_credentials
  set access_token = p_access_token, access_token_expires_at = p_expires_at,
      refresh_token = coalesce(p_refresh_token, refresh_token), granted_scopes = coalesce(p_scopes, granted_scopes),
      token_version = token_version + 1, refreshed_at = private.now(), refresh_lease_id = null,
      refresh_lease_until = null
  where channel_id = p_channel and refresh_lease_id = p_lease
  returning * into v_row;
  if v_row.channel_id is null then
    return jsonb_build_object('stored', false);
  end if;
  update public.channels set features = p_features
  where id = p_channel and p_features is not null and features <> p_features;
  return jsonb_build_object('stored', true, 'version', v_row.token_version,
    'features', (select features from public.channels where id = p_channel));
end
$$;

create function engine.abandon_refresh(p_channel uuid, p_lease uuid) returns void
language sql security definer set search_path = '' as $$
  update private.channel_credentials set refresh_lease_id = null, refresh_lease_until = null
  where channel_id = p_channel and refresh_lease_id = p_lease
$$;
comment on function engine.abandon_refresh(uuid, uuid) is
  'Gives the lease back after a failure that says nothing about the grant.';

create function engine.mark_disconnected(p_channel uuid, p_lease uuid, p_reason text) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_row private.channel_credentials;
begin
  -- Only the holder of the lease may say so: a grant that was renewed meanwhile has nothing to do with this refusal.
  update private.channel_credentials
  set refresh_token = null, access_token = null, access_token_expires_at = null, refresh_lease_id = null,
      refresh_lease_until = null
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
    'Google no longer accepts the channel''s permission. Connect the channel again before %s; otherwise what is stored '
    'about it is erased then.',
    to_char((coalesce(v_row.refreshed_at, v_row.created_at) + interval '29 days') at time zone 'UTC', 'YYYY-MM-DD')),
    jsonb_build_object('channel_id', p_channel, 'reason', p_reason), v_row.owner_id);
  return true;
end
$$;
comment on function engine.mark_disconnected(uuid, uuid, text) is
  'Says that a grant is gone, and drops its tokens: they open nothing any more. Called only after Google''s '
  'invalid_grant.';
