-- What must happen in the transaction in which a backup is restored.
--
-- A restored database is older than the world: uploads, renders and claims that came after the backup are not in it.
-- `private.reconcile_after_restore` puts everything that may have gone on meanwhile into the states that ask before
-- they act, before anybody can see the restored rows.

create table private.restores (
  id uuid not null default gen_random_uuid(),
  backup_id uuid not null,
  taken_at timestamptz not null,
  restored_at timestamptz not null,
  reconciled jsonb not null,
  created_at timestamptz not null default clock_timestamp(),
  constraint restores_pkey primary key (id)
);
comment on table private.restores is
  'From which backups this database was restored, and what was put into states that ask before they act.';
alter table private.restores enable row level security;

create function private.reconcile_after_restore(p_backup uuid, p_taken_at timestamptz) returns jsonb
language plpgsql set search_path = '' as $$
declare
  v_step private.steps;
  v_upload public.scheduled_uploads;
  v_render public.renders;
  v_steps integer := 0;
  v_uploads integer := 0;
  v_renders integer := 0;
  v_webhooks integer;
  v_sessions integer;
  v_answer jsonb;
begin
  -- Claims. A worker that still lives may hold a claim that was made after the backup. Its fence would come again: so
  -- all of them move far past whatever was given out.
  update private.steps set fence = fence + 1000000;
  for v_step in select * from private.steps where state = 'running' order by id loop
    update private.steps
    set state = 'waiting', attempts = greatest(attempts - 1, 0), due_at = private.now(), lease_until = null,
        claimed_by = null, run_again = false, reason = 'restored'
    where id = v_step.id;
    perform pgmq.set_vt(v_step.queue, v_step.message_id, 0);
    v_steps := v_steps + 1;
  end loop;
  update private.channel_credentials set refresh_lease_id = null, refresh_lease_until = null
  where refresh_lease_id is not null;

  -- Uploads. Each that had no video then may have one now, made in a session that this database has never heard of: so
  -- none of the sessions is used again, and the channel is looked through before another one is opened. The looks are
  -- spread over minutes, which is longer than the last piece of a dying worker can be on its way.
  for v_upload in
    select * from public.scheduled_uploads
    where state not in ('published', 'cancelled', 'failed')
      and (youtube_video_id is null or reason is not distinct from 'deleted_on_youtube')
    order by channel_id, id
  loop
    update private.upload_sessions set ended_at = private.now(), outcome = 'gone', session_uri = null
    where upload_id = v_upload.id and ended_at is null;
    if not exists (
      select from private.upload_sessions s
      where s.upload_id = v_upload.id and s.outcome = 'gone' and s.id = (
        select l.id from private.upload_sessions l where l.upload_id = v_upload.id order by l.opened_at desc, l.id
        limit 1)
    ) then
      insert into private.upload_sessions (id, upload_id, bytes_total, opened_at, ended_at, outcome)
      select gen_random_uuid(), v_upload.id, coalesce(r.file_bytes, 0),
        greatest(p_taken_at, (select max(s.opened_at) + interval '1 millisecond' from private.upload_sessions s
          where s.upload_id = v_upload.id)),
        private.now(), 'gone'
      from public.renders r where r.id = v_upload.render_id;
    end if;
    update private.upload_sessions set bytes_sent = bytes_total, looks = 0, last_look_at = null
    where upload_id = v_upload.id and outcome = 'gone';
    if v_upload.state in ('scheduled', 'preparing', 'uploading', 'outcome_unknown') then
      update public.scheduled_uploads
      set state = 'outcome_unknown', reason = 'reconciling', state_changed_at = private.now(), version = version + 1,
          next_attempt_at = null, last_error = null
      where id = v_upload.id;
      perform private.enqueue_step('publish', 'upload.advance', v_upload.id, v_upload.channel_id);
      v_uploads := v_uploads + 1;
    end if;
  end loop;

  -- Renders. What was not sent then may have been sent and paid since: it is looked for, never sent.
  for v_render in select * from public.renders where state in ('requested', 'submitting', 'submit_unknown')
    order by id loop
    if v_render.state = 'requested' then
      perform private.settle_render(v_render, 'estimated');
    end if;
    update public.renders
    set state = 'submit_unknown', submitted_at = coalesce(submitted_at, p_taken_at), error = jsonb_build_object(
      'code', 'submit_unknown', 'message',
      'The database was restored from a backup, so it is not known whether the render service has this job. We are '
      'looking for it; nothing is sent twice.')
    where id = v_render.id;
    perform private.enqueue_step('render', 'render.advance', v_render.id, v_render.channel_id);
    v_renders := v_renders + 1;
  end loop;
  -- No backup holds the copies of files: they are looked for, and made anew where they are not there.
  update private.render_jobs set copied_at = null where copied_at is not null;
  perform private.enqueue_step('render', 'render.copy', r.id, r.channel_id)
  from public.renders r where r.state = 'ready' order by r.id;

  -- Revocations. Whatever opens a door may have been replaced or ended since, perhaps because somebody else held it: so
  -- nothing of that kind opens one again. Triggers are off, so nothing cascades.
  delete from auth.refresh_tokens;
  delete from auth.one_time_tokens;
  delete from private.oauth_states;
  delete from private.calendar_feeds;
  delete from auth.sessions;
  get diagnostics v_sessions = row_count;
  delete from private.webhook_secrets;
  update public.webhook_endpoints set state = 'disabled', state_reason = 'restored', version = version + 1
  where state = 'enabled';
  get diagnostics v_webhooks = row_count;
  -- What a program was forbidden after the backup would be allowed again, and what it has confirmed could be confirmed
  -- once more.
  update public.agents set may_spend = false, may_publish = false, version = version + 1
  where may_spend or may_publish;
  delete from private.agent_offers where taken_at is null;

  -- A channel may have been connected again since: nobody is erased for a notice that lies in the lost time.
  update public.channels set purge_at = greatest(purge_at, private.now() + interval '7 days'), version = version + 1
  where purge_at is not null and state <> 'erasing';

  v_answer := jsonb_build_object('steps', v_steps, 'uploads', v_uploads, 'renders', v_renders,
    'sessions', v_sessions, 'webhooks', v_webhooks);
  insert into private.restores (backup_id, taken_at, restored_at, reconciled)
  values (p_backup, p_taken_at, private.now(), v_answer);
  perform private.log_event('database.restored', 'critical', 'backups',
    format('The database was restored to its state of %s.',
      to_char(p_taken_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')),
    v_answer || jsonb_build_object('backup_id', p_backup));
  insert into public.system_logs (event_type, severity, source, message, user_id)
  select 'service.restored', 'warning', 'backups', format(
    'This service was brought back to its state of %s. Changes after that moment are lost: look through your schedule '
    'and your channels. Everybody was signed out, calendar addresses have ended, and webhook endpoints wait for a new '
    'secret: rotate it, and their deliveries go on.',
    to_char(p_taken_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')), id
  from public.users;
  return v_answer;
end
$$;
comment on function private.reconcile_after_restore(uuid, timestamptz) is
  'Run once, in the transaction that restores a backup and with triggers off: from then on nothing that may have '
  'happened after the backup is done a second time. p_taken_at: the moment whose state was restored.';
