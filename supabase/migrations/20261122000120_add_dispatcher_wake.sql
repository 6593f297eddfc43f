-- Postgres calls the dispatcher when a step is due.

create function private.wake_dispatcher() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  v_url text;
  v_secret text;
begin
  if not exists (
    select from private.steps
    where (state = 'waiting' and due_at <= private.now()) or (state = 'running' and lease_until <= private.now())
  ) then
    return null;
  end if;
  select decrypted_secret into v_url from vault.decrypted_secrets where name = 'app_url';
  select decrypted_secret into v_secret from vault.decrypted_secrets where name = 'cron_secret';
  if v_url is null or v_secret is null then
    raise exception 'the vault secrets app_url and cron_secret are missing: set both, or nothing wakes the dispatcher';
  end if;
  return net.http_post(
    url := v_url || '/api/cron/dispatch',
    body := '{}'::jsonb,
    headers := jsonb_build_object('Content-Type', 'application/json', 'Authorization', 'Bearer ' || v_secret),
    timeout_milliseconds := 10000);
end
$$;
comment on function private.wake_dispatcher() is
  'Calls the dispatcher, through pg_net, only when a step is due or a lease has run out. The call is a hint: what it '
  'misses, the next minute finds.';

select cron.schedule('wake-dispatcher', '* * * * *', 'select private.wake_dispatcher()');
select cron.schedule('prune-cron-history', '10 3 * * *',
  $$delete from cron.job_run_details where end_time < now() - interval '7 days'$$);
