-- What the health endpoint reports.

create function private.oldest_due() returns interval
language plpgsql stable security definer set search_path = '' as $$
begin
  return private.now() - least(
    (select min(due_at) from private.steps where state = 'waiting' and due_at <= private.now()),
    (select min(lease_until) from private.steps where state = 'running' and lease_until <= private.now()));
end
$$;
comment on function private.oldest_due() is
  'For how long the work that is due longest has waited: a step that nobody claimed, or one whose worker is gone. '
  'Null: none is due.';

create function engine.health() returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'oldest_due_seconds', (select extract(epoch from private.oldest_due())),
    'last_dispatch_at', (select beat_at from private.heartbeats where name = 'dispatch'),
    'last_verified_backup_at', (select private.last_verified_backup()),
    'now', private.now(),
    'providers', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'service', service, 'last_call_at', last_call_at, 'duration_ms', last_duration_ms, 'failures', failures,
        'error', error)), '[]')
      from private.provider_health))
$$;
comment on function engine.health() is
  'What health is told from: work done, and how the last real calls of the outside services went.';
