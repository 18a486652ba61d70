/* What differs between two models, object by object, and saying so. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "diff/diff.h"
#include "diff/match.h"
#include "diff/reading.h"
#include "objects/objects.h"
#include "sql/sql.h"

struct builder {
  struct arena *arena;
  struct changes changes;
  size_t room;
};

static void add(struct builder *b, struct change change) {
  b->changes.v = arena_grow(b->arena, b->changes.v, b->changes.count, &b->room, sizeof *b->changes.v);
  b->changes.v[b->changes.count++] = change;
}

/* Of an external table its triggers and policies may be ours. */
static bool left_out(const struct object *o) {
  const bool commented = o->comment || (o->match && o->match->comment);
  return o->external || is_kind(o, KIND_SQL) || (o->implied && is_kind(o, KIND_SCHEMA) && !commented);
}

static bool same_comment(const struct object *a, const struct object *b) {
  /* an extension brings one of its own */
  if (!a->kind->target_name || b->inherited || (is_kind(b, KIND_EXTENSION) && !b->comment))
    return true;
  return a->comment == b->comment || (a->comment && b->comment && strcmp(a->comment, b->comment) == 0);
}

/* Whether its table is, and stays, under a table that it has it from. */
static bool descends(const struct object *o) {
  const struct object *table = o->parent;
  return table && table->match && table->kind->descends && table->kind->descends(table, table->match, o);
}

/* Bits of the fields that differ. What a line leaves open is no difference, nor what an heir has no say in. */
/* written: the older model says what was said before; a name that it gave a sequence then is not left open. */
static uint64_t differing(struct arena *arena, struct sql_trees *trees, const struct schema *schema,
                          const struct object *before, const struct object *after, bool written) {
  uint64_t bits = object_differs(before, after);
  if (bits && after->kind->alike)
    bits &= ~after->kind->alike(after, before, bits);
  if (bits)
    bits &= ~fields_alike(arena, trees, schema, before, after, bits);
  for (size_t i = 0; after->kind->fields[i].label; i++) {
    const char *const *wanted = (const void *)((const char *)after + after->kind->fields[i].offset);
    if (after->kind->open >> i & 1 && !*wanted && !(written && is_kind(after, KIND_COLUMN)))
      bits &= ~(UINT64_C(1) << i);
  }
  return before->above && after->above && descends(after) ? bits & after->kind->overrides : bits;
}

/* What a table keeps that leaves the one above: of models that do not tell what a partition has from there. */
static bool kept_from_above(const struct object *o) {
  const struct object *before = o->parent ? o->parent->match : NULL;
  const struct object *above =
      before && before->kind->stands_under && !descends(o) ? before->kind->stands_under(before) : NULL;
  for (const struct object *from = above ? above->first_child : NULL; from; from = from->next)
    if (from->kind == o->kind && !is_kind(o, KIND_COLUMN) && from->kind->ns != NS_TRIGGER && !object_differs(from, o))
      return true;
  return false;
}

/* What goes with that of a table above. A column that was also said here stays when that goes. */
static bool goes_along(const struct object *o) {
  if (!descends(o))
    return false;
  if (o->above && !o->above->match)
    return !((const struct column *)o)->local && !((const struct column *)o->above)->kept_below;
  return o->inherited;
}

/* What goes above would take along what an heir keeps as its own. */
static void keep_below(const struct schema *before) {
  for EACH_OBJECT(before, o)
    for (struct object *above = o->match && descends(o) ? o->above : NULL;
         above && !above->match && above->parent->match; above = above->above)
      ((struct column *)above)->kept_below = true;
}

/* Whether that by which a partition has it goes, as such or with what is further above. */
static bool loses_origin(const struct object *o) {
  const struct object *table = o->parent, *above = table->kind->stands_under ? table->kind->stands_under(table) : NULL;
  bool goes = false;
  for (const struct object *from = above ? above->first_child : NULL; from; from = from->next) {
    if (from->kind != o->kind || object_differs(from, o))
      continue;
    if (from->match || (from->inherited && !loses_origin(from)))
      return false;
    goes = true;
  }
  return goes;
}

/* What the newer model has of that name is the table's own. */
static bool is_another(const struct object *was, const struct object *o) {
  if (o->inherited || is_kind(o, KIND_COLUMN) || !descends(was))
    return false;
  return was->inherited ? loses_origin(was) : inherit_loses_whole(was);
}

/* On a table that is not ours, which `after` may not know: what a schema declared, all policies where it declares one,
 * and a trigger whose function goes. */
static bool is_ours_there(const struct object *o, const struct object *table) {
  bool any = o->span.src != NULL;
  for (const struct object *child = table ? table->first_child : NULL; child; child = child->next)
    any |= is_kind(o, KIND_POLICY) && is_kind(child, KIND_POLICY);
  for (const struct depend *d = is_kind(o, KIND_TRIGGER) ? o->depends : NULL; d; d = d->next)
    any |= is_kind(d->on, KIND_FUNCTION) && !d->on->match && !d->on->external;
  return any;
}

/* What the schema may leave open is as it was; a model that was written has of it what it said. */
static bool is_open(const struct object *o, const struct schema *before, const struct schema *after) {
  return o->kind->optional &&
         ((!before->written && !(after->whole && !o->parent)) || (o->kind->given && o->kind->given(o)));
}

/* Whether it is left alone though `after` does not name it: others may use it. It goes with a schema that was ours. */
static bool is_left_there(const struct object *o, const struct schema *after) {
  bool goes = after->whole;
  for (const struct depend *d = o->depends; d; d = d->next)
    goes |= is_kind(d->on, KIND_SCHEMA) && !d->on->match && !d->on->external && !d->on->implied;
  return is_kind(o, KIND_EXTENSION) && !goes;
}

static bool columns_differ(const struct object *table) {
  for EACH_CHILD(table, o)
    if (is_kind(o, KIND_COLUMN) && (!o->match || o->match->former))
      return true;
  for (const struct object *o = table->match ? table->match->first_child : NULL; o; o = o->next)
    if (is_kind(o, KIND_COLUMN) && !o->match)
      return true;
  return false;
}

/* The field that is a query of all columns of something, if there is one. */
static uint64_t star_of(const struct object *o) {
  for (size_t i = 0; o->kind->reads == READS_QUERY && o->kind->fields[i].label; i++)
    if (o->kind->fields[i].type == FIELD_EXPR &&
        ((const struct expr *)((const char *)o + o->kind->fields[i].offset))->star)
      return UINT64_C(1) << i;
  return 0;
}

/* Whether these columns differ: of two models that were written, whose texts are the same. A live one names what it
 * has. */
static bool reads_others(struct object *o) {
  enum { UNASKED, READS_THE_SAME, READS_OTHERS };
  if (o->mark == UNASKED && star_of(o)) {
    o->mark = READS_THE_SAME;
    for (const struct depend *d = o->depends; d && o->mark == READS_THE_SAME; d = d->next) {
      struct object *on = is_kind(d->on, KIND_COLUMN) ? d->on->parent : d->on;
      const struct object *rows = function_result_type(on);
      if (on->match && (columns_differ(rows && rows->match ? rows : on) || reads_others(on)))
        o->mark = READS_OTHERS;
    }
  }
  return o->mark == READS_OTHERS;
}

/* What its parent takes along, or is not ours to take away. */
static bool goes_or_stays_there(const struct object *o) {
  const struct object *parent = o->parent, *outer = parent ? parent->match : NULL;
  if (parent && (outer ? outer : parent)->external)
    return !is_ours_there(o, outer);
  return parent && !outer;
}

struct changes changes_between(struct arena *arena, struct schema *before, struct schema *after) {
  struct builder b = {.arena = arena, .changes = {.before = before}};
  struct sql_trees trees;
  sql_trees_init(&trees);
  match_models(arena, before, after);
  keep_below(before);
  for EACH_OBJECT(after, o)
    o->mark = 0;
  for EACH_OBJECT(after, o) {
    if (left_out(o))
      continue;
    struct object *was = o->match;
    if (was && is_another(was, o))
      was = was->match = o->match = NULL;
    if (was) {
      if (o->inherited && was->inherited && descends(o))
        continue;
      const struct former *former = was->former;
      const struct change change = {
          .verb = CHANGE_ALTER,
          .before = was,
          .after = o,
          .fields = differing(arena, &trees, after, was, o, before->written) |
                    (before->written && reads_others(o) ? star_of(o) : 0),
          .comment = !same_comment(was, o),
          .old_schema = former ? former->schema : NULL,
          .old_name = former ? former->name : NULL,
      };
      if (change.fields || change.comment || former)
        add(&b, change);
    } else if (o->kind->given && (!o->parent || o->parent->match) && o->kind->given(o)) {
      continue;
    } else if (!(o->inherited && descends(o)) && !kept_from_above(o) &&
               (!o->parent || o->parent->external || o->parent->match)) {
      add(&b, (struct change){.verb = CHANGE_ADD, .after = o});
    }
  }
  for EACH_OBJECT(before, o) {
    if (o->match || left_out(o) || is_open(o, before, after) || goes_along(o) ||
        (o->kind->absorbed && o->kind->absorbed(o, after)) || schema_makes(after, o) || is_left_there(o, after) ||
        goes_or_stays_there(o))
      continue;
    add(&b, (struct change){.verb = CHANGE_REMOVE, .before = o});
  }
  sql_trees_release(&trees);
  return b.changes;
}

/* Only these read otherwise than they were written; the others say themselves what they are, and more than a temporary
 * twin can show: it is never unlogged. */
static uint64_t printed_fields(const struct kind *kind) {
  uint64_t bits = 0;
  for (size_t i = 0; kind->fields[i].label; i++) {
    const enum field_type type = kind->fields[i].type;
    if (type == FIELD_TEXT || type == FIELD_SQL || type == FIELD_TYPE || type == FIELD_EXPR || type == FIELD_KEYS ||
        type == FIELD_SETTINGS || type == FIELD_NAME_SET)
      bits |= UINT64_C(1) << i;
  }
  return bits & ~kind->not_in_twin;
}

void changes_settle(struct changes *changes, struct schema *second) {
  schema_identify(second);
  size_t kept = 0;
  for (size_t i = 0; i < changes->count; i++) {
    struct change c = changes->v[i];
    const struct object *o = c.verb == CHANGE_ALTER ? schema_same(second, c.after) : NULL;
    if (o) {
      if (o->kind->learn)
        o->kind->learn((struct object *)(uintptr_t)c.after, o);
      c.fields &= object_differs(c.before, o) | ~printed_fields(o->kind);
      if (!c.fields && !c.comment && !c.old_name)
        continue;
    }
    changes->v[kept++] = c;
  }
  changes->count = kept;
}

static const char *const signs[] = {[CHANGE_ADD] = "+", [CHANGE_REMOVE] = "-", [CHANGE_ALTER] = "~"};
static const char *const colours[] = {
    [CHANGE_ADD] = "\033[32m", [CHANGE_REMOVE] = "\033[31m", [CHANGE_ALTER] = "\033[33m"};

/* Names and values come from outside: no control character of theirs reaches a terminal. */
static void plain(struct strbuf *out, const char *text) {
  for (; *text; text++)
    strbuf_addc(out, (unsigned char)*text < ' ' || *text == 0x7f ? ' ' : *text);
}

static const char *broken_by(const struct change *c) {
  const struct object *o = c->after ? c->after : c->before;
  return o->kind->breaks ? o->kind->breaks(c->before, c->after, c->fields, c->old_name != NULL) : NULL;
}

static void print_change(const struct change *c, struct arena *arena, struct strbuf *out, bool colour) {
  struct strbuf value = STRBUF_INIT;
  const struct object *o = c->after ? c->after : c->before;
  if (colour)
    strbuf_adds(out, colours[c->verb]);
  strbuf_addf(out, "%s ", signs[c->verb]);
  plain(out, object_title(arena, o));
  const char *separator = ": ";
  if (c->old_name) {
    const bool moved = c->old_schema && strcmp(c->old_schema, o->schema) != 0;
    strbuf_addf(out, "%swas ", separator);
    plain(out, arena_printf(arena, "%s%s%s", moved ? c->old_schema : "", moved ? "." : "", c->old_name));
    separator = "; ";
  }
  for (size_t f = 0; c->verb == CHANGE_ALTER && o->kind->fields[f].label; f++) {
    if (!(c->fields >> f & 1))
      continue;
    const struct field *field = &o->kind->fields[f];
    strbuf_addf(out, "%s%s ", separator, field->label);
    strbuf_clear(&value);
    field_show(field, c->before, &value);
    const size_t before = value.len;
    strbuf_adds(&value, " -> ");
    const size_t after = value.len;
    field_show(field, c->after, &value);
    if (value.len - after == before && memcmp(value.text, value.text + after, before) == 0) {
      strbuf_truncate(&value, before);
      strbuf_adds(&value, " reads other columns");
    }
    plain(out, value.text);
    separator = "; ";
  }
  if (c->comment)
    strbuf_addf(out, "%scomment", separator);
  const char *breaks = broken_by(c);
  if (breaks)
    strbuf_addf(out, " (breaks clients: %s)", breaks);
  if (colour)
    strbuf_adds(out, "\033[0m");
  strbuf_addc(out, '\n');
  for (size_t i = 0; i < c->hazards.n; i++) {
    strbuf_adds(out, "    hazard ");
    plain(out, c->hazards.v[i]);
    strbuf_addc(out, '\n');
  }
  strbuf_release(&value);
}

void changes_print(const struct changes *changes, struct arena *arena, struct strbuf *out, bool colour) {
  for (size_t i = 0; i < changes->count; i++)
    print_change(&changes->v[i], arena, out, colour);
}

void changes_print_breaks(const struct changes *changes, struct arena *arena, struct strbuf *out, bool colour) {
  for (size_t i = 0; i < changes->count; i++)
    if (broken_by(&changes->v[i]))
      print_change(&changes->v[i], arena, out, colour);
}

static json_t *shown(const struct field *field, const struct object *o) {
  struct strbuf value = STRBUF_INIT;
  field_show(field, o, &value);
  json_t *text = json_string(value.text);
  strbuf_release(&value);
  return text ? text : json_null();
}

void changes_json(const struct changes *changes, struct arena *arena, struct strbuf *out) {
  (void)arena;
  static const char *const verbs[] = {[CHANGE_ADD] = "add", [CHANGE_REMOVE] = "remove", [CHANGE_ALTER] = "alter"};
  json_t *all = json_array();
  for (size_t i = 0; i < changes->count; i++) {
    const struct change *c = &changes->v[i];
    const struct object *o = c->after ? c->after : c->before;
    json_t *one = json_object(), *fields = json_array();
    json_object_set_new(one, "change", json_string(verbs[c->verb]));
    json_object_set_new(one, "kind", json_string(o->kind->word));
    json_object_set_new(one, "schema", o->schema ? json_string(o->schema) : json_null());
    json_object_set_new(one, "table", o->parent ? json_string(o->parent->name) : json_null());
    json_object_set_new(one, "name", json_string(o->name));
    if (c->old_name)
      json_object_set_new(one, "was", json_string(c->old_name));
    for (size_t f = 0; o->kind->fields[f].label; f++) {
      if (!(c->fields >> f & 1))
        continue;
      json_t *field = json_object();
      json_object_set_new(field, "field", json_string(o->kind->fields[f].label));
      json_object_set_new(field, "before", shown(&o->kind->fields[f], c->before));
      json_object_set_new(field, "after", shown(&o->kind->fields[f], c->after));
      json_array_append_new(fields, field);
    }
    if (c->comment) {
      json_t *field = json_object();
      json_object_set_new(field, "field", json_string("comment"));
      json_object_set_new(field, "before", c->before->comment ? json_string(c->before->comment) : json_null());
      json_object_set_new(field, "after", c->after->comment ? json_string(c->after->comment) : json_null());
      json_array_append_new(fields, field);
    }
    json_object_set_new(one, "fields", fields);
    const char *breaks = broken_by(c);
    json_object_set_new(one, "breaks", breaks ? json_string(breaks) : json_null());
    json_t *hazards = json_array();
    for (size_t k = 0; k < c->hazards.n; k++)
      json_array_append_new(hazards, json_string(c->hazards.v[k]));
    json_object_set_new(one, "hazards", hazards);
    json_array_append_new(all, one);
  }
  char *text = json_dumps(all, JSON_INDENT(2));
  strbuf_adds(out, text ? text : "[]");
  strbuf_addc(out, '\n');
  free(text);
  json_decref(all);
}
