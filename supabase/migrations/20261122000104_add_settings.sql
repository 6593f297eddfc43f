-- What the operator decides without deploying.

create table private.settings (
  key text not null,
  value jsonb not null,
  updated_at timestamptz not null default clock_timestamp(),
  constraint settings_pkey primary key (key)
);
comment on table private.settings is
  'Settings of the operator, for example derived_metrics_accepted_at: the day on which YouTube''s derived-metrics '
  'amendment was accepted. Scores stay hidden without it.';

create function private.setting(p_key text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select value from private.settings where key = p_key);
end
$$;
grant execute on function private.setting(text) to authenticated;
