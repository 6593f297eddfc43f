-- Fencing switched off, in the rig's own database only: a worker that has lost its lease goes on as if it had not. Shows
-- that the rig sees what fencing prevents (docs/reliability.md).

create or replace function private.assert_claim(p_step uuid, p_fence bigint) returns void
language plpgsql set search_path = '' as $$
begin
  perform from private.steps where id = p_step for no key update;
end
$$;

create or replace function engine.extend_lease(p_step uuid, p_fence bigint, p_lease_seconds integer default null) returns boolean
language sql security definer set search_path = '' as $$
  select true
$$;
