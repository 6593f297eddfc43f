-- The drill's own table and function. They are not backed up: what is needed afterwards is kept outside.
create schema drill;
create table drill.jobs (n integer primary key, render_id uuid not null);

-- Approved scripts, each with a paid render. Nothing is scheduled yet.
create function drill.render(p_user uuid, p_channels uuid[], p_jobs integer, p_request jsonb) returns void language plpgsql as $$
begin
  perform rig.lift_quota();
  update public.channels set minimum_gap_minutes = 0;
  for v_n in 1 .. p_jobs loop
    insert into drill.jobs values (v_n,
      rig.ask_for_render(p_channels[1 + v_n % cardinality(p_channels)], p_user, 'Drill ' || v_n, p_request));
  end loop;
end
$$;

-- A row of whatever neither the API nor a step makes in the course of a drill: no table of the database that is lost is empty.
create function drill.fill(p_user uuid, p_channel uuid, p_erasing uuid) returns void language plpgsql as $$
declare
  v_now timestamptz := private.now();
  v_incident bigint;
  v_agent uuid := gen_random_uuid();
  v_dead uuid := private.enqueue_step('maintenance', 'pipeline.probe', gen_random_uuid(), null, '1 day');
begin
  insert into auth.one_time_tokens (user_id, token_type, token_hash, relates_to) values (p_user, 'recovery_token', 'drill', 'drill');
  insert into private.backups (id, name, taken_at, schema_version, place, archive_sha256, archive_bytes, tables, rows)
  values (gen_random_uuid(), 'of last year', v_now - interval '1 year', '1', 'elsewhere', repeat('a', 64), 1, 1, 1);
  insert into private.restores (backup_id, taken_at, restored_at, reconciled) select id, taken_at, v_now - interval '1 year', '{}' from private.backups;
  insert into private.channel_erasures (channel_id, revoked) select channel_id, false from public.channel_members where user_id = p_erasing;
  insert into private.erased_usage values ('drill', private.usage_period(v_now), 1, 1, 1, 1, 1, 1);
  insert into private.generation_calls (content_id, call, outcome, cost_micros, cost_basis)
  select id, 1, 'answered', 1, 'reported' from public.generated_content where channel_id = p_channel limit 1;
  insert into private.generation_spend values (private.usage_period(v_now), 1, 0);
  insert into private.incidents (kind, summary, opened_at, last_seen_at) values ('drill', 'A drill.', v_now, v_now) returning id into v_incident;
  insert into private.alerts (incident_id, event, message) values (v_incident, 'opened', 'A drill.');
  insert into private.measurements values ('drill', '{}');
  insert into private.render_tombstones values (private.job_hash('drill'));
  insert into private.running_exports (user_id, ends_at) values (p_user, v_now + interval '5 minutes');
  insert into private.unclaimed_videos (channel_id, youtube_video_id, title, title_key, found_at, released_at)
  values (p_channel, 'drill-of-old', 'Of old', 'of old', v_now, v_now);
  insert into public.agents (user_id, id, may_spend) values (p_user, v_agent, true);
  insert into private.agent_offers (token_hash, user_id, agent_id, tool, digest, expires_at)
  values ('drill', p_user, v_agent, 'generate', 'drill', v_now + interval '10 minutes');
  insert into private.uptime_probes values (date_trunc('minute', v_now) - interval '1 hour', null, true, 200) on conflict do nothing;
  -- Work that is not due, a dead letter, and messages of work that is over.
  perform private.enqueue_step('score', 'channel.score', p_channel, p_channel, '1 hour');
  perform private.enqueue_step('render', 'render.copy', id, channel_id, '1 hour') from public.renders where channel_id = p_channel;
  perform private.enqueue_step('maintenance', 'user.erase', p_erasing, null, '1 hour');
  perform private.dead_letter(s, '{"code": "drill", "message": "Given up."}') from private.steps s where id = v_dead;
  perform pgmq.archive(queue_name, (select pgmq.send(queue_name, '{}'))) from pgmq.list_queues();
end
$$;
