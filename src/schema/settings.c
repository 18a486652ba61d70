/* What the target, naming and output items say. */
#include <string.h>

#include "schema/schema.h"

void setting_add(struct arena *arena, struct setting **list, const char *name, const char *value) {
  struct setting *s = arena_alloc(arena, sizeof *s);
  s->name = name;
  s->value = value;
  while (*list)
    list = &(*list)->next;
  *list = s;
}

const char *setting_get(const struct setting *list, const char *name) {
  for (; list; list = list->next)
    if (strcmp(list->name, name) == 0)
      return list->value;
  return NULL;
}

static void once(struct compile *c, const struct node *n, struct span first, const char *what) {
  diagnostic_peer(diagnose(c->diagnostics, PDL_TWICE, n->span, "second %s", what), first, "the first one is here");
}

void compile_target(struct compile *c, const struct node *n) {
  struct target *t = &c->schema->target;
  if (t->span.src) {
    once(c, n, t->span, "target");
    return;
  }
  t->span = n->span;
  if (n->doc)
    c->schema->doc = n->doc->text;
  if (strcmp(n->name.text, "supabase") == 0) {
    t->platform = PLATFORM_SUPABASE;
  } else if (strcmp(n->name.text, "postgres") != 0) {
    struct spell spell = SPELL_INIT(n->name.text);
    spell_offer(&spell, "postgres");
    spell_offer(&spell, "supabase");
    struct diagnostic *d =
        diagnose(c->diagnostics, PDL_BAD_TARGET, n->name.span, "unknown target \"%s\"", n->name.text);
    if (spell.best)
      diagnostic_hint(c->diagnostics, d, "did you mean \"%s\"?", spell.best);
    else
      diagnostic_hint(c->diagnostics, d, "The targets are postgres and supabase.");
    return;
  }
  const size_t len = strlen(n->text);
  const int version = len == 2 ? (n->text[0] - '0') * 10 + (n->text[1] - '0') : 0;
  if (version < VERSION_MIN || version > VERSION_MAX)
    diagnostic_hint(c->diagnostics,
                    diagnose(c->diagnostics, PDL_BAD_TARGET, n->text_span, "unknown Postgres version %s", n->text),
                    "pdlc knows Postgres %d to %d.", VERSION_MIN, VERSION_MAX);
  else
    t->version = version;
}

static const char *const naming_words[] = {"check", "exclude", "foreign", "index", "pk", "unique"};
static const char *const placeholders[] = {"{columns}", "{schema}", "{table}"};

static void check_template(struct compile *c, const struct node *line) {
  bool says_table = false;
  for (const char *p = strchr(line->text, '{'); p; p = strchr(p, '{')) {
    const char *end = strchr(p, '}');
    const size_t n = end ? (size_t)(end - p) + 1 : strlen(p);
    bool known = false;
    for (size_t i = 0; i < ARRAY_LEN(placeholders); i++)
      known |= strlen(placeholders[i]) == n && strncmp(p, placeholders[i], n) == 0;
    if (!known) {
      diagnostic_hint(
          c->diagnostics,
          diagnose(c->diagnostics, PDL_BAD_SETTING, line->text_span, "unknown placeholder \"%.*s\"", (int)n, p),
          "A naming template may hold {table}, {columns} and {schema}.");
      return;
    }
    says_table |= n == 7;
    p += n;
  }
  if (!says_table)
    diagnostic_hint(c->diagnostics,
                    diagnose(c->diagnostics, PDL_BAD_SETTING, line->text_span, "naming template without {table}"),
                    "Names of indexes and keys are unique in a schema, so each must name its table.");
}

void compile_naming(struct compile *c, const struct node *n) {
  for (const struct node *line = n->parts; line; line = line->next) {
    struct spell spell = SPELL_INIT(line->name.text);
    bool known = false;
    for (size_t i = 0; i < ARRAY_LEN(naming_words); i++) {
      known |= strcmp(line->name.text, naming_words[i]) == 0;
      spell_offer(&spell, naming_words[i]);
    }
    if (!known) {
      struct diagnostic *d = diagnose(c->diagnostics, PDL_BAD_SETTING, line->name.span,
                                      "naming knows no \"%s\"", line->name.text);
      if (spell.best)
        diagnostic_hint(c->diagnostics, d, "did you mean \"%s\"?", spell.best);
      else
        diagnostic_hint(c->diagnostics, d, "It knows check, exclude, foreign, index, pk and unique.");
      continue;
    }
    if (setting_get(c->schema->naming, line->name.text)) {
      diagnose(c->diagnostics, PDL_TWICE, line->name.span, "second template for \"%s\"", line->name.text);
      continue;
    }
    if (line->parts)
      diagnose(c->diagnostics, PDL_BAD_SETTING, line->parts->span, "a naming template takes no further words");
    check_template(c, line);
    setting_add(c->arena, &c->schema->naming, line->name.text, line->text);
  }
}

static void check_path(struct compile *c, struct span span, const char *path) {
  const char *refused = file_path_refused(NULL, path);
  if (refused)
    diagnostic_hint(c->diagnostics, diagnose(c->diagnostics, PDL_OUTPUT_REFUSED, span, "output path %s", refused),
                    "Outputs stay below the folder of schema.pdl.");
}

/* Which outputs there are, and what may follow their path; an option with choices takes no other value. */
static const struct output_option {
  const char *word;
  const char *choices[4];
} c_options[] = {
    {.word = "files", .choices = {"one", "table"}},
    {.word = "prefix"},
    {.word = "schemas"},
    {.word = "tables"},
    {.word = "readonly", .choices = {"no", "yes"}},
    {0},
}, template_options[] = {{.word = "into"}, {0}}, swift_options[] = {
    {.word = "access", .choices = {"public", "package", "internal"}},
    {.word = "int8", .choices = {"Int", "Int64"}},
    {.word = "missing", .choices = {"error", "null"}},
    {.word = "namespace"},
    {.word = "naming", .choices = {"apple", "plain"}},
    {.word = "sdk", .choices = {"2", "3"}},
    {0},
};
static const struct {
  const char *language;
  const struct output_option *options; /* NULL: none */
} languages[] = {
    {"c", c_options},
    {"sql", NULL},
    {"swift", swift_options},
    {"template", template_options},
};

static const struct output_option *option_of(const struct output_option *options, const char *word) {
  while (options && options->word && strcmp(options->word, word) != 0)
    options++;
  return options && options->word ? options : NULL;
}

/* Diagnosed where the option takes only certain values and this is none of them. */
static bool check_choice(struct compile *c, const struct output_option *option, const struct node *n) {
  struct spell spell = SPELL_INIT(n->text);
  struct strbuf all = STRBUF_INIT;
  bool known = !option->choices[0];
  for (size_t i = 0; i < ARRAY_LEN(option->choices) && option->choices[i]; i++) {
    known |= strcmp(n->text, option->choices[i]) == 0;
    spell_offer(&spell, option->choices[i]);
    strbuf_addf(&all, "%s\"%s\"", !i ? "" : option->choices[i + 1] ? ", " : " or ", option->choices[i]);
  }
  if (!known) {
    struct diagnostic *d =
        diagnose(c->diagnostics, PDL_BAD_SETTING, n->text_span, "\"%s\" cannot be \"%s\"", option->word, n->text);
    if (spell.best)
      diagnostic_hint(c->diagnostics, d, "did you mean \"%s\"?", spell.best);
    else
      diagnostic_hint(c->diagnostics, d, "It is %s.", all.text);
  }
  strbuf_release(&all);
  return known;
}

static void migrations_folder(struct compile *c, const struct node *line) {
  if (c->schema->migrations)
    diagnose(c->diagnostics, PDL_TWICE, line->span, "second folder of migrations");
  if (line->parts)
    diagnose(c->diagnostics, PDL_BAD_SETTING, line->parts->span, "output migrations takes no \"%s\"",
             line->parts->name.text);
  check_path(c, line->text_span, line->text);
  c->schema->migrations = line->text;
}

void compile_output(struct compile *c, const struct node *n) {
  for (const struct node *line = n->parts; line; line = line->next) {
    if (strcmp(line->name.text, "migrations") == 0) {
      migrations_folder(c, line);
      continue;
    }
    struct spell spell = SPELL_INIT(line->name.text);
    const struct output_option *options = NULL;
    bool known = false;
    for (size_t i = 0; i < ARRAY_LEN(languages); i++) {
      if (strcmp(line->name.text, languages[i].language) == 0) {
        options = languages[i].options;
        known = true;
      }
      spell_offer(&spell, languages[i].language);
    }
    spell_offer(&spell, "migrations");
    if (!known) {
      struct diagnostic *d = diagnose(c->diagnostics, PDL_UNKNOWN_OUTPUT, line->name.span,
                                      "unknown output \"%s\"", line->name.text);
      if (spell.best)
        diagnostic_hint(c->diagnostics, d, "did you mean \"%s\"?", spell.best);
      else
        diagnostic_hint(c->diagnostics, d,
                        "There are c, sql, swift, migrations and, for any other language, template … into ….");
      continue;
    }
    struct output *o = arena_alloc(c->arena, sizeof *o);
    *o = (struct output){
        .language = line->name.text, .path = line->text, .span = line->span, .path_span = line->text_span};
    for (const struct node *option = line->parts; option; option = option->next) {
      const struct output_option *known_option = option_of(options, option->name.text);
      if (!known_option) {
        diagnose(c->diagnostics, PDL_BAD_SETTING, option->name.span, "output %s takes no \"%s\"", o->language,
                 option->name.text);
      } else if (!check_choice(c, known_option, option)) {
        continue;
      } else if (strcmp(option->name.text, "into") == 0) {
        o->into = option->text;
        o->into_span = option->text_span;
        check_path(c, option->text_span, option->text);
      } else {
        setting_add(c->arena, &o->settings, option->name.text, option->text);
      }
    }
    check_path(c, line->text_span, line->text);
    if (strcmp(o->language, "template") == 0 && !o->into)
      diagnostic_hint(c->diagnostics,
                      diagnose(c->diagnostics, PDL_BAD_SETTING, line->span, "template without \"into\""),
                      "Write template \"file.mustache\" into \"folder/{table}.ext\".");
    const char *file = o->into ? o->into : o->path;
    for (const struct output *other = c->schema->outputs; other; other = other->next)
      if (strcmp(other->into ? other->into : other->path, file) == 0)
        diagnostic_peer(diagnose(c->diagnostics, PDL_TWICE, line->span, "two outputs write \"%s\"", file),
                        other->span, "the other one is here");
    struct output **end = &c->schema->outputs;
    while (*end)
      end = &(*end)->next;
    *end = o;
  }
}
