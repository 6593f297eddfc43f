-- How much of YouTube's daily quota is left.

insert into private.settings (key, value) values
  ('quota_capacity', '{"uploads": 100, "search": 100, "batch_get_stats": 10000, "units": 10000}'),
  ('quota_headroom', '{"units": 1500}')
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
  'What this Google project has used of YouTube''s daily allowances. A day runs from midnight to midnight in Los '
  'Angeles, so two days a year have 23 and 25 hours. Capacities stand in the setting quota_capacity.';
comment on column private.quota_ledger.bucket is
  'uploads: videos.insert, 1 a call. search: search.list, 1 a page. batch_get_stats: videos.batchGetStats, 1 a call. '
  'units: everything else.';
comment on column private.quota_ledger.reserved is 'Promised to calls whose end is not known yet.';
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
create index quota_reservations_bucket_quota_day_idx on private.quota_reservations (bucket, quota_day, channel_id);
create index quota_reservations_channel_id_idx on private.quota_reservations (channel_id);
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
comment on function private.quota_day_start(date) is
  'Midnight in Los Angeles, at which a quota day starts. The next one''s start is this one''s end.';

create function private.quota_capacity(p_bucket text) returns integer
language plpgsql stable set search_path = '' as $$
begin
  return coalesce(
    (private.setting('quota_capacity') ->> p_bucket)::integer,
    case p_bucket when 'uploads' then 100 when 'search' then 100 when 'batch_get_stats' then 10000
      when 'units' then 10000 end);
end
$$;
comment on function private.quota_capacity(text) is
  'What a bucket holds a day: the operator''s setting, else Google''s default. Null: no such bucket.';

create function private.quota_left(p_ledger private.quota_ledger, p_channel uuid, p_purpose text) returns integer
language plpgsql stable set search_path = '' as $$
declare
  v_capacity integer := private.quota_capacity(p_ledger.bucket);
  v_headroom integer := coalesce((private.setting('quota_headroom') ->> p_ledger.bucket)::integer, 0);
  v_open integer := v_capacity - v_headroom;
  v_used integer := p_ledger.reserved + p_ledger.spent;
  v_channels integer;
  v_share integer;
  v_shared integer;
  v_own integer;
  v_borrowed integer;
  v_allowed integer;
begin
  if p_ledger.exhausted_at is not null then
    return 0;
  elsif p_channel is null then
    return v_open - v_used;
  end if;
  -- A quarter is kept in equal shares; the rest is for who comes first, and one channel gets half of it at the most.
  select greatest(1, count(*)) into v_channels from public.channels where state = 'connected';
  v_share := greatest(v_open / 4 / v_channels, case when v_channels <= v_open / 2 then 1 else 0 end);
  v_shared := v_open - v_share * v_channels;
  select coalesce(sum(used) filter (where channel_id = p_channel), 0),
    coalesce(sum(greatest(0, used - case when channel_id is null then 0 else v_share end))
      filter (where channel_id is distinct from p_channel), 0)
  into v_own, v_borrowed
  from (
    select channel_id, sum(coalesce(spent, units)) as used from private.quota_reservations
    where bucket = p_ledger.bucket and quota_day = p_ledger.quota_day group by channel_id) by_channel;
  v_allowed := v_share + greatest(0, least(v_shared - v_borrowed, greatest(v_shared / 2, v_shared / v_channels)));
  if p_purpose = 'due' then
    return least(v_allowed + v_headroom / 5 - v_own, v_capacity - v_used);
  end if;
  return least(v_allowed - v_own, v_open - v_used);
end
$$;
comment on function private.quota_left(private.quota_ledger, uuid, text) is
  'What a channel may still use of a bucket today. Every channel can have its equal share of a quarter, whatever the '
  'others do. The setting quota_headroom is kept for what is due, of which one channel may have a fifth.';

create function engine.reserve_quota(p_bucket text, p_units integer, p_channel uuid, p_purpose text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_day date := private.quota_day(private.now());
  v_resets timestamptz := private.quota_day_start(v_day + 1);
  v_capacity integer := private.quota_capacity(p_bucket);
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
  -- What keeps a video from being published is never stopped by our own count: YouTube's answer decides.
  v_left := case when p_purpose = 'withdrawal' then p_units
    else private.quota_left(v_ledger, p_channel, p_purpose) end;
  if v_left < p_units then
    return jsonb_build_object(
      'granted', false, 'reservation', null, 'bucket', p_bucket, 'resets_at', v_resets,
      'reason', case when v_ledger.exhausted_at is not null then 'exhausted'
        when v_capacity - v_ledger.reserved - v_ledger.spent < p_units then 'full' else 'share' end,
      'remaining', greatest(0, v_left));
  end if;
  update private.quota_ledger set reserved = reserved + p_units where bucket = p_bucket and quota_day = v_day;
  insert into private.quota_reservations (bucket, quota_day, channel_id, units)
  values (p_bucket, v_day, p_channel, p_units) returning id into v_reservation;
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
  'Ends a reservation with what was really spent (null: all of it); p_exhausted when YouTube said the day is used '
  'up. Settling twice changes nothing and answers false.';

select cron.schedule('prune-quota-ledger', '40 3 * * *',
  $$delete from private.quota_ledger where quota_day < current_date - 40$$);
select cron.schedule('prune-quota-reservations', '41 3 * * *',
  $$delete from private.quota_reservations where quota_day < current_date - 3$$);
