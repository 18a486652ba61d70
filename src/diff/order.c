/* The order of creation: strongly connected components (Tarjan) over what objects need, dependencies first. */
#include <stdlib.h>
#include <string.h>

#include "diff/diff.h"

struct edge {
  unsigned to;
  bool hard; /* must come first; a soft one only lets a constraint fold into its table */
  struct edge *next;
};
struct node_of {
  struct object *object;
  struct edge *edges, *last;
  struct edge *at;         /* the next edge to follow */
  unsigned index, low;     /* of the search; 0: not seen */
  unsigned component;
  bool on_stack;
};
struct graph {
  struct arena *arena;
  struct node_of *nodes;   /* from 1 */
  unsigned count;
};

/* What is created by a statement of its own: not columns, which come with their table or type. */
static struct object *maker(struct object *o) {
  return is_kind(o, KIND_COLUMN) ? o->parent : o;
}

static void edge(struct graph *g, unsigned from, struct object *on, bool hard) {
  on = maker(on);
  for (const struct depend *d = on->external ? on->depends : NULL; d; d = d->next)
    edge(g, from, d->on, hard && !d->soft);
  if (!on->mark || on->mark == from)
    return;
  struct node_of *n = &g->nodes[from];
  struct edge *e = arena_alloc(g->arena, sizeof *e);
  *e = (struct edge){.to = on->mark, .hard = hard};
  if (n->last)
    n->last->next = e;
  else
    n->edges = e;
  n->last = e;
}

static void edges_of(struct graph *g, unsigned from, const struct object *o, bool hard) {
  for (const struct depend *d = o->depends; d; d = d->next)
    edge(g, from, d->on, hard && !d->soft);
}

static bool ours(const struct object *o) {
  return !o->external && !(o->implied && is_kind(o, KIND_SCHEMA) && !o->comment);
}

static void build(struct graph *g, struct schema *s) {
  for EACH_OBJECT(s, o) {
    o->mark = o->position = 0;
    o->folded = false;
    if (ours(o) && !is_kind(o, KIND_COLUMN))
      o->mark = ++g->count;
  }
  g->nodes = arena_array(g->arena, (size_t)g->count + 1, sizeof *g->nodes);
  for EACH_OBJECT(s, o) {
    if (!o->mark)
      continue;
    g->nodes[o->mark].object = o;
    edges_of(g, o->mark, o, true);
    if (o->parent)
      edge(g, o->mark, o->parent, true);
    for EACH_CHILD(o, child)
      if (is_kind(child, KIND_COLUMN))
        edges_of(g, o->mark, child, true);
      else if (child->kind->fold)
        edges_of(g, o->mark, child, false);
  }
}

struct search {
  struct graph *g;
  unsigned *stack, *path;
  unsigned stacked, depth, index, components;
  struct object **out;
  unsigned placed;
  struct diagnostics *diagnostics;
};

/* Within a component soft edges give way; a hard cycle cannot be ordered. */
static void place(struct search *s, unsigned at, unsigned component) {
  struct node_of *root = &s->g->nodes[at];
  if (root->object->position)
    return;
  unsigned depth = 0;
  s->path[depth++] = at;
  root->at = root->edges;
  root->low = 0; /* being placed */
  while (depth > 0) {
    struct node_of *n = &s->g->nodes[s->path[depth - 1]];
    while (n->at) {
      const struct edge *e = n->at;
      n->at = e->next;
      struct node_of *to = &s->g->nodes[e->to];
      if (!e->hard || to->component != component || to->object->position)
        continue;
      if (to->low == 0 && !s->diagnostics)
        continue;
      if (to->low == 0) {
        struct diagnostic *d =
            diagnose(s->diagnostics, PDL_CYCLE, to->object->span, "%s \"%s\" and %s \"%s\" need each other",
                     to->object->kind->word, to->object->name, n->object->kind->word, n->object->name);
        diagnostic_peer(d, n->object->span, "the other one is here");
        continue;
      }
      to->low = 0;
      to->at = to->edges;
      s->path[depth++] = e->to;
      n = to;
    }
    s->out[s->placed++] = n->object;
    n->object->position = s->placed;
    depth--;
  }
}

static int by_mark(const void *a, const void *b) {
  const unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
  return (x > y) - (x < y);
}

static void component_done(struct search *s, unsigned root) {
  unsigned first = s->stacked;
  const unsigned component = ++s->components;
  do {
    first--;
    s->g->nodes[s->stack[first]].on_stack = false;
    s->g->nodes[s->stack[first]].component = component;
  } while (s->stack[first] != root);
  const unsigned n = s->stacked - first;
  qsort(s->stack + first, n, sizeof *s->stack, by_mark);
  for (unsigned i = 0; i < n; i++)
    s->g->nodes[s->stack[first + i]].low = 1;
  s->stacked = first;
  /* place uses `path`, which the search still needs below `depth`: give it the room above. */
  unsigned *path = s->path;
  s->path += s->depth;
  for (unsigned i = 0; i < n; i++)
    place(s, s->stack[first + i], component);
  s->path = path;
}

static void enter(struct search *s, unsigned at) {
  struct node_of *n = &s->g->nodes[at];
  n->index = n->low = ++s->index;
  n->at = n->edges;
  n->on_stack = true;
  s->stack[s->stacked++] = at;
  s->path[s->depth++] = at;
}

static void search_from(struct search *s, unsigned root) {
  enter(s, root);
  while (s->depth > 0) {
    const unsigned at = s->path[s->depth - 1];
    struct node_of *n = &s->g->nodes[at];
    if (n->at) {
      struct node_of *to = &s->g->nodes[n->at->to];
      const unsigned next = n->at->to;
      n->at = n->at->next;
      if (!to->index)
        enter(s, next);
      else if (to->on_stack && to->index < n->low)
        n->low = to->index;
      continue;
    }
    s->depth--;
    const unsigned low = n->low;
    if (low == n->index)
      component_done(s, at);
    if (s->depth > 0) {
      struct node_of *above = &s->g->nodes[s->path[s->depth - 1]];
      if (low < above->low)
        above->low = low;
    }
  }
}

static bool may_fold(const struct object *o) {
  return o->kind->fold && o->pulled_as == PULLED_AS_PDL && (!o->kind->folds || o->kind->folds(o));
}

/* A constraint is created with its table where all that it needs stands before the table or is created with it. */
static void fold(struct object *table) {
  for EACH_CHILD(table, o) {
    if (is_kind(o, KIND_COLUMN)) {
      o->folded = true;
      continue;
    }
    if (!may_fold(o))
      continue;
    bool ready = true;
    for (const struct depend *d = o->depends; d; d = d->next) {
      const struct object *on = maker(d->on);
      const bool before = on->position && on->position < table->position;
      ready &= before || on == table || (on->parent == table && (on->folded || (is_kind(on, KIND_KEY) && may_fold(on))));
    }
    o->folded = ready;
  }
}

struct object **order_objects(struct arena *arena, struct schema *schema, struct diagnostics *diagnostics,
                              size_t *count) {
  struct graph g = {.arena = arena};
  build(&g, schema);
  const size_t room = 2 * (size_t)g.count + 2;
  struct search s = {
      .g = &g,
      .stack = arena_array(arena, room, sizeof *s.stack),
      .path = arena_array(arena, room, sizeof *s.path),
      .out = arena_array(arena, room, sizeof *s.out),
      .diagnostics = diagnostics,
  };
  for (int last = 0; last <= 1; last++)
    for (unsigned at = 1; at <= g.count; at++)
      if (!g.nodes[at].index && g.nodes[at].object->kind->watches == last)
        search_from(&s, at);
  for (unsigned i = 0; i < s.placed; i++)
    if (s.out[i]->first_child)
      fold(s.out[i]);
  *count = s.placed;
  return s.out;
}
