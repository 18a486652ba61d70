-- pdlc migration 0001 initial
-- parent: none
-- model: none -> sha256:62728a1c478d1b6fec491a7834dce49542f2096fc5efa577867dc95c43a0133e
-- transaction: yes
-- down: lossy (what is in stories, intention_cares, intentions, thoughts, circles, users goes)

CREATE TABLE public.users (
  id uuid DEFAULT gen_random_uuid() PRIMARY KEY,
  email text NOT NULL CONSTRAINT uq_users_email UNIQUE,
  vibe_profile jsonb,
  created_at timestamptz DEFAULT now(),
  updated_at timestamptz DEFAULT now()
);
COMMENT ON TABLE public.users IS 'A person who uses the app.';
COMMENT ON COLUMN public.users.vibe_profile IS 'Aggregated preference vector for Discover Mode';
CREATE INDEX idx_users_email ON public.users (email);
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
COMMENT ON TABLE public.circles IS 'People or themes that a user wants to care for (level 1).';
CREATE INDEX idx_circles_user_id ON public.circles (user_id);
CREATE TRIGGER pdl_touch_updated_at BEFORE UPDATE ON public.circles FOR EACH ROW EXECUTE FUNCTION public.pdl_touch_updated_at();
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
COMMENT ON TABLE public.thoughts IS 'A capture (level 0).';
CREATE INDEX idx_thoughts_user_id ON public.thoughts (user_id);
CREATE INDEX idx_thoughts_circle_id ON public.thoughts (circle_id);
CREATE TRIGGER pdl_touch_updated_at BEFORE UPDATE ON public.thoughts FOR EACH ROW EXECUTE FUNCTION public.pdl_touch_updated_at();
CREATE INDEX idx_thoughts_created_at ON public.thoughts (created_at);
CREATE TABLE public.intentions (
  id serial PRIMARY KEY,
  user_id uuid NOT NULL CONSTRAINT fk_intentions_user_id REFERENCES public.users (id) ON DELETE CASCADE,
  intention_text text NOT NULL,
  status text DEFAULT 'active',
  created_at timestamptz DEFAULT now(),
  updated_at timestamptz DEFAULT now()
);
COMMENT ON TABLE public.intentions IS 'What a user means to do (level 2).';
CREATE INDEX idx_intentions_user_id ON public.intentions (user_id);
CREATE INDEX idx_intentions_status ON public.intentions (status);
CREATE TRIGGER pdl_touch_updated_at BEFORE UPDATE ON public.intentions FOR EACH ROW EXECUTE FUNCTION public.pdl_touch_updated_at();
CREATE TABLE public.intention_cares (
  id serial PRIMARY KEY,
  intention_id integer NOT NULL CONSTRAINT fk_intention_cares_intention_id REFERENCES public.intentions (id) ON DELETE CASCADE,
  thought_id integer NOT NULL CONSTRAINT fk_intention_cares_thought_id REFERENCES public.thoughts (id) ON DELETE CASCADE,
  created_at timestamptz DEFAULT now(),
  CONSTRAINT uq_intention_cares_intention_id_thought_id UNIQUE (intention_id, thought_id)
);
COMMENT ON TABLE public.intention_cares IS 'Which thoughts an intention cares about (many to many).';
COMMENT ON CONSTRAINT uq_intention_cares_intention_id_thought_id ON public.intention_cares IS 'Prevent duplicate links';
CREATE INDEX idx_intention_cares_intention_id ON public.intention_cares (intention_id);
CREATE INDEX idx_intention_cares_thought_id ON public.intention_cares (thought_id);
CREATE TABLE public.stories (
  id serial PRIMARY KEY,
  user_id uuid NOT NULL CONSTRAINT fk_stories_user_id REFERENCES public.users (id) ON DELETE CASCADE,
  story_text text NOT NULL,
  intention_id integer CONSTRAINT fk_stories_intention_id REFERENCES public.intentions (id) ON DELETE SET NULL,
  completed_at timestamptz DEFAULT now(),
  created_at timestamptz DEFAULT now()
);
COMMENT ON TABLE public.stories IS 'A completed intention, told (level 4).';
CREATE INDEX idx_stories_user_id ON public.stories (user_id);
CREATE INDEX idx_stories_intention_id ON public.stories (intention_id);
CREATE INDEX idx_stories_completed_at ON public.stories (completed_at);
