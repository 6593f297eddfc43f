-- What the step of an endpoint does.
--
-- One step for each endpoint sends its deliveries one after the other: an endpoint that is slow or dead holds up
-- nobody else's.

create function private.webhook_retry(p_try integer) returns interval
language sql immutable set search_path = '' as $$
  select (array['5 seconds', '5 minutes', '30 minutes', '2 hours', '5 hours', '10 hours', '14 hours', '20 hours',
    '24 hours']::interval[])[p_try]
$$;
comment on function private.webhook_retry(integer) is
  'How long after this failed try the next one comes; null after the last, a good three days later.';

create function engine.open_webhook(p_step uuid, p_fence bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_now timestamptz := private.now();
  v_endpoint public.webhook_endpoints;
  v_delivery public.webhook_deliveries;
begin
  perform private.assert_claim(p_step, p_fence);
  select e.* into v_endpoint from public.webhook_endpoints e join private.steps s on s.subject_id = e.id
  where s.id = p_step for no key update of e;
  if v_endpoint.id is null or v_endpoint.state <> 'enabled' then
    return '{"state": "idle"}';
  end if;
  select * into v_delivery from public.webhook_deliveries
  where endpoint_id = v_endpoint.id and state = 'pending' order by next_attempt_at, id limit 1 for no key update;
  if v_delivery.id is null then
    return '{"state": "idle"}';
  elsif greatest(v_delivery.next_attempt_at, v_endpoint.resume_at) > v_now then
    return jsonb_build_object('state', 'wait',
      'seconds', extract(epoch from greatest(v_delivery.next_attempt_at, v_endpoint.resume_at) - v_now));
  end if;
  -- Two at a time for each user: endpoints that hang hold up nobody else's.
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('webhooks.user:' || v_endpoint.user_id, 0));
  if (select count(*) from public.webhook_endpoints e
      join private.steps s on s.kind = 'webhook.deliver' and s.subject_id = e.id and s.state = 'running'
      where e.user_id = v_endpoint.user_id and e.id <> v_endpoint.id and exists (
        select from public.webhook_deliveries d
        where d.endpoint_id = e.id and d.state = 'pending' and d.attempts #>> '{-1,outcome}' = 'interrupted')) >= 2 then
    return '{"state": "wait", "seconds": 1}';
  end if;
  -- The attempt is written down before it is made: one that kills its process counts, too.
  update public.webhook_deliveries
  set tries = tries + 1,
      attempts = case when jsonb_array_length(attempts) < 30 then attempts else attempts - 0 end
        || jsonb_build_array(jsonb_build_object('at', v_now, 'outcome', 'interrupted'))
  where id = v_delivery.id returning * into v_delivery;
  return jsonb_build_object(
    'state', 'send', 'delivery_id', v_delivery.id, 'event_id', v_delivery.event_id, 'body', v_delivery.body,
    'url', v_endpoint.url, 'owner_id', v_endpoint.user_id,
    'secrets', (select coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'secret', s.secret)
      order by s.created_at desc), '[]')
      from private.webhook_secrets s where s.endpoint_id = v_endpoint.id
        and (s.expires_at is null or s.expires_at > v_now)));
end
$$;
comment on function engine.open_webhook(uuid, bigint) is
  'What an endpoint is sent next: {"state": send | wait | idle, …}. Counts the attempt.';

create function engine.record_webhook(
  p_step uuid, p_fence bigint, p_delivery uuid, p_attempt jsonb, p_retry_after double precision
) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_now timestamptz := private.now();
  v_outcome text := p_attempt ->> 'outcome';
  v_endpoint public.webhook_endpoints;
  v_delivery public.webhook_deliveries;
  v_wait interval;
  -- `least` passes over nulls.
  v_asked interval := case when p_retry_after is not null then make_interval(secs => least(p_retry_after, 86400)) end;
begin
  perform private.assert_claim(p_step, p_fence);
  select e.* into v_endpoint from public.webhook_endpoints e join private.steps s on s.subject_id = e.id
  where s.id = p_step for no key update of e;
  update public.webhook_deliveries set attempts = jsonb_set(attempts, '{-1}', (attempts -> -1) || p_attempt)
  where id = p_delivery and endpoint_id = v_endpoint.id and jsonb_array_length(attempts) > 0
  returning * into v_delivery;
  if v_delivery.id is null then
    return;
  end if;
  if v_outcome = 'delivered' then
    update public.webhook_deliveries set state = 'delivered', delivered_at = v_now, next_attempt_at = null
    where id = p_delivery;
    update public.webhook_endpoints set failures = 0, failing_since = null, resume_at = null, last_delivered_at = v_now
    where id = v_endpoint.id;
  else
    v_wait := private.webhook_retry(v_delivery.tries) * (0.9 + 0.2 * random());
    update public.webhook_deliveries
    set state = case when v_wait is null then 'failed' else state end,
        next_attempt_at = case when v_wait is not null then v_now + greatest(v_wait, v_asked) end
    where id = p_delivery and state = 'pending';
    update public.webhook_endpoints
    set failures = failures + 1, failing_since = coalesce(failing_since, v_now),
        resume_at = v_now + greatest(make_interval(secs => least(600, 5 * 2 ^ least(failures, 10))), v_asked)
    where id = v_endpoint.id returning * into v_endpoint;
    if v_endpoint.state = 'enabled' and v_outcome = 'gone' then
      perform private.disable_webhook(v_endpoint, 'gone');
    elsif v_endpoint.state = 'enabled' and v_endpoint.failing_since <= v_now - interval '5 days' then
      perform private.disable_webhook(v_endpoint, 'failing');
    end if;
  end if;
  delete from public.webhook_deliveries where id = p_delivery and forget and state <> 'pending';
end
$$;
comment on function engine.record_webhook(uuid, bigint, uuid, jsonb, double precision) is
  'What came of an attempt: {"outcome": delivered | gone | …, "status", "latency_ms"}. A failed one is tried again '
  'by the schedule, and the endpoint is left alone for a while, longer each time.';

create function private.on_dead_webhook_deliver(p_subject uuid, p_error jsonb) returns void
language plpgsql set search_path = '' as $$
begin
  -- What ended every one of its processes is given up; what waits behind it is not.
  delete from public.webhook_deliveries
  where endpoint_id = p_subject and state = 'pending' and forget and attempts #>> '{-1,outcome}' = 'interrupted';
  update public.webhook_deliveries set state = 'failed', next_attempt_at = null
  where endpoint_id = p_subject and state = 'pending' and attempts #>> '{-1,outcome}' = 'interrupted';
  if exists (select from public.webhook_deliveries where endpoint_id = p_subject and state = 'pending') then
    perform private.enqueue_step('notify', 'webhook.deliver', p_subject,
      (select channel_id from public.webhook_endpoints where id = p_subject), interval '5 minutes');
  end if;
end
$$;
