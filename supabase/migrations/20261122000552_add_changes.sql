-- A user's change and the count of its request, in one call.

create function private.run_change(p_user uuid, p_function text, p jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  v_version bigint := (p ->> 'p_version')::bigint;
  v_content uuid := (p ->> 'p_content')::uuid;
  v_endpoint uuid := case when p_function <> 'create_webhook_endpoint' then (p ->> 'p_endpoint')::uuid end;
  v_titles jsonb := nullif(p -> 'p_titles', 'null');
begin
  -- The name is only ever compared. What stands here can be called, for the user who asks, and nothing else.
  case p_function
    when 'schedule_upload' then return engine.schedule_upload(p_user, p -> 'p_idempotency', p -> 'p_upload');
    when 'edit_upload' then
      return engine.edit_upload(p_user, (p ->> 'p_upload')::uuid, v_version, p -> 'p_change');
    when 'cancel_upload' then return engine.cancel_upload(p_user, (p ->> 'p_upload')::uuid, v_version);
    when 'set_calendar_feed' then perform engine.set_calendar_feed(p_user, p ->> 'p_secret_hash');
    when 'revoke_calendar_feed' then perform engine.revoke_calendar_feed(p_user);
    when 'edit_content' then
      return engine.edit_content(p_user, v_content, v_version, p -> 'p_output',
        case when v_titles is not null then array(select jsonb_array_elements_text(v_titles)) end, p -> 'p_warnings');
    when 'rate_content' then
      return engine.rate_content(p_user, v_content, v_version, (p ->> 'p_rating')::integer, p ->> 'p_reason');
    when 'approve_content' then
      return engine.approve_content(p_user, v_content, v_version, p ->> 'p_hash', (p ->> 'p_item')::integer);
    when 'reject_content' then return engine.reject_content(p_user, v_content, v_version, p ->> 'p_reason');
    when 'archive_content' then perform engine.archive_content(p_user, v_content, v_version);
    when 'cancel_render' then return engine.cancel_render(p_user, (p ->> 'p_render')::uuid);
    when 'update_channel' then
      return engine.update_channel(p_user, (p ->> 'p_channel')::uuid, v_version, p -> 'p_changes');
    when 'request_sync' then return engine.request_sync(p_user, p -> 'p_idempotency', (p ->> 'p_channel')::uuid);
    when 'update_profile' then return engine.update_profile(p_user, v_version, p -> 'p_changes');
    when 'create_webhook_endpoint' then
      return engine.create_webhook_endpoint(p_user, p -> 'p_idempotency', p -> 'p_endpoint');
    when 'update_webhook_endpoint' then
      return engine.update_webhook_endpoint(p_user, v_endpoint, v_version, p -> 'p_changes');
    when 'delete_webhook_endpoint' then perform engine.delete_webhook_endpoint(p_user, v_endpoint, v_version);
    when 'rotate_webhook_secret' then
      return engine.rotate_webhook_secret(p_user, p -> 'p_idempotency', v_endpoint, (p ->> 'p_secret_id')::uuid,
        p ->> 'p_secret', (p ->> 'p_end_old')::boolean);
    when 'test_webhook_endpoint' then return engine.test_webhook_endpoint(p_user, v_endpoint);
    when 'replay_webhook_delivery' then
      return engine.replay_webhook_delivery(p_user, (p ->> 'p_delivery')::uuid);
    when 'settle_failure' then
      return engine.settle_failure(
        p_user, p -> 'p_idempotency', (p ->> 'p_step')::uuid, p ->> 'p_action', p ->> 'p_reason');
    else raise exception 'no change is called %', p_function using errcode = 'undefined_function';
  end case;
  return null;
end
$$;
comment on function private.run_change(uuid, text, jsonb) is
  'One of the changes that operations declare, for a user: a function of engine, with arguments by their names.';

create function engine.change(
  p_user uuid, p_class text, p_per_minute integer, p_function text, p_arguments jsonb
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_second bigint := floor(extract(epoch from clock_timestamp()));
  v_limit jsonb;
  v_answer jsonb;
  v_refusal jsonb;
  v_code text;
  v_message text;
  v_detail text;
  v_pointer text;
begin
  -- The limiter's row is locked until the end, so it is taken last: parallel requests of one user wait for each other's
  -- commit, not for each other's change. Who is new, or has nothing left, is asked first: nothing is done in vain.
  if not exists (select from private.rate_limits where user_id = p_user and class = p_class
    and private.counted(private.later_counts(counts, v_second - newest_second), 0) < p_per_minute) then
    v_limit := private.take_rate_limit(p_user, p_class, p_per_minute);
    if not (v_limit -> 'allowed')::boolean then
      return jsonb_build_object('limit', v_limit);
    end if;
  end if;
  begin
    v_answer := private.run_change(p_user, p_function, p_arguments);
    v_limit := coalesce(v_limit, private.take_rate_limit(p_user, p_class, p_per_minute));
    if not (v_limit -> 'allowed')::boolean then
      perform private.refuse(429, 'rate_limited', 'Too many requests.');
    end if;
  exception when others then
    get stacked diagnostics v_code = returned_sqlstate, v_message = message_text, v_detail = pg_exception_detail,
      v_pointer = pg_exception_hint;
    -- What is no refusal of ours ends all of it, the count included.
    if v_code not like 'PT%' then
      raise;
    end if;
    v_answer := null;
    v_refusal := jsonb_build_object('status', substr(v_code, 3)::integer, 'code', v_message, 'detail', v_detail,
      'pointer', v_pointer);
  end;
  -- A refused change is undone by now. Its count is taken out here, where it stays.
  v_limit := coalesce(v_limit, private.take_rate_limit(p_user, p_class, p_per_minute));
  return jsonb_build_object('limit', v_limit, 'answer', v_answer, 'refusal', v_refusal);
end
$$;
comment on function engine.change(uuid, text, integer, text, jsonb) is
  'private.take_rate_limit and one change (private.run_change) in one transaction, which is on disk when it answers. A '
  'refusal is a part of the answer, so that the request counts; any other error ends the transaction.';
