-- Money for generation.
--
-- A generation is paid for whatever comes of it. So money is reserved before the model is called, settled from what
-- the answer reports, and a row says at every moment how far it has come: a process that dies in between leaves a row
-- that `private.interrupt_generations` ends, with the reservation counted as spent, since the call may have been
-- billed.

create function private.generation_limit(p_user uuid, p_name text) returns bigint
language plpgsql stable set search_path = '' as $$
begin
  return coalesce(
    (select (plan ->> ('generation_' || p_name))::bigint from public.users where id = p_user),
    (private.setting('generation_limits') ->> p_name)::bigint);
end
$$;
comment on function private.generation_limit(uuid, text) is
  'A limit on generation: the user''s own plan, else the setting generation_limits. Money is in '
  'millionths of a US dollar.';

create table private.generation_spend (
  period date not null,
  cost_micros bigint not null default 0,
  reserved_micros bigint not null default 0,
  constraint generation_spend_pkey primary key (period),
  constraint generation_spend_reserved_micros_check check (reserved_micros >= 0)
);
comment on table private.generation_spend is
  'What the whole deployment has spent on generation in a month, so that its budget is one row to lock.';
alter table private.generation_spend enable row level security;

create function private.reserve_generation_budget(p_user uuid, p_micros bigint) returns void
language plpgsql set search_path = '' as $$
declare
  v_period date := private.usage_period(private.now());
  v_user public.usage_counters;
  v_all private.generation_spend;
  v_limit bigint := private.generation_limit(p_user, 'user_month_micros');
  v_next text := to_char(v_period + interval '1 month', 'YYYY-MM-DD');
begin
  insert into public.usage_counters (user_id, period) values (p_user, v_period)
  on conflict on constraint usage_counters_pkey do nothing;
  select * into v_user from public.usage_counters where user_id = p_user and period = v_period for no key update;
  if v_user.cost_micros + v_user.reserved_micros + p_micros > v_limit then
    perform private.refuse(402, 'budget_exhausted', format(
      'This generation can cost up to $%s; of this month''s $%s you have used $%s and $%s is reserved for generations '
      'that are running. '
      'The budget is renewed on %s.',
      to_char(p_micros / 1e6, 'FM999990.0000'), to_char(v_limit / 1e6, 'FM999990.00'),
      to_char(v_user.cost_micros / 1e6, 'FM999990.0000'), to_char(v_user.reserved_micros / 1e6, 'FM999990.0000'),
      v_next));
  end if;
  insert into private.generation_spend (period) values (v_period)
  on conflict on constraint generation_spend_pkey do nothing;
  select * into v_all from private.generation_spend where period = v_period for no key update;
  if v_all.cost_micros + v_all.reserved_micros + p_micros > private.generation_limit(null,
    'deployment_month_micros') then
    perform private.refuse(402, 'budget_exhausted', format(
      'This deployment''s budget for generation is used up until %s. Ask its operator.', v_next));
  end if;
  update public.usage_counters set reserved_micros = reserved_micros + p_micros
  where user_id = p_user and period = v_period;
  update private.generation_spend set reserved_micros = reserved_micros + p_micros where period = v_period;
end
$$;
comment on function private.reserve_generation_budget(uuid, bigint) is
  'Sets money aside before it is spent, or refuses with what is left.';

create function private.settle_generation(
  p_row public.generated_content, p_cost bigint, p_input bigint, p_output bigint
) returns void
language plpgsql set search_path = '' as $$
declare
  -- The month in which it was reserved, whenever it ends.
  v_period date := private.usage_period((p_row).started_at);
begin
  update public.usage_counters
  set reserved_micros = greatest(0, reserved_micros - (p_row).reserved_micros),
      cost_micros = greatest(0, cost_micros + p_cost - (p_row).cost_micros),
      input_tokens = input_tokens + p_input,
      output_tokens = output_tokens + p_output,
      generations = generations + case when (p_row).state = 'generating' then 1 else 0 end
  where user_id = (p_row).created_by and period = v_period;
  update private.generation_spend
  set reserved_micros = greatest(0, reserved_micros - (p_row).reserved_micros),
      cost_micros = greatest(0, cost_micros + p_cost - (p_row).cost_micros)
  where period = v_period;
end
$$;
comment on function private.settle_generation(public.generated_content, bigint, bigint, bigint) is
  'Replaces a reservation (or an assumed cost) by what it did cost.';

create function private.give_up_generation(p_row public.generated_content) returns void
language plpgsql set search_path = '' as $$
declare
  v_cost bigint := greatest(
    (p_row).reserved_micros,
    (select sum(cost_micros) from private.generation_calls where content_id = (p_row).id));
begin
  -- Nobody knows how far it came: what was set aside counts as spent, because the call may have been billed.
  perform private.settle_generation(p_row, v_cost, 0, 0);
  update public.generated_content
  set state = 'failed', cost_micros = v_cost, cost_basis = 'assumed', reserved_micros = 0,
      finished_at = private.now(), version = version + 1,
      failure = jsonb_build_object('code', 'interrupted', 'retryable', true,
        'message', 'The work was interrupted before the answer was stored. What was set aside for it counts as '
          'spent. Generate again.')
  where id = (p_row).id;
end
$$;
comment on function private.give_up_generation(public.generated_content) is
  'Ends a generation whose process is gone, or whose channel is about to be. Its reservation ends with it, so doing it '
  'again has nothing left to settle.';

create function private.interrupt_generations(p_user uuid default null, p_content uuid default null) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  v_row public.generated_content;
  v_ended integer := 0;
begin
  for v_row in
    select * from public.generated_content
    where state = 'generating' and started_at < private.now() - interval '3 minutes'
      and (p_user is null or created_by = p_user) and (p_content is null or id = p_content)
    order by id for no key update skip locked
  loop
    perform private.give_up_generation(v_row);
    v_ended := v_ended + 1;
  end loop;
  return v_ended;
end
$$;
comment on function private.interrupt_generations(uuid, uuid) is
  'Ends generations whose process is gone: no request lives longer than a minute, so none still runs after three.';
select cron.schedule('interrupt-generations', '* * * * *', 'select private.interrupt_generations()');
