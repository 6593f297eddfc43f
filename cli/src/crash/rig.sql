-- The rig's own book-keeping, in a database that is thrown away afterwards.

create schema crash_rig;

-- What the user of the rig asks for: one video for each script.
create table crash_rig.jobs (
  n integer primary key,
  channel_id uuid not null,
  content_id uuid not null,
  render_id uuid,
  upload_id uuid,
  asked integer not null default 0
);
create table crash_rig.run (user_id uuid not null, request jsonb not null, lease interval not null);

-- Every claim and how it ended, written by the database itself: neither the workers nor the pipeline's own counters are asked.
create table crash_rig.claims (
  step uuid not null,
  fence bigint not null,
  claimed_at timestamptz not null default clock_timestamp(),
  ending text,
  ended_at timestamptz,
  silent interval,
  primary key (step, fence)
);

create function crash_rig.note_claim() returns trigger language plpgsql security definer as $$
begin
  if old.state = 'running' and (new.state <> 'running' or new.fence > old.fence) then
    update crash_rig.claims
    set ending = case when new.state = 'running' then 'taken_over' else new.state end, ended_at = clock_timestamp(),
        silent = clock_timestamp() - (old.lease_until - (select lease from crash_rig.run))
    where step = old.id and fence = old.fence;
  end if;
  if new.state = 'running' and new.fence > old.fence then
    insert into crash_rig.claims (step, fence) values (new.id, new.fence);
  end if;
  return null;
end
$$;

create function crash_rig.ask(p_job crash_rig.jobs) returns void language plpgsql as $$
declare
  v_run crash_rig.run;
  v_mark text := 'jobmark' || to_char((p_job).n, 'FM000000');
  v_render jsonb;
  v_upload jsonb;
begin
  select * into v_run from crash_rig.run;
  v_render := engine.request_render(
    v_run.user_id, null, (p_job).content_id, (select approved_hash from public.generated_content where id = (p_job).content_id),
    v_run.request || jsonb_build_object('script', v_mark || ' is what this is about.'), 10, 'provider',
    '{"renders_per_month": 1000000, "credits_per_render": 1000, "credits_per_day": 100000000}');
  v_upload := engine.schedule_upload(v_run.user_id, null, jsonb_build_object(
    'render_id', v_render ->> 'id', 'title', v_mark, 'title_key', v_mark || '-' || (p_job).asked, 'made_for_kids', false,
    'altered_content', true, 'publish_at', clock_timestamp() + interval '2 days' + make_interval(mins => (p_job).n)));
  update crash_rig.jobs set render_id = (v_render ->> 'id')::uuid, upload_id = (v_upload ->> 'id')::uuid, asked = asked + 1
  where n = (p_job).n;
end
$$;

create function crash_rig.make(p_jobs integer, p_request jsonb, p_lease double precision) returns void language plpgsql as $$
declare
  v_channels uuid[];
  v_user uuid;
  v_step record;
  v_job crash_rig.jobs;
begin
  -- The channels' own synchronisation is not what is watched here.
  for v_step in select kind, subject_id from private.steps loop
    perform private.cancel_step(v_step.kind, v_step.subject_id);
  end loop;
  update public.channels set minimum_gap_minutes = 0;
  insert into private.settings (key, value)
  values ('quota_capacity', '{"uploads": 100000000, "search": 100, "batch_get_stats": 10000, "units": 1000000000}')
  on conflict (key) do update set value = excluded.value;
  select array_agg(channel_id order by channel_id), min(user_id::text)::uuid into v_channels, v_user from public.channel_members;
  insert into crash_rig.run values (v_user, p_request, make_interval(secs => p_lease));
  create trigger crash_rig_claims after update on private.steps for each row execute function crash_rig.note_claim();
  with script as (
    select n, gen_random_uuid() as id, v_channels[1 + n % cardinality(v_channels)] as channel_id,
      jsonb_build_object('title', 'Job ' || n, 'hook', 'Job ' || n, 'beats', '[]'::jsonb) as output
    from generate_series(1, p_jobs) n
  ), written as (
    insert into public.generated_content (id, root_id, channel_id, created_by, kind, revision, origin, status, output, content_hash,
      approved_hash, voice_version, prompt_version, seed, model_asked, price_version)
    select id, id, channel_id, v_user, 'script', 1, 'generated', 'approved', output, private.content_hash(output),
      private.content_hash(output), 1, 'rig', 1, 'rig', 'rig'
    from script
  )
  insert into crash_rig.jobs (n, channel_id, content_id) select n, channel_id, id from script;
  for v_job in select * from crash_rig.jobs order by n loop
    perform crash_rig.ask(v_job);
  end loop;
end
$$;

create function crash_rig.ask_again() returns integer language plpgsql as $$
declare
  v_job crash_rig.jobs;
  v_asked integer := 0;
begin
  for v_job in
    select j.* from crash_rig.jobs j
    join public.renders r on r.id = j.render_id
    join public.scheduled_uploads u on u.id = j.upload_id
    where r.state = 'failed' and r.error ->> 'code' = 'submit_lost' and u.state = 'needs_attention'
  loop
    perform engine.cancel_upload((select user_id from crash_rig.run), v_job.upload_id);
    perform crash_rig.ask(v_job);
    v_asked := v_asked + 1;
  end loop;
  return v_asked;
end
$$;

create view crash_rig.progress as
select
  (select count(*) from crash_rig.jobs) as jobs,
  (select count(*) from crash_rig.jobs j join public.renders r on r.id = j.render_id where r.state = 'ready') as rendered,
  (select count(*) from crash_rig.jobs j join public.scheduled_uploads u on u.id = j.upload_id
   where u.state in ('on_youtube', 'published')) as uploaded,
  (select count(*) from public.renders
   where state in ('requested', 'submitting', 'submit_unknown', 'queued', 'rendering', 'timed_out_unknown'))
  + (select count(*) from public.scheduled_uploads
     where state in ('scheduled', 'preparing', 'uploading', 'outcome_unknown', 'processing'))
  + (select count(*) from private.upload_sessions where ended_at is null) as open,
  (select count(*) from private.steps where state = 'running') as steps;
