-- How many requests a user may send.

create table private.rate_limits (
  user_id uuid not null,
  class text not null,
  counts integer[] not null,
  newest_second bigint not null,
  allowed_at timestamptz not null,
  constraint rate_limits_pkey primary key (user_id, class),
  constraint rate_limits_user_id_fkey foreign key (user_id) references public.users (id) on delete cascade
);
comment on table private.rate_limits is
  'What each user was let through in the last minute, per route class: a sliding window, exact under any number of '
  'callers, in one statement.';
comment on column private.rate_limits.counts is
  'Requests in each of 61 seconds, the newest last: any 60 seconds lie within them, so no more than the quota gets '
  'through in any.';
comment on column private.rate_limits.newest_second is 'The second of the last count, since 1970.';
alter table private.rate_limits enable row level security;

create function private.later_counts(p_counts integer[], p_seconds bigint) returns integer[]
language sql immutable set search_path = '' as $$
  select case
    when p_seconds <= 0 then p_counts
    when p_seconds >= 61 then array_fill(0, array[61])
    else p_counts[p_seconds + 1 : 61] || array_fill(0, array[p_seconds::integer]) end
$$;
comment on function private.later_counts(integer[], bigint) is 'What is left of a window after some seconds.';

create function private.count_one_more(p_counts integer[], p_seconds bigint) returns integer[]
language sql immutable set search_path = '' as $$
  select w.counts[1:60] || (w.counts[61] + 1) from (select private.later_counts(p_counts, p_seconds)) w (counts)
$$;

create function private.counted(p_counts integer[], p_after integer) returns bigint
language sql immutable set search_path = '' as $$
  select coalesce(sum(n), 0) from unnest(p_counts[p_after + 1 : 61]) n
$$;
comment on function private.counted(integer[], integer) is
  'What a window counts, and what will be left of that so many seconds later.';

create function private.requests_per_minute(p_user uuid, p_per_minute integer, p_divisor integer) returns integer
language sql stable set search_path = '' as $$
  select case when p_per_minute is null then 1000000 else greatest(1, coalesce(
    (select (plan ->> 'requests_per_minute')::integer from public.users where id = p_user), p_per_minute) / p_divisor)
    end
$$;
comment on function private.requests_per_minute(uuid, integer, integer) is
  'How many requests of a class a user may send: a part of what their plan says, else of the deployment''s limit. A '
  'million where there is no limit (null).';

create function engine.check_rate_limit(p_user uuid, p_class text, p_per_minute integer, p_divisor integer)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_most integer := private.requests_per_minute(p_user, p_per_minute, p_divisor);
  v_now timestamptz := clock_timestamp();
  v_second bigint := floor(extract(epoch from v_now));
  v_counts integer[];
  v_allowed boolean := true;
begin
  -- Nobody waits for the disk: a crash of the database costs some requests of the last moment their count. What commits
  -- after this, the change itself, takes it to the disk along.
  perform set_config('synchronous_commit', 'off', true);
  update private.rate_limits l
  set counts = private.count_one_more(l.counts, v_second - l.newest_second),
      newest_second = greatest(l.newest_second, v_second), allowed_at = v_now
  where user_id = p_user and class = p_class
    and private.counted(private.later_counts(l.counts, v_second - l.newest_second), 0) < v_most
  returning counts into v_counts;

  if v_counts is null then
    -- The first call of this user or class, or one too many: the same again for a row that may have to be made.
    begin
      insert into public.users (id) values (p_user) on conflict on constraint users_pkey do nothing;
      insert into private.rate_limits as l (user_id, class, counts, newest_second, allowed_at)
      values (p_user, p_class, private.count_one_more(array_fill(0, array[61]), 0), v_second, v_now)
      on conflict on constraint rate_limits_pkey do update
        set counts = private.count_one_more(l.counts, v_second - l.newest_second),
            newest_second = greatest(l.newest_second, v_second), allowed_at = v_now
        where private.counted(private.later_counts(l.counts, v_second - l.newest_second), 0) < v_most
      returning counts into v_counts;
    exception
      when foreign_key_violation then
        perform private.refuse(401, 'token_invalid',
          'The account of this access token no longer exists. Sign in again.');
    end;
  end if;

  if v_counts is null then
    v_allowed := false;
    select private.later_counts(counts, v_second - newest_second) into v_counts
    from private.rate_limits where user_id = p_user and class = p_class;
  end if;

  return jsonb_build_object(
    'allowed', v_allowed,
    'per_minute', v_most,
    'remaining', greatest(0, v_most - private.counted(v_counts, 0)),
    -- Since when the user has changed nothing: what is kept of their answers may be given again only after a while.
    'seconds_since_write', (
      select extract(epoch from v_now - max(allowed_at)) from private.rate_limits
      where user_id = p_user and class in ('write', 'spend')),
    -- When the newest of what counts no longer does, and when enough of it does not.
    'reset_seconds', (select max(place) from unnest(v_counts) with ordinality c (n, place) where n > 0),
    'retry_after_seconds', case when v_allowed then 0 else (
      select min(s) from generate_series(1, 61) s where private.counted(v_counts, s) < v_most) end);
end
$$;
comment on function engine.check_rate_limit(uuid, text, integer, integer) is
  'Lets one request of a user through or not, and makes the user''s row on first use. In any 60 seconds as many as '
  'private.requests_per_minute says.';
