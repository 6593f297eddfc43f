-- Scheduling and publishing: when a finished render goes to which channel, how far its upload has come, and how much of
-- YouTube's daily quota is left.
--
-- YouTube has no idempotency key: two finished upload sessions are two videos. What keeps an upload single is the order of
-- the writes here: the session's address is stored before its first byte, every later write carries the step's fence, and
-- a session that no longer answers leads to `outcome_unknown`, which only a look at the channel may leave.

-- Quota --------------------------------------------------------------------------------------------------------------

insert into private.settings (key, value) values
  ('quota_capacity', '{"uploads": 100, "search": 100, "batch_get_stats": 10000, "units": 10000}')
on conflict on constraint settings_pkey do nothing;

create table private.quota_ledger (
  bucket text not null,
  quota_day date not null,
  reserved integer not null default 0,
  spent integer not null default 0,
  exhausted_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint quota_ledger_pkey primary key (bucket, quota_day),
  constraint quota_ledger_bucket_check check (bucket in ('uploads', 'search', 'batch_get_stats', 'units')),
  constraint quota_ledger_reserved_check check (reserved >= 0),
  constraint quota_ledger_spent_check check (spent >= 0)
);
comment on table private.quota_ledger is
  'What this Google project has used of YouTube''s daily allowances. A day runs from midnight to midnight in Los Angeles, '
  'so two days a year have 23 and 25 hours. Capacities stand in the setting quota_capacity.';
comment on column private.quota_ledger.bucket is
  'uploads: videos.insert, 1 a call. search: search.list, 1 a page. batch_get_stats: videos.batchGetStats, 1 a call. units: everything else.';
comment on column private.quota_ledger.reserved is 'Promised to calls whose end is not known yet.';
comment on column private.quota_ledger.exhausted_at is
  'When YouTube itself said that the day''s allowance is used up. Nothing more is granted until the next day, whatever our own count says.';
create trigger quota_ledger_touch before update on private.quota_ledger for each row execute function private.touch_updated_at();
alter table private.quota_ledger enable row level security;

create table private.quota_reservations (
  id uuid not null default gen_random_uuid(),
  bucket text not null,
  quota_day date not null,
  units integer not null,
  spent integer,
  settled_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  constraint quota_reservations_pkey primary key (id),
  constraint quota_reservations_bucket_quota_day_fkey foreign key (bucket, quota_day)
    references private.quota_ledger (bucket, quota_day) on delete cascade,
  constraint quota_reservations_units_check check (units > 0),
  constraint quota_reservations_spent_check check (spent >= 0)
);
comment on table private.quota_reservations is
  'One row for every grant. A grant that is never settled, because its process died, stays counted until its day ends: the call may have been made.';
create index quota_reservations_bucket_quota_day_idx on private.quota_reservations (bucket, quota_day);
alter table private.quota_reservations enable row level security;

create function private.quota_day(p_at timestamptz) returns date
language plpgsql stable set search_path = '' as $$
begin
  return (p_at at time zone 'America/Los_Angeles')::date;
end
$$;
comment on function private.quota_day(timestamptz) is 'The day of YouTube''s quota in which an instant lies.';

create function private.quota_day_start(p_day date) returns timestamptz
language plpgsql stable set search_path = '' as $$
begin
  return p_day::timestamp at time zone 'America/Los_Angeles';
end
$$;
comment on function private.quota_day_start(date) is 'Midnight in Los Angeles, at which a quota day starts. The next one''s start is this one''s end.';

create function private.quota_capacity(p_bucket text) returns integer
language plpgsql stable set search_path = '' as $$
begin
  return coalesce(
    (private.setting('quota_capacity') ->> p_bucket)::integer,
    case p_bucket when 'uploads' then 100 when 'search' then 100 when 'batch_get_stats' then 10000 when 'units' then 10000 end);
end
$$;
comment on function private.quota_capacity(text) is 'What a bucket holds a day: the operator''s setting, else Google''s default. Null: no such bucket.';

create function engine.reserve_quota(p_bucket text default null, p_units integer default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_day date := private.quota_day(private.now());
  v_resets timestamptz := private.quota_day_start(v_day + 1);
  v_capacity integer := private.quota_capacity(p_bucket);
  v_ledger private.quota_ledger;
  v_reservation uuid;
begin
  if v_capacity is null or p_units is null or p_units <= 0 then
    raise exception 'quota: % units of bucket %', p_units, p_bucket using errcode = 'invalid_parameter_value';
  end if;
  insert into private.quota_ledger (bucket, quota_day) values (p_bucket, v_day)
  on conflict on constraint quota_ledger_pkey do nothing;
  -- One statement decides and counts, so any number of callers together never pass the capacity.
  update private.quota_ledger set reserved = reserved + p_units
  where bucket = p_bucket and quota_day = v_day and exhausted_at is null and reserved + spent + p_units <= v_capacity
  returning * into v_ledger;
  if v_ledger.bucket is null then
    select * into v_ledger from private.quota_ledger where bucket = p_bucket and quota_day = v_day;
    return jsonb_build_object(
      'granted', false, 'reservation', null, 'bucket', p_bucket, 'resets_at', v_resets,
      'reason', case when v_ledger.exhausted_at is not null then 'exhausted' else 'full' end,
      'remaining', case when v_ledger.exhausted_at is not null then 0
        else greatest(0, v_capacity - v_ledger.reserved - v_ledger.spent) end);
  end if;
  insert into private.quota_reservations (bucket, quota_day, units) values (p_bucket, v_day, p_units)
  returning id into v_reservation;
  return jsonb_build_object(
    'granted', true, 'reservation', v_reservation, 'bucket', p_bucket, 'resets_at', v_resets, 'reason', null,
    'remaining', v_capacity - v_ledger.reserved - v_ledger.spent);
end
$$;
comment on function engine.reserve_quota(text, integer) is
  'Promises units of a bucket for a call that is about to be made: {"granted", "reservation", "bucket", "resets_at", "reason", "remaining"}. '
  'Refused (granted false, reservation null): reason `full` by our own count, `exhausted` by YouTube''s word; try again at resets_at.';

create function engine.settle_quota(p_reservation uuid default null, p_spent integer default null, p_exhausted boolean default false) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_row private.quota_reservations;
begin
  update private.quota_reservations set spent = greatest(coalesce(p_spent, units), 0), settled_at = private.now()
  where id = p_reservation and settled_at is null
  returning * into v_row;
  if v_row.id is not null then
    update private.quota_ledger set reserved = reserved - v_row.units, spent = spent + v_row.spent
    where bucket = v_row.bucket and quota_day = v_row.quota_day;
  end if;
  if p_exhausted then
    -- Latches the day in which the call was made: an answer that arrives after midnight says nothing about the new day.
    update private.quota_ledger l set exhausted_at = coalesce(l.exhausted_at, private.now())
    from private.quota_reservations r
    where r.id = p_reservation and l.bucket = r.bucket and l.quota_day = r.quota_day;
  end if;
  return v_row.id is not null;
end
$$;
comment on function engine.settle_quota(uuid, integer, boolean) is
  'Ends a reservation with what was really spent (null: all of it); p_exhausted when YouTube said the day is used up. '
  'Settling twice changes nothing and answers false.';

revoke all on function engine.reserve_quota(text, integer), engine.settle_quota(uuid, integer, boolean)
  from public, anon, authenticated;
grant execute on function engine.reserve_quota(text, integer), engine.settle_quota(uuid, integer, boolean) to service_role;

select cron.schedule('prune-quota-ledger', '40 3 * * *',
  $$delete from private.quota_ledger where quota_day < current_date - 40$$);
select cron.schedule('prune-quota-reservations', '41 3 * * *',
  $$delete from private.quota_reservations where quota_day < current_date - 3$$);

-- Uploads ------------------------------------------------------------------------------------------------------------

create table public.scheduled_uploads (
  id uuid not null default gen_random_uuid(),
  channel_id uuid not null,
  render_id uuid not null,
  created_by uuid,
  state text not null default 'scheduled',
  reason text,
  intent text not null default 'publish',
  title text not null,
  title_key text not null,
  description text not null default '',
  tags text[] not null default '{}',
  category_id text not null default '22',
  language text,
  made_for_kids boolean,
  altered_content boolean,
  notify_subscribers boolean not null default true,
  publish_at timestamptz,
  time_zone text,
  local_time timestamp,
  youtube_publish_at timestamptz,
  youtube_video_id text,
  bytes_total bigint,
  bytes_sent bigint not null default 0,
  next_attempt_at timestamptz,
  last_error jsonb,
  thumbnail text not null default 'none',
  thumbnail_error jsonb,
  published_at timestamptz,
  state_changed_at timestamptz not null default clock_timestamp(),
  version bigint not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint scheduled_uploads_pkey primary key (id),
  constraint scheduled_uploads_channel_id_fkey foreign key (channel_id) references public.channels (id) on delete cascade,
  constraint scheduled_uploads_render_id_fkey foreign key (render_id) references public.renders (id),
  constraint scheduled_uploads_created_by_fkey foreign key (created_by) references public.users (id) on delete set null,
  constraint scheduled_uploads_youtube_video_id_key unique (youtube_video_id),
  constraint scheduled_uploads_state_check check (state in (
    'draft', 'scheduled', 'preparing', 'uploading', 'processing', 'on_youtube', 'published', 'needs_attention',
    'outcome_unknown', 'cancelled', 'failed')),
  constraint scheduled_uploads_intent_check check (intent in ('publish', 'keep_private')),
  constraint scheduled_uploads_thumbnail_check check (thumbnail in ('none', 'wanted', 'set', 'failed')),
  constraint scheduled_uploads_reason_check check (state <> 'needs_attention' or reason is not null),
  constraint scheduled_uploads_answers_check check (state = 'draft' or (made_for_kids is not null and altered_content is not null)),
  constraint scheduled_uploads_publish_at_check check (
    (state = 'draft' and publish_at is null) or (publish_at is not null and time_zone is not null and local_time is not null)),
  constraint scheduled_uploads_video_check check (state not in ('processing', 'on_youtube', 'published') or youtube_video_id is not null),
  constraint scheduled_uploads_bytes_sent_check check (bytes_sent between 0 and coalesce(bytes_total, bytes_sent))
);
comment on table public.scheduled_uploads is 'The publication of one render on one channel. Changed by engine functions only.';
comment on column public.scheduled_uploads.reason is 'Why it is in this state, as a slug; the API explains it and names the next action.';
comment on column public.scheduled_uploads.intent is
  'keep_private: cancelled after bytes were sent; the video, if there is one, stays private and is not published.';
comment on column public.scheduled_uploads.title_key is 'The title in the form in which two titles are compared.';
comment on column public.scheduled_uploads.altered_content is
  'The creator''s answer to YouTube''s question about altered or synthetic content (containsSyntheticMedia).';
comment on column public.scheduled_uploads.local_time is 'publish_at on the clocks of time_zone, as it was when the slot was chosen.';
comment on column public.scheduled_uploads.youtube_publish_at is 'The publish time that YouTube was last told.';
comment on column public.scheduled_uploads.thumbnail is
  'Whether the render''s picture becomes the video''s. A step of its own: its failure never touches the upload.';
comment on column public.scheduled_uploads.version is 'Counts edits and changes of state, not progress; the ETag of the resource.';
create trigger scheduled_uploads_touch before update on public.scheduled_uploads
  for each row execute function private.touch_updated_at();

create unique index scheduled_uploads_render_id_live_key on public.scheduled_uploads (render_id)
  where state not in ('cancelled', 'failed');
comment on index public.scheduled_uploads_render_id_live_key is 'One render is published once.';
create unique index scheduled_uploads_channel_id_sending_key on public.scheduled_uploads (channel_id)
  where state in ('preparing', 'uploading');
comment on index public.scheduled_uploads_channel_id_sending_key is 'One upload at a time for each channel.';
create index scheduled_uploads_channel_id_publish_at_idx on public.scheduled_uploads (channel_id, publish_at, id);
create index scheduled_uploads_publish_at_idx on public.scheduled_uploads (publish_at) where state not in ('cancelled', 'failed');
create index scheduled_uploads_render_id_idx on public.scheduled_uploads (render_id);
create index scheduled_uploads_created_by_idx on public.scheduled_uploads (created_by);

alter table public.scheduled_uploads enable row level security;
revoke all on public.scheduled_uploads from anon, authenticated, service_role;
grant select on public.scheduled_uploads to authenticated;
create policy "members see the uploads of their channels" on public.scheduled_uploads
  for select to authenticated using (channel_id in (select private.my_channels()));

create table private.upload_sessions (
  id uuid not null,
  upload_id uuid not null,
  session_uri text,
  publish_at timestamptz,
  bytes_total bigint not null,
  bytes_sent bigint not null default 0,
  source_sha256 text,
  looks integer not null default 0,
  last_look_at timestamptz,
  opened_at timestamptz not null,
  ended_at timestamptz,
  outcome text,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint upload_sessions_pkey primary key (id),
  constraint upload_sessions_upload_id_fkey foreign key (upload_id) references public.scheduled_uploads (id) on delete cascade,
  constraint upload_sessions_outcome_check check (outcome in ('completed', 'gone', 'abandoned', 'refused')),
  constraint upload_sessions_ended_at_check check ((ended_at is null) = (outcome is null)),
  constraint upload_sessions_session_uri_check check (ended_at is not null or session_uri is not null)
);
comment on table private.upload_sessions is
  'YouTube''s resumable upload sessions. A row is committed before the first byte is sent: it is what keeps a killed upload '
  'from becoming a second video.';
comment on column private.upload_sessions.session_uri is
  'Address of the session, encrypted by the functions: who knows it can finish the upload. Erased when the session ends.';
comment on column private.upload_sessions.publish_at is 'The publish time this session was opened with; it cannot be changed in it.';
comment on column private.upload_sessions.source_sha256 is 'SHA-256 of the file when the session was opened, where it is known: a session never mixes two files.';
comment on column private.upload_sessions.looks is 'How often the channel was searched for the video of a session that is gone.';
create unique index upload_sessions_upload_id_open_key on private.upload_sessions (upload_id) where ended_at is null;
create index upload_sessions_upload_id_idx on private.upload_sessions (upload_id, opened_at);
create trigger upload_sessions_touch before update on private.upload_sessions
  for each row execute function private.touch_updated_at();
alter table private.upload_sessions enable row level security;

create function private.upload_successors(p_state text) returns text[]
language plpgsql immutable set search_path = '' as $$
begin
  return case p_state
    when 'draft' then array['scheduled', 'cancelled']
    when 'scheduled' then array['preparing', 'needs_attention', 'cancelled', 'failed']
    when 'preparing' then array['scheduled', 'uploading', 'needs_attention', 'cancelled', 'failed']
    when 'uploading' then array['scheduled', 'processing', 'outcome_unknown', 'needs_attention', 'cancelled', 'failed']
    when 'outcome_unknown' then array['scheduled', 'processing', 'needs_attention', 'cancelled']
    when 'processing' then array['on_youtube', 'published', 'needs_attention', 'cancelled', 'failed']
    when 'on_youtube' then array['published', 'needs_attention', 'cancelled', 'failed']
    when 'needs_attention' then array['scheduled', 'outcome_unknown', 'processing', 'on_youtube', 'published', 'cancelled']
    else array[]::text[]
  end;
end
$$;
comment on function private.upload_successors(text) is
  'Which states may follow a state. From outcome_unknown no way leads straight back to sending.';

create function private.render_readiness(p_render uuid) returns text
language plpgsql stable set search_path = '' as $$
begin
  return (
    select case
      when state = 'ready' then 'ready'
      when state in ('failed', 'cancelled') then 'failed'
      else 'running'
    end
    from public.renders where id = p_render);
end
$$;
comment on function private.render_readiness(uuid) is 'ready, running or failed: all that publishing needs to know of a render.';

create function private.move_upload(p_upload public.scheduled_uploads, p_state text, p_reason text) returns public.scheduled_uploads
language plpgsql set search_path = '' as $$
declare
  v_upload public.scheduled_uploads;
begin
  if p_state = p_upload.state then
    update public.scheduled_uploads set reason = p_reason
    where id = p_upload.id returning * into v_upload;
    return v_upload;
  end if;
  if p_state <> all (private.upload_successors(p_upload.state)) then
    raise exception 'an upload cannot go from % to %', p_upload.state, p_state using errcode = 'check_violation';
  end if;
  update public.scheduled_uploads
  set state = p_state, reason = p_reason, state_changed_at = private.now(), version = version + 1, next_attempt_at = null
  where id = p_upload.id returning * into v_upload;
  if p_state in ('on_youtube', 'published') and v_upload.thumbnail = 'wanted' then
    perform private.enqueue_step('publish', 'upload.thumbnail', v_upload.id, v_upload.channel_id);
  end if;
  if p_upload.state in ('preparing', 'uploading') and p_state not in ('preparing', 'uploading') then
    perform private.wake_next_upload(p_upload.channel_id);
  end if;
  if p_state in ('needs_attention', 'failed') then
    perform private.log_event('upload.' || p_state, 'warning', 'publishing',
      format('Upload "%s" stands at %s: %s.', v_upload.title, p_state, p_reason),
      jsonb_build_object('upload_id', v_upload.id, 'channel_id', v_upload.channel_id, 'reason', p_reason), v_upload.created_by);
  elsif p_state in ('published', 'cancelled') then
    perform private.log_event('upload.' || p_state, 'info', 'publishing',
      format('Upload "%s" is %s.', v_upload.title, p_state),
      jsonb_build_object('upload_id', v_upload.id, 'channel_id', v_upload.channel_id, 'reason', p_reason), v_upload.created_by);
  end if;
  return v_upload;
end
$$;
comment on function private.move_upload(public.scheduled_uploads, text, text) is
  'The only way an upload''s state changes. Refuses what private.upload_successors does not name.';

create function private.wake_next_upload(p_channel uuid) returns void
language plpgsql set search_path = '' as $$
declare
  v_next uuid;
begin
  select id into v_next from public.scheduled_uploads
  where channel_id = p_channel and state = 'scheduled' and reason = 'channel_busy'
  order by publish_at, id limit 1;
  if v_next is not null then
    perform private.enqueue_step('publish', 'upload.advance', v_next, p_channel);
  end if;
end
$$;

create function private.end_session(p_upload uuid, p_outcome text) returns void
language sql set search_path = '' as $$
  update private.upload_sessions set ended_at = private.now(), outcome = p_outcome, session_uri = null
  where upload_id = p_upload and ended_at is null
$$;

create function private.resume_upload(p_upload public.scheduled_uploads) returns public.scheduled_uploads
language plpgsql set search_path = '' as $$
declare
  v_upload public.scheduled_uploads := p_upload;
  v_state text;
begin
  if v_upload.reason = 'deleted_on_youtube' then
    -- The video is gone by somebody's will; only a user's own word starts another one.
    update public.scheduled_uploads
    set youtube_video_id = null, youtube_publish_at = null, bytes_sent = 0, bytes_total = null
    where id = v_upload.id returning * into v_upload;
  end if;
  if v_upload.youtube_video_id is not null then
    -- Tell YouTube the time again, whatever it was told before.
    update public.scheduled_uploads set youtube_publish_at = null where id = v_upload.id returning * into v_upload;
    v_state := 'processing';
  elsif v_upload.reason is not distinct from 'outcome_ambiguous' or exists (
    -- A session that is gone and whose outcome was never settled is looked for again, never sent again.
    select from private.upload_sessions s
    where s.upload_id = v_upload.id and s.outcome = 'gone' and s.id = (
      select l.id from private.upload_sessions l where l.upload_id = v_upload.id order by l.opened_at desc, l.id limit 1)
  ) then
    v_state := 'outcome_unknown';
  else
    v_state := 'scheduled';
  end if;
  v_upload := private.move_upload(v_upload, v_state, null);
  update private.upload_sessions set looks = 0, last_look_at = null where upload_id = v_upload.id;
  perform private.enqueue_step('publish', 'upload.advance', v_upload.id, v_upload.channel_id);
  return v_upload;
end
$$;
comment on function private.resume_upload(public.scheduled_uploads) is
  'Takes an upload out of needs_attention, to where its own facts put it: with a video, with an unknown outcome, or before both.';

-- What users do ------------------------------------------------------------------------------------------------------

create function private.check_publication(p_upload uuid, p_channel public.channels, p_publish_at timestamptz, p_title_key text)
returns void
language plpgsql set search_path = '' as $$
declare
  v_now timestamptz := private.now();
  v_day date := private.quota_day(p_publish_at);
  -- Out of the conditions, where they would be asked for every row.
  v_day_start timestamptz := private.quota_day_start(v_day);
  v_day_end timestamptz := private.quota_day_start(v_day + 1);
  v_capacity integer := private.quota_capacity('uploads');
  v_title text;
  v_at timestamptz;
  v_booked integer;
  v_ledger private.quota_ledger;
begin
  if p_publish_at <= v_now then
    perform private.refuse(422, 'publish_time_past',
      format('The publish time must lie in the future; it is %s now.', to_char(v_now at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')),
      '/publish_at');
  end if;
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('publishing.channel:' || p_channel.id, 0));
  select title, publish_at into v_title, v_at from public.scheduled_uploads
  where channel_id = p_channel.id and id is distinct from p_upload and state not in ('cancelled', 'failed')
    and publish_at > p_publish_at - make_interval(mins => p_channel.minimum_gap_minutes)
    and publish_at < p_publish_at + make_interval(mins => p_channel.minimum_gap_minutes)
  order by abs(extract(epoch from publish_at - p_publish_at)) limit 1;
  if found then
    perform private.refuse(409, 'slot_taken',
      format('"%s" goes out at %s; two videos of this channel must be %s minutes apart.', v_title,
        to_char(v_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), p_channel.minimum_gap_minutes),
      '/publish_at');
  end if;
  select title into v_title from public.scheduled_uploads
  where channel_id = p_channel.id and id is distinct from p_upload and state not in ('cancelled', 'failed')
    and title_key = p_title_key
    and publish_at > p_publish_at - interval '30 days' and publish_at < p_publish_at + interval '30 days'
  order by publish_at limit 1;
  if found then
    perform private.refuse(409, 'duplicate_title',
      format('"%s" goes out within 30 days of this under the same title. Choose another title.', v_title), '/title');
  end if;
  -- Every upload books its slot's quota day; going out earlier than that only leaves room.
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('publishing.quota_day:' || v_day, 0));
  select count(*) into v_booked from public.scheduled_uploads
  where id is distinct from p_upload and state not in ('draft', 'cancelled', 'failed')
    and publish_at >= v_day_start and publish_at < v_day_end;
  if v_booked >= v_capacity then
    perform private.refuse(429, 'quota_exhausted',
      format('All %s YouTube uploads of that day are booked. Choose a time from %s on.', v_capacity,
        to_char(v_day_end at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')), '/publish_at');
  end if;
  if v_day = private.quota_day(v_now) then
    select * into v_ledger from private.quota_ledger where bucket = 'uploads' and quota_day = v_day;
    select count(*) into v_booked from public.scheduled_uploads
    where id is distinct from p_upload and state in ('scheduled', 'preparing') and publish_at < v_day_end;
    if v_ledger.exhausted_at is not null or coalesce(v_ledger.reserved + v_ledger.spent, 0) + v_booked >= v_capacity then
      perform private.refuse(429, 'quota_exhausted',
        format('Today''s YouTube uploads are used up. Choose a time from %s on.',
          to_char(v_day_end at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')), '/publish_at');
    end if;
  end if;
end
$$;
comment on function private.check_publication(uuid, public.channels, timestamptz, text) is
  'Refuses a publish time that is past, too close to another video, under a title used within 30 days, or on a day whose uploads are booked.';

create function engine.schedule_upload(p_user uuid, p_idempotency jsonb default null, p_upload jsonb default null) returns jsonb
-- A connection plans this once, perhaps while there is no upload yet, and a scan of an empty table is the cheapest plan there is.
language plpgsql security definer set search_path = '' set enable_seqscan = off as $$
declare
  v jsonb;
  v_channel public.channels;
  v_render uuid := (p_upload ->> 'render_id')::uuid;
  v_upload public.scheduled_uploads;
  v_publish_at timestamptz := (p_upload ->> 'publish_at')::timestamptz;
  v_zone text;
begin
  v := private.begin_request(p_user, 'schedule.create', p_idempotency);
  if v is not null then
    return v;
  end if;
  select c.* into v_channel from public.renders r join public.channels c on c.id = r.channel_id where r.id = v_render;
  if v_channel.id is null then
    perform private.refuse(404, 'not_found', 'No such object.');
  end if;
  perform private.require_role(p_user, v_channel.id, array['owner', 'editor']);
  if v_channel.state <> 'connected' then
    perform private.refuse(409, 'channel_disconnected', 'Connect the channel again before scheduling a video on it.');
  end if;
  if p_upload ->> 'made_for_kids' is null then
    perform private.refuse(422, 'answers_missing', 'Say whether the video is made for kids: true or false.', '/made_for_kids');
  end if;
  if p_upload ->> 'altered_content' is null then
    perform private.refuse(422, 'answers_missing',
      'Say whether the video shows realistic altered or synthetic content: true or false.', '/altered_content');
  end if;
  -- The render's row is locked, so that two requests for one render see each other.
  perform from public.renders where id = v_render for no key update;
  if private.render_readiness(v_render) = 'failed' then
    perform private.refuse(409, 'invalid_state', 'This render has no video file. Schedule a render that is running or completed.', '/render_id');
  end if;
  if exists (select from public.scheduled_uploads where render_id = v_render and state not in ('cancelled', 'failed')) then
    perform private.refuse(409, 'duplicate_upload', 'This render is scheduled already. Move that upload, or cancel it first.', '/render_id');
  end if;
  perform private.check_publication(null, v_channel, v_publish_at, p_upload ->> 'title_key');
  v_zone := coalesce(p_upload ->> 'time_zone', v_channel.time_zone);
  insert into public.scheduled_uploads (
    channel_id, render_id, created_by, title, title_key, description, tags, category_id, language, made_for_kids,
    altered_content, notify_subscribers, thumbnail, publish_at, time_zone, local_time, state_changed_at)
  values (
    v_channel.id, v_render, p_user, p_upload ->> 'title', p_upload ->> 'title_key', coalesce(p_upload ->> 'description', ''),
    array(select jsonb_array_elements_text(coalesce(p_upload -> 'tags', '[]'))), coalesce(p_upload ->> 'category_id', '22'),
    p_upload ->> 'language', (p_upload ->> 'made_for_kids')::boolean, (p_upload ->> 'altered_content')::boolean,
    coalesce((p_upload ->> 'notify_subscribers')::boolean, true),
    case when (p_upload ->> 'thumbnail')::boolean then 'wanted' else 'none' end, v_publish_at, v_zone,
    coalesce((p_upload ->> 'local_time')::timestamp, v_publish_at at time zone v_zone), private.now())
  returning * into v_upload;
  perform private.enqueue_step('publish', 'upload.advance', v_upload.id, v_channel.id);
  return private.end_request(p_user, 'schedule.create', p_idempotency, to_jsonb(v_upload));
end
$$;
comment on function engine.schedule_upload(uuid, jsonb, jsonb) is 'Schedules a render, or says what stands in the way.';

create function private.upload_for_edit(p_user uuid, p_upload uuid, p_version bigint) returns public.scheduled_uploads
language plpgsql set search_path = '' as $$
declare
  v_upload public.scheduled_uploads;
begin
  -- Step before upload, as everywhere: two orders would be a deadlock.
  perform private.lock_step('upload.advance', p_upload);
  select * into v_upload from public.scheduled_uploads where id = p_upload for no key update;
  if v_upload.id is null then
    perform private.refuse(404, 'not_found', 'No such object.');
  end if;
  perform private.require_role(p_user, v_upload.channel_id, array['owner', 'editor']);
  if p_version is not null and p_version <> v_upload.version then
    perform private.refuse(412, 'version_mismatch', 'The upload has changed since it was read. Read it again, then repeat the change.');
  end if;
  return v_upload;
end
$$;

create function engine.edit_upload(p_user uuid, p_upload uuid default null, p_version bigint default null, p_change jsonb default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_upload public.scheduled_uploads := private.upload_for_edit(p_user, p_upload, p_version);
  v_channel public.channels;
  v_moves boolean := p_change ? 'publish_at';
  v_retells boolean := p_change ?| array[
    'title', 'description', 'tags', 'category_id', 'language', 'made_for_kids', 'altered_content', 'notify_subscribers'];
  v_resumes boolean := coalesce((p_change ->> 'resume')::boolean, false);
begin
  if v_upload.state in ('published', 'cancelled', 'failed') then
    perform private.refuse(409, 'invalid_state', format('The upload is %s; nothing about it can be changed any more.', v_upload.state));
  end if;
  if v_upload.intent = 'keep_private' then
    perform private.refuse(409, 'invalid_state', 'The upload is being cancelled. Schedule the render again when that is done.');
  end if;
  -- What a session was opened with cannot be changed in it, and afterwards YouTube Studio is the place to edit.
  if v_retells and (v_upload.state not in ('draft', 'scheduled', 'needs_attention') or v_upload.youtube_video_id is not null
    or exists (select from private.upload_sessions where upload_id = v_upload.id and ended_at is null)) then
    perform private.refuse(409, 'invalid_state',
      'The upload has begun, so only its time can be changed here. Edit the text in YouTube Studio once it is there.');
  end if;
  if v_resumes and v_upload.state <> 'needs_attention' then
    perform private.refuse(409, 'invalid_state', format('Only an upload that needs attention can be resumed; this one is %s.', v_upload.state), '/resume');
  end if;
  select * into v_channel from public.channels where id = v_upload.channel_id;
  update public.scheduled_uploads set
    publish_at = case when v_moves then (p_change ->> 'publish_at')::timestamptz else publish_at end,
    time_zone = coalesce(p_change ->> 'time_zone', time_zone),
    local_time = case when v_moves then coalesce(
      (p_change ->> 'local_time')::timestamp,
      (p_change ->> 'publish_at')::timestamptz at time zone coalesce(p_change ->> 'time_zone', time_zone)) else local_time end,
    title = coalesce(p_change ->> 'title', title),
    title_key = coalesce(p_change ->> 'title_key', title_key),
    description = coalesce(p_change ->> 'description', description),
    tags = case when p_change -> 'tags' is null then tags else array(select jsonb_array_elements_text(p_change -> 'tags')) end,
    category_id = coalesce(p_change ->> 'category_id', category_id),
    language = coalesce(p_change ->> 'language', language),
    made_for_kids = coalesce((p_change ->> 'made_for_kids')::boolean, made_for_kids),
    altered_content = coalesce((p_change ->> 'altered_content')::boolean, altered_content),
    notify_subscribers = coalesce((p_change ->> 'notify_subscribers')::boolean, notify_subscribers),
    version = version + 1
  where id = v_upload.id returning * into v_upload;
  if v_moves or v_resumes or p_change ? 'title' then
    perform private.check_publication(v_upload.id, v_channel, v_upload.publish_at, v_upload.title_key);
  end if;
  if v_upload.state = 'needs_attention' and (v_moves or v_resumes) then
    if v_channel.state <> 'connected' then
      perform private.refuse(409, 'channel_disconnected', 'Connect the channel again before resuming this upload.');
    end if;
    v_upload := private.resume_upload(v_upload);
  elsif v_moves then
    perform private.enqueue_step('publish', 'upload.advance', v_upload.id, v_upload.channel_id);
  end if;
  return to_jsonb(v_upload);
end
$$;
comment on function engine.edit_upload(uuid, uuid, bigint, jsonb) is
  'Moves an upload, changes its text while nothing was sent, and resumes one that needs attention.';

create function engine.cancel_upload(p_user uuid, p_upload uuid default null, p_version bigint default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_upload public.scheduled_uploads := private.upload_for_edit(p_user, p_upload, p_version);
  v_outside boolean;
begin
  if v_upload.state = 'cancelled' then
    return to_jsonb(v_upload);
  elsif v_upload.state in ('published', 'failed') then
    perform private.refuse(409, 'invalid_state', case v_upload.state
      when 'published' then 'The video is public already. Change or delete it in YouTube Studio.'
      else 'The upload has failed; there is nothing left to cancel.' end);
  end if;
  -- Is there, or may there be, something on YouTube?
  v_outside := v_upload.reason is distinct from 'deleted_on_youtube' and (
    v_upload.youtube_video_id is not null
    or v_upload.state in ('uploading', 'outcome_unknown')
    or v_upload.reason is not distinct from 'outcome_ambiguous'
    or exists (select from private.upload_sessions where upload_id = v_upload.id and ended_at is null));
  if not v_outside then
    perform private.cancel_step('upload.advance', v_upload.id);
    return to_jsonb(private.move_upload(v_upload, 'cancelled', 'cancelled_by_user'));
  end if;
  -- The step finds out, takes the schedule off the video if there is one, and then ends the upload.
  update public.scheduled_uploads set intent = 'keep_private', version = version + 1
  where id = v_upload.id returning * into v_upload;
  if v_upload.state = 'needs_attention' then
    v_upload := private.resume_upload(v_upload);
  else
    perform private.enqueue_step('publish', 'upload.advance', v_upload.id, v_upload.channel_id);
  end if;
  return to_jsonb(v_upload);
end
$$;
comment on function engine.cancel_upload(uuid, uuid, bigint) is
  'Cancels at once while nothing was sent; afterwards notes the wish, and the step keeps the video private.';

create function engine.full_upload_days() returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(day order by day), '[]') from (
    select private.quota_day(publish_at) as day from public.scheduled_uploads
    where state not in ('draft', 'cancelled', 'failed') and publish_at >= private.quota_day_start(private.quota_day(private.now()))
    group by 1 having count(*) >= private.quota_capacity('uploads')
    union
    select quota_day from private.quota_ledger
    where bucket = 'uploads' and quota_day = private.quota_day(private.now())
      and (exhausted_at is not null or reserved + spent >= private.quota_capacity('uploads'))
  ) full_days
$$;
comment on function engine.full_upload_days() is 'Quota days from today on which no upload is left, as dates of Los Angeles.';

revoke all on function engine.schedule_upload(uuid, jsonb, jsonb), engine.edit_upload(uuid, uuid, bigint, jsonb),
  engine.cancel_upload(uuid, uuid, bigint), engine.full_upload_days() from public, anon, authenticated;
grant execute on function engine.schedule_upload(uuid, jsonb, jsonb), engine.edit_upload(uuid, uuid, bigint, jsonb),
  engine.cancel_upload(uuid, uuid, bigint), engine.full_upload_days() to service_role;

-- What the step does -------------------------------------------------------------------------------------------------

create function private.held_upload(p_step uuid, p_fence bigint) returns public.scheduled_uploads
language plpgsql set search_path = '' as $$
declare
  v_upload public.scheduled_uploads;
begin
  perform private.hold_step(p_step, p_fence);
  select u.* into v_upload from public.scheduled_uploads u
  join private.steps s on s.subject_id = u.id
  where s.id = p_step for no key update of u;
  if v_upload.id is null then
    perform private.refuse(404, 'not_found', 'No such object.');
  end if;
  return v_upload;
end
$$;
comment on function private.held_upload(uuid, bigint) is 'The upload of a step whose claim still holds, locked.';

create function private.upload_work(p_upload public.scheduled_uploads) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return jsonb_build_object(
    'upload', to_jsonb(p_upload),
    'now', private.now(),
    'channel', (
      select jsonb_build_object('id', c.id, 'state', c.state, 'state_reason', c.state_reason, 'features', c.features, 'youtube_channel_id', c.youtube_channel_id,
        'uploads_playlist_id', c.uploads_playlist_id)
      from public.channels c where c.id = p_upload.channel_id),
    'render', private.render_readiness(p_upload.render_id),
    'session', (
      select to_jsonb(s) from private.upload_sessions s where s.upload_id = p_upload.id order by s.opened_at desc, s.id limit 1));
end
$$;

create function engine.open_upload(p_step uuid, p_fence bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  return private.upload_work(private.held_upload(p_step, p_fence));
end
$$;
comment on function engine.open_upload(uuid, bigint) is 'Everything a step needs to know to take the next step of its upload.';

create function engine.prepare_upload(p_step uuid, p_fence bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_upload public.scheduled_uploads := private.held_upload(p_step, p_fence);
  v_resets timestamptz := private.quota_day_start(private.quota_day(private.now()) + 1);
  v_quota jsonb;
  v_due integer;
begin
  if v_upload.state not in ('scheduled', 'preparing') then
    return jsonb_build_object('turn', false, 'work', private.upload_work(v_upload));
  end if;
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('publishing.channel:' || v_upload.channel_id, 0));
  if exists (
    select from public.scheduled_uploads
    where channel_id = v_upload.channel_id and id <> v_upload.id and state in ('preparing', 'uploading')
  ) then
    v_upload := private.move_upload(v_upload, 'scheduled', 'channel_busy');
    return jsonb_build_object('turn', false, 'work', private.upload_work(v_upload));
  end if;
  if not exists (select from private.upload_sessions where upload_id = v_upload.id and ended_at is null) then
    v_quota := engine.reserve_quota('uploads', 1);
    if (v_quota ->> 'granted')::boolean and v_upload.publish_at >= v_resets then
      -- Who is due before the next midnight goes first.
      select count(*) into v_due from public.scheduled_uploads
      where id <> v_upload.id and state in ('scheduled', 'preparing') and publish_at < v_resets;
      if (v_quota ->> 'remaining')::integer < v_due then
        perform engine.settle_quota((v_quota ->> 'reservation')::uuid, 0, false);
        v_quota := v_quota || '{"granted": false, "reservation": null, "reason": "full"}';
      end if;
    end if;
    if not (v_quota ->> 'granted')::boolean then
      v_upload := private.move_upload(v_upload, 'scheduled', 'upload_quota_used_up');
      update public.scheduled_uploads set next_attempt_at = v_resets where id = v_upload.id returning * into v_upload;
      return jsonb_build_object('turn', false, 'quota', v_quota, 'work', private.upload_work(v_upload));
    end if;
  end if;
  v_upload := private.move_upload(v_upload, 'preparing', null);
  return jsonb_build_object('turn', true, 'quota', v_quota, 'work', private.upload_work(v_upload));
end
$$;
comment on function engine.prepare_upload(uuid, bigint) is
  'Gives an upload its turn on its channel and one upload of the day''s quota, or says what it has to wait for. A turn that '
  'finds an open session needs no quota.';

create function engine.record_upload_session(p_step uuid, p_fence bigint, p_version bigint default null, p_reservation uuid default null, p_session jsonb default null)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_upload public.scheduled_uploads := private.held_upload(p_step, p_fence);
  v_total bigint := (p_session ->> 'bytes_total')::bigint;
begin
  if p_reservation is not null then
    perform engine.settle_quota(p_reservation, 1, false);
  end if;
  -- Somebody changed the upload while its session was being opened: that session is forgotten, no byte went into it.
  if v_upload.state <> 'preparing' or v_upload.version <> p_version or v_upload.intent <> 'publish' then
    return jsonb_build_object('recorded', false, 'work', private.upload_work(v_upload));
  end if;
  insert into private.upload_sessions (id, upload_id, session_uri, publish_at, bytes_total, source_sha256, opened_at)
  values ((p_session ->> 'id')::uuid, v_upload.id, p_session ->> 'session_uri', (p_session ->> 'publish_at')::timestamptz, v_total,
    p_session ->> 'source_sha256', private.now());
  v_upload := private.move_upload(v_upload, 'uploading', null);
  update public.scheduled_uploads
  set bytes_total = v_total, bytes_sent = 0, last_error = null, youtube_publish_at = (p_session ->> 'publish_at')::timestamptz
  where id = v_upload.id returning * into v_upload;
  return jsonb_build_object('recorded', true, 'work', private.upload_work(v_upload));
end
$$;
comment on function engine.record_upload_session(uuid, bigint, bigint, uuid, jsonb) is
  'Commits a session before its first byte. Not recorded (and so never used) when the upload was changed meanwhile.';

create function engine.resume_upload_session(p_step uuid, p_fence bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_upload public.scheduled_uploads := private.held_upload(p_step, p_fence);
begin
  if v_upload.state = 'preparing' and exists (
    select from private.upload_sessions where upload_id = v_upload.id and ended_at is null
  ) then
    v_upload := private.move_upload(v_upload, 'uploading', null);
  end if;
  return private.upload_work(v_upload);
end
$$;
comment on function engine.resume_upload_session(uuid, bigint) is 'Goes on with the session that a prepared upload still has.';

create function engine.record_upload_progress(p_step uuid, p_fence bigint, p_session uuid default null, p_bytes_sent bigint default null, p_session_uri text default null)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_upload public.scheduled_uploads := private.held_upload(p_step, p_fence);
begin
  update private.upload_sessions
  set bytes_sent = p_bytes_sent, session_uri = coalesce(p_session_uri, session_uri)
  where id = p_session and upload_id = v_upload.id and ended_at is null;
  if found then
    update public.scheduled_uploads set bytes_sent = least(p_bytes_sent, bytes_total), last_error = null, reason = null
    where id = v_upload.id returning * into v_upload;
  end if;
  return private.upload_work(v_upload);
end
$$;
comment on function engine.record_upload_progress(uuid, bigint, uuid, bigint, text) is
  'Stores how many bytes the session says it has, and its new address when it gave one.';

create function engine.adopt_video(p_step uuid, p_fence bigint, p_video text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_upload public.scheduled_uploads := private.held_upload(p_step, p_fence);
begin
  if v_upload.youtube_video_id is null and v_upload.state in ('uploading', 'outcome_unknown') then
    -- The id and the end of the session are one write: the address is kept until the video is known.
    update public.scheduled_uploads
    set youtube_video_id = p_video, bytes_sent = coalesce(bytes_total, bytes_sent), last_error = null
    where id = v_upload.id returning * into v_upload;
    perform private.end_session(v_upload.id, 'completed');
    update private.upload_sessions set outcome = 'completed'
    where upload_id = v_upload.id and outcome = 'gone';
    v_upload := private.move_upload(v_upload, 'processing', null);
  end if;
  return private.upload_work(v_upload);
end
$$;
comment on function engine.adopt_video(uuid, bigint, text) is 'The upload has become this video.';

create function engine.advance_upload(p_step uuid, p_fence bigint, p_from text default null, p_change jsonb default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_upload public.scheduled_uploads := private.held_upload(p_step, p_fence);
begin
  -- The user was faster: the step looks again and decides anew.
  if v_upload.state <> p_from then
    return private.upload_work(v_upload);
  end if;
  if p_change ? 'session_outcome' then
    perform private.end_session(v_upload.id, p_change ->> 'session_outcome');
  end if;
  if p_change ? 'session_settled' then
    update private.upload_sessions set outcome = 'abandoned' where upload_id = v_upload.id and outcome = 'gone';
  end if;
  if p_change ? 'looked' then
    update private.upload_sessions set looks = looks + 1, last_look_at = private.now()
    where id = (p_change ->> 'looked')::uuid and upload_id = v_upload.id;
  end if;
  if p_change ? 'state' then
    v_upload := private.move_upload(v_upload, p_change ->> 'state', p_change ->> 'reason');
  end if;
  update public.scheduled_uploads set
    reason = case when p_change ? 'reason' then p_change ->> 'reason' else reason end,
    last_error = case when p_change ? 'error' then nullif(p_change -> 'error', 'null') else last_error end,
    next_attempt_at = case when p_change ? 'next_attempt_at' then (p_change ->> 'next_attempt_at')::timestamptz else next_attempt_at end,
    youtube_publish_at = case when p_change ? 'youtube_publish_at' then (p_change ->> 'youtube_publish_at')::timestamptz else youtube_publish_at end,
    published_at = case when p_change ? 'published_at' then (p_change ->> 'published_at')::timestamptz else published_at end,
    publish_at = case when p_change ? 'publish_at' then (p_change ->> 'publish_at')::timestamptz else publish_at end,
    local_time = case when p_change ? 'publish_at' then (p_change ->> 'publish_at')::timestamptz at time zone time_zone else local_time end,
    version = version + case when p_change ? 'publish_at' then 1 else 0 end
  where id = v_upload.id returning * into v_upload;
  return private.upload_work(v_upload);
end
$$;
comment on function engine.advance_upload(uuid, bigint, text, jsonb) is
  'Notes what a step found out: {"state", "reason", "error", "next_attempt_at", "session_outcome", "session_settled", "looked", '
  '"youtube_publish_at", "publish_at", "published_at"}. Changes nothing when the upload is no longer in p_from.';

create function engine.unclaimed_videos(p_step uuid, p_fence bigint, p_videos text[] default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform private.hold_step(p_step, p_fence);
  return (
    select coalesce(jsonb_agg(v), '[]') from unnest(p_videos) as v
    where not exists (select from public.scheduled_uploads u where u.youtube_video_id = v));
end
$$;
comment on function engine.unclaimed_videos(uuid, bigint, text[]) is 'Those of these videos that no upload has become.';

create function engine.open_thumbnail(p_step uuid, p_fence bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_upload public.scheduled_uploads := private.held_upload(p_step, p_fence);
begin
  return jsonb_build_object(
    'wanted', v_upload.thumbnail = 'wanted' and v_upload.youtube_video_id is not null, 'channel_id', v_upload.channel_id,
    'video', v_upload.youtube_video_id, 'url', (select thumbnail_url from public.renders where id = v_upload.render_id));
end
$$;
comment on function engine.open_thumbnail(uuid, bigint) is 'Which picture is to be set on which video.';

create function engine.record_thumbnail(p_step uuid, p_fence bigint, p_thumbnail text default null, p_error jsonb default null) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_upload public.scheduled_uploads := private.held_upload(p_step, p_fence);
begin
  update public.scheduled_uploads set thumbnail = p_thumbnail, thumbnail_error = nullif(p_error, 'null') where id = v_upload.id;
end
$$;
comment on function engine.record_thumbnail(uuid, bigint, text, jsonb) is 'Whether the picture was set, and if not, why.';

create function private.on_dead_upload_thumbnail(p_subject uuid, p_error jsonb) returns void
language sql set search_path = '' as $$
  update public.scheduled_uploads set thumbnail = 'failed', thumbnail_error = p_error where id = p_subject and thumbnail = 'wanted'
$$;

create function private.on_dead_upload_advance(p_subject uuid, p_error jsonb) returns void
language plpgsql set search_path = '' as $$
declare
  v_upload public.scheduled_uploads;
begin
  select * into v_upload from public.scheduled_uploads where id = p_subject for no key update;
  if v_upload.id is null or 'needs_attention' <> all (private.upload_successors(v_upload.state)) then
    return;
  end if;
  update public.scheduled_uploads set last_error = coalesce(p_error, last_error) where id = v_upload.id;
  perform private.move_upload(v_upload, 'needs_attention', 'attempts_exhausted');
end
$$;

revoke all on function engine.open_upload(uuid, bigint), engine.prepare_upload(uuid, bigint),
  engine.record_upload_session(uuid, bigint, bigint, uuid, jsonb), engine.resume_upload_session(uuid, bigint),
  engine.record_upload_progress(uuid, bigint, uuid, bigint, text), engine.adopt_video(uuid, bigint, text),
  engine.advance_upload(uuid, bigint, text, jsonb), engine.unclaimed_videos(uuid, bigint, text[]),
  engine.open_thumbnail(uuid, bigint), engine.record_thumbnail(uuid, bigint, text, jsonb)
  from public, anon, authenticated;
grant execute on function engine.open_upload(uuid, bigint), engine.prepare_upload(uuid, bigint),
  engine.record_upload_session(uuid, bigint, bigint, uuid, jsonb), engine.resume_upload_session(uuid, bigint),
  engine.record_upload_progress(uuid, bigint, uuid, bigint, text), engine.adopt_video(uuid, bigint, text),
  engine.advance_upload(uuid, bigint, text, jsonb), engine.unclaimed_videos(uuid, bigint, text[]),
  engine.open_thumbnail(uuid, bigint), engine.record_thumbnail(uuid, bigint, text, jsonb) to service_role;

-- What happens elsewhere ---------------------------------------------------------------------------------------------

create function private.channel_wakes_uploads() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_upload public.scheduled_uploads;
begin
  perform from private.steps where channel_id = new.id and kind = 'upload.advance' order by id for no key update;
  for v_upload in
    select * from public.scheduled_uploads
    where channel_id = new.id and state = 'needs_attention'
      and reason in ('grant_revoked', 'scope_missing', 'channel_disconnected', 'channel_missing')
    order by publish_at for no key update
  loop
    perform private.resume_upload(v_upload);
  end loop;
  return null;
end
$$;
comment on function private.channel_wakes_uploads() is 'A channel that is connected again takes up the uploads that waited for that.';
create trigger channels_wake_uploads after update of state, features on public.channels
  for each row when (new.state = 'connected' and (old.state is distinct from new.state or old.features is distinct from new.features))
  execute function private.channel_wakes_uploads();

create function private.render_wakes_uploads() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_upload public.scheduled_uploads;
begin
  for v_upload in
    select * from public.scheduled_uploads where render_id = new.id and state = 'scheduled'
  loop
    perform private.enqueue_step('publish', 'upload.advance', v_upload.id, v_upload.channel_id);
  end loop;
  return null;
end
$$;
comment on function private.render_wakes_uploads() is 'An upload starts the moment its render has ended.';
create trigger renders_wake_uploads after update of state on public.renders
  for each row when (new.state is distinct from old.state and new.state in ('ready', 'failed', 'cancelled'))
  execute function private.render_wakes_uploads();

create function private.reconcile_uploads() returns integer
language plpgsql security definer set search_path = '' as $$
declare
  v_upload record;
  v_found integer := 0;
begin
  for v_upload in
    select u.id, u.channel_id from public.scheduled_uploads u
    left join private.steps s on s.kind = 'upload.advance' and s.subject_id = u.id
    where u.state in ('scheduled', 'preparing', 'uploading', 'outcome_unknown', 'processing', 'on_youtube')
      and (s.id is null or s.state = 'done')
  loop
    perform private.enqueue_step('publish', 'upload.advance', v_upload.id, v_upload.channel_id);
    v_found := v_found + 1;
  end loop;
  update private.heartbeats set beat_at = private.now(), worker = 'reconcile_uploads' where name = 'reconcile';
  return v_found;
end
$$;
comment on function private.reconcile_uploads() is
  'The net under everything else: an upload that is under way and has no step gets one. Finds nothing unless somebody has tampered '
  'with the queue or a backup was restored.';
select cron.schedule('reconcile-uploads', '*/5 * * * *', 'select private.reconcile_uploads()');

-- Calendar feed ------------------------------------------------------------------------------------------------------

create table private.calendar_feeds (
  user_id uuid not null,
  secret_hash text not null,
  last_read_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  constraint calendar_feeds_pkey primary key (user_id),
  constraint calendar_feeds_secret_hash_key unique (secret_hash),
  constraint calendar_feeds_user_id_fkey foreign key (user_id) references public.users (id) on delete cascade
);
comment on table private.calendar_feeds is
  'The secret of a user''s calendar address, as its SHA-256: calendar programs send no headers, so the address itself is the key. '
  'A new secret ends the old one.';
alter table private.calendar_feeds enable row level security;

create function engine.set_calendar_feed(p_user uuid, p_secret_hash text default null) returns void
language sql security definer set search_path = '' as $$
  insert into private.calendar_feeds (user_id, secret_hash) values (p_user, p_secret_hash)
  on conflict on constraint calendar_feeds_pkey do update
    set secret_hash = excluded.secret_hash, created_at = clock_timestamp(), last_read_at = null
$$;
comment on function engine.set_calendar_feed(uuid, text) is 'Makes a user''s calendar address, or replaces it.';

create function engine.revoke_calendar_feed(p_user uuid) returns void
language sql security definer set search_path = '' as $$
  delete from private.calendar_feeds where user_id = p_user
$$;
comment on function engine.revoke_calendar_feed(uuid) is 'Ends a user''s calendar address. There may be none.';

create function engine.read_calendar_feed(p_secret_hash text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_user uuid;
begin
  update private.calendar_feeds set last_read_at = private.now() where secret_hash = p_secret_hash returning user_id into v_user;
  if v_user is null then
    perform private.refuse(404, 'not_found', 'No such object.');
  end if;
  return (
    select coalesce(jsonb_agg(to_jsonb(u) || jsonb_build_object('channel_title', c.title) order by u.publish_at), '[]')
    from public.channel_members m
    join public.channels c on c.id = m.channel_id
    join public.scheduled_uploads u on u.channel_id = c.id
    where m.user_id = v_user and u.publish_at is not null
      and u.publish_at between private.now() - interval '90 days' and private.now() + interval '400 days');
end
$$;
comment on function engine.read_calendar_feed(text) is 'The uploads on the calendar that this secret opens.';

revoke all on function engine.set_calendar_feed(uuid, text), engine.revoke_calendar_feed(uuid), engine.read_calendar_feed(text)
  from public, anon, authenticated;
grant execute on function engine.set_calendar_feed(uuid, text), engine.revoke_calendar_feed(uuid), engine.read_calendar_feed(text)
  to service_role;
