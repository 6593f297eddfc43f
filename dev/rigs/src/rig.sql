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

-- Sums that differ from what they are the sums of: a line each. As long as nothing was erased, reserved is what is under way.
create view rig.unbalanced as
with paid as (
  select j.reserved_day, j.reserved_period, r.requested_by, r.cost_basis,
    case r.cost_basis when 'none' then 0 when 'reported' then r.credits_used else r.estimated_credits end as credits
  from public.renders r join private.render_jobs j on j.render_id = r.id
)
select format('quota of %s on %s', l.bucket, l.quota_day) as what
from private.quota_ledger l left join lateral (
  select coalesce(sum(units) filter (where settled_at is null), 0) as reserved from private.quota_reservations r
  where r.bucket = l.bucket and r.quota_day = l.quota_day) r on true
where l.reserved <> r.reserved
union all
select format('credits of %s', b.day) from private.render_budgets b
where b.credits <> (select coalesce(sum(credits), 0) from paid where reserved_day = b.day)
union all
select format('renders of %s in %s', u.user_id, u.period) from public.usage_counters u
where u.renders <> (select count(*) from paid where requested_by = u.user_id and reserved_period = u.period and cost_basis <> 'none')
union all
select format('generations of %s', u.user_id) from public.usage_counters u
group by u.user_id
having sum(u.reserved_micros) <> (select coalesce(sum(reserved_micros), 0) from public.generated_content where created_by = u.user_id);
