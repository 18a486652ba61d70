/* CREATE of kinds that have no form but its own clauses: what they speak of, and one way of saying the same. */
#include <pg_query.h>
#include <stdlib.h>
#include <string.h>

#include "sql/private.h"

const char *sql_find_word(const char *text, const char *word) {
  const size_t len = strlen(text);
  struct sql_token token = {0};
  for (int depth = 0; sql_token_next(text, len, &token);) {
    if (depth == 0 && sql_token_is_word(text, &token, word))
      return text + token.from;
    depth += sql_token_is(text, &token, "(") - sql_token_is(text, &token, ")");
  }
  return NULL;
}

/* A backslash escapes nothing there: in E'…' the server doubles it, and a quote, too. */
const char *sql_find_printed(const char *text, const char *wanted) {
  const size_t n = strlen(wanted);
  for (char quote = '\0'; *text && (quote || strncmp(text, wanted, n) != 0); text++)
    if (quote ? *text == quote : *text == '"' || *text == '\'')
      quote = quote ? '\0' : *text;
  return text;
}

const char *sql_squeeze(struct arena *a, const char *text) {
  const size_t len = strlen(text);
  struct strbuf out = STRBUF_INIT;
  struct sql_token token = {0};
  for (uint32_t end = 0; sql_token_next(text, len, &token); end = token.to) {
    const size_t gap = token.from - end;
    if (gap > 1 && strspn(text + end, " ") >= gap)
      strbuf_adds(&out, end ? " " : "");
    else if (end || strspn(text, " \t\r\n") < gap)
      strbuf_add(&out, text + end, gap);
    strbuf_add(&out, text + token.from, token.to - token.from);
  }
  const char *squeezed = strbuf_dup(&out, a);
  strbuf_release(&out);
  return squeezed;
}

/* ── names ── */

struct collector {
  struct arena *arena;
  struct sql_definition *out;
  size_t room;
};

static void collect_name(struct collector *c, const char *schema, const char *name) {
  struct sql_definition *d = c->out;
  if (d->named_count == c->room) {
    const size_t room = c->room ? 2 * c->room : 16;
    struct sql_ref *more = arena_array(c->arena, room, sizeof *more);
    if (d->named_count)
      memcpy(more, d->named, d->named_count * sizeof *more);
    d->named = more;
    c->room = room;
  }
  d->named[d->named_count++] =
      (struct sql_ref){.schema = schema ? arena_strdup(c->arena, schema) : NULL, .name = arena_strdup(c->arena, name)};
}

/* A list of nothing but Strings is a name, wherever it stands. */
static void collect_list(struct collector *c, PgQuery__Node *const *parts, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (!sql_tree_string(parts[i]))
      return;
  if (n > 0)
    collect_name(c, n > 1 ? sql_tree_string(parts[n - 2]) : NULL, sql_tree_string(parts[n - 1]));
}

static void collect(void *ctx, const ProtobufCFieldDescriptor *field, const ProtobufCMessage *m) {
  static const char *const names[] = {"fdwname", "servername", "lang", "amname"};
  (void)field;
  if (m->descriptor == &pg_query__column_ref__descriptor)
    return;
  for (unsigned i = 0; i < m->descriptor->n_fields; i++) {
    const ProtobufCFieldDescriptor *f = &m->descriptor->fields[i];
    const char *at = (const char *)m + f->offset;
    if (f->label == PROTOBUF_C_LABEL_REPEATED && f->type == PROTOBUF_C_TYPE_MESSAGE)
      collect_list(ctx, *(PgQuery__Node *const *const *)(const void *)at,
                   *(const size_t *)(const void *)((const char *)m + f->quantifier_offset));
    for (size_t k = 0; k < ARRAY_LEN(names) && f->type == PROTOBUF_C_TYPE_STRING; k++)
      if (strcmp(f->name, names[k]) == 0)
        collect_name(ctx, NULL, *(char *const *)(const void *)at);
  }
  sql_tree_children(m, collect, ctx);
}

static struct sql_type_name type_name(struct arena *a, const PgQuery__TypeName *t) {
  if (!t || t->n_names == 0)
    return (struct sql_type_name){0};
  const char *schema = t->n_names > 1 ? sql_tree_string(t->names[t->n_names - 2]) : NULL;
  return (struct sql_type_name){
      .schema = schema ? arena_strdup(a, schema) : NULL,
      .name = arena_strdup(a, sql_tree_string(t->names[t->n_names - 1])),
      .array = t->n_array_bounds > 0,
  };
}

static void add_type(struct arena *a, struct sql_definition *d, const PgQuery__TypeName *t) {
  d->types[d->type_count++] = type_name(a, t);
}

/* ── one statement ── */

static int by_name(const void *a, const void *b) {
  const PgQuery__Node *const *x = a, *const *y = b;
  return strcmp((*x)->def_elem->defname, (*y)->def_elem->defname);
}

static void sort_settings(PgQuery__Node **list, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (list[i]->node_case != PG_QUERY__NODE__NODE_DEF_ELEM)
      return;
  if (n)
    qsort(list, n, sizeof *list, by_name);
}

/* OPTIONS are compared one by one: they leave the statement. */
static void take_options(struct arena *a, struct sql_definition *d, PgQuery__Node **list, size_t *n) {
  d->options = arena_array(a, *n, sizeof *d->options);
  for (size_t i = 0; i < *n; i++) {
    const PgQuery__DefElem *e = list[i]->def_elem;
    const char *value = e->arg ? sql_tree_string(e->arg) : NULL;
    d->options[d->option_count++] =
        (struct sql_option){arena_strdup(a, e->defname), arena_strdup(a, value ? value : "")};
  }
  *n = 0;
}

/* Takes the table's name for x; where it stands in the text, which starts at `shift` of what was parsed. */
static void take_table(struct arena *a, struct sql_definition *d, PgQuery__RangeVar *v, const char *text,
                       size_t shift) {
  static char x[] = "x", none[] = "";
  d->schema = *v->schemaname ? arena_strdup(a, v->schemaname) : NULL;
  d->of = arena_strdup(a, v->relname);
  v->schemaname = none;
  v->relname = x;
  if (v->location < 0 || (size_t)v->location < shift || (size_t)v->location - shift >= strlen(text))
    return;
  struct sql_token token = {.to = (uint32_t)((size_t)v->location - shift)};
  d->of_from = token.to;
  for (int parts = d->schema ? 3 : 1; parts > 0 && sql_token_next(text, strlen(text), &token); parts--)
    d->of_to = token.to;
}

static void read_define(struct arena *a, struct sql_definition *d, PgQuery__DefineStmt *s) {
  if (s->kind == PG_QUERY__OBJECT_TYPE__OBJECT_AGGREGATE && s->n_args) {
    const PgQuery__Node *list = s->args[0]; /* and how many of them are direct */
    const size_t n = list->node_case == PG_QUERY__NODE__NODE_LIST ? list->list->n_items : 0;
    d->types = arena_array(a, n, sizeof *d->types);
    for (size_t i = 0; i < n; i++)
      add_type(a, d, list->list->items[i]->function_parameter->arg_type);
  } else if (s->kind == PG_QUERY__OBJECT_TYPE__OBJECT_OPERATOR) {
    static const char *const sides[] = {"leftarg", "rightarg"};
    static char function[] = "function";
    for (size_t i = 0; i < s->n_definition; i++)
      if (strcmp(s->definition[i]->def_elem->defname, "procedure") == 0) /* its older name */
        s->definition[i]->def_elem->defname = function;
    d->types = arena_array(a, ARRAY_LEN(sides), sizeof *d->types);
    for (size_t k = 0; k < ARRAY_LEN(sides); k++) {
      const PgQuery__TypeName *t = NULL;
      for (size_t i = 0; i < s->n_definition; i++) {
        const PgQuery__DefElem *e = s->definition[i]->def_elem;
        if (strcmp(e->defname, sides[k]) == 0 && e->arg && e->arg->node_case == PG_QUERY__NODE__NODE_TYPE_NAME)
          t = e->arg->type_name;
      }
      add_type(a, d, t);
    }
  }
  sort_settings(s->definition, s->n_definition);
}

static int by_number(const void *a, const void *b) {
  const PgQuery__CreateOpClassItem *x = (*(const PgQuery__Node *const *)a)->create_op_class_item;
  const PgQuery__CreateOpClassItem *y = (*(const PgQuery__Node *const *)b)->create_op_class_item;
  return x->itemtype != y->itemtype ? x->itemtype - y->itemtype : x->number - y->number;
}

/* What the items leave open: operators are of the class's type, and support functions for it, those of btree for what
 * they take. */
static void read_class(struct arena *a, PgQuery__CreateOpClassStmt *s) {
  enum { OPERATOR = 1, FUNCTION = 2 };
  PgQuery__Node *type = arena_alloc(a, sizeof *type);
  pg_query__node__init(type);
  type->node_case = PG_QUERY__NODE__NODE_TYPE_NAME;
  type->type_name = s->datatype;
  PgQuery__Node **both = arena_array(a, 2, sizeof *both);
  both[0] = both[1] = type;
  for (size_t i = 0; i < s->n_items; i++) {
    PgQuery__CreateOpClassItem *item = s->items[i]->create_op_class_item;
    if (item->itemtype == OPERATOR && item->name->n_objargs == 0) {
      item->name->objargs = both;
      item->name->n_objargs = 2;
    } else if (item->itemtype == FUNCTION && item->n_class_args == 0) {
      const bool own = strcmp(s->amname, "btree") == 0 && item->name->n_objargs == 2;
      item->class_args = own ? item->name->objargs : both;
      item->n_class_args = 2;
    }
  }
  qsort(s->items, s->n_items, sizeof *s->items, by_number);
}

static void read_range(struct arena *a, struct sql_definition *d, PgQuery__CreateRangeStmt *s) {
  for (size_t i = 0; i < s->n_params; i++) {
    const PgQuery__DefElem *e = s->params[i]->def_elem;
    if (strcmp(e->defname, "multirange_type_name") == 0 && e->arg &&
        e->arg->node_case == PG_QUERY__NODE__NODE_TYPE_NAME)
      d->multirange = type_name(a, e->arg->type_name).name;
  }
  sort_settings(s->params, s->n_params);
}

static bool is_column(const PgQuery__Node *n) {
  return n->node_case == PG_QUERY__NODE__NODE_STATS_ELEM && *n->stats_elem->name;
}

static int by_column(const void *a, const void *b) {
  PgQuery__Node *const *x = a, *const *y = b;
  return strcmp((*x)->stats_elem->name, (*y)->stats_elem->name);
}

static int by_text(const void *a, const void *b) {
  return strcmp(sql_tree_string(*(PgQuery__Node *const *)a), sql_tree_string(*(PgQuery__Node *const *)b));
}

/* Postgres keeps columns by their place in the table, before expressions, and the kinds in an order of its own. */
static void sort_statistics(struct arena *a, PgQuery__CreateStatsStmt *s) {
  PgQuery__Node **sorted = arena_array(a, s->n_exprs, sizeof *sorted);
  size_t n = 0;
  for (int columns = 1; columns >= 0; columns--) {
    for (size_t i = 0; i < s->n_exprs; i++)
      if (is_column(s->exprs[i]) == (columns == 1))
        sorted[n++] = s->exprs[i];
    if (columns)
      qsort(sorted, n, sizeof *sorted, by_column);
  }
  memcpy(s->exprs, sorted, n * sizeof *sorted);
  for (size_t i = 0; i < s->n_stat_types; i++)
    if (!sql_tree_string(s->stat_types[i]))
      return;
  if (s->n_stat_types)
    qsort(s->stat_types, s->n_stat_types, sizeof *s->stat_types, by_text);
}

static void read_user(struct arena *a, struct sql_definition *d, const PgQuery__RoleSpec *r) {
  struct strbuf user = STRBUF_INIT;
  if (r->roletype == PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_CSTRING)
    sql_ident(&user, r->rolename);
  else if (r->roletype == PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_PUBLIC)
    strbuf_adds(&user, "PUBLIC");
  d->user = strbuf_dup(&user, a);
  strbuf_release(&user);
}

/* The server keeps tags in capitals. */
static void raise_tags(PgQuery__CreateEventTrigStmt *s) {
  for (size_t i = 0; i < s->n_whenclause; i++) {
    const PgQuery__Node *list = s->whenclause[i]->def_elem->arg;
    for (size_t k = 0; list && list->node_case == PG_QUERY__NODE__NODE_LIST && k < list->list->n_items; k++)
      for (char *p = list->list->items[k]->string->sval; *p; p++)
        if (*p >= 'a' && *p <= 'z')
          *p = (char)(*p - ('a' - 'A'));
  }
}

static void read_statement(struct arena *a, struct sql_definition *d, PgQuery__Node *n, const char *text,
                           size_t shift) {
  switch (n->node_case) {
  case PG_QUERY__NODE__NODE_DEFINE_STMT: read_define(a, d, n->define_stmt); break;
  case PG_QUERY__NODE__NODE_CREATE_RANGE_STMT: read_range(a, d, n->create_range_stmt); break;
  case PG_QUERY__NODE__NODE_RULE_STMT: take_table(a, d, n->rule_stmt->relation, text, shift); break;
  case PG_QUERY__NODE__NODE_CREATE_STATS_STMT:
    sort_statistics(a, n->create_stats_stmt);
    for (size_t i = 0; i < n->create_stats_stmt->n_exprs; i++)
      d->computes |= !is_column(n->create_stats_stmt->exprs[i]);
    if (n->create_stats_stmt->n_relations == 1 &&
        n->create_stats_stmt->relations[0]->node_case == PG_QUERY__NODE__NODE_RANGE_VAR)
      take_table(a, d, n->create_stats_stmt->relations[0]->range_var, text, shift);
    break;
  case PG_QUERY__NODE__NODE_CREATE_EVENT_TRIG_STMT: raise_tags(n->create_event_trig_stmt); break;
  case PG_QUERY__NODE__NODE_CREATE_FDW_STMT:
    take_options(a, d, n->create_fdw_stmt->options, &n->create_fdw_stmt->n_options);
    break;
  case PG_QUERY__NODE__NODE_CREATE_FOREIGN_SERVER_STMT:
    take_options(a, d, n->create_foreign_server_stmt->options, &n->create_foreign_server_stmt->n_options);
    break;
  case PG_QUERY__NODE__NODE_CREATE_USER_MAPPING_STMT:
    read_user(a, d, n->create_user_mapping_stmt->user);
    d->of = arena_strdup(a, n->create_user_mapping_stmt->servername);
    take_options(a, d, n->create_user_mapping_stmt->options, &n->create_user_mapping_stmt->n_options);
    break;
  case PG_QUERY__NODE__NODE_CREATE_CAST_STMT:
    d->types = arena_array(a, 2, sizeof *d->types);
    add_type(a, d, n->create_cast_stmt->sourcetype);
    add_type(a, d, n->create_cast_stmt->targettype);
    break;
  case PG_QUERY__NODE__NODE_CREATE_TRANSFORM_STMT:
    d->types = arena_array(a, 1, sizeof *d->types);
    add_type(a, d, n->create_transform_stmt->type_name);
    d->of = arena_strdup(a, n->create_transform_stmt->lang);
    break;
  case PG_QUERY__NODE__NODE_CREATE_OP_CLASS_STMT:
    d->of = arena_strdup(a, n->create_op_class_stmt->amname);
    read_class(a, n->create_op_class_stmt);
    break;
  case PG_QUERY__NODE__NODE_CREATE_OP_FAMILY_STMT: d->of = arena_strdup(a, n->create_op_family_stmt->amname); break;
  default: break;
  }
}

/* Names without pg_catalog and public: one may be written with or without them, and what the server prints has them by
 * rules of its own. */
static void shorten_names(void *ctx, const ProtobufCFieldDescriptor *field, const ProtobufCMessage *m) {
  (void)field;
  for (unsigned i = 0; i < m->descriptor->n_fields; i++) {
    const ProtobufCFieldDescriptor *f = &m->descriptor->fields[i];
    if (f->label != PROTOBUF_C_LABEL_REPEATED || f->type != PROTOBUF_C_TYPE_MESSAGE)
      continue;
    char *base = (char *)(uintptr_t)m;
    PgQuery__Node ***list = (PgQuery__Node ***)(void *)(base + f->offset);
    size_t *n = (size_t *)(void *)(base + f->quantifier_offset);
    const char *first = *n == 2 ? sql_tree_string((*list)[0]) : NULL;
    if (first && sql_tree_string((*list)[1]) && (strcmp(first, "pg_catalog") == 0 || strcmp(first, "public") == 0) &&
        m->descriptor != &pg_query__column_ref__descriptor) {
      ++*list;
      --*n;
    }
  }
  sql_tree_children(m, shorten_names, ctx);
}

/* The tree as SQL again, without the words that were put before it. */
static const char *print_tree(struct arena *a, const PgQuery__ParseResult *tree, const char *before) {
  const size_t room = pg_query__parse_result__get_packed_size(tree), skip = strlen(before);
  PgQueryProtobuf packed = {.data = arena_alloc(a, room + 1)};
  packed.len = pg_query__parse_result__pack(tree, (uint8_t *)packed.data);
  PgQueryDeparseResult printed = pg_query_deparse_protobuf(packed);
  const char *text = NULL;
  size_t n = printed.error ? 0 : strlen(printed.query);
  if (n + 1 == skip && strncmp(printed.query, before, n) == 0) { /* nothing is left, not even the blank */
    text = "";
  } else if (n >= skip && strncmp(printed.query, before, skip) == 0) {
    while (n > skip && printed.query[n - 1] == ' ')
      n--;
    text = arena_strndup(a, printed.query + skip, n - skip);
  }
  pg_query_free_deparse_result(printed);
  return text;
}

/* ── the whole ── */

struct part {
  uint32_t from, to;
  const char *canonical;
};

/* Where each statement's clauses stand: the first one's, then each ADD. */
static size_t split(struct arena *a, const char *text, bool adds, struct part **out) {
  size_t count = 1;
  for (const char *at = text; adds && (at = sql_find_word(at, "add")) != NULL; at++)
    count++;
  struct part *parts = arena_array(a, count, sizeof *parts);
  const char *from = text;
  for (size_t i = 0; i < count; i++) {
    const char *next = i + 1 < count ? sql_find_word(i ? from + 1 : from, "add") : text + strlen(text);
    parts[i] = (struct part){.from = (uint32_t)(from - text), .to = (uint32_t)(next - text)};
    from = next;
  }
  *out = parts;
  return count;
}

static bool read_part(struct arena *a, const char *before, const char *text, struct part *part, struct sql_refs *refs,
                      struct collector *names, struct sql_error *err) {
  struct arena tree_arena = ARENA_INIT;
  const char *own = arena_strndup(a, text + part->from, part->to - part->from);
  PgQuery__ParseResult *tree = (PgQuery__ParseResult *)(uintptr_t)sql_tree_parse(a, &tree_arena, before, own, "", err);
  if (tree && tree->n_stmts != 1) {
    *err = (struct sql_error){SQL_WRONG_KIND, "not exactly one statement",
                              tree->n_stmts > 1 ? (uint32_t)tree->stmts[1]->stmt_location : 0};
    err->at = err->at > strlen(before) ? err->at - (uint32_t)strlen(before) : 0;
    tree = NULL;
  }
  if (tree) {
    struct sql_refs these = {.arena = a, .text = own, .to = (uint32_t)strlen(own), .shift = (uint32_t)strlen(before)};
    sql_refs_walk(&these, &tree->stmts[0]->stmt->base);
    for (size_t i = 0; i < these.count; i++) {
      these.list[i].at += part->from;
      sql_refs_take(refs, &these.list[i]);
    }
    free(these.list);
    collect(names, NULL, &tree->stmts[0]->stmt->base);
    if (part->from == 0)
      read_statement(a, names->out, tree->stmts[0]->stmt, own, strlen(before));
    shorten_names(NULL, NULL, &tree->stmts[0]->stmt->base);
    part->canonical = print_tree(a, tree, before);
  } else {
    err->at += part->from;
  }
  arena_release(&tree_arena);
  return tree != NULL;
}

static int by_canonical(const void *a, const void *b) {
  return strcmp(((const struct part *)a)->canonical, ((const struct part *)b)->canonical);
}

bool sql_parse_definition(struct arena *a, const char *create, const char *alter, const char *text,
                          struct sql_definition *out, struct sql_error *err) {
  *out = (struct sql_definition){.statement = {.text = text}};
  struct sql_refs refs = {.arena = a, .text = text, .to = (uint32_t)strlen(text)};
  struct collector names = {.arena = a, .out = out};
  struct part *parts;
  const size_t count = split(a, text, alter != NULL, &parts);
  bool ok = true, printed = true;
  for (size_t i = 0; i < count && ok; i++) {
    ok = read_part(a, i ? alter : create, text, &parts[i], &refs, &names, err);
    printed = printed && ok && parts[i].canonical;
  }
  out->statement.refs = sql_refs_finish(&refs, &out->statement.ref_count);
  if (!ok || !printed)
    return ok;
  if (count > 2)
    qsort(parts + 1, count - 1, sizeof *parts, by_canonical);
  struct strbuf canonical = STRBUF_INIT;
  for (size_t i = 0; i < count; i++)
    strbuf_addf(&canonical, "%s%s", i ? " " : "", parts[i].canonical);
  out->canonical = strbuf_dup(&canonical, a);
  strbuf_release(&canonical);
  return true;
}
