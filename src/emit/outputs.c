/* The output block: each line rendered by its template into one file, or one a table. */
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "emit/embedded.h"
#include "emit/shape.h"
#include "emit/c_model.h"
#include "emit/swift.h"

struct job {
  struct arena *arena;
  const struct schema *schema;
  const struct plan *plan;
  const struct emit_options *options;
  struct diagnostics *diagnostics;
  struct file_set *files;
  struct source **embedded;    /* of embedded_templates[i], or NULL while not used */
  struct map sources;          /* path → struct source: what was read */
  struct map written;          /* path → struct written */
  /* of the output at work */
  const struct output *output;
  const struct language *language; /* its templates are ours, from the override folder or embedded; NULL: its own */
  const void *model;           /* that the language made, or NULL */
  const char *beside;          /* the folder of its template; of our own, below templates/ */
  struct map partials;         /* name → struct partial */
};
struct partial {
  const struct source *source; /* NULL: there is none */
};
struct written {
  const struct output *output;
  const struct object *table;  /* or NULL */
};

/* ── paths ── */

/* Without empty parts and ".". */
static const char *tidy(struct arena *arena, const char *path) {
  struct strbuf out = STRBUF_INIT;
  if (*path == '/')
    strbuf_addc(&out, '/');
  while (*path) {
    const size_t n = strcspn(path, "/");
    if (n > 0 && !(n == 1 && *path == '.')) {
      if (out.len > 0 && out.text[out.len - 1] != '/')
        strbuf_addc(&out, '/');
      strbuf_add(&out, path, n);
    }
    path += n + (path[n] == '/');
  }
  const char *copy = strbuf_dup(&out, arena);
  strbuf_release(&out);
  return copy;
}

static const char *join(struct arena *arena, const char *folder, const char *path) {
  return tidy(arena, *folder ? arena_printf(arena, "%s/%s", folder, path) : path);
}

static const char *folder_of(struct arena *arena, const char *path) {
  const char *slash = strrchr(path, '/');
  return !slash ? "" : slash == path ? "/" : arena_strndup(arena, path, (size_t)(slash - path));
}

static bool ends_in(const char *path, const char *suffix) {
  const size_t n = strlen(path), m = strlen(suffix);
  return n >= m && strcasecmp(path + n - m, suffix) == 0;
}

/* A name as part of a file's name. What is neither ASCII letter, digit, _ nor - becomes _xx; a dot may
 * stand, but not first, so that no name is "..". */
static void add_safe(struct strbuf *out, const char *name) {
  static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
  for (const char *p = name; *p; p++)
    if (strchr(plain, *p) || (*p == '.' && p > name))
      strbuf_addc(out, *p);
    else
      strbuf_addf(out, "_%02x", (unsigned char)*p);
}

static bool starts_with(const char *text, const char *prefix) {
  return strncmp(text, prefix, strlen(prefix)) == 0;
}

static const char *path_for(struct arena *arena, const char *into, const char *name, const char *schema) {
  struct strbuf out = STRBUF_INIT;
  while (*into) {
    const bool is_name = starts_with(into, "{table}");
    if (is_name || starts_with(into, "{schema}")) {
      add_safe(&out, is_name ? name : schema);
      into += strcspn(into, "}") + 1;
    } else {
      strbuf_addc(&out, *into++);
    }
  }
  const char *copy = tidy(arena, out.text);
  strbuf_release(&out);
  return copy;
}

static bool check_placeholders(struct job *j) {
  const struct output *o = j->output;
  const bool a_table = strstr(o->into, "{table}") != NULL;
  for (const char *p = o->into; (p = strchr(p, '{')) != NULL; p++) {
    const int n = (int)strcspn(p, "}/");
    if (starts_with(p, "{table}") || (a_table && starts_with(p, "{schema}")))
      continue;
    struct diagnostic *d = diagnose(j->diagnostics, PDL_OUTPUT_PLACEHOLDER, o->into_span,
                                    "unknown placeholder \"%.*s%s\"", n, p, p[n] == '}' ? "}" : "");
    if (starts_with(p, "{schema}"))
      diagnostic_hint(j->diagnostics, d, "{schema} can stand beside {table}, which makes one file a table.");
    else
      diagnostic_hint(j->diagnostics, d, "It may hold {table}, for one file a table, and then {schema}.");
    return false;
  }
  return true;
}

/* ── templates ── */

static bool is_file(const char *path) {
  struct stat st;
  return stat(path, &st) == 0 && !S_ISDIR(st.st_mode);
}

/* The file as a source, read once; NULL, and diagnosed, where it cannot be read. */
static const struct source *read_source(struct job *j, const char *path) {
  struct source *source = map_get(&j->sources, path);
  char *text;
  size_t len;
  const char *why;
  if (source)
    return source;
  if (!file_read(j->arena, path, SOURCE_MAX, &text, &len, &why)) {
    diagnostic_hint(j->diagnostics,
                    diagnose(j->diagnostics, PDL_TEMPLATE_UNREADABLE, j->output->path_span,
                             "cannot read template \"%s\": %s", path, why),
                    "Templates are looked for in the folder of schema.pdl.");
    return NULL;
  }
  source = source_new(j->arena, path, text, len);
  map_set(&j->sources, path, source);
  if (j->options->read)
    map_add(j->options->read, path, source);
  return source;
}

/* The template of this path below templates/: one of the override folder stands before the embedded one.
 * NULL where there is neither. */
static const struct source *own_source(struct job *j, const char *name) {
  const char *override = j->options->templates ? join(j->arena, j->options->templates, name) : NULL;
  if (override && is_file(override))
    return read_source(j, override);
  for (size_t i = 0; i < embedded_template_count; i++) {
    const struct embedded_template *e = &embedded_templates[i];
    if (strcmp(e->name, name) != 0)
      continue;
    if (!j->embedded[i])
      j->embedded[i] = source_new(j->arena, arena_printf(j->arena, "templates/%s", name), e->text, e->len);
    return j->embedded[i];
  }
  return NULL;
}

static const struct source *look_up_partial(struct job *j, const char *name) {
  const char *const names[] = {name, arena_printf(j->arena, "%s.mustache", name)};
  for (size_t i = 0; i < ARRAY_LEN(names); i++) {
    const char *path = j->language ? NULL : join(j->arena, j->beside, names[i]);
    if (path && is_file(path))
      return read_source(j, path);
    const struct source *source = j->language ? own_source(j, join(j->arena, j->beside, names[i])) : NULL;
    if (source)
      return source;
  }
  for (size_t i = 0; i < ARRAY_LEN(names); i++) {
    const struct source *source = own_source(j, names[i]);
    if (source)
      return source;
  }
  return NULL;
}

static const struct source *find_partial(void *ctx, const char *name) {
  struct job *j = ctx;
  struct partial *p = map_get(&j->partials, name);
  if (p)
    return p->source;
  p = arena_alloc(j->arena, sizeof *p);
  map_set(&j->partials, name, p);
  const char *refused = file_path_refused(NULL, name);
  const size_t errors = j->diagnostics->errors;
  if (!refused)
    p->source = look_up_partial(j, name);
  if (!p->source && j->diagnostics->errors == errors)
    diagnose(j->diagnostics, PDL_PARTIAL_MISSING, j->output->path_span, "%s partial \"%s\"%s%s",
             refused ? "path of" : "there is no", name, refused ? " " : "", refused ? refused : "");
  return p->source;
}

/* ── files ── */

static struct span span_of_path(const struct output *o) {
  return o->into ? o->into_span : o->path_span;
}

/* Notes who writes the file; false, and diagnosed, where another does. */
static bool claim(struct job *j, const char *path, const struct object *table) {
  struct written *w = arena_alloc(j->arena, sizeof *w);
  *w = (struct written){j->output, table};
  const struct written *other = map_add(&j->written, path, w);
  if (!other)
    return true;
  if (table && other->table && other->output == w->output)
    diagnostic_peer(diagnose(j->diagnostics, PDL_OUTPUT_CLASH, table->span,
                             "tables \"%s\" and \"%s\" both write \"%s\"", other->table->name, table->name, path),
                    other->table->span, "the other one is here");
  else
    diagnostic_peer(diagnose(j->diagnostics, PDL_OUTPUT_CLASH, span_of_path(j->output),
                             "two outputs write \"%s\"", path),
                    span_of_path(other->output), "the other one is here");
  return false;
}

/* ── languages ── */

/* A file that we bring the template of. */
struct own_file {
  const char *template; /* below templates/ */
  const char *path;     /* below the output's path; may hold {table}; NULL: that path itself */
  const char *option, *value; /* written only where the output has it, and it this value; NULL: always */
};
static const struct language {
  const char *name;
  /* What its files are made of, once an output, and the view of it. NULL: the schema itself. */
  const void *(*model)(struct arena *, const struct schema *, const struct output *, struct diagnostics *);
  struct view (*view)(struct arena *, const void *model, const struct object *table);
  /* The file of a table is called; NULL: it has none. Without it that is what the table is called in the database. */
  const char *(*file_name)(const void *model, const struct object *);
  struct own_file files[13];
} languages[] = {
    {"c",
     c_model,
     c_view,
     c_file_name,
     {{.template = "c/schema.h.mustache", .path = "schema.h"},
      {.template = "c/schema.c.mustache", .path = "schema.c"},
      {"c/schema_types.h.mustache", "schema_types.h", "files", "table"},
      {"c/table.h.mustache", "tables/{table}.h", "files", "table"},
      {"c/table.c.mustache", "tables/{table}.c", "files", "table"},
      {.template = "c/pdl.h", .path = "pdl.h"},
      {.template = "c/pdl_private.h", .path = "pdl_private.h"},
      {.template = "c/pdl.c", .path = "pdl.c"},
      {.template = "c/pdl_bulk.c", .path = "pdl_bulk.c"},
      {.template = "c/pdl_codec.c", .path = "pdl_codec.c"},
      {.template = "c/pdl_statement.c", .path = "pdl_statement.c"},
      {.template = "c/pdl_text.c", .path = "pdl_text.c"}}},
    {.name = "sql", .files = {{.template = "sql/schema.sql.mustache"}}},
    {"swift",
     swift_model,
     swift_view,
     NULL,
     {{.template = "swift/Package.swift.mustache", .path = "Package.swift"},
      {.template = "swift/Schema.swift.mustache", .path = "Sources/Schema.swift"},
      {.template = "swift/Support.swift.mustache", .path = "Sources/Support.swift"},
      {.template = "swift/Client.swift.mustache", .path = "Sources/Client.swift", .option = "sdk"}}},
};

static const struct language *language_of(const struct output *o) {
  for (size_t i = 0; i < ARRAY_LEN(languages); i++)
    if (strcmp(languages[i].name, o->language) == 0)
      return &languages[i];
  return NULL;
}

static void write_file(struct job *j, struct template *t, const char *path, const struct object *table) {
  if (!claim(j, path, table))
    return;
  const enum escape escape = ends_in(path, ".html") || ends_in(path, ".htm") ? ESCAPE_HTML : ESCAPE_NONE;
  struct arena scratch = ARENA_INIT;
  struct strbuf out = STRBUF_INIT;
  const struct view root =
      j->model ? j->language->view(&scratch, j->model, table) : view_root(&scratch, j->schema, j->plan, table);
  if (template_render(&scratch, t, root, (struct partials){find_partial, j}, escape, j->diagnostics, &out))
    file_set_add(j->files, path, arena_strndup(j->arena, out.text, out.len), out.len);
  strbuf_release(&out);
  arena_release(&scratch);
}

static const char *file_name(const struct job *j, const struct object *o) {
  if (j->language && j->language->file_name)
    return j->language->file_name(j->model, o);
  return is_kind(o, KIND_TABLE) && !o->external && !is_partition(o) ? o->name : NULL;
}

/* Whether the output asks for it. */
static bool is_wanted(const struct output *o, const struct own_file *f) {
  const char *value = f->option ? setting_get(o->settings, f->option) : NULL;
  return !f->option || (value && (!f->value || strcmp(value, f->value) == 0));
}

/* One file, or one a table. */
static void write_files(struct job *j, const char *template_path, const struct source *source, const char *path,
                        bool each_table) {
  struct template *t = source ? template_parse(j->arena, source, j->diagnostics) : NULL;
  if (!t)
    return;
  j->beside = folder_of(j->arena, template_path);
  map_init(&j->partials, j->arena);
  if (each_table) {
    for (const struct object *o = j->schema->first; o; o = o->next) {
      const char *name = file_name(j, o);
      if (name)
        write_file(j, t, path_for(j->arena, path, name, o->schema), o);
    }
  } else {
    write_file(j, t, tidy(j->arena, path), NULL);
  }
}

static void write_output(struct job *j) {
  const struct output *o = j->output;
  j->language = language_of(o);
  j->model = NULL;
  if (!j->language) {
    const char *template_path = join(j->arena, j->options->folder, o->path);
    if (check_placeholders(j))
      write_files(j, template_path, read_source(j, template_path), o->into, strstr(o->into, "{table}") != NULL);
    return;
  }
  if (j->language->model)
    j->model = j->language->model(j->arena, j->schema, o, j->diagnostics);
  for (const struct own_file *f = j->language->files; f < ARRAY_END(j->language->files) && f->template; f++)
    if (is_wanted(o, f))
      write_files(j, f->template, own_source(j, f->template),
                  f->path ? join(j->arena, j->options->in_place ? "" : o->path, f->path) : o->path,
                  f->path && strstr(f->path, "{table}"));
}

/* The .pdl files that the model was made of count as read. */
static void add_schema_files(struct job *j) {
  const struct source *last = NULL;
  for (const struct object *o = j->schema->first; o; o = o->next)
    if (o->span.src && o->span.src != last) {
      last = o->span.src;
      map_add(&j->sources, tidy(j->arena, last->path), (void *)(uintptr_t)last);
    }
  for (const struct output *o = j->schema->outputs; o; o = o->next)
    map_add(&j->sources, tidy(j->arena, o->span.src->path), (void *)(uintptr_t)o->span.src);
}

static void check_overwriting(struct job *j) {
  if (j->options->in_place)
    return;
  for (const struct map_entry *e = map_first(&j->written); e; e = map_next(e)) {
    const struct written *w = map_value(e);
    if (map_get(&j->sources, join(j->arena, j->options->folder, map_key(e))))
      diagnose(j->diagnostics, PDL_OUTPUT_OVERWRITES, span_of_path(w->output),
               "output would overwrite \"%s\", which was read to make it", map_key(e));
  }
}

static bool check_only(struct job *j) {
  const char *only = j->options->only;
  struct spell spell = SPELL_INIT(only);
  for (const struct output *o = j->schema->outputs; o; o = o->next) {
    if (!only || strcmp(o->language, only) == 0)
      return true;
    spell_offer(&spell, o->language);
  }
  if (!only || !j->schema->outputs)
    return true;
  struct diagnostic *d =
      diagnose(j->diagnostics, PDL_OUTPUT_NOT_NAMED, NO_SPAN, "the output block has no \"%s\"", only);
  if (spell.best)
    diagnostic_hint(j->diagnostics, d, "did you mean \"%s\"?", spell.best);
  return false;
}

static bool check_override(struct job *j) {
  struct stat st;
  const char *folder = j->options->templates;
  if (!folder || (stat(folder, &st) == 0 && S_ISDIR(st.st_mode)))
    return true;
  diagnose(j->diagnostics, PDL_TEMPLATE_UNREADABLE, NO_SPAN, "there is no folder \"%s\" of templates", folder);
  return false;
}

bool emit_outputs(struct arena *arena, const struct schema *schema, const struct plan *plan,
                  const struct emit_options *options, struct diagnostics *diagnostics, struct file_set *files) {
  struct job j = {
      .arena = arena,
      .schema = schema,
      .plan = plan,
      .options = options,
      .diagnostics = diagnostics,
      .files = files,
      .embedded = arena_array(arena, embedded_template_count, sizeof *j.embedded),
  };
  const size_t errors = diagnostics->errors;
  if (!check_only(&j) || !check_override(&j))
    return false;
  map_init(&j.sources, arena);
  map_init(&j.written, arena);
  add_schema_files(&j);
  for (const struct output *o = schema->outputs; o; o = o->next)
    if (!options->only || strcmp(o->language, options->only) == 0) {
      j.output = o;
      write_output(&j);
    }
  check_overwriting(&j);
  return diagnostics->errors == errors;
}
