/* pdl_text.c: values as the server's input functions read them, and what callers ask of values. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pdl_private.h"

/* Year, month and day of a day counted from 2000-01-01, by eras of 400 years. */
static void civil_of(int64_t days, int64_t *year, int *month, int *day) {
  const int64_t shifted = days + 730425; /* from 0000-03-01 */
  const int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  const int64_t of_era = shifted - era * 146097;
  const int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted_month = (5 * of_year + 2) / 153;
  *day = (int)(of_year - (153 * shifted_month + 2) / 5 + 1);
  *month = (int)(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  *year = year_of_era + era * 400 + (*month <= 2);
}

static void add_date(struct pdl_buf *b, int64_t days, const char **era) {
  char text[64];
  int64_t year;
  int month, day;
  civil_of(days, &year, &month, &day);
  *era = year > 0 ? "" : " BC";
  snprintf(text, sizeof text, "%04lld-%02d-%02d", (long long)(year > 0 ? year : 1 - year), month, day);
  pdl_buf_adds(b, text);
}

static void add_time(struct pdl_buf *b, int64_t us) {
  char text[96];
  const long long s = (long long)(us / 1000000);
  snprintf(text, sizeof text, "%02lld:%02lld:%02lld.%06lld", s / 3600, s / 60 % 60, s % 60, (long long)(us % 1000000));
  pdl_buf_adds(b, text);
}

static void format_timestamp(struct pdl_buf *b, int64_t us, const char *zone) {
  const char *era;
  if (us == INT64_MIN || us == INT64_MAX) {
    pdl_buf_adds(b, us == INT64_MIN ? "-infinity" : "infinity");
    return;
  }
  int64_t days = us / INT64_C(86400000000), rest = us % INT64_C(86400000000);
  if (rest < 0) {
    rest += INT64_C(86400000000);
    days--;
  }
  add_date(b, days, &era);
  pdl_buf_adds(b, " ");
  add_time(b, rest);
  pdl_buf_adds(b, zone);
  pdl_buf_adds(b, era);
}

static void format_float(struct pdl_buf *b, double v, int digits) {
  char text[64];
  if (isnan(v))
    pdl_buf_adds(b, "NaN");
  else if (isinf(v))
    pdl_buf_adds(b, v < 0 ? "-Infinity" : "Infinity");
  else {
    snprintf(text, sizeof text, "%.*g", digits, v);
    for (char *p = text; *p; p++) /* whatever the locale's decimal point is */
      if (!strchr("0123456789+-e", *p))
        *p = '.';
    pdl_buf_adds(b, text);
  }
}

static void format_hex(struct pdl_buf *b, const uint8_t *p, size_t n) {
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < n; i++) {
    const char pair[2] = {digits[p[i] >> 4], digits[p[i] & 15]};
    pdl_buf_add(b, pair, 2);
  }
}

static void format_inet(struct pdl_buf *b, const pdl_inet *v) {
  char text[96];
  size_t at = 0;
  if (v->family == 4)
    at = (size_t)snprintf(text, sizeof text, "%u.%u.%u.%u", v->b[0], v->b[1], v->b[2], v->b[3]);
  for (int i = 0; v->family != 4 && i < 16; i += 2)
    at += (size_t)snprintf(text + at, sizeof text - at, "%s%x", i ? ":" : "", (unsigned)(v->b[i] << 8 | v->b[i + 1]));
  snprintf(text + at, sizeof text - at, "/%u", v->bits);
  pdl_buf_adds(b, text);
}

/* In quotes, as it stands in an array, a composite value or a range. */
static bool add_quoted(const struct pdl_column *c, bool array, const void *value, struct pdl_buf *b) {
  struct pdl_buf text = {NULL, 0, 0, false};
  const bool good = pdl_format(c, array, value, &text);
  pdl_buf_adds(b, "\"");
  for (size_t k = 0; good && k < text.n; k++) {
    if (text.p[k] == '"' || text.p[k] == '\\')
      pdl_buf_adds(b, "\\");
    pdl_buf_add(b, &text.p[k], 1);
  }
  pdl_buf_adds(b, "\"");
  b->failed |= text.failed;
  free(text.p);
  return good;
}

static bool format_array(const struct pdl_column *c, const struct pdl_array *array, struct pdl_buf *b) {
  const size_t size = pdl_size_of(c);
  pdl_buf_adds(b, "{");
  for (size_t i = 0; i < array->n; i++) {
    const char *at = (const char *)array->v + i * size;
    pdl_buf_adds(b, i ? "," : "");
    if (pdl_is_null_element(c->codec, array, size, i))
      pdl_buf_adds(b, "NULL");
    else if (c->flags & PDL_MULTIRANGE ? !pdl_format(c, false, at, b) : !add_quoted(c, false, at, b))
      return false;
  }
  pdl_buf_adds(b, "}");
  return true;
}

static bool format_range(const struct pdl_shape *shape, const char *value, struct pdl_buf *b) {
  const struct pdl_column *part = shape->fields;
  bool is[PDL_RANGE_FIELDS];
  for (int i = PDL_EMPTY; i < PDL_RANGE_FIELDS; i++)
    memcpy(&is[i], value + part[i].offset, sizeof is[i]);
  if (is[PDL_EMPTY]) {
    pdl_buf_adds(b, "empty");
    return true;
  }
  pdl_buf_adds(b, is[PDL_LOWER_INC] ? "[" : "(");
  if (!is[PDL_LOWER_INF] && !add_quoted(&part[PDL_LOWER], false, value + part[PDL_LOWER].offset, b))
    return false;
  pdl_buf_adds(b, ",");
  if (!is[PDL_UPPER_INF] && !add_quoted(&part[PDL_UPPER], false, value + part[PDL_UPPER].offset, b))
    return false;
  pdl_buf_adds(b, is[PDL_UPPER_INC] ? "]" : ")");
  return true;
}

static bool format_composite(const struct pdl_shape *shape, const void *value, struct pdl_buf *b) {
  pdl_buf_adds(b, "(");
  for (unsigned i = 0; i < shape->count; i++) {
    const struct pdl_column *field = &shape->fields[i];
    const void *at = pdl_value_at(field, value);
    pdl_buf_adds(b, i ? "," : "");
    if (at && !add_quoted(field, field->flags & PDL_ARRAY, at, b))
      return false;
  }
  pdl_buf_adds(b, ")");
  return true;
}

bool pdl_format(const struct pdl_column *c, bool is_array, const void *value, struct pdl_buf *b) {
  char text[128];
  const char *era;
  pdl_text bytes;
  if (is_array) {
    const struct pdl_array a = pdl_array_at(c, value);
    if (c->codec == PDL_FLOAT4 && *c->read) { /* a vector */
      pdl_buf_adds(b, "[");
      for (size_t i = 0; i < a.n; i++) {
        if (i)
          pdl_buf_adds(b, ",");
        format_float(b, (double)((const float *)a.v)[i], FLT_DECIMAL_DIG);
      }
      pdl_buf_adds(b, "]");
      return true;
    }
    return format_array(c, &a, b);
  }
  switch ((enum pdl_codec)c->codec) {
  case PDL_BOOL:
    pdl_buf_adds(b, *(const bool *)value ? "t" : "f");
    return true;
  case PDL_INT2:
    snprintf(text, sizeof text, "%d", *(const int16_t *)value);
    break;
  case PDL_INT4:
    snprintf(text, sizeof text, "%ld", (long)*(const int32_t *)value);
    break;
  case PDL_INT8:
    snprintf(text, sizeof text, "%lld", (long long)*(const int64_t *)value);
    break;
  case PDL_OID:
    snprintf(text, sizeof text, "%lu", (unsigned long)*(const uint32_t *)value);
    break;
  case PDL_FLOAT4:
    format_float(b, (double)*(const float *)value, FLT_DECIMAL_DIG);
    return true;
  case PDL_FLOAT8:
    format_float(b, *(const double *)value, DBL_DECIMAL_DIG);
    return true;
  case PDL_UUID:
    pdl_uuid_print((const pdl_uuid *)value, text);
    break;
  case PDL_DATE: {
    const int32_t days = ((const pdl_date *)value)->days;
    if (days == INT32_MIN || days == INT32_MAX) {
      pdl_buf_adds(b, days == INT32_MIN ? "-infinity" : "infinity");
      return true;
    }
    add_date(b, days, &era);
    pdl_buf_adds(b, era);
    return true;
  }
  case PDL_TIME:
    add_time(b, ((const pdl_time *)value)->us);
    return true;
  case PDL_TIMETZ: {
    const pdl_timetz *v = (const pdl_timetz *)value;
    const long zone = v->zone < 0 ? -(long)v->zone : v->zone;
    add_time(b, v->us);
    snprintf(text, sizeof text, "%c%02ld:%02ld:%02ld", v->zone > 0 ? '-' : '+', zone / 3600, zone / 60 % 60, zone % 60);
    break;
  }
  case PDL_TIMESTAMP:
    format_timestamp(b, ((const pdl_timestamp *)value)->us, "");
    return true;
  case PDL_TIMESTAMPTZ:
    format_timestamp(b, ((const pdl_timestamptz *)value)->us, "+00");
    return true;
  case PDL_INTERVAL: {
    const pdl_interval *v = (const pdl_interval *)value;
    const unsigned long long us = v->us < 0 ? 0 - (unsigned long long)v->us : (unsigned long long)v->us;
    snprintf(text, sizeof text, "%+ld mons %+ld days %c%llu.%06llu secs", (long)v->months, (long)v->days,
             v->us < 0 ? '-' : '+', us / 1000000, us % 1000000);
    break;
  }
  case PDL_INET:
  case PDL_CIDR:
    format_inet(b, (const pdl_inet *)value);
    return true;
  case PDL_MACADDR:
  case PDL_MACADDR8:
    format_hex(b, (const uint8_t *)value, c->codec == PDL_MACADDR ? 6 : 8);
    return true;
  case PDL_RECORD:
    return c->shape->is_range ? format_range(c->shape, (const char *)value, b) : format_composite(c->shape, value, b);
  case PDL_BYTEA: {
    const pdl_bytea *v = (const pdl_bytea *)value;
    pdl_buf_adds(b, "\\x");
    format_hex(b, v->p, v->n);
    return true;
  }
  case PDL_BIT:
  case PDL_VARBIT: {
    const pdl_bit *v = (const pdl_bit *)value;
    for (size_t i = 0; i < v->n; i++)
      pdl_buf_adds(b, v->p[i / 8] >> (7 - i % 8) & 1 ? "1" : "0");
    return true;
  }
  case PDL_TEXT:
  case PDL_VARCHAR:
  case PDL_BPCHAR:
  case PDL_NAME:
  case PDL_JSON:
  case PDL_JSONB:
  case PDL_NUMERIC:
  case PDL_CAST:
  case PDL_ENUM:
    if (!pdl_text_of(c, value, &bytes))
      return false;
    pdl_buf_add(b, bytes.p, bytes.n);
    return true;
  case PDL_CODEC_COUNT:
    return false;
  }
  pdl_buf_adds(b, text);
  return true;
}

/* ── for callers ── */

pdl_text pdl_str(const char *s) {
  const pdl_text text = {s, s ? strlen(s) : 0};
  return text;
}

bool pdl_text_is(pdl_text text, const char *s) {
  return text.p && text.n == strlen(s) && memcmp(text.p, s, text.n) == 0;
}

static int hex_of(char c) {
  static const char digits[] = "0123456789abcdef0123456789ABCDEF";
  const char *at = c ? strchr(digits, c) : NULL;
  return at ? (int)((at - digits) % 16) : -1;
}

bool pdl_uuid_parse(const char *s, pdl_uuid *out) {
  pdl_uuid uuid;
  for (int i = 0; i < 16; i++) {
    if (*s == '-' && (i == 4 || i == 6 || i == 8 || i == 10))
      s++;
    const int high = hex_of(*s), low = high < 0 ? -1 : hex_of(s[1]);
    if (low < 0)
      return false;
    uuid.b[i] = (uint8_t)(high * 16 + low);
    s += 2;
  }
  if (*s)
    return false;
  *out = uuid;
  return true;
}

void pdl_uuid_print(const pdl_uuid *uuid, char out[37]) {
  static const char digits[] = "0123456789abcdef";
  char *p = out;
  for (int i = 0; i < 16; i++) {
    if (i == 4 || i == 6 || i == 8 || i == 10)
      *p++ = '-';
    *p++ = digits[uuid->b[i] >> 4];
    *p++ = digits[uuid->b[i] & 15];
  }
  *p = 0;
}

enum { EPOCH_2000 = 946684800 };

pdl_timestamptz pdl_timestamptz_of(int64_t unix_seconds) {
  pdl_timestamptz t = {INT64_MAX};
  if (unix_seconds < INT64_MIN / 1000000 + 1 + EPOCH_2000)
    t.us = INT64_MIN;
  else if (unix_seconds < INT64_MAX / 1000000)
    t.us = (unix_seconds - EPOCH_2000) * 1000000;
  return t;
}

int64_t pdl_timestamptz_unix(pdl_timestamptz t) {
  return t.us / 1000000 - (t.us % 1000000 < 0) + EPOCH_2000;
}
