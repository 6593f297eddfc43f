-- What programs may spend and publish: offered at a price, confirmed once, counted against a cap.

create table private.agent_offers (
  id uuid not null default gen_random_uuid(),
  token_hash text not null,
  user_id uuid not null,
  agent_id uuid not null,
  tool text not null,
  digest text not null,
  cost_micros bigint not null default 0,
  credits bigint not null default 0,
  publications bigint not null default 0,
  expires_at timestamptz not null,
  taken_at timestamptz,
  created_at timestamptz not null default private.now(),
  constraint agent_offers_pkey primary key (id),
  constraint agent_offers_token_hash_key unique (token_hash),
  constraint agent_offers_agent_fkey foreign key (user_id, agent_id)
    references public.agents (user_id, id) on delete cascade,
  constraint agent_offers_price_check check (cost_micros >= 0 and credits >= 0 and publications >= 0)
);
comment on table private.agent_offers is
  'Calls of programs that would spend or publish. Whoever has the token may make exactly the call that was offered, '
  'once, within ten minutes. The taken ones of the last 24 hours are what the caps are compared with.';
comment on column private.agent_offers.token_hash is 'SHA-256 of the token, which nobody else keeps.';
comment on column private.agent_offers.digest is 'SHA-256 of tool, arguments, price and plan: what the user was shown.';
create index agent_offers_agent_idx on private.agent_offers (user_id, agent_id, taken_at);
alter table private.agent_offers enable row level security;

create function private.require_agent(
  p_user uuid, p_agent uuid, p_cost_micros bigint, p_credits bigint, p_publications bigint
) returns void
language plpgsql set search_path = '' as $$
declare
  v_agent public.agents;
  v_used private.agent_offers;
begin
  -- Locked, so that two calls at once do not both fit under the cap.
  select * into v_agent from public.agents where user_id = p_user and id = p_agent for update;
  if p_publications > 0 and v_agent.may_publish is not true then
    perform private.refuse(403, 'agent_not_allowed',
      'The user has not allowed this program to schedule, move, change or cancel uploads. They can do so on the page '
      '/agents of this server, signed in, in a browser.');
  elsif p_publications = 0 and v_agent.may_spend is not true then
    perform private.refuse(403, 'agent_not_allowed',
      'The user has not allowed this program to spend. They can do so on the page /agents of this server, signed in, '
      'in a browser.');
  end if;
  select coalesce(sum(cost_micros), 0), coalesce(sum(credits), 0), coalesce(sum(publications), 0)
  into v_used.cost_micros, v_used.credits, v_used.publications
  from private.agent_offers
  where user_id = p_user and agent_id = p_agent and taken_at > private.now() - interval '24 hours';
  if p_cost_micros > 0 and v_used.cost_micros + p_cost_micros > v_agent.daily_cost_micros then
    perform private.refuse(409, 'daily_cap_reached', format(
      'This could cost $%s; of the $%s that this program may spend within 24 hours it has used $%s.',
      to_char(p_cost_micros / 1e6, 'FM999990.0000'), to_char(v_agent.daily_cost_micros / 1e6, 'FM999990.00'),
      to_char(v_used.cost_micros / 1e6, 'FM999990.0000')));
  elsif p_credits > 0 and v_used.credits + p_credits > v_agent.daily_credits then
    perform private.refuse(409, 'daily_cap_reached', format(
      'This costs %s credits; of the %s that this program may spend within 24 hours it has used %s.',
      p_credits, v_agent.daily_credits, v_used.credits));
  elsif p_publications > 0 and v_used.publications + p_publications > v_agent.daily_publications then
    perform private.refuse(409, 'daily_cap_reached', format(
      'Within 24 hours this program may schedule, move, change or cancel %s uploads, and it has.',
      v_agent.daily_publications));
  end if;
end
$$;
comment on function private.require_agent(uuid, uuid, bigint, bigint, bigint) is
  'Refuses what the user has not allowed the program, or what goes beyond a cap.';

create function engine.make_agent_offer(
  p_user uuid, p_agent uuid, p_tool text, p_token_hash text, p_digest text, p_price jsonb
) returns timestamptz
language plpgsql security definer set search_path = '' as $$
declare
  v_expires timestamptz := private.now() + interval '10 minutes';
  v_cost bigint := (p_price ->> 'cost_micros')::bigint;
  v_credits bigint := (p_price ->> 'credits')::bigint;
  v_publications bigint := (p_price ->> 'publications')::bigint;
begin
  perform private.require_agent(p_user, p_agent, v_cost, v_credits, v_publications);
  delete from private.agent_offers
  where user_id = p_user and agent_id = p_agent and expires_at < private.now() - interval '25 hours';
  insert into private.agent_offers (
    token_hash, user_id, agent_id, tool, digest, cost_micros, credits, publications, expires_at
  ) values (p_token_hash, p_user, p_agent, p_tool, p_digest, v_cost, v_credits, v_publications, v_expires);
  return v_expires;
end
$$;
comment on function engine.make_agent_offer(uuid, uuid, text, text, text, jsonb) is
  'Offers a call to a program, and says until when.';

create function engine.take_agent_offer(
  p_user uuid, p_agent uuid, p_tool text, p_token_hash text, p_digest text, p_price jsonb
) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_offer private.agent_offers;
begin
  perform private.require_agent(p_user, p_agent, (p_price ->> 'cost_micros')::bigint,
    (p_price ->> 'credits')::bigint, (p_price ->> 'publications')::bigint);
  update private.agent_offers set taken_at = private.now()
  where token_hash = p_token_hash and user_id = p_user and agent_id = p_agent and tool = p_tool and digest = p_digest
    and taken_at is null and expires_at > private.now()
  returning * into v_offer;
  if v_offer.token_hash is not null then
    return;
  end if;
  select * into v_offer from private.agent_offers
  where token_hash = p_token_hash and user_id = p_user and agent_id = p_agent;
  perform private.refuse(409, 'confirmation_invalid', case
    when v_offer.token_hash is null then 'This is no confirmation that was given to this program for this user.'
    when v_offer.taken_at is not null then 'This confirmation was used already; it is good for one call.'
    when v_offer.expires_at <= private.now() then 'This confirmation has ended; it is good for ten minutes.'
    else 'Arguments, price or plan are not those that were offered.' end
    || ' Nothing was done. Call the tool without a confirmation for a new offer.', '/confirmation');
end
$$;
comment on function engine.take_agent_offer(uuid, uuid, text, text, text, jsonb) is
  'Takes an offer, once, and so counts it against the program''s caps; refuses any other call than the one offered.';
