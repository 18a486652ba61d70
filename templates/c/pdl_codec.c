/* pdl_codec.c: values on the wire: in binary both ways, and as text for COPY. Trusts no byte that it reads. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pdl_private.h"

static const Oid numeric_oid = 1700;
const char pdl_no_memory[] = "out of memory";

struct codec {
  Oid oid, array_oid;
  int wire;        /* bytes, or -1 */
  size_t size;     /* in memory */
  size_t opt_at;   /* where pdl_opt_… has the value */
};
#define PDL_CODEC(name, oid, array, wire, type)                                                                        \
  struct opt_##name { bool set; type v; };
PDL_CODECS(PDL_CODEC)
#undef PDL_CODEC
static const struct codec codecs[] = {
#define PDL_CODEC(name, oid, array, wire, type) {oid, array, wire, sizeof(type), offsetof(struct opt_##name, v)},
    PDL_CODECS(PDL_CODEC)
#undef PDL_CODEC
};

Oid pdl_codec_oid(const struct pdl_column *c, bool array) {
  return array ? codecs[c->codec].array_oid : codecs[c->codec].oid;
}

bool pdl_codec_has_null(unsigned codec) {
  return codec < PDL_TEXT;
}

size_t pdl_codec_size(unsigned codec) {
  return codecs[codec].size;
}

/* ── bytes ── */

void pdl_buf_add(struct pdl_buf *b, const void *p, size_t n) {
  if (b->failed)
    return;
  if (b->cap - b->n < n) {
    size_t cap = b->cap ? b->cap : 256;
    while (cap - b->n < n && cap <= SIZE_MAX / 4)
      cap *= 2;
    char *grown = cap - b->n < n ? NULL : (char *)realloc(b->p, cap);
    if (!grown) {
      b->failed = true;
      return;
    }
    b->p = grown;
    b->cap = cap;
  }
  if (n)
    memcpy(b->p + b->n, p, n);
  b->n += n;
}

void pdl_buf_adds(struct pdl_buf *b, const char *s) {
  pdl_buf_add(b, s, strlen(s));
}

static void store16(char *p, uint16_t v) {
  p[0] = (char)(unsigned char)(v >> 8);
  p[1] = (char)(unsigned char)(v & 255);
}

static void store32(char *p, uint32_t v) {
  store16(p, (uint16_t)(v >> 16));
  store16(p + 2, (uint16_t)(v & 0xffff));
}

static void store64(char *p, uint64_t v) {
  store32(p, (uint32_t)(v >> 32));
  store32(p + 4, (uint32_t)(v & 0xffffffff));
}

static uint16_t load16(const char *p) {
  return (uint16_t)((unsigned char)p[0] << 8 | (unsigned char)p[1]);
}

static uint32_t load32(const char *p) {
  return (uint32_t)load16(p) << 16 | load16(p + 2);
}

static uint64_t load64(const char *p) {
  return (uint64_t)load32(p) << 32 | load32(p + 4);
}

void pdl_buf_add16(struct pdl_buf *b, uint16_t v) {
  char p[2];
  store16(p, v);
  pdl_buf_add(b, p, 2);
}

void pdl_buf_add32(struct pdl_buf *b, uint32_t v) {
  char p[4];
  store32(p, v);
  pdl_buf_add(b, p, 4);
}

void pdl_buf_put32(struct pdl_buf *b, size_t at, uint32_t v) {
  if (!b->failed)
    store32(b->p + at, v);
}

/* ── where values lie ── */

static bool is_null_label(const struct pdl_label *l) {
  return l->v == 0 && !l->label.p;
}

/* Whether a value whose NULL is a NULL pointer is one; the pointer is its first member. */
static bool is_null_pointer(const void *value) {
  const void *p;
  memcpy(&p, value, sizeof p);
  return !p;
}

const void *pdl_value_at(const struct pdl_column *c, const void *row) {
  const char *at = (const char *)row + c->offset;
  if (c->flags & PDL_ARRAY)
    return is_null_pointer(at) ? NULL : at;
  if (c->codec == PDL_ENUM)
    return is_null_label((const struct pdl_label *)(const void *)at) ? NULL : at;
  if (c->codec >= PDL_TEXT)
    return is_null_pointer(at) ? NULL : at;
  if (!(c->flags & PDL_NULLABLE))
    return at;
  return *(const bool *)at ? at + codecs[c->codec].opt_at : NULL;
}

/* ── reading ── */

static void decode_text(const char *p, size_t n, void *out) {
  const pdl_text text = {p, n};
  memcpy(out, &text, sizeof text);
}

static const char *decode_label(const struct pdl_column *c, const char *p, size_t n, void *out) {
  struct pdl_label label = {0, {p, n}};
  for (int i = 0; i < c->labels->count && !label.v; i++)
    if (strlen(c->labels->labels[i]) == n && memcmp(c->labels->labels[i], p, n) == 0)
      label.v = i + 1;
  memcpy(out, &label, sizeof label);
  return NULL;
}

static const char *decode_inet(const char *p, size_t n, void *out) {
  enum { FAMILY_4 = 2, FAMILY_6 = 3 };
  pdl_inet inet;
  memset(&inet, 0, sizeof inet);
  const size_t bytes = n >= 4 && p[0] == FAMILY_4 ? 4 : 16;
  if (n != 4 + bytes || (p[0] != FAMILY_4 && p[0] != FAMILY_6) || (unsigned char)p[3] != bytes ||
      (unsigned char)p[1] > bytes * 8)
    return "value is no network address";
  inet.family = bytes == 4 ? 4 : 6;
  inet.bits = (uint8_t)p[1];
  memcpy(inet.b, p + 4, bytes);
  memcpy(out, &inet, sizeof inet);
  return NULL;
}

static const char *decode_bit(const char *p, size_t n, void *out) {
  pdl_bit bit;
  if (n < 4)
    return "value is no bit string";
  bit.p = (const uint8_t *)p + 4;
  bit.n = load32(p);
  if (bit.n > INT32_MAX || n - 4 != (bit.n + 7) / 8)
    return "value is no bit string";
  memcpy(out, &bit, sizeof bit);
  return NULL;
}

/* One value into memory of its C type. Its bytes are followed by a NUL. */
static const char *decode_value(const struct pdl_column *c, const char *p, size_t n, void *out) {
  const struct codec *codec = &codecs[c->codec];
  if (codec->wire >= 0 && n != (size_t)codec->wire)
    return "value has another length than its type";
  switch ((enum pdl_codec)c->codec) {
  case PDL_BOOL: {
    const bool v = p[0] != 0;
    memcpy(out, &v, sizeof v);
    return NULL;
  }
  case PDL_INT2: {
    const uint16_t v = load16(p);
    memcpy(out, &v, sizeof v);
    return NULL;
  }
  case PDL_INT4:
  case PDL_FLOAT4:
  case PDL_OID:
  case PDL_DATE: {
    const uint32_t v = load32(p);
    memcpy(out, &v, sizeof v);
    return NULL;
  }
  case PDL_INT8:
  case PDL_FLOAT8:
  case PDL_TIME:
  case PDL_TIMESTAMP:
  case PDL_TIMESTAMPTZ: {
    const uint64_t v = load64(p);
    memcpy(out, &v, sizeof v);
    return NULL;
  }
  case PDL_TIMETZ: {
    const pdl_timetz v = {(int64_t)load64(p), (int32_t)load32(p + 8)};
    memcpy(out, &v, sizeof v);
    return NULL;
  }
  case PDL_INTERVAL: {
    const pdl_interval v = {(int64_t)load64(p), (int32_t)load32(p + 8), (int32_t)load32(p + 12)};
    memcpy(out, &v, sizeof v);
    return NULL;
  }
  case PDL_UUID:
  case PDL_MACADDR:
  case PDL_MACADDR8:
    memcpy(out, p, n);
    return NULL;
  case PDL_INET:
  case PDL_CIDR:
    return decode_inet(p, n, out);
  case PDL_BIT:
  case PDL_VARBIT:
    return decode_bit(p, n, out);
  case PDL_JSONB:
    if (n < 1 || p[0] != 1)
      return "value is jsonb of an unknown version";
    decode_text(p + 1, n - 1, out);
    return NULL;
  case PDL_TEXT:
  case PDL_VARCHAR:
  case PDL_BPCHAR:
  case PDL_NAME:
  case PDL_JSON:
  case PDL_BYTEA:
  case PDL_NUMERIC:
  case PDL_CAST:
    decode_text(p, n, out);
    return NULL;
  case PDL_ENUM:
    return decode_label(c, p, n, out);
  case PDL_CODEC_COUNT:
    break;
  }
  return "value has no codec";
}

/* Elements, their bytes each with a NUL behind it, and the marks of NULLs lie in one piece of the result's memory. */
static const char *decode_array(const struct pdl_column *c, const char *p, size_t n, void *out, PGresult *result) {
  static const char empty[1] = {0};
  const struct codec *codec = &codecs[c->codec];
  struct pdl_array array = {empty, 0, NULL};
  const bool has_null = pdl_codec_has_null(c->codec);
  if (n < 12)
    return "value is no array";
  const uint32_t dimensions = load32(p);
  if (load32(p + 8) != codec->oid)
    return "array has elements of another type";
  if (dimensions > 1)
    return dimensions > 6 ? "value is no array" : "array has more than one dimension";
  if (dimensions == 1) {
    if (n < 20)
      return "value is no array";
    array.n = load32(p + 12);
    const size_t bytes = n - 20;
    if (array.n > bytes / 4) /* each has its length before it */
      return "value is no array";
    if (array.n > (SIZE_MAX - bytes) / (codec->size + 2))
      return pdl_no_memory;
    char *v = (char *)PQresultAlloc(result, array.n * (codec->size + 2) + bytes + 1);
    if (!v)
      return pdl_no_memory;
    memset(v, 0, array.n * codec->size);
    bool *null = (bool *)(void *)(v + array.n * codec->size), any_null = false;
    char *copy = (char *)(null + array.n);
    size_t at = 20;
    for (size_t i = 0; i < array.n; i++) {
      if (n - at < 4)
        return "value is no array";
      const uint32_t length = load32(p + at);
      at += 4;
      null[i] = length == UINT32_MAX;
      if (null[i]) {
        any_null = true;
        continue;
      }
      if (length > n - at)
        return "value is no array";
      memcpy(copy, p + at, length);
      copy[length] = 0;
      const char *wrong = decode_value(c, copy, length, v + i * codec->size);
      if (wrong)
        return wrong;
      copy += length + 1;
      at += length;
    }
    if (at != n)
      return "value is no array";
    array.v = array.n ? v : empty;
    array.null = any_null ? null : NULL;
  } else if (n != 12) {
    return "value is no array";
  }
  memcpy(out, &array, has_null ? sizeof array : offsetof(struct pdl_array, null));
  return NULL;
}

const char *pdl_decode(const struct pdl_column *c, const char *bytes, size_t n, void *row, PGresult *result) {
  char *at = (char *)row + c->offset;
  const struct codec *codec = &codecs[c->codec];
  const bool array = c->flags & PDL_ARRAY, opt = !array && c->codec < PDL_TEXT && (c->flags & PDL_NULLABLE);
  if (!bytes) {
    if (!(c->flags & PDL_NULLABLE))
      return "value is null, which the column could not be";
    memset(at, 0, array ? sizeof(struct pdl_array) - (pdl_codec_has_null(c->codec) ? 0 : sizeof(bool *))
                        : codec->size + (opt ? codec->opt_at : 0));
    return NULL;
  }
  if (array)
    return decode_array(c, bytes, n, at, result);
  if (opt) {
    *(bool *)(void *)at = true;
    at += codec->opt_at;
  }
  return decode_value(c, bytes, n, at);
}

/* ── writing ── */

static bool is_null_element(unsigned codec, const struct pdl_array *array, size_t stride, size_t i) {
  if (pdl_codec_has_null(codec))
    return array->null && array->null[i];
  const char *at = (const char *)array->v + i * stride;
  return codec == PDL_ENUM ? is_null_label((const struct pdl_label *)(const void *)at) : is_null_pointer(at);
}

/* The text of a value whose wire form is its own bytes; false where it has none. */
static bool text_of(const struct pdl_column *c, const void *value, pdl_text *text) {
  if (c->codec == PDL_ENUM) {
    const struct pdl_label *l = (const struct pdl_label *)value;
    if (l->v < 0 || l->v > c->labels->count)
      return false;
    *text = l->v ? pdl_str(c->labels->labels[l->v - 1]) : l->label;
  } else {
    memcpy(text, value, sizeof *text);
  }
  return text->p && text->n <= INT32_MAX - 64;
}

/* numeric_recv() takes groups of four decimal digits. */
static bool encode_numeric(pdl_text dec, struct pdl_buf *b) {
  enum { NEGATIVE = 0x4000, NOT_A_NUMBER = 0xC000, INFINITE = 0xD000, NEGATIVE_INFINITE = 0xF000 };
  static const struct { const char *text; uint16_t sign; } specials[] = {
      {"NaN", NOT_A_NUMBER}, {"Infinity", INFINITE}, {"-Infinity", NEGATIVE_INFINITE}};
  const size_t length_at = b->n;
  pdl_buf_add32(b, 8);
  for (size_t i = 0; i < sizeof specials / sizeof *specials; i++)
    if (pdl_text_is(dec, specials[i].text)) {
      pdl_buf_add32(b, 0);
      pdl_buf_add16(b, specials[i].sign);
      pdl_buf_add16(b, 0);
      return true;
    }
  const char *p = dec.p, *end = dec.p + dec.n;
  const bool negative = p < end && *p == '-';
  if (p < end && (*p == '-' || *p == '+'))
    p++;
  while (p < end && *p == '0' && end - p > 1 && p[1] != '.')
    p++;
  const char *dot = p;
  while (dot < end && *dot >= '0' && *dot <= '9')
    dot++;
  const size_t whole = (size_t)(dot - p), scale = dot < end ? (size_t)(end - dot) - 1 : 0;
  if ((dot < end && *dot != '.') || whole + scale == 0 || whole > 131072 || scale > 16383)
    return false;
  for (const char *q = dot + 1; q < end; q++)
    if (*q < '0' || *q > '9')
      return false;
  const size_t groups = (whole + 3) / 4 + (scale + 3) / 4;
  pdl_buf_add16(b, (uint16_t)groups);
  pdl_buf_add16(b, (uint16_t)((int)((whole + 3) / 4) - 1));
  pdl_buf_add16(b, negative ? NEGATIVE : 0);
  pdl_buf_add16(b, (uint16_t)scale);
  const long first = -(long)((4 - whole % 4) % 4); /* of digits before the dot, which stands at `whole` */
  for (size_t g = 0; g < groups; g++) {
    unsigned value = 0;
    for (long at = first + (long)g * 4, i = 0; i < 4; i++, at++) {
      const long k = at < (long)whole ? at : at + 1;
      value = value * 10 + (k >= 0 && p + k < end ? (unsigned)(p[k] - '0') : 0);
    }
    pdl_buf_add16(b, (uint16_t)value);
  }
  pdl_buf_put32(b, length_at, (uint32_t)(8 + groups * 2));
  return true;
}

static struct pdl_array array_at(const struct pdl_column *c, const void *value) {
  struct pdl_array array = {NULL, 0, NULL};
  memcpy(&array, value, pdl_codec_has_null(c->codec) ? sizeof array : offsetof(struct pdl_array, null));
  return array;
}

/* Its length and then itself. */
static bool add_value(const struct pdl_column *c, const void *value, struct pdl_buf *b, bool copy) {
  const size_t length_at = b->n;
  char fixed[PDL_FIXED];
  const char *p;
  size_t n;
  if (copy && c->codec == PDL_NUMERIC)
    return encode_numeric(((const pdl_numeric *)value)->dec, b);
  pdl_buf_add32(b, 0);
  if (!pdl_encode(c, false, value, fixed, b, &p, &n) || n > INT32_MAX)
    return false;
  if (p)
    pdl_buf_add(b, p, n);
  pdl_buf_put32(b, length_at, (uint32_t)n);
  return true;
}

/* Elements that lie `stride` bytes apart. */
static bool add_array(const struct pdl_column *c, const struct pdl_array *array, size_t stride, struct pdl_buf *b,
                      bool copy) {
  if (array->n > INT32_MAX)
    return false;
  bool any_null = false;
  for (size_t i = 0; i < array->n && !any_null; i++)
    any_null = is_null_element(c->codec, array, stride, i);
  pdl_buf_add32(b, array->n ? 1 : 0);
  pdl_buf_add32(b, any_null);
  pdl_buf_add32(b, copy && c->codec == PDL_NUMERIC ? numeric_oid : codecs[c->codec].oid);
  if (array->n) {
    pdl_buf_add32(b, (uint32_t)array->n);
    pdl_buf_add32(b, 1);
  }
  for (size_t i = 0; i < array->n; i++)
    if (any_null && is_null_element(c->codec, array, stride, i))
      pdl_buf_add32(b, UINT32_MAX);
    else if (!add_value(c, (const char *)array->v + i * stride, b, copy))
      return false;
  return true;
}

bool pdl_encode_many(const struct pdl_column *c, const void *first, size_t count, size_t stride, struct pdl_buf *b) {
  const struct pdl_array array = {first, count, NULL};
  return add_array(c, &array, stride, b, false);
}

bool pdl_encode(const struct pdl_column *c, bool array, const void *value, char *fixed, struct pdl_buf *b,
                const char **p, size_t *n) {
  const size_t before = b->n;
  pdl_text text;
  *p = fixed;
  *n = (size_t)codecs[c->codec].wire;
  if (array) {
    const struct pdl_array a = array_at(c, value);
    const bool good = add_array(c, &a, codecs[c->codec].size, b, false);
    *p = NULL;
    *n = b->n - before;
    return good;
  }
  switch ((enum pdl_codec)c->codec) {
  case PDL_BOOL:
    fixed[0] = *(const bool *)value;
    return true;
  case PDL_INT2: {
    uint16_t v;
    memcpy(&v, value, sizeof v);
    store16(fixed, v);
    return true;
  }
  case PDL_INT4:
  case PDL_FLOAT4:
  case PDL_OID:
  case PDL_DATE: {
    uint32_t v;
    memcpy(&v, value, sizeof v);
    store32(fixed, v);
    return true;
  }
  case PDL_INT8:
  case PDL_FLOAT8:
  case PDL_TIME:
  case PDL_TIMESTAMP:
  case PDL_TIMESTAMPTZ: {
    uint64_t v;
    memcpy(&v, value, sizeof v);
    store64(fixed, v);
    return true;
  }
  case PDL_TIMETZ: {
    const pdl_timetz *v = (const pdl_timetz *)value;
    store64(fixed, (uint64_t)v->us);
    store32(fixed + 8, (uint32_t)v->zone);
    return true;
  }
  case PDL_INTERVAL: {
    const pdl_interval *v = (const pdl_interval *)value;
    store64(fixed, (uint64_t)v->us);
    store32(fixed + 8, (uint32_t)v->days);
    store32(fixed + 12, (uint32_t)v->months);
    return true;
  }
  case PDL_UUID:
  case PDL_MACADDR:
  case PDL_MACADDR8:
    memcpy(fixed, value, *n);
    return true;
  case PDL_INET:
  case PDL_CIDR: {
    const pdl_inet *v = (const pdl_inet *)value;
    const size_t bytes = v->family == 4 ? 4 : 16;
    if ((v->family != 4 && v->family != 6) || v->bits > bytes * 8)
      return false;
    fixed[0] = v->family == 4 ? 2 : 3;
    fixed[1] = (char)v->bits;
    fixed[2] = c->codec == PDL_CIDR;
    fixed[3] = (char)bytes;
    memcpy(fixed + 4, v->b, bytes);
    *n = 4 + bytes;
    return true;
  }
  case PDL_JSONB:
    if (!text_of(c, value, &text))
      return false;
    pdl_buf_add(b, "\1", 1);
    pdl_buf_add(b, text.p, text.n);
    break;
  case PDL_BIT:
  case PDL_VARBIT: {
    const pdl_bit *v = (const pdl_bit *)value;
    if (v->n > INT32_MAX - 64)
      return false;
    pdl_buf_add32(b, (uint32_t)v->n);
    pdl_buf_add(b, v->p, (v->n + 7) / 8);
    break;
  }
  case PDL_TEXT:
  case PDL_VARCHAR:
  case PDL_BPCHAR:
  case PDL_NAME:
  case PDL_JSON:
  case PDL_BYTEA:
  case PDL_NUMERIC:
  case PDL_CAST:
  case PDL_ENUM:
    if (!text_of(c, value, &text))
      return false;
    *p = text.p;
    *n = text.n;
    return true;
  case PDL_CODEC_COUNT:
    return false;
  }
  *p = NULL;
  *n = b->n - before;
  return true;
}

bool pdl_encode_copy(const struct pdl_column *c, const void *value, struct pdl_buf *b) {
  const size_t length_at = b->n;
  if (!(c->flags & PDL_ARRAY))
    return add_value(c, value, b, true);
  const struct pdl_array array = array_at(c, value);
  pdl_buf_add32(b, 0);
  if (!add_array(c, &array, codecs[c->codec].size, b, true) || b->n - length_at - 4 > INT32_MAX)
    return false;
  pdl_buf_put32(b, length_at, (uint32_t)(b->n - length_at - 4));
  return true;
}

/* ── text ── */

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

static bool format_array(const struct pdl_column *c, const struct pdl_array *array, struct pdl_buf *b) {
  pdl_buf_adds(b, "{");
  for (size_t i = 0; i < array->n; i++) {
    if (i)
      pdl_buf_adds(b, ",");
    if (is_null_element(c->codec, array, codecs[c->codec].size, i)) {
      pdl_buf_adds(b, "NULL");
      continue;
    }
    struct pdl_buf element = {NULL, 0, 0, false};
    bool good = pdl_format(c, false, (const char *)array->v + i * codecs[c->codec].size, &element);
    pdl_buf_adds(b, "\"");
    for (size_t k = 0; good && k < element.n; k++) {
      if (element.p[k] == '"' || element.p[k] == '\\')
        pdl_buf_adds(b, "\\");
      pdl_buf_add(b, &element.p[k], 1);
    }
    pdl_buf_adds(b, "\"");
    b->failed |= element.failed;
    free(element.p);
    if (!good)
      return false;
  }
  pdl_buf_adds(b, "}");
  return true;
}

bool pdl_format(const struct pdl_column *c, bool is_array, const void *value, struct pdl_buf *b) {
  char text[128];
  const char *era;
  pdl_text bytes;
  if (is_array) {
    const struct pdl_array a = array_at(c, value);
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
    if (!text_of(c, value, &bytes))
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
