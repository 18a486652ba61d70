-- pdlc migration 0001 initial down
-- transaction: yes

DROP TRIGGER on_auth_user_created ON auth.users;
DROP FUNCTION public.handle_new_user();
DROP TABLE public.stories;
DROP TABLE public.intention_cares;
DROP TABLE public.intentions;
DROP TABLE public.thoughts;
DROP TABLE public.circles;
DROP TRIGGER pdl_touch_updated_at ON public.users;
DROP FUNCTION public.pdl_touch_updated_at();
DROP TABLE public.users;
