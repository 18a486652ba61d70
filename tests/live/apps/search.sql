-- Documents that are searched by words and by what they are about, jobs, a view for the API, a schema of its own.
create extension if not exists pg_trgm with schema extensions;
create extension if not exists citext with schema extensions;
create extension if not exists moddatetime schema extensions;
create schema if not exists api;
grant usage on schema api to anon, authenticated, service_role;
alter default privileges in schema api grant all on tables to service_role;

create table public.organizations (
  id uuid primary key default extensions.uuid_generate_v4(),
  name extensions.citext not null unique,
  settings jsonb not null default '{}'::jsonb
);
create table public.memberships (
  org_id uuid references public.organizations on delete cascade,
  user_id uuid references auth.users (id) on delete cascade default auth.uid(),
  role text not null default 'member' check (role in ('owner', 'member')),
  primary key (org_id, user_id)
);
create index on public.memberships (user_id);
create table public.documents (
  id bigserial primary key,
  org_id uuid not null references public.organizations on delete cascade,
  title text not null,
  content text,
  meta jsonb,
  embedding real[],
  fts tsvector generated always as (setweight(to_tsvector('english', title), 'A') || to_tsvector('english', coalesce(content, ''))) stored,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz
);
create index documents_fts on public.documents using gin (fts);
create index documents_title_trgm on public.documents using gin (title extensions.gin_trgm_ops);
create index documents_live on public.documents (org_id, created_at desc) where deleted_at is null;
create trigger handle_updated_at before update on public.documents for each row execute procedure extensions.moddatetime (updated_at);

create function public.is_member(_org uuid) returns boolean language sql security definer stable set search_path = '' as $$
  select exists (select 1 from public.memberships m where m.org_id = _org and m.user_id = (select auth.uid()));
$$;
revoke execute on function public.is_member(uuid) from public, anon;

create function public.match_documents(query_embedding real[], match_threshold float default 0.78, match_count int default 10)
returns table (id bigint, content text, similarity float) language sql stable as $$
  select documents.id, documents.content, 1 - 0.5 * match_threshold as similarity
  from public.documents where documents.embedding = query_embedding
  order by similarity desc limit match_count;
$$;
create function public.title(documents) returns text language sql immutable as $$ select $1.title $$;
comment on function public.title(documents) is '@graphql({"name": "heading"})';
comment on schema public is '@graphql({"inflect_names": true})';

alter table public.organizations enable row level security;
alter table public.memberships enable row level security;
alter table public.documents enable row level security, force row level security;
create policy members on public.organizations for select to authenticated using (is_member(id));
create policy own on public.memberships to authenticated using (user_id = (select auth.uid()))
  with check (user_id = (select auth.uid()) and role <> 'owner');
create policy members_read on public.documents for select to authenticated using (deleted_at is null and is_member(org_id));
create policy members_write on public.documents for insert to authenticated
  with check (org_id in (select m.org_id from public.memberships m where m.user_id = (select auth.uid())));
create policy mfa on public.documents as restrictive to authenticated
  using ((select auth.jwt() ->> 'aal') = 'aal2' or array[(select auth.jwt() ->> 'aal')] <@ array['aal1', 'aal2']);

create view api.documents with (security_invoker = true) as
  select d.id, d.title, d.content, o.name as organization from public.documents d join public.organizations o on o.id = d.org_id
  where d.deleted_at is null;
grant select on api.documents to authenticated;
create materialized view public.document_counts as select org_id, count(*) as documents from public.documents group by org_id;
create unique index on public.document_counts (org_id);
revoke all on public.document_counts from anon, authenticated;

create function api.search(words text, lim int default 20) returns setof api.documents language plpgsql stable security invoker set search_path = '' as $$
begin
  return query select d.* from api.documents d where d.title operator(pg_catalog.~~*) ('%' || words || '%') limit lim;
end $$;
create function public.refresh_counts() returns void language sql security definer set search_path = '' as $$
  refresh materialized view public.document_counts;
$$;
revoke all on function public.refresh_counts() from public, anon, authenticated;
create procedure public.purge(older_than interval default '30 days') language sql as $$
  delete from public.documents where deleted_at < now() - older_than;
$$;

create table public.jobs (
  id int generated always as identity (start with 100) primary key,
  kind text not null,
  run_at timestamptz not null default now() + interval '5 minutes',
  payload jsonb not null default '{}',
  status text not null default 'queued' check (status = any (array['queued', 'running', 'done'])),
  attempts smallint not null default 0 check (attempts between 0 and 5),
  exclude using btree (kind with =) where (status = 'running')
);
-- Only the server's.
alter table public.jobs enable row level security;
revoke all on public.jobs from anon, authenticated;
-- Nobody's but the owner's.
create table public.secrets (id int primary key, value text);
alter table public.secrets enable row level security;
revoke all on public.secrets from anon, authenticated, service_role;
