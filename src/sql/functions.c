#include <string.h>

#include "sql/private.h"

/* What Postgres brings, 13 to 18; sorted. Others are not known to be of either sort. */
/* clang-format off */
static const char *const aggregates[] = {
    "any_value", "array_agg", "avg", "bit_and", "bit_or", "bit_xor", "bool_and", "bool_or", "corr", "count",
    "covar_pop", "covar_samp", "every", "json_agg", "json_agg_strict", "json_object_agg",
    "json_object_agg_strict", "json_object_agg_unique", "json_object_agg_unique_strict", "jsonb_agg",
    "jsonb_agg_strict", "jsonb_object_agg", "jsonb_object_agg_strict", "jsonb_object_agg_unique",
    "jsonb_object_agg_unique_strict", "max", "min", "mode", "percentile_cont", "percentile_disc", "range_agg",
    "range_intersect_agg", "regr_avgx", "regr_avgy", "regr_count", "regr_intercept", "regr_r2", "regr_slope",
    "regr_sxx", "regr_sxy", "regr_syy", "stddev", "stddev_pop", "stddev_samp", "string_agg", "sum", "var_pop",
    "var_samp", "variance", "xmlagg",
};
static const char *const set_returning[] = {
    "generate_series", "generate_subscripts", "json_array_elements", "json_array_elements_text", "json_each",
    "json_each_text", "json_object_keys", "json_populate_recordset", "json_to_recordset",
    "jsonb_array_elements", "jsonb_array_elements_text", "jsonb_each", "jsonb_each_text", "jsonb_object_keys",
    "jsonb_path_query", "jsonb_path_query_tz", "jsonb_populate_recordset", "jsonb_to_recordset",
    "regexp_matches", "regexp_split_to_table", "string_to_table", "unnest",
};
/* With those of extensions that defaults are made of. */
static const char *const volatile_functions[] = {
    "array_sample", "array_shuffle", "clock_timestamp", "current_query", "currval", "gen_random_bytes", "gen_random_uuid",
    "gen_salt", "lastval", "nextval", "random", "random_normal", "set_config", "setval", "timeofday", "txid_status",
    "uuid_generate_v1", "uuid_generate_v1mc", "uuid_generate_v4", "uuidv4", "uuidv7",
};
/* clang-format on */

void sql_classify_function(struct sql_expr *e, const char *schema, const char *name) {
  if (schema && strcmp(schema, "pg_catalog") != 0)
    return;
  e->has_aggregate |= is_among(name, aggregates, ARRAY_LEN(aggregates));
  e->has_set_returning |= is_among(name, set_returning, ARRAY_LEN(set_returning));
}

bool sql_function_is_volatile(const char *schema, const char *name) {
  return (schema && strcmp(schema, "pg_catalog") != 0) ||
         is_among(name, volatile_functions, ARRAY_LEN(volatile_functions));
}

bool sql_is_volatile(struct sql_cache *cache, const char *text) {
  struct sql_error err = {0};
  const struct sql_expr *e = sql_parse_expr(cache, text, &err);
  for (size_t i = 0; e && i < e->ref_count; i++) {
    const struct sql_ref *ref = &e->refs[i];
    if (ref->kind == SQL_REF_FUNCTION && sql_function_is_volatile(ref->schema, ref->name))
      return true;
  }
  return !e;
}
