-- Sums, and what they are the sums of. What is reserved is the reserved part of the work that is there, whatever was erased; what
-- was spent is what the work that is there has cost, and what went with its channel.

-- What something counts for in one of the sums.
create type rig.part as (what text, subject text, on_day date, reserved bigint, spent bigint);

create function rig.parts_of(p_render public.renders) returns setof rig.part language sql as $$
  select part.* from private.render_jobs j
  left join private.usage_subjects u on u.user_id = (p_render).requested_by
  cross join lateral (select
    case (p_render).cost_basis when 'reserved' then (p_render).estimated_credits else 0 end as reserved,
    case (p_render).cost_basis when 'estimated' then (p_render).estimated_credits when 'reported' then (p_render).credits_used
      else 0 end as spent) c
  cross join lateral (values
    ('credits', null, j.reserved_day, c.reserved, c.spent),
    ('share of credits', u.subject, j.reserved_day, c.reserved, c.spent),
    ('renders', u.subject, j.reserved_period, 0, case (p_render).cost_basis when 'none' then 0 else 1 end)
  ) as part (what, subject, on_day, reserved, spent)
  where j.render_id = (p_render).id
$$;

create function rig.parts_of(p_content public.generated_content) returns setof rig.part language sql as $$
  select part.* from (select private.usage_period((p_content).started_at) as period,
    (select subject from private.usage_subjects where user_id = (p_content).created_by) as subject) c
  cross join lateral (values
    ('generations', null, c.period, (p_content).reserved_micros, (p_content).cost_micros),
    ('generations of one', c.subject, c.period, (p_content).reserved_micros, (p_content).cost_micros)
  ) as part (what, subject, on_day, reserved, spent)
$$;

create table rig.erased (part rig.part not null);

create function rig.note_erased() returns trigger language plpgsql security definer as $$
begin
  if tg_table_name = 'renders' then
    insert into rig.erased select p from rig.parts_of(old::public.renders) p;
  else
    insert into rig.erased select p from rig.parts_of(old::public.generated_content) p;
  end if;
  return old;
end
$$;
create trigger rig_erased before delete on public.renders for each row execute function rig.note_erased();
create trigger rig_erased before delete on public.generated_content for each row execute function rig.note_erased();

-- What the work adds up to. Of what was erased only the spent part is left: a reservation that went with it would be missed here.
create view rig.work as
select (p).what, (p).subject, (p).on_day, sum(reserved) as reserved, sum(spent) as spent
from (
  select p, (p).reserved, (p).spent from public.renders r, rig.parts_of(r) p
  union all
  select p, (p).reserved, (p).spent from public.generated_content c, rig.parts_of(c) p
  union all
  select part, 0, (part).spent from rig.erased
) parts
group by 1, 2, 3;

-- What the product believes. What an account that was erased had used is kept under its subject.
create view rig.sums as
select 'credits' as what, null as subject, day as on_day, reserved, spent from private.render_budgets
union all
select 'share of credits', subject, day, reserved, spent from private.render_shares
union all
select 'generations', null, period, reserved_micros, cost_micros from private.generation_spend
union all
select what, subject, period, sum(reserved), sum(spent)
from (
  select 'renders' as what, u.subject, c.period, 0 as reserved, c.renders as spent
  from public.usage_counters c join private.usage_subjects u using (user_id)
  union all
  select 'renders', subject, period, 0, renders from private.erased_usage
  union all
  select 'generations of one', u.subject, c.period, c.reserved_micros, c.cost_micros
  from public.usage_counters c join private.usage_subjects u using (user_id)
  union all
  select 'generations of one', subject, period, 0, cost_micros from private.erased_usage
) counted
group by what, subject, period;

-- Sums that differ from what they are the sums of: a line each.
create view rig.unbalanced as
select format('%s of %s on %s: %s reserved and %s spent, of which there is work for %s and %s', n.what, coalesce(n.subject, 'all'),
  n.on_day, coalesce(s.reserved, 0), coalesce(s.spent, 0), coalesce(w.reserved, 0), coalesce(w.spent, 0)) as what
from rig.sums s full join rig.work w
  on (s.what, s.on_day) = (w.what, w.on_day) and s.subject is not distinct from w.subject
cross join lateral (select coalesce(s.what, w.what), coalesce(s.subject, w.subject), coalesce(s.on_day, w.on_day)) as n (what, subject, on_day)
where (coalesce(s.reserved, 0), coalesce(s.spent, 0)) <> (coalesce(w.reserved, 0), coalesce(w.spent, 0))
union all
select format('quota of %s on %s', l.bucket, l.quota_day)
from private.quota_ledger l
where l.reserved <> (select coalesce(sum(units) filter (where settled_at is null), 0) from private.quota_reservations r
  where r.bucket = l.bucket and r.quota_day = l.quota_day);
