-- What users do with their endpoints.

create function private.lock_endpoint(p_user uuid, p_endpoint uuid, p_version bigint default null)
returns public.webhook_endpoints
language plpgsql set search_path = '' as $$
declare
  v_endpoint public.webhook_endpoints;
begin
  if not exists (select from public.webhook_endpoints where id = p_endpoint and user_id = p_user) then
    perform private.refuse(404, 'not_found', 'No such object.');
  end if;
  -- Step before subject, as everywhere.
  perform private.lock_step('webhook.deliver', p_endpoint);
  select * into v_endpoint from public.webhook_endpoints where id = p_endpoint and user_id = p_user for no key update;
  perform private.require_found(v_endpoint.id);
  perform private.require_version(p_version, v_endpoint.version,
    'The endpoint has changed since you read it. Read it again and repeat the request.');
  return v_endpoint;
end
$$;
comment on function private.lock_endpoint(uuid, uuid, bigint) is
  'An endpoint of this user, locked; 404 for anybody else''s.';

create function engine.create_webhook_endpoint(p_user uuid, p_idempotency jsonb, p_endpoint jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_answer jsonb;
  v_channel uuid := (p_endpoint ->> 'channel_id')::uuid;
  v_endpoint public.webhook_endpoints;
begin
  v_answer := private.begin_request(p_user, 'createEndpoint', p_idempotency);
  if v_answer is not null then
    return v_answer;
  end if;
  perform from public.users where id = p_user for no key update;
  if v_channel is not null
    and not exists (select from public.channel_members where channel_id = v_channel and user_id = p_user) then
    perform private.refuse(404, 'not_found', 'No such object.');
  end if;
  if (select count(*) from public.webhook_endpoints where user_id = p_user) >= 10 then
    perform private.refuse(409, 'limit_reached', 'You have ten endpoints already. Delete one, or change its address.');
  end if;
  insert into public.webhook_endpoints (id, user_id, channel_id, url, description, events)
  values ((p_endpoint ->> 'id')::uuid, p_user, v_channel, p_endpoint ->> 'url', p_endpoint ->> 'description',
    array(select distinct e from jsonb_array_elements_text(coalesce(p_endpoint -> 'events', '[]')) e order by e))
  returning * into v_endpoint;
  insert into private.webhook_secrets (id, endpoint_id, secret)
  values ((p_endpoint ->> 'secret_id')::uuid, v_endpoint.id, p_endpoint ->> 'secret');
  return private.end_request(p_user, 'createEndpoint', p_idempotency, to_jsonb(v_endpoint));
end
$$;
comment on function engine.create_webhook_endpoint(uuid, jsonb, jsonb) is
  'Makes an endpoint with its first, encrypted, secret: {"id", "secret_id", "secret", "url", "description", '
  '"events", "channel_id"}.';

create function private.disable_webhook(p_endpoint public.webhook_endpoints, p_reason text)
returns public.webhook_endpoints
language plpgsql set search_path = '' as $$
declare
  v_endpoint public.webhook_endpoints;
begin
  delete from public.webhook_deliveries where endpoint_id = p_endpoint.id and state = 'pending' and forget;
  update public.webhook_deliveries set state = 'failed', next_attempt_at = null
  where endpoint_id = p_endpoint.id and state = 'pending';
  update public.webhook_endpoints
  set state = 'disabled', state_reason = p_reason, resume_at = null, version = version + 1
  where id = p_endpoint.id returning * into v_endpoint;
  if p_reason <> 'by_user' then
    perform private.log_event('webhook.disabled', 'warning', 'webhooks',
      case p_reason
        when 'gone' then 'A webhook endpoint answered that it is gone (410). Nothing is sent there any more; enable it '
          'again if that was a mistake.'
        else 'A webhook endpoint has failed for five days. Nothing is sent there any more; mend it, enable it again, '
          'and replay what it missed.' end,
      jsonb_build_object('endpoint_id', v_endpoint.id, 'channel_id', v_endpoint.channel_id, 'reason', p_reason,
        'failing_since', v_endpoint.failing_since), v_endpoint.user_id);
  end if;
  return v_endpoint;
end
$$;

create function engine.update_webhook_endpoint(p_user uuid, p_endpoint uuid, p_version bigint, p_changes jsonb)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_endpoint public.webhook_endpoints := private.lock_endpoint(p_user, p_endpoint, p_version);
begin
  update public.webhook_endpoints
  set url = coalesce(p_changes ->> 'url', url),
      description = case when p_changes ? 'description' then p_changes ->> 'description' else description end,
      events = case when p_changes ? 'events'
        then array(select distinct e from jsonb_array_elements_text(p_changes -> 'events') e order by e)
          else events end,
      version = version + 1
  where id = v_endpoint.id
  returning * into v_endpoint;
  if p_changes ->> 'state' = 'enabled' and v_endpoint.state_reason = 'restored' then
    perform private.refuse(409, 'invalid_state',
      'Its secret ended when the service was restored from a backup. Rotate it, and deliveries go on.');
  elsif p_changes ->> 'state' = 'enabled' and v_endpoint.state = 'disabled' then
    update public.webhook_endpoints
    set state = 'enabled', state_reason = null, failures = 0, failing_since = null, resume_at = null
    where id = v_endpoint.id returning * into v_endpoint;
  elsif p_changes ->> 'state' = 'disabled' and v_endpoint.state = 'enabled' then
    v_endpoint := private.disable_webhook(v_endpoint, 'by_user');
  elsif p_changes ? 'url' then
    -- Another address has not failed yet.
    update public.webhook_endpoints set failures = 0, failing_since = null, resume_at = null
    where id = v_endpoint.id returning * into v_endpoint;
  end if;
  return to_jsonb(v_endpoint);
end
$$;
comment on function engine.update_webhook_endpoint(uuid, uuid, bigint, jsonb) is
  'Changes url, description, events, state; fields that are absent stay. Disabling ends what is still to be sent.';

create function engine.delete_webhook_endpoint(p_user uuid, p_endpoint uuid, p_version bigint) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_endpoint public.webhook_endpoints := private.lock_endpoint(p_user, p_endpoint, p_version);
begin
  delete from public.webhook_endpoints where id = v_endpoint.id;
end
$$;

create function engine.rotate_webhook_secret(
  p_user uuid, p_idempotency jsonb, p_endpoint uuid, p_secret_id uuid, p_secret text, p_end_old boolean
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_answer jsonb;
  v_endpoint public.webhook_endpoints;
  v_until timestamptz := private.now() + interval '24 hours';
begin
  v_answer := private.begin_request(p_user, 'rotateSecret', p_idempotency);
  if v_answer is not null then
    return v_answer;
  end if;
  v_endpoint := private.lock_endpoint(p_user, p_endpoint);
  if p_end_old then
    delete from private.webhook_secrets where endpoint_id = v_endpoint.id;
  else
    update private.webhook_secrets set expires_at = v_until where endpoint_id = v_endpoint.id and expires_at is null;
    -- A receiver looks at a few signatures only.
    delete from private.webhook_secrets
    where endpoint_id = v_endpoint.id and (expires_at <= private.now() or id not in (
      select id from private.webhook_secrets where endpoint_id = v_endpoint.id order by created_at desc, id limit 3));
  end if;
  insert into private.webhook_secrets (id, endpoint_id, secret) values (p_secret_id, v_endpoint.id, p_secret);
  if v_endpoint.state_reason = 'restored' then
    update public.webhook_endpoints set state = 'enabled', state_reason = null, resume_at = null, version = version + 1
    where id = v_endpoint.id;
    perform private.enqueue_step('notify', 'webhook.deliver', v_endpoint.id, v_endpoint.channel_id);
  end if;
  return private.end_request(p_user, 'rotateSecret', p_idempotency,
    jsonb_build_object('endpoint_id', v_endpoint.id, 'secret_id', p_secret_id,
      'old_accepted_until', case when p_end_old then null else v_until end));
end
$$;
comment on function engine.rotate_webhook_secret(uuid, jsonb, uuid, uuid, text, boolean) is
  'Gives an endpoint a new secret. The old ones sign beside it for 24 hours, three at most; p_end_old: they end at '
  'once.';

create function engine.test_webhook_endpoint(p_user uuid, p_idempotency jsonb, p_endpoint uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_answer jsonb;
  v_endpoint public.webhook_endpoints;
  v_delivery public.webhook_deliveries;
begin
  v_answer := private.begin_request(p_user, 'testEndpoint', p_idempotency);
  if v_answer is not null then
    return v_answer;
  end if;
  v_endpoint := private.lock_endpoint(p_user, p_endpoint);
  if v_endpoint.state <> 'enabled' then
    perform private.refuse(409, 'invalid_state', 'The endpoint is disabled. Enable it before you try it.');
  end if;
  if private.webhooks_full(p_user) then
    perform private.refuse(409, 'limit_reached',
      '1,000 events wait for your endpoints already. Mend or disable those that do not take them.');
  end if;
  perform private.enqueue_step('notify', 'webhook.deliver', v_endpoint.id, v_endpoint.channel_id);
  insert into public.webhook_deliveries (endpoint_id, user_id, channel_id, event_id, event_type, body, next_attempt_at)
  values (v_endpoint.id, p_user, v_endpoint.channel_id, private.new_webhook_event_id(), 'ping',
    private.webhook_body('ping', jsonb_build_object('endpoint_id', v_endpoint.id)), private.now())
  returning * into v_delivery;
  return private.end_request(p_user, 'testEndpoint', p_idempotency, to_jsonb(v_delivery));
end
$$;
comment on function engine.test_webhook_endpoint(uuid, jsonb, uuid) is
  'Has a `ping` sent, whatever events the endpoint wants.';

create function engine.replay_webhook_delivery(p_user uuid, p_idempotency jsonb, p_delivery uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_answer jsonb;
  v_endpoint public.webhook_endpoints;
  v_delivery public.webhook_deliveries;
begin
  v_answer := private.begin_request(p_user, 'replayDelivery', p_idempotency);
  if v_answer is not null then
    return v_answer;
  end if;
  select * into v_delivery from public.webhook_deliveries where id = p_delivery and user_id = p_user;
  perform private.require_found(v_delivery.id);
  v_endpoint := private.lock_endpoint(p_user, v_delivery.endpoint_id);
  if v_endpoint.state <> 'enabled' then
    perform private.refuse(409, 'invalid_state',
      'The endpoint is disabled. Enable it before you replay what it missed.');
  end if;
  if private.webhooks_full(p_user) then
    perform private.refuse(409, 'limit_reached',
      '1,000 events wait for your endpoints already. Mend or disable those that do not take them.');
  end if;
  perform private.enqueue_step('notify', 'webhook.deliver', v_endpoint.id, v_endpoint.channel_id);
  update public.webhook_deliveries set state = 'pending', tries = 0, next_attempt_at = private.now()
  where id = p_delivery returning * into v_delivery;
  perform private.require_found(v_delivery.id);
  return private.end_request(p_user, 'replayDelivery', p_idempotency, to_jsonb(v_delivery));
end
$$;
comment on function engine.replay_webhook_delivery(uuid, jsonb, uuid) is
  'Has an event sent again, as soon as its endpoint is tried again, with its id and its bytes. The receiver knows it '
  'by its id.';
