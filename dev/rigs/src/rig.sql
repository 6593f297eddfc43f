-- What several rigs need in their database, which is thrown away afterwards.

create schema rig;

-- A script that a person approved, and its render, asked for as the API does.
create function rig.ask_for_render(p_channel uuid, p_user uuid, p_mark text, p_request jsonb) returns uuid language plpgsql as $$
declare
  v_content uuid := gen_random_uuid();
  v_output jsonb := jsonb_build_object('title', p_mark, 'hook', p_mark, 'beats', '[]'::jsonb);
  v_render jsonb;
begin
  insert into public.generated_content (id, root_id, channel_id, created_by, kind, revision, origin, state, output, content_hash,
    approved_hash, voice_version, prompt_version, seed, model_asked, price_version)
  values (v_content, v_content, p_channel, p_user, 'script', 1, 'generated', 'approved', v_output, private.content_hash(v_output),
    private.content_hash(v_output), 1, 'rig', 1, 'rig', 'rig');
  v_render := engine.request_render(
    p_user, null, v_content, private.content_hash(v_output), p_request || jsonb_build_object('script', p_mark || ' is what this is about.'),
    10, 'provider', '{"renders_per_month": 1000000, "credits_per_render": 1000, "credits_per_day": 100000000}');
  return (v_render ->> 'id')::uuid;
end
$$;

-- Our own count of YouTube's quota is no limit from now on.
create function rig.lift_quota() returns void language sql as $$
  insert into private.settings (key, value)
  values ('quota_capacity', '{"uploads": 100000000, "search": 100, "batch_get_stats": 10000, "units": 1000000000}')
  on conflict (key) do update set value = excluded.value
$$;

-- Whether nothing is running or due within this time.
create function rig.is_idle(p_within interval) returns boolean language sql as $$
  select not exists (select from private.steps where state = 'running'
    or (state = 'waiting' and due_at < private.now() + p_within))
$$;

-- What is running or due, for a message.
create view rig.busy as
with messages as (
  select 'sync' as queue, msg_id, vt from pgmq.q_sync union all select 'score', msg_id, vt from pgmq.q_score
  union all select 'render', msg_id, vt from pgmq.q_render union all select 'publish', msg_id, vt from pgmq.q_publish
  union all select 'notify', msg_id, vt from pgmq.q_notify union all select 'maintenance', msg_id, vt from pgmq.q_maintenance
)
select format('%s %s %s %s, attempt %s, due in %s s, message in %s s, lease for %s s', s.kind, s.subject_id, s.state, s.reason, s.attempts,
  round(extract(epoch from s.due_at - private.now())), round(extract(epoch from m.vt - clock_timestamp())),
  round(extract(epoch from s.lease_until - private.now()))) as what
from private.steps s left join messages m on m.queue = s.queue and m.msg_id = s.message_id
where s.state = 'running' or (s.state = 'waiting' and s.due_at < private.now() + interval '1 second');
