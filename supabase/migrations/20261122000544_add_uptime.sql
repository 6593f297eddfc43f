-- Whether the deployment answers, as the database sees it.

create table private.uptime_probes (
  minute timestamptz not null,
  net_request_id bigint,
  ok boolean,
  status smallint,
  constraint uptime_probes_pkey primary key (minute)
);
comment on table private.uptime_probes is
  'Whether the deployment answered when the database asked for its health, once a minute by the real clock; kept for '
  '35 days. A minute without a row is one in which nobody could ask.';
comment on column private.uptime_probes.ok is 'Health was answered with 200; null until it is known.';
alter table private.uptime_probes enable row level security;

create function private.settle_uptime() returns void
language sql set search_path = '' as $$
  update private.uptime_probes p set ok = coalesce(r.status_code = 200, false), status = r.status_code
  from net._http_response r where p.ok is null and r.id = p.net_request_id;
  update private.uptime_probes set ok = false where ok is null and minute < clock_timestamp() - interval '3 minutes'
$$;

create function private.probe_uptime() returns void
language plpgsql set search_path = '' as $$
declare
  v_url text := (select decrypted_secret from vault.decrypted_secrets where name = 'app_url');
begin
  perform private.settle_uptime();
  if v_url is not null then
    insert into private.uptime_probes (minute, net_request_id)
    values (date_trunc('minute', clock_timestamp()),
      net.http_get(url := v_url || '/api/health', timeout_milliseconds := 8000))
    on conflict on constraint uptime_probes_pkey do nothing;
  end if;
end
$$;
comment on function private.probe_uptime() is 'Notes what came of the last minute''s question, and asks the next one.';
select cron.schedule('probe-uptime', '* * * * *', 'select private.probe_uptime()');

create function private.uptime(p_window interval) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    with span as (
      select greatest(clock_timestamp() - p_window, min(minute)) as since,
        date_trunc('minute', clock_timestamp()) - interval '2 minutes' as until
      from private.uptime_probes having min(minute) is not null
    ), counted as (
      select floor(extract(epoch from s.until - s.since) / 60) + 1 as minutes,
        (select count(*) from private.uptime_probes p where p.ok and p.minute between s.since and s.until) as up
      from span s
    )
    select jsonb_build_object('ratio', round(least(1, up / minutes), 6), 'minutes', minutes, 'minutes_up', up)
    from counted where minutes >= 1);
end
$$;
comment on function private.uptime(interval) is
  'The share of the minutes of a window (no longer than there is a record of) in which health was answered with 200. '
  'Null: nothing was measured yet.';
