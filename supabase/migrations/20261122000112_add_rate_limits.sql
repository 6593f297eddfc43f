-- How many requests a user may send.

create table private.rate_limits (
  user_id uuid not null,
  class text not null,
  theoretical_arrival timestamptz not null,
  constraint rate_limits_pkey primary key (user_id, class),
  constraint rate_limits_user_id_fkey foreign key (user_id) references public.users (id) on delete cascade
);
comment on table private.rate_limits is
  'GCRA: one theoretical arrival time per user and route class. Exact under any number of callers, in one statement.';
alter table private.rate_limits enable row level security;

create function private.take_rate_limit(p_user uuid, p_class text, p_per_minute integer, p_burst integer) returns jsonb
language plpgsql set search_path = '' as $$
declare
  v_now timestamptz := clock_timestamp();
  v_interval interval := interval '1 minute' / p_per_minute;
  v_tolerance interval := v_interval * p_burst;
  v_arrival timestamptz;
  v_allowed boolean := true;
begin
  update private.rate_limits l set theoretical_arrival = greatest(l.theoretical_arrival, v_now) + v_interval
  where user_id = p_user and class = p_class
    and greatest(l.theoretical_arrival, v_now) + v_interval - v_now <= v_tolerance
  returning theoretical_arrival into v_arrival;

  if v_arrival is null then
    -- The first call of this user or class, or one too many: the same again for a row that may have to be made.
    begin
      insert into public.users (id) values (p_user) on conflict on constraint users_pkey do nothing;
      insert into private.rate_limits as l (user_id, class, theoretical_arrival)
      values (p_user, p_class, v_now + v_interval)
      on conflict on constraint rate_limits_pkey do update
        set theoretical_arrival = greatest(l.theoretical_arrival, v_now) + v_interval
        where greatest(l.theoretical_arrival, v_now) + v_interval - v_now <= v_tolerance
      returning theoretical_arrival into v_arrival;
    exception
      when foreign_key_violation then
        perform private.refuse(401, 'token_invalid',
          'The account of this access token no longer exists. Sign in again.');
    end;
  end if;

  if v_arrival is null then
    v_allowed := false;
    select theoretical_arrival into v_arrival from private.rate_limits where user_id = p_user and class = p_class;
  end if;

  return jsonb_build_object(
    'allowed', v_allowed,
    'remaining', greatest(0,
      floor(extract(epoch from (v_now + v_tolerance - v_arrival)) / extract(epoch from v_interval)))::integer,
    -- Since when the user has changed nothing: what is kept of their answers may be given again only after a while.
    'seconds_since_write', (
      select extract(epoch from v_now - max(theoretical_arrival)) from private.rate_limits
      where user_id = p_user and class in ('write', 'spend')),
    'reset_seconds', ceil(greatest(0, extract(epoch from (v_arrival - v_now))))::integer,
    'retry_after_seconds',
      case when v_allowed then 0
      else ceil(greatest(0, extract(epoch from (v_arrival + v_interval - v_tolerance - v_now))))::integer end);
end
$$;
comment on function private.take_rate_limit(uuid, text, integer, integer) is
  'Lets one request of a user through or not (GCRA: p_per_minute sustained, p_burst at once), and makes the user''s '
  'row on first use.';

create function engine.check_rate_limit(p_user uuid, p_class text, p_per_minute integer, p_burst integer) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  -- Nobody waits for the disk: a crash of the database costs some requests of the last moment their count. What commits
  -- after this, the change itself, takes it to the disk along.
  perform set_config('synchronous_commit', 'off', true);
  return private.take_rate_limit(p_user, p_class, p_per_minute, p_burst);
end
$$;
comment on function engine.check_rate_limit(uuid, text, integer, integer) is
  'private.take_rate_limit for a request whose change, if there is one, is a call of its own.';
