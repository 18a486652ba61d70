#include <string.h>

#include "sql/sql.h"

/* The keywords of the categories RESERVED, TYPE_FUNC_NAME and COL_NAME of Postgres 13 to 18, together; sorted.
 * system_user and the json words came with 16 and 17, merge_action with 17. */
/* clang-format off */
static const char *const keywords[] = {
    "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "authorization",
    "between", "bigint", "binary", "bit", "boolean", "both", "case", "cast", "char", "character", "check",
    "coalesce", "collate", "collation", "column", "concurrently", "constraint", "create", "cross",
    "current_catalog", "current_date", "current_role", "current_schema", "current_time",
    "current_timestamp", "current_user", "dec", "decimal", "default", "deferrable", "desc", "distinct",
    "do", "else", "end", "except", "exists", "extract", "false", "fetch", "float", "for", "foreign",
    "freeze", "from", "full", "grant", "greatest", "group", "grouping", "having", "ilike", "in",
    "initially", "inner", "inout", "int", "integer", "intersect", "interval", "into", "is", "isnull",
    "join", "json", "json_array", "json_arrayagg", "json_exists", "json_object", "json_objectagg",
    "json_query", "json_scalar", "json_serialize", "json_table", "json_value", "lateral", "leading",
    "least", "left", "like", "limit", "localtime", "localtimestamp", "merge_action", "national", "natural",
    "nchar", "none", "normalize", "not", "notnull", "null", "nullif", "numeric", "offset", "on", "only",
    "or", "order", "out", "outer", "overlaps", "overlay", "placing", "position", "precision", "primary",
    "real", "references", "returning", "right", "row", "select", "session_user", "setof", "similar",
    "smallint", "some", "substring", "symmetric", "system_user", "table", "tablesample", "then", "time",
    "timestamp", "to", "trailing", "treat", "trim", "true", "union", "unique", "user", "using", "values",
    "varchar", "variadic", "verbose", "when", "where", "window", "with", "xmlattributes", "xmlconcat",
    "xmlelement", "xmlexists", "xmlforest", "xmlnamespaces", "xmlparse", "xmlpi", "xmlroot", "xmlserialize",
    "xmltable",
};
/* clang-format on */

bool sql_is_keyword(const char *word) {
  return is_among(word, keywords, ARRAY_LEN(keywords));
}

static bool is_bare(const char *name) {
  const char *p = name;
  if (!((*p >= 'a' && *p <= 'z') || *p == '_'))
    return false;
  while ((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '_')
    p++;
  return !*p && !sql_is_keyword(name);
}

/* text with each of its quotes doubled, between quotes. */
static void add_quoted(struct strbuf *out, const char *text, char quote) {
  strbuf_addc(out, quote);
  for (const char *found; (found = strchr(text, quote)); text = found + 1) {
    strbuf_add(out, text, (size_t)(found - text) + 1);
    strbuf_addc(out, quote);
  }
  strbuf_adds(out, text);
  strbuf_addc(out, quote);
}

void sql_ident(struct strbuf *out, const char *name) {
  if (is_bare(name))
    strbuf_adds(out, name);
  else
    add_quoted(out, name, '"');
}

void sql_qualified(struct strbuf *out, const char *schema, const char *name) {
  if (schema) {
    sql_ident(out, schema);
    strbuf_addc(out, '.');
  }
  sql_ident(out, name);
}

void sql_literal(struct strbuf *out, const char *text) {
  if (!strchr(text, '\\')) {
    add_quoted(out, text, '\'');
    return;
  }
  strbuf_adds(out, "E'");
  for (; *text; text++) {
    if (*text == '\'' || *text == '\\')
      strbuf_addc(out, *text);
    strbuf_addc(out, *text);
  }
  strbuf_addc(out, '\'');
}

bool sql_says(const char *sql, const char *text) {
  struct strbuf literal = STRBUF_INIT;
  sql_literal(&literal, text);
  const bool says = strstr(sql, literal.text + (*literal.text == 'E')) || (strchr(text, '\\') && strstr(sql, text));
  strbuf_release(&literal);
  return says;
}

/* The tag must not occur even without its closing dollar: text ending in $pdl would close the quote early. */
void sql_dollar(struct strbuf *out, const char *text) {
  char tag[32] = "$pdl";
  for (unsigned n = 1; strstr(text, tag); n++)
    snprintf(tag, sizeof tag, "$pdl%u", n);
  strbuf_addf(out, "%s$%s%s$", tag, text, tag);
}

void sql_comment(struct strbuf *out, const char *text) {
  for (; *text; text++)
    strbuf_addc(out, (unsigned char)*text < 0x20 || *text == 0x7f ? ' ' : *text);
}
