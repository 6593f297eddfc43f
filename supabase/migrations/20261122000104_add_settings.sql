-- What the operator decides without deploying.

create table private.settings (
  key text not null,
  value jsonb not null,
  updated_at timestamptz not null default clock_timestamp(),
  constraint settings_pkey primary key (key)
);
comment on table private.settings is
  'What the operator set, by `catalyst settings set`; what has no row is as private.default_setting says. For example '
  'derived_metrics_accepted_at: the day on which YouTube''s derived-metrics amendment was accepted. Scores stay hidden '
  'without it.';
alter table private.settings enable row level security;

create function private.default_setting(p_key text) returns jsonb
language sql immutable set search_path = '' as $$
  select (case p_key
    -- Google's own defaults, a day.
    when 'quota_capacity' then '{"uploads": 100, "search": 100, "batch_get_stats": 10000, "units": 10000}'
    when 'quota_headroom' then '{"uploads": 0, "search": 0, "batch_get_stats": 0, "units": 1500}'
    when 'generation_limits' then
      '{"user_month_micros": 5000000, "deployment_month_micros": 500000000, "channel_day": 100}'
    -- The deployment's variables are the defaults of these.
    when 'render_limits' then '{}'
    when 'render_user_share' then '0.5'
    when 'alerts' then '{"error_rate": 0.05, "work_late_seconds": 600, "quota_share": 0.9, "muted": []}'
  end)::jsonb
$$;
comment on function private.default_setting(text) is
  'What holds while the operator set nothing else; null where that is nothing.';

create function private.setting(p_key text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_set jsonb := (select value from private.settings where key = p_key);
  v_default jsonb := private.default_setting(p_key);
begin
  return case when jsonb_typeof(v_default) = 'object' then v_default || coalesce(v_set, '{}')
    else coalesce(v_set, v_default) end;
end
$$;
comment on function private.setting(text) is 'A setting as it holds: what the operator set, else the default.';
grant execute on function private.setting(text) to authenticated;
