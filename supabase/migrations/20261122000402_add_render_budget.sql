-- Money and allowance of renders.

create table private.render_budgets (
  day date not null,
  reserved bigint not null default 0,
  spent bigint not null default 0,
  constraint render_budgets_pkey primary key (day),
  constraint render_budgets_reserved_check check (reserved >= 0),
  constraint render_budgets_spent_check check (spent >= 0)
);
comment on table private.render_budgets is
  'Credits of the render service of the whole deployment on one day (UTC).';
comment on column private.render_budgets.reserved is
  'Of renders that are not sent yet: the sum over those that are there, whatever was erased.';
comment on column private.render_budgets.spent is
  'Of renders that may have been charged. It stays when they are erased.';
alter table private.render_budgets enable row level security;

create table private.render_shares (
  subject text not null,
  day date not null,
  reserved bigint not null default 0,
  spent bigint not null default 0,
  constraint render_shares_pkey primary key (subject, day),
  constraint render_shares_reserved_check check (reserved >= 0),
  constraint render_shares_spent_check check (spent >= 0)
);
comment on table private.render_shares is
  'What of a day''s credits one person holds, under the hash that outlives an account, so that nobody takes the whole '
  'deployment''s day.';
alter table private.render_shares enable row level security;

create function private.render_limits(p_limits jsonb) returns jsonb
language sql stable set search_path = '' as $$
  select p_limits || private.setting('render_limits')
$$;
comment on function private.render_limits(jsonb) is
  'What the deployment allows for renders: the setting render_limits, else its variables, which the functions send '
  'along: {"renders_per_month", "credits_per_render", "credits_per_day"}.';

create function private.render_share(p_user uuid, p_limits jsonb) returns bigint
language sql stable set search_path = '' as $$
  select coalesce(
    (select (plan ->> 'render_credits_per_day')::bigint from public.users where id = p_user),
    -- One render is everybody's.
    greatest((p_limits ->> 'credits_per_render')::bigint, floor((p_limits ->> 'credits_per_day')::numeric
      * (private.setting('render_user_share') #>> '{}')::numeric)::bigint))
$$;
comment on function private.render_share(uuid, jsonb) is
  'Credits that one user may hold of a day: their plan''s render_credits_per_day, else a share of the deployment''s, '
  'half of it unless the setting render_user_share says otherwise.';

create function private.renders_per_month(p_user uuid, p_default integer) returns integer
language plpgsql stable set search_path = '' as $$
begin
  return coalesce((select (plan ->> 'renders_per_month')::integer from public.users where id = p_user), p_default);
end
$$;
comment on function private.renders_per_month(uuid, integer) is
  'The user''s monthly allowance: their plan''s, else the deployment''s.';

create function private.reserve_render(p_user uuid, p_credits integer, p_limits jsonb) returns void
language plpgsql set search_path = '' as $$
declare
  v_now timestamptz := private.now();
  v_period date := private.usage_period(v_now);
  v_day date := (v_now at time zone 'UTC')::date;
  v_limits jsonb := private.render_limits(p_limits);
  v_allowance integer := private.renders_per_month(p_user, (v_limits ->> 'renders_per_month')::integer);
  v_per_render integer := (v_limits ->> 'credits_per_render')::integer;
  v_per_day integer := (v_limits ->> 'credits_per_day')::integer;
  v_share bigint := private.render_share(p_user, v_limits);
begin
  if p_credits > v_per_render then
    perform private.refuse(422, 'render_too_costly', format(
      'This render would cost about %s credits; at most %s are spent on one video. Choose stock footage or standard '
      'quality, or shorten the script.', p_credits, v_per_render));
  end if;
  if v_allowance > 0 then
    insert into public.usage_counters as u (user_id, period, renders) values (p_user, v_period, 1)
    on conflict on constraint usage_counters_pkey do update set renders = u.renders + 1 where u.renders < v_allowance;
  end if;
  if v_allowance <= 0 or not found then
    perform private.refuse(402, 'budget_exhausted', format(
      'You have used all %s renders of this month. The next ones are yours on %s.',
      greatest(v_allowance, 0), to_char(v_period + interval '1 month', 'YYYY-MM-DD')));
  end if;
  delete from private.render_shares where day < v_day - 1;
  if p_credits <= v_share then
    insert into private.render_shares as s (subject, day, reserved)
    select subject, v_day, p_credits from private.usage_subjects where user_id = p_user
    on conflict on constraint render_shares_pkey do update set reserved = s.reserved + excluded.reserved
      where s.reserved + s.spent + excluded.reserved <= v_share;
  end if;
  if p_credits > v_share or not found then
    perform private.refuse(402, 'budget_exhausted', format(
      'You may use %s credits for rendering a day, your share of this deployment''s. Try again after %s, 00:00 UTC.',
      v_share, to_char(v_day + 1, 'YYYY-MM-DD')));
  end if;
  if p_credits <= v_per_day then
    insert into private.render_budgets as b (day, reserved) values (v_day, p_credits)
    on conflict on constraint render_budgets_pkey do update set reserved = b.reserved + excluded.reserved
      where b.reserved + b.spent + excluded.reserved <= v_per_day;
  end if;
  if p_credits > v_per_day or not found then
    perform private.refuse(402, 'budget_exhausted', format(
      'This deployment''s daily budget of %s credits for rendering is used up. Try again after %s, 00:00 UTC.',
      v_per_day, to_char(v_day + 1, 'YYYY-MM-DD')));
  end if;
end
$$;
comment on function private.reserve_render(uuid, integer, jsonb) is
  'Counts one render and its estimated credits, or refuses with the limit that is in the way. {"renders_per_month", '
  '"credits_per_render", "credits_per_day"}.';

create function private.settle_render(p_render public.renders, p_basis text, p_credits integer default null)
returns void
language plpgsql set search_path = '' as $$
declare
  v_job private.render_jobs;
  v_was text := (p_render).cost_basis;
  v_reserved integer := case p_basis when 'reserved' then (p_render).estimated_credits else 0 end
    - case v_was when 'reserved' then (p_render).estimated_credits else 0 end;
  v_spent integer :=
    case p_basis when 'estimated' then (p_render).estimated_credits when 'reported' then p_credits else 0 end
    - case v_was when 'estimated' then (p_render).estimated_credits when 'reported' then (p_render).credits_used
      else 0 end;
begin
  select * into v_job from private.render_jobs where render_id = (p_render).id;
  update public.usage_counters
  set renders = greatest(0, renders + (p_basis <> 'none')::integer - (v_was <> 'none')::integer),
      render_credits = greatest(0, render_credits + v_spent)
  where user_id = (p_render).requested_by and period = v_job.reserved_period;
  -- The user's rows first, as when it was reserved: two orders would deadlock.
  update private.render_shares s
  set reserved = greatest(0, s.reserved + v_reserved), spent = greatest(0, s.spent + v_spent)
  from private.usage_subjects u
  where u.user_id = (p_render).requested_by and s.subject = u.subject and s.day = v_job.reserved_day;
  update private.render_budgets
  set reserved = greatest(0, reserved + v_reserved), spent = greatest(0, spent + v_spent)
  where day = v_job.reserved_day;
  update public.renders
  set cost_basis = p_basis, credits_used = case when p_basis = 'reported' then p_credits else credits_used end
  where id = (p_render).id;
end
$$;
comment on function private.settle_render(public.renders, text, integer) is
  'Moves what a render counts for, in the month and on the day in which it was reserved, from one basis to another.';

create function private.keep_render_shares() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  -- On channels of others their renders go on, but nobody is left to give anything back to.
  update private.render_shares s set reserved = greatest(0, s.reserved - h.credits), spent = s.spent + h.credits
  from private.usage_subjects u, (
    select j.reserved_day, sum(r.estimated_credits) as credits
    from public.renders r join private.render_jobs j on j.render_id = r.id
    where r.requested_by = old.id and r.cost_basis = 'reserved' group by j.reserved_day) h
  where u.user_id = old.id and s.subject = u.subject and s.day = h.reserved_day;
  return old;
end
$$;
create trigger users_keep_render_shares before delete on public.users
  for each row execute function private.keep_render_shares();
