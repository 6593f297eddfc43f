-- A request that is sent twice with one Idempotency-Key is done once.

create table private.idempotency_keys (
  user_id uuid not null,
  operation text not null,
  key text not null,
  fingerprint text not null,
  answer jsonb,
  created_at timestamptz not null default clock_timestamp(),
  constraint idempotency_keys_pkey primary key (user_id, operation, key),
  constraint idempotency_keys_user_id_fkey foreign key (user_id) references public.users (id) on delete cascade,
  constraint idempotency_keys_key_check check (char_length(key) between 1 and 255)
);
comment on table private.idempotency_keys is
  'The stored answer of every request that carried an Idempotency-Key, by user and operation. Kept for 24 hours.';
comment on column private.idempotency_keys.fingerprint is
  'SHA-256 of method, path and body: the same key with another request is refused.';
create index idempotency_keys_created_at_idx on private.idempotency_keys (created_at);
alter table private.idempotency_keys enable row level security;

create function private.begin_request(p_user uuid, p_operation text, p_idempotency jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  v_row private.idempotency_keys;
begin
  if p_idempotency is null or p_idempotency = 'null'::jsonb then
    return null;
  end if;
  -- A twin that is still running holds this row: the insert waits for its commit and then finds the stored answer.
  insert into private.idempotency_keys (user_id, operation, key, fingerprint)
  values (p_user, p_operation, p_idempotency ->> 'key', p_idempotency ->> 'fingerprint')
  on conflict on constraint idempotency_keys_pkey do nothing;
  if found then
    return null;
  end if;
  select * into v_row from private.idempotency_keys
  where user_id = p_user and operation = p_operation and key = p_idempotency ->> 'key';
  if v_row.fingerprint is distinct from p_idempotency ->> 'fingerprint' then
    perform private.refuse(422, 'idempotency_key_reused',
      'This Idempotency-Key was used with another request. Send the same request again, or a new key.');
  end if;
  if v_row.answer is null then
    perform private.refuse(409, 'request_in_progress',
      'A request with this Idempotency-Key is still running. Try again shortly.');
  end if;
  return v_row.answer;
end
$$;
comment on function private.begin_request(uuid, text, jsonb) is
  'Claims an idempotency key inside the caller''s transaction. Null: go on and end with private.end_request; '
  'otherwise the stored answer.';

create function private.end_request(p_user uuid, p_operation text, p_idempotency jsonb, p_answer jsonb) returns jsonb
language plpgsql set search_path = '' as $$
begin
  if p_idempotency is not null and p_idempotency <> 'null'::jsonb then
    update private.idempotency_keys set answer = p_answer
    where user_id = p_user and operation = p_operation and key = p_idempotency ->> 'key';
  end if;
  return p_answer;
end
$$;
select cron.schedule('prune-idempotency-keys', '17 * * * *',
  $$delete from private.idempotency_keys where created_at < clock_timestamp() - interval '24 hours'$$);
