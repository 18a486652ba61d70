/* event trigger: `event trigger name on ddl_command_end when tag in ('CREATE TABLE') execute function f()`. Ours are
 * those whose function is. */
#include "objects/opaque.h"

static const struct opaque_form form = {.sql = "EVENT TRIGGER", .class_name = "pg_event_trigger", .states = true};

static const char *query(int version) {
  (void)version;
  return "SELECT ev.oid, NULL, ev.evtname, NULL, " OPAQUE_COMMENT("pg_event_trigger", "ev.oid") ", NULL,"
         " 'ON ' || ev.evtevent || coalesce(' WHEN TAG IN (' || (SELECT pg_catalog.string_agg(pg_catalog.quote_literal(t.tag), ', '"
         " ORDER BY t.at) FROM pg_catalog.unnest(ev.evttags) WITH ORDINALITY t(tag, at)) || ')', '') || ' EXECUTE FUNCTION ' ||"
         " pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(p.proname) || '()', false, " OPAQUE_STATE_OF("ev.evtenabled")
         " FROM pg_catalog.pg_event_trigger ev JOIN pg_catalog.pg_proc p ON p.oid = ev.evtfoid"
         " JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE n.oid = ANY ($1)"
         CATALOG_NOT_OF_EXTENSION("pg_catalog.pg_event_trigger", "ev.oid") " ORDER BY ev.evtname";
}

static void read(struct catalog *c, const struct row *row) {
  opaque_read(c, row, KIND_EVENT_TRIGGER);
}

const struct kind event_trigger_kind = {
    OPAQUE_OPERATIONS,
    .word = "event trigger",
    .form = &form,
    .ns = NS_NONE,
    .nodes = {NODE_EVENT_TRIGGER},
    .watches = true,
    .query = query,
    .sorts = "pg_event_trigger",
    .read = read,
};
