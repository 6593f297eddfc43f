-- How much of YouTube's daily quota is left.

create table private.quota_ledger (
  bucket text not null,
  quota_day date not null,
  reserved integer not null default 0,
  spent integer not null default 0,
  borrowed integer not null default 0,
  channels integer not null default 1,
  counted_at timestamptz,
  exhausted_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint quota_ledger_pkey primary key (bucket, quota_day),
  constraint quota_ledger_bucket_check check (bucket in ('uploads', 'search', 'batch_get_stats', 'units')),
  constraint quota_ledger_reserved_check check (reserved >= 0),
  constraint quota_ledger_spent_check check (spent >= 0)
);
comment on table private.quota_ledger is
  'What this Google project has used of YouTube''s daily allowances. A day runs from midnight to midnight in Los '
  'Angeles, so two days a year have 23 and 25 hours. Capacities stand in the setting quota_capacity.';
comment on column private.quota_ledger.bucket is
  'uploads: videos.insert, 1 a call. search: search.list, 1 a page. batch_get_stats: videos.batchGetStats, 1 a call. '
  'units: everything else.';
comment on column private.quota_ledger.reserved is 'Promised to calls whose end is not known yet.';
comment on column private.quota_ledger.borrowed is 'What channels have had beyond their equal shares.';
comment on column private.quota_ledger.channels is
  'How many channels were connected at counted_at, an hour ago at the most.';
comment on column private.quota_ledger.exhausted_at is
  'When YouTube itself said that the day''s allowance is used up. Nothing more is granted until the next day, '
  'whatever our own count says.';
create trigger quota_ledger_touch before update on private.quota_ledger
  for each row execute function private.touch_updated_at();
alter table private.quota_ledger enable row level security;

create table private.quota_reservations (
  id uuid not null default gen_random_uuid(),
  bucket text not null,
  quota_day date not null,
  channel_id uuid,
  holder text,
  units integer not null,
  spent integer,
  settled_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  constraint quota_reservations_pkey primary key (id),
  constraint quota_reservations_bucket_quota_day_fkey foreign key (bucket, quota_day)
    references private.quota_ledger (bucket, quota_day) on delete cascade,
  constraint quota_reservations_channel_id_fkey foreign key (channel_id)
    references public.channels (id) on delete set null,
  constraint quota_reservations_units_check check (units > 0),
  constraint quota_reservations_spent_check check (spent >= 0)
);
comment on table private.quota_reservations is
  'One row for every grant. A grant that is never settled, because its process died, stays counted until its day '
  'ends: the call may have been made.';
comment on column private.quota_reservations.holder is
  'The channel on YouTube, as in quota_shares; stays when the channel is erased.';
create table private.quota_shares (
  bucket text not null,
  quota_day date not null,
  holder text not null,
  channel_id uuid,
  used integer not null default 0,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint quota_shares_pkey primary key (bucket, quota_day, holder),
  constraint quota_shares_bucket_quota_day_fkey foreign key (bucket, quota_day)
    references private.quota_ledger (bucket, quota_day) on delete cascade,
  constraint quota_shares_channel_id_fkey foreign key (channel_id) references public.channels (id) on delete set null
);
comment on table private.quota_shares is
  'What each channel has had of a day''s bucket, promised or spent. To be erased and to connect again is no way to '
  'another share.';
comment on column private.quota_shares.holder is
  'A hash of the channel''s id on YouTube with this deployment''s own salt.';
create index quota_shares_channel_id_idx on private.quota_shares (channel_id);
create trigger quota_shares_touch before update on private.quota_shares
  for each row execute function private.touch_updated_at();
alter table private.quota_shares enable row level security;
create index quota_reservations_bucket_quota_day_idx on private.quota_reservations (bucket, quota_day, holder);
create index quota_reservations_channel_id_idx on private.quota_reservations (channel_id);
alter table private.quota_reservations enable row level security;

create function private.quota_holder(p_channel uuid) returns text
language sql stable set search_path = '' as $$
  select encode(sha256(convert_to((private.setting('subject_salt') #>> '{}') || youtube_channel_id, 'UTF8')), 'hex')
  from public.channels where id = p_channel
$$;

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
comment on function private.quota_day_start(date) is
  'Midnight in Los Angeles, at which a quota day starts. The next one''s start is this one''s end.';

create function private.quota_capacity(p_bucket text) returns integer
language plpgsql stable set search_path = '' as $$
begin
  return (private.setting('quota_capacity') ->> p_bucket)::integer;
end
$$;
comment on function private.quota_capacity(text) is
  'What a bucket holds a day: the setting quota_capacity. Null: no such bucket.';

create function private.quota_open(p_bucket text) returns integer
language sql stable set search_path = '' as $$
  select private.quota_capacity(p_bucket) - (private.setting('quota_headroom') ->> p_bucket)::integer
$$;
comment on function private.quota_open(text) is
  'What a bucket holds a day for what can wait. The rest, the setting quota_headroom, is kept for what is due.';

create function private.quota_share(p_ledger private.quota_ledger) returns integer
language sql stable set search_path = '' as $$
  select greatest(
    private.quota_open(p_ledger.bucket) / 4 / p_ledger.channels,
    case when p_ledger.channels <= private.quota_open(p_ledger.bucket) / 2 then 1 else 0 end)
$$;
comment on function private.quota_share(private.quota_ledger) is
  'A channel''s equal share of a quarter of the bucket, which it can have whatever the others do.';

create function private.quota_left(p_ledger private.quota_ledger, p_used integer, p_purpose text) returns integer
language plpgsql stable set search_path = '' as $$
declare
  v_capacity integer := private.quota_capacity(p_ledger.bucket);
  v_open integer := private.quota_open(p_ledger.bucket);
  v_total integer := p_ledger.reserved + p_ledger.spent;
  v_share integer := private.quota_share(p_ledger);
  v_shared integer := v_open - v_share * p_ledger.channels;
  v_by_others integer := p_ledger.borrowed - greatest(0, p_used - v_share);
  v_allowed integer;
begin
  if p_ledger.exhausted_at is not null then
    return 0;
  elsif p_used is null then
    return v_open - v_total;
  end if;
  -- What is not kept in shares is for who comes first, and one channel gets half of it at the most.
  v_allowed := v_share
    + greatest(0, least(v_shared - v_by_others, greatest(v_shared / 2, v_shared / p_ledger.channels)));
  if p_purpose = 'due' then
    return least(v_allowed + (v_capacity - v_open) / 5 - p_used, v_capacity - v_total);
  end if;
  return least(v_allowed - p_used, v_open - v_total);
end
$$;
comment on function private.quota_left(private.quota_ledger, integer, text) is
  'What a channel that has had p_used may still use of a bucket today; null: no channel''s. Of what is kept for the '
  'due one channel may have a fifth.';

create function private.use_quota(
  p_ledger private.quota_ledger, p_holder text, p_channel uuid, p_units integer
) returns integer
language plpgsql set search_path = '' as $$
declare
  v_share integer := private.quota_share(p_ledger);
  v_used integer;
begin
  if p_holder is null then
    return 0;
  end if;
  insert into private.quota_shares as s (bucket, quota_day, holder, channel_id, used)
  values (p_ledger.bucket, p_ledger.quota_day, p_holder, p_channel, greatest(0, p_units))
  on conflict on constraint quota_shares_pkey do update
  set used = greatest(0, s.used + p_units), channel_id = excluded.channel_id
  returning used into v_used;
  return greatest(0, v_used - v_share) - greatest(0, v_used - p_units - v_share);
end
$$;
comment on function private.use_quota(private.quota_ledger, text, uuid, integer) is
  'Counts units for a channel, or gives them back; answers by how much that changes what is borrowed.';

create function engine.reserve_quota(p_bucket text, p_units integer, p_channel uuid, p_purpose text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_day date := private.quota_day(private.now());
  v_resets timestamptz := private.quota_day_start(v_day + 1);
  v_capacity integer := private.quota_capacity(p_bucket);
  v_holder text := private.quota_holder(p_channel);
  v_ledger private.quota_ledger;
  v_left integer;
  v_reservation uuid;
begin
  if v_capacity is null or p_units is null or p_units <= 0 or p_purpose not in ('ordinary', 'due', 'withdrawal') then
    raise exception 'quota: % units of bucket % for %', p_units, p_bucket, p_purpose
      using errcode = 'invalid_parameter_value';
  end if;
  insert into private.quota_ledger (bucket, quota_day) values (p_bucket, v_day)
  on conflict on constraint quota_ledger_pkey do nothing;
  -- Locked while it is decided, so any number of callers together never pass the capacity.
  select * into v_ledger from private.quota_ledger
  where bucket = p_bucket and quota_day = v_day for no key update;
  if v_ledger.counted_at is null or v_ledger.counted_at < private.now() - interval '1 hour' then
    update private.quota_ledger set counted_at = private.now(),
      channels = (select greatest(1, count(*)) from public.channels where state = 'connected')
    where bucket = p_bucket and quota_day = v_day returning * into v_ledger;
  end if;
  -- What keeps a video from being published is never stopped by our own count: YouTube's answer decides.
  v_left := case when p_purpose = 'withdrawal' then p_units
    else private.quota_left(v_ledger, case when v_holder is not null then coalesce(
      (select used from private.quota_shares
        where bucket = p_bucket and quota_day = v_day and holder = v_holder), 0) end, p_purpose) end;
  if v_left < p_units then
    return jsonb_build_object(
      'granted', false, 'reservation', null, 'bucket', p_bucket, 'resets_at', v_resets,
      'reason', case when v_ledger.exhausted_at is not null then 'exhausted'
        when v_capacity - v_ledger.reserved - v_ledger.spent < p_units then 'full' else 'share' end,
      'remaining', greatest(0, v_left));
  end if;
  update private.quota_ledger
  set reserved = reserved + p_units, borrowed = borrowed + private.use_quota(v_ledger, v_holder, p_channel, p_units)
  where bucket = p_bucket and quota_day = v_day;
  insert into private.quota_reservations (bucket, quota_day, channel_id, holder, units)
  values (p_bucket, v_day, p_channel, v_holder, p_units) returning id into v_reservation;
  return jsonb_build_object(
    'granted', true, 'reservation', v_reservation, 'bucket', p_bucket, 'resets_at', v_resets, 'reason', null,
    'remaining', greatest(0, v_capacity - v_ledger.reserved - v_ledger.spent - p_units));
end
$$;
comment on function engine.reserve_quota(text, integer, uuid, text) is
  'Promises units of a bucket for a call that is about to be made for a channel: {"granted", "reservation", "bucket", '
  '"resets_at", "reason", "remaining"}. Purposes: ordinary; due (what cannot wait for tomorrow); withdrawal (keeps a '
  'video from publication, always granted). Refused (granted false, reservation null): reason `full` by our own count, '
  '`share` when the channel has had its share, `exhausted` by YouTube''s word; try again at resets_at.';

create function engine.settle_quota(p_reservation uuid, p_spent integer, p_exhausted boolean default false)
returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_row private.quota_reservations;
  v_ledger private.quota_ledger;
begin
  update private.quota_reservations set spent = greatest(coalesce(p_spent, units), 0), settled_at = private.now()
  where id = p_reservation and settled_at is null
  returning * into v_row;
  if v_row.id is not null then
    select * into v_ledger from private.quota_ledger
    where bucket = v_row.bucket and quota_day = v_row.quota_day for no key update;
    update private.quota_ledger
    set reserved = reserved - v_row.units, spent = spent + v_row.spent,
        borrowed = greatest(0, borrowed
          + private.use_quota(v_ledger, v_row.holder, v_row.channel_id, v_row.spent - v_row.units))
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
  'Ends a reservation with what was really spent (null: all of it); p_exhausted when YouTube said the day is used '
  'up. Settling twice changes nothing and answers false.';

select cron.schedule('prune-quota-ledger', '40 3 * * *',
  $$delete from private.quota_ledger where quota_day < current_date - 40$$);
select cron.schedule('prune-quota-reservations', '41 3 * * *',
  $$delete from private.quota_reservations where quota_day < current_date - 3$$);
select cron.schedule('prune-quota-shares', '42 3 * * *',
  $$delete from private.quota_shares where quota_day < current_date - 3$$);
