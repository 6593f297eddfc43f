-- What a user may still spend, as their profile shows it.

create function engine.read_budgets(p_user uuid, p_limits jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_period date := private.usage_period(private.now());
  v_day date := (private.now() at time zone 'UTC')::date;
  v_used public.usage_counters;
  v_generation bigint := private.generation_limit(p_user, 'user_month_micros');
  v_limits jsonb := private.render_limits(p_limits);
  v_renders integer := private.renders_per_month(p_user, (v_limits ->> 'renders_per_month')::integer);
  v_credits bigint := private.render_share(p_user, v_limits);
  v_share private.render_shares;
  v_running bigint;
begin
  select * into v_used from public.usage_counters where user_id = p_user and period = v_period;
  select s.* into v_share from private.render_shares s join private.usage_subjects u on u.subject = s.subject
  where u.user_id = p_user and s.day = v_day;
  select count(*) into v_running from public.renders r join private.render_jobs j on j.render_id = r.id
  where r.requested_by = p_user and r.cost_basis = 'reserved' and j.reserved_period = v_period;
  return jsonb_build_object(
    'renews_on', (v_period + interval '1 month')::date,
    'generation', jsonb_build_object(
      'budget_micros', v_generation,
      'used_micros', coalesce(v_used.cost_micros, 0),
      'reserved_micros', coalesce(v_used.reserved_micros, 0),
      'remaining_micros',
        greatest(0, v_generation - coalesce(v_used.cost_micros, 0) - coalesce(v_used.reserved_micros, 0))),
    'renders', jsonb_build_object(
      'budget', greatest(0, v_renders),
      'used', greatest(0, coalesce(v_used.renders, 0) - v_running),
      'reserved', v_running,
      'remaining', greatest(0, v_renders - coalesce(v_used.renders, 0))),
    'render_credits_today', jsonb_build_object(
      'budget', greatest(0, v_credits),
      'used', coalesce(v_share.spent, 0),
      'reserved', coalesce(v_share.reserved, 0),
      'remaining', greatest(0, v_credits - coalesce(v_share.spent, 0) - coalesce(v_share.reserved, 0))));
end
$$;
comment on function engine.read_budgets(uuid, jsonb) is
  'What a user may spend in this month and, for renders, today (UTC): the budget, what of it is used or reserved, and '
  'what remains. It promises nothing: only reserve_generation and request_render reserve.';
