-- Who may reach what.
--
-- Three schemas. `public` is what a signed-in user may read under row level security. `engine` is exposed to the Data
-- API but granted to service_role alone. `private` is never exposed.
--
-- Each later file holds one object with its grants, policies and comments, and uses nothing that comes after it.

create schema if not exists engine;
create schema if not exists private;
comment on schema engine is
  'Functions that change state. They are security definer because no API role, service_role included, may write a '
  'table: calling one of them is the only way in, so no token and no key can reach around the rules.';
comment on schema private is 'Credentials, leases, limits and the queue''s bookkeeping. Never exposed to the Data API.';

revoke all on schema engine from public;
revoke all on schema private from public;
grant usage on schema engine to service_role;
grant usage on schema private to authenticated;

-- Old and new projects must behave alike: nothing is reachable unless a migration grants it.
alter default privileges for role postgres in schema public revoke all on tables from anon, authenticated, service_role;
alter default privileges for role postgres in schema public revoke all on functions from public, anon, authenticated,
  service_role;
alter default privileges for role postgres in schema public revoke all on sequences from anon, authenticated,
  service_role;
alter default privileges for role postgres revoke execute on functions from public;
-- Whatever comes into `engine`, the functions may call and nobody else.
alter default privileges for role postgres in schema engine grant execute on functions to service_role;

-- Hosted projects have these two from the beginning; health and metrics read the second.
create extension if not exists "uuid-ossp" with schema extensions;
create extension if not exists pg_stat_statements with schema extensions;

create function private.refuse(p_status integer, p_code text, p_detail text, p_pointer text default null) returns void
language plpgsql set search_path = '' as $$
begin
  raise exception using
    errcode = 'PT' || p_status,
    message = p_code,
    detail = p_detail,
    hint = coalesce(p_pointer, '');
end
$$;
comment on function private.refuse(integer, text, text, text) is
  'Ends the transaction with an HTTP status, the slug of a problem kind, a sentence for the user and a JSON pointer.';

create function private.require_found(p_id uuid) returns void
language plpgsql set search_path = '' as $$
begin
  if p_id is null then
    perform private.refuse(404, 'not_found', 'No such object.');
  end if;
end
$$;

create function private.require_version(p_expected bigint, p_version bigint, p_detail text) returns void
language plpgsql set search_path = '' as $$
begin
  if p_expected <> p_version then
    perform private.refuse(412, 'version_mismatch', p_detail);
  end if;
end
$$;
comment on function private.require_version(bigint, bigint, text) is
  'p_expected: the version of the ETag that the caller read; null for any.';
