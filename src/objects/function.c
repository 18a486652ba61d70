/* function, procedure: SQL's own clauses, read by Postgres' parser. How the server understands them is known only from
 * a twin, whose clauses come in the server's own order and words. */
#include <strings.h>

#include "objects/objects.h"

static void declare(struct compile *c, const struct node *n, struct object *parent) {
  (void)parent;
  struct function *f = compile_object(c, n->kind == NODE_FUNCTION ? KIND_FUNCTION : KIND_PROCEDURE, n, NULL);
  if (f)
    f->node = n;
}

/* ── signatures, as oidvectortypes() prints them ── */

static void add_builtin(struct strbuf *out, const char *name) {
  static const struct {
    const char *name, *printed;
  } long_names[] = {
      {"bit", "bit"},
      {"bpchar", "character"},
      {"char", "\"char\""},
      {"float8", "double precision"},
      {"time", "time without time zone"},
      {"timestamp", "timestamp without time zone"},
      {"timestamptz", "timestamp with time zone"},
      {"timetz", "time with time zone"},
      {"varbit", "bit varying"},
      {"varchar", "character varying"},
  };
  for (size_t i = 0; i < ARRAY_LEN(long_names); i++)
    if (strcmp(name, long_names[i].name) == 0) {
      strbuf_adds(out, long_names[i].printed);
      return;
    }
  const struct type_info *info = type_info(name);
  strbuf_adds(out, info && info->shown ? info->shown : name);
}

/* Whether it is none of the schema's: nobody puts pg_catalog behind other schemas of the search path. */
static bool is_catalogs(const struct compile *c, const struct sql_type_name *t) {
  if (t->schema)
    return strcmp(t->schema, "pg_catalog") == 0;
  return type_info(t->name) || (type_is_catalogs(t->name) && !schema_find(c->schema, NS_TYPE, "public", NULL, t->name));
}

void compile_type_name(struct compile *c, const struct sql_type_name *t, struct strbuf *out) {
  const char *schema_name = t->schema;
  if (is_catalogs(c, t)) {
    add_builtin(out, t->name);
  } else {
    for (const struct object *o = c->schema->first; o && !schema_name; o = o->next)
      if (is_kind(o, KIND_EXTENSION) && extension_provides(o->name, t->name) &&
          !schema_find(c->schema, NS_TYPE, "public", NULL, t->name))
        schema_name = ((const struct extension *)o)->in;
    sql_qualified(out, schema_name ? schema_name : "public", t->name);
  }
  if (t->array)
    strbuf_adds(out, "[]");
}

const char *compile_signature(struct compile *c, const struct sql_type_name *types, size_t count) {
  struct strbuf out = STRBUF_INIT;
  for (size_t i = 0; i < count; i++) {
    strbuf_adds(&out, i ? ", " : "(");
    compile_type_name(c, &types[i], &out);
  }
  strbuf_adds(&out, count ? ")" : "()");
  const char *text = strbuf_dup(&out, c->arena);
  strbuf_release(&out);
  return text;
}

void routine_sign(struct compile *c, struct object *o, const struct sql_type_name *inputs, size_t count) {
  o->signature = compile_signature(c, inputs, count);
  for (const struct object *other = schema_find(c->schema, NS_FUNCTION, o->schema, NULL, o->name); other;
       other = other->overload)
    if (other != o && other->signature && strcmp(other->signature, o->signature) == 0)
      diagnostic_peer(diagnose(c->diagnostics, PDL_DUPLICATE_NAME, o->span, "%s \"%s%s\" is declared twice",
                               o->kind->word, o->name, o->signature),
                      other->span, "first declared here");
}

static const char *result_of(struct compile *c, const struct sql_routine *r) {
  struct strbuf out = STRBUF_INIT;
  strbuf_adds(&out, r->return_names ? "TABLE(" : r->returns_set ? "SETOF " : "");
  for (size_t i = 0; i < r->return_count; i++) {
    strbuf_adds(&out, i ? ", " : "");
    if (r->return_names) {
      sql_ident(&out, r->return_names[i]);
      strbuf_addc(&out, ' ');
    }
    compile_type_name(c, &r->returns[i], &out);
  }
  strbuf_adds(&out, r->return_names ? ")" : "");
  const char *text = r->return_count ? strbuf_dup(&out, c->arena) : NULL;
  strbuf_release(&out);
  return text;
}

static const char *arguments_printed(struct compile *c, const struct sql_routine *r) {
  struct strbuf out = STRBUF_INIT;
  for (size_t i = 0; i < r->parameter_count; i++) {
    const struct sql_parameter *p = &r->parameters[i];
    strbuf_addf(&out, "%s%s", i ? ", " : "", p->mode ? p->mode : "");
    if (p->name) {
      sql_ident(&out, p->name);
      strbuf_addc(&out, ' ');
    }
    compile_type_name(c, &p->type, &out);
  }
  const char *text = r->defaults ? NULL : strbuf_dup(&out, c->arena);
  strbuf_release(&out);
  return text;
}

/* ── linking ── */

static bool ends_in(const char *text, const char *end) {
  const size_t n = strlen(text), m = strlen(end);
  return n >= m && strcasecmp(text + n - m, end) == 0;
}

/* A type as the model has it; one that is not found keeps its name. */
static struct type_ref type_of(struct compile *c, const struct sql_type_name *t) {
  const bool own = is_catalogs(c, t);
  struct type_ref type = {.schema = own ? NULL : t->schema, .name = t->name, .dimensions = t->array};
  if (!own)
    type.object = schema_find(c->schema, NS_TYPE, t->schema ? t->schema : "public", NULL, t->name);
  return type;
}

static void keep_arguments(struct compile *c, struct function *f, const struct sql_routine *r) {
  f->args = arena_array(c->arena, r->parameter_count, sizeof *f->args);
  for (size_t i = 0; i < r->parameter_count; i++) {
    const struct sql_parameter *p = &r->parameters[i];
    f->args[f->arg_count++] = (struct argument){p->name, type_of(c, &p->type), p->input, p->output,
                                                 p->mode && strcmp(p->mode, "VARIADIC ") == 0, p->has_default};
  }
}

static void keep_results(struct compile *c, struct function *f, const struct sql_routine *r) {
  f->results = arena_array(c->arena, r->return_count, sizeof *f->results);
  f->returns_set = r->returns_set || r->return_names;
  f->returns_table = r->return_names != NULL;
  for (size_t i = 0; i < r->return_count; i++)
    f->results[f->result_count++] = (struct argument){
        .name = r->return_names ? r->return_names[i] : NULL, .type = type_of(c, &r->returns[i]), .output = true};
}

static void link_arguments(struct compile *c, struct function *f, bool procedure) {
  struct sql_routine r;
  struct sql_error err = {0};
  f->arguments = f->node->text;
  if (sql_parse_arguments(c->sql, f->node->text, procedure, &r, &err)) {
    f->arguments = compile_statement(c, f->node, 0, &r.statement, &f->object, false);
    f->printed_arguments = arguments_printed(c, &r);
  } else {
    compile_sql_error(c, f->node, &err, "arguments");
  }
  routine_sign(c, &f->object, r.inputs, r.input_count);
  keep_arguments(c, f, &r);
}

static const char *trimmed(struct arena *arena, const char *text) {
  text += strspn(text, " \t\r\n");
  size_t n = strlen(text);
  while (n > 0 && strchr(" \t\r\n", text[n - 1]))
    n--;
  return arena_strndup(arena, text, n);
}

/* Text in SQL is read for what had better be there first; what BEGIN ATOMIC holds must be, and gets its names
 * qualified. */
static void link_body(struct compile *c, struct function *f, const struct node *body, bool sql) {
  struct sql_script script;
  struct sql_error err = {0};
  f->body = body->text;
  if (!sql)
    return;
  if (sql_parse_script(c->sql, body->text, &script, &err)) {
    const struct sql_statement s = {.text = body->text, .refs = script.refs, .ref_count = script.ref_count};
    const char *qualified = compile_statement(c, body, 0, &s, &f->object, !f->atomic);
    if (f->atomic)
      f->body = trimmed(c->arena, qualified);
  } else if (err.why != SQL_WRONG_KIND) {
    compile_sql_error(c, body, &err, "body");
  }
}

static void link(struct compile *c, struct object *o) {
  struct function *f = (struct function *)o;
  const struct node *clauses = node_part(f->node, NODE_CLAUSES), *body = node_part(f->node, NODE_BODY);
  const bool procedure = is_kind(o, KIND_PROCEDURE);
  struct sql_routine r;
  struct sql_error err = {0};
  compile_needs(c, f->node, o);
  link_arguments(c, f, procedure);
  f->clauses = clauses->text;
  f->atomic = body && ends_in(clauses->text, "begin atomic");
  if (sql_parse_routine(c->sql, clauses->text, procedure, f->atomic, &r, &err)) {
    f->clauses = compile_statement(c, clauses, 0, &r.statement, o, false);
    f->returns = result_of(c, &r);
    if (r.options && (procedure || f->returns))
      f->printed_clauses = arena_printf(c->arena, "%s%s%s%s", f->returns ? "RETURNS " : "", f->returns ? f->returns : "",
                                        f->returns ? " " : "", r.options);
    keep_results(c, f, &r);
    if (r.standard)
      compile_needs_version(c, 14, clauses->text_span, f->atomic ? "begin atomic" : "a body behind return");
    if (!body && !r.body)
      diagnose(c->diagnostics, PDL_OUT_OF_PLACE, o->span, "%s \"%s\" has no body", o->kind->word, o->name);
    else if (body && r.body && !f->atomic)
      diagnose(c->diagnostics, PDL_TWICE, body->span, "%s \"%s\" has two bodies", o->kind->word, o->name);
    else if (!r.language && !r.body)
      diagnostic_hint(
          c->diagnostics,
          diagnose(c->diagnostics, PDL_OUT_OF_PLACE, o->span, "%s \"%s\" has no language", o->kind->word, o->name),
          "Write language plpgsql, or language sql, before its body.");
  } else {
    compile_sql_error(c, clauses, &err, o->kind->word);
  }
  if (body)
    link_body(c, f, body, f->atomic || (r.language && strcmp(r.language, "sql") == 0));
}

/* ── SQL ── */

static void create(const struct object *o, struct strbuf *out) {
  const struct function *f = (const struct function *)o;
  strbuf_adds(out, is_kind(o, KIND_FUNCTION) ? "CREATE FUNCTION " : "CREATE PROCEDURE ");
  sql_object(out, o);
  strbuf_addf(out, "(%s%s) %s", f->arguments, strstr(f->arguments, "--") ? "\n" : "", f->clauses);
  if (f->body && f->atomic) {
    strbuf_addf(out, "\n%s\nEND", f->body);
  } else if (f->body) {
    strbuf_adds(out, " AS ");
    sql_dollar(out, f->body);
  }
  strbuf_adds(out, ";\n");
}

static bool unchecked(const struct object *o) {
  const struct function *f = (const struct function *)o;
  return f->body && !f->atomic;
}

static void named(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, is_kind(o, KIND_FUNCTION) ? "FUNCTION " : "PROCEDURE ");
  sql_object(out, o);
  strbuf_adds(out, o->signature);
}

static void drop(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, "DROP ");
  named(o, out);
  strbuf_adds(out, ";\n");
}

/* The lines between as one, less what they are set in by. */
static void add_line(struct strbuf *out, const char *from, const char *to) {
  while (from < to) {
    const char *end = sql_find_printed(from, "\n");
    end = end < to ? end : to;
    strbuf_add(out, from, (size_t)(end - from));
    from = end + strspn(end, "\n ");
    if (from < to)
      strbuf_addc(out, ' ');
  }
}

/* As the server has them: a body of its own, or a file and its symbol, stand at the end of the clauses. */
static void print(const struct object *o, struct strbuf *out) {
  static const char atomic[] = "\nBEGIN ATOMIC", returned[] = "\nRETURN ", end[] = "END";
  const struct function *f = (const struct function *)o;
  const char *begin = f->body ? "" : sql_find_printed(f->clauses, atomic),
             *value = f->body || *begin ? "" : sql_find_printed(f->clauses, returned);
  const char *last = f->clauses + strlen(f->clauses);
  pdl_doc(out, o);
  strbuf_adds(out, is_kind(o, KIND_FUNCTION) ? "function " : "procedure ");
  pdl_name(out, o->schema, o->name);
  strbuf_addf(out, "(%s)", f->arguments);
  pdl_owner(out, o);
  strbuf_addc(out, ' ');
  add_line(out, f->clauses, *begin ? begin : *value ? value : last);
  while (last > f->clauses && last[-1] == '\n')
    last--;
  strbuf_addc(out, ' ');
  if (f->body) {
    sql_dollar(out, f->body);
  } else if (*value) {
    value += sizeof returned - 1;
    strbuf_addf(out, "return (%.*s)", (int)(last - value), value);
  } else if (*begin) {
    begin += sizeof atomic - 1;
    struct strbuf statements = STRBUF_INIT;
    strbuf_add(&statements, begin, (size_t)(last - begin) - (sizeof end - 1));
    strbuf_adds(out, "begin atomic ");
    sql_dollar(out, statements.text);
    strbuf_release(&statements);
  }
  strbuf_addc(out, '\n');
}

/* ── catalog ── */

/* Functions of a type are read as its own: makers of ranges, what reads and writes a base type. A flag for those by the
 * name of `touch`: whether they have its settings. */
#define QUERY(sql_body)                                                                                                \
  "SELECT p.oid, p.pronamespace, p.proname, p.prokind, pg_catalog.oidvectortypes(p.proargtypes),"                      \
  " pg_catalog.pg_get_function_arguments(p.oid), pg_catalog.pg_get_functiondef(p.oid), p.probin,"                      \
  " CASE WHEN NOT (" sql_body ") THEN p.prosrc END, CASE WHEN " CATALOG_TOUCH_NAME("p.proname")                         \
  " THEN NOT p.prosecdef"                    \
  " AND coalesce(p.proconfig IN (ARRAY['search_path='], ARRAY['search_path=\"\"']), false) END"                        \
  " FROM pg_catalog.pg_proc p WHERE p.oid >= 16384 AND p.prokind <> 'a' AND p.pronamespace = ANY ($1)"                 \
  " ORDER BY pg_catalog.array_position($1, p.pronamespace), p.proname, 5"

static const char *query(int version) {
  return version >= 14 ? QUERY("p.prosqlbody IS NOT NULL") : QUERY("false");
}

static const char *query_of_types(int version) {
  (void)version;
  return "SELECT e.objid FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND e.deptype = 'i'"
         " UNION ALL SELECT f.x FROM pg_catalog.pg_type t CROSS JOIN LATERAL (" CATALOG_TYPE_FUNCTIONS("t") ") f(x)"
         " WHERE f.x IS NOT NULL AND t.typtype = 'b' AND t.typnamespace = ANY ($1)"
         " AND t.typinput <> 'pg_catalog.array_in'::pg_catalog.regproc";
}

static const char of_type[] = "routine of a type";

static void read_of_type(struct catalog *c, const struct row *row) {
  catalog_note(&c->names, of_type, row_peek(row, 0), "");
}

const struct lookup type_routines_lookup = {query_of_types, read_of_type, "type r, type b", KIND_FUNCTION, false};

static void add_doubled(struct strbuf *out, const char *text) {
  strbuf_addc(out, '\'');
  for (; *text; text++) {
    if (*text == '\'')
      strbuf_addc(out, '\'');
    strbuf_addc(out, *text);
  }
  strbuf_addc(out, '\'');
}

/* Of what pg_get_functiondef prints what stands between the arguments and AS, all of it where the body is SQL's own,
 * with file and symbol where it is in C. */
static const char *clauses_live(struct arena *arena, const char *def, const char *arguments, const char *file,
                                const char *body) {
  const char *rest = sql_find_printed(def, arena_printf(arena, "(%s)\n", arguments));
  rest += *rest ? strlen(arguments) + strlen("()\n") : 0;
  rest += strspn(rest, " \n");
  if (!body)
    return arena_strdup(arena, rest);
  struct strbuf out = STRBUF_INIT;
  add_line(&out, rest, sql_find_printed(rest, "\nAS "));
  if (file) {
    strbuf_adds(&out, " AS ");
    add_doubled(&out, file);
    strbuf_adds(&out, ", ");
    add_doubled(&out, body);
  }
  const char *text = strbuf_dup(&out, arena);
  strbuf_release(&out);
  return text;
}

/* The clauses begin "RETURNS … LANGUAGE", where RETURNS is said. */
static const char *result_live(struct arena *arena, const char *clauses) {
  static const char returns[] = "RETURNS ", language[] = " LANGUAGE ";
  if (strncmp(clauses, returns, strlen(returns)) != 0)
    return NULL;
  const char *from = clauses + strlen(returns), *to = sql_find_printed(from, language);
  if (!*to)
    to = sql_find_printed(from, "\n");
  return arena_strndup(arena, from, (size_t)(to - from));
}

/* Procedures and those of `touch` too. */
static void read(struct catalog *c, const struct row *row) {
  enum { OID, SCHEMA, NAME, KIND, SIGNATURE, ARGUMENTS, DEFINITION, FILE, BODY, TOUCH };
  struct arena *arena = c->schema->arena;
  const char *oid = row_peek(row, OID), *schema_name = catalog_name(c, "pg_namespace", row_peek(row, SCHEMA));
  if (catalog_of_extension(c, "pg_proc", oid) || catalog_name(c, of_type, oid))
    return;
  const char *body = row_text(row, BODY);
  const char *clauses =
      clauses_live(arena, row_peek(row, DEFINITION), row_peek(row, ARGUMENTS), row_peek(row, FILE), body);
  const char *returns = result_live(arena, clauses);
  if (row_peek(row, TOUCH) && strcmp(schema_name, "public") == 0 && !*row_peek(row, ARGUMENTS) && returns &&
      strcmp(returns, "trigger") == 0) {
    touch_read(c, row_text(row, NAME), oid,
               row_flag(row, TOUCH) ? body : arena_printf(arena, "with other settings:%s", body ? body : ""));
    return;
  }
  struct function *f = schema_add(c->schema, *row_peek(row, KIND) == 'p' ? KIND_PROCEDURE : KIND_FUNCTION, schema_name,
                                  row_text(row, NAME), NULL);
  f->object.signature = arena_printf(arena, "(%s)", row_peek(row, SIGNATURE));
  f->arguments = row_text(row, ARGUMENTS);
  f->clauses = clauses;
  f->body = row_peek(row, FILE) ? NULL : body;
  f->returns = returns;
  catalog_keep(c, "pg_proc", oid, &f->object);
}

/* What calls it stays where only the body or clauses differ; new arguments or another result want a new function. */
static bool alter(const struct object *before, const struct object *after, uint64_t differs, struct strbuf *out) {
  enum { ARGUMENTS = 1 << 0 };
  const char *was = ((const struct function *)before)->returns, *is = ((const struct function *)after)->returns;
  if (differs & ARGUMENTS || (was && is && strcmp(was, is) != 0))
    return false;
  struct strbuf sql = STRBUF_INIT;
  create(after, &sql);
  strbuf_addf(out, "CREATE OR REPLACE %s", sql.text + strlen("CREATE "));
  strbuf_release(&sql);
  return true;
}

const struct object *function_result_type(const struct object *o) {
  const struct function *f = (const struct function *)o;
  return is_kind(o, KIND_FUNCTION) && !f->returns_table && f->result_count == 1 ? f->results[0].type.object : NULL;
}

/* Only a body of SQL's own knows what it reads. */
static bool leans(const struct object *o, const struct object *on, uint64_t fields) {
  const struct function *f = (const struct function *)o;
  if ((f->body && !f->atomic) || !is_kind(on, KIND_COLUMN) || !column_retyped(fields))
    return false;
  for (const struct depend *d = o->depends; d; d = d->next)
    if (!d->soft && (d->on == on || d->on == on->parent))
      return true;
  return false;
}

/* The text with the extension's types called by another schema. */
static const char *moved_types(struct arena *arena, const char *text, const char *from, const char *to,
                               const char *extension) {
  struct strbuf out = STRBUF_INIT;
  const size_t n = strlen(from);
  bool any = false;
  for (const char *p = text; *p;) {
    const bool begins = p == text || strchr(" (,", p[-1]);
    const size_t word = begins && strncmp(p, from, n) == 0 && p[n] == '.' ? strcspn(p + n + 1, "[](),; '\"") : 0;
    const char *of = word ? extension_of_type(arena_strndup(arena, p + n + 1, word)) : NULL;
    if (of && strcmp(of, extension) == 0) {
      strbuf_adds(&out, to);
      p += n;
      any = true;
    } else {
      strbuf_addc(&out, *p++);
    }
  }
  if (any)
    text = strbuf_dup(&out, arena);
  strbuf_release(&out);
  return text;
}

void routine_follow(struct arena *arena, struct object *o, const struct object *extension, const char *schema_name) {
  struct function *f = (struct function *)o;
  const char *in = ((const struct extension *)extension)->in;
  struct strbuf from = STRBUF_INIT, to = STRBUF_INIT;
  sql_ident(&from, in ? in : "public");
  sql_ident(&to, schema_name);
  const char **texts[] = {&f->arguments, &f->clauses, &f->returns, &f->printed_arguments, &f->printed_clauses};
  for (size_t i = 0; i < ARRAY_LEN(texts); i++)
    if (*texts[i])
      *texts[i] = moved_types(arena, *texts[i], from.text, to.text, extension->name);
  strbuf_release(&from);
  strbuf_release(&to);
}

/* What the catalogs print may only be written in another way. */
static uint64_t alike(const struct object *o, const struct object *printed, uint64_t fields) {
  enum { ARGUMENTS = 1 << 0, CLAUSES = 1 << 1 };
  const struct function *f = (const struct function *)o, *live = (const struct function *)printed;
  uint64_t same = 0;
  if (fields & ARGUMENTS && f->printed_arguments && strcmp(f->printed_arguments, live->arguments) == 0)
    same |= ARGUMENTS;
  if (fields & CLAUSES && f->printed_clauses && strcmp(f->printed_clauses, live->clauses) == 0)
    same |= CLAUSES;
  return same;
}

static const struct field fields[] = {
    FIELD(function, arguments, FIELD_SQL, "arguments"),
    FIELD(function, clauses, FIELD_SQL, "clauses"),
    FIELD(function, body, FIELD_TEXT, "body"),
    FIELD_END,
};

const struct kind function_kind = {
    .word = "function",
    .size = sizeof(struct function),
    .ns = NS_FUNCTION,
    .fields = fields,
    .nodes = {NODE_FUNCTION},
    .declare = declare,
    .link = link,
    .advise = advise_function,
    .create = create,
    .target_name = named,
    .drop = drop,
    .alter = alter,
    .leans = leans,
    .alike = alike,
    .print = print,
    .unchecked = unchecked,
    .scratch = true,
    .query = query,
    .sorts = "routine f, routine w, routine p",
    .read = read,
    .breaks = function_breaks,
};

const struct kind procedure_kind = {
    .word = "procedure",
    .size = sizeof(struct function),
    .ns = NS_FUNCTION,
    .fields = fields,
    .nodes = {NODE_PROCEDURE},
    .declare = declare,
    .link = link,
    .advise = advise_function,
    .create = create,
    .target_name = named,
    .drop = drop,
    .alter = alter,
    .leans = leans,
    .alike = alike,
    .print = print,
    .unchecked = unchecked,
    .scratch = true,
};
