-- The rig's own tables and functions, in a database that is thrown away afterwards.

create schema crash_rig;

-- What the user of the rig asks for: one video for each script.
create table crash_rig.jobs (
  n integer primary key,
  channel_id uuid not null,
  content_id uuid not null,
  render_id uuid,
  upload_id uuid,
  submits integer not null default 0
);
create table crash_rig.run (channels uuid[] not null, request jsonb not null, lease interval not null,
  thumbnail boolean not null default false);

-- Every claim and how it ended, written by the database itself: neither the workers nor the pipeline's own counters are asked.
create table crash_rig.claims (
  step uuid not null,
  fence bigint not null,
  claimed_at timestamptz not null default private.now(),
  ending text,
  ended_at timestamptz,
  silent interval,
  primary key (step, fence)
);

create function crash_rig.note_claim() returns trigger language plpgsql security definer as $$
begin
  if old.state = 'running' and (new.state <> 'running' or new.fence > old.fence) then
    update crash_rig.claims
    set ending = case when new.state = 'running' then 'taken_over' else new.state end, ended_at = private.now(),
        silent = private.now() - (old.lease_until - (select lease from crash_rig.run))
    where step = old.id and fence = old.fence;
  end if;
  if new.state = 'running' and new.fence > old.fence then
    insert into crash_rig.claims (step, fence) values (new.id, new.fence);
  end if;
  return null;
end
$$;

create function crash_rig.owner(p_channel uuid) returns uuid language sql as $$
  select user_id from public.channel_members where channel_id = p_channel and role = 'owner'
$$;

create function crash_rig.submit(p_job crash_rig.jobs) returns void language plpgsql as $$
declare
  v_run crash_rig.run;
  v_mark text := 'jobmark' || to_char((p_job).n, 'FM000000');
  v_render jsonb;
  v_upload jsonb;
begin
  select * into v_run from crash_rig.run;
  v_render := engine.request_render(
    crash_rig.owner((p_job).channel_id), null, (p_job).content_id, (select approved_hash from public.generated_content where id = (p_job).content_id),
    v_run.request || jsonb_build_object('script', v_mark || ' is what this is about.'), 10, 'provider',
    '{"renders_per_month": 1000000, "credits_per_render": 1000, "credits_per_day": 100000000}');
  v_upload := engine.schedule_upload(crash_rig.owner((p_job).channel_id), null, jsonb_build_object(
    'render_id', v_render ->> 'id', 'title', v_mark, 'title_key', v_mark || '-' || (p_job).submits, 'made_for_kids', false,
    'altered_content', true, 'thumbnail', v_run.thumbnail, 'publish_at', private.now() + interval '2 days' + make_interval(mins => (p_job).n)));
  update crash_rig.jobs set render_id = (v_render ->> 'id')::uuid, upload_id = (v_upload ->> 'id')::uuid, submits = submits + 1
  where n = (p_job).n;
end
$$;

create function crash_rig.start(p_request jsonb, p_lease double precision) returns void language plpgsql as $$
begin
  perform rig.lift_quota();
  insert into crash_rig.run values ('{}', p_request, make_interval(secs => p_lease));
  perform crash_rig.use_channels((select array_agg(channel_id order by channel_id) from public.channel_members));
  create trigger crash_rig_claims after update on private.steps for each row execute function crash_rig.note_claim();
end
$$;

-- The channels that the next jobs are made for. Their own synchronisation is not what is watched there.
create function crash_rig.use_channels(p_channels uuid[]) returns void language plpgsql as $$
declare
  v_step record;
begin
  -- A step that is cancelled in its last moment has made the next one due, which this loop's first look did not see.
  while exists (select from private.steps where channel_id = any (p_channels) and state in ('waiting', 'running')) loop
    for v_step in select kind, subject_id from private.steps where channel_id = any (p_channels) loop
      perform private.cancel_step(v_step.kind, v_step.subject_id);
    end loop;
  end loop;
  update public.channels set minimum_gap_minutes = 0 where id = any (p_channels);
  update crash_rig.run set channels = p_channels;
end
$$;

create function crash_rig.add_jobs(p_first integer, p_last integer) returns void language plpgsql as $$
declare
  v_channels uuid[] := (select channels from crash_rig.run);
  v_job crash_rig.jobs;
begin
  with script as (
    select n, gen_random_uuid() as id, v_channels[1 + (n - p_first) % cardinality(v_channels)] as channel_id,
      jsonb_build_object('title', 'Job ' || n, 'hook', 'Job ' || n, 'beats', '[]'::jsonb) as output
    from generate_series(p_first, p_last) n
  ), written as (
    insert into public.generated_content (id, root_id, channel_id, created_by, kind, revision, origin, state, output, content_hash,
      approved_hash, voice_version, prompt_version, seed, model_asked, price_version)
    select id, id, channel_id, crash_rig.owner(channel_id), 'script', 1, 'generated', 'approved', output, private.content_hash(output),
      private.content_hash(output), 1, 'rig', 1, 'rig', 'rig'
    from script
  )
  insert into crash_rig.jobs (n, channel_id, content_id) select n, channel_id, id from script;
  for v_job in select * from crash_rig.jobs where n between p_first and p_last order by n loop
    perform crash_rig.submit(v_job);
  end loop;
end
$$;

create function crash_rig.resubmit_lost() returns integer language plpgsql as $$
declare
  v_job crash_rig.jobs;
  v_submitted integer := 0;
begin
  for v_job in
    select j.* from crash_rig.jobs j
    join public.renders r on r.id = j.render_id
    join public.scheduled_uploads u on u.id = j.upload_id
    where r.state = 'failed' and r.error ->> 'code' = 'submit_lost' and u.state = 'needs_attention'
  loop
    perform engine.cancel_upload(crash_rig.owner(v_job.channel_id), v_job.upload_id, null);
    perform crash_rig.submit(v_job);
    v_submitted := v_submitted + 1;
  end loop;
  return v_submitted;
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

-- What the database recorded of claims and how they ended, and which uploads and renders ended where, and why. Every attempt is
-- accounted for when each claim has an end, and the pipeline counted as many as its database saw.
create view crash_rig.records as
with paid as (
  select id, claims from private.steps where kind in ('render.advance', 'render.copy', 'upload.advance')
), ended as (
  select 'upload ' || state || coalesce(': ' || case when state in ('needs_attention', 'cancelled', 'failed') then reason end, '') as outcome
  from public.scheduled_uploads
  union all
  select 'render ' || state || coalesce(': ' || case when state = 'failed' then error ->> 'code' end, '') from public.renders
), counted as (
  select count(paid.id) as claims, count(*) - count(paid.id) as claims_of_other_steps,
    count(*) filter (where ending = 'taken_over') as taken_over, count(*) filter (where ending is null) as open,
    coalesce(max(extract(epoch from silent)) filter (where ending = 'taken_over'), 0) as longest_silence
  from crash_rig.claims left join paid on paid.id = step
)
select (select open + steps from crash_rig.progress) as left_running,
  claims = (select coalesce(sum(paid.claims), 0) from paid) and claims_of_other_steps = 0 and open = 0 as attempts_accounted,
  round(longest_silence, 1) as noticed_seconds_max, claims, claims_of_other_steps, taken_over,
  (select count(*) from rig.unbalanced) as unbalanced_sums, (select count(*) from private.steps where state = 'dead') as dead_letters,
  (select count(*) from public.renders where found_by in ('callback', 'listing', 'listing_time')) as submits_found_again,
  (select coalesce(sum(submits - 1), 0) from crash_rig.jobs) as asked_again,
  (select coalesce(json_object_agg(outcome, times order by outcome), '{}')
   from (select outcome, count(*) as times from ended group by outcome) outcomes) as outcomes
from counted;

-- For the rig that kills at every point ------------------------------------------------------------------------------

-- Whether a channel has been scored and nothing of it is due soon.
create function crash_rig.is_settled(p_channel uuid) returns boolean language sql as $$
  select exists (select from private.steps where channel_id = p_channel and kind = 'channel.score' and state = 'done')
    and exists (select from private.steps where channel_id = p_channel and kind = 'channel.sync' and state in ('waiting', 'done'))
    and not exists (
      select from private.steps where channel_id = p_channel
        and (state in ('running', 'dead') or (state = 'waiting' and due_at < private.now() + interval '5 minutes')))
$$;

create function crash_rig.facts(p_channel uuid, out videos bigint, out scores bigint, out doubled_snapshots bigint) language sql as $$
  select (select count(*) from public.videos where channel_id = p_channel),
    (select count(*) from public.performance_scores where channel_id = p_channel),
    (select count(*) from (
       select from public.video_snapshots where channel_id = p_channel
       group by video_id, basis, date_trunc('second', observed_at) having count(*) > 1) twice)
$$;

create function crash_rig.repeat(p_channel uuid) returns void language plpgsql as $$
begin
  perform private.enqueue_step(queue, kind, subject_id, channel_id) from private.steps where channel_id = p_channel order by id;
end
$$;

create function crash_rig.erase(p_channel uuid) returns void language plpgsql as $$
begin
  perform engine.begin_erase_channel(crash_rig.owner(p_channel), p_channel, null);
  -- The request that would try at once is not made: the step does it all.
  perform private.enqueue_step('maintenance', 'channel.erase', p_channel, p_channel);
end
$$;

-- Rows of any table that still name a channel, but for the log and the erasing step's own record.
create function crash_rig.rows_of(p_channel uuid) returns bigint language plpgsql as $$
declare
  v_table text;
  v_rows bigint;
  v_all bigint := 0;
begin
  for v_table in
    select format('%I.%I', table_schema, table_name) from information_schema.columns
    where table_schema in ('public', 'private') and column_name = 'channel_id' and table_name not in ('steps', 'system_logs')
  loop
    execute format('select count(*) from %s where channel_id = $1', v_table) into v_rows using p_channel;
    v_all := v_all + v_rows;
  end loop;
  return v_all;
end
$$;

-- What is not over, for a message.
create view crash_rig.open_work as
(select format('%s %s %s %s, due in %s s', kind, subject_id, state, coalesce(reason, last_error ->> 'code', ''),
   extract(epoch from due_at - private.now())::integer) as what
 from private.steps where state not in ('done', 'waiting') or due_at < private.now() + interval '1 hour' limit 20)
union all
(select format('upload of job %s %s %s, render %s', j.n, u.state, u.reason || ' ' || coalesce(u.last_error::text, ''), r.state)
 from crash_rig.jobs j join public.scheduled_uploads u on u.id = j.upload_id join public.renders r on r.id = j.render_id
 where u.state <> 'published' limit 20)
union all
(select format('channel %s %s', id, state) from public.channels where state = 'erasing' limit 20);

-- Things that the product knows the outside holds: videos and paid renders.
create view crash_rig.known_outside as
select (select count(*) from public.scheduled_uploads where youtube_video_id is not null)
  + (select count(*) from public.renders where provider_job_id is not null) as things;

-- Ready renders of which our own storage does not hold the whole file.
create view crash_rig.not_copied as
select r.id from public.renders r join private.render_jobs j on j.render_id = r.id
where r.state = 'ready' and (j.copied_at is null or not exists (
  select from storage.objects o
  where o.bucket_id = 'renders' and o.name = format('%s/%s.mp4', r.channel_id, r.id)
    and (o.metadata ->> 'size')::bigint = r.file_bytes));

-- Makes every step that is over due again; how many.
create function crash_rig.repeat_steps() returns bigint language sql as $$
  select count(private.enqueue_step(queue, kind, subject_id, channel_id)) from private.steps
  where kind in ('render.advance', 'render.copy', 'upload.advance', 'upload.thumbnail') and state = 'done'
$$;

-- The poisoned step of a job, and what became of its render.
create function crash_rig.poisoned(p_job integer, p_kind text) returns json language sql as $$
  select json_build_object('state', s.state, 'claims', s.claims, 'most_attempts', s.max_attempts, 'code', s.last_error ->> 'code',
    'render', r.state)
  from crash_rig.jobs j join private.steps s on s.subject_id = j.render_id and s.kind = p_kind
  join public.renders r on r.id = j.render_id where j.n = p_job
$$;
