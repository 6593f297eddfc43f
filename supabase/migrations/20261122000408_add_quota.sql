-- How much of YouTube's daily quota is left.

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
  'One row for every grant. A grant that is never settled, because its process died, stays counted until its day '
  'ends: the call may have been made.';
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

create function engine.reserve_quota(p_bucket text, p_units integer) returns jsonb
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
  'Promises units of a bucket for a call that is about to be made: {"granted", "reservation", "bucket", "resets_at", '
  '"reason", "remaining"}. Refused (granted false, reservation null): reason `full` by our own count, `exhausted` by '
  'YouTube''s word; try again at resets_at.';

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
