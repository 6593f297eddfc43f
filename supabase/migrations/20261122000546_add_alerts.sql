-- What operators must be told, and telling them.

create table private.incidents (
  id bigint generated always as identity,
  kind text not null,
  subject text not null default '',
  summary text not null,
  details jsonb not null default '{}',
  opened_at timestamptz not null,
  last_seen_at timestamptz not null,
  calm_since timestamptz,
  closed_at timestamptz,
  constraint incidents_pkey primary key (id)
);
comment on table private.incidents is
  'Something that an operator must know: told once when it begins and once when it has been over for three minutes. '
  'Kept for 13 months.';
comment on column private.incidents.subject is
  'What of its kind is concerned: a service, a bucket of the quota. Empty where there is only one.';
create unique index incidents_open_key on private.incidents (kind, subject) where closed_at is null;
create index incidents_opened_at_idx on private.incidents (opened_at);
alter table private.incidents enable row level security;

create table private.alerts (
  id bigint generated always as identity,
  incident_id bigint not null,
  event text not null,
  message text not null,
  tries integer not null default 0,
  net_request_id bigint,
  sent_at timestamptz,
  delivered_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  constraint alerts_pkey primary key (id),
  constraint alerts_incident_id_event_key unique (incident_id, event),
  constraint alerts_incident_id_fkey foreign key (incident_id) references private.incidents (id) on delete cascade,
  constraint alerts_event_check check (event in ('opened', 'closed'))
);
comment on table private.alerts is
  'Messages to Slack, sent by the database itself through pg_net, because the functions may be what is broken. Sent '
  'again only when Slack did not take one, at most five times.';
create index alerts_undelivered_idx on private.alerts (created_at) where delivered_at is null;
alter table private.alerts enable row level security;

create function private.span_text(p_span interval) returns text
language sql immutable set search_path = '' as $$
  select case
    when p_span < interval '2 minutes' then extract(epoch from p_span)::integer || ' s'
    when p_span < interval '2 hours' then (extract(epoch from p_span) / 60)::integer || ' min'
    when p_span < interval '2 days' then (extract(epoch from p_span) / 3600)::integer || ' h'
    else (extract(epoch from p_span) / 86400)::integer || ' days' end
$$;

create function private.set_incident(
  p_kind text, p_subject text, p_bad boolean, p_summary text, p_details jsonb default '{}'
) returns void
language plpgsql set search_path = '' as $$
declare
  v_incident private.incidents;
  v_now timestamptz := private.now();
begin
  if (private.setting('alerts') -> 'muted') ? p_kind then
    return;
  end if;
  select * into v_incident from private.incidents where kind = p_kind and subject = p_subject and closed_at is null
  for no key update;
  if p_bad and v_incident.id is null then
    insert into private.incidents (kind, subject, summary, details, opened_at, last_seen_at)
    values (p_kind, p_subject, p_summary, p_details, v_now, v_now) returning * into v_incident;
    insert into private.alerts (incident_id, event, message) values (v_incident.id, 'opened', p_summary);
    perform private.log_event('incident.opened', 'error', 'monitoring', p_summary,
      jsonb_build_object('incident_id', v_incident.id, 'kind', p_kind, 'subject', p_subject) || p_details);
  elsif p_bad then
    update private.incidents set last_seen_at = v_now, calm_since = null, details = p_details where id = v_incident.id;
  elsif v_incident.id is null then
    return;
  elsif v_incident.calm_since is null then
    update private.incidents set calm_since = v_now where id = v_incident.id;
  elsif v_incident.calm_since <= v_now - interval '3 minutes' then
    update private.incidents set closed_at = v_now where id = v_incident.id;
    insert into private.alerts (incident_id, event, message) values (v_incident.id, 'closed',
      format('Over after %s: %s', private.span_text(v_incident.calm_since - v_incident.opened_at), v_incident.summary));
    perform private.log_event('incident.closed', 'info', 'monitoring', v_incident.summary,
      jsonb_build_object('incident_id', v_incident.id, 'kind', p_kind, 'subject', p_subject));
  end if;
end
$$;
comment on function private.set_incident(text, text, boolean, text, jsonb) is
  'Tells how something stands. Opens an incident when it is bad and none is open, closes the open one when it has '
  'been well for three minutes; anything between, and any number of repetitions, changes nothing that anybody is '
  'told.';

create function private.deliver_alerts() returns void
language plpgsql set search_path = '' as $$
declare
  v_url text := (select decrypted_secret from vault.decrypted_secrets where name = 'slack_webhook_url');
  v_app text := (select decrypted_secret from vault.decrypted_secrets where name = 'app_url');
  v_alert record;
begin
  update private.alerts a set delivered_at = clock_timestamp()
  from net._http_response r where a.delivered_at is null and r.id = a.net_request_id
    and r.status_code between 200 and 299;
  if v_url is null then
    return;
  end if;
  for v_alert in
    select a.id, a.event, a.message, i.kind
    from private.alerts a join private.incidents i on i.id = a.incident_id
      left join net._http_response r on r.id = a.net_request_id
    where a.delivered_at is null and a.tries < 5 and a.created_at > clock_timestamp() - interval '1 day'
      and (a.net_request_id is null
        -- Refused, or not reached. A time-out may have been a delivery: that one is not sent again.
        or (r.id is not null and not coalesce(r.timed_out, false)))
    order by a.id for no key update of a
  loop
    update private.alerts
    set tries = tries + 1, sent_at = clock_timestamp(), net_request_id = net.http_post(
      url := v_url, timeout_milliseconds := 8000,
      body := jsonb_build_object('text', format('%s *%s*%s%s · %s · docs/monitoring.md#%s',
        case v_alert.event when 'opened' then ':rotating_light:' else ':white_check_mark:' end, v_alert.message, E'\n',
          v_app, v_alert.kind,
        replace(v_alert.kind, '_', '-'))))
    where id = v_alert.id;
  end loop;
end
$$;
comment on function private.deliver_alerts() is
  'Sends what was not sent yet to the vault''s slack_webhook_url. Without that secret nothing is sent; incidents are '
  'kept all the same.';

create function private.check_alerts() returns void
language plpgsql set search_path = '' as $$
declare
  v_now timestamptz := private.now();
  v_settings jsonb := private.setting('alerts');
  v_late interval := make_interval(secs => (v_settings ->> 'work_late_seconds')::double precision);
  v_share numeric := (v_settings ->> 'error_rate')::numeric;
  v_quota numeric := (v_settings ->> 'quota_share')::numeric;
  v_row record;
  v_due interval;
  v_backup timestamptz;
begin
  -- One watch at a time: another one sees the same.
  if not pg_try_advisory_xact_lock(hashtext('private.check_alerts')) then
    return;
  end if;

  select coalesce(sum(requests), 0) as requests, coalesce(sum(errors), 0) as errors into v_row
  from private.request_minutes where minute > v_now - interval '5 minutes';
  perform private.set_incident('error_rate', '', v_row.requests >= 20 and v_row.errors > v_share * v_row.requests,
    format('%s of the last %s requests failed', v_row.errors, v_row.requests),
    jsonb_build_object('requests', v_row.requests, 'errors', v_row.errors));

  v_due := private.oldest_due();
  perform private.set_incident('work_late', '', coalesce(v_due > v_late, false),
    format('Work that is due has waited for %s', private.span_text(v_due)),
      jsonb_build_object('seconds', extract(epoch from v_due)));

  -- Nobody expects a backup of a deployment that is younger than its first one would be.
  v_backup := private.last_verified_backup();
  perform private.set_incident('backup_late', '',
    coalesce(v_backup, (select min(minute) from private.uptime_probes)) < clock_timestamp() - interval '26 hours',
    coalesce(format('The last verified backup is %s old', private.span_text(clock_timestamp() - v_backup)),
      'No backup was ever verified'),
    jsonb_build_object('last_verified_backup_at', v_backup));

  for v_row in
    select b.bucket, private.quota_capacity(b.bucket) as capacity, coalesce(l.spent + l.reserved, 0) as used,
      l.exhausted_at is not null as exhausted
    from unnest(array['uploads', 'search', 'batch_get_stats', 'units']) as b (bucket)
    left join private.quota_ledger l on l.bucket = b.bucket and l.quota_day = private.quota_day(v_now)
  loop
    perform private.set_incident('quota_low', v_row.bucket, v_row.exhausted or v_row.used >= v_quota * v_row.capacity,
      format('YouTube''s daily quota for %s: %s of %s used%s', v_row.bucket, v_row.used, v_row.capacity,
        case when v_row.exhausted then ', and YouTube says it is exhausted' else '' end),
      to_jsonb(v_row));
  end loop;

  for v_row in select service, failures, error, last_failed_at from private.provider_health loop
    perform private.set_incident('provider_down', v_row.service,
      -- One that is not called any more, because every step gave up, is not known to be down for ever.
      v_row.failures >= 3 and v_row.last_failed_at > v_now - interval '1 hour',
      format('%s did not answer the last %s calls as it should (%s)', v_row.service, v_row.failures,
        coalesce(v_row.error, 'none')),
      to_jsonb(v_row));
  end loop;

  select count(*) as channels, coalesce(sum(s.formats_unknown), 0) as videos, min(s.formats_reason) as reason into v_row
  from private.channel_syncs s join public.channels c on c.id = s.channel_id
  where s.formats_reason is not null and c.state = 'connected';
  perform private.set_incident('formats_unknown', '', v_row.channels > 0,
    format('YouTube Analytics does not tell what %s videos of %s channels are (%s): they have no score', v_row.videos,
      v_row.channels, v_row.reason), to_jsonb(v_row));

  -- The last one that was written tells: whoever writes again with another model ends it.
  select model_asked, coalesce(failure ->> 'reason' = 'unknown_model', false) as refused into v_row
  from public.generated_content where origin <> 'edited' and finished_at is not null order by finished_at desc limit 1;
  perform private.set_incident('model_retired', '', coalesce(v_row.refused, false),
    format('Gemini does not know the model %s any more: set GEMINI_MODEL to another', v_row.model_asked),
    to_jsonb(v_row));
  for v_row in
    select k.kind, count(s.id) as steps, max(s.updated_at) as last_at,
      (array_agg(s.last_error ->> 'code' order by s.updated_at desc))[1] as code
    from (
      select kind from private.steps where state = 'dead'
      union select subject from private.incidents where kind = 'dead_letter' and closed_at is null) k
    left join private.steps s on s.kind = k.kind and s.state = 'dead'
    group by k.kind
  loop
    perform private.set_incident('dead_letter', v_row.kind, v_row.steps > 0,
      format('%s steps %s have used up their attempts, the last because of %s', v_row.steps, v_row.kind,
        coalesce(v_row.code, 'an unknown cause')),
      to_jsonb(v_row));
  end loop;

  perform private.settle_uptime();
  select count(*) as asked, count(*) filter (where not ok) as failed into v_row
  from (select ok from private.uptime_probes where ok is not null order by minute desc limit 3) p;
  perform private.set_incident('api_down', '', v_row.asked = 3 and v_row.failed = 3,
    'The deployment has not answered for three minutes', jsonb_build_object('failed_probes', v_row.failed));

  perform private.deliver_alerts();
end
$$;
comment on function private.check_alerts() is
  'Looks once a minute at what operators must be told: error_rate, work_late, backup_late, quota_low, provider_down, '
  'formats_unknown, model_retired, dead_letter, api_down. The setting alerts changes thresholds and mutes kinds: '
  '{"error_rate": 0.05, "work_late_seconds": 600, "quota_share": 0.9, "muted": ["backup_late"]}.';
select cron.schedule('watch', '* * * * *', 'select private.check_alerts()');

select cron.schedule('prune-monitoring', '55 3 * * *', $$
  delete from private.uptime_probes where minute < now() - interval '35 days';
  delete from private.incidents where closed_at < now() - interval '13 months'$$);
