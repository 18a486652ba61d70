-- pdlc migration 0001 initial
-- parent: none
-- model: none -> sha256:3dcea028689491ed7e0da86318639bcc387e311881aee8bd9f0e82b3b57a3bca
-- transaction: yes
-- down: lossy (what is in stories, intention_cares, intentions, thoughts, circles, users goes)

CREATE TABLE public.users (
  id uuid DEFAULT gen_random_uuid() PRIMARY KEY CONSTRAINT fk_users_id REFERENCES auth.users (id) ON DELETE CASCADE,
  email text NOT NULL CONSTRAINT uq_users_email UNIQUE,
  vibe_profile jsonb,
  created_at timestamptz DEFAULT now(),
  updated_at timestamptz DEFAULT now()
);
ALTER TABLE public.users ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE public.users IS 'A person who uses the app.';
COMMENT ON COLUMN public.users.vibe_profile IS 'Aggregated preference vector for Discover Mode';
CREATE INDEX idx_users_email ON public.users (email);
CREATE POLICY users_self_select ON public.users FOR SELECT TO authenticated USING ((select auth.uid()) = id);
CREATE POLICY users_self_update ON public.users FOR UPDATE TO authenticated USING ((select auth.uid()) = id);
REVOKE ALL ON TABLE public.users FROM anon, authenticated, service_role;
GRANT SELECT, UPDATE (vibe_profile) ON TABLE public.users TO authenticated;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE public.users TO service_role;
CREATE FUNCTION public.handle_new_user() returns trigger language plpgsql security definer set search_path = '' AS $pdl$
begin
  insert into public.users (id, email) values (new.id, new.email) on conflict (id) do nothing;
  return new;
end
$pdl$;
COMMENT ON FUNCTION public.handle_new_user() IS 'Every sign-up gets its row of users.';
REVOKE ALL ON FUNCTION public.handle_new_user() FROM anon, authenticated, public, service_role;
CREATE TRIGGER on_auth_user_created AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION public.handle_new_user();
CREATE FUNCTION public.pdl_touch_updated_at() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $pdl$
BEGIN
  NEW.updated_at := pg_catalog.now();
  RETURN NEW;
END
$pdl$;
CREATE TRIGGER pdl_touch_updated_at BEFORE UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION public.pdl_touch_updated_at();
CREATE TABLE public.circles (
  id serial PRIMARY KEY,
  user_id uuid NOT NULL CONSTRAINT fk_circles_user_id REFERENCES public.users (id) ON DELETE CASCADE,
  circle_name text NOT NULL,
  description text,
  care_frequency integer DEFAULT 0,
  created_at timestamptz DEFAULT now(),
  updated_at timestamptz DEFAULT now()
);
ALTER TABLE public.circles ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE public.circles IS 'People or themes that a user wants to care for (level 1).';
CREATE INDEX idx_circles_user_id ON public.circles (user_id);
CREATE TRIGGER pdl_touch_updated_at BEFORE UPDATE ON public.circles FOR EACH ROW EXECUTE FUNCTION public.pdl_touch_updated_at();
CREATE POLICY circles_owner_select ON public.circles FOR SELECT TO authenticated USING ((select auth.uid()) = user_id);
CREATE POLICY circles_owner_insert ON public.circles FOR INSERT TO authenticated WITH CHECK ((select auth.uid()) = user_id);
CREATE POLICY circles_owner_update ON public.circles FOR UPDATE TO authenticated USING ((select auth.uid()) = user_id) WITH CHECK ((select auth.uid()) = user_id);
CREATE POLICY circles_owner_delete ON public.circles FOR DELETE TO authenticated USING ((select auth.uid()) = user_id);
REVOKE ALL ON TABLE public.circles FROM anon, authenticated, service_role;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE public.circles TO authenticated, service_role;
REVOKE ALL ON SEQUENCE public.circles_id_seq FROM anon, authenticated, service_role;
GRANT USAGE ON SEQUENCE public.circles_id_seq TO authenticated, service_role;
CREATE TABLE public.thoughts (
  id serial PRIMARY KEY,
  user_id uuid NOT NULL CONSTRAINT fk_thoughts_user_id REFERENCES public.users (id) ON DELETE CASCADE,
  thought_text text NOT NULL,
  tags text[],
  reflection text,
  novelty_score double precision,
  circle_id integer CONSTRAINT fk_thoughts_circle_id REFERENCES public.circles (id) ON DELETE SET NULL,
  created_at timestamptz DEFAULT now(),
  updated_at timestamptz DEFAULT now()
);
ALTER TABLE public.thoughts ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE public.thoughts IS 'A capture (level 0).';
CREATE INDEX idx_thoughts_user_id ON public.thoughts (user_id);
CREATE INDEX idx_thoughts_circle_id ON public.thoughts (circle_id);
CREATE TRIGGER pdl_touch_updated_at BEFORE UPDATE ON public.thoughts FOR EACH ROW EXECUTE FUNCTION public.pdl_touch_updated_at();
CREATE INDEX idx_thoughts_created_at ON public.thoughts (created_at);
CREATE POLICY thoughts_owner_select ON public.thoughts FOR SELECT TO authenticated USING ((select auth.uid()) = user_id);
CREATE POLICY thoughts_owner_insert ON public.thoughts FOR INSERT TO authenticated WITH CHECK ((select auth.uid()) = user_id);
CREATE POLICY thoughts_owner_update ON public.thoughts FOR UPDATE TO authenticated USING ((select auth.uid()) = user_id) WITH CHECK ((select auth.uid()) = user_id);
CREATE POLICY thoughts_owner_delete ON public.thoughts FOR DELETE TO authenticated USING ((select auth.uid()) = user_id);
ALTER PUBLICATION supabase_realtime ADD TABLE public.thoughts;
REVOKE ALL ON TABLE public.thoughts FROM anon, authenticated, service_role;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE public.thoughts TO authenticated, service_role;
REVOKE ALL ON SEQUENCE public.thoughts_id_seq FROM anon, authenticated, service_role;
GRANT USAGE ON SEQUENCE public.thoughts_id_seq TO authenticated, service_role;
CREATE TABLE public.intentions (
  id serial PRIMARY KEY,
  user_id uuid NOT NULL CONSTRAINT fk_intentions_user_id REFERENCES public.users (id) ON DELETE CASCADE,
  intention_text text NOT NULL,
  status text DEFAULT 'active',
  created_at timestamptz DEFAULT now(),
  updated_at timestamptz DEFAULT now()
);
ALTER TABLE public.intentions ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE public.intentions IS 'What a user means to do (level 2).';
CREATE INDEX idx_intentions_user_id ON public.intentions (user_id);
CREATE INDEX idx_intentions_status ON public.intentions (status);
CREATE TRIGGER pdl_touch_updated_at BEFORE UPDATE ON public.intentions FOR EACH ROW EXECUTE FUNCTION public.pdl_touch_updated_at();
CREATE POLICY intentions_owner_select ON public.intentions FOR SELECT TO authenticated USING ((select auth.uid()) = user_id);
CREATE POLICY intentions_owner_insert ON public.intentions FOR INSERT TO authenticated WITH CHECK ((select auth.uid()) = user_id);
CREATE POLICY intentions_owner_update ON public.intentions FOR UPDATE TO authenticated USING ((select auth.uid()) = user_id) WITH CHECK ((select auth.uid()) = user_id);
CREATE POLICY intentions_owner_delete ON public.intentions FOR DELETE TO authenticated USING ((select auth.uid()) = user_id);
REVOKE ALL ON TABLE public.intentions FROM anon, authenticated, service_role;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE public.intentions TO authenticated, service_role;
REVOKE ALL ON SEQUENCE public.intentions_id_seq FROM anon, authenticated, service_role;
GRANT USAGE ON SEQUENCE public.intentions_id_seq TO authenticated, service_role;
CREATE TABLE public.intention_cares (
  id serial PRIMARY KEY,
  intention_id integer NOT NULL CONSTRAINT fk_intention_cares_intention_id REFERENCES public.intentions (id) ON DELETE CASCADE,
  thought_id integer NOT NULL CONSTRAINT fk_intention_cares_thought_id REFERENCES public.thoughts (id) ON DELETE CASCADE,
  created_at timestamptz DEFAULT now(),
  CONSTRAINT uq_intention_cares_intention_id_thought_id UNIQUE (intention_id, thought_id)
);
ALTER TABLE public.intention_cares ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE public.intention_cares IS 'Which thoughts an intention cares about (many to many).';
COMMENT ON CONSTRAINT uq_intention_cares_intention_id_thought_id ON public.intention_cares IS 'Prevent duplicate links';
CREATE INDEX idx_intention_cares_intention_id ON public.intention_cares (intention_id);
CREATE INDEX idx_intention_cares_thought_id ON public.intention_cares (thought_id);
CREATE POLICY intention_cares_owner ON public.intention_cares TO authenticated USING (intention_id in (select id from public.intentions) and thought_id in (select id from public.thoughts));
REVOKE ALL ON TABLE public.intention_cares FROM anon, authenticated, service_role;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE public.intention_cares TO authenticated, service_role;
REVOKE ALL ON SEQUENCE public.intention_cares_id_seq FROM anon, authenticated, service_role;
GRANT USAGE ON SEQUENCE public.intention_cares_id_seq TO authenticated, service_role;
CREATE TABLE public.stories (
  id serial PRIMARY KEY,
  user_id uuid NOT NULL CONSTRAINT fk_stories_user_id REFERENCES public.users (id) ON DELETE CASCADE,
  story_text text NOT NULL,
  intention_id integer CONSTRAINT fk_stories_intention_id REFERENCES public.intentions (id) ON DELETE SET NULL,
  completed_at timestamptz DEFAULT now(),
  created_at timestamptz DEFAULT now()
);
ALTER TABLE public.stories ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE public.stories IS 'A completed intention, told (level 4).';
CREATE INDEX idx_stories_user_id ON public.stories (user_id);
CREATE INDEX idx_stories_intention_id ON public.stories (intention_id);
CREATE INDEX idx_stories_completed_at ON public.stories (completed_at);
CREATE POLICY stories_owner_select ON public.stories FOR SELECT TO authenticated USING ((select auth.uid()) = user_id);
CREATE POLICY stories_owner_insert ON public.stories FOR INSERT TO authenticated WITH CHECK ((select auth.uid()) = user_id);
CREATE POLICY stories_owner_update ON public.stories FOR UPDATE TO authenticated USING ((select auth.uid()) = user_id) WITH CHECK ((select auth.uid()) = user_id);
CREATE POLICY stories_owner_delete ON public.stories FOR DELETE TO authenticated USING ((select auth.uid()) = user_id);
REVOKE ALL ON TABLE public.stories FROM anon, authenticated, service_role;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE public.stories TO authenticated, service_role;
REVOKE ALL ON SEQUENCE public.stories_id_seq FROM anon, authenticated, service_role;
GRANT USAGE ON SEQUENCE public.stories_id_seq TO authenticated, service_role;
